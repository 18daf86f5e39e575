import Big from 'big.js'
import { moneyToDecimal } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import { amount, fen, pieces } from '../parts/cny.ts'
import { lineSent } from './state.ts'

/** A sub-order with its amounts in fen. */
export interface Line {
  readonly line: OrderLine
  /** Off this sub-order alone. */
  readonly own: number
  /** The seller's change of the price; negative makes it cheaper. */
  readonly adjusted: number
  /** Its share of what was taken off the whole trade. */
  readonly shared: number
  /** Closed before it was paid, in a trade that goes on. */
  readonly dropped: boolean
}

/**
 * price × number + adjust_fee − discount_fee − part_mjz_discount: the channel's own formula, which needs neither `payment`
 * (of a single line it repeats the trade's, postage included; after a refund it is what the refund left over) nor
 * `divide_order_fee`, which decides where it says something else.
 */
export function linesOf(doc: unknown): readonly Line[] {
  const orders = list(doc, '/orders/order')
  const goesOn = text(doc, '/status') !== 'TRADE_CLOSED_BY_TAOBAO'
  return orders.map(({ value }, i) => lineOf(value, { lineNo: i + 1, only: orders.length === 1, post: fen(doc, '/post_fee'), goesOn }))
}

interface Place {
  readonly lineNo: number
  readonly only: boolean
  readonly post: number
  readonly goesOn: boolean
}

function lineOf(line: unknown, place: Place): Line {
  const quantity = decimal(line, '/num')
  const list_ = times(fen(line, '/price'), quantity)
  const [own, adjusted, shared] = [fen(line, '/discount_fee'), fen(line, '/adjust_fee'), fen(line, '/part_mjz_discount')]
  const formula = list_ + adjusted - own - shared
  const stated = optionalText(line, '/divide_order_fee') === undefined ? formula : fen(line, '/divide_order_fee')
  // Of a single line it may hold the postage as well.
  const net = place.only && stated === formula + place.post ? formula : stated
  const dropped = place.goesOn && text(line, '/status') === 'TRADE_CLOSED_BY_TAOBAO'
  const closed = text(line, '/status').startsWith('TRADE_CLOSED')
  const sent = lineSent(line)
  const gross = Math.max(list_, net)
  const product = optionalText(line, '/num_iid')
  const variant = optionalText(line, '/sku_id')
  const options = optionalText(line, '/sku_properties_name')
  return {
    own,
    adjusted,
    shared,
    dropped,
    line: {
      lineNo: place.lineNo,
      channelLineNo: requiredText(line, '/oid'),
      channelSku: optionalText(line, '/outer_sku_id') ?? text(line, '/outer_iid').trim(),
      ...(product === undefined ? {} : { channelProduct: product, listingKey: variant === undefined ? product : `${product}:${variant}` }),
      title: text(line, '/title'),
      ...(options === undefined ? {} : { options }),
      quantity,
      cancelled: closed && !sent ? quantity : '0',
      shipped: sent ? quantity : '0',
      unitPrice: plain(text(line, '/price').trim()),
      gross: amount(dropped ? 0 : gross),
      discount: amount(dropped ? 0 : gross - net),
      net: amount(dropped ? 0 : net),
      tax: amount(0),
      role: gross > 0 && net === 0 && shared === 0 ? 'gift' : 'single',
    },
  }
}

/** Whole pieces nearly always; weighed goods are rounded to the fen. */
const times = (price: number, quantity: string): number =>
  /^\d{1,6}$/.test(quantity) ? price * Number(quantity) : Number(new Big(price).times(quantity).toFixed(0))

/** "70.00" → "70". */
const plain = (decimal: string): string => (decimal === '' ? '0' : decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

/** Services bought with the goods (installation, delivery to the room): lines of their own that move nothing. */
export const servicesOf = (doc: unknown, after: number): readonly OrderLine[] =>
  list(doc, '/service_orders/service_order').map(({ value }, i) => {
    const net = amount(fen(value, '/payment'))
    return {
      lineNo: after + i + 1,
      channelLineNo: requiredText(value, '/oid'),
      channelSku: '',
      title: text(value, '/title'),
      quantity: pieces(value, '/num', '1'),
      cancelled: '0',
      shipped: '0',
      unitPrice: plain(moneyToDecimal(amount(fen(value, '/price')))),
      gross: net,
      discount: amount(0),
      net,
      tax: amount(0),
      role: 'service',
    }
  })
