import { moneyToDecimal } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import { additiveTax, amount, requiredAmount } from './money.ts'
import type { State } from './state.ts'

/** SKUs and barcodes of the variations an order's lines name. */
export type Variations = ReadonlyMap<string, { readonly sku: string; readonly upc: string; readonly item: string }>

interface Given {
  readonly currency: string
  readonly skus: Variations
  readonly state: State
}

export const linesOf = (doc: unknown, given: Given): readonly OrderLine[] => {
  const sent = sentOf(doc)
  return list(doc, '/line_items').map(({ value, pointer }, i) => lineOf(doc, value, { ...given, sent, pointer, lineNo: i + 1 }))
}

/** Units of fulfilments that are done, by line; `all` where a fulfilment holds the whole order. */
function sentOf(doc: unknown): { readonly all: boolean; readonly byLine: ReadonlyMap<string, number> } {
  const done = list(doc, '/fulfillments').filter(({ value }) => text(value, '/state') === 'COMPLETED')
  const byLine = new Map<string, number>()
  for (const { value } of done)
    for (const { value: entry } of list(value, '/entries')) {
      const uid = text(entry, '/line_item_uid')
      byLine.set(uid, (byLine.get(uid) ?? 0) + Number(text(entry, '/quantity') || '0'))
    }
  return { all: done.some(({ value }) => text(value, '/line_item_application') !== 'ENTRY_LIST'), byLine }
}

/**
 * `total_money` of a line is what is collected for it: after its reductions, with the taxes that come on top and its share of
 * service charges. Both are counted elsewhere and taken off; taxes inside the price stay in. `gross_sales_money` cannot be
 * used: in some countries it is without the tax inside, in others with it.
 */
function lineOf(
  doc: unknown,
  line: unknown,
  given: Given & { readonly sent: ReturnType<typeof sentOf>; readonly pointer: string; readonly lineNo: number },
): OrderLine {
  const { currency, skus, state, sent } = given
  const uid = requiredText(line, '/uid')
  const quantity = decimal(line, '/quantity')
  const additive = additiveTax(doc, line, currency).minor
  const isAdditive = list(doc, '/taxes').some(({ value }) => text(value, '/type') === 'ADDITIVE')
  const total = requiredAmount(line, '/total_money', currency).minor
  const net = total - additive - amount(line, '/total_service_charge_money', currency).minor
  const discount = amount(line, '/total_discount_money', currency).minor
  const variation = text(line, '/catalog_object_id')
  const names = skus.get(variation)
  const shipped = state.handedOver || sent.all ? Number(quantity) : Math.min(sent.byLine.get(uid) ?? 0, Number(quantity))
  const options = optionsOf(line)
  const type = text(line, '/item_type') || 'ITEM'
  return {
    lineNo: given.lineNo,
    channelLineNo: uid,
    channelSku: names?.sku ?? '',
    ...(names === undefined || names.item === '' ? {} : { channelProduct: names.item }),
    ...(variation === '' ? {} : { listingKey: variation }),
    ...(names === undefined || names.upc === '' ? {} : { barcode: names.upc }),
    // Amounts typed in at the till have no name.
    title: optionalText(line, '/name') ?? (type === 'CUSTOM_AMOUNT' ? 'Custom amount' : requiredText(line, '/name')),
    ...(options === '' ? {} : { options }),
    quantity,
    cancelled: state.cancelled ? decimalOf(Number(quantity) - shipped) : '0',
    shipped: decimalOf(shipped),
    unitPrice: moneyToDecimal(amount(line, '/base_price_money', currency)),
    gross: { minor: net + discount, currency },
    discount: { minor: discount, currency },
    net: { minor: net, currency },
    tax: isAdditive ? { minor: additive, currency } : amount(line, '/total_tax_money', currency),
    role: type === 'ITEM' ? 'single' : 'service',
  }
}

/** Weighed goods have up to five decimals. */
const decimalOf = (value: number): string => String(Number(value.toFixed(5)))

/** The variation's name and what was chosen with it. */
function optionsOf(line: unknown): string {
  const variation = optionalText(line, '/variation_name')
  const modifiers = list(line, '/modifiers').flatMap(({ value }) => optionalText(value, '/name') ?? [])
  return [...(variation === undefined || variation === 'Regular' ? [] : [variation]), ...modifiers].join(', ')
}
