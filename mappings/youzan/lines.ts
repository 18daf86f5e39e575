import Big from 'big.js'
import { allocate } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { amount, CNY, fen } from '../parts/cny.ts'
import { decimal, flag, list, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'
import { inner, oidsOf, ORDER } from './read.ts'

/** A line with its amounts in fen. */
export interface Line {
  readonly line: OrderLine
  /** Off this line alone. */
  readonly own: number
}

/**
 * A line of the list price, less its own reductions (`total_fee`), less its share of the order's. `payment` is what is left, by the
 * channel's own description with a share of the postage in it, by its older clients without: whichever of the two makes the sum tells.
 * With postage and a reduction of the whole order at once the shares stand nowhere, and are made by the lines' amounts.
 */
export function linesOf(doc: unknown): readonly Line[] {
  const orders = list(doc, `${ORDER}/orders`)
  const nets = netsOf(doc)
  const packed = packedOf(doc)
  const status = text(doc, `${ORDER}/order_info/status`)
  const [isClosed, isLate] = [status === 'TRADE_CLOSED', status === 'WAIT_BUYER_CONFIRM_GOODS' || status === 'TRADE_SUCCESS']
  const refunds = refundedOf(
    doc,
    orders.map(({ value }, i) => ({ oid: requiredText(value, '/oid'), net: nets[i] ?? 0 })),
  )
  return orders.map(({ value }, i) => {
    const [oid, net, refunded] = [requiredText(value, '/oid'), nets[i] ?? 0, refunds[i] ?? 0]
    const isBack = net > 0 && refunded >= net
    // In the later statuses everything has left that was not given back before.
    const isSent = packed.has(oid) || (isLate && !isBack)
    const isGone = !isSent && (isClosed || isBack)
    return lineOf(value, { lineNo: i + 1, net, isSent, isGone })
  })
}

interface Place {
  readonly lineNo: number
  readonly net: number
  readonly isSent: boolean
  readonly isGone: boolean
}

function lineOf(line: unknown, { lineNo, net, isSent, isGone }: Place): Line {
  const quantity = decimal(line, '/num')
  const listed = times(fen(line, '/price'), quantity)
  const after = optionalText(line, '/total_fee') === undefined ? listed : fen(line, '/total_fee')
  const gross = Math.max(listed, net)
  const [product, sku] = [optionalText(line, '/item_id'), optionalText(line, '/sku_id')]
  const [code, outer] = [optionalText(line, '/sku_no'), optionalText(line, '/outer_sku_id')]
  const options = optionsOf(text(line, '/sku_properties_name'))
  return {
    own: Math.max(0, listed - after),
    line: {
      lineNo,
      channelLineNo: requiredText(line, '/oid'),
      channelSku: code ?? outer ?? text(line, '/outer_item_id').trim(),
      // Shops with tills send the barcode there, and the code apart.
      ...(code === undefined || outer === undefined || code === outer ? {} : { barcode: outer }),
      ...(product === undefined ? {} : { channelProduct: product, listingKey: sku === undefined || sku === '0' ? product : `${product}:${sku}` }),
      title: text(line, '/title'),
      ...(options === '' ? {} : { options }),
      quantity,
      cancelled: isGone ? quantity : '0',
      shipped: isSent ? quantity : '0',
      unitPrice: plain(text(line, '/price').trim()),
      gross: amount(gross),
      discount: amount(gross - net),
      net: amount(net),
      tax: amount(0),
      role: flag(line, '/is_present') ? 'gift' : 'single',
    },
  }
}

function netsOf(doc: unknown): readonly number[] {
  const lines = list(doc, `${ORDER}/orders`)
  const payments = lines.map(({ value }) => requiredMoney(value, '/payment', CNY).minor)
  const [total, post] = [fen(doc, `${ORDER}/pay_info/payment`), fen(doc, `${ORDER}/pay_info/post_fee`)]
  if (post === 0 || sum(payments) !== total) return payments
  const after = lines.map(({ value }) => fen(value, '/total_fee'))
  const cuts = allocate(amount(sum(after) - (total - post)), after)
  return after.map((each, i) => each - (cuts[i]?.minor ?? 0))
}

/** Lines in packages under way, or marked as sent. */
function packedOf(doc: unknown): ReadonlySet<string> {
  const marked = list(doc, `${ORDER}/orders`).flatMap(({ value }) =>
    flag(value, '/item_tags/is_deliver_goods') ? [requiredText(value, '/oid')] : [],
  )
  return new Set([...marked, ...list(doc, '/delivery_order').flatMap(({ value }) => (text(value, '/express_state') === '1' ? oidsOf(value) : []))])
}

/** What done refunds gave back line by line; one that is about several lines is shared out by what they cost. */
function refundedOf(doc: unknown, lines: readonly { readonly oid: string; readonly net: number }[]): readonly number[] {
  const back = lines.map(() => 0)
  for (const { value } of list(doc, '/refund_order')) {
    if (text(value, '/refund_state') !== '60') continue
    const oids = new Set(oidsOf(value))
    const weights = lines.map(({ oid, net }) => (oids.has(oid) ? net : 0))
    if (sum(weights) === 0) continue
    allocate(amount(fen(value, '/refund_fee')), weights).forEach((share, i) => (back[i] = (back[i] ?? 0) + share.minor))
  }
  return back
}

/** Whole pieces nearly always; weighed goods are rounded to the fen. */
const times = (price: number, quantity: string): number =>
  /^\d{1,6}$/.test(quantity) ? price * Number(quantity) : Number(new Big(price).times(quantity).toFixed(0))

/** "70.00" → "70". */
const plain = (decimal_: string): string => (decimal_ === '' ? '0' : decimal_.includes('.') ? decimal_.replace(/\.?0+$/, '') : decimal_)

/** `[{"k":"颜色","v":"黑色"}, …]` → "颜色: 黑色, …"; anything else stays as it is. */
function optionsOf(properties: string): string {
  const all = inner(properties)
  if (!Array.isArray(all)) return properties.trim()
  return all
    .map((each: unknown) => [optionalText(each, '/k'), optionalText(each, '/v')].filter((part) => part !== undefined).join(': '))
    .filter((each) => each !== '')
    .join(', ')
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
