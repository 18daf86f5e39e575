import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { placeAt } from './parts/places.ts'
import { flag, list, optionalText, requiredText, text } from './parts/read.ts'
import { requiredTime, time } from './parts/wechat.ts'
import { linesOf, shipmentsOf } from './tiktok-shop/lines.ts'
import { recipientOf } from './tiktok-shop/recipient.ts'
import { refundOf } from './tiktok-shop/refund.ts'
import { readState, type State } from './tiktok-shop/state.ts'
import { discountsOf, totalsOf } from './tiktok-shop/totals.ts'
import { unitsOf } from './tiktok-shop/units.ts'

/** An order of TikTok Shop, or `{lines, cancellation | return}`, an after-sale with the lines of its order → canonical. */
export const tiktokShop: Mapping = {
  channel: 'tiktok-shop',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? refundOf(raw.doc, context.currency) : mapOrder(raw.doc, context)),
  places: { of: placeAt('/warehouse_id') },
}

function mapOrder(doc: unknown, context: MapContext): Mapped {
  const currency = optionalText(doc, '/payment/currency') ?? context.currency
  if (!/^[A-Z]{3}$/.test(currency)) throw new MappingError('currency-unknown', 'The order names no currency of ISO 4217.', '/payment/currency')
  const state = readState(doc)
  const units = unitsOf(doc)
  const lines = linesOf(doc, units, currency)
  const { totals, taxIncluded } = totalsOf(doc, state, { lines, currency })
  const [shipBy, buyerNote, sellerNote] = [time(doc, '/rts_sla_time'), optionalText(doc, '/buyer_message'), optionalText(doc, '/seller_note')]
  return {
    kind: 'order',
    order: {
      channelOrderNo: requiredText(doc, '/id'),
      type: typeOf(doc),
      fulfilmentBy: fulfilmentOf(doc),
      sourceStatus: state.status,
      payment: state.payment,
      fulfilment: state.fulfilment,
      afterSale: state.cancelRequest === undefined ? 'none' : 'requested',
      ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
      ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
      closed: state.closed,
      placedAt: requiredTime(doc, '/create_time'),
      ...(state.paidAt === undefined ? {} : { paidAt: state.paidAt }),
      ...(shipBy === undefined ? {} : { shipBy }),
      sourceUpdatedAt: requiredTime(doc, '/update_time'),
      sourceTz: 'UTC',
      sourcePrecision: 's',
      currency,
      taxIncluded,
      totals,
      lines: lines.map(({ line }) => line),
      discounts: discountsOf(doc, lines, totals),
      payments: paymentsOf(doc, state, totals.total),
      // After-sales are documents of their own.
      refunds: [],
      shipments: shipmentsOf(units),
      ...recipientOf(doc),
      ...(buyerNote === undefined ? {} : { buyerNote }),
      ...(sellerNote === undefined ? {} : { sellerNote }),
      isCod: state.isCod,
      couponCodes: [],
      extra: extraOf(doc, state),
    },
  }
}

function typeOf(doc: unknown): Order['type'] {
  if (flag(doc, '/is_sample_order')) return 'sample'
  if (flag(doc, '/is_replacement_order')) return 'resend'
  if (flag(doc, '/is_exchange_order')) return 'exchange'
  if (/^IN[-_]STORE[-_ ]PICKUP$/i.test(text(doc, '/shipping_type'))) return 'pickup'
  const isAhead = text(doc, '/order_type') === 'PRE_ORDER' || list(doc, '/line_items').some(({ value }) => text(value, '/sku_type') === 'PRE_ORDER')
  return isAhead ? 'presale' : 'normal'
}

const FULFILMENT: ReadonlyMap<string, Order['fulfilmentBy']> = new Map([
  ['', 'merchant'],
  ['FULFILLMENT_BY_SELLER', 'merchant'],
  ['FULFILLMENT_BY_TIKTOK', 'channel'],
  ['FULFILLMENT_BY_DILAYANI_TOKOPEDIA', 'channel'],
])

function fulfilmentOf(doc: unknown): Order['fulfilmentBy'] {
  if (text(doc, '/shipping_type') === 'TIKTOK_DIGITAL') return 'channel'
  const word = text(doc, '/fulfillment_type').trim()
  const by = FULFILMENT.get(word)
  if (by !== undefined) return by
  throw new MappingError('status-unmapped', `"${word.slice(0, 40)}" is not a kind of fulfilment the channel documents.`, '/fulfillment_type')
}

function paymentsOf(doc: unknown, state: State, amount: Payment['amount']): readonly Payment[] {
  if (amount.minor === 0) return []
  const method = optionalText(doc, '/payment_method_name')?.toLowerCase() ?? 'tiktok'
  const status = state.paid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending'
  const { paidAt } = state
  return [
    { kind: state.isCod ? 'cod' : 'capture', method: state.isCod ? 'cod' : method, amount, ...(paidAt === undefined ? {} : { at: paidAt }), status },
  ]
}

function extraOf(doc: unknown, state: State): Order['extra'] {
  const values = {
    warehouse: text(doc, '/warehouse_id'),
    deliveryOption: text(doc, '/delivery_option_name'),
    shippingType: text(doc, '/shipping_type'),
    deliveryType: text(doc, '/delivery_type'),
    packages: text(doc, '/split_or_combine_tag'),
    replaces: text(doc, '/replaced_order_id'),
    // The buyer may still cancel without asking, or a preorder is not charged yet.
    heldByChannel: state.status === 'ON_HOLD' ? state.status : '',
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
