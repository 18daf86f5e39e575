import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment, Refund } from '../src/core/order.ts'
import { discountsOf, linesOf, taxOf } from './loyverse/lines.ts'
import { explanation } from './parts/explanation.ts'
import { placeAt } from './parts/places.ts'
import { list, money, optionalText, requiredMoney, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'

/** A receipt → canonical: a sale at a till, paid and handed over, or what was given back for one. Amounts are decimal, times UTC; the currency is the connection's. */
export const loyverse: Mapping = {
  channel: 'loyverse',
  version: 1,
  map: ({ doc }: RawDocument, context) => {
    const type = requiredText(doc, '/receipt_type')
    if (type === 'REFUND') return { kind: 'refund', refund: refundOf(doc, context.currency) }
    if (type === 'SALE') return { kind: 'order', order: orderOf(doc, context) }
    throw new MappingError('receipt-type-unmapped', `"${type.slice(0, 40)}" is not a kind of receipt the channel documents.`, '/receipt_type')
  },
  places: { of: placeAt('/store_id') },
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function orderOf(doc: unknown, context: MapContext): Order {
  const { currency } = context
  const cancelledAt = utcInstant(doc, '/cancelled_at')
  const isCancelled = cancelledAt !== undefined
  const isAdded = list(doc, '/total_taxes').some(({ value }) => text(value, '/type') === 'ADDED')
  const lines = linesOf(doc, { currency, isAdded, isCancelled })
  const total = requiredMoney(doc, '/total_money', currency)
  const items = sum(lines.map(({ net }) => net.minor))
  const tax = taxOf(doc, '/total_taxes', { type: isAdded ? 'ADDED' : 'INCLUDED', currency })
  const fees = feesOf(doc, total.minor - items - (isAdded ? tax : 0), currency)
  const payments = paymentsOf(doc, { currency, isCancelled })
  const amount = (minor: number) => ({ minor, currency })
  const soldAt = requiredUtcInstant(doc, '/receipt_date')
  // The name of a ticket is often the buyer's own: it is left where it is. What is noted at the till is kept with the buyer's data.
  const [customer, note] = [optionalText(doc, '/customer_id'), optionalText(doc, '/note')]
  return {
    channelOrderNo: requiredText(doc, '/receipt_number'),
    type: 'pos',
    fulfilmentBy: 'merchant',
    sourceStatus: isCancelled ? 'SALE cancelled' : 'SALE',
    payment: isCancelled ? 'voided' : 'paid',
    fulfilment: isCancelled ? 'unallocated' : 'delivered',
    afterSale: 'none',
    ...(cancelledAt === undefined ? {} : { cancelled: { at: cancelledAt, by: 'seller' as const } }),
    closed: true,
    placedAt: soldAt,
    ...(isCancelled ? {} : { paidAt: payments.flatMap(({ at }) => at ?? []).sort()[0] ?? soldAt }),
    sourceUpdatedAt: utcInstant(doc, '/updated_at') ?? requiredUtcInstant(doc, '/created_at'),
    sourceTz: context.timezone,
    sourcePrecision: 'ms',
    currency,
    taxIncluded: !isAdded,
    totals: {
      items: amount(items),
      discount: amount(sum(lines.map(({ discount }) => discount.minor))),
      unallocatedDiscount: amount(0),
      shipping: amount(0),
      shippingDiscount: amount(0),
      fees: amount(fees),
      duties: amount(0),
      tax: amount(tax),
      rounding: amount(0),
      total,
      paid: amount(isCancelled ? 0 : sum(payments.map((each) => each.amount.minor))),
      // What was given back is a receipt of its own.
      refunded: amount(0),
    },
    lines,
    discounts: discountsOf(doc, lines, currency),
    payments,
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    ...(customer === undefined ? {} : { buyerRef: customer }),
    ...(note === undefined ? {} : { buyerNote: note }),
    isCod: false,
    couponCodes: [],
    extra: extraOf(doc, isAdded ? taxOf(doc, '/total_taxes', { type: 'INCLUDED', currency }) : 0),
  }
}

/** Tip and surcharge, where they are what makes up the total; a total without them is what the goods cost. */
function feesOf(doc: unknown, gap: number, currency: string): number {
  const amounts = { tip: money(doc, '/tip', currency).minor, surcharge: money(doc, '/surcharge', currency).minor }
  const named = explanation(gap, amounts)
  return sum([...named].map((name) => amounts[name]))
}

/** Several ways of paying one sale are several entries. */
function paymentsOf(doc: unknown, { currency, isCancelled }: { readonly currency: string; readonly isCancelled: boolean }): readonly Payment[] {
  return list(doc, '/payments').map(({ value }): Payment => {
    const at = utcInstant(value, '/paid_at')
    return {
      kind: 'capture',
      method: optionalText(value, '/name') ?? optionalText(value, '/type') ?? requiredText(value, '/payment_type_id'),
      amount: requiredMoney(value, '/money_amount', currency),
      ...(at === undefined ? {} : { at }),
      status: isCancelled ? 'failed' : 'done',
    }
  })
}

/** Amounts of a refund are positive, as those of a sale; units come back to the shelf with it. */
function refundOf(doc: unknown, currency: string): Refund {
  const amount = requiredMoney(doc, '/total_money', currency)
  if (amount.minor < 0) throw new MappingError('amount-negative', 'Amounts of a refund are positive at this channel.', '/total_money')
  const sale = optionalText(doc, '/refund_for')
  const lines = list(doc, '/line_items').map(({ value }) => {
    const title = optionalText(value, '/item_name')
    return {
      channelLineNo: requiredText(value, '/id'),
      channelSku: text(value, '/sku').trim(),
      ...(title === undefined ? {} : { title }),
      quantity: text(value, '/quantity').trim() || '0',
      amount: requiredMoney(value, '/total_money', currency),
    }
  })
  return {
    channelRefundNo: requiredText(doc, '/receipt_number'),
    ...(sale === undefined ? {} : { channelOrderNo: sale }),
    kind: lines.some(({ quantity }) => Number(quantity) > 0) ? 'return' : 'refund',
    state: utcInstant(doc, '/cancelled_at') === undefined ? 'done' : 'rejected',
    amount,
    at: requiredUtcInstant(doc, '/receipt_date'),
    sourceUpdatedAt: utcInstant(doc, '/updated_at') ?? requiredUtcInstant(doc, '/created_at'),
    lines,
  }
}

function extraOf(doc: unknown, inclusiveTax: number): Order['extra'] {
  const real = (name: string): string | undefined => {
    const value = optionalText(doc, `/${name}`)
    return value === '0' ? undefined : value
  }
  const named = {
    store: real('store_id'),
    device: real('pos_device_id'),
    source: real('source'),
    diningOption: real('dining_option'),
    tip: real('tip'),
    // Beside taxes on top, those inside the prices have no place of their own.
    inclusiveTax: inclusiveTax === 0 ? undefined : String(inclusiveTax),
    surcharge: real('surcharge'),
    pointsEarned: real('points_earned'),
    pointsDeducted: real('points_deducted'),
    // A till without a line tells later of what it sold.
    arrivedAt: utcInstant(doc, '/created_at'),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
