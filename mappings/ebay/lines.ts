import type { OrderLine } from '../../src/core/order.ts'
import { at, decimal, list, optionalText, requiredText, text } from '../parts/read.ts'
import { unitPrice } from '../parts/unit-price.ts'
import { amountOf, meaningOf } from './read.ts'

type Progress = 'none' | 'some' | 'all'
const STATUSES: Readonly<Record<string, Progress>> = { NOT_STARTED: 'none', IN_PROGRESS: 'some', FULFILLED: 'all' }

/** `lineItemCost` is the whole line before, `discountedLineItemCost` after its reductions, and only there where there are some. */
export function linesOf(doc: unknown, currency: string): readonly OrderLine[] {
  const sent = sentOf(doc)
  const isCancelled = text(doc, '/cancelStatus/cancelState') === 'CANCELED'
  return list(doc, '/lineItems').map(({ value, pointer }, i): OrderLine => {
    const [id, quantity] = [requiredText(value, '/lineItemId'), decimal(value, '/quantity')]
    const status = meaningOf(STATUSES, requiredText(value, '/lineItemFulfillmentStatus'), {
      code: 'status-unmapped',
      pointer: `${pointer}/lineItemFulfillmentStatus`,
    })
    requiredText(value, '/lineItemCost/value')
    const listed = amountOf(value, '/lineItemCost', currency)
    const net = at(value, '/discountedLineItemCost') === undefined ? listed : amountOf(value, '/discountedLineItemCost', currency)
    const shipped = status === 'all' ? Number(quantity) : status === 'none' ? 0 : Math.min(sent.get(id) ?? 0, Number(quantity))
    const [item, sku] = [optionalText(value, '/legacyItemId'), text(value, '/sku').trim()]
    const options = list(value, '/variationAspects').map((each) => text(each.value, '/value'))
    const gross = { minor: Math.max(listed.minor, net.minor), currency }
    return {
      lineNo: i + 1,
      channelLineNo: id,
      channelSku: sku,
      ...(item === undefined ? {} : { channelProduct: item, listingKey: sku === '' ? item : `${item}:${sku}` }),
      title: requiredText(value, '/title'),
      ...(options.length === 0 ? {} : { options: options.join(', ') }),
      quantity,
      cancelled: isCancelled ? String(Number(quantity) - shipped) : '0',
      shipped: String(shipped),
      unitPrice: unitPrice(requiredText(value, '/lineItemCost/value'), quantity),
      gross,
      discount: { minor: gross.minor - net.minor, currency },
      net,
      tax: { minor: taxOf(value, currency), currency },
      role: at(value, '/giftDetails') === undefined ? 'single' : 'service',
    }
  })
}

/** What is in packages, by line. */
function sentOf(doc: unknown): ReadonlyMap<string, number> {
  const sent = new Map<string, number>()
  for (const parcel of list(doc, '/shippingFulfillments'))
    for (const { value } of list(parcel.value, '/lineItems')) {
      const id = text(value, '/lineItemId')
      sent.set(id, (sent.get(id) ?? 0) + Number(text(value, '/quantity') || '1'))
    }
  return sent
}

/** `taxes` repeats what eBay collects itself; where it is empty that stands alone. */
function taxOf(line: unknown, currency: string): number {
  const sum = (name: string): number => list(line, name).reduce((total, { value }) => total + amountOf(value, '/amount', currency).minor, 0)
  return sum('/taxes') || sum('/ebayCollectAndRemitTaxes')
}
