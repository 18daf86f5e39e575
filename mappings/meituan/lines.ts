import Big from 'big.js'
import type { OrderLine } from '../../src/core/order.ts'
import { amount, fen } from '../parts/cny.ts'
import { decimal, list, optionalText, text } from '../parts/read.ts'
import { nested } from './read.ts'

/** A line before its reductions, in fen. */
export interface Item {
  readonly line: Omit<OrderLine, 'discount' | 'net'>
  readonly product: string
  readonly sku: string
  readonly gross: number
  readonly boxes: number
}

/**
 * Lines have no number of their own: the SKU's code names them (the product's where it has none), counted where it stands there more than once.
 * `original_price` is the price before any activity; without it `price`, which is one or the other as the app has subscribed.
 */
export function itemsOf(doc: unknown, isGone: boolean): readonly Item[] {
  const seen = new Map<string, number>()
  return list({ detail: nested(doc, '/detail') }, '/detail').map(({ value }, i) => {
    const product = optionalText(value, '/app_food_code') ?? optionalText(value, '/app_spu_code') ?? ''
    const sku = optionalText(value, '/sku_id') ?? ''
    const name = sku || product || `line ${i + 1}`
    const nth = (seen.get(name) ?? 0) + 1
    seen.set(name, nth)
    const quantity = decimal(value, '/quantity')
    const price = optionalText(value, '/original_price') === undefined ? '/price' : '/original_price'
    const gross = times(fen(value, price), quantity)
    const [barcode, options] = [optionalText(value, '/upc'), optionalText(value, '/spec') ?? optionalText(value, '/food_property')]
    return {
      product,
      sku,
      gross,
      boxes: times(fen(value, '/box_price'), optionalText(value, '/box_num') === undefined ? '0' : decimal(value, '/box_num')),
      line: {
        lineNo: i + 1,
        channelLineNo: nth === 1 ? name : `${name}-${nth}`,
        channelSku: sku || product,
        ...(product === '' ? {} : { channelProduct: product, listingKey: `${product}:${sku}` }),
        ...(barcode === undefined ? {} : { barcode }),
        title: text(value, '/food_name'),
        ...(options === undefined ? {} : { options }),
        quantity,
        cancelled: isGone ? quantity : '0',
        shipped: '0',
        unitPrice: new Big(fen(value, price)).div(100).toFixed(),
        gross: amount(gross),
        tax: amount(0),
        role: 'single',
      },
    }
  })
}

const times = (minor: number, quantity: string): number => new Big(minor).times(quantity).round(0, Big.roundHalfUp).toNumber()
