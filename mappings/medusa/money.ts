import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import { allocate, exponentOf, moneyFromDecimal, type Money } from '../../src/core/money.ts'
import type { Discount, Totals } from '../../src/core/order.ts'
import { at, list, optionalText, text } from '../parts/read.ts'

/**
 * Medusa does not round: taxes and shares of discounts leave amounts such as 139.6757375 USD, and what is charged is that, rounded.
 * Exact decimals are kept here until the last step.
 */

/** A BigNumber of Medusa: exact in `raw_<name>`, else a number, a text, or `{ value, precision }`. Zero when absent. */
export function exact(doc: unknown, pointer: string): Big {
  const cut = pointer.lastIndexOf('/')
  const raw = `${pointer.slice(0, cut)}/raw_${pointer.slice(cut + 1)}/value`
  const inner = typeof at(doc, pointer) === 'object' ? `${pointer}/value` : pointer
  const found = text(doc, raw).trim() || text(doc, inner).trim() || '0'
  if (!/^-?\d+(?:\.\d+)?(?:e[-+]?\d{1,2})?$/i.test(found) || found.length > 60)
    throw new MappingError('number-unreadable', 'A decimal number was expected.', pointer)
  return new Big(found)
}

export const sumOf = (amounts: readonly Big[]): Big => amounts.reduce((sum, one) => sum.plus(one), new Big(0))

/** Half up, as amounts are shown and charged. */
export const rounded = (amount: Big, currency: string): Money =>
  moneyFromDecimal(amount.round(exponentOf(currency), Big.roundHalfUp).toFixed(), currency)

/** What Medusa calls equal: one unit of the last place. */
const smallest = (currency: string): Big => new Big(10).pow(-exponentOf(currency))

export const zero = (currency: string): Money => ({ minor: 0, currency })

/** Of one line: with tax, for all units that were ordered. Medusa's own `total` is without those that came back. */
export interface LineMoney {
  readonly gross: Money
  readonly net: Money
  readonly exactNet: Big
  readonly tax: Money
}

export function lineMoney(item: unknown, currency: string): LineMoney {
  const rate = sumOf(list(item, '/tax_lines').map(({ value }) => exact(value, '/rate'))).div(100)
  const back = [exact(item, '/return_received_total'), exact(item, '/return_dismissed_total')]
  const exactNet = sumOf([exact(item, '/total'), ...back])
  const listed = exact(item, '/unit_price').times(exact(item, '/quantity'))
  const price = at(item, '/is_tax_inclusive') === true ? listed : listed.times(rate.plus(1))
  const net = rounded(exactNet, currency)
  const gross = rounded(price, currency)
  return { gross: gross.minor > net.minor ? gross : net, net, exactNet, tax: rounded(exactNet.minus(exactNet.div(rate.plus(1))), currency) }
}

/** Credit lines made by refunds repeat what the refunds say; others (a gift, a goodwill) lower what is owed. */
const isOfRefund = (line: unknown): boolean => text(line, '/reference') === 'payment_collection'

/**
 * The total is worked out anew for everything that was ordered: Medusa lowers its own by refunds and returns. That its own is what its
 * parts say is looked at first; a difference stays visible and holds the order.
 */
export function totalsOf(doc: unknown, lines: readonly LineMoney[], currency: string): Omit<Totals, 'paid' | 'refunded'> {
  const methods = list(doc, '/shipping_methods').map(({ value }) => ({
    net: exact(value, '/total'),
    gross: exact(value, '/original_total'),
    tax: exact(value, '/tax_total'),
  }))
  const credits = list(doc, '/credit_lines').map(({ value }) => ({ amount: exact(value, '/amount'), isOfRefund: isOfRefund(value) }))
  const goods = sumOf(lines.map((line) => line.exactNet))
  const back = sumOf(list(doc, '/items').map(({ value }) => exact(value, '/return_received_total').plus(exact(value, '/return_dismissed_total'))))
  const delivery = sumOf(methods.map(({ net }) => net))
  // Medusa itself takes credit lines of one smallest unit in all for nothing.
  const counted = sumOf(credits.map(({ amount }) => amount))
    .abs()
    .gt(smallest(currency))
    ? credits
    : []
  const credited = sumOf(counted.filter((one) => !one.isOfRefund).map(({ amount }) => amount))
  const own = goods
    .minus(back)
    .plus(delivery)
    .minus(sumOf(counted.map(({ amount }) => amount)))
  const isExplained = own.minus(exact(doc, '/total')).abs().lt('0.000001')
  const total = rounded(isExplained ? goods.plus(delivery).minus(credited) : exact(doc, '/total'), currency)
  const items = { minor: lines.reduce((sum, { net }) => sum + net.minor, 0), currency }
  const shippingGross = methods.reduce((sum, { gross, net }) => sum + Math.max(rounded(gross, currency).minor, rounded(net, currency).minor), 0)
  const shippingNet = methods.reduce((sum, { net }) => sum + rounded(net, currency).minor, 0)
  const unallocated = rounded(credited, currency)
  const rest = total.minor - (items.minor + shippingNet - unallocated.minor)
  return {
    items,
    discount: { minor: lines.reduce((sum, { gross, net }) => sum + gross.minor - net.minor, 0), currency },
    unallocatedDiscount: unallocated,
    shipping: { minor: shippingGross, currency },
    shippingDiscount: { minor: shippingGross - shippingNet, currency },
    fees: zero(currency),
    duties: zero(currency),
    tax: {
      minor: lines.reduce((sum, { tax }) => sum + tax.minor, 0) + methods.reduce((sum, { tax }) => sum + rounded(tax, currency).minor, 0),
      currency,
    },
    // Halves of units of parts that were rounded one by one: explained to the last decimal, or not at all.
    rounding: { minor: isExplained ? rest : 0, currency },
    total,
  }
}

/** Promotions of the lines, each line's reduction split by what its adjustments say, so that shares always add up; then those of delivery. */
export function discountsOf(
  doc: unknown,
  lines: readonly { readonly lineNo: number; readonly item: unknown; readonly money: LineMoney }[],
  currency: string,
): readonly Discount[] {
  const found = new Map<string, { adjustment: unknown; allocations: { lineNo: number; amount: Money }[] }>()
  for (const { lineNo, item, money } of lines) {
    const off = money.gross.minor - money.net.minor
    if (off === 0) continue
    const listed = list(item, '/adjustments').flatMap(({ value }) => (exact(value, '/amount').gt(0) ? [value] : []))
    const sources = listed.length > 0 ? listed : [{}]
    const shares = allocate(
      { minor: off, currency },
      sources.map((one) => (listed.length > 0 ? exact(one, '/amount').times(1000).round(0).toNumber() : 1)),
    )
    sources.forEach((adjustment, i) => {
      const amount = shares[i]
      if (!amount || amount.minor === 0) return
      const key = `${text(adjustment, '/promotion_id')} ${text(adjustment, '/code')}`
      const entry = found.get(key) ?? { adjustment, allocations: [] }
      entry.allocations.push({ lineNo, amount })
      found.set(key, entry)
    })
  }
  const ofLines = [...found.values()].map(({ adjustment, allocations }): Discount => ({
    ...originOf(adjustment),
    scope: 'line',
    amount: { minor: allocations.reduce((sum, { amount }) => sum + amount.minor, 0), currency },
    allocations,
  }))
  const ofDelivery = list(doc, '/shipping_methods').flatMap(({ value }): readonly Discount[] => {
    const minor = rounded(exact(value, '/original_total'), currency).minor - rounded(exact(value, '/total'), currency).minor
    return minor > 0 ? [{ ...originOf(at(value, '/adjustments/0')), scope: 'shipping', amount: { minor, currency }, allocations: [] }] : []
  })
  return [...ofLines, ...ofDelivery]
}

function originOf(adjustment: unknown): Pick<Discount, 'funder' | 'kind' | 'code' | 'title'> {
  const [code, title] = [optionalText(adjustment, '/code'), optionalText(adjustment, '/description')]
  return {
    funder: 'seller',
    kind: code === undefined ? 'other' : 'coupon',
    ...(code === undefined ? {} : { code }),
    ...(title === undefined ? {} : { title }),
  }
}
