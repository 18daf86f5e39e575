import type { Discount, OrderLine } from '../../src/core/order.ts'
import { moneyToDecimal, type Money } from '../../src/core/money.ts'
import { decimal, list, money, optionalText, requiredText, text } from '../parts/read.ts'
import { unitPrice } from '../parts/unit-price.ts'
import type { State } from './state.ts'

/** A line with the amounts that belong to it and are not its price, in minor units. */
export interface Line {
  readonly line: OrderLine
  readonly shipping: number
  readonly shippingDiscount: number
  /** Gift wrap, cash on delivery and whatever else is charged beside it, less what was taken off it. */
  readonly fees: number
  readonly tax: number
  readonly promotions: readonly string[]
}

interface Given {
  readonly currency: string
  readonly state: State
}

export const linesOf = (doc: unknown, given: Given): readonly Line[] => list(doc, '/orderItems').map(({ value }, i) => lineOf(value, i + 1, given))

function lineOf(item: unknown, lineNo: number, { currency, state }: Given): Line {
  const sums = sumsOf(item, currency)
  const counts = countsOf(item, state)
  const single = optionalText(item, '/product/price/unitPrice/amount')
  // Without a breakdown the price of one is all there is to go by.
  const listed = (): number => (single === undefined ? 0 : Number(counts.ordered) * money(item, '/product/price/unitPrice/amount', currency).minor)
  const gross = sums.of('ITEM') ?? listed()
  const discount = Math.min(sums.off('ITEM'), Math.max(gross, 0))
  const amount = (minor: number): Money => ({ minor, currency })
  const [asin, sku] = [optionalText(item, '/product/asin'), text(item, '/product/sellerSku').trim()]
  return {
    shipping: sums.of('SHIPPING') ?? 0,
    shippingDiscount: sums.off('SHIPPING'),
    fees:
      (sums.of('GIFT_WRAP') ?? 0) +
      (sums.of('COD_FEE') ?? 0) +
      (sums.of('OTHER') ?? 0) -
      sums.off('GIFT_WRAP') -
      sums.off('COD_FEE') -
      sums.off('OTHER'),
    tax: sums.of('TAX') ?? 0,
    promotions: list(item, '/promotion/breakdowns').flatMap(({ value }) => optionalText(value, '/promotionId') ?? []),
    line: {
      lineNo,
      channelLineNo: requiredText(item, '/orderItemId'),
      channelSku: sku,
      ...(asin === undefined ? {} : { channelProduct: asin }),
      ...(sku === '' ? {} : { listingKey: sku }),
      title: text(item, '/product/title'),
      quantity: counts.ordered,
      cancelled: counts.cancelled,
      shipped: counts.shipped,
      unitPrice: single === undefined ? unitPrice(moneyToDecimal(amount(gross)), counts.ordered) : plain(single),
      gross: amount(gross),
      discount: amount(discount),
      net: amount(gross - discount),
      tax: amount(sums.of('TAX') ?? 0),
      role: 'single',
    },
  }
}

interface Counts {
  readonly ordered: string
  readonly shipped: string
  readonly cancelled: string
}

/** Pieces neither sent nor to be sent were cancelled. The older interface shows none ordered of a line that was cancelled whole: one stands for them. */
function countsOf(item: unknown, state: State): Counts {
  const shown = decimal(item, '/quantityOrdered')
  if (Number(shown) === 0) return { ordered: '1', shipped: '0', cancelled: '1' }
  const [done, open] = [optionalText(item, '/fulfillment/quantityFulfilled'), optionalText(item, '/fulfillment/quantityUnfulfilled')]
  const ordered = Number(shown)
  const shipped = Math.min(
    ordered,
    done === undefined ? (state.status === 'SHIPPED' ? ordered : 0) : Number(decimal(item, '/fulfillment/quantityFulfilled')),
  )
  const left = open === undefined ? ordered - shipped : Number(decimal(item, '/fulfillment/quantityUnfulfilled'))
  const cancelled = state.cancelled ? ordered - shipped : state.isCounted ? Math.max(0, ordered - shipped - left) : 0
  return { ordered: shown, shipped: String(shipped), cancelled: String(cancelled) }
}

interface Sums {
  /** What was charged under a heading; undefined where it is not there. */
  readonly of: (type: string) => number | undefined
  /** What was taken off under a heading, positive; a reduction that names none is of the item. */
  readonly off: (subtype: string) => number
}

function sumsOf(item: unknown, currency: string): Sums {
  const [charged, taken] = [new Map<string, number>(), new Map<string, number>()]
  const add = (to: Map<string, number>, name: string, minor: number): void => void to.set(name, (to.get(name) ?? 0) + minor)
  for (const { value } of list(item, '/proceeds/breakdowns')) {
    const type = requiredText(value, '/type')
    const subtotal = money(value, '/subtotal/amount', currency).minor
    if (type !== 'DISCOUNT') {
      add(charged, type, subtotal)
      continue
    }
    const parts = list(value, '/detailedBreakdowns')
    // The model does not say whether reductions carry a minus.
    for (const { value: part } of parts) add(taken, text(part, '/subtype') || 'ITEM', Math.abs(money(part, '/value/amount', currency).minor))
    if (parts.length === 0) add(taken, 'ITEM', Math.abs(subtotal))
  }
  return { of: (type) => charged.get(type), off: (subtype) => taken.get(subtype) ?? 0 }
}

/** "12.50" → "12.5". */
const plain = (value: string): string => (value.includes('.') ? value.replace(/\.?0+$/, '') : value)

/** Reductions line by line, under the names of the promotions of that line. */
export function discountsOf(goods: readonly Line[], currency: string): readonly Discount[] {
  return goods.flatMap(({ line, shippingDiscount, promotions }) => {
    const common = { funder: 'seller', kind: 'promotion', ...(promotions.length === 0 ? {} : { code: promotions.join(', ') }) } as const
    const [item, shipping] = [line.discount, { minor: shippingDiscount, currency }]
    return [
      ...(item.minor === 0 ? [] : [{ ...common, scope: 'line' as const, amount: item, allocations: [{ lineNo: line.lineNo, amount: item }] }]),
      ...(shipping.minor === 0 ? [] : [{ ...common, scope: 'shipping' as const, amount: shipping, allocations: [] }]),
    ]
  })
}
