import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Money } from '../src/core/money.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { discountsOf, linesOf, netsOf, totalsOf } from './lazada/lines.ts'
import { currencyOf, isTrue, requiredTime, time, ZONES } from './lazada/read.ts'
import { partiesOf } from './lazada/recipient.ts'
import { refundOf } from './lazada/refund.ts'
import { readState, type State } from './lazada/state.ts'
import { lineFinder, unitsOf, type Unit } from './lazada/units.ts'
import { distinctPlaces } from './parts/places.ts'
import { at, list, optionalText, requiredText, text } from './parts/read.ts'

/** An order of `/orders/get` with its items, one for each unit, or a line of a reverse order → canonical. Prices hold their tax. */
export const lazada: Mapping = {
  channel: 'lazada',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? refundOf(raw, context) : mapOrder(raw, context)),
  places: {
    of: (doc, { lines }) => {
      const lineOf = lineFinder(doc, lines)
      const ofItems = list(doc, '/order_items').map(({ value }) => ({ id: optionalText(value, '/warehouse_code'), line: lineOf(value) }))
      return distinctPlaces(ofItems.some(({ id }) => id !== undefined) ? ofItems : [{ id: optionalText(doc, '/order/warehouse_code') }])
    },
  },
}

function mapOrder({ doc }: RawDocument, context: MapContext): Mapped {
  const currency = currencyOf(context)
  const units = unitsOf(doc, currency)
  const lines = linesOf({ units, currency, net: netsOf(doc, units, currency) })
  const state = readState(doc, units, lines)
  const totals = totalsOf(doc, { lines, currency, paid: state.isPaid, refunded: state.isRefunded })
  const id = requiredText(doc, '/order/order_id')
  const number = optionalText(doc, '/order/order_number')
  const shipBy = units
    .flatMap((unit) => time(unit.doc, '/sla_time_stamp') ?? [])
    .sort()
    .at(0)
  const discounts = discountsOf(lines, currency)
  const [buyerNote, sellerNote] = [optionalText(doc, '/order/buyer_note'), optionalText(doc, '/order/remarks')]
  const order: Order = {
    channelOrderNo: id,
    ...(number === undefined || number === id ? {} : { displayNo: number }),
    type: typeOf(units, doc),
    fulfilmentBy: fulfilmentBy(units),
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredTime(doc, '/order/created_at'),
    ...(state.paidAt === undefined ? {} : { paidAt: state.paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: requiredTime(doc, '/order/updated_at'),
    sourceTz: ZONES[currency] ?? context.timezone,
    sourcePrecision: 's',
    currency,
    taxIncluded: true,
    totals,
    lines: lines.map(({ line }) => line),
    discounts,
    payments: paymentsOf(doc, { state, total: totals.total, wallet: units.reduce((sum, unit) => sum + unit.wallet, 0) }),
    refunds: [],
    shipments: state.shipments,
    ...partiesOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    isCod: state.isCod,
    couponCodes: [...new Set(discounts.flatMap(({ code }) => (code === undefined ? [] : code.split(', '))))],
    extra: extraOf(doc, units),
  }
  return { kind: 'order', order }
}

function typeOf(units: readonly Unit[], doc: unknown): Order['type'] {
  const kinds = new Set(units.map((unit) => text(unit.doc, '/order_type').toLowerCase()))
  if (kinds.has('instoreo2o') || units.some((unit) => text(unit.doc, '/shipping_provider_type').toUpperCase() === 'PICKUP_IN_STORE')) return 'pickup'
  if (kinds.has('presale')) return 'presale'
  return isTrue(at(doc, '/order'), '/gift_option') ? 'gift' : 'normal'
}

/** `is_fbl`: out of Lazada's own warehouse. */
function fulfilmentBy(units: readonly Unit[]): Order['fulfilmentBy'] {
  const byChannel = units.filter((unit) => isTrue(unit.doc, '/is_fbl')).length
  return byChannel === 0 ? 'merchant' : byChannel === units.length ? 'channel' : 'mixed'
}

/** Wallet credits pay a part; the rest came by the method the order names. */
function paymentsOf(doc: unknown, given: { readonly state: State; readonly total: Money; readonly wallet: number }): readonly Payment[] {
  const { state, total } = given
  if (total.minor <= 0) return []
  const status = state.isPaid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending'
  const common = { status, ...(state.paidAt === undefined ? {} : { at: state.paidAt }) } as const
  const wallet = Math.min(Math.max(given.wallet, 0), total.minor)
  const method = optionalText(doc, '/order/payment_method') ?? 'Lazada'
  const of = (minor: number): Money => ({ minor, currency: total.currency })
  const rest: Payment = { kind: state.isCod ? 'cod' : 'capture', method, amount: of(total.minor - wallet), ...common }
  const credits: Payment = { kind: 'gift_card', method: 'wallet credits', amount: of(wallet), ...common }
  return [...(total.minor > wallet ? [rest] : []), ...(wallet > 0 ? [credits] : [])]
}

function extraOf(doc: unknown, units: readonly Unit[]): Order['extra'] {
  const joined = (name: string): string | undefined =>
    [...new Set(units.flatMap((unit) => optionalText(unit.doc, `/${name}`) ?? []))].join(', ') || undefined
  const named = {
    warehouse: joined('warehouse_code') ?? optionalText(doc, '/order/warehouse_code'),
    shippingType: joined('shipping_type'),
    service: joined('shipping_provider_type'),
    orderFlag: joined('order_flag'),
    ownFleet: units.some((unit) => isTrue(unit.doc, '/delivery_option_sof')) ? 'true' : undefined,
    invoice: joined('invoice_number'),
    purchaseOrder: joined('purchase_order_number'),
    giftWrapping: joined('gift_wrapping'),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
