import { sumMoney, type Money } from '../../src/core/money.ts'
import type { Discount, OrderLine, Totals } from '../../src/core/order.ts'
import { at, list, optionalText, text } from '../parts/read.ts'
import { additiveTax, amount, requiredAmount } from './money.ts'
import { paidOf, refundedOf } from './state.ts'

interface Given {
  readonly currency: string
  readonly lines: readonly OrderLine[]
  /** Names of service charges that are postage, in small letters. */
  readonly postage: ReadonlySet<string>
}

/** Nothing is rounded to fit: parts that do not add up hold the order. Cash rounding is what Square itself names so. */
export function totalsOf(doc: unknown, { currency, lines, postage }: Given): Totals {
  const money = (minor: number): Money => ({ minor, currency })
  const sum = (amounts: readonly Money[]): number => sumMoney(amounts, currency).minor
  const total = requiredAmount(doc, '/total_money', currency)
  const charges = list(doc, '/service_charges').map(({ value }) => ({
    isPostage: postage.has(text(value, '/name').trim().toLowerCase()),
    net: chargeOf(doc, value, currency),
    tax: additiveTax(doc, value, currency).minor,
  }))
  const charged = (isPostage: boolean): number => charges.reduce((all, each) => all + (each.isPostage === isPostage ? each.net : 0), 0)
  const isAdditive = list(doc, '/taxes').some(({ value }) => text(value, '/type') === 'ADDITIVE')
  const additive = sum(lines.map((line) => line.tax)) + charges.reduce((all, each) => all + each.tax, 0)
  return {
    items: money(sum(lines.map((line) => line.net))),
    discount: money(sum(lines.map((line) => line.discount))),
    unallocatedDiscount: money(0),
    shipping: money(charged(true)),
    shippingDiscount: money(0),
    fees: money(charged(false) + amount(doc, '/total_tip_money', currency).minor),
    duties: money(0),
    tax: isAdditive ? money(additive) : amount(doc, '/total_tax_money', currency),
    rounding: amount(doc, '/rounding_adjustment/amount_money', currency),
    total,
    paid: paidOf(doc, currency, total),
    refunded: refundedOf(doc, currency),
  }
}

/** `total_money` has the taxes that come on top; `applied_money`, its stand-in in older documents, has not. */
const chargeOf = (doc: unknown, charge: unknown, currency: string): number =>
  at(charge, '/total_money/amount') === undefined
    ? amount(charge, '/applied_money', currency).minor
    : amount(charge, '/total_money', currency).minor - additiveTax(doc, charge, currency).minor

/** Square says itself which line lost how much by which; the order's own sum of a discount may hold shares of service charges too. */
export function discountsOf(doc: unknown, lines: readonly OrderLine[], currency: string): readonly Discount[] {
  const items = list(doc, '/line_items').map(({ value }) => value)
  return list(doc, '/discounts').flatMap(({ value }): readonly Discount[] => {
    const uid = text(value, '/uid')
    const allocations = lines.flatMap((line, i) => {
      const shares = list(items[i], '/applied_discounts').filter((one) => text(one.value, '/discount_uid') === uid)
      const share = sumMoney(
        shares.map((one) => amount(one.value, '/applied_money', currency)),
        currency,
      )
      return share.minor === 0 ? [] : [{ lineNo: line.lineNo, amount: share }]
    })
    const title = optionalText(value, '/name')
    if (allocations.length === 0) return []
    return [
      {
        scope: text(value, '/scope') === 'ORDER' ? 'order' : 'line',
        funder: 'seller',
        kind: list(value, '/reward_ids').length > 0 ? 'points' : optionalText(value, '/pricing_rule_id') === undefined ? 'manual' : 'promotion',
        ...(title === undefined ? {} : { title }),
        amount: sumMoney(
          allocations.map((each) => each.amount),
          currency,
        ),
        allocations,
      },
    ]
  })
}
