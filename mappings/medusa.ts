import { MappingError } from '../src/core/fault.ts'
import type { Mapped, Mapping } from '../src/core/mapping.ts'
import type {
  AfterSaleStatus,
  ChannelShipment,
  FulfilmentStatus,
  Order,
  OrderLine,
  Party,
  Payment,
  PaymentStatus,
  Refund,
} from '../src/core/order.ts'
import { discountsOf, exact, lineMoney, rounded, totalsOf, type LineMoney } from './medusa/money.ts'
import { at, flag, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'
import { unitPrice } from './parts/unit-price.ts'

/** Medusa 2 Admin API order → canonical order. Prices are taken with tax; payments, refunds and fulfilments are parts of the document. */
export const medusa: Mapping = {
  channel: 'medusa',
  version: 1,
  map: ({ kind, doc }) => {
    if (kind !== 'order') throw new MappingError('document-unreadable', 'Medusa sends refunds inside their order.')
    return mapOrder(doc)
  },
}

interface State {
  readonly closed: boolean
  readonly cancelled: boolean
}

/** `OrderStatus` of Medusa. */
const STATES: ReadonlyMap<string, State> = new Map([
  ['pending', { closed: false, cancelled: false }],
  ['requires_action', { closed: false, cancelled: false }],
  ['completed', { closed: true, cancelled: false }],
  ['archived', { closed: true, cancelled: false }],
  ['canceled', { closed: true, cancelled: true }],
])

/** Of the order's payment collections, as Medusa sums them up. */
const PAYMENTS: ReadonlyMap<string, PaymentStatus> = new Map([
  ['not_paid', 'pending'],
  ['awaiting', 'pending'],
  ['requires_action', 'pending'],
  ['authorized', 'authorised'],
  ['partially_authorized', 'authorised'],
  ['captured', 'paid'],
  ['partially_captured', 'partially_paid'],
  ['partially_refunded', 'partially_refunded'],
  ['refunded', 'refunded'],
  ['canceled', 'voided'],
])

function known<T>(doc: unknown, pointer: string, words: ReadonlyMap<string, T>): T {
  const word = requiredText(doc, pointer)
  const meaning = words.get(word)
  if (meaning === undefined)
    throw new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a known status.`, pointer, { known: [...words.keys()] })
  return meaning
}

function mapOrder(doc: unknown): Mapped {
  const status = requiredText(doc, '/status')
  if (status === 'draft') return { kind: 'ignore', rule: 'draft', reason: 'A draft order that was never placed.' }
  const state = known(doc, '/status', STATES)
  const currency = requiredText(doc, '/currency_code').toUpperCase()
  const lines = itemsOf(doc).map((item, i) => ({ lineNo: i + 1, item, money: lineMoney(item, currency) }))
  const totals = totalsOf(
    doc,
    lines.map(({ money }) => money),
    currency,
  )
  const payments = paymentsOf(doc, currency)
  const refunds = refundsOf(doc, { currency, orderNo: requiredText(doc, '/id'), cancelled: state.cancelled })
  const captured = payments.reduce((sum, { kind, amount }) => sum + (kind === 'capture' ? amount.minor : 0), 0)
  const refunded = refunds.reduce((sum, { amount }) => sum + amount.minor, 0)
  const said = known(doc, '/payment_status', PAYMENTS)
  // Medusa takes a capture that is one smallest unit short for the whole: what a provider charges is rounded by its own rule.
  const paid = said === 'paid' && totals.total.minor - captured === 1 ? totals.total.minor : captured
  const free = totals.total.minor === 0 && said === 'pending' && list(doc, '/payment_collections').length === 0
  const changedAt = latestChange(doc, requiredUtcInstant(doc, '/updated_at'))
  const paidAt = payments.findLast(({ kind }) => kind === 'capture')?.at
  const order: Order = {
    channelOrderNo: requiredText(doc, '/id'),
    displayNo: optionalText(doc, '/custom_display_id') ?? requiredText(doc, '/display_id'),
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: `${status}/${requiredText(doc, '/fulfillment_status')}`,
    payment: free ? 'paid' : said,
    fulfilment: fulfilmentOf(lines.map(({ item }) => item)),
    afterSale: afterSaleOf(doc, refunds),
    ...(state.cancelled ? { cancelled: { at: utcInstant(doc, '/canceled_at') ?? requiredUtcInstant(doc, '/updated_at') } } : {}),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/created_at'),
    ...(paidAt === undefined || said === 'partially_paid' ? {} : { paidAt }),
    sourceUpdatedAt: changedAt,
    sourceTz: 'UTC',
    sourcePrecision: 'ms',
    currency,
    taxIncluded: true,
    totals: { ...totals, paid: { minor: paid, currency }, refunded: { minor: refunded, currency } },
    lines: lines.map((line) => lineOf(line, state)),
    discounts: discountsOf(doc, lines, currency),
    payments,
    refunds,
    shipments: list(doc, '/fulfillments').map(({ value }) => shipmentOf(value)),
    piiMode: 'plain',
    ...parties(doc),
    isCod: false,
    couponCodes: couponsOf(lines.map(({ item }) => item)),
    extra: extraOf(doc),
  }
  return { kind: 'order', order }
}

/** Medusa hands the items out in any order; by when they were made their numbers stay. Those an edit has taken out have no units. */
const itemsOf = (doc: unknown): readonly unknown[] =>
  list(doc, '/items')
    .filter(({ value }) => exact(value, '/quantity').gt(0))
    .map(({ value }) => ({ value, key: `${text(value, '/created_at')} ${requiredText(value, '/id')}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ value }) => value)

const plain = (doc: unknown, pointer: string): string => exact(doc, pointer).toFixed()

function lineOf(
  { lineNo, item, money }: { readonly lineNo: number; readonly item: unknown; readonly money: LineMoney },
  { cancelled }: State,
): OrderLine {
  const quantity = plain(item, '/quantity')
  const left = exact(item, '/detail/shipped_quantity')
  const shipped = left.gt(quantity) ? quantity : left.toFixed()
  const [product, variant] = [optionalText(item, '/product_id'), optionalText(item, '/variant_id')]
  const barcode = optionalText(item, '/variant_barcode')
  const [name, options] = [text(item, '/title') || text(item, '/product_title'), optionalText(item, '/variant_title')]
  return {
    lineNo,
    channelLineNo: requiredText(item, '/id'),
    channelSku: text(item, '/variant_sku'),
    ...(product === undefined ? {} : { channelProduct: product }),
    ...(product === undefined || variant === undefined ? {} : { listingKey: `${product}:${variant}` }),
    ...(barcode === undefined ? {} : { barcode }),
    title: name,
    ...(options === undefined || options === name ? {} : { options }),
    quantity,
    cancelled: cancelled ? exact(item, '/quantity').minus(shipped).toFixed() : '0',
    shipped,
    unitPrice: unitPrice(money.exactNet.toFixed(), quantity),
    gross: money.gross,
    discount: { minor: money.gross.minor - money.net.minor, currency: money.net.currency },
    net: money.net,
    tax: money.tax,
    role: flag(item, '/is_giftcard') ? 'service' : 'single',
  }
}

/** From what left, line by line; Medusa's own word counts packages and not units. */
function fulfilmentOf(items: readonly unknown[]): FulfilmentStatus {
  const covers = (name: string): boolean => items.length > 0 && items.every((item) => exact(item, `/detail/${name}`).gte(exact(item, '/quantity')))
  if (covers('delivered_quantity')) return 'delivered'
  if (covers('shipped_quantity')) return 'shipped'
  return items.some((item) => exact(item, '/detail/shipped_quantity').gt(0)) ? 'partial' : 'unallocated'
}

function afterSaleOf(doc: unknown, refunds: readonly Refund[]): AfterSaleStatus {
  const states = list(doc, '/returns').map(({ value }) => text(value, '/status'))
  if (states.includes('partially_received')) return 'in_progress'
  if (states.includes('requested')) return 'requested'
  return refunds.length > 0 || states.includes('received') ? 'closed' : 'none'
}

const paymentsIn = (doc: unknown): readonly unknown[] =>
  list(doc, '/payment_collections').flatMap(({ value }) => list(value, '/payments').map((one) => one.value))

/** Each capture; what is only authorised, or was let go, once. */
const paymentsOf = (doc: unknown, currency: string): readonly Payment[] =>
  paymentsIn(doc).flatMap((payment): readonly Payment[] => {
    const method = text(payment, '/provider_id') || 'unknown'
    const captures = list(payment, '/captures').map(({ value }) => {
      const at = utcInstant(value, '/created_at')
      return {
        id: requiredText(value, '/id'),
        kind: 'capture' as const,
        method,
        amount: rounded(exact(value, '/amount'), currency),
        ...(at === undefined ? {} : { at }),
        status: 'done' as const,
      }
    })
    if (captures.length > 0) return captures
    const [madeAt, isGone] = [utcInstant(payment, '/created_at'), at(payment, '/canceled_at') !== undefined]
    const amount = rounded(exact(payment, '/amount'), currency)
    return [
      {
        id: requiredText(payment, '/id'),
        kind: 'authorisation',
        method,
        amount,
        ...(madeAt === undefined ? {} : { at: madeAt }),
        status: isGone ? 'failed' : 'done',
      },
    ]
  })

const refundsOf = (doc: unknown, order: { readonly currency: string; readonly orderNo: string; readonly cancelled: boolean }): readonly Refund[] =>
  paymentsIn(doc)
    .flatMap((payment) => list(payment, '/refunds').map(({ value }) => value))
    .map((refund): Refund => {
      const reason = optionalText(refund, '/note')
      return {
        channelRefundNo: requiredText(refund, '/id'),
        channelOrderNo: order.orderNo,
        kind: order.cancelled ? 'cancellation' : 'refund',
        state: 'done',
        amount: rounded(exact(refund, '/amount'), order.currency),
        ...(reason === undefined ? {} : { reason }),
        at: requiredUtcInstant(refund, '/created_at'),
        sourceUpdatedAt: utcInstant(refund, '/updated_at') ?? requiredUtcInstant(refund, '/created_at'),
        lines: [],
      }
    })

function shipmentOf(fulfillment: unknown): ChannelShipment {
  const trackingNo = optionalText(fulfillment, '/labels/0/tracking_number')
  const [shipped, delivered] = [utcInstant(fulfillment, '/shipped_at'), utcInstant(fulfillment, '/delivered_at')]
  const isCancelled = at(fulfillment, '/canceled_at') !== undefined
  const when = utcInstant(fulfillment, '/updated_at')
  return {
    channelShipmentNo: requiredText(fulfillment, '/id'),
    ...(trackingNo === undefined ? {} : { trackingNo }),
    state: isCancelled ? 'cancelled' : delivered !== undefined ? 'delivered' : shipped !== undefined ? 'shipped' : 'pending',
    ...(when === undefined ? {} : { at: when }),
    lines: list(fulfillment, '/items').map(({ value }) => ({ channelLineNo: text(value, '/line_item_id'), quantity: plain(value, '/quantity') })),
  }
}

function parties(doc: unknown): Pick<Order, 'recipient' | 'billTo' | 'buyerRef'> {
  const [recipient, billTo, buyerRef] = [partyOf(doc, '/shipping_address'), partyOf(doc, '/billing_address'), optionalText(doc, '/customer_id')]
  return { ...(recipient ? { recipient } : {}), ...(billTo ? { billTo } : {}), ...(buyerRef === undefined ? {} : { buyerRef }) }
}

function partyOf(doc: unknown, place: string): Party | undefined {
  const of = (name: string): string | undefined => optionalText(doc, `${place}/${name}`)
  const joined = (parts: readonly (string | undefined)[], by: string): string => parts.filter((part) => part !== undefined).join(by)
  const fields: Readonly<Record<string, string | undefined>> = {
    name: joined([of('first_name'), of('last_name')], ' '),
    company: of('company'),
    phone: of('phone'),
    email: optionalText(doc, '/email'),
    country: of('country_code')?.toUpperCase(),
    province: of('province'),
    city: of('city'),
    address: joined([of('address_1'), of('address_2')], '\n'),
    postcode: of('postal_code'),
  }
  const present = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

const couponsOf = (items: readonly unknown[]): readonly string[] => [
  ...new Set(items.flatMap((item) => list(item, '/adjustments').flatMap(({ value }) => optionalText(value, '/code') ?? []))),
]

function extraOf(doc: unknown): Readonly<Record<string, string>> {
  const [salesChannel, locale] = [optionalText(doc, '/sales_channel_id'), optionalText(doc, '/locale')]
  return { version: plain(doc, '/version'), ...(salesChannel === undefined ? {} : { salesChannel }), ...(locale === undefined ? {} : { locale }) }
}

/** The newest `updated_at` of the order and all its parts: the order's own stands still when a payment is captured. */
function latestChange(doc: unknown, latest: string): string {
  if (Array.isArray(doc)) return doc.reduce<string>((newest, each) => latestChange(each, newest), latest)
  if (typeof doc !== 'object' || doc === null) return latest
  return Object.entries(doc).reduce((newest, [name, value]) => {
    if (name === 'metadata' || name === 'data') return newest
    if (name !== 'updated_at') return latestChange(value, newest)
    const time = utcInstant(doc, '/updated_at')
    return time !== undefined && time > newest ? time : newest
  }, latest)
}
