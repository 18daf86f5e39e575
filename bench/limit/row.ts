import { createHash } from 'node:crypto'

/** An order as the limit keeps it. */
export interface LimitRow {
  readonly externalId: string
  readonly header: readonly (string | number)[]
  readonly hash: Buffer
  readonly raw: string
  readonly lines: readonly (readonly (string | number)[])[]
}

/** What the mock serves, as far as the limit reads it; it trusts its source, as no product may. */
export interface MockOrder {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly created_at: string
  readonly updated_at: string
  readonly cancelled_at: string | null
  readonly fulfillment_status: string | null
  readonly financial_status: string
  readonly currency: string
  readonly subtotal_price: string
  readonly total_tax: string
  readonly total_price: string
  readonly customer: { readonly id: number }
  readonly shipping_lines: readonly { readonly price: string }[]
  readonly shipping_address: Readonly<Record<string, string | null>>
  readonly line_items: readonly {
    readonly id: number
    readonly sku: string
    readonly title: string
    readonly quantity: number
    readonly price: string
    readonly tax_lines: readonly { readonly price: string }[]
  }[]
}

/** Parsing of the mock's own answer. */
export const parsePage = (text: string): { readonly orders: readonly MockOrder[]; readonly next_url: string | null } =>
  JSON.parse(text) as { readonly orders: readonly MockOrder[]; readonly next_url: string | null }

const minor = (amount: string): number => Math.round(Number(amount) * 100)

function statusOf(order: MockOrder): string {
  if (order.cancelled_at !== null) return 'cancelled'
  if (order.fulfillment_status === 'fulfilled') return 'shipped'
  return order.financial_status === 'paid' ? 'paid' : 'open'
}

export function rowOf(order: MockOrder): LimitRow {
  const to = order.shipping_address
  const externalId = String(order.id)
  const buyer = JSON.stringify({ ref: String(order.customer.id), email: order.email, name: to['name'] })
  const shipTo = JSON.stringify({ name: to['name'], address: to['address1'], city: to['city'], zip: to['zip'], country: to['country_code'] })
  const lines = order.line_items.map((line, i) => [
    ...[externalId, i + 1, String(line.id), line.sku, line.title, line.quantity],
    ...[minor(line.price), minor(line.tax_lines[0]?.price ?? '0')],
  ])
  const status = statusOf(order)
  const total = minor(order.total_price)
  return {
    externalId,
    header: [
      ...[externalId, order.name, status, order.created_at, order.updated_at, order.currency, minor(order.subtotal_price), minor(order.total_tax)],
      ...[minor(order.shipping_lines[0]?.price ?? '0'), total, buyer, shipTo],
    ],
    hash: createHash('sha256').update(`${status}${order.updated_at}${total}${buyer}${shipTo}`).update(JSON.stringify(lines)).digest(),
    raw: JSON.stringify(order),
    lines,
  }
}
