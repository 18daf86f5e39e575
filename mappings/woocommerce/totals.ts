import Big from 'big.js'
import { exponentOf, type Money } from '../../src/core/money.ts'
import type { OrderLine, Totals } from '../../src/core/order.ts'
import { list, money, requiredMoney, text } from '../parts/read.ts'

interface Given {
  readonly currency: string
  readonly lines: readonly OrderLine[]
  readonly refunded: number
  readonly paid: boolean
}

export function totalsOf(doc: unknown, given: Given): Totals {
  const { currency, lines } = given
  const amount = (minor: number): Money => ({ minor, currency })
  const items = lines.reduce((sum, line) => sum + line.net.minor, 0)
  const feesAreLines = lines.some((line) => line.role === 'fee')
  const fees = feesAreLines ? 0 : list(doc, '/fee_lines').reduce((sum, { value }) => sum + money(value, '/total', currency).minor, 0)
  const shipping = money(doc, '/shipping_total', currency)
  const tax = money(doc, '/total_tax', currency)
  const total = requiredMoney(doc, '/total', currency)
  const gap = total.minor - (items + fees + shipping.minor + tax.minor)
  return {
    items: amount(items),
    discount: amount(lines.reduce((sum, line) => sum + line.discount.minor, 0)),
    unallocatedDiscount: amount(0),
    shipping,
    shippingDiscount: amount(0),
    fees: amount(fees),
    duties: amount(0),
    tax,
    rounding: amount(gap !== 0 && isOwnRounding(doc, { currency, others: fees + shipping.minor + tax.minor, total }) ? gap : 0),
    total,
    paid: given.paid ? total : amount(0),
    refunded: amount(given.refunded),
  }
}

/**
 * A shop that rounds tax at the subtotal keeps line totals with more places, adds those up and rounds once, while the API
 * shows each line rounded. `price` is the API's one unrounded figure: when Σ price × quantity and the other amounts round
 * to exactly the total, the gap is that rounding. Anything else stays unexplained and holds the order.
 */
function isOwnRounding(doc: unknown, given: { readonly currency: string; readonly others: number; readonly total: Money }): boolean {
  const scale = new Big(10).pow(exponentOf(given.currency))
  let exact = new Big(given.others)
  for (const { value: line } of list(doc, '/line_items')) {
    const price = text(line, '/price')
    const quantity = text(line, '/quantity')
    if (!isDecimal(price) || !isDecimal(quantity)) return false
    const unrounded = new Big(price).times(quantity).times(scale)
    // The figure must belong to the line that is shown.
    if (
      unrounded
        .minus(money(line, '/total', given.currency).minor)
        .abs()
        .gt('0.501')
    )
      return false
    exact = exact.plus(unrounded)
  }
  return exact.minus(given.total.minor).abs().lte('0.501')
}

const isDecimal = (value: string): boolean => /^-?\d+(?:\.\d+)?$/.test(value)
