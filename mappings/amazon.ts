import { moneyFromDecimal, type Money } from '../src/core/money.ts'
import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { linesOf, discountsOf } from './amazon/lines.ts'
import { noteOf, recipientOf } from './amazon/recipient.ts'
import { refundOf } from './amazon/refund.ts'
import { readState, type State } from './amazon/state.ts'
import { totalsOf } from './amazon/totals.ts'
import { fromV0 } from './amazon/v0.ts'
import { at, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'

/** An order of the 2026-01-01 interface, or head and lines of the older one, or a transaction that gives money back → canonical. */
export const amazon: Mapping = {
  channel: 'amazon',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw, context)),
}

function mapOrder(raw: RawDocument, context: MapContext): Mapped {
  const doc = at(raw.doc, '/Order') === undefined ? raw.doc : fromV0(raw.doc)
  const currency = currencyOf(doc, context)
  const state = readState(doc)
  const goods = linesOf(doc, { currency, state })
  const { totals, taxIncluded } = totalsOf(doc, { currency, goods, state })
  const orderId = requiredText(doc, '/orderId')
  const alias = list(doc, '/orderAliases').find(({ value }) => text(value, '/aliasType') === 'SELLER_ORDER_ID')
  const displayNo = alias && optionalText(alias.value, '/aliasId')
  const shipBy = utcInstant(doc, '/fulfillment/shipByWindow/latestDateTime')
  const buyerNote = noteOf(doc)
  const order: Order = {
    channelOrderNo: orderId,
    ...(displayNo === undefined || displayNo === orderId ? {} : { displayNo }),
    type: typeOf(doc, state),
    fulfilmentBy: state.byChannel ? 'channel' : 'merchant',
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: 'none',
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/createdTime'),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: requiredUtcInstant(doc, '/lastUpdatedTime'),
    sourceTz: 'UTC',
    sourcePrecision: 's',
    currency,
    taxIncluded,
    totals,
    lines: goods.map(({ line }) => line),
    discounts: discountsOf(goods, currency),
    payments: paymentsOf(doc, state, totals.total),
    refunds: [],
    shipments: state.shipments,
    ...recipientOf(doc, { state, personalData: context.config['personalData'] !== false }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    isCod: state.isCod,
    couponCodes: [],
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

/** Of the total, else of the first amount of a line: orders that wait for their payment may carry none. */
function currencyOf(doc: unknown, context: MapContext): string {
  const ofLine = list(doc, '/orderItems').map(({ value }) => optionalText(value, '/product/price/unitPrice/currencyCode'))
  return optionalText(doc, '/proceeds/grandTotal/currencyCode') ?? ofLine.find((each) => each !== undefined) ?? context.currency
}

const programsOf = (doc: unknown): readonly string[] => list(doc, '/programs').map(({ value }) => text({ value }, '/value'))

function typeOf(doc: unknown, state: State): Order['type'] {
  const kinds = new Set(list(doc, '/associatedOrders').map(({ value }) => text(value, '/associationType')))
  const programs = programsOf(doc)
  if (kinds.has('REPLACEMENT_ORIGINAL_ID')) return 'resend'
  if (kinds.has('EXCHANGE_ORIGINAL_ID')) return 'exchange'
  if (programs.includes('IN_STORE_PICK_UP')) return 'pickup'
  if (state.status === 'PENDING_AVAILABILITY') return 'presale'
  return programs.includes('AMAZON_BUSINESS') ? 'b2b' : 'normal'
}

/** `COD` and `GC` are the words of the older interface. */
const KINDS: ReadonlyMap<string, Payment['kind']> = new Map([
  ['CashOnDelivery', 'cod'],
  ['COD', 'cod'],
  ['GiftCard', 'gift_card'],
  ['GiftCertificate', 'gift_card'],
  ['GC', 'gift_card'],
  ['PointsAccount', 'points'],
])

/** Amazon collects; how is told only in some marketplaces. */
function paymentsOf(doc: unknown, state: State, total: Money): readonly Payment[] {
  if (total.minor === 0) return []
  const status = state.isPaid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending'
  const told = list(doc, '/payment/paymentExecutions').flatMap(({ value }): readonly Payment[] => {
    const [amount, method] = [optionalText(value, '/paymentAmount/amount'), optionalText(value, '/paymentMethod') ?? 'Amazon']
    if (amount === undefined) return []
    const paid = moneyFromDecimal(amount, optionalText(value, '/paymentAmount/currencyCode') ?? total.currency)
    return [{ kind: KINDS.get(method) ?? 'capture', method, amount: paid, status }]
  })
  return told.length > 0 ? told : [{ kind: state.isCod ? 'cod' : 'capture', method: 'Amazon', amount: total, status }]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const items = list(doc, '/orderItems').map(({ value }) => value)
  const joined = (texts: readonly (string | undefined)[]): string | undefined =>
    [...new Set(texts.flatMap((each) => each ?? []))].join(', ') || undefined
  const related = list(doc, '/associatedOrders').map(({ value }) => optionalText(value, '/orderId'))
  const named = {
    marketplaceId: optionalText(doc, '/salesChannel/marketplaceId'),
    marketplace: optionalText(doc, '/salesChannel/marketplaceName'),
    serviceLevel: optionalText(doc, '/fulfillment/fulfillmentServiceLevel'),
    deliverBy: optionalText(doc, '/fulfillment/deliverByWindow/latestDateTime'),
    programs: joined(programsOf(doc)),
    originalOrder: joined(related),
    purchaseOrder: optionalText(doc, '/buyer/buyerPurchaseOrderNumber'),
    giftWrap: joined(items.map((item) => optionalText(item, '/fulfillment/packing/giftOption/giftWrapLevel'))),
    iossNumber: joined(items.map((item) => optionalText(item, '/fulfillment/shipping/internationalShipping/iossNumber'))),
    taxCollectedBy: joined(items.flatMap((item) => list(item, '/tax/taxCollections').map(({ value }) => optionalText(value, '/model')))),
    // Not to be sent before Amazon says so.
    heldByChannel: state.isHeld ? state.status : undefined,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
