import type { Actor } from '../stage/ledger.ts'
import type { TopItem, TopLine, TopRefund, TopShipping, TopSku, TopTrade } from './model.ts'
import { enqueue, lineNet, listingId, touch, type TaobaoShop } from './shop.ts'

/** Everything that changes a trade, by whomever. */

export interface StockMove {
  readonly to: number
  readonly cause: 'set' | 'delta' | 'sold' | 'restocked'
  readonly by: Actor
}

export function moveStock(shop: TaobaoShop, item: TopItem, sku: TopSku | undefined, move: StockMove): void {
  const from = sku ? sku.quantity : item.num
  if (sku) {
    sku.quantity = move.to
    item.num += move.to - from
  } else {
    item.num = move.to
  }
  item.modifiedAt = shop.clock.now()
  shop.ledger.record({ kind: 'stock', listingId: listingId(item, sku), sku: sku?.outerId ?? item.outerId, from, ...move })
}

export const stockOf = (item: TopItem, sku: TopSku | undefined): number => sku?.quantity ?? item.num

export const CLOSED: ReadonlySet<string> = new Set(['TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'])

/** Closed before it was paid: by either side, and the goods go back on the shelf. */
export function closeUnpaid(shop: TaobaoShop, trade: TopTrade, by: Actor): void {
  trade.status = 'TRADE_CLOSED_BY_TAOBAO'
  trade.endAt = shop.clock.now()
  for (const line of trade.lines) {
    line.status = trade.status
    putBack(shop, line, by)
  }
  touch(shop, trade, { change: 'status', by, topic: 'TradeClose' })
}

function putBack(shop: TaobaoShop, line: TopLine, by: Actor): void {
  moveStock(shop, line.item, line.sku, { to: stockOf(line.item, line.sku) + line.num, cause: 'restocked', by })
}

export function pay(shop: TaobaoShop, trade: TopTrade): void {
  trade.status = 'WAIT_SELLER_SEND_GOODS'
  trade.payAt = shop.clock.now()
  for (const line of trade.lines) line.status = trade.status
  touch(shop, trade, { change: 'status', by: 'shopper', topic: 'TradeBuyerPay' })
}

/** What of a line has not been given back yet. */
export function leftOf(shop: TaobaoShop, line: TopLine): number {
  let left = lineNet(line)
  for (const refund of shop.refunds.values()) if (refund.line === line && refund.status === 'SUCCESS') left -= refund.minor
  return left
}

export interface RefundInput {
  readonly line: TopLine
  readonly minor: number
  readonly status: 'WAIT_SELLER_AGREE' | 'SUCCESS'
  readonly reason: string
  readonly by: Actor
}

export function makeRefund(shop: TaobaoShop, trade: TopTrade, input: RefundInput): TopRefund {
  const now = Math.floor(shop.clock.now() / 1000) * 1000
  const refund: TopRefund = {
    refundId: shop.nextId('refund'),
    trade,
    line: input.line,
    status: input.status,
    minor: input.minor,
    goodsBack: input.line.consignedAt !== undefined,
    reason: input.reason,
    createdAt: now,
    modifiedAt: now,
    visibleAt: shop.clock.now() + shop.settings.listLagMs,
  }
  shop.refunds.set(refund.refundId, refund)
  input.line.refundId = refund.refundId
  input.line.refundStatus = input.status
  if (input.status === 'SUCCESS') settleRefund(shop, trade, refund, input.by)
  const topic = input.status === 'SUCCESS' ? 'RefundSuccess' : 'RefundCreated'
  enqueue(shop, `taobao_refund_${topic}`, `{"refund_id":"${refund.refundId}","tid":${trade.tid},"oid":${input.line.oid}}`)
  touch(shop, trade, { change: input.status === 'SUCCESS' ? 'refunded' : 'cancel-requested', by: input.by, topic: 'TradeChanged' })
  return refund
}

/** A sub-order whose money is all back is closed; with the last one the trade is. */
function settleRefund(shop: TaobaoShop, trade: TopTrade, refund: TopRefund, by: Actor): void {
  const { line } = refund
  if (leftOf(shop, line) > 0) return
  line.status = 'TRADE_CLOSED'
  if (line.consignedAt === undefined) putBack(shop, line, by)
  if (trade.lines.every((each) => CLOSED.has(each.status))) {
    trade.status = 'TRADE_CLOSED'
    trade.endAt = shop.clock.now()
  }
}

export interface Consignment {
  readonly lines: readonly TopLine[]
  readonly company: string
  readonly outSid: string
  readonly split: boolean
  /** Made online without a number: nothing has left yet. */
  readonly pending?: boolean
  readonly by: Actor
}

export function consign(shop: TaobaoShop, trade: TopTrade, input: Consignment): TopShipping {
  const shipping: TopShipping = {
    orderCode: `LP${shop.nextId('logistics')}`,
    tid: trade.tid,
    lines: input.lines,
    split: input.split,
    outSid: input.outSid,
    company: input.company,
    confirmed: input.pending !== true,
    status: 'CREATED',
    createdAt: shop.clock.now(),
    modifiedAt: shop.clock.now(),
  }
  shop.shippings.push(shipping)
  if (shipping.confirmed) depart(shop, trade, shipping, input.by)
  return shipping
}

/** The goods are on their way. */
export function depart(shop: TaobaoShop, trade: TopTrade, shipping: TopShipping, by: Actor): void {
  const now = shop.clock.now()
  for (const line of shipping.lines) {
    line.status = 'WAIT_BUYER_CONFIRM_GOODS'
    line.company = shipping.company
    line.invoice = shipping.outSid
    line.consignedAt = now
  }
  shipping.confirmed = true
  shipping.modifiedAt = now
  trade.consignedAt ??= now
  const waiting = trade.lines.some((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
  trade.status = waiting ? 'SELLER_CONSIGNED_PART' : 'WAIT_BUYER_CONFIRM_GOODS'
  shop.ledger.record({
    kind: 'shipment',
    orderId: trade.tid,
    shipmentId: shipping.orderCode,
    action: 'created',
    status: 'shipped',
    carrier: shipping.company,
    trackingNumber: shipping.outSid,
    lines: shipping.lines.map((line) => ({ lineId: line.oid, quantity: line.num })),
    by,
  })
  touch(shop, trade, { change: 'status', by, topic: 'TradeSellerShip' })
}

/** The buyer has confirmed the receipt, or time did. */
export function finish(shop: TaobaoShop, trade: TopTrade): void {
  trade.status = 'TRADE_FINISHED'
  trade.endAt = shop.clock.now()
  for (const line of trade.lines) if (!CLOSED.has(line.status)) line.status = 'TRADE_FINISHED'
  touch(shop, trade, { change: 'status', by: 'shopper', topic: 'TradeSuccess' })
}
