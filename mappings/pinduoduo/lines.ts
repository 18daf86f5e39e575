import type { OrderLine } from '../../src/core/order.ts'
import { amount, fen, pieces } from '../parts/cny.ts'
import { list, optionalText, text } from '../parts/read.ts'
import type { State } from './state.ts'

/** One line before reductions, with its price × number in fen. */
export interface Goods {
  readonly line: OrderLine
  readonly gross: number
}

/**
 * The goods, nearly always of one SKU, and the gifts that go in the same package: those with an order of their own are sent
 * there. Lines have no number at the channel; the SKU tells them apart.
 */
export function goodsOf(doc: unknown, state: State): readonly Goods[] {
  const items = list(doc, '/item_list')
  const gifts = text(doc, '/gift_order_status') === '1' ? [] : list(doc, '/gift_list').filter(({ value }) => text(value, '/order_sn') === '')
  const seen = new Map<string, number>()
  const lineNo = (sku: string): string => {
    const times = (seen.get(sku) ?? 0) + 1
    seen.set(sku, times)
    return times === 1 ? sku : `${sku}#${times}`
  }
  return [
    ...items.map(({ value }, i) => goodsLine(value, { lineNo: i + 1, no: lineNo(skuOf(value)), state, isGift: false })),
    ...gifts.map(({ value }, i) => goodsLine(value, { lineNo: items.length + i + 1, no: `gift:${lineNo(skuOf(value))}`, state, isGift: true })),
  ]
}

const skuOf = (item: unknown): string => optionalText(item, '/sku_id') ?? text(item, '/goods_id')

function goodsLine(item: unknown, place: { readonly lineNo: number; readonly no: string; readonly state: State; readonly isGift: boolean }): Goods {
  const { state, isGift } = place
  const quantity = pieces(item, '/goods_count', '1')
  const gross = isGift ? 0 : Math.round(fen(item, '/goods_price') * Number(quantity))
  const [product, variant, options] = [optionalText(item, '/goods_id'), optionalText(item, '/sku_id'), optionalText(item, '/goods_spec')]
  const line: OrderLine = {
    lineNo: place.lineNo,
    channelLineNo: place.no,
    channelSku: optionalText(item, '/outer_id') ?? text(item, '/outer_goods_id').trim(),
    ...(product === undefined ? {} : { channelProduct: product, listingKey: `${product}:${variant ?? '0'}` }),
    title: text(item, '/goods_name'),
    ...(options === undefined ? {} : { options }),
    quantity,
    cancelled: state.cancelled ? quantity : '0',
    shipped: state.sent ? quantity : '0',
    unitPrice: isGift ? '0' : plain(text(item, '/goods_price').trim()),
    gross: amount(gross),
    discount: amount(0),
    net: amount(gross),
    tax: amount(0),
    role: isGift ? 'gift' : 'single',
  }
  return { line, gross }
}

/** "70.00" → "70". */
const plain = (decimal: string): string => (decimal === '' ? '0' : decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)
