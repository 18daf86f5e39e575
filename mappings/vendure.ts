import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import { allocate } from '../src/core/money.ts'
import type { ChannelShipment, FulfilmentStatus, Order, OrderLine, Payment, PaymentStatus, Refund } from '../src/core/order.ts'
import { discountsOf, lineAmounts, purseOf, totalsOf, type Purse } from './vendure/money.ts'
import { parties } from './vendure/parties.ts'
import { latestChange, readOrder, type VendureLine, type VendureOrder, type VendurePayment } from './vendure/wire.ts'

/** Vendure Admin API order → canonical order. Prices are taken with tax; refunds and fulfilments are parts of the document. */
export const vendure: Mapping = {
  channel: 'vendure',
  version: 1,
  map: (raw, context) => {
    if (raw.kind !== 'order') throw new MappingError('document-unreadable', 'Vendure sends refunds inside their order.')
    return mapOrder(readOrder(raw.doc), latestChange(raw.doc), context)
  },
}

type Meaning = 'open' | 'cancel_requested' | 'cancelled' | 'completed' | 'ignore'

/** States of Vendure's own order process. */
const STATES: ReadonlyMap<string, Meaning> = new Map([
  ['PaymentAuthorized', 'open'],
  ['PaymentSettled', 'open'],
  ['PartiallyShipped', 'open'],
  ['Shipped', 'open'],
  ['PartiallyDelivered', 'open'],
  ['Delivered', 'completed'],
  ['Modifying', 'open'],
  ['ArrangingAdditionalPayment', 'open'],
  ['Cancelled', 'cancelled'],
])
const isMeaning = (value: unknown): value is Meaning =>
  value === 'open' || value === 'cancel_requested' || value === 'cancelled' || value === 'completed' || value === 'ignore'

/** A shop may have states of its own (`states` in the connection's settings says what they mean); an unknown one is never guessed. */
function meaningOf(state: string, context: MapContext): Meaning {
  const { states } = context.config
  const own =
    typeof states === 'object' && states !== null && Object.hasOwn(states, state)
      ? new Map<string, unknown>(Object.entries(states)).get(state)
      : undefined
  const meaning = isMeaning(own) ? own : STATES.get(state)
  if (!meaning) throw new MappingError('status-unmapped', `"${state}" is not a known order state.`, '/state')
  return meaning
}

function mapOrder(order: VendureOrder, changedAt: string, context: MapContext): Mapped {
  if (order.active || !order.orderPlacedAt) return { kind: 'ignore', rule: 'cart', reason: 'A cart that was never placed.' }
  if (order.type === 'Aggregate') return { kind: 'ignore', rule: 'aggregate', reason: 'Its parts arrive as orders of their sellers.' }
  const meaning = meaningOf(order.state, context)
  if (meaning === 'ignore') return { kind: 'ignore', rule: 'state', reason: `Orders in state ${order.state} are left alone by a setting.` }
  return { kind: 'order', order: canonical({ order, placedAt: order.orderPlacedAt, changedAt, meaning, context }) }
}

interface Reading {
  readonly order: VendureOrder
  readonly placedAt: string
  readonly changedAt: string
  readonly meaning: Meaning
  readonly context: MapContext
}

function canonical({ order, placedAt, changedAt, meaning, context }: Reading): Order {
  const purse = purseOf(order.currencyCode, context)
  const progress = progressOf(order)
  const lines = order.lines.filter((line) => orderedOf(line) > 0).map((line, i) => mapLine(line, i + 1, { purse, progress }))
  const lineNos = new Map(lines.map((line) => [line.channelLineNo, line.lineNo]))
  const money = moneyMoved(order)
  const isCancelled = meaning === 'cancelled'
  return {
    channelOrderNo: order.code,
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: order.state,
    payment: paymentStatus(order, money, isCancelled),
    fulfilment: fulfilmentStatus(order, progress),
    afterSale: 'none',
    ...(isCancelled ? { cancelled: { at: order.updatedAt } } : {}),
    ...(meaning === 'cancel_requested' ? { cancelRequest: { at: order.updatedAt } } : {}),
    closed: isCancelled || meaning === 'completed',
    placedAt,
    ...paidAt(order, placedAt, money),
    sourceUpdatedAt: changedAt,
    sourceTz: 'UTC',
    sourcePrecision: changedAt.endsWith('.000Z') ? 's' : 'ms',
    currency: order.currencyCode,
    taxIncluded: true,
    totals: totalsOf(order, { purse, paid: money.settled, refunded: money.refunded }),
    lines,
    discounts: discountsOf(order, lineNos, purse),
    payments: order.payments.map((payment) => mapPayment(payment, purse)),
    refunds: order.payments.flatMap((payment) => payment.refunds.map((refund) => mapRefund(refund, order, purse))),
    shipments: order.fulfillments.map(mapShipment),
    piiMode: 'plain',
    ...parties(order),
    isCod: false,
    couponCodes: order.couponCodes,
    extra: extraOf(order),
  }
}

/** Cancelling lowers `quantity` and leaves what was placed; raising it by a modification does the opposite. */
const orderedOf = (line: VendureLine): number => Math.max(line.quantity, line.orderPlacedQuantity)

/** Units that left or arrived, per order line. */
interface Progress {
  readonly shipped: ReadonlyMap<string, number>
  readonly delivered: ReadonlyMap<string, number>
}

function progressOf(order: VendureOrder): Progress {
  const shipped = new Map<string, number>()
  const delivered = new Map<string, number>()
  for (const fulfillment of order.fulfillments) {
    if (fulfillment.state !== 'Shipped' && fulfillment.state !== 'Delivered') continue
    for (const { orderLineId, quantity } of fulfillment.lines) {
      shipped.set(orderLineId, (shipped.get(orderLineId) ?? 0) + quantity)
      if (fulfillment.state === 'Delivered') delivered.set(orderLineId, (delivered.get(orderLineId) ?? 0) + quantity)
    }
  }
  return { shipped, delivered }
}

function mapLine(line: VendureLine, lineNo: number, { purse, progress }: { readonly purse: Purse; readonly progress: Progress }): OrderLine {
  const { gross, net, tax } = lineAmounts(line)
  const variant = line.productVariant
  const ordered = orderedOf(line)
  const shipped = Math.min(progress.shipped.get(line.id) ?? 0, ordered)
  return {
    lineNo,
    channelLineNo: line.id,
    channelSku: variant.sku,
    channelProduct: variant.productId,
    listingKey: `${variant.productId}:${variant.id}`,
    title: variant.name,
    quantity: String(ordered),
    // Vendure also cancels units that were shipped (a return in its terms); those stay shipped here.
    cancelled: String(Math.min(ordered - line.quantity, ordered - shipped)),
    shipped: String(shipped),
    unitPrice: purse.decimal(line.unitPriceWithTax),
    gross: purse.money(gross),
    discount: purse.money(gross - net),
    net: purse.money(net),
    tax: purse.contained(tax),
    role: 'single',
  }
}

/** From what left, not from the state word: an order in Modifying may be half shipped. */
function fulfilmentStatus(order: VendureOrder, progress: Progress): FulfilmentStatus {
  const goods = order.lines.filter((line) => orderedOf(line) > 0)
  const covers = (done: ReadonlyMap<string, number>): boolean => {
    const open = goods.filter((line) => line.quantity > 0)
    return open.length > 0 && open.every((line) => (done.get(line.id) ?? 0) >= line.quantity)
  }
  if (covers(progress.delivered)) return 'delivered'
  if (covers(progress.shipped)) return 'shipped'
  return progress.shipped.size > 0 ? 'partial' : 'unallocated'
}

interface MoneyMoved {
  readonly authorised: number
  readonly settled: number
  readonly refunded: number
  readonly refundPending: number
}

function moneyMoved(order: VendureOrder): MoneyMoved {
  const sum = (amounts: readonly number[]): number => amounts.reduce((a, b) => a + b, 0)
  const paid = (state: string): number => sum(order.payments.filter((p) => p.state === state).map((p) => p.amount))
  const refunds = order.payments.flatMap((p) => p.refunds)
  const given = (state: string): number => sum(refunds.filter((r) => r.state === state).map((r) => r.total))
  return { authorised: paid('Authorized'), settled: paid('Settled'), refunded: given('Settled'), refundPending: given('Pending') }
}

function paymentStatus(order: VendureOrder, money: MoneyMoved, isCancelled: boolean): PaymentStatus {
  if (money.settled > 0 && money.refunded >= money.settled) return 'refunded'
  if (money.refundPending > 0) return 'refund_pending'
  if (money.refunded > 0) return 'partially_refunded'
  if (money.settled >= order.totalWithTax && (money.settled > 0 || !isCancelled)) return 'paid'
  if (money.settled > 0) return 'partially_paid'
  if (isCancelled) return 'voided'
  return money.authorised > 0 ? 'authorised' : 'pending'
}

/** When the last settled payment was made; Vendure does not keep the moment an authorisation was settled. */
function paidAt(order: VendureOrder, placedAt: string, money: MoneyMoved): { readonly paidAt?: string } {
  if (money.settled === 0 || money.settled < order.totalWithTax) return {}
  const at = order.payments
    .filter((p) => p.state === 'Settled')
    .map((p) => p.createdAt)
    .sort()
    .at(-1)
  if (at === undefined) return {}
  // Some databases cut a payment's time to whole seconds: it would seem to come before the order it belongs to.
  return { paidAt: at < placedAt ? placedAt : at }
}

const PAYMENTS: Readonly<Record<string, Pick<Payment, 'kind' | 'status'>>> = {
  Created: { kind: 'capture', status: 'pending' },
  Authorized: { kind: 'authorisation', status: 'done' },
  Settled: { kind: 'capture', status: 'done' },
  Declined: { kind: 'capture', status: 'failed' },
  Error: { kind: 'capture', status: 'failed' },
  Cancelled: { kind: 'void', status: 'done' },
}

function mapPayment(payment: VendurePayment, purse: Purse): Payment {
  const reading = PAYMENTS[payment.state]
  if (!reading) throw new MappingError('payment-status-unmapped', `"${payment.state}" is not a known payment state.`, '/payments')
  return { ...reading, id: payment.transactionId || payment.id, method: payment.method, amount: purse.money(payment.amount), at: payment.createdAt }
}

const REFUNDS: Readonly<Record<string, Refund['state']>> = { Pending: 'approved', Settled: 'done', Failed: 'rejected' }

/** A refund names lines only in the older form of the call; what is neither shipping nor adjustment is spread over them by price. */
function mapRefund(refund: VendurePayment['refunds'][number], order: VendureOrder, purse: Purse): Refund {
  const state = REFUNDS[refund.state]
  if (!state) throw new MappingError('refund-status-unmapped', `"${refund.state}" is not a known refund state.`, '/payments')
  const shipping = Math.min(Math.max(refund.shipping ?? 0, 0), refund.total)
  const goods = Math.max(refund.total - shipping - (refund.adjustment ?? 0), 0)
  const byId = new Map(order.lines.map((line) => [line.id, line]))
  const shares = allocate(
    purse.money(goods),
    refund.lines.map((part) => (byId.get(part.orderLineId)?.unitPriceWithTax ?? 0) * part.quantity),
  )
  return {
    channelRefundNo: refund.id,
    channelOrderNo: order.code,
    kind: 'refund',
    state,
    amount: purse.money(refund.total),
    ...(shipping > 0 ? { shipping: purse.money(shipping) } : {}),
    ...(refund.reason ? { reason: refund.reason } : {}),
    at: refund.createdAt,
    sourceUpdatedAt: refund.updatedAt,
    lines: refund.lines.flatMap((part, i) => {
      const amount = shares[i]
      const line = byId.get(part.orderLineId)
      if (!amount) return []
      return [
        {
          channelLineNo: part.orderLineId,
          ...(line ? { channelSku: line.productVariant.sku, title: line.productVariant.name } : {}),
          quantity: String(part.quantity),
          amount,
        },
      ]
    }),
  }
}

const SHIPMENTS: Readonly<Record<string, ChannelShipment['state']>> = {
  Created: 'pending',
  Pending: 'pending',
  Shipped: 'shipped',
  Delivered: 'delivered',
  Cancelled: 'cancelled',
}

function mapShipment(fulfillment: VendureOrder['fulfillments'][number]): ChannelShipment {
  const state = SHIPMENTS[fulfillment.state]
  if (!state) throw new MappingError('shipment-status-unmapped', `"${fulfillment.state}" is not a known fulfilment state.`, '/fulfillments')
  return {
    channelShipmentNo: fulfillment.id,
    ...(fulfillment.method ? { carrier: fulfillment.method } : {}),
    ...(fulfillment.trackingCode ? { trackingNo: fulfillment.trackingCode } : {}),
    state,
    at: fulfillment.updatedAt,
    lines: fulfillment.lines.map((part) => ({ channelLineNo: part.orderLineId, quantity: String(part.quantity) })),
  }
}

function extraOf(order: VendureOrder): Readonly<Record<string, string>> {
  const method = order.shippingLines[0]?.shippingMethod?.code
  const surcharges = order.surcharges.map((s) => s.description).filter((text) => text !== '')
  return {
    ...(method ? { shippingMethod: method } : {}),
    ...(surcharges.length > 0 ? { surcharges: surcharges.join(', ') } : {}),
    ...(order.type === 'Regular' ? {} : { orderType: order.type }),
  }
}
