import { z } from 'zod'

/** Nothing at all: no parameters, or an empty body. */
export const nothing = z.strictObject({})

/** Text that Postgres can keep: no NUL and no other control characters but tab and line breaks. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'contains control characters')
/** One line of text with something in it. */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/, 'must be one line and not blank')

/** Marks that steer or hide text: two names that look alike would differ, one name would read as another. Joiners inside words are fine. */
const UNSEEN = /[\u0080-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
/** A line that people tell things apart by: what is not seen is refused. */
export const visible = (max: number) => line(max).refine((value) => !UNSEEN.test(value), 'contains invisible or direction marks')
/** A name people give: it ends up in reports and messages, so it carries no markup. */
export const label = (max: number) => visible(max).refine((value) => !/[<>]/.test(value), 'must not contain < or >')
/** A SKU: written in one way, however it was typed (composed and decomposed accents are the same code). */
export const skuCode = visible(200).transform((value) => value.normalize('NFC'))
export const trackingNumber = visible(100).refine((value) => !/[<>"'&\\]/.test(value), 'is not a tracking number')

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))
/** An ISO 4217 currency that amounts can be in: not the codes for "none" and "testing". */
export const currencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
  .refine((value) => CURRENCIES.has(value), 'must be an ISO 4217 code')

/** A whole number in a query string. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .meta({ 'x-wire': { type: 'integer', minimum: min, maximum: max } })

/** A yes or no in a query string. */
export const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true')

const EARLIEST = Date.UTC(1970, 0, 1)
const LATEST = Date.UTC(3000, 0, 1)

/** An instant with its offset, RFC 3339, between 1970 and 2999; handed on in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((value) => Date.parse(value) >= EARLIEST && Date.parse(value) < LATEST, 'must lie between 1970 and 2999')
  .transform((value) => new Date(value).toISOString())

export const limit = (max: number, otherwise: number) =>
  whole(1, max)
    .optional()
    .transform((value) => value ?? otherwise)
export const cursor = z.string().min(1).max(1200).optional()
/** Position in the change feed. */
export const position = whole(0, Number.MAX_SAFE_INTEGER)

export const rowId = z.string().regex(/^[1-9]\d{0,17}$/)
export const connectionId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
export const reason = line(500)

/** One path parameter that must have this form; anything else is a 404. */
export const idParam = z.strictObject({ id: rowId })
export const connectionParam = z.strictObject({ id: connectionId })

/** Amount as the API writes it. */
export const money = z.looseObject({ amount: z.string().regex(/^-?\d+(\.\d+)?$/), currency: z.string().length(3) })

export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next_cursor: z.string().nullable(), has_more: z.boolean() })
export const itemsOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) })
/** An object whose fields docs/api.md describes. */
export const record = z.looseObject({})
export const done = z.object({ ok: z.literal(true) })
