import { toDecimal } from '../stage/decimal.ts'
import { places, stockOf } from '../stage/market/goods.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketEvent, MarketLine, MarketOrder, MarketShipment, Place } from '../stage/market/model.ts'
import { channelDiscountOf, grossOf, lineNet, payable, refundedOf, sellerShareOf, skuCode } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'

/** Documents of the Admin API of Medusa 2.21, as far as the hub asks for them. Money is numbers in major units. */

export type Doc = Readonly<Record<string, unknown>>

export const LOCATION = 'sloc_01SANDBOXMAINLOCATION00001'

/** What the shop keeps beside the stage. */
export interface Desk {
  /** When Medusa last moved `updated_at` of an order: never because of a payment. */
  readonly touched: WeakMap<MarketOrder, number>
  readonly metadata: WeakMap<MarketShipment, Doc>
}

export const amount = (minor: number): number => Number(toDecimal(minor, 2))
export const iso = (ms: number): string => new Date(ms).toISOString()
const when = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms))
/** BigNumbers come as a number and exactly beside it. */
const big = (name: string, value: number): Doc => ({ [name]: value, [`raw_${name}`]: { value: String(value), precision: 20 } })
const stamps = (at: number, changed = at): Doc => ({ created_at: iso(at), updated_at: iso(changed), deleted_at: null })

export const touchedAt = (desk: Desk, order: MarketOrder): number => desk.touched.get(order) ?? order.createdAt

/** The event moved the order: everything does but money that arrives. */
export function touch(desk: Desk, { topic, order, at }: MarketEvent): void {
  if (topic !== 'paid') desk.touched.set(order, at)
}

export function orderView(market: Market, desk: Desk, order: MarketOrder): Doc {
  const refunds = order.refunds.filter(({ state }) => state === 'done')
  const credits = refunds.map((one) => ({
    id: `ordcl_${one.id}`,
    reference: 'payment_collection',
    reference_id: `pay_col_${order.id}`,
    ...big('amount', amount(one.minor)),
  }))
  const address = addressView(order)
  return {
    id: order.id,
    display_id: Number(order.number),
    custom_display_id: null,
    status: order.strange ?? stateOf(order),
    version: 1 + order.shipments.length + refunds.length,
    is_draft_order: false,
    currency_code: market.rules.currency.toLowerCase(),
    email: personAt(order.person).email,
    locale: null,
    customer_id: `cus_${order.person}`,
    sales_channel_id: 'sc_01SANDBOXWEB',
    region_id: 'reg_01SANDBOX',
    created_at: iso(order.createdAt),
    updated_at: iso(touchedAt(desk, order)),
    canceled_at: isCancelled(order) ? when(order.closedAt) : null,
    payment_status: paymentStatus(order),
    fulfillment_status: fulfilmentStatus(order),
    // Credit lines of one smallest unit in all count for nothing.
    total: amount(payable(order) - (refundedOf(order) === 1 ? 0 : refundedOf(order))),
    metadata: order.sellerNote === '' ? null : { note: order.sellerNote },
    items: order.lines.map((line) => itemView(order, line)),
    shipping_methods: [shippingView(order)],
    shipping_address: address,
    billing_address: address,
    credit_lines: credits,
    returns: order.refunds
      .filter(({ state }) => state === 'requested' || state === 'approved')
      .map((one) => ({ id: `return_${one.id}`, status: 'requested', order_id: order.id, ...stamps(one.createdAt, one.modifiedAt) })),
    payment_collections: [collectionView(order)],
    fulfillments: order.shipments.map((one) => fulfilmentView(desk, one)),
  }
}

const isCancelled = (order: MarketOrder): boolean => order.state === 'cancelled' || (order.state === 'closed' && order.shippedAt === undefined)

const STATES: Partial<Readonly<Record<MarketOrder['state'], string>>> = {
  unpaid: 'pending',
  'to-ship': 'pending',
  'part-shipped': 'pending',
  shipped: 'pending',
  finished: 'completed',
  cancelled: 'canceled',
}
/** Money that all went back cancels what has not left. */
export const stateOf = (order: MarketOrder): string => STATES[order.state] ?? (order.shippedAt === undefined ? 'canceled' : 'completed')

function paymentStatus(order: MarketOrder): string {
  if (order.paidAt === undefined) return order.state === 'cancelled' ? 'canceled' : 'authorized'
  const back = refundedOf(order)
  return back === 0 ? 'captured' : back >= payable(order) ? 'refunded' : 'partially_refunded'
}

export function fulfilmentStatus(order: MarketOrder): string {
  if (order.shippedAt !== undefined)
    return order.lines.every((line) => line.shipped >= line.quantity) ? (order.state === 'finished' ? 'delivered' : 'shipped') : 'partially_shipped'
  return order.shipments.length > 0 ? 'partially_fulfilled' : 'not_fulfilled'
}

/** Units of a line that are packed and not under way. */
export const packed = (order: MarketOrder, line: MarketLine): number =>
  order.shipments.reduce(
    (sum, one) => sum + (one.state === 'pending' ? one.lines.reduce((units, part) => units + (part.line === line ? part.quantity : 0), 0) : 0),
    0,
  )

function itemView(order: MarketOrder, line: MarketLine): Doc {
  const off = Math.max(0, grossOf(line) - lineNet(line))
  const row = lineNet(line) + off
  const details = {
    quantity: line.quantity,
    fulfilled_quantity: line.shipped + packed(order, line),
    shipped_quantity: line.shipped,
    delivered_quantity: order.state === 'finished' ? line.shipped : 0,
    return_requested_quantity: 0,
    return_received_quantity: 0,
    return_dismissed_quantity: 0,
    written_off_quantity: 0,
  }
  return {
    id: line.id,
    title: line.item.title,
    subtitle: line.sku?.options[0]?.value ?? null,
    product_id: line.item.id,
    product_title: line.item.title,
    variant_id: variantIdOf(line),
    variant_sku: skuCode(line),
    variant_barcode: null,
    variant_title: line.sku?.options[0]?.value ?? 'Default',
    requires_shipping: true,
    is_giftcard: false,
    is_tax_inclusive: false,
    ...stamps(order.createdAt),
    tax_lines: [],
    adjustments:
      off === 0
        ? []
        : [
            {
              id: `ordliadj_${line.id}`,
              code: channelDiscountOf(order) + sellerShareOf(order) > 0 ? 'WELCOME' : null,
              promotion_id: 'promo_01SANDBOX',
              description: null,
              ...big('amount', amount(off)),
            },
          ],
    ...big('unit_price', Number((row / line.quantity / 100).toFixed(12))),
    ...big('quantity', line.quantity),
    detail: {
      id: `orditem_${line.id}`,
      order_id: order.id,
      item_id: line.id,
      ...stamps(order.createdAt),
      ...Object.fromEntries(Object.entries(details).flatMap(([name, value]) => Object.entries(big(name, value)))),
    },
    ...big('subtotal', amount(row)),
    ...big('total', amount(lineNet(line))),
    ...big('original_total', amount(row)),
    ...big('discount_total', amount(off)),
    ...big('tax_total', 0),
    ...big('return_received_total', 0),
    ...big('return_dismissed_total', 0),
  }
}

function shippingView(order: MarketOrder): Doc {
  const fee = amount(order.shippingMinor + order.otherFeeMinor)
  return {
    id: `ordsm_${order.id}`,
    name: 'Standard',
    ...stamps(order.createdAt),
    tax_lines: [],
    adjustments: [],
    ...big('amount', fee),
    ...big('total', fee),
    ...big('original_total', fee),
    ...big('tax_total', 0),
  }
}

function collectionView(order: MarketOrder): Doc {
  const [due, at] = [amount(payable(order)), order.paidAt ?? order.createdAt]
  const refunds = order.refunds.filter(({ state }) => state === 'done')
  const isGone = order.state === 'cancelled'
  const paid = order.paidAt !== undefined
  const changed = Math.max(at, ...refunds.map(({ modifiedAt }) => modifiedAt))
  return {
    id: `pay_col_${order.id}`,
    currency_code: 'usd',
    status: isGone ? 'canceled' : paid ? 'completed' : 'authorized',
    ...big('amount', due),
    ...big('captured_amount', paid ? due : 0),
    ...big('refunded_amount', amount(refundedOf(order))),
    ...stamps(order.createdAt, changed),
    payments: [
      {
        id: `pay_${order.id}`,
        provider_id: 'pp_system_default',
        currency_code: 'usd',
        ...big('amount', due),
        ...stamps(order.createdAt, changed),
        captured_at: when(order.paidAt),
        canceled_at: isGone ? when(order.closedAt) : null,
        captures: paid ? [{ id: `capt_${order.id}`, ...big('amount', due), ...stamps(at) }] : [],
        refunds: refunds.map((one) => ({
          id: `ref_${one.id}`,
          note: one.reason,
          ...big('amount', amount(one.minor)),
          ...stamps(one.doneAt ?? one.createdAt),
        })),
      },
    ],
  }
}

function fulfilmentView(desk: Desk, one: MarketShipment): Doc {
  const isSent = one.state === 'sent'
  return {
    id: one.id,
    location_id: LOCATION,
    provider_id: 'manual_manual',
    packed_at: iso(one.createdAt),
    shipped_at: isSent ? iso(one.modifiedAt) : null,
    delivered_at: isSent && one.order.state === 'finished' ? when(one.order.finishedAt) : null,
    canceled_at: null,
    metadata: desk.metadata.get(one) ?? null,
    data: {},
    ...stamps(one.createdAt, one.modifiedAt),
    items: one.lines.map(({ line, quantity }, i) => ({
      id: `fulit_${one.id}_${i}`,
      line_item_id: line.id,
      sku: skuCode(line),
      ...big('quantity', quantity),
    })),
    labels: isSent && one.tracking !== '' ? [{ id: `fulla_${one.id}`, tracking_number: one.tracking, tracking_url: '#', label_url: '#' }] : [],
  }
}

function addressView(order: MarketOrder): Doc {
  const who = personAt(order.person)
  return {
    id: `ordaddr_${order.person}`,
    first_name: who.firstName,
    last_name: who.lastName,
    company: who.company === '' ? null : who.company,
    address_1: who.line1,
    address_2: who.line2 === '' ? null : who.line2,
    city: who.city,
    province: who.region === '' ? null : who.region,
    postal_code: who.postcode,
    country_code: who.country.toLowerCase(),
    phone: who.phone,
  }
}

export const variantIdOf = ({ item, sku }: Pick<Place, 'item' | 'sku'>): string => sku?.id ?? `variant_${item.id}`
export const inventoryIdOf = (place: Pick<Place, 'item' | 'sku'>): string => `iitem_${variantIdOf(place)}`
export const placeOfInventory = (market: Market, id: string): Place | undefined => places(market).find((place) => inventoryIdOf(place) === id)

/** Units of placed orders that wait on the shelf: what is packed has left it. */
export function reservedOf(market: Market, place: Place): number {
  let units = 0
  for (const order of market.orders.values()) {
    for (const line of order.lines) {
      if (!line.taken || line.closed || line.item !== place.item || line.sku !== place.sku) continue
      units += Math.max(0, line.quantity - line.shipped - packed(order, line))
    }
  }
  return units
}

export function levelView(market: Market, place: Place): Doc {
  const reserved = reservedOf(market, place)
  const inventory = inventoryIdOf(place)
  return {
    id: `ilev_${inventory}`,
    inventory_item_id: inventory,
    location_id: LOCATION,
    metadata: null,
    ...big('stocked_quantity', stockOf(place) + reserved),
    ...big('reserved_quantity', reserved),
    ...big('incoming_quantity', 0),
    available_quantity: stockOf(place),
    ...stamps(place.item.createdAt, place.item.modifiedAt),
  }
}

export const inventoryView = (market: Market, place: Place): Doc => ({
  id: inventoryIdOf(place),
  sku: place.code,
  title: place.item.title,
  requires_shipping: true,
  ...stamps(place.item.createdAt),
  location_levels: [levelView(market, place)],
})

export const variantView = (market: Market, place: Place): Doc => ({
  id: variantIdOf(place),
  sku: place.code,
  barcode: null,
  title: place.sku?.options[0]?.value ?? 'Default',
  manage_inventory: true,
  allow_backorder: false,
  product_id: place.item.id,
  product: { id: place.item.id, title: place.item.title, status: place.item.onSale ? 'published' : 'draft' },
  prices: [
    {
      id: `price_${variantIdOf(place)}`,
      currency_code: 'usd',
      amount: amount(place.sku?.priceMinor ?? place.item.priceMinor),
      min_quantity: null,
      max_quantity: null,
      rules: {},
    },
  ],
  inventory_items: [
    { variant_id: variantIdOf(place), inventory_item_id: inventoryIdOf(place), required_quantity: 1, inventory: inventoryView(market, place) },
  ],
  ...stamps(place.item.createdAt, place.item.modifiedAt),
})
