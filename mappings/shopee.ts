import type { Mapped, Mapping, MapContext, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { flag, list, optionalText, requiredText, text } from './parts/read.ts'
import { linesOf } from './shopee/lines.ts'
import { moneyOf } from './shopee/money.ts'
import { currencyOf, ORDER, requiredTime, time } from './shopee/read.ts'
import { recipientOf } from './shopee/recipient.ts'
import { refundOf } from './shopee/refund.ts'
import { readState, type State } from './shopee/state.ts'

/** An order with its money, parcels and returns, or a return of `returns/get_return_detail` → canonical. Prices hold their tax. */
export const shopee: Mapping = {
  channel: 'shopee',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw, context) } : mapOrder(raw, context)),
}

function mapOrder({ doc }: RawDocument, context: MapContext): Mapped {
  const currency = currencyOf(doc, `${ORDER}/currency`, context)
  const money = moneyOf(doc, currency)
  const state = readState(doc, money.total, currency)
  const amount = (minor: number) => ({ minor, currency })
  const lines = linesOf(doc, { currency, money, state })
  const placedAt = requiredTime(doc, `${ORDER}/create_time`)
  const [paidAt, shipBy] = [time(doc, `${ORDER}/pay_time`), time(doc, `${ORDER}/ship_by_date`)]
  const [buyerNote, sellerNote] = [optionalText(doc, `${ORDER}/message_to_seller`), optionalText(doc, `${ORDER}/note`)]
  const order: Order = {
    channelOrderNo: requiredText(doc, `${ORDER}/order_sn`),
    type: flag(doc, `${ORDER}/is_buyer_shop_collection`) ? 'pickup' : text(doc, `${ORDER}/affiliate_sample_type`) === '1' ? 'sample' : 'normal',
    // Of goods that already wait in a warehouse of the channel the seller sends nothing either.
    fulfilmentBy: text(doc, `${ORDER}/fulfillment_flag`) === 'fulfilled_by_shopee' || flag(doc, `${ORDER}/advance_package`) ? 'channel' : 'merchant',
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt,
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: time(doc, `${ORDER}/update_time`) ?? placedAt,
    sourceTz: 'UTC',
    sourcePrecision: 's',
    currency,
    taxIncluded: true,
    totals: {
      items: amount(sum(lines.map((line) => line.net.minor))),
      discount: amount(sum(lines.map((line) => line.discount.minor))),
      unallocatedDiscount: amount(money.unshared),
      shipping: amount(money.shipping),
      shippingDiscount: amount(0),
      fees: amount(money.fees),
      duties: amount(money.duties),
      tax: amount(0),
      rounding: amount(0),
      total: amount(money.total),
      paid: amount(state.paid ? money.total : 0),
      refunded: amount(state.refunded),
    },
    lines,
    discounts: money.discounts,
    payments: paymentsOf(doc, state, amount(money.total)),
    refunds: [],
    shipments: state.shipments,
    ...recipientOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    isCod: state.isCod,
    couponCodes: list(doc, '/escrow/order_income/seller_voucher_code').flatMap(({ value }) => optionalText({ value }, '/value') ?? []),
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

function paymentsOf(doc: unknown, state: State, amount: Payment['amount']): readonly Payment[] {
  if (amount.minor === 0) return []
  const at = time(doc, `${ORDER}/pay_time`)
  const method =
    optionalText(doc, '/escrow/buyer_payment_info/buyer_payment_method') ??
    optionalText(doc, '/escrow/order_income/buyer_payment_method') ??
    optionalText(doc, `${ORDER}/payment_method`) ??
    'unknown'
  const status = state.paid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending'
  return [{ kind: state.isCod ? 'cod' : 'capture', method, amount, status, ...(at === undefined ? {} : { at }) }]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const pending = list(doc, `${ORDER}/pending_terms`).flatMap(({ value }) => optionalText({ value }, '/value') ?? [])
  const named = {
    region: optionalText(doc, `${ORDER}/region`),
    shippingCarrier: optionalText(doc, `${ORDER}/shipping_carrier`),
    bookingSn: optionalText(doc, `${ORDER}/booking_sn`),
    // Paid, but the channel still looks at it, or waits for a place with the carrier.
    heldByChannel: state.status === 'PENDING' ? (pending.length > 0 ? pending.join(',') : state.status) : undefined,
    // Brazil: nothing may be sent before the invoice is there.
    waitsForInvoice: state.status === 'INVOICE_PENDING' ? 'yes' : undefined,
    escrow: optionalText(doc, '/escrow/order_income/escrow_amount'),
    returnsUntil: time(doc, `${ORDER}/return_request_due_date`),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
