import { z } from 'zod'
import type { Label } from '../core/connector.ts'

/**
 * What a settings field is called, in both languages, for `.meta(…)` of a zod field. The wizard of the console reads it
 * from the JSON Schema made of the connector's settings.
 */
export const named = (title: Label, description?: Label): Readonly<Record<string, unknown>> => ({
  title,
  ...(description === undefined ? {} : { description }),
})

/** A credential, or a setting of text that must not be empty: white space around it is nobody's intention. */
export const credential = (title: Label, description?: Label) => z.string().trim().min(1).meta(named(title, description))

/** How many orders of a list are asked for at once; `most` is what the channel allows. */
export const pageSize = (usual: number, most: number, description?: Label) =>
  z
    .number()
    .int()
    .min(1)
    .max(most)
    .default(usual)
    .meta(named({ en: 'Orders per page', zh: '每页订单数' }, description))
