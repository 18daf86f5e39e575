import { MappingError } from '../../src/core/fault.ts'
import { moneyToDecimal } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { amount } from '../parts/cny.ts'
import { fen, requiredFen, units } from '../parts/fen-ms.ts'
import { list, optionalText, requiredText, text } from '../parts/read.ts'
import type { State } from './state.ts'

/** A SKU of an order with what was taken off it, by who pays for that. */
export interface Line {
  readonly line: OrderLine
  readonly bySeller: number
  readonly byPlatform: number
}

/** Lines have no number: they are named by their SKU, and a second line about it by its place too. */
export function linesOf(doc: unknown, state: State): readonly Line[] {
  const seen = new Map<string, number>()
  return list(doc, '/skuList').map(({ value }, i) => {
    const sku = requiredText(value, '/skuId')
    const n = (seen.get(sku) ?? 0) + 1
    seen.set(sku, n)
    return lineOf(value, { lineNo: i + 1, id: n === 1 ? sku : `${sku}#${n}`, sku, state })
  })
}

interface Place {
  readonly lineNo: number
  readonly id: string
  readonly sku: string
  readonly state: State
}

/** Amounts of a line are of all its pieces. */
function lineOf(value: unknown, { lineNo, id, sku, state }: Place): Line {
  const quantity = units(value, '/skuQuantity')
  if (quantity === 0) throw new MappingError('value-missing', 'The number of pieces is missing.', '/skuList/skuQuantity')
  const net = requiredFen(value, '/totalPaidAmount')
  const [bySeller, byPlatform] = [fen(value, '/totalMerchantDiscount'), fen(value, '/totalRedDiscount')]
  if (net < 0 || bySeller < 0 || byPlatform < 0)
    throw new MappingError('money-unreadable', 'What a line costs and what is taken off it is not negative.', '/skuList/totalPaidAmount')
  const gross = net + bySeller + byPlatform
  const [product, options] = [optionalText(value, '/itemId'), optionalText(value, '/skuSpec')]
  const shipped = state.isSent(sku) ? quantity : 0
  return {
    bySeller,
    byPlatform,
    line: {
      lineNo,
      channelLineNo: id,
      channelSku: text(value, '/erpcode').trim(),
      ...(product === undefined ? {} : { channelProduct: product }),
      listingKey: sku,
      title: optionalText(value, '/itemName') ?? text(value, '/skuName'),
      ...(options === undefined ? {} : { options }),
      quantity: String(quantity),
      cancelled: String(state.failed ? quantity - shipped : 0),
      shipped: String(shipped),
      unitPrice: moneyToDecimal(amount(Math.floor(gross / quantity))).replace(/\.?0+$/, ''),
      gross: amount(gross),
      discount: amount(gross - net),
      net: amount(net),
      tax: amount(0),
      role: optionalText(value, '/skuTag') === '1' ? 'gift' : 'single',
    },
  }
}
