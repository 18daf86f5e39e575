import Big from 'big.js'
import type { OrderLine } from '../../src/core/order.ts'
import { amount, fen } from '../parts/cny.ts'
import { decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import type { State } from './state.ts'

/** What the list shows of one line: price × number, before any reduction. */
export interface Item {
  readonly channelLineNo: string
  readonly sku: string
  readonly gross: number
  readonly value: unknown
}

/** Lines have no number of their own: it is the SKU's, counted where a SKU stands there more than once (a gift of what was bought). */
export function itemsOf(doc: unknown): readonly Item[] {
  const seen = new Map<string, number>()
  return list(doc, '/itemInfoList').map(({ value }) => {
    const sku = requiredText(value, '/skuId')
    const nth = (seen.get(sku) ?? 0) + 1
    seen.set(sku, nth)
    const gross = new Big(fen(value, '/jdPrice')).times(decimal(value, '/itemTotal')).round().toNumber()
    return { channelLineNo: nth === 1 ? sku : `${sku}-${nth}`, sku, gross, value }
  })
}

export function lineOf({ channelLineNo, sku, gross, value }: Item, i: number, off: number, state: State): OrderLine {
  const quantity = decimal(value, '/itemTotal')
  const product = optionalText(value, '/wareId')
  return {
    lineNo: i + 1,
    channelLineNo,
    channelSku: optionalText(value, '/outerSkuId') ?? '',
    ...(product === undefined ? {} : { channelProduct: product }),
    listingKey: sku,
    title: text(value, '/skuName'),
    quantity,
    cancelled: state.cancelled ? quantity : '0',
    shipped: state.left && state.fulfilment !== 'unallocated' ? quantity : '0',
    unitPrice: new Big(optionalText(value, '/jdPrice') ?? '0').toFixed(),
    gross: amount(gross),
    discount: amount(off),
    net: amount(gross - off),
    tax: amount(0),
    role: state.isVoucher ? 'service' : gross === 0 ? 'gift' : 'single',
  }
}
