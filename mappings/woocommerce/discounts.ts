import { allocate, type Money } from '../../src/core/money.ts'
import type { Discount, OrderLine } from '../../src/core/order.ts'
import { list, money, optionalText, text } from '../parts/read.ts'

/**
 * Coupons with their share per line. A line shows its reduction (subtotal − total) but not by which coupon, so each coupon
 * is spread over what is left of the lines' reductions; what no coupon explains was typed in by hand.
 */
export function discountsOf(doc: unknown, lines: readonly OrderLine[], currency: string): readonly Discount[] {
  let left = lines.map((line) => line.discount.minor)
  const reduction = sum(left)
  if (reduction === 0) return []
  const coupons = list(doc, '/coupon_lines')
    .map(({ value }) => ({ value, amount: money(value, '/discount', currency) }))
    .filter(({ amount }) => amount.minor > 0)
  const discounts: Discount[] = []
  for (const [i, amount] of capped(
    coupons.map((coupon) => coupon.amount),
    reduction,
  ).entries()) {
    if (amount.minor === 0) continue
    const shares = allocate(amount, left).map((share) => share.minor)
    left = left.map((rest, n) => rest - (shares[n] ?? 0))
    const title = optionalText(coupons[i]?.value, '/discount_type')
    discounts.push({
      scope: 'order',
      funder: 'seller',
      kind: 'coupon',
      code: text(coupons[i]?.value, '/code'),
      ...(title === undefined ? {} : { title }),
      amount,
      allocations: allocationsOf(lines, shares, currency),
    })
  }
  const rest = sum(left)
  if (rest === 0) return discounts
  return [
    ...discounts,
    { scope: 'order', funder: 'seller', kind: 'manual', amount: { minor: rest, currency }, allocations: allocationsOf(lines, left, currency) },
  ]
}

/** Coupon amounts are rounded on their own and may exceed the lines' reductions by a cent; the lines decide. */
function capped(amounts: readonly Money[], reduction: number): readonly Money[] {
  const claimed = sum(amounts.map((amount) => amount.minor))
  const currency = amounts[0]?.currency
  if (claimed <= reduction || currency === undefined) return amounts
  return allocate(
    { minor: reduction, currency },
    amounts.map((amount) => amount.minor),
  )
}

const allocationsOf = (lines: readonly OrderLine[], shares: readonly number[], currency: string): Discount['allocations'] =>
  lines.flatMap((line, i) => {
    const minor = shares[i] ?? 0
    return minor === 0 ? [] : [{ lineNo: line.lineNo, amount: { minor, currency } }]
  })

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
