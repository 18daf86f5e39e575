import { z } from 'zod'

/** Fields of a settings schema with what the console reads of them. */
export function propertiesOf(schema: z.ZodType): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return z
    .object({ properties: z.record(z.string(), z.looseObject({})).default({}) })
    .parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })).properties
}

/** The fields themselves; empty for anything but an object. */
export const shapeOf = (schema: z.ZodType): Readonly<Record<string, unknown>> => (schema instanceof z.ZodObject ? schema.shape : {})
