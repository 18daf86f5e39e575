import type { SimClock } from '../clock.ts'
import type { Actor, Ledger, OrderFact, OrderTruth } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { Random } from '../random.ts'
import type { Access, AccessRules } from './access.ts'
import { createAccess } from './access.ts'
import type { Carrier, MarketEvent, MarketItem, MarketOrder, MarketRefund, MarketShipment, Place, Topic } from './model.ts'
import { discountOf, lineNet, payable, refundedOf, skuCode } from './sums.ts'

export type IdKind = 'order' | 'line' | 'item' | 'sku' | 'refund' | 'shipment' | 'message' | 'promotion'

/** A first number of any length that is counted on from, or how the n-th id (from 0) made at an instant looks. */
export type IdRule = bigint | ((n: number, at: number) => string)

/** In what a marketplace differs from the next, beside its protocol. */
export interface MarketRules {
  readonly currency: string
  /** Words of the channel for where an order stands; also `OrderTruth.status`. `order.strange` is already looked at. */
  readonly statusOf: (order: MarketOrder) => string
  /** Lines without a rule of their own are counted with the orders, everything else from its own start. */
  readonly ids?: Partial<Readonly<Record<IdKind, IdRule>>>
  /** The number people use, where it is not the id. */
  readonly numberOf?: (id: string, at: number) => string
  /** `order`: the only line of an order has the order's id. */
  readonly soleLineId?: 'own' | 'order'
  /** Where lines have no number of their own and are named by what they are about. */
  readonly lineIdOf?: (place: Pick<Place, 'item' | 'sku'>) => string
  /** Items without variants have one all the same. */
  readonly everyItemHasSku?: boolean
  /** When units leave the shelf; `placing` without it. */
  readonly stockLeavesAt?: 'placing' | 'paying'
  /** Whether units that were not sent go back on the shelf: always without it, or only while nobody has paid. */
  readonly restocks?: boolean | 'unpaid'
  /** The smallest piece one package may hold; `quantity` without it. */
  readonly parts?: 'order' | 'line' | 'quantity'
  /** Orders hold one item in any number of pieces. */
  readonly oneItemPerOrder?: boolean
  /** Whether a refund of everything is one, or one per line with the fees in the last; `order` without it. */
  readonly refundsPer?: 'order' | 'line'
  readonly carriers: readonly Carrier[]
  /** A status of the channel's form that none of its documents names; "WAIT_MOON_PHASE" without it. */
  readonly strangeStatus?: string
  /** Cuts every instant of a document; 1000 without it. */
  readonly resolutionMs?: number
  /** What random orders and history may hold beyond the usual. */
  readonly chances?: {
    readonly channelDiscount?: number
    readonly cod?: number
    readonly partRefund?: number
    readonly unpaid?: number
    /** Of history: sold over the counter (kind "pos"), paid and taken along at once. */
    readonly till?: number
  }
  readonly access?: AccessRules
  /** What the hub is to know of an order, where the channel's own documents cannot say it as the shop knows it. */
  readonly truth?: (truth: OrderTruth, order: MarketOrder) => OrderTruth
}

export interface MarketShop {
  readonly rules: MarketRules
  readonly clock: SimClock
  readonly random: Random
  readonly ledger: Ledger
  readonly items: Map<string, MarketItem>
  readonly orders: Map<string, MarketOrder>
  readonly refunds: Map<string, MarketRefund>
  readonly shipments: Map<string, MarketShipment>
  readonly access: Access
  readonly troubles: { listLagMs: number; paging: 'repeat' | 'empty-middle' | 'none'; readonly refusedStock: Set<string> }
  /** Told of every change, at once. */
  readonly listeners: ((event: MarketEvent) => void)[]
  /** While history is made: no shelf moves and nobody is told. */
  quiet: boolean
  /** The simulator's own address, where its answers carry it. */
  site: string
  nextId(kind: IdKind): string
  /** Counts everything that is made, so that ties have an order. */
  nextSeq(): number
  /** Now, as documents say it. */
  stamp(): number
}

const FIRST = 1_000_000_001n

export function createShop(rules: MarketRules, clock: SimClock, random: Random): MarketShop {
  const orders = new Map<string, MarketOrder>()
  const counts = new Map<IdKind, number>()
  let seq = 0
  const ledger = createLedger({
    now: clock.now,
    orders: () => [...orders.values()].map((order) => truthOf(rules, order)),
    order: (id) => {
      const order = orders.get(id)
      return order && truthOf(rules, order)
    },
  })
  return {
    rules,
    clock,
    random,
    ledger,
    orders,
    items: new Map(),
    refunds: new Map(),
    shipments: new Map(),
    access: createAccess(rules.access ?? {}, clock, random),
    troubles: { listLagMs: 0, paging: 'none', refusedStock: new Set() },
    listeners: [],
    quiet: false,
    site: 'http://127.0.0.1',
    nextId(wanted) {
      const kind = wanted === 'line' && rules.ids?.line === undefined ? 'order' : wanted
      const n = counts.get(kind) ?? 0
      counts.set(kind, n + 1)
      const rule = rules.ids?.[kind] ?? FIRST
      return typeof rule === 'bigint' ? String(rule + BigInt(n)) : rule(n, clock.now())
    },
    nextSeq: () => (seq += 1),
    stamp: () => cut(clock.now(), rules.resolutionMs ?? 1000),
  }
}

const cut = (ms: number, to: number): number => Math.floor(ms / to) * to

export const statusOf = (rules: MarketRules, order: MarketOrder): string => order.strange ?? rules.statusOf(order)

function truthOf(rules: MarketRules, order: MarketOrder): OrderTruth {
  const truth: OrderTruth = {
    orderId: order.id,
    number: order.number,
    status: statusOf(rules, order),
    currency: rules.currency,
    placedAt: new Date(order.createdAt).toISOString(),
    modifiedAt: new Date(order.modifiedAt).toISOString(),
    lines: order.lines.map((line) => ({
      lineId: line.id,
      sku: skuCode(line),
      name: line.item.title,
      quantity: line.quantity,
      totalMinor: lineNet(line),
      taxMinor: 0,
      shippedQuantity: line.shipped,
      refundedQuantity: line.refunded,
    })),
    shippingMinor: order.shippingMinor,
    feeMinor: order.otherFeeMinor,
    taxMinor: 0,
    discountMinor: discountOf(order),
    totalMinor: payable(order),
    refundedMinor: refundedOf(order),
    refunds: order.refunds.map((refund) => ({ refundId: refund.id, minor: refund.minor })),
  }
  return rules.truth?.(truth, order) ?? truth
}

export interface Change {
  readonly change: OrderFact['change']
  readonly by: Actor
  readonly topic: Topic
  readonly refund?: MarketRefund
  readonly shipment?: MarketShipment
}

/** The order changed now: its time moves, the ledger and everybody who listens hear of it. */
export function changed(shop: MarketShop, order: MarketOrder, { change, ...what }: Change): void {
  order.modifiedAt = shop.stamp()
  order.visibleAt = shop.clock.now() + shop.troubles.listLagMs
  shop.ledger.record({ kind: 'order', orderId: order.id, change, by: what.by, status: statusOf(shop.rules, order) })
  if (shop.quiet) return
  const event: MarketEvent = { ...what, order, at: order.modifiedAt }
  for (const listener of shop.listeners) listener(event)
}
