import { exponentOf, moneyToDecimal, type Money } from '../core/money.ts'
import type { ChannelShipment, Discount, Order, OrderLine, Payment, Totals } from '../core/order.ts'
import type { AppliedRule } from '../core/overrides.ts'
import { fragment, member, OBJECT_END, type JsonBytes } from './json-bytes.ts'
import { maskParty, type MaskedParty } from './mask.ts'
import type { PlacedOrder } from './places.ts'
import { apiMoney } from './render.ts'

const CHANNEL_ORDER_NO = fragment('{"channel_order_no":')
const DISPLAY_NO = member('display_no')
const TYPE = member('type')
const FULFILMENT_BY = member('fulfilment_by')
const SOURCE_STATUS = member('source_status')
const NOT_CANCELLED = fragment(',"cancelled":null,"cancel_request":null')
const CANCEL_REQUEST = member('cancel_request')
const PLACED_AT = member('placed_at')
const PAID_AT = member('paid_at')
const SHIP_BY = member('ship_by')
const SOURCE_UPDATED_AT = member('source_updated_at')
const SOURCE_TZ = member('source_tz')
const SOURCE_PRECISION = member('source_precision')
const CURRENCY = member('currency')
const TAX_INCLUDED = member('tax_included')
const LINES = member('lines')
const DISCOUNTS = member('discounts')
const PAYMENTS = member('payments')
const CHANNEL_SHIPMENTS = member('channel_shipments')
const IS_COD = member('is_cod')
const COUPON_CODES = member('coupon_codes')
const PII_MODE = member('pii_mode')
const RECIPIENT = member('recipient')
const NO_RECIPIENT = fragment(',"recipient":null')
const BUYER_REF = member('buyer_ref')
const SELLER_NOTE = member('seller_note')
const HAS_BUYER_NOTE = member('has_buyer_note')
const EXTRA = member('extra')
const OVERRIDDEN = member('overridden')
const PLACES = member('places')

/** What an order's document says beside the order itself. */
export interface WrittenBeside {
  /** Our SKU by line number. */
  readonly skus: ReadonlyMap<number, string>
  readonly applied?: readonly AppliedRule[] | undefined
  readonly placed?: PlacedOrder | undefined
}

/**
 * Writes the canonical order as the API shows it: snake_case, personal data masked. The order of its members is fixed, so equal orders are equal
 * bytes (I3).
 */
export function writeOrder(to: JsonBytes, order: Order, { skus, applied = [], placed }: WrittenBeside): void {
  to.raw(CHANNEL_ORDER_NO).text(order.channelOrderNo).raw(DISPLAY_NO).textOrNull(order.displayNo)
  to.raw(TYPE).text(order.type).raw(FULFILMENT_BY).text(order.fulfilmentBy).raw(SOURCE_STATUS).text(order.sourceStatus)
  writeCancelling(to, order)
  to.raw(PLACED_AT).text(order.placedAt).raw(PAID_AT).textOrNull(order.paidAt).raw(SHIP_BY).textOrNull(order.shipBy)
  to.raw(SOURCE_UPDATED_AT).text(order.sourceUpdatedAt).raw(SOURCE_TZ).text(order.sourceTz).raw(SOURCE_PRECISION).text(order.sourcePrecision)
  to.raw(CURRENCY).text(order.currency).raw(TAX_INCLUDED).flag(order.taxIncluded)
  writeTotals(to, order.totals)
  to.raw(LINES).list(order.lines, (line) => writeLine(to, line, skus.get(line.lineNo)))
  to.raw(DISCOUNTS).list(order.discounts, (discount) => writeDiscount(to, discount))
  to.raw(PAYMENTS).list(order.payments, (payment) => writePayment(to, payment))
  to.raw(CHANNEL_SHIPMENTS).list(order.shipments, (shipment) => writeShipment(to, shipment))
  to.raw(IS_COD).flag(order.isCod).raw(COUPON_CODES)
  to.list(order.couponCodes, (code) => to.text(code))
  to.raw(PII_MODE).text(order.piiMode)
  if (order.recipient) to.raw(RECIPIENT).texts(MASKED, maskParty(order.recipient))
  else to.raw(NO_RECIPIENT)
  to.raw(BUYER_REF).textOrNull(order.buyerRef).raw(SELLER_NOTE).textOrNull(order.sellerNote).raw(HAS_BUYER_NOTE).flag(Boolean(order.buyerNote))
  to.raw(EXTRA).texts(Object.keys(order.extra), order.extra)
  // Only where a person's rule had a part in it: all other orders are written as ever.
  if (applied.length > 0) to.raw(OVERRIDDEN).json(applied.map(({ pointer, rule }) => ({ pointer, rule: String(rule) })))
  if (placed) to.raw(PLACES).json([...placed.bound, ...placed.unbound.map((place) => ({ ...place, location: null, unbound: true }))])
  to.raw(OBJECT_END)
}

const MASKED: readonly (keyof MaskedParty)[] = ['name', 'phone', 'email', 'country', 'province', 'city', 'district', 'address', 'postcode']

function writeCancelling(to: JsonBytes, { cancelled, cancelRequest: request }: Order): void {
  if (!cancelled && !request) return void to.raw(NOT_CANCELLED)
  to.raw(CANCELLED).json(cancelled ? { at: cancelled.at ?? null, by: cancelled.by ?? null, reason: cancelled.reason ?? null } : null)
  to.raw(CANCEL_REQUEST).json(request ? { id: request.id ?? null, at: request.at ?? null, reason: request.reason ?? null } : null)
}

let currency = ''
let [zero, afterAmount] = [OBJECT_END, OBJECT_END]

/** A member as `apiMoney` says it. Nearly all amounts of an hour are in one currency, and most of them are zero. */
function writeMoney(to: JsonBytes, name: Uint8Array, amount: Money): void {
  if (amount.currency !== currency) {
    currency = amount.currency
    zero = fragment(JSON.stringify(apiMoney({ minor: 0, currency })))
    afterAmount = fragment(`","currency":${JSON.stringify(currency)}}`)
  }
  to.raw(name)
  if (amount.minor === 0) to.raw(zero)
  else if (amount.minor > 0) to.raw(AMOUNT).decimal(amount.minor, exponentOf(currency)).raw(afterAmount)
  else to.raw(AMOUNT).plain(moneyToDecimal(amount)).raw(afterAmount)
}

const AMOUNT = fragment('{"amount":"')
const ITEMS = fragment(',"totals":{"items":')
const DISCOUNT = member('discount')
const UNALLOCATED_DISCOUNT = member('unallocated_discount')
const SHIPPING = member('shipping')
const SHIPPING_DISCOUNT = member('shipping_discount')
const FEES = member('fees')
const DUTIES = member('duties')
const TAX = member('tax')
const ROUNDING = member('rounding')
const TOTAL = member('total')
const PAID = member('paid')
const REFUNDED = member('refunded')

function writeTotals(to: JsonBytes, totals: Totals): void {
  writeMoney(to, ITEMS, totals.items)
  writeMoney(to, DISCOUNT, totals.discount)
  writeMoney(to, UNALLOCATED_DISCOUNT, totals.unallocatedDiscount)
  writeMoney(to, SHIPPING, totals.shipping)
  writeMoney(to, SHIPPING_DISCOUNT, totals.shippingDiscount)
  writeMoney(to, FEES, totals.fees)
  writeMoney(to, DUTIES, totals.duties)
  writeMoney(to, TAX, totals.tax)
  writeMoney(to, ROUNDING, totals.rounding)
  writeMoney(to, TOTAL, totals.total)
  writeMoney(to, PAID, totals.paid)
  writeMoney(to, REFUNDED, totals.refunded)
  to.raw(OBJECT_END)
}

const LINE_NO = fragment('{"line_no":')
const CHANNEL_LINE_NO = member('channel_line_no')
const CHANNEL_SKU = member('channel_sku')
const CHANNEL_PRODUCT = member('channel_product')
const LISTING_KEY = member('listing_key')
const SKU = member('sku')
const BARCODE = member('barcode')
const TITLE = member('title')
const OPTIONS = member('options')
const ROLE = member('role')
const QUANTITY = member('quantity')
const CANCELLED = member('cancelled')
const SHIPPED = member('shipped')
const UNIT_PRICE = member('unit_price')
const GROSS = member('gross')
const NET = member('net')

function writeLine(to: JsonBytes, line: OrderLine, sku: string | undefined): void {
  to.raw(LINE_NO).plain(String(line.lineNo)).raw(CHANNEL_LINE_NO).text(line.channelLineNo).raw(CHANNEL_SKU).text(line.channelSku)
  to.raw(CHANNEL_PRODUCT).textOrNull(line.channelProduct).raw(LISTING_KEY).textOrNull(line.listingKey).raw(SKU).textOrNull(sku)
  to.raw(BARCODE).textOrNull(line.barcode).raw(TITLE).text(line.title).raw(OPTIONS).textOrNull(line.options).raw(ROLE).text(line.role)
  to.raw(QUANTITY).text(line.quantity).raw(CANCELLED).text(line.cancelled).raw(SHIPPED).text(line.shipped).raw(UNIT_PRICE).text(line.unitPrice)
  writeMoney(to, GROSS, line.gross)
  writeMoney(to, DISCOUNT, line.discount)
  writeMoney(to, NET, line.net)
  writeMoney(to, TAX, line.tax)
  to.raw(OBJECT_END)
}

const SCOPE = fragment('{"scope":')
const FUNDER = member('funder')
const KIND = member('kind')
const CODE = member('code')
const ALLOCATIONS = member('allocations')
const OF_AMOUNT = member('amount')

function writeDiscount(to: JsonBytes, discount: Discount): void {
  to.raw(SCOPE).text(discount.scope).raw(FUNDER).text(discount.funder).raw(KIND).text(discount.kind)
  to.raw(CODE).textOrNull(discount.code).raw(TITLE).textOrNull(discount.title)
  writeMoney(to, OF_AMOUNT, discount.amount)
  to.raw(ALLOCATIONS).list(discount.allocations, ({ lineNo, amount }) => {
    to.raw(LINE_NO).plain(String(lineNo))
    writeMoney(to, OF_AMOUNT, amount)
    to.raw(OBJECT_END)
  })
  to.raw(OBJECT_END)
}

const ID = fragment('{"id":')
const METHOD = member('method')
const AT = member('at')
const STATUS = member('status')

function writePayment(to: JsonBytes, payment: Payment): void {
  to.raw(ID).textOrNull(payment.id).raw(KIND).text(payment.kind).raw(METHOD).text(payment.method)
  writeMoney(to, OF_AMOUNT, payment.amount)
  to.raw(AT).textOrNull(payment.at).raw(STATUS).text(payment.status).raw(OBJECT_END)
}

const CHANNEL_SHIPMENT_NO = fragment('{"channel_shipment_no":')
const CARRIER = member('carrier')
const TRACKING_NO = member('tracking_no')
const STATE = member('state')
const OF_LINE = fragment('{"channel_line_no":')

function writeShipment(to: JsonBytes, shipment: ChannelShipment): void {
  to.raw(CHANNEL_SHIPMENT_NO).text(shipment.channelShipmentNo).raw(CARRIER).textOrNull(shipment.carrier)
  to.raw(TRACKING_NO).textOrNull(shipment.trackingNo).raw(STATE).text(shipment.state).raw(AT).textOrNull(shipment.at).raw(LINES)
  to.list(shipment.lines, (line) => to.raw(OF_LINE).text(line.channelLineNo).raw(QUANTITY).text(line.quantity).raw(OBJECT_END))
  to.raw(OBJECT_END)
}
