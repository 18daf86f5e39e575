import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { amount, CNY, requiredTime, time } from './parts/cny.ts'
import { list, optionalText, requiredText, text } from './parts/read.ts'
import { changedAt } from './pinduoduo/read.ts'
import { recipientOf } from './pinduoduo/recipient.ts'
import { refundOf } from './pinduoduo/refund.ts'
import { shipmentsOf } from './pinduoduo/shipments.ts'
import { readState, type State } from './pinduoduo/state.ts'
import { sumsOf } from './pinduoduo/totals.ts'

/** An order of `pdd.order.number.list.increment.get` or `pdd.order.information.get`, or an after-sales document → canonical. Prices hold their tax. */
export const pinduoduo: Mapping = {
  channel: 'pinduoduo',
  version: 1,
  map: (raw) => (raw.kind === 'refund' ? refundOf(raw) : mapOrder(raw)),
}

function mapOrder({ doc }: RawDocument): Mapped {
  const state = readState(doc)
  const { lines, discounts, totals } = sumsOf(doc, state)
  const [paidAt, shipBy] = [time(doc, '/pay_time'), time(doc, '/last_ship_time')]
  const [buyerNote, sellerNote] = [optionalText(doc, '/buyer_memo'), optionalText(doc, '/remark')]
  const order: Order = {
    channelOrderNo: requiredText(doc, '/order_sn'),
    type: typeOf(doc),
    fulfilmentBy: 'merchant',
    sourceStatus: state.words,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    closed: state.closed,
    placedAt: requiredTime(doc, '/created_time'),
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    sourceUpdatedAt: changedAt(doc, '/updated_at', '/created_time'),
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals,
    lines,
    discounts,
    payments: paymentsOf(doc, state, { total: totals.total.minor, paid: totals.paid.minor }),
    refunds: [],
    shipments: shipmentsOf(doc, state, lines),
    ...recipientOf(doc, state),
    isCod: false,
    couponCodes: [],
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

function typeOf(doc: unknown): Order['type'] {
  if (list(doc, '/related_order_list').some(({ value }) => text(value, '/relation_type') === '4')) return 'gift'
  if (text(doc, '/self_contained') === '1') return 'pickup'
  return text(doc, '/trade_type') === '1' || text(doc, '/is_pre_sale') === '1' ? 'presale' : 'normal'
}

function paymentsOf(doc: unknown, state: State, sums: { readonly total: number; readonly paid: number }): readonly Payment[] {
  if (sums.total === 0) return []
  const at = time(doc, '/pay_time')
  const isDeposit = !state.paid && sums.paid > 0
  const isDone = isDeposit || (state.paid && state.payment !== 'voided')
  return [
    {
      kind: 'capture',
      // Hidden from most sellers.
      method: (optionalText(doc, '/pay_type') ?? 'pinduoduo').toLowerCase(),
      amount: amount(isDeposit ? sums.paid : sums.total),
      status: isDone ? 'done' : state.payment === 'voided' ? 'failed' : 'pending',
      ...(at === undefined ? {} : { at }),
    },
  ]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const flag = (pointer: string, usual: string): string | undefined => (text(doc, pointer) === usual ? undefined : optionalText(doc, pointer))
  const tags = list(doc, '/order_tag_list').flatMap(({ value }) => (text(value, '/value') === '1' ? [text(value, '/name')] : []))
  const named = {
    // Paid, but the channel forbids sending it yet.
    heldByChannel: state.heldBack,
    tags: tags.length === 0 ? undefined : tags.sort().join(','),
    remarkTag: flag('/remark_tag', '0'),
    lottery: text(doc, '/is_lucky_flag') === '2' ? 'yes' : undefined,
    stockOut: text(doc, '/is_stock_out') === '1' ? text(doc, '/stock_out_handle_status') : undefined,
    preSaleTime: optionalText(doc, '/pre_sale_time'),
    promisedDelivery: optionalText(doc, '/promise_delivery_time'),
    depotCode: optionalText(doc, '/order_depot_info/depot_code'),
    giftOrderStatus: list(doc, '/gift_list').length === 0 ? undefined : optionalText(doc, '/gift_order_status'),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
