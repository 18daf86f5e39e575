import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import type { ChannelShipment, Order, Payment } from '../src/core/order.ts'
import { linesOf } from './douyin/lines.ts'
import { amount, CNY, code, fen, requiredTime, time } from './douyin/read.ts'
import { recipientOf } from './douyin/recipient.ts'
import { refundOf } from './douyin/refund.ts'
import { readState, type State } from './douyin/state.ts'
import { discountsOf, totalsOf } from './douyin/totals.ts'
import { distinctPlaces } from './parts/places.ts'
import { decimal, list, optionalText, requiredText, text } from './parts/read.ts'

/** An order of `order.searchList` or `order.orderDetail`, or an after-sale of `afterSale.List` → canonical. Prices hold their tax. */
export const douyin: Mapping = {
  channel: 'douyin',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? refundOf(raw) : mapOrder(raw.doc, context)),
  places: {
    of: (doc) =>
      distinctPlaces(
        list(doc, '/sku_order_list').map(({ value }) => ({
          id: optionalText(value, '/store_info/store_id'),
          line: optionalText(value, '/sku_order_id'),
        })),
      ),
  },
}

function mapOrder(doc: unknown, context: MapContext): Mapped {
  const state = readState(doc)
  const shipments = shipmentsOf(doc, state)
  const lines = linesOf(doc, shipments)
  const [paidAt, shipBy] = [time(doc, '/pay_time'), time(doc, '/exp_ship_time')]
  const [buyerNote, sellerNote] = [optionalText(doc, '/buyer_words'), optionalText(doc, '/seller_words')]
  const totals = totalsOf(doc, state, lines)
  return {
    kind: 'order',
    order: {
      channelOrderNo: requiredText(doc, '/order_id'),
      type: typeOf(doc),
      fulfilmentBy: 'merchant',
      sourceStatus: state.source,
      payment: state.payment,
      fulfilment: state.fulfilment,
      afterSale: state.afterSale,
      ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
      ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
      closed: state.closed,
      placedAt: requiredTime(doc, '/create_time'),
      ...(paidAt === undefined ? {} : { paidAt }),
      ...(shipBy === undefined ? {} : { shipBy }),
      sourceUpdatedAt: requiredTime(doc, '/update_time'),
      sourceTz: 'Asia/Shanghai',
      sourcePrecision: 's',
      currency: CNY,
      taxIncluded: true,
      totals,
      lines: lines.map(({ line }) => line),
      discounts: discountsOf(lines),
      payments: paymentsOf(doc, state, totals.total.minor),
      refunds: [],
      shipments,
      ...recipientOf(doc, context),
      ...(buyerNote === undefined ? {} : { buyerNote }),
      ...(sellerNote === undefined ? {} : { sellerNote }),
      isCod: state.isCod,
      couponCodes: [],
      extra: extraOf(doc, state),
    },
  }
}

/** The first sub-order speaks for all: deposits (2), paid in full before it is made (`pre_sale_type` 1), samples (10, 12), fetched by the buyer. */
function typeOf(doc: unknown): Order['type'] {
  const trade = code(doc, '/sku_order_list/0/trade_type')
  if (trade === '2' || list(doc, '/order_phase_list').length > 0 || code(doc, '/sku_order_list/0/pre_sale_type') === '1') return 'presale'
  if (trade === '10' || trade === '12') return 'sample'
  return code(doc, '/sku_order_list/0/receive_type') === '2' ? 'pickup' : 'normal'
}

/** Packages as the order shows them. When each arrived it does not say; a finished order has arrived whole. */
function shipmentsOf(doc: unknown, { status }: State): readonly ChannelShipment[] {
  return list(doc, '/logistics_info').map(({ value }) => {
    const [carrier, trackingNo, at] = [
      optionalText(value, '/company_name') ?? optionalText(value, '/company'),
      optionalText(value, '/tracking_no'),
      time(value, '/ship_time'),
    ]
    return {
      channelShipmentNo: optionalText(value, '/delivery_id') ?? trackingNo ?? '',
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: status === '5' || status === '39' ? 'delivered' : 'shipped',
      ...(at === undefined ? {} : { at }),
      lines: list(value, '/product_info').map((line) => ({
        channelLineNo: requiredText(line.value, '/sku_order_id'),
        quantity: decimal(line.value, '/product_count'),
      })),
    }
  })
}

const METHODS: Readonly<Record<string, string>> = {
  '1': 'wechat',
  '2': 'alipay',
  '3': 'mini-program',
  '4': 'bank-card',
  '5': 'balance',
  '7': 'none',
  '8': 'credit',
  '9': 'new-card',
  '12': 'pay-later',
}
const methodOf = (doc: unknown, pointer: string): string => METHODS[code(doc, pointer)] ?? 'douyin'

/** A presale is paid in phases, everything else at once. */
function paymentsOf(doc: unknown, state: State, total: number): readonly Payment[] {
  const phases = list(doc, '/order_phase_list')
  if (phases.length > 0) return phases.map(({ value }) => phaseOf(value))
  if (total === 0) return []
  const [at, id] = [time(doc, '/pay_time'), optionalText(doc, '/channel_payment_no')]
  return [
    {
      ...(id === undefined ? {} : { id }),
      kind: state.isCod ? 'cod' : 'capture',
      method: state.isCod ? 'cod' : methodOf(doc, '/pay_type'),
      amount: amount(total),
      ...(at === undefined ? {} : { at }),
      status: state.paid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending',
    },
  ]
}

function phaseOf(phase: unknown): Payment {
  const [at, id] = [time(phase, '/phase_pay_time'), optionalText(phase, '/channel_payment_no')]
  return {
    ...(id === undefined ? {} : { id }),
    kind: 'capture',
    method: methodOf(phase, '/phase_pay_type'),
    amount: amount(fen(phase, '/phase_pay_amount')),
    ...(at === undefined ? {} : { at }),
    status: at === undefined ? 'pending' : 'done',
  }
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const named = {
    tradeType: nonZero(doc, '/sku_order_list/0/trade_type'),
    orderType: nonZero(doc, '/order_type'),
    sellerFlag: nonZero(doc, '/seller_remark_stars'),
    roomId: nonZero(doc, '/sku_order_list/0/room_id'),
    authorId: nonZero(doc, '/sku_order_list/0/author_id'),
    store: optionalText(doc, '/sku_order_list/0/store_info/store_id'),
    // Paid, but not to be sent yet: a group that is not full, or risk control.
    heldByChannel: state.status === '105' ? state.status : undefined,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function nonZero(doc: unknown, pointer: string): string | undefined {
  const value = text(doc, pointer).trim()
  return value === '' || value === '0' ? undefined : value
}
