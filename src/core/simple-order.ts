import { z } from 'zod'

/**
 * An order as other systems and the order form send it: small enough to be written by hand, exact enough to become
 * canonical without a guess. Amounts and quantities are decimal texts, times carry their offset, ids are texts.
 */

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/** One line of visible text. */
const line = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u, 'must be one line')
    .refine((text) => text.trim() !== '', 'must not be blank')
/** Text of several lines. */
const words = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u, 'contains control characters')
/** What orders, lines and goods are told apart by: nothing unseen in it, nothing around it. */
const code = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u, 'must be visible text without blanks around it')

const amount = z.string().regex(/^\d{1,12}(?:\.\d{1,6})?$/, 'must be a decimal text such as "12.50"')
const quantity = z
  .union(
    [z.int().max(1_000_000), z.string().regex(/^\d{1,9}(?:\.\d{1,6})?$/, 'must be a decimal text such as "2"')],
    'must be a whole number or a decimal text',
  )
  .refine((value) => Number(value) > 0, 'must be more than 0')
  .transform(String)
  .meta({
    'x-wire': {
      oneOf: [
        { type: 'integer', minimum: 1, maximum: 1_000_000 },
        { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,6})?$' },
      ],
    },
  })

const EARLIEST = Date.UTC(1970, 0, 1)
const LATEST = Date.UTC(3000, 0, 1)
const instant = z.iso
  .datetime({ offset: true, error: 'must be a time with its offset, such as 2026-11-22T09:30:00+08:00' })
  .refine((value) => Date.parse(value) >= EARLIEST && Date.parse(value) < LATEST, 'must lie between 1970 and 2999')
  .transform((value) => new Date(value).toISOString())
  .meta({ 'x-wire': { type: 'string', format: 'date-time' } })

const party = z.strictObject({
  name: line(200).optional(),
  company: line(200).optional(),
  phone: line(40).optional(),
  email: line(200)
    .regex(/^[^@\s]+@[^@\s]+$/, 'must be an e-mail address')
    .optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code such as CN')
    .optional(),
  province: line(100).optional(),
  city: line(100).optional(),
  district: line(100).optional(),
  address: words(500).optional(),
  postcode: line(20).optional(),
})

const orderLine = z
  .strictObject({
    /** Number of the line at the sender; its position where absent. */
    id: code(100).optional(),
    sku: code(200).optional(),
    barcode: code(60).optional(),
    name: line(300).optional(),
    options: line(300).optional(),
    quantity,
    /** Of one unit, before any discount. */
    unit_price: amount.optional(),
    /** Of the whole line, before its discount; either this or `unit_price`. */
    total: amount.optional(),
    discount: amount.optional(),
    tax: amount.optional(),
    role: z.enum(['single', 'gift', 'service', 'fee']).optional(),
  })
  .refine((one) => (one.sku ?? one.barcode ?? one.name) !== undefined, { message: 'needs a sku, a barcode or a name', path: ['sku'] })
  .refine((one) => one.unit_price !== undefined || one.total !== undefined, { message: 'needs unit_price or total', path: ['unit_price'] })

/** An order as the push API takes it. */
export const SimpleOrder = z
  .strictObject({
    number: code(100).meta({ description: 'Unique on the connection. The same number again is the same order.' }),
    placed_at: instant,
    updated_at: instant.optional().meta({ description: 'When the sender changed it. A state older than the one that stands is not applied.' }),
    currency: z
      .string()
      .refine((value) => CURRENCIES.has(value), 'must be an ISO 4217 code')
      .optional()
      .meta({ description: 'ISO 4217; of the connection where absent.' }),
    type: z.enum(['normal', 'presale', 'b2b', 'pickup', 'pos', 'resend', 'gift', 'sample']).optional(),
    status: z.enum(['open', 'cancelled', 'completed']).optional(),
    cancel_reason: line(300).optional(),
    fulfilment: z.enum(['open', 'shipped', 'delivered']).optional().meta({ description: 'Only where the sender ships the goods itself.' }),
    payment: z
      .strictObject({
        status: z.enum(['pending', 'authorised', 'partially_paid', 'paid', 'refunded']),
        method: line(60).optional(),
        reference: line(100).optional(),
        paid: amount.optional(),
        at: instant.optional(),
        on_delivery: z.boolean().optional(),
      })
      .optional(),
    pickup_of: code(100).optional().meta({
      description:
        'Number of an order placed elsewhere that this sale only hands over. It becomes no order of its own; all that remains of that order leaves as collected.',
    }),
    ship_by: instant.optional(),
    tax_included: z.boolean().optional().meta({ description: 'Whether prices hold their tax; yes where absent.' }),
    tax: amount.optional(),
    shipping: amount.optional(),
    fees: amount.optional(),
    discounts: z
      .array(z.strictObject({ amount, title: line(200).optional(), code: line(100).optional() }))
      .max(50)
      .optional(),
    total: amount.optional().meta({ description: 'Checked against the parts: an order that does not add up waits for a person.' }),
    lines: z.array(orderLine).min(1).max(1000),
    recipient: party.optional(),
    bill_to: party.optional(),
    buyer_id: line(200).optional(),
    buyer_note: words(2000).optional(),
    seller_note: words(2000).optional(),
    ids: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,39}$/, 'must be a plain name'), line(200))
      .refine((ids) => Object.keys(ids).length <= 20, 'at most 20')
      .optional()
      .meta({ description: "Numbers of the order in the sender's systems, kept with it." }),
  })
  .superRefine((order, context) => {
    const seen = new Set<string>()
    for (const [i, one] of order.lines.entries()) {
      const id = one.id ?? String(i + 1)
      if (seen.has(id)) context.addIssue({ code: 'custom', path: ['lines', i, 'id'], message: 'Two lines have this id' })
      seen.add(id)
    }
    if (order.payment?.status === 'partially_paid' && order.payment.paid === undefined)
      context.addIssue({ code: 'custom', path: ['payment', 'paid'], message: 'Say how much is paid' })
  })

export type SimpleOrder = z.output<typeof SimpleOrder>
export type SimpleLine = SimpleOrder['lines'][number]

/** Most orders one request may carry. */
export const MAX_PUSHED_ORDERS = 500
