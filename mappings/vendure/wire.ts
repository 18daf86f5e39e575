import { z } from 'zod'
import { MappingError } from '../../src/core/fault.ts'
import { wellFormed } from '../parts/well-formed.ts'

/** An order document as the connector asks for it (Admin API, Vendure 3). Amounts are integers of 10^−precision of the currency. */
const amount = z.number().int()
/** Sums that Vendure forgets to round (grouped discounts); used as weights only. */
const weight = z.number()
const id = z.union([z.string(), z.number().transform(String)])
const text = z
  .string()
  .nullish()
  .transform((value) => wellFormed(value ?? ''))
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])

const discount = z.object({ adjustmentSource: text, type: text, description: text, amountWithTax: weight })
const taxLine = z.object({ description: text, taxRate: z.number() })
const address = z
  .object({
    fullName: text,
    company: text,
    streetLine1: text,
    streetLine2: text,
    city: text,
    province: text,
    postalCode: text,
    countryCode: text,
    phoneNumber: text,
  })
  .nullish()
const part = z.object({ orderLineId: id, quantity: z.number().int() })

const line = z.object({
  id,
  quantity: z.number().int(),
  orderPlacedQuantity: z.number().int(),
  unitPriceWithTax: amount,
  linePriceWithTax: amount,
  proratedLinePrice: amount,
  proratedLinePriceWithTax: amount,
  discounts: list(discount),
  taxLines: list(taxLine),
  productVariant: z.object({ id, productId: id, sku: text, name: text }),
})
const refund = z.object({
  id,
  createdAt: z.string(),
  updatedAt: z.string(),
  shipping: weight.nullish(),
  adjustment: weight.nullish(),
  total: amount,
  state: z.string(),
  reason: text,
  lines: list(part),
})
const payment = z.object({
  id,
  createdAt: z.string(),
  method: text,
  amount,
  state: z.string(),
  transactionId: text,
  refunds: list(refund),
})
const fulfillment = z.object({
  id,
  updatedAt: z.string(),
  state: z.string(),
  method: text,
  trackingCode: text,
  lines: list(part),
})

const order = z.object({
  id,
  code: z.string().min(1),
  state: z.string(),
  type: z.string().default('Regular'),
  active: z.boolean(),
  updatedAt: z.string(),
  orderPlacedAt: z.string().nullish(),
  currencyCode: z.string(),
  couponCodes: list(z.string()),
  subTotal: amount,
  subTotalWithTax: amount,
  shippingWithTax: amount,
  total: amount,
  totalWithTax: amount,
  customer: z.object({ id, firstName: text, lastName: text, emailAddress: text, phoneNumber: text }).nullish(),
  shippingAddress: address,
  billingAddress: address,
  lines: list(line),
  surcharges: list(z.object({ id, description: text, price: amount, priceWithTax: amount, taxLines: list(taxLine) })),
  shippingLines: list(
    z.object({
      id,
      shippingMethod: z.object({ code: text, name: text }).nullish(),
      priceWithTax: amount,
      discountedPriceWithTax: amount,
      discounts: list(discount),
    }),
  ),
  payments: list(payment),
  fulfillments: list(fulfillment),
  promotions: list(z.object({ id, couponCode: z.string().nullish() })),
})

export type VendureOrder = z.output<typeof order>
export type VendureLine = VendureOrder['lines'][number]
export type VendureAddress = VendureOrder['shippingAddress']
export type VendurePayment = VendureOrder['payments'][number]

/** @throws MappingError `document-unreadable` with the place of the first value that does not fit. */
export function readOrder(doc: unknown): VendureOrder {
  const result = order.safeParse(doc)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const pointer = `/${(issue?.path ?? []).join('/')}`
  throw new MappingError('document-unreadable', 'The order does not have the form Vendure 3 sends.', pointer, { cause: result.error })
}

/** The newest `updatedAt` of the order and all its parts: the order's own stands still on payment, shipment and refund. */
export function latestChange(doc: unknown): string {
  if (Array.isArray(doc)) return doc.map(latestChange).reduce((a, b) => (a > b ? a : b), '')
  if (typeof doc !== 'object' || doc === null) return ''
  return Object.entries(doc).reduce((latest, [name, value]) => {
    const found = name === 'updatedAt' && typeof value === 'string' ? value : latestChange(value)
    return found > latest ? found : latest
  }, '')
}
