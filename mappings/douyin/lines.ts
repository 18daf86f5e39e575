import Big from 'big.js'
import { allocate, moneyToDecimal } from '../../src/core/money.ts'
import type { ChannelShipment, OrderLine } from '../../src/core/order.ts'
import { explanation } from '../parts/explanation.ts'
import { decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import { amount, code, fen } from './read.ts'
import { readLine } from './state.ts'

/** A sub-order with what was taken off it, by who pays for that; all in fen, together `line.discount`. */
export interface Line {
  readonly line: OrderLine
  readonly off: Readonly<Record<Giver, number>>
}
export type Giver = 'seller' | 'platform' | 'talent' | 'payment' | 'typed' | 'unnamed'
export const GIVERS: readonly Giver[] = ['seller', 'platform', 'talent', 'payment', 'typed', 'unnamed']

export function linesOf(doc: unknown, shipments: readonly ChannelShipment[]): readonly Line[] {
  const all = list(doc, '/sku_order_list')
  const lines = all.map(({ value, pointer }, i) => lineOf(doc, { value, pointer, lineNo: i + 1, shipments }))
  return all.some(({ value }) => hasPromotions(value)) ? lines : named(lines, promotionsOf(doc))
}

/** Permissions of an app may leave out what was taken off a sub-order; what was paid for it shows it, and the order says who paid. */
function named(lines: readonly Line[], given: Promotions): readonly Line[] {
  const left = lines.map(({ off }) => off.unnamed)
  if (given.all === 0 || left.reduce((a, b) => a + b, 0) !== given.all) return lines
  const shareOf = (minor: number): readonly number[] => {
    const parts = allocate(amount(minor), left).map((part) => part.minor)
    parts.forEach((part, i) => (left[i] = (left[i] ?? 0) - part))
    return parts
  }
  const [platform, talent, seller] = [shareOf(given.platform), shareOf(given.talent), shareOf(given.seller)]
  return lines.map(({ line, off }, i) => ({
    line,
    off: { ...off, platform: platform[i] ?? 0, talent: talent[i] ?? 0, seller: seller[i] ?? 0, unnamed: left[i] ?? 0 },
  }))
}

interface Place {
  readonly value: unknown
  readonly pointer: string
  readonly lineNo: number
  readonly shipments: readonly ChannelShipment[]
}

/**
 * What is left of `sum_amount` (price × pieces) behind the promotions. `pay_amount` decides about what the documentation leaves open:
 * whether a price changed by hand and a discount of the payment service are in it. Its share of postage and tax is the order's.
 */
function lineOf(doc: unknown, { value, pointer, lineNo, shipments }: Place): Line {
  const quantity = decimal(value, '/item_num')
  const price = fen(value, '/origin_amount')
  const sum = optionalText(value, '/sum_amount') === undefined ? times(price, quantity) : fen(value, '/sum_amount')
  const post = fen(value, '/post_amount')
  const promotions = hasPromotions(value) ? promotionsOf(value) : { ...NONE, all: Math.max(0, sum - fen(value, '/pay_amount') + post) }
  const [changed, byPayment] = [fen(value, '/modify_amount'), fen(value, '/promotion_pay_amount')]
  const base = sum - promotions.all
  const stated = optionalText(value, '/pay_amount') === undefined ? base : fen(value, '/pay_amount')
  const taken = explanation(stated - base, {
    post,
    changed,
    tax: fen(value, '/tax_amount'),
    insurance: fen(value, '/post_insurance_amount'),
    byPayment: -byPayment,
    changedDown: -changed,
  })
  const shift = taken.has('changed') ? changed : taken.has('changedDown') ? -changed : 0
  const net = base + shift - (taken.has('byPayment') ? byPayment : 0)
  const gross = Math.max(sum, net)
  const state = readLine(doc, pointer)
  const id = requiredText(value, '/order_id')
  const shipped = shippedOf(id, { shipments, quantity, sent: state.sent })
  const product = optionalText(value, '/product_id_str') ?? optionalText(value, '/product_id')
  const sku = optionalText(value, '/sku_id')
  const options = list(value, '/spec')
    .map((each) => `${text(each.value, '/name')}:${text(each.value, '/value')}`)
    .join(';')
  return {
    off: shares(gross - net, { ...promotions, payment: taken.has('byPayment') ? byPayment : 0, typed: Math.max(0, -shift) }),
    line: {
      lineNo,
      channelLineNo: id,
      channelSku: text(value, '/code').trim() || (optionalText(value, '/outer_sku_id') ?? ''),
      ...(product === undefined ? {} : { channelProduct: product, listingKey: sku === undefined || sku === '0' ? product : `${product}:${sku}` }),
      title: text(value, '/product_name'),
      ...(options === '' ? {} : { options }),
      quantity,
      cancelled: state.ended ? new Big(quantity).minus(shipped).toFixed() : '0',
      shipped,
      unitPrice: moneyToDecimal(amount(price)).replace(/\.?0+$/, ''),
      gross: amount(gross),
      discount: amount(gross - net),
      net: amount(net),
      tax: amount(0),
      role: roleOf(value),
    },
  }
}

/** Given away with another, or nothing that could be sent (`goods_type` 1: vouchers, top-ups). */
const roleOf = (value: unknown): OrderLine['role'] =>
  text(value, '/given_product_type') === 'FREE' ? 'gift' : code(value, '/goods_type') === '1' ? 'service' : 'single'

/** Pieces in packages; an order that shows none of them leaves it at what the status says. */
function shippedOf(id: string, given: { readonly shipments: readonly ChannelShipment[]; readonly quantity: string; readonly sent: boolean }): string {
  const held = given.shipments.flatMap(({ lines }) => lines).filter(({ channelLineNo }) => channelLineNo === id)
  const count = held.reduce((sum, each) => sum.plus(each.quantity), new Big(0))
  if (count.eq(0)) return given.sent ? given.quantity : '0'
  return count.gt(given.quantity) ? given.quantity : count.toFixed()
}

type Promotions = Readonly<Record<'seller' | 'platform' | 'talent' | 'all', number>>
const NONE: Promotions = { seller: 0, platform: 0, talent: 0, all: 0 }
const hasPromotions = (value: unknown): boolean =>
  optionalText(value, '/pay_amount') === undefined ||
  ['/promotion_amount', '/promotion_shop_amount'].some((each) => optionalText(value, each) !== undefined)

/**
 * Who pays for the promotions of a sub-order: the costs as the channel shares them out, where it does and they add up; else by whose
 * promotions they are. What a host of the channel (达人) gives is not the seller's either.
 */
function promotionsOf(value: unknown): Promotions {
  const owners = [fen(value, '/promotion_shop_amount'), fen(value, '/promotion_platform_amount'), fen(value, '/promotion_talent_amount')] as const
  const costs = [fen(value, '/shop_cost_amount'), fen(value, '/only_platform_cost_amount'), fen(value, '/author_cost_amount')] as const
  const total = (parts: readonly number[]): number => parts.reduce((a, b) => a + b, 0)
  const all = optionalText(value, '/promotion_amount') === undefined ? total(owners) : fen(value, '/promotion_amount')
  const [seller, platform, talent] = all !== 0 && total(costs) === all ? costs : owners
  return { seller, platform, talent, all }
}

/** No more than was really taken off, to the fen; what no promotion explains has no name. */
function shares(off: number, given: Readonly<Record<Exclude<Giver, 'unnamed'>, number>>): Line['off'] {
  let left = off
  const take = (wanted: number): number => {
    const part = Math.min(Math.max(0, wanted), left)
    left -= part
    return part
  }
  const { typed, payment, seller, platform, talent } = given
  const taken = { typed: take(typed), payment: take(payment), seller: take(seller), platform: take(platform), talent: take(talent) }
  return { ...taken, unnamed: left }
}

const times = (price: number, quantity: string): number => Number(new Big(price).times(quantity).toFixed(0))
