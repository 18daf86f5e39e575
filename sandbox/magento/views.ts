import { toDecimal } from '../stage/decimal.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketLine, MarketOrder, MarketShipment, Place } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { grossOf, lineNet, payable, refundedOf, skuCode } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'

/** Documents of the REST interface V1, as far as the hub looks at them. Money is numbers, times are UTC without saying so. */

type Doc = Readonly<Record<string, unknown>>

const amount = (minor: number): number => Number(toDecimal(minor, 2))
const instant = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

export function orderView(market: Market, order: MarketOrder): Doc {
  const who = personAt(order.person)
  const address = {
    firstname: who.firstName,
    lastname: who.lastName,
    company: who.company,
    street: [who.line1, who.line2].filter((line) => line !== ''),
    city: who.city,
    region: who.region,
    postcode: who.postcode,
    country_id: who.country,
    telephone: who.phone,
  }
  return {
    entity_id: Number(order.id),
    increment_id: order.number.padStart(9, '0'),
    state: statusOf(market.rules, order),
    status: order.state,
    order_currency_code: market.rules.currency,
    created_at: instant(order.createdAt),
    updated_at: instant(order.modifiedAt),
    grand_total: amount(payable(order)),
    shipping_amount: amount(order.shippingMinor + order.otherFeeMinor),
    tax_amount: 0,
    ...(order.paidAt === undefined ? {} : { total_paid: amount(payable(order)) }),
    ...(refundedOf(order) === 0 ? {} : { total_refunded: amount(refundedOf(order)) }),
    customer_email: who.email,
    customer_note: order.buyerNote,
    payment: { method: 'checkmo' },
    billing_address: address,
    items: order.lines.map(lineView),
    extension_attributes: { shipping_assignments: [{ shipping: { address } }] },
  }
}

function lineView(line: MarketLine): Doc {
  const row = Math.max(grossOf(line), lineNet(line))
  return {
    item_id: Number(line.id),
    product_id: Number(line.item.id),
    product_type: 'simple',
    sku: skuCode(line),
    name: line.item.title,
    qty_ordered: line.quantity,
    qty_shipped: line.shipped,
    row_total: amount(row),
    discount_amount: amount(row - lineNet(line)),
    tax_amount: 0,
  }
}

export const productView = (place: Place): Doc => ({
  id: Number(place.sku?.id ?? place.item.id),
  sku: place.code,
  name: [place.item.title, ...(place.sku?.options.map(({ value }) => value) ?? [])].join(', '),
  price: amount(place.sku?.priceMinor ?? place.item.priceMinor),
  status: place.item.onSale ? 1 : 2,
})

export const packageView = (one: MarketShipment): Doc => ({
  entity_id: Number(one.id),
  order_id: Number(one.order.id),
  items: one.lines.map(({ line, quantity }) => ({ order_item_id: Number(line.id), qty: quantity })),
  tracks: one.tracking === '' ? [] : [{ track_number: one.tracking, title: one.carrier.name, carrier_code: one.carrier.code }],
})
