import Big from 'big.js'
import type { OrderLine } from '../../src/core/order.ts'
import { decimal, list, money, optionalText, requiredText, text } from '../parts/read.ts'
import { unitPrice } from '../parts/unit-price.ts'
import type { State } from './state.ts'

/**
 * Product lines; an order that only collects a fee gets its fees as lines. `subtotal` is before discount and `total`
 * after, both without tax. Lines edited down to nothing are left out.
 */
export function linesOf(doc: unknown, currency: string, state: State): readonly OrderLine[] {
  const goods = list(doc, '/line_items').filter(({ value }) => !(text(value, '/quantity') === '0' && money(value, '/total', currency).minor === 0))
  const fees = goods.length > 0 ? [] : list(doc, '/fee_lines')
  return [
    ...goods.map(({ value }, i) => productLine(value, { lineNo: i + 1, currency, state })),
    ...fees.map(({ value }, i) => feeLine(value, i + 1, currency)),
  ]
}

interface Place {
  readonly lineNo: number
  readonly currency: string
  readonly state: State
}

function productLine(line: unknown, { lineNo, currency, state }: Place): OrderLine {
  const net = money(line, '/total', currency)
  const subtotal = money(line, '/subtotal', currency)
  // A line edited above its price has no discount.
  const gross = subtotal.minor > net.minor ? subtotal : net
  const quantity = decimal(line, '/quantity')
  const product = text(line, '/product_id')
  const variation = text(line, '/variation_id')
  const options = optionsOf(line)
  const barcode = optionalText(line, '/global_unique_id')
  const known = product !== '' && product !== '0'
  return {
    lineNo,
    channelLineNo: requiredText(line, '/id'),
    channelSku: text(line, '/sku'),
    ...(known ? { channelProduct: product, listingKey: variation === '' || variation === '0' ? product : `${product}:${variation}` } : {}),
    ...(barcode === undefined ? {} : { barcode }),
    title: text(line, '/name'),
    ...(options === '' ? {} : { options }),
    quantity,
    cancelled: state.cancelled ? quantity : '0',
    shipped: state.fulfilment === 'shipped' ? quantity : '0',
    unitPrice: unitPrice(subtotal.minor > net.minor ? text(line, '/subtotal') : text(line, '/total') || '0', quantity),
    gross,
    discount: { minor: gross.minor - net.minor, currency },
    net,
    tax: money(line, '/total_tax', currency),
    role: 'single',
  }
}

function feeLine(fee: unknown, lineNo: number, currency: string): OrderLine {
  const net = money(fee, '/total', currency)
  return {
    lineNo,
    channelLineNo: requiredText(fee, '/id'),
    channelSku: '',
    title: text(fee, '/name'),
    quantity: '1',
    cancelled: '0',
    shipped: '0',
    unitPrice: new Big(text(fee, '/total') || '0').toFixed(),
    gross: net,
    discount: { minor: 0, currency },
    net,
    tax: money(fee, '/total_tax', currency),
    role: 'fee',
  }
}

/** What the buyer chose, as the shop displays it; keys with an underscore are internal. */
const optionsOf = (line: unknown): string =>
  list(line, '/meta_data')
    .flatMap(({ value }) => {
      const key = text(value, '/key')
      const shown = value !== null && typeof value === 'object' && 'display_value' in value ? value.display_value : undefined
      if (key === '' || key.startsWith('_') || typeof shown !== 'string' || shown === '') return []
      return [`${text(value, '/display_key') || key}: ${shown.replace(/<[^>]*>/g, '').trim()}`]
    })
    .join('; ')
