import { MappingError } from '../../src/core/fault.ts'
import type { RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { at, list, money, optionalText, requiredMoney, requiredText, requiredUtcInstant, text } from '../parts/read.ts'
import { metaValue } from './meta.ts'

/**
 * A refund, `{order: {id, currency}, refund: document as received}`: the document itself does not say its currency.
 * `amount` is what went back, tax included; its lines carry negative amounts without tax.
 */
export function refundOf(raw: RawDocument): Refund {
  const doc = at(raw.doc, '/refund')
  const order = raw.parentId ?? optionalText(raw.doc, '/order/id')
  if (order === undefined) throw new MappingError('value-missing', 'The refund names no order.', '/order/id')
  const used = requiredText(raw.doc, '/order/currency')
  const created = requiredUtcInstant(doc, '/date_created_gmt')
  const amount = requiredMoney(doc, '/amount', used)
  const reason = optionalText(doc, '/reason')
  const shipping = list(doc, '/shipping_lines').reduce((sum, { value }) => sum + paidBack(value, used), 0)
  return {
    channelRefundNo: requiredText(doc, '/id'),
    channelOrderNo: order,
    kind: 'refund',
    state: 'done',
    amount: { minor: Math.abs(amount.minor), currency: used },
    ...(shipping === 0 ? {} : { shipping: { minor: shipping, currency: used } }),
    ...(reason === undefined ? {} : { reason }),
    at: created,
    sourceUpdatedAt: created,
    lines: list(doc, '/line_items').map(({ value }) => lineOf(value, used)),
  }
}

function lineOf(line: unknown, currency: string): Refund['lines'][number] {
  const original = metaValue(line, '_refunded_item_id')
  const sku = optionalText(line, '/sku')
  const title = optionalText(line, '/name')
  return {
    channelLineNo: typeof original === 'string' || typeof original === 'number' ? String(original) : requiredText(line, '/id'),
    ...(sku === undefined ? {} : { channelSku: sku }),
    ...(title === undefined ? {} : { title }),
    quantity: text(line, '/quantity').replace(/^-/, '') || '0',
    amount: { minor: paidBack(line, currency), currency },
  }
}

/** Amount and tax of a refunded line, as a positive number. */
const paidBack = (line: unknown, currency: string): number => 0 - money(line, '/total', currency).minor - money(line, '/total_tax', currency).minor
