import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { amount, CNY } from './parts/cny.ts'
import { list, optionalText, requiredText, text } from './parts/read.ts'
import { requiredTime, time } from './parts/wechat.ts'
import { discountsOf } from './wechat-shop/discounts.ts'
import { linesOf } from './wechat-shop/lines.ts'
import { DELIVERY, isTrue, PRODUCTS } from './wechat-shop/read.ts'
import { recipientOf } from './wechat-shop/recipient.ts'
import { refundOf } from './wechat-shop/refund.ts'
import { readState, type State } from './wechat-shop/state.ts'
import { totalsOf } from './wechat-shop/totals.ts'

/** An order of `order/get` or a refund of `getaftersaleorder` → canonical. Amounts are fen, prices hold their tax. */
export const wechatShop: Mapping = {
  channel: 'wechat-shop',
  version: 1,
  map: (raw) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw)),
}

function mapOrder({ doc }: RawDocument): Mapped {
  const state = readState(doc)
  const goods = linesOf(doc, state)
  const totals = totalsOf(doc, goods, state)
  const discounts = discountsOf(doc, goods)
  const paidAt = time(doc, '/order_detail/pay_info/pay_time')
  const shipBy = shipByOf(doc)
  const [buyerRef, buyerNote, sellerNote] = [
    optionalText(doc, '/openid'),
    optionalText(doc, '/order_detail/ext_info/customer_notes'),
    optionalText(doc, '/order_detail/ext_info/merchant_notes'),
  ]
  const order: Order = {
    channelOrderNo: requiredText(doc, '/order_id'),
    type: typeOf(doc),
    fulfilmentBy: 'merchant',
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: fulfilmentOf(goods, state),
    afterSale: state.afterSale,
    ...(state.isCancelled && goods.every(({ shipped }) => shipped === '0')
      ? { cancelled: { ...(state.status === '190' ? { by: 'seller' as const } : {}), ...(state.paid ? { reason: 'refunded' } : {}) } }
      : {}),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredTime(doc, '/create_time'),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: time(doc, '/update_time') ?? requiredTime(doc, '/create_time'),
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals,
    lines: goods,
    discounts,
    payments: paymentsOf(doc, state, totals.total.minor),
    refunds: [],
    shipments: state.shipments,
    ...recipientOf(doc),
    ...(buyerRef === undefined ? {} : { buyerRef }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    isCod: false,
    couponCodes: couponsOf(doc),
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

/** A gift waits for somebody to take it; goods that are sold before they are there name a day (`stock_type` 1). */
function typeOf(doc: unknown): Order['type'] {
  if (isTrue(doc, '/is_present')) return 'gift'
  return list(doc, PRODUCTS).some(({ value }) => text(value, '/sku_deliver_info/stock_type') === '1') ? 'presale' : 'normal'
}

/** What has left says more than the status: some of an order may have left before the rest was given back. */
function fulfilmentOf(lines: Order['lines'], state: State): Order['fulfilment'] {
  const sent = lines.filter((line) => line.shipped !== '0').length
  return state.fulfilment === 'unallocated' && sent > 0 ? 'shipped' : state.fulfilment
}

/** The first day by which something has to leave. */
function shipByOf(doc: unknown): string | undefined {
  const days = list(doc, PRODUCTS).flatMap(({ value }) => time(value, '/delivery_deadline') ?? [])
  return days.toSorted()[0]
}

function paymentsOf(doc: unknown, state: State, total: number): readonly Payment[] {
  if (total === 0) return []
  const id = optionalText(doc, '/order_detail/pay_info/transaction_id')
  const at = time(doc, '/order_detail/pay_info/pay_time')
  return [
    {
      ...(id === undefined ? {} : { id }),
      kind: state.payment === 'authorised' ? 'authorisation' : 'capture',
      method: METHODS.get(text(doc, '/order_detail/pay_info/payment_method')) ?? 'wechat',
      amount: amount(total),
      status: state.paid ? 'done' : state.isCancelled ? 'failed' : 'pending',
      ...(at === undefined ? {} : { at }),
    },
  ]
}

const METHODS: ReadonlyMap<string, string> = new Map([
  ['2', 'wechat pay later'],
  ['4', 'points'],
])

function couponsOf(doc: unknown): readonly string[] {
  const own = list(doc, PRODUCTS).flatMap(({ value }) => list(value, '/order_product_coupon_info_list'))
  const codes = [...own.map(({ value }) => optionalText(value, '/user_coupon_id')), optionalText(doc, '/order_detail/coupon_info/user_coupon_id')]
  return [...new Set(codes.flatMap((code) => (code === undefined || code === '0' ? [] : [code])))]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const own = (pointer: string): string | undefined => {
    const value = optionalText(doc, `/order_detail${pointer}`)
    return value === '0' ? undefined : value
  }
  const named = {
    scene: own('/ext_info/order_scene'),
    finderId: own('/ext_info/finder_id'),
    liveId: own('/ext_info/live_id'),
    deliverMethod: own('/delivery_info/deliver_method'),
    waybillCode: own('/delivery_info/ewaybill_order_code'),
    // The buyer asked for another address, which nobody has answered: the one shown is still the old one.
    addressUnderReview: optionalText(doc, `${DELIVERY}/address_under_review/user_name`) === undefined ? undefined : 'yes',
    giftId: optionalText(doc, '/present_order_id_str'),
    heldByChannel: state.held ? state.status : undefined,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
