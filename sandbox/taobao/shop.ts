import type { SimClock } from '../stage/clock.ts'
import type { Actor, Ledger, OrderFact, OrderTruth } from '../stage/ledger.ts'
import { createLedger } from '../stage/ledger.ts'
import type { Random } from '../stage/random.ts'
import type { TopItem, TopLine, TopMessage, TopRefund, TopShipping, TopSku, TopTrade } from './model.ts'
import { stamp } from './wire.ts'

export interface TaobaoSettings {
  readonly name: string
  readonly appKey: string
  readonly appSecret: string
  readonly sessionKey: string
  readonly refreshToken: string
  readonly nick: string
  /** B = Tmall, C = Taobao. */
  readonly sellerType: 'B' | 'C'
  /** Changes show up in lists this long after they happened. */
  listLagMs: number
}

export interface TaobaoShop {
  readonly settings: TaobaoSettings
  readonly clock: SimClock
  readonly random: Random
  readonly ledger: Ledger
  readonly items: Map<string, TopItem>
  readonly trades: Map<string, TopTrade>
  readonly refunds: Map<string, TopRefund>
  readonly shippings: TopShipping[]
  readonly messages: Map<string, TopMessage>
  /** Merchant codes whose levels are refused. */
  readonly refusedStock: Set<string>
  /** Sessions that are good, and what renews them. */
  readonly access: { session: string | undefined; refresh: string; revoked: boolean; renewals: number }
  paging: 'repeat' | 'empty-middle' | 'none'
  permitted: boolean
  nextId(of: keyof typeof BASES): string
}

/** Where ids begin: trades have 19 digits, beyond what a JavaScript number holds. */
const BASES = {
  trade: 4012345678901234567n,
  refund: 150000000000000001n,
  item: 680000000001n,
  sku: 4900000000001n,
  message: 3000000000000000001n,
  logistics: 100200300400001n,
} as const

export function createShop(settings: TaobaoSettings, clock: SimClock, random: Random): TaobaoShop {
  const trades = new Map<string, TopTrade>()
  const refunds = new Map<string, TopRefund>()
  const counters = new Map<string, bigint>()
  const ledger = createLedger({
    now: clock.now,
    orders: () => [...trades.values()].map((trade) => truthOf(trade, refunds)),
    order: (id) => {
      const trade = trades.get(id)
      return trade && truthOf(trade, refunds)
    },
  })
  return {
    settings,
    clock,
    random,
    ledger,
    trades,
    refunds,
    items: new Map(),
    shippings: [],
    messages: new Map(),
    refusedStock: new Set(),
    access: { session: settings.sessionKey, refresh: settings.refreshToken, revoked: false, renewals: 0 },
    paging: 'none',
    permitted: true,
    nextId(of) {
      const next = counters.get(of) ?? BASES[of]
      counters.set(of, next + 1n)
      return String(next)
    },
  }
}

/** price × number + adjustment − own reduction − share of the trade's reductions. */
export const lineNet = (line: TopLine): number => line.priceMinor * line.num + line.adjustMinor - line.discountMinor - line.partMinor

export const paymentOf = (trade: TopTrade): number => trade.lines.reduce((sum, line) => sum + lineNet(line), 0) + trade.postMinor + trade.codFeeMinor

export const merchantCode = (line: TopLine): string => line.sku?.outerId ?? line.item.outerId

/** Listing key as the connector of any client would form it: item, or item and variant. */
export const listingId = (item: TopItem, sku: TopSku | undefined): string => (sku ? `${item.numIid}:${sku.skuId}` : item.numIid)

const refundsOf = (trade: TopTrade, refunds: ReadonlyMap<string, TopRefund>): readonly TopRefund[] =>
  [...refunds.values()].filter((refund) => refund.trade === trade && refund.status === 'SUCCESS')

function truthOf(trade: TopTrade, all: ReadonlyMap<string, TopRefund>): OrderTruth {
  const refunds = refundsOf(trade, all)
  return {
    orderId: trade.tid,
    number: trade.tid,
    status: trade.status,
    currency: 'CNY',
    placedAt: new Date(trade.createdAt).toISOString(),
    modifiedAt: new Date(trade.modifiedAt).toISOString(),
    lines: trade.lines.map((line) => ({
      lineId: line.oid,
      sku: merchantCode(line),
      name: line.item.title,
      quantity: line.num,
      totalMinor: lineNet(line),
      taxMinor: 0,
      shippedQuantity: line.consignedAt === undefined ? 0 : line.num,
      refundedQuantity: line.status === 'TRADE_CLOSED' ? line.num : 0,
    })),
    shippingMinor: trade.postMinor,
    feeMinor: trade.codFeeMinor,
    taxMinor: 0,
    discountMinor: trade.lines.reduce((sum, line) => sum + line.discountMinor + line.partMinor - line.adjustMinor, 0),
    totalMinor: paymentOf(trade),
    refundedMinor: refunds.reduce((sum, refund) => sum + refund.minor, 0),
    refunds: [...all.values()].filter((refund) => refund.trade === trade).map((refund) => ({ refundId: refund.refundId, minor: refund.minor })),
  }
}

/** Marks a trade as changed now and tells the message queue. */
export function touch(
  shop: TaobaoShop,
  trade: TopTrade,
  what: { readonly change: OrderFact['change']; readonly by: Actor; readonly topic: string },
): void {
  trade.modifiedAt = Math.floor(shop.clock.now() / 1000) * 1000
  trade.visibleAt = shop.clock.now() + shop.settings.listLagMs
  shop.ledger.record({ kind: 'order', orderId: trade.tid, change: what.change, by: what.by, status: trade.status })
  enqueue(
    shop,
    `taobao_trade_${what.topic}`,
    `{"tid":${trade.tid},"seller_nick":"${shop.settings.nick}","status":"${trade.status}","modified":"${stamp(trade.modifiedAt)}"}`,
  )
}

export function enqueue(shop: TaobaoShop, topic: string, content: string): void {
  if (!shop.permitted) return
  const id = shop.nextId('message')
  shop.messages.set(id, { id, topic, content, at: shop.clock.now(), handedAt: undefined })
}
