import { MappingError } from '../src/core/fault.ts'
import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { ChannelShipment, FulfilmentStatus, Order, OrderLine } from '../src/core/order.ts'
import { amount, CNY } from './parts/cny.ts'
import { at, list, optionalText, requiredText, text } from './parts/read.ts'
import { fen, requiredTime, time } from './parts/wechat.ts'

/**
 * A payment as the shipping service shows it (`get_order`, `get_order_list`) → canonical. It knows what was paid and what for in words, no
 * lines: the order has one line of that description. Whoever needs SKUs gets them from the mini-program's own backend.
 */
export const wechatMini: Mapping = {
  channel: 'wechat-mini',
  version: 1,
  map: ({ doc }: RawDocument): Mapped => ({ kind: 'order', order: orderOf(doc) }),
}

interface Meaning {
  readonly fulfilment: FulfilmentStatus
  readonly refunded?: true
  readonly closed: boolean
}

/** The numbers the documentation lists (`order_state`). Any other holds the order. */
const STATES: ReadonlyMap<string, Meaning> = new Map([
  ['1', { fulfilment: 'unallocated', closed: false }],
  ['2', { fulfilment: 'shipped', closed: false }],
  ['3', { fulfilment: 'delivered', closed: false }],
  ['4', { fulfilment: 'delivered', closed: true }],
  ['5', { fulfilment: 'unallocated', refunded: true, closed: true }],
  ['6', { fulfilment: 'delivered', closed: false }],
])

function orderOf(doc: unknown): Order {
  const state = requiredText(doc, '/order_state')
  const meaning = STATES.get(state)
  if (!meaning)
    throw new MappingError('status-unmapped', `"${state.slice(0, 60)}" is not a status the channel documents.`, '/order_state', {
      known: [...STATES.keys()],
    })
  requiredText(doc, '/paid_amount')
  const paid = fen(doc, '/paid_amount')
  const shipments = shipmentsOf(doc, state)
  const isSent = meaning.fulfilment !== 'unallocated' || at(doc, '/shipping/finish_shipping') === true
  const [id, number, buyer, paidAt] = [
    requiredText(doc, '/transaction_id'),
    optionalText(doc, '/merchant_trade_no'),
    optionalText(doc, '/openid'),
    requiredTime(doc, '/pay_time'),
  ]
  const isRefunded = meaning.refunded === true
  return {
    channelOrderNo: number ?? id,
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: state,
    payment: isRefunded ? 'refunded' : 'paid',
    fulfilment: isSent && meaning.fulfilment === 'unallocated' ? 'shipped' : shipments.length > 0 && !isSent ? 'partial' : meaning.fulfilment,
    afterSale: 'none',
    ...(isRefunded && shipments.length === 0 ? { cancelled: { reason: 'refunded' } } : {}),
    closed: meaning.closed,
    placedAt: time(doc, '/trade_create_time') ?? paidAt,
    paidAt,
    // The channel has no time of change: the newest one it shows.
    sourceUpdatedAt: [paidAt, ...shipments.flatMap((each) => each.at ?? [])].toSorted().at(-1) ?? paidAt,
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals: totalsOf(paid, isRefunded),
    lines: [lineOf(doc, { paid, isSent, isGone: isRefunded && shipments.length === 0 })],
    discounts: [],
    payments: [{ id, kind: 'capture', method: 'wechat', amount: amount(paid), status: 'done', at: paidAt }],
    refunds: [],
    shipments,
    piiMode: 'token',
    ...(buyer === undefined ? {} : { recipient: { channelId: buyer }, buyerRef: buyer }),
    isCod: false,
    couponCodes: [],
    extra: {
      transactionId: id,
      ...(at(doc, '/in_complaint') === true ? { inComplaint: 'yes' } : {}),
    },
  }
}

const totalsOf = (paid: number, isRefunded: boolean): Order['totals'] => ({
  items: amount(paid),
  discount: amount(0),
  unallocatedDiscount: amount(0),
  shipping: amount(0),
  shippingDiscount: amount(0),
  fees: amount(0),
  duties: amount(0),
  tax: amount(0),
  rounding: amount(0),
  total: amount(paid),
  paid: amount(paid),
  refunded: amount(isRefunded ? paid : 0),
})

function lineOf(doc: unknown, given: { readonly paid: number; readonly isSent: boolean; readonly isGone: boolean }): OrderLine {
  return {
    lineNo: 1,
    channelLineNo: '1',
    channelSku: '',
    title: text(doc, '/description') || text(doc, '/shipping/goods_desc'),
    quantity: '1',
    cancelled: given.isGone ? '1' : '0',
    shipped: given.isSent ? '1' : '0',
    unitPrice: `${Math.floor(given.paid / 100)}.${String(given.paid % 100).padStart(2, '0')}`.replace(/\.?0+$/, ''),
    gross: amount(given.paid),
    discount: amount(0),
    net: amount(given.paid),
    tax: amount(0),
    role: 'single',
  }
}

/** Parcels; what is in each the channel does not know. */
function shipmentsOf(doc: unknown, state: string): readonly ChannelShipment[] {
  return list(doc, '/shipping/shipping_list').map(({ value }, i): ChannelShipment => {
    const [carrier, trackingNo, sentAt] = [optionalText(value, '/express_company'), optionalText(value, '/tracking_no'), time(value, '/upload_time')]
    return {
      channelShipmentNo: trackingNo ?? `parcel ${i + 1}`,
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: state === '3' || state === '4' ? 'delivered' : 'shipped',
      ...(sentAt === undefined ? {} : { at: sentAt }),
      lines: [],
    }
  })
}
