import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { list, optionalText, requiredText, text } from './parts/read.ts'
import { discountsOf } from './taobao/discounts.ts'
import { recipientOf } from './taobao/recipient.ts'
import { amount, CNY, fen, requiredTime, time } from './parts/cny.ts'
import { refundOf } from './taobao/refund.ts'
import { shipmentsOf } from './taobao/shipments.ts'
import { readState, type State } from './taobao/state.ts'
import { sumsOf, type Sums } from './taobao/totals.ts'

/** A trade of `taobao.trade.fullinfo.get` or a refund of `taobao.refunds.receive.get` → canonical. Prices hold their tax. */
export const taobao: Mapping = {
  channel: 'taobao',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapTrade(raw, context)),
}

function mapTrade({ doc }: RawDocument, context: MapContext): Mapped {
  const tid = requiredText(doc, '/tid')
  const state = readState(doc)
  return { kind: 'order', order: { ...orderOf(doc, tid, state, sumsOf(doc, state)), ...noteOf(doc, context) } }
}

function orderOf(doc: unknown, tid: string, state: State, { lines, goods, totals }: Sums): Order {
  const paidAt = time(doc, '/pay_time')
  const shipBy = shipByOf(doc)
  const buyerNote = optionalText(doc, '/buyer_message')
  const discounts = discountsOf(doc, goods)
  return {
    channelOrderNo: tid,
    type: text(doc, '/type') === 'step' || state.step !== undefined ? 'presale' : 'normal',
    fulfilmentBy: fulfilmentBy(doc),
    sourceStatus: [state.status, state.step].filter((word) => word !== undefined).join(' / '),
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredTime(doc, '/created'),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: requiredTime(doc, '/modified'),
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals,
    lines,
    discounts,
    payments: paymentsOf(doc, state, totals.paid.minor),
    refunds: [],
    shipments: shipmentsOf(doc),
    ...recipientOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    isCod: state.isCod,
    couponCodes: discounts.flatMap((discount) => (discount.kind === 'coupon' && discount.code !== undefined ? [discount.code] : [])),
    extra: extraOf(doc, state),
  }
}

/**
 * Lists leave the seller's note out, so a trade is read in full where something shows that there is more to it. A note
 * nothing points to is only kept where every trade is read in full: an order must not change with the way it was found.
 */
function noteOf(doc: unknown, context: MapContext): Pick<Order, 'sellerNote'> {
  const sellerNote = optionalText(doc, '/seller_memo')
  return sellerNote === undefined || (context.config['details'] !== 'all' && !isTold(doc)) ? {} : { sellerNote }
}

/** What the connector goes by when it decides to read a trade in full. */
function isTold(doc: unknown): boolean {
  if (optionalText(doc, '/buyer_message') !== undefined || !['', '0'].includes(text(doc, '/seller_flag'))) return true
  if (['cod', 'step'].includes(text(doc, '/type')) || fen(doc, '/discount_fee') !== 0) return true
  return list(doc, '/orders/order').some(({ value }) => fen(value, '/discount_fee') !== 0 || fen(value, '/part_mjz_discount') !== 0)
}

/** Presales name the day the goods will leave; a free text ("付款后7天内") says nothing exact. */
function shipByOf(doc: unknown): string | undefined {
  const value = optionalText(doc, '/send_time')
  return value !== undefined && /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value) ? time(doc, '/send_time') : undefined
}

/** Sub-orders that a supplier sends himself. */
function fulfilmentBy(doc: unknown): Order['fulfilmentBy'] {
  const lines = list(doc, '/orders/order')
  const bySupplier = lines.filter(
    ({ value }) => typeof value === 'object' && value !== null && 'is_daixiao' in value && value.is_daixiao === true,
  ).length
  return bySupplier === 0 ? 'merchant' : bySupplier === lines.length ? 'supplier' : 'mixed'
}

function paymentsOf(doc: unknown, state: State, paid: number): readonly Payment[] {
  const at = time(doc, '/pay_time')
  const total = fen(doc, '/payment')
  if (total === 0) return []
  const done = state.paid && state.payment !== 'voided'
  const kind = state.isCod ? 'cod' : state.payment === 'authorised' ? 'authorisation' : 'capture'
  const isDeposit = !done && paid > 0
  return [
    {
      kind,
      method: state.isCod ? 'cod' : 'alipay',
      amount: amount(isDeposit ? paid : total),
      status: done || isDeposit ? 'done' : state.payment === 'voided' ? 'failed' : 'pending',
      ...(at === undefined ? {} : { at }),
    },
  ]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const named = {
    tradeType: optionalText(doc, '/type'),
    sellerFlag: text(doc, '/seller_flag') === '0' ? undefined : optionalText(doc, '/seller_flag'),
    shippingType: optionalText(doc, '/shipping_type'),
    stepStatus: state.step,
    // Paid, or as good as paid, but the channel forbids sending it yet.
    heldByChannel: state.payment === 'authorised' ? state.status : undefined,
    markDesc: optionalText(doc, '/mark_desc'),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
