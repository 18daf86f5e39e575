import type { Actor } from '../stage/ledger.ts'
import type { VendureFulfilment, VendureLine, VendureOrder, VendurePayment, VendureRefund, VendureVariant } from './model.ts'
import { errorCode } from './schema.ts'
import type { VendureShop } from './shop.ts'
import { fulfilled, totalsOf } from './shop.ts'

/** A refusal as a member of a result union. */
export interface Refusal {
  readonly __typename: string
  readonly errorCode: string
  readonly message: string
  readonly [detail: string]: unknown
}

export function refuse(typename: string, message: string, details: Readonly<Record<string, unknown>> = {}): Refusal {
  return { __typename: typename, errorCode: errorCode(typename), message, ...details }
}

export function isRefusal(value: object): value is Refusal {
  return 'errorCode' in value
}

export interface LineQuantity {
  readonly orderLineId: string
  readonly quantity: number
}

interface Picked {
  readonly line: VendureLine
  readonly quantity: number
}

export function addHistory(shop: VendureShop, order: VendureOrder, type: string, data: Readonly<Record<string, unknown>>, isPublic = true): void {
  order.history.push({ id: shop.nextId('history'), type, createdAt: shop.clock.now(), isPublic, data })
}

export function recordOrder(
  shop: VendureShop,
  order: VendureOrder,
  change: 'placed' | 'edited' | 'status' | 'refunded' | 'cancel-requested' | 'noted',
  by: Actor,
): void {
  shop.ledger.record({ kind: 'order', orderId: order.id, change, by, status: order.state })
  order.visibleAt = shop.settings.listLagMs > 0 ? shop.clock.now() + shop.settings.listLagMs : 0
  for (const tell of shop.listeners) tell(order)
}

/** Moves the state without moving `updatedAt`: that is how fulfilments do it. */
function moveState(shop: VendureShop, order: VendureOrder, to: string, by: Actor): void {
  if (order.state === to) return
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to })
  order.state = to
  recordOrder(shop, order, 'status', by)
}

/** A saved order: `updatedAt` moves. */
export function saveOrder(shop: VendureShop, order: VendureOrder): void {
  order.updatedAt = shop.stamp()
}

export function moveStock(shop: VendureShop, variant: VendureVariant, to: number, how: { cause: 'set' | 'sold' | 'restocked'; by: Actor }): void {
  const from = variant.stockOnHand
  variant.stockOnHand = to
  variant.updatedAt = shop.stamp()
  shop.ledger.record({ kind: 'stock', listingId: variant.id, sku: variant.sku, from, to, ...how })
}

/** Units that can still be sold: on hand less what is promised. */
export function saleable(variant: VendureVariant): number {
  return variant.trackInventory ? variant.stockOnHand - variant.stockAllocated : Infinity
}

/** A cart becomes an order: paid in full, units allocated. */
export function settlePayment(shop: VendureShop, order: VendureOrder, by: Actor): VendurePayment {
  const payment: VendurePayment = {
    id: shop.nextId('payment'),
    amount: totalsOf(order, shop.settings.taxBasisPoints).totalWithTax,
    method: 'standard-payment',
    state: 'Settled',
    transactionId: shop.random.hex(16),
    createdAt: shop.clock.now(),
    refunds: [],
  }
  order.payments.push(payment)
  for (const line of order.lines) {
    line.placedQuantity = line.quantity
    if (line.variant.trackInventory) line.variant.stockAllocated += line.quantity
  }
  order.active = false
  order.placedAt = shop.clock.now()
  addHistory(shop, order, 'ORDER_PAYMENT_TRANSITION', { from: 'Created', to: 'Settled', paymentId: payment.id })
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to: 'PaymentSettled' })
  order.state = 'PaymentSettled'
  saveOrder(shop, order)
  recordOrder(shop, order, 'placed', by)
  return payment
}

function pick(order: VendureOrder, lines: readonly LineQuantity[]): readonly Picked[] {
  return lines.flatMap(({ orderLineId, quantity }) => {
    const line = order.lines.find((one) => one.id === orderLineId)
    return line && quantity > 0 ? [{ line, quantity }] : []
  })
}

export interface FulfilInput {
  readonly lines: readonly LineQuantity[]
  readonly handler: string
  readonly method: string
  readonly trackingCode: string
}

/** Takes units off the shelf at once; the fulfilment then waits in `Pending`. */
export function addFulfilment(shop: VendureShop, input: FulfilInput, by: Actor): VendureFulfilment | Refusal {
  const order = orderOfLines(shop, input.lines)
  const lines = order ? pick(order, input.lines) : []
  if (!order || lines.length === 0) return refuse('EmptyOrderLineSelectionError', 'At least one OrderLine must be specified')
  if (input.handler !== 'manual-fulfillment') return refuse('InvalidFulfillmentHandlerError', 'No FulfillmentHandler found with the given code')
  if (lines.some(({ line, quantity }) => fulfilled(order, line, 'all') + quantity > line.quantity)) {
    return refuse('ItemsAlreadyFulfilledError', 'One or more OrderItems are already part of a Fulfillment')
  }
  const short = lines.find(({ line, quantity }) => line.variant.trackInventory && line.variant.stockOnHand < quantity)
  if (short) {
    const { id, name, stockOnHand } = short.line.variant
    const message = `Cannot create a Fulfillment as '${name}' has insufficient stockOnHand (${stockOnHand})`
    return refuse('InsufficientStockOnHandError', message, { productVariantId: id, productVariantName: name, stockOnHand })
  }
  const made: VendureFulfilment = {
    id: shop.nextId('fulfilment'),
    state: 'Pending',
    method: input.method,
    trackingCode: input.trackingCode,
    lines,
    createdAt: shop.clock.now(),
    updatedAt: shop.stamp(),
  }
  for (const { line, quantity } of lines) {
    if (!line.variant.trackInventory) continue
    line.variant.stockAllocated -= quantity
    moveStock(shop, line.variant, line.variant.stockOnHand - quantity, { cause: 'sold', by })
  }
  order.fulfilments.push(made)
  addHistory(shop, order, 'ORDER_FULFILLMENT', { fulfillmentId: made.id })
  recordShipment(shop, order, made, 'created', by)
  return made
}

/** Lines of two orders in one fulfilment are legal in Vendure; one order's are all this shop accepts. */
function orderOfLines(shop: VendureShop, lines: readonly LineQuantity[]): VendureOrder | undefined {
  const first = lines[0]?.orderLineId
  if (first === undefined) return undefined
  for (const order of shop.orders.values()) if (order.lines.some((line) => line.id === first)) return order
  return undefined
}

export const fulfilmentSteps: Readonly<Record<string, readonly string[]>> = {
  Created: ['Pending'],
  Pending: ['Shipped', 'Delivered', 'Cancelled'],
  Shipped: ['Delivered', 'Cancelled'],
  Delivered: ['Cancelled'],
  Cancelled: [],
}

export function moveFulfilment(shop: VendureShop, order: VendureOrder, one: VendureFulfilment, to: string, by: Actor): Refusal | undefined {
  if (!fulfilmentSteps[one.state]?.includes(to)) {
    const transitionError = `Cannot transition Fulfillment from "${one.state}" to "${to}"`
    return refuse('FulfillmentStateTransitionError', transitionError, { transitionError, fromState: one.state, toState: to })
  }
  addHistory(shop, order, 'ORDER_FULFILLMENT_TRANSITION', { fulfillmentId: one.id, from: one.state, to })
  one.state = to
  one.updatedAt = shop.stamp()
  if (to === 'Cancelled') returnToShelf(shop, one, by)
  recordShipment(shop, order, one, to === 'Cancelled' ? 'deleted' : 'updated', by)
  const covers = (states: readonly string[]): boolean =>
    order.lines.every((line) => {
      const units = order.fulfilments
        .filter((each) => states.includes(each.state))
        .flatMap((each) => each.lines)
        .filter((each) => each.line === line)
      return units.reduce((all, each) => all + each.quantity, 0) >= line.quantity
    })
  if (to === 'Shipped') moveState(shop, order, covers(['Shipped', 'Delivered']) ? 'Shipped' : 'PartiallyShipped', by)
  if (to === 'Delivered') moveState(shop, order, covers(['Delivered']) ? 'Delivered' : 'PartiallyDelivered', by)
  return undefined
}

function returnToShelf(shop: VendureShop, one: VendureFulfilment, by: Actor): void {
  for (const { line, quantity } of one.lines) {
    if (!line.variant.trackInventory) continue
    line.variant.stockAllocated += quantity
    moveStock(shop, line.variant, line.variant.stockOnHand + quantity, { cause: 'restocked', by })
  }
}

function recordShipment(shop: VendureShop, order: VendureOrder, one: VendureFulfilment, action: 'created' | 'updated' | 'deleted', by: Actor): void {
  const lines = one.lines.map(({ line, quantity }) => ({ lineId: line.id, quantity }))
  shop.ledger.record({
    kind: 'shipment',
    orderId: order.id,
    shipmentId: one.id,
    action,
    status: one.state,
    carrier: one.method,
    trackingNumber: one.trackingCode,
    lines,
    by,
  })
}

/** Cancels lines, or the whole order. Quantities drop, totals follow, units go back; `updatedAt` moves. */
export function cancelOrder(
  shop: VendureShop,
  order: VendureOrder,
  input: { lines?: readonly LineQuantity[]; reason?: string; cancelShipping?: boolean },
  by: Actor,
): Refusal | undefined {
  if (order.active)
    return refuse('CancelActiveOrderError', 'Cannot cancel OrderLines from an Order in the "AddingItems" state', { orderState: order.state })
  if (order.state === 'Cancelled') {
    const transitionError = 'Cannot transition Order from "Cancelled" to "Cancelled"'
    return refuse('OrderStateTransitionError', transitionError, { transitionError, fromState: 'Cancelled', toState: 'Cancelled' })
  }
  const all = order.lines.map((line) => ({ line, quantity: line.quantity })).filter((one) => one.quantity > 0)
  const lines = input.lines ? pick(order, input.lines) : all
  if (input.lines && lines.length === 0) return refuse('EmptyOrderLineSelectionError', 'At least one OrderLine must be specified')
  if (lines.some(({ line, quantity }) => quantity > line.quantity))
    return refuse('QuantityTooGreatError', 'The specified quantity is greater than the available OrderItems')
  for (const { line, quantity } of lines) giveBack(shop, order, line, quantity, by)
  if (input.cancelShipping) order.shipping = 0
  addHistory(shop, order, 'ORDER_CANCELLATION', {
    lines: lines.map(({ line, quantity }) => ({ orderLineId: line.id, quantity })),
    reason: input.reason ?? '',
  })
  if (order.lines.every((line) => line.quantity === 0)) {
    addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to: 'Cancelled' })
    order.state = 'Cancelled'
  }
  saveOrder(shop, order)
  recordOrder(shop, order, 'status', by)
  return undefined
}

/** What has left the shelf is put back on it; what was only promised is released. */
function giveBack(shop: VendureShop, order: VendureOrder, line: VendureLine, quantity: number, by: Actor): void {
  const waiting = line.quantity - fulfilled(order, line, 'all')
  const released = Math.min(quantity, Math.max(0, waiting))
  line.quantity -= quantity
  if (!line.variant.trackInventory) return
  line.variant.stockAllocated -= released
  if (quantity > released) moveStock(shop, line.variant, line.variant.stockOnHand + quantity - released, { cause: 'restocked', by })
}

export interface RefundInput {
  readonly paymentId: string
  readonly amount?: number
  readonly lines?: readonly LineQuantity[]
  readonly reason?: string
}

/** A refund is settled by the dummy payment handler at once; the order's own `updatedAt` stays where it is. */
export function refundOrder(
  shop: VendureShop,
  input: RefundInput,
  by: Actor,
): { order: VendureOrder; payment: VendurePayment; refund: VendureRefund } | Refusal {
  const found = paymentOf(shop, input.paymentId)
  if (!found) return refuse('PaymentOrderMismatchError', 'The Payment and OrderLines do not belong to the same Order')
  const { order, payment } = found
  if (order.active) return refuse('RefundOrderStateError', 'Cannot refund an Order in the state', { orderState: order.state })
  const maximumRefundable = payment.amount - payment.refunds.reduce((all, one) => all + one.total, 0)
  const lines = pick(order, input.lines ?? [])
  const total = input.amount ?? lines.reduce((all, { line, quantity }) => all + (line.unitPrice - line.unitDiscount) * quantity, 0)
  if (total <= 0) return refuse('NothingToRefundError', 'Nothing to refund')
  if (total > maximumRefundable)
    return refuse('RefundAmountError', 'The amount specified exceeds the refundable amount for this payment', { maximumRefundable })
  const refund: VendureRefund = { id: shop.nextId('refund'), total, reason: input.reason ?? '', createdAt: shop.clock.now(), lines }
  payment.refunds.push(refund)
  addHistory(shop, order, 'ORDER_REFUND_TRANSITION', { refundId: refund.id, from: 'Pending', to: 'Settled', reason: refund.reason })
  recordOrder(shop, order, 'refunded', by)
  return { order, payment, refund }
}

function paymentOf(shop: VendureShop, id: string): { order: VendureOrder; payment: VendurePayment } | undefined {
  for (const order of shop.orders.values()) {
    const payment = order.payments.find((one) => one.id === id)
    if (payment) return { order, payment }
  }
  return undefined
}
