import { CARRIERS } from '../src/core/carriers.ts'
import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { ChannelShipment, Order, Payment } from '../src/core/order.ts'
import { itemsOf, lineOf, type Item } from './jd/lines.ts'
import { moment, numberOfKind, requiredMoment, sum } from './jd/read.ts'
import { recipientOf } from './jd/recipient.ts'
import { reductionsOf } from './jd/reductions.ts'
import { refundOf } from './jd/refund.ts'
import { readState, type State } from './jd/state.ts'
import { amount, CNY, fen } from './parts/cny.ts'
import { decimal, optionalText, requiredMoney, requiredText, text } from './parts/read.ts'

/** An order of `pop.order.enSearch`/`enGet`, or what a buyer wants back → canonical. Prices hold their tax. */
export const jd: Mapping = {
  channel: 'jd',
  version: 1,
  map: (raw) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw)),
}

function mapOrder({ doc }: RawDocument): Mapped {
  const state = readState(doc)
  const items = itemsOf(doc)
  const { discounts, off, giftCards } = reductionsOf(doc, items)
  const lines = items.map((item, i) => lineOf(item, i, off[i] ?? 0, state))
  const [payment, balance] = [requiredMoney(doc, '/orderPayment', CNY).minor, fen(doc, '/balanceUsed')]
  const total = payment + balance + giftCards
  const paidAt = moment(doc, '/paymentConfirmTime')
  const placedAt = requiredMoment(doc, '/orderStartTime')
  const [buyerNote, sellerNote] = [optionalText(doc, '/orderRemark'), optionalText(doc, '/venderRemark')]
  const order: Order = {
    channelOrderNo: requiredText(doc, '/orderId'),
    type: text(doc, '/returnOrder') === '1' ? 'resend' : text(doc, '/returnOrder') === '2' ? 'exchange' : 'normal',
    fulfilmentBy: state.byChannel ? 'channel' : 'merchant',
    sourceStatus: state.word,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.givenBack ? 'closed' : state.cancelRequest ? 'requested' : 'none',
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt,
    ...(paidAt === undefined ? {} : { paidAt }),
    sourceUpdatedAt: moment(doc, '/modified') ?? placedAt,
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals: {
      items: amount(sum(lines.map((line) => line.net.minor))),
      discount: amount(sum(off)),
      unallocatedDiscount: amount(0),
      shipping: amount(fen(doc, '/freightPrice')),
      shippingDiscount: amount(0),
      fees: amount(fen(doc, '/serviceFee')),
      duties: amount(fen(doc, '/taxFee')),
      tax: amount(0),
      rounding: amount(0),
      total: amount(total),
      paid: amount(state.paid ? total : 0),
      refunded: amount(state.givenBack ? total : 0),
    },
    lines,
    discounts,
    payments: paymentsOf(doc, state, { payment, balance, giftCards }),
    refunds: [],
    shipments: shipmentsOf(doc, state, items),
    ...recipientOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    isCod: state.isCod,
    couponCodes: [],
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

/** How the buyer pays, by the number before its name. */
const METHODS: Readonly<Record<string, string>> = {
  '1': 'cod',
  '2': 'post-office',
  '3': 'pickup',
  '4': 'online',
  '5': 'company-transfer',
  '6': 'bank-transfer',
}

function paymentsOf(
  doc: unknown,
  state: State,
  { payment, balance, giftCards }: { readonly payment: number; readonly balance: number; readonly giftCards: number },
): readonly Payment[] {
  const at = moment(doc, '/paymentConfirmTime')
  const rest = { status: state.paid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending', ...(at === undefined ? {} : { at }) } as const
  const method = METHODS[numberOfKind(text(doc, '/payType'))] ?? 'unknown'
  const all: readonly Payment[] = [
    { kind: state.isCod ? 'cod' : 'capture', method, amount: amount(payment), ...rest },
    { kind: 'capture', method: 'jd-balance', amount: amount(balance), ...rest },
    { kind: 'gift_card', method: 'jd-gift-card', amount: amount(giftCards), ...rest },
  ]
  return all.filter((each) => each.amount.minor !== 0)
}

/** Numbers of one company are separated by commas, companies by bars; which goods went under which of several nothing tells. */
function shipmentsOf(doc: unknown, state: State, items: readonly Item[]): readonly ChannelShipment[] {
  const groups = text(doc, '/waybill').split('|')
  const companies = text(doc, '/logisticsId').split('|')
  const numbers = groups.flatMap((group, i) =>
    group.split(',').flatMap((no) => (no.trim() === '' ? [] : [{ no: no.trim(), company: companies[i] ?? companies[0] ?? '' }])),
  )
  if (!state.left) return []
  return numbers.map(({ no, company }) => ({
    channelShipmentNo: no,
    trackingNo: no,
    ...(company === '' ? {} : { carrier: CARRIERS.find((each) => each.codes['jd'] === company)?.code ?? company }),
    state: state.fulfilment === 'delivered' ? 'delivered' : 'shipped',
    lines: numbers.length > 1 ? [] : items.map(({ channelLineNo, value }) => ({ channelLineNo, quantity: decimal(value, '/itemTotal') })),
  }))
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const parent = optionalText(doc, '/parentOrderId')
  const named = {
    orderType: optionalText(doc, '/orderType'),
    // Split by the channel; the order it was split from is not sent.
    parentOrderId: parent === '0' ? undefined : parent,
    storeOrder: optionalText(doc, '/storeOrder'),
    orderSource: optionalText(doc, '/orderSource'),
    heldByChannel: state.isHeld ? state.word : undefined,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
