import { fen } from '../parts/wechat.ts'
import { allocate } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { amount } from '../parts/cny.ts'
import { list, optionalText, requiredText, text } from '../parts/read.ts'
import { isTrue, lineKey, PRICE, PRODUCTS, sum, units } from './read.ts'
import type { State } from './state.ts'

/**
 * A line of the price for one (`sale_price`), down to what was paid for all of it (`real_price`): the lower one of what is left after all
 * reductions and what the seller changed it to. Documents of before 2023 have no `real_price`; what was paid is then shared out by price.
 */
export function linesOf(doc: unknown, state: State): readonly OrderLine[] {
  const products = list(doc, PRODUCTS).map(({ value }) => value)
  const nets = netsOf(doc, products)
  const sent = sentOf(state)
  const keys = products.map(lineKey)
  return products.map((product, i) => {
    const key = keys[i] ?? ''
    const quantity = units(product, '/sku_cnt')
    const repeated = keys.slice(0, i).filter((each) => each === key).length
    const shipped = Math.min(quantity, shippedOf(state, sent, key, quantity - units(product, '/finish_aftersale_sku_cnt')))
    sent.set(key, (sent.get(key) ?? 0) - shipped)
    return lineOf(product, {
      lineNo: i + 1,
      key: repeated === 0 ? key : `${key}#${repeated + 1}`,
      quantity,
      shipped,
      net: nets[i] ?? 0,
      isGone: state.isCancelled,
    })
  })
}

interface Place {
  readonly lineNo: number
  readonly key: string
  readonly quantity: number
  readonly shipped: number
  readonly net: number
  readonly isGone: boolean
}

function lineOf(product: unknown, { lineNo, key, quantity, shipped, net, isGone }: Place): OrderLine {
  const price = fen(product, '/sale_price')
  const gross = Math.max(price * quantity, net)
  const unsent = quantity - shipped
  const options = list(product, '/sku_attrs')
    .map(({ value }) => [optionalText(value, '/attr_key'), optionalText(value, '/attr_value')].filter((part) => part !== undefined).join(': '))
    .filter((each) => each !== '')
    .join(', ')
  return {
    lineNo,
    channelLineNo: key,
    channelSku: optionalText(product, '/sku_code') ?? optionalText(product, '/out_sku_id') ?? text(product, '/out_product_id').trim(),
    channelProduct: requiredText(product, '/product_id'),
    listingKey: lineKey(product),
    title: text(product, '/title'),
    ...(options === '' ? {} : { options }),
    quantity: String(quantity),
    cancelled: String(isGone ? unsent : Math.min(unsent, units(product, '/finish_aftersale_sku_cnt'))),
    shipped: String(shipped),
    unitPrice: yuan(price),
    gross: amount(gross),
    discount: amount(gross - net),
    net: amount(net),
    tax: amount(0),
    role: isTrue(product, '/is_free_gift') ? 'gift' : 'single',
  }
}

/** 1990 → "19.9" */
const yuan = (minor: number): string => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`.replace(/\.?0+$/, '')

function netsOf(doc: unknown, products: readonly unknown[]): readonly number[] {
  if (products.every((product) => optionalText(product, '/real_price') !== undefined)) return products.map((product) => fen(product, '/real_price'))
  const gross = products.map((product) => fen(product, '/sale_price') * units(product, '/sku_cnt'))
  const paid = fen(doc, `${PRICE}/order_price`) - shippingOf(doc)
  return paid < 0 || paid > sum(gross) ? gross : allocate(amount(paid), gross).map((share) => share.minor)
}

/** Postage, as the seller may have changed it. */
export const shippingOf = (doc: unknown): number =>
  isTrue(doc, `${PRICE}/is_change_freight`) ? fen(doc, `${PRICE}/change_freight`) : fen(doc, `${PRICE}/freight`)

/** Pieces in packages, by product and SKU. */
function sentOf(state: State): Map<string, number> {
  const sent = new Map<string, number>()
  for (const { channelLineNo, quantity } of state.shipments.flatMap(({ lines }) => lines))
    sent.set(channelLineNo, (sent.get(channelLineNo) ?? 0) + Number(quantity))
  return sent
}

/** Goods without a package (virtual ones) have left when the order says so, those given back before aside. */
function shippedOf(state: State, sent: ReadonlyMap<string, number>, key: string, kept: number): number {
  if (state.shipments.length > 0) return Math.max(0, sent.get(key) ?? 0)
  return state.fulfilment === 'shipped' || state.fulfilment === 'delivered' ? Math.max(0, kept) : 0
}
