import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import type { ChannelShipment, Discount, Order, Payment } from '../src/core/order.ts'
import { goodsOf, type Goods } from './kuaishou/lines.ts'
import { requiredTime, time, units } from './parts/fen-ms.ts'
import { recipientOf } from './kuaishou/recipient.ts'
import { refundOf } from './kuaishou/refund.ts'
import { readState, type State } from './kuaishou/state.ts'
import { amount, CNY } from './parts/cny.ts'
import { list, optionalText, requiredText } from './parts/read.ts'

const BASE = '/orderBaseInfo'

/** An order of `open.order.cursor.list` or `open.order.detail`, or an after-sale of its list → canonical. Prices hold their tax. */
export const kuaishou: Mapping = {
  channel: 'kuaishou',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? refundOf(raw) : mapOrder(raw.doc, context)),
}

function mapOrder(doc: unknown, context: MapContext): Mapped {
  const state = readState(doc)
  const goods = goodsOf(doc, state)
  const [paidAt, shipBy] = [time(doc, `${BASE}/payTime`), shipByOf(doc)]
  const [buyerNote, sellerNote] = [optionalText(doc, `${BASE}/remark`), sellerNoteOf(doc)]
  return {
    kind: 'order',
    order: {
      channelOrderNo: requiredText(doc, `${BASE}/oid`),
      type: optionalText(doc, `${BASE}/preSale`) === '1' ? 'presale' : 'normal',
      fulfilmentBy: 'merchant',
      sourceStatus: state.status,
      payment: state.payment,
      fulfilment: state.fulfilment,
      afterSale: state.afterSale,
      ...(state.failed && goods.lines.every(({ shipped }) => shipped === '0') ? { cancelled: state.paid ? { reason: 'refunded' } : {} } : {}),
      ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
      closed: state.closed,
      placedAt: requiredTime(doc, `${BASE}/createTime`),
      ...(paidAt === undefined ? {} : { paidAt }),
      ...(shipBy === undefined ? {} : { shipBy }),
      sourceUpdatedAt: requiredTime(doc, `${BASE}/updateTime`),
      sourceTz: 'Asia/Shanghai',
      sourcePrecision: 'ms',
      currency: CNY,
      taxIncluded: true,
      totals: totalsOf(goods, state),
      lines: goods.lines,
      discounts: discountsOf(goods),
      payments: paymentsOf(doc, state, goods.total),
      refunds: [],
      shipments: shipmentsOf(doc, state),
      ...recipientOf(doc, context),
      ...(buyerNote === undefined ? {} : { buyerNote }),
      ...(sellerNote === undefined ? {} : { sellerNote }),
      isCod: false,
      couponCodes: [],
      extra: extraOf(doc),
    },
  }
}

function totalsOf({ lines, shipping, total }: Goods, state: State): Order['totals'] {
  const items = total - shipping
  const hasLeft = lines.some(({ shipped }) => shipped !== '0')
  return {
    items: amount(items),
    discount: amount(lines.reduce((sum, line) => sum + line.discount.minor, 0)),
    unallocatedDiscount: amount(0),
    shipping: amount(shipping),
    shippingDiscount: amount(0),
    fees: amount(0),
    duties: amount(0),
    tax: amount(0),
    rounding: amount(0),
    total: amount(total),
    paid: amount(state.paid ? total : 0),
    // After it has left, the postage is spent. Single refunds are documents of their own.
    refunded: amount(state.failed && state.paid ? (hasLeft ? items : total) : 0),
  }
}

/** Whose discount it is only another call tells (`open.seller.order.fee.detail`); it counts as the seller's. */
function discountsOf({ lines }: Goods): readonly Discount[] {
  return lines.flatMap(({ lineNo, discount }) =>
    discount.minor === 0 ? [] : [{ scope: 'line', funder: 'seller', kind: 'other', amount: discount, allocations: [{ lineNo, amount: discount }] }],
  )
}

function paymentsOf(doc: unknown, state: State, total: number): readonly Payment[] {
  const at = time(doc, `${BASE}/payTime`)
  if (total === 0) return []
  return [
    {
      kind: 'capture',
      method: optionalText(doc, `${BASE}/payChannel`)?.toLowerCase() ?? 'kuaishou',
      amount: amount(total),
      ...(at === undefined ? {} : { at }),
      status: state.paid ? 'done' : state.failed ? 'failed' : 'pending',
    },
  ]
}

/** Packages as the order shows them, those of presents among them; the pieces of each are known where there is only one. */
function shipmentsOf(doc: unknown, state: State): readonly ChannelShipment[] {
  const main = { value: doc, base: BASE, logistics: '/orderLogisticsInfo', delivery: '/orderDeliveryInfo' }
  const presents = list(doc, '/subOrderInfo').map(({ value }) => ({
    value,
    base: '/subOrderBaseInfo',
    logistics: '/subOrderLogisticsInfo',
    delivery: '/subOrderDeliveryInfo',
  }))
  return [main, ...presents].flatMap(({ value, base, logistics, delivery }) => {
    const packages = list(value, logistics).filter((each) => optionalText(each.value, '/expressNo') !== undefined)
    const [at, sent] = [time(value, `${base}/sendTime`), units(value, `${delivery}/deliveryNum`)]
    return packages.map(({ value: each }): ChannelShipment => {
      const trackingNo = requiredText(each, '/expressNo')
      const carrier = optionalText(each, '/expressCode')
      return {
        channelShipmentNo: optionalText(each, '/logisticsId') ?? trackingNo,
        ...(carrier === undefined ? {} : { carrier }),
        trackingNo,
        state: state.status === '50' || state.status === '70' ? 'delivered' : 'shipped',
        ...(at === undefined ? {} : { at }),
        lines: packages.length === 1 && sent > 0 ? [{ channelLineNo: requiredText(value, `${base}/oid`), quantity: String(sent) }] : [],
      }
    })
  })
}

/** The seller's own delay where he announced one, else the channel's deadline. Other numbers in these members are spans and no times. */
function shipByOf(doc: unknown): string | undefined {
  const named = ['sellerDelayPromiseTimeStamp', 'validPromiseShipmentTimeStamp', 'promiseTimeStampOfDelivery']
  const found = named.map((name) => optionalText(doc, `${BASE}/${name}`)).find((value) => value !== undefined && /^\d{13}$/.test(value))
  return found === undefined ? undefined : new Date(Number(found)).toISOString()
}

function sellerNoteOf(doc: unknown): string | undefined {
  const notes = list(doc, '/orderNote/orderNoteInfo').flatMap(({ value }) => optionalText(value, '/note') ?? [])
  return notes.length === 0 ? undefined : notes.join('\n')
}

function extraOf(doc: unknown): Order['extra'] {
  const own = (pointer: string): string | undefined => {
    const value = optionalText(doc, pointer)
    return value === '0' ? undefined : value
  }
  const named = {
    activityType: own(`${BASE}/activityType`),
    channel: own(`${BASE}/channel`),
    carrierId: own(`${BASE}/carrierId`),
    distributor: own('/orderCpsInfo/distributorId'),
    // Held back by the channel: it refuses to have this order sent.
    riskCode: own(`${BASE}/riskCode`),
    payChannelDiscount: own(`${BASE}/payChannelDiscount`),
    governmentDiscount: own(`${BASE}/governmentDiscount`),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
