import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, OrderLine } from '../src/core/order.ts'
import { amount, CNY, fen } from './parts/cny.ts'
import { optionalText, requiredMoney, requiredText, text } from './parts/read.ts'
import { fen as wholeFen, requiredTime, time } from './parts/wechat.ts'
import { itemsOf } from './meituan/lines.ts'
import { refuseIncomplete, sum, unmapped } from './meituan/read.ts'
import { recipientOf } from './meituan/recipient.ts'
import { reductionsOf } from './meituan/reductions.ts'
import { refundOf } from './meituan/refund.ts'
import { readState } from './meituan/state.ts'

/** An order of `getOrderDetail` or a record of `getOrderRefundDetail` → canonical. Yuan with two places, times in seconds; prices hold their tax. */
export const meituan: Mapping = {
  channel: 'meituan',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw, context)),
}

function mapOrder({ doc }: RawDocument, context: MapContext): Mapped {
  refuseIncomplete(doc)
  const state = readState(doc)
  const items = itemsOf(doc, state.status === '9')
  const shipping = fen(doc, '/shipping_fee')
  const fees = sum(items.map(({ boxes }) => boxes)) + bagOf(doc)
  const reductions = reductionsOf(doc, items, shipping + fees)
  const total = requiredMoney(doc, '/total', CNY)
  const isGone = state.fulfilment === 'shipped' || state.fulfilment === 'delivered'
  const lines = items.map(({ line, gross }, i): OrderLine => {
    const off = reductions.off[i] ?? 0
    return { ...line, shipped: isGone ? line.quantity : '0', discount: amount(off), net: amount(gross - off) }
  })
  const [note, shipBy] = [optionalText(doc, '/caution'), time(doc, '/delivery_time') ?? time(doc, '/estimate_arrival_time')]
  const order: Order = {
    channelOrderNo: requiredText(doc, '/order_id'),
    ...(text(doc, '/day_seq') === '' || text(doc, '/day_seq') === '0' ? {} : { displayNo: `#${text(doc, '/day_seq')}` }),
    type: typeOf(doc),
    fulfilmentBy: 'merchant',
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: 'none',
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    closed: state.closed,
    placedAt: requiredTime(doc, '/ctime'),
    ...(state.paidAt === undefined ? {} : { paidAt: state.paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: time(doc, '/utime') ?? requiredTime(doc, '/ctime'),
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals: {
      items: amount(sum(lines.map(({ net }) => net.minor))),
      discount: amount(sum(reductions.off)),
      unallocatedDiscount: amount(reductions.packagingMinor),
      shipping: amount(shipping),
      shippingDiscount: amount(reductions.shippingMinor),
      fees: amount(fees),
      duties: amount(0),
      tax: amount(0),
      rounding: amount(0),
      total,
      paid: amount(state.paidAt === undefined ? 0 : total.minor),
      refunded: amount(state.payment === 'refunded' ? total.minor : 0),
    },
    lines,
    discounts: reductions.discounts,
    payments:
      total.minor === 0
        ? []
        : [
            {
              kind: 'capture',
              method: 'meituan',
              amount: total,
              ...(state.paidAt === undefined ? {} : { at: state.paidAt }),
              status: state.paidAt !== undefined ? 'done' : state.payment === 'voided' ? 'failed' : 'pending',
            },
          ],
    refunds: [],
    shipments: state.shipments,
    ...recipientOf(doc, context),
    ...(note === undefined ? {} : { buyerNote: note }),
    isCod: false,
    couponCodes: [],
    extra: extraOf(doc),
  }
  return { kind: 'order', order }
}

/** The bag is told in fen, in yuan or in both. */
const bagOf = (doc: unknown): number =>
  optionalText(doc, '/package_bag_money') === undefined ? fen(doc, '/package_bag_money_yuan') : wholeFen(doc, '/package_bag_money')

/** 1: fetched in the shop. Where the app has not subscribed to the field the order is one to be delivered, as the channel's notes on it are not read. */
function typeOf(doc: unknown): Order['type'] {
  const word = optionalText(doc, '/pick_type') ?? '0'
  if (word !== '0' && word !== '1') throw unmapped(word, '/pick_type')
  if (text(doc, '/pay_type') === '1') throw unmapped('pay_type 1', '/pay_type')
  return word === '1' ? 'pickup' : 'normal'
}

function extraOf(doc: unknown): Order['extra'] {
  const named = {
    shopId: optionalText(doc, '/app_poi_code'),
    shopName: optionalText(doc, '/wm_poi_name'),
    daySeq: optionalText(doc, '/day_seq'),
    delivery: optionalText(doc, '/logistics_code'),
    rider: optionalText(doc, '/logistics_status'),
    pickupCode: text(doc, '/pick_type') === '1' ? (optionalText(doc, '/pickup_code') ?? optionalText(doc, '/day_seq')) : undefined,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
