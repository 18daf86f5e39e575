import { MappingError } from '../../src/core/fault.ts'
import { moneyToDecimal } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { amount } from '../parts/cny.ts'
import { at, list, optionalText, requiredText, text } from '../parts/read.ts'
import { fen, requiredFen, units } from '../parts/fen-ms.ts'
import type { State } from './state.ts'

/** An order holds one item in so many pieces; presents are orders of their own that hang on it. */
export interface Goods {
  readonly lines: readonly OrderLine[]
  readonly shipping: number
  readonly total: number
}

export function goodsOf(doc: unknown, state: State): Goods {
  const sums = sumsOf(doc)
  const main = lineOf({ item: at(doc, '/orderItemInfo'), oid: requiredText(doc, '/orderBaseInfo/oid'), sent: sentOf(doc, state), ...sums }, 1, state)
  const presents = list(doc, '/subOrderInfo').flatMap(({ value }, i) => {
    // Lists name their number and nothing else.
    const oid = optionalText(value, '/subOrderBaseInfo/oid')
    if (oid === undefined) return []
    const given = { item: at(value, '/subOrderItemInfo'), oid, sent: units(value, '/subOrderDeliveryInfo/deliveryNum'), gross: 0, net: 0 }
    return [{ ...lineOf(given, i + 2, state), role: 'gift' as const }]
  })
  return { lines: [main, ...presents], shipping: sums.shipping, total: sums.net + sums.shipping }
}

/** Pieces that have left; an order without that count leaves it at what the status says. */
function sentOf(doc: unknown, state: State): number {
  const all = units(doc, '/orderItemInfo/num')
  if (at(doc, '/orderDeliveryInfo/deliveryNum') !== undefined) return Math.min(all, units(doc, '/orderDeliveryInfo/deliveryNum'))
  return state.fulfilment === 'shipped' || state.fulfilment === 'delivered' ? all : 0
}

interface Sums {
  readonly gross: number
  readonly net: number
  readonly shipping: number
}

/**
 * Whether `totalFee` holds the postage, and which of the two prices `discountFee` is taken off, is told differently by different clients. Only a
 * reading that makes the amounts add up to the fen is taken; where none does, or where `totalFee` may be the sum before a discount, the
 * order is held rather than guessed at.
 */
function sumsOf(doc: unknown): Sums {
  const [total, discount, shipping] = [
    requiredFen(doc, '/orderBaseInfo/totalFee'),
    fen(doc, '/orderBaseInfo/discountFee'),
    fen(doc, '/orderBaseInfo/expressFee'),
  ]
  const count = units(doc, '/orderItemInfo/num')
  if (count === 0) throw new MappingError('value-missing', 'The number of pieces is missing.', '/orderItemInfo/num')
  const prices = ['/orderItemInfo/originalPrice', '/orderItemInfo/price'].flatMap((pointer) => (fen(doc, pointer) > 0 ? [fen(doc, pointer)] : []))
  const readings = [...new Set(prices.length > 0 ? prices : [0])].flatMap((price): readonly Sums[] => {
    const gross = price * count
    const net = gross - discount
    return net >= 0 && (total === net || total === net + shipping) ? [{ gross, net, shipping }] : []
  })
  const [only, other] = readings
  // The two prices may be apart by just the postage: then either could be what was paid.
  if (other) throw new MappingError('total-mismatch', 'The total of this order can be read in two ways that differ.', '/orderBaseInfo/totalFee')
  if (only) return only
  throw new MappingError('total-mismatch', 'Price, discount and postage do not explain the total of this order.', '/orderBaseInfo/totalFee')
}

interface Given {
  readonly item: unknown
  readonly oid: string
  readonly sent: number
  readonly gross: number
  readonly net: number
}

function lineOf({ item, oid, sent, gross, net }: Given, lineNo: number, state: State): OrderLine {
  const quantity = units(item, '/num')
  const [product, sku] = [optionalText(item, '/itemId'), optionalText(item, '/skuId')]
  const options = optionalText(item, '/skuDesc')
  return {
    lineNo,
    channelLineNo: oid,
    channelSku: text(item, '/skuNick').trim() || (optionalText(item, '/goodsCode') ?? ''),
    ...(product === undefined ? {} : { channelProduct: product, listingKey: sku === undefined || sku === '0' ? product : `${product}:${sku}` }),
    title: text(item, '/itemTitle'),
    ...(options === undefined ? {} : { options }),
    quantity: String(quantity),
    cancelled: String(state.failed ? quantity - sent : 0),
    shipped: String(sent),
    unitPrice: moneyToDecimal(amount(quantity === 0 ? 0 : Math.floor(gross / quantity))).replace(/\.?0+$/, ''),
    gross: amount(gross),
    discount: amount(gross - net),
    net: amount(net),
    tax: amount(0),
    role: 'single',
  }
}
