import type { Discount, OrderLine, Totals } from '../../src/core/order.ts'
import { money, optionalText, requiredMoney, text } from '../parts/read.ts'
import { isTrue } from './read.ts'
import { LEFT, type Unit } from './units.ts'

/** Units that are alike, as one line under the lowest of their numbers. */
export interface Line {
  readonly line: OrderLine
  readonly units: readonly Unit[]
}

interface Given {
  readonly units: readonly Unit[]
  readonly currency: string
  readonly net: (unit: Unit) => number
}

export function linesOf({ units, currency, net }: Given): readonly Line[] {
  const groups = new Map<string, Unit[]>()
  for (const unit of units) groups.set(unit.like, [...(groups.get(unit.like) ?? []), unit])
  return [...groups.values()].map((members, i) => ({ units: members, line: lineOf(members, { lineNo: i + 1, currency, net }) }))
}

function lineOf(
  units: readonly Unit[],
  { lineNo, currency, net }: { readonly lineNo: number; readonly currency: string; readonly net: Given['net'] },
): OrderLine {
  const [first] = units
  const doc = first?.doc
  const amount = (minor: number): OrderLine['net'] => ({ minor, currency })
  const count = (keep: (unit: Unit) => boolean): string => String(units.filter(keep).length)
  const [nets, prices] = [sum(units.map(net)), sum(units.map(({ price }) => price))]
  // A unit may cost more than its price where something was added to it.
  const gross = Math.max(prices, nets)
  const [product, sku, options] = [optionalText(doc, '/product_id'), optionalText(doc, '/sku_id'), optionalText(doc, '/variation')]
  return {
    lineNo,
    channelLineNo: first?.id ?? '',
    channelSku: text(doc, '/sku').trim(),
    ...(product === undefined ? {} : { channelProduct: product }),
    ...(product === undefined || sku === undefined ? {} : { listingKey: `${product}:${sku}` }),
    title: text(doc, '/name'),
    ...(options === undefined ? {} : { options }),
    quantity: String(units.length),
    cancelled: count(({ stage }) => stage === 'cancelled'),
    shipped: count(({ stage }) => LEFT.has(stage)),
    unitPrice: plain(text(doc, '/item_price').trim()),
    gross: amount(gross),
    discount: amount(gross - nets),
    net: amount(nets),
    tax: amount(sum(units.map(({ tax }) => tax))),
    role: isTrue(doc, '/is_digital') ? 'service' : prices === 0 && nets === 0 ? 'gift' : 'single',
  }
}

/** "70.00" → "70". */
const plain = (decimal: string): string => (decimal === '' ? '0' : decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

/**
 * What the buyer pays is `price − voucher + shipping_fee` by the channel's own formula, and a unit's part of it `paid_price`;
 * where those do not make the sum but the prices less the vouchers of the units do, these are taken. Nothing is ever filled in.
 */
export function netsOf(doc: unknown, units: readonly Unit[], currency: string): (unit: Unit) => number {
  const goods = requiredMoney(doc, '/order/price', currency).minor - money(doc, '/order/voucher', currency).minor
  const less = (unit: Unit): number => unit.price - unit.bySeller - unit.byChannel
  return sum(units.map(({ paid }) => paid)) !== goods && sum(units.map(less)) === goods ? less : ({ paid }) => paid
}

export function totalsOf(
  doc: unknown,
  {
    lines,
    currency,
    paid,
    refunded,
  }: { readonly lines: readonly Line[]; readonly currency: string; readonly paid: boolean; readonly refunded: boolean },
): Totals {
  const amount = (minor: number): Totals['total'] => ({ minor, currency })
  const of = (name: string): number => money(doc, `/order/${name}`, currency).minor
  const fee = of('shipping_fee')
  const original = of('shipping_fee_original')
  const off = of('shipping_fee_discount_seller') + of('shipping_fee_discount_platform')
  // The fee is what is left of the original one; where the three disagree the fee alone is believed.
  const explains = original - off === fee && off >= 0
  const total = requiredMoney(doc, '/order/price', currency).minor - of('voucher') + fee
  return {
    items: amount(sum(lines.map(({ line }) => line.net.minor))),
    discount: amount(sum(lines.map(({ line }) => line.discount.minor))),
    unallocatedDiscount: amount(0),
    shipping: amount(explains ? original : fee),
    shippingDiscount: amount(explains ? off : 0),
    fees: amount(0),
    duties: amount(0),
    tax: amount(sum(lines.map(({ line }) => line.tax.minor))),
    rounding: amount(0),
    total: amount(total),
    paid: amount(paid ? total : 0),
    refunded: amount(refunded ? total : 0),
  }
}

/** Vouchers by who pays for them, line by line; what no voucher explains is a reduction without a name. */
export function discountsOf(lines: readonly Line[], currency: string): readonly Discount[] {
  const left = lines.map(({ line }) => line.discount.minor)
  const take = (wanted: readonly number[]): readonly number[] =>
    wanted.map((minor, i) => {
      const part = Math.max(0, Math.min(minor, left[i] ?? 0))
      left[i] = (left[i] ?? 0) - part
      return part
    })
  const of = (pick: (unit: Unit) => number): readonly number[] => lines.map(({ units }) => sum(units.map(pick)))
  const codesOf = (name: string): string | undefined =>
    [...new Set(lines.flatMap(({ units }) => units.flatMap(({ doc }) => optionalText(doc, `/${name}`) ?? [])))].join(', ') || undefined
  const parts = [
    { funder: 'seller', kind: 'coupon', code: codesOf('voucher_code_seller'), shares: take(of(({ bySeller }) => bySeller)) },
    { funder: 'channel', kind: 'coupon', code: codesOf('voucher_code_platform'), shares: take(of(({ byChannel }) => byChannel)) },
    { funder: 'seller', kind: 'promotion', code: undefined, shares: take([...left]) },
  ] as const
  return parts.flatMap(({ funder, kind, code, shares }): readonly Discount[] => {
    const minor = sum(shares)
    if (minor === 0) return []
    const allocations = shares.flatMap((share, i) => (share === 0 ? [] : [{ lineNo: i + 1, amount: { minor: share, currency } }]))
    return [{ scope: 'order', funder, kind, ...(code === undefined ? {} : { code }), amount: { minor, currency }, allocations }]
  })
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
