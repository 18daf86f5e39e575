import type { MapContext } from '../../src/core/mapping.ts'
import { allocate, exponentOf, moneyFromDecimal, type Money } from '../../src/core/money.ts'
import type { Discount, Totals } from '../../src/core/order.ts'
import type { VendureLine, VendureOrder } from './wire.ts'

/** Turns Vendure's integers into money. */
export interface Purse {
  readonly money: (units: number) => Money
  /** The same as decimal text, for informative unit prices. */
  readonly decimal: (units: number) => string
  /** Tax contained in a price, to the precision of the currency: it may have a fraction of a yen although the price has none. */
  readonly contained: (units: number) => Money
}

/**
 * Vendure counts every currency in 10^−precision (2 unless its money strategy says otherwise), also yen: 100000 JPY at
 * precision 2 is ¥1,000. An amount the currency cannot hold is held (`money-precision`), never rounded.
 */
export function purseOf(currency: string, context: MapContext): Purse {
  const configured = context.config['moneyPrecision']
  const precision = typeof configured === 'number' ? configured : 2
  const decimal = (units: number): string => {
    const digits = String(Math.abs(units)).padStart(precision + 1, '0')
    const cut = digits.length - precision
    return `${units < 0 ? '-' : ''}${digits.slice(0, cut)}${precision === 0 ? '' : `.${digits.slice(cut)}`}`
  }
  const money = (units: number): Money => moneyFromDecimal(decimal(units), currency)
  const step = 10 ** Math.max(precision - exponentOf(currency), 0)
  return { decimal, money, contained: (units) => money(Math.round(units / step) * step) }
}

/** Line amounts for the units not cancelled. A promotion that raises the price is part of the gross price. */
export function lineAmounts(line: VendureLine): { readonly gross: number; readonly net: number; readonly tax: number } {
  const net = line.proratedLinePriceWithTax
  return { gross: Math.max(line.linePriceWithTax, net), net, tax: net - line.proratedLinePrice }
}

/** One entry per promotion, its share per line taken from what the line really lost, so that shares always add up. */
export function discountsOf(order: VendureOrder, lineNos: ReadonlyMap<string, number>, purse: Purse): readonly Discount[] {
  const shares = new Map<string, { scope: Discount['scope']; title: string; allocations: { lineNo: number; amount: Money }[] }>()
  for (const line of order.lines) {
    const { gross, net } = lineAmounts(line)
    const lineNo = lineNos.get(line.id)
    if (gross === net || lineNo === undefined) continue
    const listed = line.discounts.filter((d) => d.amountWithTax < 0)
    const sources = listed.length > 0 ? listed : [{ adjustmentSource: '', type: '', description: '', amountWithTax: -1 }]
    const parts = allocate(
      purse.money(gross - net),
      sources.map((d) => -d.amountWithTax),
    )
    sources.forEach((d, i) => {
      const share = parts[i]
      if (!share || share.minor === 0) return
      const scope = d.type === 'DISTRIBUTED_ORDER_PROMOTION' ? 'order' : 'line'
      const entry = shares.get(`${scope} ${d.adjustmentSource}`) ?? { scope, title: d.description, allocations: [] }
      entry.allocations.push({ lineNo, amount: share })
      shares.set(`${scope} ${d.adjustmentSource}`, entry)
    })
  }
  const ofLines = [...shares].map(([key, entry]): Discount => {
    const minor = entry.allocations.reduce((sum, a) => sum + a.amount.minor, 0)
    return {
      ...origin(order, key.slice(key.indexOf(' ') + 1), entry.title),
      scope: entry.scope,
      amount: { minor, currency: order.currencyCode },
      allocations: entry.allocations,
    }
  })
  return [...ofLines, ...shippingDiscounts(order, purse)]
}

function shippingDiscounts(order: VendureOrder, purse: Purse): readonly Discount[] {
  return order.shippingLines.flatMap((line): Discount[] => {
    const amount = line.priceWithTax - line.discountedPriceWithTax
    const [first] = line.discounts
    if (amount <= 0) return []
    return [
      { ...origin(order, first?.adjustmentSource ?? '', first?.description ?? ''), scope: 'shipping', amount: purse.money(amount), allocations: [] },
    ]
  })
}

/** `PROMOTION:7` → the promotion and, where it hangs on one, its coupon code. Every promotion of a Vendure shop is the seller's own. */
function origin(order: VendureOrder, source: string, title: string): Pick<Discount, 'funder' | 'kind' | 'code' | 'title'> {
  const isPromotion = source.toUpperCase().startsWith('PROMOTION:')
  const promotion = isPromotion ? order.promotions.find((p) => p.id === source.slice('PROMOTION:'.length)) : undefined
  const code = promotion?.couponCode
  return { funder: 'seller', kind: code ? 'coupon' : isPromotion ? 'promotion' : 'other', ...(code ? { code } : {}), ...(title ? { title } : {}) }
}

export function totalsOf(order: VendureOrder, input: { readonly purse: Purse; readonly paid: number; readonly refunded: number }): Totals {
  const { money, contained } = input.purse
  const amounts = order.lines.map(lineAmounts)
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const items = sum(amounts.map((a) => a.net))
  const shipping = sum(order.shippingLines.map((l) => l.priceWithTax))
  const discounted = sum(order.shippingLines.map((l) => l.discountedPriceWithTax))
  const fees = sum(order.surcharges.map((s) => s.priceWithTax))
  return {
    items: money(items),
    discount: money(sum(amounts.map((a) => a.gross - a.net))),
    unallocatedDiscount: money(0),
    shipping: money(shipping),
    shippingDiscount: money(shipping - discounted),
    fees: money(fees),
    duties: money(0),
    tax: contained(order.totalWithTax - order.total),
    rounding: money(orderLevelRounding(order, items + fees, discounted)),
    total: money(order.totalWithTax),
    paid: money(input.paid),
    refunded: money(input.refunded),
  }
}

/**
 * A shop may compute tax once per rate over the whole order instead of per line (Vendure's OrderLevelTaxCalculationStrategy,
 * 3.6): the order's own sums are then right and the lines' are off by fractions. The difference is declared as rounding only
 * where redoing that very arithmetic gives the order's sum; any other difference stays visible and holds the order.
 */
function orderLevelRounding(order: VendureOrder, parts: number, shippingParts: number): number {
  const goods = order.subTotalWithTax - parts
  const shipping = order.shippingWithTax - shippingParts
  if (goods === 0 && shipping === 0) return 0
  const bases = new Map<string, { rate: number; net: number }>()
  const taxed = [
    ...order.lines.map((l) => ({ net: l.proratedLinePrice, taxLines: l.taxLines })),
    ...order.surcharges.map((s) => ({ net: s.price, taxLines: s.taxLines })),
  ]
  for (const { net, taxLines } of taxed) {
    for (const tax of taxLines) {
      const key = `${tax.description}:${tax.taxRate}`
      bases.set(key, { rate: tax.taxRate, net: (bases.get(key)?.net ?? 0) + net })
    }
  }
  const net = taxed.reduce((sum, t) => sum + t.net, 0)
  const tax = [...bases.values()].reduce((sum, base) => sum + Math.round((base.net * base.rate) / 100), 0)
  const isOrderLevel = net === order.subTotal && net + tax === order.subTotalWithTax
  return isOrderLevel && Math.abs(shipping) <= order.shippingLines.length ? goods + shipping : 0
}
