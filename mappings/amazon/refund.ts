import { MappingError } from '../../src/core/fault.ts'
import type { RawDocument } from '../../src/core/mapping.ts'
import { moneyFromDecimal, type Money } from '../../src/core/money.ts'
import type { Refund } from '../../src/core/order.ts'
import { list, optionalText, requiredText, requiredUtcInstant, text } from '../parts/read.ts'

/** A transaction of the finances interface that gives money back. What the seller gets back of Amazon's fees is no part of it. */
export function refundOf(raw: RawDocument): Refund {
  const { doc } = raw
  const named = new Map(
    list(doc, '/relatedIdentifiers').map(({ value }) => [text(value, '/relatedIdentifierName'), text(value, '/relatedIdentifierValue')]),
  )
  const order = named.get('ORDER_ID') ?? raw.parentId
  const at = requiredUtcInstant(doc, '/postedDate')
  const reason = optionalText(doc, '/description')
  return {
    channelRefundNo: named.get('REFUND_ID') ?? named.get('DEFERRED_TRANSACTION_ID') ?? requiredText(doc, '/transactionId'),
    ...(order === undefined ? {} : { channelOrderNo: order }),
    kind: 'refund',
    state: 'done',
    amount: backOf(doc, ''),
    ...(reason === undefined ? {} : { reason }),
    at,
    sourceUpdatedAt: at,
    lines: list(doc, '/items').flatMap(({ value, pointer }) => lineOf(doc, value, pointer)),
  }
}

function lineOf(doc: unknown, item: unknown, pointer: string): Refund['lines'] {
  const product = list(item, '/contexts').find(({ value }) => text(value, '/contextType') === 'ProductContext')?.value
  const id = list(item, '/relatedIdentifiers').find(({ value }) => text(value, '/itemRelatedIdentifierName') === 'ORDER_ADJUSTMENT_ITEM_ID')
  const [sku, title] = [optionalText(product, '/sku'), optionalText(item, '/description')]
  return [
    {
      channelLineNo: (id && optionalText(id.value, '/itemRelatedIdentifierValue')) ?? sku ?? '',
      ...(sku === undefined ? {} : { channelSku: sku }),
      ...(title === undefined ? {} : { title }),
      quantity: optionalText(product, '/quantityShipped') ?? '0',
      amount: backOf(doc, pointer),
    },
  ]
}

/** "Sales" of the transaction or of one of its items: goods, postage and tax, negative when they go back. */
function backOf(doc: unknown, pointer: string): Money {
  const sales = list(doc, `${pointer}/breakdowns`).find(({ value }) => /^(?:refunded)?\s*sales$/i.test(text(value, '/breakdownType')))
  if (!sales)
    throw new MappingError('refund-amount-missing', 'The transaction does not say what of it goes back to the buyer.', `${pointer}/breakdowns`)
  const { minor, currency } = moneyFromDecimal(
    requiredText(sales.value, '/breakdownAmount/currencyAmount'),
    requiredText(sales.value, '/breakdownAmount/currencyCode'),
  )
  return { minor: minor === 0 ? 0 : -minor, currency }
}
