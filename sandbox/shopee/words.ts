import type { OrderTruth } from '../stage/ledger.ts'
import type { Market } from '../stage/market/index.ts'
import type { MarketLine, MarketOrder, MarketRefund, OrderState, RefundState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { grossOf, ownNet, payable, total, unsent } from '../stage/market/sums.ts'

/** What Shopee calls what happens in any shop. */

export interface ShopeeSettings {
  readonly name: string
  readonly partnerId: string
  readonly partnerKey: string
  readonly pushKey: string
  readonly shopId: string
  readonly refreshToken: string
  /** What the seller's authorisation ended with; good once. */
  readonly code: string
  /** The shop is on the list of those that may split the pieces of a line. */
  readonly splitPieces: boolean
}

/** A parcel that waits, made by splitting. */
export interface Waiting {
  readonly number: string
  readonly lines: readonly { readonly line: MarketLine; readonly quantity: number }[]
}

export interface ShopeeShop extends Market {
  readonly settings: ShopeeSettings
  /** Parcels of orders that were split. */
  readonly splits: Map<string, Waiting[]>
  /** Numbers of parcels that left, by shipment. */
  readonly numbers: Map<string, string>
}

const STATUS: Readonly<Record<OrderState, string>> = {
  unpaid: 'UNPAID',
  'to-ship': 'READY_TO_SHIP',
  'part-shipped': 'READY_TO_SHIP',
  shipped: 'SHIPPED',
  finished: 'COMPLETED',
  cancelled: 'CANCELLED',
  closed: 'CANCELLED',
}

export const RETURN_STATUS: Readonly<Record<RefundState, string>> = {
  requested: 'REQUESTED',
  approved: 'ACCEPTED',
  done: 'REFUND_PAID',
  rejected: 'CLOSED',
  closed: 'CANCELLED',
}

const isOpen = (refund: MarketRefund): boolean => refund.state === 'requested' || refund.state === 'approved'

/** All the money back before anything was sent is no return: the order is cancelled, and no list of returns shows it. */
export function isCancellation(refund: MarketRefund): boolean {
  const { order } = refund
  const before = total(order.refunds.filter((each) => each.seq < refund.seq && each.state === 'done').map(({ minor }) => minor))
  return !refund.goodsBack && refund.createdAt <= (order.shippedAt ?? Infinity) && refund.minor === payable(order) - before
}

/** Pieces of a line in parcels that were arranged and have not left. */
export const pendingOf = (order: MarketOrder, line: MarketLine): number =>
  total(
    order.shipments.filter(({ state }) => state === 'pending').flatMap(({ lines }) => lines.map((part) => (part.line === line ? part.quantity : 0))),
  )

export function statusOf(order: MarketOrder): string {
  const hasLeft = order.shippedAt !== undefined
  if (order.state === 'closed' && hasLeft) return 'COMPLETED'
  const asked = order.refunds.filter(isOpen)
  if (order.state === 'to-ship' && asked.some(isCancellation)) return 'IN_CANCEL'
  if (order.state === 'shipped' && asked.length > 0) return 'TO_RETURN'
  const isArranged = order.shipments.some(({ state }) => state === 'pending') && order.lines.every((line) => unsent(line) <= pendingOf(order, line))
  return isArranged && STATUS[order.state] === 'READY_TO_SHIP' ? 'PROCESSED' : STATUS[order.state]
}

/** Whether there is an account of the buyer's money: not before the checkout is done. */
export const hasEscrow = (order: MarketOrder): boolean => order.paidAt !== undefined || (order.isCod && order.state !== 'cancelled')

/** Price of one piece after the promotion of the item; what does not divide is only exact in the account of the money. */
export const unitAfter = (line: MarketLine): number => Math.floor(ownNet(line) / line.quantity)

const day = (ms: number): string => new Date(ms).toISOString().slice(2, 10).replaceAll('-', '')

export const shopeeRules = (settings: ShopeeSettings): MarketRules => ({
  currency: 'SGD',
  statusOf,
  ids: {
    order: (n, at) => `${day(at)}SBX${n.toString(36).toUpperCase().padStart(5, '0')}`,
    refund: (n, at) => `${day(at)}RET${n.toString(36).toUpperCase().padStart(5, '0')}`,
    item: 23_620_853_561n,
    sku: 221_404_189_791n,
    shipment: 700_001n,
    promotion: 779_222_207_758_537n,
  },
  lineIdOf: ({ item, sku }) => `${item.id}:${sku?.id ?? '0'}`,
  carriers: [{ code: '19900', name: 'Other Logistics Provider' }],
  chances: { channelDiscount: 0.2, cod: 0.04, partRefund: 0.1 },
  access: { refresh: settings.refreshToken, lifeMs: 4 * 3_600_000, make: (random) => random.hex(32) },
  truth: asDocumented,
})

/** Cancellations are no returns; and of an order nobody has paid the documents show neither vouchers nor what does not divide. */
function asDocumented(truth: OrderTruth, order: MarketOrder): OrderTruth {
  const returned = new Set(order.refunds.filter((refund) => !isCancellation(refund)).map(({ id }) => id))
  const refunds = truth.refunds.filter(({ refundId }) => returned.has(refundId))
  if (hasEscrow(order)) return { ...truth, refunds }
  const nets = order.lines.map((line) => unitAfter(line) * line.quantity)
  return {
    ...truth,
    refunds,
    lines: truth.lines.map((line, i) => ({ ...line, totalMinor: nets[i] ?? 0 })),
    feeMinor: 0,
    discountMinor: total(order.lines.map(grossOf)) - total(nets),
    totalMinor: total(nets) + order.shippingMinor,
  }
}
