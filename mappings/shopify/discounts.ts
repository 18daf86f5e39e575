import { allocate, sumMoney, type Money } from '../../src/core/money.ts'
import type { Discount, OrderLine } from '../../src/core/order.ts'
import { list, optionalText, text } from '../parts/read.ts'
import { idOf } from './ids.ts'
import { shopMoney } from './money.ts'

/** One entry per discount application; Shopify says itself which line lost how much by which. */
export function discountsOf(doc: unknown, lines: readonly OrderLine[], currency: string): readonly Discount[] {
  const applications = new Map(list(doc, '/discountApplications/nodes').map(({ value }) => [text(value, '/index'), value]))
  const shares = sharesOf(doc, lines, currency)
  const shipping = shippingShares(doc, currency)
  return [
    ...[...shares].map(([index, allocations]): Discount => ({
      scope: text(applications.get(index), '/allocationMethod') === 'ACROSS' ? 'order' : 'line',
      ...originOf(applications.get(index)),
      amount: sumMoney(
        allocations.map((one) => one.amount),
        currency,
      ),
      allocations,
    })),
    ...[...shipping].map(([index, amount]): Discount => ({ scope: 'shipping', ...originOf(applications.get(index)), amount, allocations: [] })),
  ]
}

type Shares = ReadonlyMap<string, { readonly lineNo: number; readonly amount: Money }[]>

/** A line that lost units by editing lost that part of its discounts as well; the line's own discount decides. */
function sharesOf(doc: unknown, lines: readonly OrderLine[], currency: string): Shares {
  const byId = new Map(lines.map((line) => [line.channelLineNo, line]))
  const shares = new Map<string, { lineNo: number; amount: Money }[]>()
  for (const { value } of list(doc, '/lineItems/nodes')) {
    const line = byId.get(idOf(text(value, '/id')))
    const parts = list(value, '/discountAllocations').map((one) => ({
      index: text(one.value, '/discountApplication/index'),
      amount: shopMoney(one.value, '/allocatedAmountSet', currency),
    }))
    if (!line || parts.length === 0 || line.discount.minor === 0) continue
    const amounts = allocate(
      line.discount,
      parts.map((part) => part.amount.minor),
    )
    parts.forEach((part, i) => {
      const amount = amounts[i]
      if (amount && amount.minor !== 0) shares.set(part.index, [...(shares.get(part.index) ?? []), { lineNo: line.lineNo, amount }])
    })
  }
  return shares
}

function shippingShares(doc: unknown, currency: string): ReadonlyMap<string, Money> {
  const shares = new Map<string, Money>()
  for (const { value } of list(doc, '/shippingLines/nodes')) {
    for (const one of list(value, '/discountAllocations')) {
      const index = text(one.value, '/discountApplication/index')
      const amount = shopMoney(one.value, '/allocatedAmountSet', currency)
      shares.set(index, { minor: (shares.get(index)?.minor ?? 0) + amount.minor, currency })
    }
  }
  return shares
}

/** Every discount of a Shopify shop is the seller's own. */
function originOf(application: unknown): Pick<Discount, 'funder' | 'kind' | 'code' | 'title'> {
  const type = text(application, '/__typename')
  const code = optionalText(application, '/code')
  const title = optionalText(application, '/title')
  const kind = type === 'DiscountCodeApplication' ? 'coupon' : type === 'ManualDiscountApplication' ? 'manual' : type === '' ? 'other' : 'promotion'
  return { funder: 'seller', kind, ...(code === undefined ? {} : { code }), ...(title === undefined ? {} : { title }) }
}
