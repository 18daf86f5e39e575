import { allocate } from '../../src/core/money.ts'
import type { Discount, Funder } from '../../src/core/order.ts'
import { explanation } from '../parts/explanation.ts'
import { at, decimal, list, optionalText, text } from '../parts/read.ts'
import { times } from './decimal.ts'
import { minor, ORDER } from './read.ts'

/** Lines of an order with what each costs, in minor units, and what the buyer paid beside them. */
export interface OrderMoney {
  readonly lines: readonly { readonly gross: number; readonly net: number }[]
  readonly discounts: readonly Discount[]
  /** Reductions of the whole order that no line bears. */
  readonly unshared: number
  readonly shipping: number
  readonly fees: number
  readonly duties: number
  readonly total: number
}

const PAID = '/escrow/buyer_payment_info'
/** Of the answer's two accounts of the money this one is a picture of the checkout that returns and cancels never change. */
const FEES = [
  ...['buyer_service_fee', 'initial_buyer_txn_fee', 'insurance_premium', 'buyer_paid_packaging_fee', 'bulky_handling_fee', 'bcrs_deposit'],
  ...['shopeevip_subtotal', 'buyer_instant_fee', 'buyer_paid_extended_warranty', 'buyer_paid_installation_fee'],
] as const
const DUTIES = [
  ...['buyer_tax_amount', 'icms_tax_amount', 'import_tax_amount', 'iof_tax_amount', 'shipping_fee_sst_amount', 'import_processing_charge'],
  ...['import_duty_and_excise_tax', 'footwear_tax', 'vat'],
] as const

interface Reduction {
  readonly name: string
  readonly title: string
  readonly funder: Funder
  readonly kind: Discount['kind']
  /** Its share by line, where the channel tells it. */
  readonly share?: string
}
const REDUCTIONS: readonly Reduction[] = [
  { name: 'seller_voucher', title: 'Seller voucher', funder: 'seller', kind: 'coupon', share: 'discount_from_voucher_seller' },
  { name: 'shopee_voucher', title: 'Shopee voucher', funder: 'channel', kind: 'coupon', share: 'discount_from_voucher_shopee' },
  { name: 'shopee_coins_redeemed', title: 'Shopee coins', funder: 'points', kind: 'points', share: 'discount_from_coin' },
  { name: 'ads_voucher_discount', title: 'Ads voucher', funder: 'channel', kind: 'coupon' },
  { name: 'credit_card_promotion', title: 'Card promotion', funder: 'channel', kind: 'promotion' },
  { name: 'discount_pix', title: 'Pix discount', funder: 'channel', kind: 'promotion' },
  { name: 'trade_in_bonus', title: 'Trade-in bonus', funder: 'channel', kind: 'other' },
]

/**
 * Σ lines after their promotions + shipping + fees and taxes − vouchers, coins and promotions of the payment = what the buyer paid at checkout.
 * Where all of them together do not make that sum, the fewest are left out with which they do (some taxes are part of a price in one region and
 * beside it in the next). Nothing is ever filled in, so a gap nothing explains holds the order.
 */
export function moneyOf(doc: unknown, currency: string): OrderMoney {
  const lines = linesOf(doc, currency)
  const items = sum(lines.map(({ net }) => net))
  if (at(doc, PAID) === undefined) return withoutEscrow(doc, { currency, lines, items })
  const of = (name: string): number => minor(doc, `${PAID}/${name}`, currency)
  // Reductions are sent below zero.
  const parts: Readonly<Record<string, number>> = {
    ...Object.fromEntries(['shipping_fee', ...FEES, ...DUTIES].map((name) => [name, of(name)])),
    ...Object.fromEntries(REDUCTIONS.map(({ name }) => [name, -Math.abs(of(name))])),
  }
  const total = of('buyer_total_amount')
  const taken = chosen(total - items, parts)
  const part = (name: string): number => (taken.has(name) ? (parts[name] ?? 0) : 0)
  const shared = share(doc, { currency, lines, reductions: REDUCTIONS.map((each) => ({ each, minor: -part(each.name) })) })
  return {
    ...shared,
    shipping: part('shipping_fee'),
    fees: sum(FEES.map(part)),
    duties: sum(DUTIES.map(part)),
    total,
  }
}

/** Everything but the fewest amounts that are part of another one; all of it, with the gap, where nothing explains that. More than a dozen have never been seen. */
function chosen(gap: number, parts: Readonly<Record<string, number>>): ReadonlySet<string> {
  const names = Object.keys(parts)
  if (Object.values(parts).filter((each) => each !== 0).length > 12) return new Set(names)
  const left = explanation(sum(Object.values(parts)) - gap, parts)
  return new Set(names.filter((name) => !left.has(name)))
}

/** Before anything is paid there is no account of the money: goods and the estimated postage, and the total where one is shown. */
function withoutEscrow(
  doc: unknown,
  { currency, lines, items }: { readonly currency: string; readonly lines: readonly Priced[]; readonly items: number },
): OrderMoney {
  const total = optionalText(doc, `${ORDER}/total_amount`) === undefined ? undefined : minor(doc, `${ORDER}/total_amount`, currency)
  const estimated = minor(doc, `${ORDER}/estimated_shipping_fee`, currency)
  const shipping = total === items ? 0 : estimated
  const own = share(doc, { currency, lines, reductions: [] })
  return { ...own, shipping, fees: 0, duties: 0, total: total ?? items + shipping }
}

/** A line before what was taken off the whole order. */
interface Priced {
  readonly gross: number
  readonly net: number
  /** What of its own reduction the channel pays for. */
  readonly rebate: number
}

/**
 * List price, and what is left after the promotion of the item. In a bundle the order says 0, and the account of the money the price. Where the two
 * differ otherwise, the goods of a return taken out of the account say, the one counts that makes the subtotal of the checkout.
 */
function linesOf(doc: unknown, currency: string): readonly Priced[] {
  const items = list(doc, `${ORDER}/item_list`)
  const shown = items.map(({ pointer }) =>
    times(minor(doc, `${pointer}/model_discounted_price`, currency), decimal(doc, `${pointer}/model_quantity_purchased`)),
  )
  const told = accountOf(doc).map((own, i) =>
    optionalText(own, '/discounted_price') === undefined ? (shown[i] ?? 0) : minor(own, '/discounted_price', currency),
  )
  const subtotal = minor(doc, `${PAID}/merchant_subtotal`, currency)
  const nets = sum(told) !== subtotal && sum(shown) === subtotal ? shown : told
  return items.map(({ pointer }, i) => {
    const net = nets[i] ?? 0
    const gross = Math.max(times(minor(doc, `${pointer}/model_original_price`, currency), decimal(doc, `${pointer}/model_quantity_purchased`)), net)
    return { gross, net, rebate: Math.min(gross - net, Math.abs(minor(accountOf(doc)[i], '/shopee_discount', currency))) }
  })
}

/** What the account of the money says of each line of the order; undefined for one it does not have. */
function accountOf(doc: unknown): readonly unknown[] {
  const rest = [...list(doc, '/escrow/order_income/items')]
  return list(doc, `${ORDER}/item_list`).map(({ value }) => {
    const found = rest.findIndex((each) => isSame(each.value, value))
    return found < 0 ? undefined : rest.splice(found, 1)[0]?.value
  })
}

function isSame(escrow: unknown, line: unknown): boolean {
  const same = (name: string): boolean => text(escrow, name) === text(line, name)
  return (
    same('/item_id') &&
    same('/model_id') &&
    (optionalText(escrow, '/line_item_id') === undefined || optionalText(line, '/line_item_id') === undefined || same('/line_item_id'))
  )
}

interface Sharing {
  readonly currency: string
  readonly lines: readonly Priced[]
  readonly reductions: readonly { readonly each: Reduction; readonly minor: number }[]
}

/** Promotions of items, and each reduction of the whole order over its lines: as the channel tells, else by what they cost. */
function share(doc: unknown, { currency, lines, reductions }: Sharing): Pick<OrderMoney, 'lines' | 'discounts' | 'unshared'> {
  const left = lines.map(({ net }) => net)
  const amount = (value: number) => ({ minor: value, currency })
  const allocations = (shares: readonly number[]): Discount['allocations'] =>
    shares.flatMap((value, i) => (value === 0 ? [] : [{ lineNo: i + 1, amount: amount(value) }]))
  const discounts: Discount[] = lines.flatMap(({ gross, net, rebate }, i) => {
    const title = optionalText(doc, `${ORDER}/item_list/${i}/promotion_type`)
    const by = (funder: Funder, value: number): readonly Discount[] => {
      const own = lines.map((_, at) => (at === i ? value : 0))
      const named = title === undefined ? {} : { title }
      return value === 0 ? [] : [{ scope: 'line', funder, kind: 'promotion', ...named, amount: amount(value), allocations: allocations(own) }]
    }
    return [...by('seller', gross - net - rebate), ...by('channel', rebate)]
  })
  let unshared = 0
  for (const { each, minor: value } of reductions) {
    if (value <= 0) continue
    const told = each.share === undefined ? [] : sharesOf(doc, each.share, currency)
    const isTold = sum(told) === value && told.every((one, i) => one <= (left[i] ?? 0))
    const fits = sum(left) >= value
    const shares = isTold ? told : fits ? allocate(amount(value), left).map((one) => one.minor) : []
    shares.forEach((one, i) => (left[i] = (left[i] ?? 0) - one))
    // What is more than the goods cost pays for the postage.
    if (shares.length === 0) unshared += value
    discounts.push({
      scope: 'order',
      funder: each.funder,
      kind: each.kind,
      title: each.title,
      amount: amount(value),
      allocations: allocations(shares),
    })
  }
  return { lines: lines.map(({ gross }, i) => ({ gross, net: left[i] ?? 0 })), discounts, unshared }
}

/** One share by line, as the account of the money has it beside the same goods. */
const sharesOf = (doc: unknown, name: string, currency: string): readonly number[] =>
  accountOf(doc).map((own) => Math.abs(minor(own, `/${name}`, currency)))

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
