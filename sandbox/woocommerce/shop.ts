import type { SimClock } from '../stage/clock.ts'
import { share } from '../stage/decimal.ts'
import { asList, asNumber, asRecord } from '../stage/json-input.ts'
import type { Actor, Ledger, OrderTruth } from '../stage/ledger.ts'
import { createLedger } from '../stage/ledger.ts'
import type { Random } from '../stage/random.ts'
import type { OrderTotals, WooMeta, WooOrder, WooProduct } from './model.ts'
import type { SiteTime } from './site-time.ts'
import { createSiteTime } from './site-time.ts'

export interface WooKey {
  readonly consumerKey: string
  readonly consumerSecret: string
  readonly permissions: 'read' | 'write' | 'read_write'
  /** Whether the WordPress user behind the key manages the shop; a mere customer is answered 403. */
  readonly manager: boolean
  readonly nonces: Map<string, number>
}

export interface WooSettings {
  readonly name: string
  readonly currency: string
  readonly currencySymbol: string
  /** Decimal places of the shop's currency. */
  readonly digits: number
  readonly timezone: string
  /** 7.5 % is 750. */
  readonly taxBasisPoints: number
  readonly version: string
  /** Core feature `fulfillments` (since 10.1, off unless switched on). */
  fulfilments: boolean
  /** The Shipment Tracking plugin. */
  shipmentTracking: boolean
  /** Statuses a plugin registered, without the `wc-` prefix. */
  readonly extraStatuses: readonly string[]
  /** Behaves as behind a TLS proxy even when no header says so. */
  assumeHttps: boolean
  /** How long after a change Action Scheduler gets round to the webhooks. */
  webhookDelayMs: number
  /** Orders stay out of lists this long after they change (a lagging replica). */
  listLagMs: number
  /** How the list of orders misbehaves. */
  oddPaging: 'repeat' | 'empty-middle' | 'none'
}

export type WooEvent =
  | { readonly topic: 'order.created' | 'order.updated' | 'order.deleted'; readonly order: WooOrder }
  | { readonly topic: 'product.created' | 'product.updated'; readonly product: WooProduct }

/** One simulated shop: its data and the few operations everything else is made of. */
export interface WooShop {
  readonly settings: WooSettings
  readonly clock: SimClock
  readonly random: Random
  readonly time: SiteTime
  readonly ledger: Ledger
  readonly keys: WooKey[]
  readonly products: Map<number, WooProduct>
  /** SKUs whose stock nobody may set. */
  readonly refusedSkus: Set<string>
  readonly orders: Map<number, WooOrder>
  /** Moves with every change; caches compare it. */
  revision: number
  /** Posts share one sequence of ids, items, comments and meta have their own. */
  nextId(of: 'post' | 'item' | 'meta' | 'comment' | 'fulfilment'): number
  /** Now, in whole seconds: what WordPress stores. */
  second(): number
  readonly listeners: ((event: WooEvent) => void)[]
  emit(event: WooEvent): void
}

export function createShop(settings: WooSettings, clock: SimClock, random: Random): WooShop {
  const orders = new Map<number, WooOrder>()
  const counters = { post: 10, item: 0, meta: 100, comment: 0, fulfilment: 0 }
  const time = createSiteTime(settings.timezone)
  const ledger = createLedger({
    now: clock.now,
    orders: () => [...orders.values()].map((order) => orderTruth(order, time)),
    order: (id) => {
      const order = orders.get(Number(id))
      return order && orderTruth(order, time)
    },
  })
  const shop: WooShop = {
    settings,
    clock,
    random,
    time,
    ledger,
    orders,
    keys: [],
    products: new Map(),
    refusedSkus: new Set(),
    revision: 0,
    listeners: [],
    nextId: (of) => (counters[of] += 1),
    second: () => Math.floor(clock.now() / 1000) * 1000,
    emit: (event) => shop.listeners.forEach((listen) => listen(event)),
  }
  return shop
}

/** Marks an order as changed now. */
export function touchOrder(shop: WooShop, order: WooOrder): void {
  order.modifiedAt = shop.second()
  order.visibleAt = shop.clock.now() + shop.settings.listLagMs
  shop.revision += 1
}

export function announce(shop: WooShop, order: WooOrder, change: 'placed' | 'edited' | 'status' | 'refunded' | 'cancel-requested', by: Actor): void {
  touchOrder(shop, order)
  shop.ledger.record({ kind: 'order', orderId: String(order.id), change, by, status: order.status })
  // A checkout saves the order several times: the update is queued before the creation is.
  shop.emit({ topic: 'order.updated', order })
  if (change === 'placed') shop.emit({ topic: 'order.created', order })
}

export function totalsOf(order: WooOrder): OrderTotals {
  const sum = (of: (line: WooOrder['lines'][number]) => number): number => order.lines.reduce((all, line) => all + of(line), 0)
  const subtotalMinor = sum((line) => line.subtotalMinor)
  const goods = sum((line) => line.totalMinor)
  const lineTax = sum((line) => line.taxMinor)
  const shippingTaxMinor = share(order.shippingMinor, order.taxBasisPoints)
  return {
    subtotalMinor,
    discountMinor: subtotalMinor - goods,
    discountTaxMinor: sum((line) => line.subtotalTaxMinor) - lineTax,
    shippingMinor: order.shippingMinor,
    shippingTaxMinor,
    cartTaxMinor: lineTax,
    taxMinor: lineTax + shippingTaxMinor,
    totalMinor: goods + lineTax + order.shippingMinor + shippingTaxMinor + (order.fee?.minor ?? 0),
    refundedMinor: order.refunds.reduce((all, refund) => all + refund.minor, 0),
  }
}

/** Units of a line that non-deleted, fulfilled fulfilments cover. */
export function shippedQuantity(order: WooOrder, lineId: number): number {
  return order.fulfilments
    .filter((one) => one.deletedAt === null && one.status === 'fulfilled')
    .flatMap((one) => fulfilledItems(one.meta))
    .filter((item) => item.itemId === lineId)
    .reduce((all, item) => all + item.quantity, 0)
}

/** The `_items` meta of a fulfilment. */
export function fulfilledItems(meta: readonly WooMeta[]): readonly { readonly itemId: number; readonly quantity: number }[] {
  const items = asList(meta.find((one) => one.key === '_items')?.value).map(asRecord)
  return items.map((item) => ({ itemId: asNumber(item['item_id']) ?? 0, quantity: asNumber(item['qty']) ?? 0 }))
}

export function skuOf(line: WooOrder['lines'][number]): string {
  return line.product?.sku ?? line.ownSku
}

function orderTruth(order: WooOrder, time: SiteTime): OrderTruth {
  const totals = totalsOf(order)
  return {
    orderId: String(order.id),
    number: order.number,
    status: order.status,
    currency: order.currency,
    placedAt: `${time.gmt(order.createdAt)}Z`,
    modifiedAt: `${time.gmt(order.modifiedAt)}Z`,
    lines: order.lines.map((line) => ({
      lineId: String(line.id),
      sku: skuOf(line),
      name: line.name,
      quantity: line.quantity,
      totalMinor: line.totalMinor,
      taxMinor: line.taxMinor,
      shippedQuantity: shippedQuantity(order, line.id),
      refundedQuantity: order.refunds
        .flatMap((r) => r.lines)
        .filter((r) => r.line === line)
        .reduce((n, r) => n + r.quantity, 0),
    })),
    shippingMinor: order.shippingMinor,
    feeMinor: order.fee?.minor ?? 0,
    taxMinor: totals.taxMinor,
    discountMinor: totals.discountMinor,
    totalMinor: totals.totalMinor,
    refundedMinor: totals.refundedMinor,
    refunds: order.refunds.map((refund) => ({ refundId: String(refund.id), minor: refund.minor })),
  }
}
