import type { Actor, OrderFact, StockFact } from '../stage/ledger.ts'
import { prorate } from '../stage/decimal.ts'
import type { ShopifyFulfillment, ShopifyLine, ShopifyOrder, ShopifyRefund, ShopifyVariant } from './model.ts'
import type { ShopifyEvent, ShopifyShop } from './shop.ts'
import { financialStatus, fulfillmentStatus, netOf, receivedOf, refundedOf, shippedOf, sum } from './shop.ts'

/** Why the shop does not do it; undefined when it did. */
export type Refusal = { readonly field: readonly string[]; readonly message: string }

export interface Saved {
  readonly change: OrderFact['change']
  readonly by: Actor
  readonly events: readonly ShopifyEvent[]
  readonly part?: string
}

/** The order changed: its time moves, the ledger and the subscribers hear of it. */
export function saveOrder(shop: ShopifyShop, order: ShopifyOrder, { change, by, events, part }: Saved): void {
  order.updatedAt = Math.max(shop.stamp(), order.createdAt)
  shop.ledger.record({ kind: 'order', orderId: order.id, change, by, status: `${financialStatus(order, shop.settings)} ${fulfillmentStatus(order)}` })
  for (const event of events) for (const listener of shop.listeners) listener(event, order, part ?? '')
}

export interface Move {
  readonly cause: StockFact['cause']
  readonly by: Actor
}

export function setAvailable(
  shop: ShopifyShop,
  variant: ShopifyVariant,
  at: { readonly location: string; readonly quantity: number },
  { cause, by }: Move,
): void {
  const from = variant.available.get(at.location) ?? null
  variant.available.set(at.location, at.quantity)
  shop.ledger.record({ kind: 'stock', listingId: `${variant.productId}:${variant.id}`, sku: variant.sku, from, to: at.quantity, cause, by })
}

export function shiftAvailable(
  shop: ShopifyShop,
  line: { readonly variant: ShopifyVariant; readonly location: string },
  delta: number,
  move: Move,
): void {
  if (!line.variant.tracked || delta === 0) return
  const quantity = (line.variant.available.get(line.location) ?? 0) + delta
  setAvailable(shop, line.variant, { location: line.location, quantity }, move)
}

const openUnits = (order: ShopifyOrder, line: ShopifyLine): number => line.quantity - line.cancelled - shippedOf(order, line)

/** Puts back what was not sent and gives the money back where that is asked for. */
export function cancelOrder(
  shop: ShopifyShop,
  order: ShopifyOrder,
  given: { readonly reason: string; readonly refund: boolean; readonly restock: boolean; readonly by: Actor },
): Refusal | undefined {
  if (order.cancelledAt !== undefined) return { field: ['orderId'], message: 'Order has already been cancelled' }
  if (order.fulfillments.some((one) => one.status === 'SUCCESS')) return { field: ['orderId'], message: 'Cannot cancel an order with fulfillments' }
  const units = order.lines.map((line) => ({ line, quantity: line.quantity - line.refunded }))
  for (const line of order.lines) {
    if (given.restock) shiftAvailable(shop, line, openUnits(order, line), { cause: 'restocked', by: given.by })
    line.cancelled = line.quantity
  }
  for (const one of order.fulfillmentOrders) {
    one.status = 'CANCELLED'
    for (const line of one.lines) line.remaining = 0
  }
  order.cancelledAt = shop.stamp()
  order.closedAt = order.cancelledAt
  order.cancelReason = given.reason
  const left = receivedOf(order) - refundedOf(order)
  if (given.refund && left > 0) order.refunds.push(refundRecord(shop, order, { amount: left, units, note: 'Cancelled', restock: 'CANCEL' }))
  saveOrder(shop, order, { change: 'status', by: given.by, events: ['orders/cancelled', 'orders/updated'] })
  return undefined
}

interface RefundInput {
  readonly amount: number
  readonly units: readonly { readonly line: ShopifyLine; readonly quantity: number }[]
  readonly note: string
  readonly restock: string
}

function refundRecord(shop: ShopifyShop, order: ShopifyOrder, { amount, units, note, restock }: RefundInput): ShopifyRefund {
  const lines = units
    .filter(({ quantity }) => quantity > 0)
    .map(({ line, quantity }) => {
      line.refunded += quantity
      return { line, quantity, subtotal: prorate(netOf(line), quantity, line.quantity), tax: prorate(line.tax, quantity, line.quantity), restock }
    })
  const worth = sum(lines.map((line) => line.subtotal + (shop.settings.taxesIncluded ? 0 : line.tax)))
  const shipping = lines.length > 0 ? 0 : Math.min(amount, order.shipping ? order.shipping.price - order.shipping.discount : 0)
  const at = shop.stamp()
  const transaction = { id: shop.nextId(), kind: 'REFUND', status: 'SUCCESS', gateway: 'shopify_payments', amount, at } as const
  if (amount > 0) order.payments.push(transaction)
  return {
    id: shop.nextId(),
    amount,
    lines,
    shipping,
    adjustment: worth + shipping - amount,
    note,
    transaction: amount > 0 ? transaction : undefined,
    at,
  }
}

export function refundOrder(
  shop: ShopifyShop,
  order: ShopifyOrder,
  given: { readonly amount: number; readonly by: Actor; readonly units?: RefundInput['units'] },
): string | undefined {
  if (given.amount <= 0 || given.amount > receivedOf(order) - refundedOf(order)) return 'There is not so much left to give back.'
  const refund = refundRecord(shop, order, { amount: given.amount, units: given.units ?? [], note: 'Goodwill', restock: 'NO_RESTOCK' })
  order.refunds.push(refund)
  saveOrder(shop, order, { change: 'refunded', by: given.by, events: ['refunds/create', 'orders/updated'], part: refund.id })
  return undefined
}

/** A unit is taken out of an order by editing it: a refund without money, as Shopify records it. */
export function removeUnits(shop: ShopifyShop, order: ShopifyOrder, line: ShopifyLine, quantity: number): void {
  line.cancelled += quantity
  shiftAvailable(shop, line, quantity, { cause: 'restocked', by: 'seller' })
  for (const part of order.fulfillmentOrders.flatMap((one) => one.lines)) {
    if (part.line !== line) continue
    part.remaining -= quantity
    part.total -= quantity
  }
  const record = refundRecord(shop, order, { amount: 0, units: [{ line, quantity }], note: '', restock: 'CANCEL' })
  order.refunds.push({ ...record, adjustment: 0 })
  saveOrder(shop, order, { change: 'edited', by: 'seller', events: ['orders/updated'] })
}

export interface FulfilInput {
  readonly parts: readonly {
    readonly fulfillmentOrderId: string
    readonly lines: readonly { readonly id: string; readonly quantity: number }[] | undefined
  }[]
  readonly company: string
  readonly number: string
  readonly url: string | null
  readonly by: Actor
}

/** One fulfilment of one order from one location; everything is looked at before anything is done. */
export function fulfil(
  shop: ShopifyShop,
  { parts, company, number, url, by }: FulfilInput,
): { readonly order: ShopifyOrder; readonly fulfillment: ShopifyFulfillment } | Refusal {
  const at = ['fulfillment']
  const chosen: { readonly part: ShopifyOrder['fulfillmentOrders'][number]['lines'][number]; readonly quantity: number }[] = []
  let found: ShopifyOrder | undefined
  const locations = new Set<string>()
  for (const { fulfillmentOrderId, lines } of parts) {
    const order = [...shop.orders.values()].find((one) => one.fulfillmentOrders.some((each) => each.id === fulfillmentOrderId))
    const source = order?.fulfillmentOrders.find((each) => each.id === fulfillmentOrderId)
    if (!order || !source) return { field: at, message: 'Fulfillment order does not exist.' }
    if (found && found !== order) return { field: at, message: 'All fulfillment orders must belong to the same order.' }
    if (source.status === 'ON_HOLD') return { field: at, message: `Fulfillment order ${source.id} has an unfulfillable status= on_hold.` }
    if (source.status !== 'OPEN' && source.status !== 'IN_PROGRESS')
      return { field: at, message: `Fulfillment order ${source.id} has an unfulfillable status= ${source.status.toLowerCase()}.` }
    found = order
    locations.add(source.location)
    for (const wanted of lines ?? source.lines.filter((line) => line.remaining > 0).map((line) => ({ id: line.id, quantity: line.remaining }))) {
      const part = source.lines.find((line) => line.id === wanted.id)
      if (!part) return { field: at, message: 'Fulfillment order line item does not exist.' }
      if (wanted.quantity < 1 || wanted.quantity > part.remaining)
        return { field: at, message: 'Invalid fulfillment order line item quantity requested.' }
      chosen.push({ part, quantity: wanted.quantity })
    }
  }
  if (!found || chosen.length === 0) return { field: at, message: 'There is nothing to fulfill.' }
  if (locations.size > 1) return { field: at, message: 'All fulfillment orders must be assigned to the same location.' }
  return apply(shop, found, { chosen, company, number, url, by, location: [...locations][0] ?? '' })
}

function apply(
  shop: ShopifyShop,
  order: ShopifyOrder,
  given: Omit<FulfilInput, 'parts'> & {
    readonly location: string
    readonly chosen: readonly { readonly part: ShopifyOrder['fulfillmentOrders'][number]['lines'][number]; readonly quantity: number }[]
  },
): { readonly order: ShopifyOrder; readonly fulfillment: ShopifyFulfillment } {
  for (const { part, quantity } of given.chosen) part.remaining -= quantity
  for (const one of order.fulfillmentOrders) {
    if (one.status !== 'OPEN' && one.status !== 'IN_PROGRESS') continue
    const left = sum(one.lines.map((line) => line.remaining))
    if (left === 0) one.status = 'CLOSED'
    else if (left < sum(one.lines.map((line) => line.total))) one.status = 'IN_PROGRESS'
  }
  const at = shop.stamp()
  const { company, number, url, location } = given
  const fulfillment: ShopifyFulfillment = {
    id: shop.nextId(),
    status: 'SUCCESS',
    delivered: false,
    company,
    number,
    url,
    location,
    lines: given.chosen.map(({ part, quantity }) => ({ id: shop.nextId(), line: part.line, quantity })),
    createdAt: at,
    updatedAt: at,
  }
  order.fulfillments.push(fulfillment)
  noteShipment(shop, order, fulfillment, { action: 'created', by: given.by })
  saveOrder(shop, order, { change: 'status', by: given.by, events: ['fulfillments/create', 'orders/updated'], part: fulfillment.id })
  return { order, fulfillment }
}

export function noteShipment(
  shop: ShopifyShop,
  order: ShopifyOrder,
  fulfillment: ShopifyFulfillment,
  { action, by }: { readonly action: 'created' | 'updated'; readonly by: Actor },
): void {
  shop.ledger.record({
    kind: 'shipment',
    orderId: order.id,
    shipmentId: fulfillment.id,
    action,
    status: fulfillment.status,
    carrier: fulfillment.company,
    trackingNumber: fulfillment.number,
    lines: fulfillment.lines.map((part) => ({ lineId: part.line.id, quantity: part.quantity })),
    by,
  })
}
