import type { SimClock } from '../stage/clock.ts'
import { share } from '../stage/decimal.ts'
import type { Ledger, OrderTruth } from '../stage/ledger.ts'
import { createLedger } from '../stage/ledger.ts'
import type { Random } from '../stage/random.ts'
import type { VendureFulfilment, VendureLine, VendureOrder, VendureVariant } from './model.ts'

export interface VendureSettings {
  readonly name: string
  readonly currency: string
  /** 20 % is 2000. */
  readonly taxBasisPoints: number
  readonly username: string
  readonly password: string
  /** Milliseconds a session lives. */
  readonly sessionMs: number
  /** The SQLite driver cuts `updatedAt` to whole seconds. */
  readonly wholeSeconds: boolean
  /** What `take` may ask for at most, and gets when it asks for nothing. */
  readonly listLimit: number
  readonly channelToken: string
  /** Orders stay out of lists this long after they change (a lagging replica). */
  listLagMs: number
  /** How the list of orders misbehaves. */
  oddPaging: 'repeat' | 'empty-middle' | 'none'
}

/** One simulated Vendure: its data, and what everything else is made of. */
export interface VendureShop {
  readonly settings: VendureSettings
  readonly clock: SimClock
  readonly random: Random
  readonly ledger: Ledger
  readonly variants: Map<string, VendureVariant>
  readonly orders: Map<string, VendureOrder>
  /** Session token → when it ends, and the cart it carries. */
  /** Signed-in sessions of administrators so far. */
  logins: number
  /** The administrator's access was taken back. */
  locked: boolean
  /** SKUs whose stock nobody may set. */
  readonly refusedSkus: Set<string>
  /** Told whenever something happened to an order. */
  readonly listeners: ((order: VendureOrder) => void)[]
  readonly sessions: Map<string, { endsAt: number; readonly admin: boolean; orderId: string | undefined }>
  nextId(of: 'variant' | 'order' | 'line' | 'payment' | 'refund' | 'fulfilment' | 'history'): string
  /** Now, as `updatedAt` would store it. */
  stamp(): number
}

export function createShop(settings: VendureSettings, clock: SimClock, random: Random): VendureShop {
  const orders = new Map<string, VendureOrder>()
  const counters = new Map<string, number>()
  const tax = settings.taxBasisPoints
  const ledger = createLedger({
    now: clock.now,
    orders: () => [...orders.values()].filter((order) => !order.active).map((order) => orderTruth(order, tax)),
    order: (id) => {
      const order = orders.get(id)
      return order && orderTruth(order, tax)
    },
  })
  return {
    settings,
    clock,
    random,
    ledger,
    orders,
    variants: new Map(),
    sessions: new Map(),
    logins: 0,
    locked: false,
    refusedSkus: new Set(),
    listeners: [],
    nextId(of) {
      const next = (counters.get(of) ?? 0) + 1
      counters.set(of, next)
      return String(next)
    },
    stamp: () => (settings.wholeSeconds ? Math.floor(clock.now() / 1000) * 1000 : clock.now()),
  }
}

/** Tax is put on one unit and rounded there; a line is that times its quantity. */
export function withTax(unit: number, taxBasisPoints: number): number {
  return unit + share(unit, taxBasisPoints)
}

export interface VendureTotals {
  readonly subTotal: number
  readonly subTotalWithTax: number
  readonly shipping: number
  readonly shippingWithTax: number
  readonly total: number
  readonly totalWithTax: number
  readonly discount: number
  readonly discountWithTax: number
}

export function totalsOf(order: VendureOrder, tax: number): VendureTotals {
  const sum = (of: (line: VendureLine) => number): number => order.lines.reduce((all, line) => all + of(line) * line.quantity, 0)
  const surcharge = order.surcharge?.price ?? 0
  const subTotal = sum((line) => line.unitPrice - line.unitDiscount) + surcharge
  const subTotalWithTax = sum((line) => withTax(line.unitPrice - line.unitDiscount, tax)) + withTax(surcharge, tax)
  const shippingWithTax = withTax(order.shipping, tax)
  return {
    subTotal,
    subTotalWithTax,
    shipping: order.shipping,
    shippingWithTax,
    total: subTotal + order.shipping,
    totalWithTax: subTotalWithTax + shippingWithTax,
    discount: sum((line) => line.unitDiscount),
    discountWithTax: sum((line) => withTax(line.unitPrice, tax) - withTax(line.unitPrice - line.unitDiscount, tax)),
  }
}

/** Units of a line inside fulfilments that are not cancelled; `shipped` counts only those under way or delivered. */
export function fulfilled(order: VendureOrder, line: VendureLine, which: 'all' | 'shipped'): number {
  const counts = (one: VendureFulfilment): boolean =>
    which === 'all' ? one.state !== 'Cancelled' : one.state === 'Shipped' || one.state === 'Delivered'
  return order.fulfilments
    .filter(counts)
    .flatMap((one) => one.lines)
    .filter((one) => one.line === line)
    .reduce((all, one) => all + one.quantity, 0)
}

export function refundedOf(order: VendureOrder): number {
  return order.payments.flatMap((payment) => payment.refunds).reduce((all, refund) => all + refund.total, 0)
}

function orderTruth(order: VendureOrder, tax: number): OrderTruth {
  const totals = totalsOf(order, tax)
  const refunds = order.payments.flatMap((payment) => payment.refunds)
  return {
    orderId: order.id,
    number: order.code,
    status: order.state,
    currency: order.currency,
    placedAt: new Date(order.placedAt ?? order.createdAt).toISOString(),
    modifiedAt: new Date(order.updatedAt).toISOString(),
    lines: order.lines.map((line) => lineTruth(order, line, tax)),
    shippingMinor: totals.shipping,
    feeMinor: order.surcharge?.price ?? 0,
    taxMinor: totals.totalWithTax - totals.total,
    discountMinor: totals.discount,
    totalMinor: totals.totalWithTax,
    refundedMinor: refundedOf(order),
    refunds: refunds.map((refund) => ({ refundId: refund.id, minor: refund.total })),
  }
}

function lineTruth(order: VendureOrder, line: VendureLine, tax: number): OrderTruth['lines'][number] {
  const unit = line.unitPrice - line.unitDiscount
  const refunds = order.payments.flatMap((payment) => payment.refunds).flatMap((refund) => refund.lines)
  return {
    lineId: line.id,
    sku: line.variant.sku,
    name: line.variant.name,
    quantity: line.quantity,
    totalMinor: unit * line.quantity,
    taxMinor: (withTax(unit, tax) - unit) * line.quantity,
    shippedQuantity: fulfilled(order, line, 'shipped'),
    refundedQuantity: refunds.filter((one) => one.line === line).reduce((all, one) => all + one.quantity, 0),
  }
}
