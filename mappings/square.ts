import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import type { Order } from '../src/core/order.ts'
import { placeAt } from './parts/places.ts'
import { at, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'
import { linesOf, type Variations } from './square/lines.ts'
import { discountsOf, totalsOf } from './square/totals.ts'
import { amount, currencyOf, requiredAmount } from './square/money.ts'
import { paymentsOf, refundOf } from './square/payments.ts'
import { shipmentsOf, recipientOf } from './square/fulfilments.ts'
import { stateOf } from './square/state.ts'

/**
 * Square's order → canonical. A document is `{order, variations}`: the order as received and the SKUs of the variations its lines
 * name. A return is an order of its own and becomes a refund of the sale it names.
 */
export const square: Mapping = {
  channel: 'square',
  version: 1,
  map: (raw, context) => {
    const doc = at(raw.doc, '/order')
    if (doc === undefined) throw new MappingError('document-unreadable', 'The document holds no order.', '/order')
    const skus = skusOf(raw.doc)
    if (raw.kind === 'refund') return { kind: 'refund', refund: refundOf(doc, skus) } satisfies Mapped
    if (text(doc, '/state') === 'DRAFT') return { kind: 'ignore', rule: 'draft', reason: 'A draft can be neither paid nor fulfilled.' }
    if (list(doc, '/line_items').length === 0 && list(doc, '/tenders').some(({ value }) => text(value, '/type') === 'NO_SALE'))
      return { kind: 'ignore', rule: 'no-sale', reason: 'The drawer of a till was opened and nothing was sold.' }
    return handOverOf(doc, context) ?? ({ kind: 'order', order: orderOf(doc, skus, context) } satisfies Mapped)
  },
  places: { of: placeAt('/order/location_id') },
}

/**
 * A ticket that only hands over an order placed elsewhere: its name or reference begins with the word of the connection's
 * setting, the order's number follows. Until it is rung up nothing has left the counter.
 */
function handOverOf(doc: unknown, { config }: MapContext): Mapped | undefined {
  const mark = typeof config['pickupMark'] === 'string' ? config['pickupMark'].trim().toLowerCase() : ''
  if (mark === '') return undefined
  const said = [text(doc, '/ticket_name'), text(doc, '/reference_id')].find((each) => each.trim().toLowerCase().startsWith(mark))
  if (said === undefined) return undefined
  const number = said
    .trim()
    .slice(mark.length)
    .replace(/^[\s:#-]+/, '')
    .split(/\s/)[0]
  // The name of a ticket is often the buyer's own, and a rule is read by everybody: only what has a digit is a number.
  if (number === undefined || !/^[\p{L}\p{N}._/-]{1,100}$/u.test(number) || !/\d/.test(number))
    throw new MappingError('pickup-number-missing', 'The ticket says that it hands over an order, and not which one.', '/order/ticket_name')
  const state = text(doc, '/state')
  if (state === 'COMPLETED') return { kind: 'ignore', rule: `collected:${number}`, reason: 'Hands over an order placed elsewhere.' }
  return { kind: 'ignore', rule: 'pickup-not-yet', reason: `A ticket that hands over an order placed elsewhere, ${state.toLowerCase()}.` }
}

const skusOf = (doc: unknown): Variations =>
  new Map(
    list(doc, '/variations').map(({ value }) => [
      text(value, '/id'),
      { sku: text(value, '/sku'), upc: text(value, '/upc'), item: text(value, '/item') },
    ]),
  )

function orderOf(doc: unknown, skus: Variations, context: MapContext): Order {
  const id = requiredText(doc, '/id')
  const currency = currencyOf(doc, context.currency)
  const total = requiredAmount(doc, '/total_money', currency)
  const state = stateOf(doc, { total, currency })
  const lines = linesOf(doc, { currency, skus, state })
  const payments = paymentsOf(doc, currency)
  const totals = totalsOf(doc, { currency, lines, postage: postageNames(context) })
  const paidAt = payments.flatMap((each) => (each.kind === 'capture' && each.at ? [each.at] : [])).sort()[0]
  const closedAt = utcInstant(doc, '/closed_at')
  // The name of a ticket is often the buyer's own: it is left where it is.
  const [displayNo, customer] = [optionalText(doc, '/reference_id'), optionalText(doc, '/customer_id')]
  const recipient = recipientOf(doc)
  const notes = list(doc, '/fulfillments').flatMap(
    ({ value }) => optionalText(value, '/pickup_details/note') ?? optionalText(value, '/shipment_details/shipping_note') ?? [],
  )
  return {
    channelOrderNo: id,
    ...(displayNo === undefined ? {} : { displayNo }),
    type: state.type,
    fulfilmentBy: 'merchant',
    sourceStatus: state.source,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: totals.refunded.minor > 0 ? 'closed' : list(doc, '/refunds').length > 0 ? 'in_progress' : 'none',
    ...(state.cancelled ? { cancelled: closedAt === undefined ? {} : { at: closedAt } } : {}),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/created_at'),
    ...(paidAt === undefined || state.payment === 'pending' ? {} : { paidAt }),
    sourceUpdatedAt: utcInstant(doc, '/updated_at') ?? requiredUtcInstant(doc, '/created_at'),
    sourceTz: context.timezone,
    sourcePrecision: 'ms',
    currency,
    taxIncluded: !hasAdditive(doc),
    totals,
    lines,
    discounts: discountsOf(doc, lines, currency),
    payments,
    // Returns are documents of their own.
    refunds: [],
    shipments: shipmentsOf(doc, lines),
    piiMode: 'plain',
    ...(recipient === undefined ? {} : { recipient }),
    ...(customer === undefined ? {} : { buyerRef: customer }),
    ...(notes[0] === undefined ? {} : { buyerNote: notes[0] }),
    isCod: false,
    couponCodes: [],
    extra: extraOf(doc, currency),
  }
}

/** One additive tax makes the amounts of an order amounts without tax. */
const hasAdditive = (doc: unknown): boolean => list(doc, '/taxes').some(({ value }) => text(value, '/type') === 'ADDITIVE')

function postageNames({ config }: MapContext): ReadonlySet<string> {
  const given = config['shippingCharges']
  return new Set((typeof given === 'string' ? given : 'Shipping, Delivery').split(',').map((name) => name.trim().toLowerCase()))
}

function extraOf(doc: unknown, currency: string): Readonly<Record<string, string>> {
  const tip = amount(doc, '/total_tip_money', currency).minor
  const inclusive = hasAdditive(doc)
    ? list(doc, '/taxes').reduce(
        (sum, { value }) => sum + (text(value, '/type') === 'INCLUSIVE' ? amount(value, '/applied_money', currency).minor : 0),
        0,
      )
    : 0
  const [pickup] = list(doc, '/fulfillments').flatMap(({ value }) => optionalText(value, '/pickup_details/pickup_at') ?? [])
  const values = {
    location: text(doc, '/location_id'),
    source: text(doc, '/source/name'),
    version: text(doc, '/version'),
    reference: text(doc, '/reference_id'),
    tip: tip === 0 ? '' : String(tip),
    inclusiveTax: inclusive === 0 ? '' : String(inclusive),
    pickupAt: pickup ?? '',
    returnsOf: list(doc, '/returns')
      .map(({ value }) => text(value, '/source_order_id'))
      .filter(Boolean)
      .join(', '),
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
