import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import { allocate, sumMoney } from '../../src/core/money.ts'
import type { Money } from '../../src/core/money.ts'
import type { Discount, FulfilmentStatus, Order, OrderLine, Party, PaymentStatus } from '../../src/core/order.ts'
import type { FieldMap } from '../../src/core/field-map.ts'
import { documentLines, money, orderAmount, rounded, sum } from './amounts.ts'
import type { LineAmounts } from './amounts.ts'
import { precisionOf } from './convert.ts'
import type { DocumentReader } from './rows.ts'

const PAYMENTS: ReadonlySet<string> = new Set<PaymentStatus>(['pending', 'authorised', 'paid', 'refund_pending', 'refunded', 'voided'])
const FULFILMENTS: ReadonlySet<string> = new Set<FulfilmentStatus>([
  'unallocated',
  'allocated',
  'released',
  'partial',
  'shipped',
  'in_transit',
  'delivered',
  'failed',
])
const TYPES: ReadonlySet<string> = new Set<Order['type']>(['normal', 'presale', 'b2b', 'pos', 'pickup', 'exchange', 'resend', 'gift', 'sample'])
const ROLES: ReadonlySet<string> = new Set<OrderLine['role']>(['single', 'bundle', 'component', 'gift', 'service', 'fee'])
const GONE: ReadonlySet<string> = new Set<FulfilmentStatus>(['shipped', 'in_transit', 'delivered'])
const isPayment = (text: string): text is PaymentStatus => PAYMENTS.has(text)
const isFulfilment = (text: string): text is FulfilmentStatus => FULFILMENTS.has(text)
const isType = (text: string): text is Order['type'] => TYPES.has(text)
const isRole = (text: string): text is OrderLine['role'] => ROLES.has(text)

/** A canonical order and what its arithmetic left over. */
export interface MappedOrder {
  readonly order: Order
  readonly lines: readonly LineAmounts[]
  /** The parts do not add up to the total the file declares; the order is kept and will wait for a person. */
  readonly mismatch: boolean
}

/**
 * Rows of one document → order. Line amounts are quantity × price rounded half-up to minor units and the total is their
 * sum, unless the file declares a total: then a difference is accepted only where it is exactly the rounding of lines
 * against rounding the whole, and declared as such.
 */
export function toOrder(reader: DocumentReader, map: FieldMap, channelOrderNo: string): MappedOrder {
  const { currency } = reader
  const amounts = documentLines(reader)
  const negative = amounts.find((line) => line.quantity.lt(0))
  if (negative !== undefined)
    throw new MappingError(
      'quantity-negative',
      'A row has a negative quantity. Add a rule that says what such documents are (return, cancellation, ignore).',
      reader.pointer('quantity', negative.row),
    )
  const declared = reader.order('total') === '' ? undefined : orderAmount(reader, 'total')
  const orderDiscount = orderAmount(reader, 'discount').abs()
  const shares = allocate(
    money(orderDiscount, currency),
    amounts.map((line) => line.gross.minus(line.discount).toNumber()),
  )
  const fulfilment = oneOf(reader.order('fulfilment') || 'unallocated', isFulfilment, 'fulfilment')
  const cancelled = isYes(reader.order('cancelled'))
  const lines = amounts.map((line, i) => toLine(reader, line, i + 1, shares[i], { shipped: GONE.has(fulfilment) && !cancelled, cancelled }))
  const payment = oneOf(reader.order('payment'), isPayment, 'payment')
  const { totals, mismatch } = toTotals(reader, map, { amounts, lines, declared, orderDiscount, payment })
  const at = reader.orderInstant('placedAt')
  if (at === undefined) throw new MappingError('placed-at-missing', 'The document has no order time.')
  const paidAt = reader.orderInstant('paidAt')
  const shipBy = reader.orderInstant('shipBy')
  const recipient = toParty(reader)
  const isPaid = payment === 'paid' || payment === 'refunded'
  const reason = reader.order('cancelReason')
  const coupon = reader.order('couponCode')
  const order: Order = {
    channelOrderNo,
    ...optional('displayNo', reader.order('displayNo')),
    type: oneOf(reader.order('type') || 'normal', isType, 'type'),
    fulfilmentBy: 'merchant',
    sourceStatus: reader.order('sourceStatus'),
    payment,
    fulfilment,
    afterSale: 'none',
    ...(cancelled ? { cancelled: reason === '' ? {} : { reason } } : {}),
    closed: isYes(reader.order('closed')),
    placedAt: at,
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: reader.orderInstant('updatedAt') ?? at,
    sourceTz: reader.timezone,
    sourcePrecision: precisionOf(reader.orderSource('placedAt')),
    currency,
    taxIncluded: map.taxIncluded,
    totals,
    lines,
    discounts: toDiscounts(reader, amounts, orderDiscount, shares),
    payments:
      isPaid && totals.total.minor > 0
        ? [
            {
              ...optional('id', reader.order('paymentId')),
              kind: 'capture',
              method: reader.order('paymentMethod') || 'unknown',
              amount: totals.total,
              at: paidAt ?? at,
              status: 'done',
            },
          ]
        : [],
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    ...(recipient === undefined ? {} : { recipient }),
    ...optional('buyerRef', reader.order('buyerRef')),
    ...optional('buyerNote', reader.order('buyerNote')),
    ...optional('sellerNote', reader.order('sellerNote')),
    isCod: false,
    couponCodes: coupon === '' ? [] : [coupon],
    extra: reader.extra(),
  }
  return { order, lines: amounts, mismatch }
}

function toLine(
  reader: DocumentReader,
  line: LineAmounts,
  lineNo: number,
  share: Money | undefined,
  state: { readonly shipped: boolean; readonly cancelled: boolean },
): OrderLine {
  const { currency } = reader
  const sku = reader.line('channelSku', line.row)
  const quantity = line.quantity.toFixed()
  const discount = sumMoney([money(line.discount, currency), ...(share === undefined ? [] : [share])], currency)
  const gross = money(line.gross, currency)
  return {
    lineNo,
    channelLineNo: reader.line('channelLineNo', line.row) || String(lineNo),
    channelSku: sku,
    ...(sku === '' ? {} : { listingKey: sku }),
    ...optional('channelProduct', reader.line('channelProduct', line.row)),
    ...optional('barcode', reader.line('barcode', line.row)),
    title: reader.line('title', line.row) || sku,
    ...optional('options', reader.line('options', line.row)),
    quantity,
    cancelled: state.cancelled ? quantity : '0',
    shipped: state.shipped ? quantity : '0',
    unitPrice: line.unitPrice.toFixed(),
    gross,
    discount,
    net: { minor: gross.minor - discount.minor, currency },
    tax: money(line.tax, currency),
    role: oneOf(reader.line('role', line.row) || 'single', isRole, 'role'),
  }
}

interface TotalsInput {
  readonly amounts: readonly LineAmounts[]
  readonly lines: readonly OrderLine[]
  readonly declared: Big | undefined
  readonly orderDiscount: Big
  readonly payment: PaymentStatus
}

function toTotals(reader: DocumentReader, map: FieldMap, input: TotalsInput): { readonly totals: Order['totals']; readonly mismatch: boolean } {
  const { currency } = reader
  const [shipping, shippingDiscount, fees] = [
    orderAmount(reader, 'shipping'),
    orderAmount(reader, 'shippingDiscount').abs(),
    orderAmount(reader, 'fees'),
  ]
  const tax = reader.order('tax') === '' ? sum(input.amounts.map((line) => line.tax)) : orderAmount(reader, 'tax')
  const around = shipping
    .minus(shippingDiscount)
    .plus(fees)
    .plus(map.taxIncluded ? 0 : tax)
  const off = sum(input.amounts.map((line) => line.discount)).plus(input.orderDiscount)
  const parts = sum(input.amounts.map((line) => line.gross))
    .minus(off)
    .plus(around)
  const whole = rounded(
    sum(input.amounts.map((line) => line.exact))
      .minus(off)
      .plus(around),
    currency,
  )
  const total = input.declared ?? parts
  const rounding = !total.eq(parts) && total.eq(whole) ? total.minus(parts) : Big(0)
  const none = money(Big(0), currency)
  const paid = input.payment === 'paid' || input.payment === 'refunded' ? money(total, currency) : none
  const totals: Order['totals'] = {
    items: sumMoney(
      input.lines.map((line) => line.net),
      currency,
    ),
    discount: sumMoney(
      input.lines.map((line) => line.discount),
      currency,
    ),
    unallocatedDiscount: none,
    shipping: money(shipping, currency),
    shippingDiscount: money(shippingDiscount, currency),
    fees: money(fees, currency),
    duties: none,
    tax: money(tax, currency),
    rounding: money(rounding, currency),
    total: money(total, currency),
    paid,
    refunded: input.payment === 'refunded' ? paid : none,
  }
  return { totals, mismatch: !total.eq(parts.plus(rounding)) }
}

function toDiscounts(reader: DocumentReader, amounts: readonly LineAmounts[], orderDiscount: Big, shares: readonly Money[]): readonly Discount[] {
  const { currency } = reader
  const discounts: Discount[] = []
  const lines = amounts.flatMap((line, i) => (line.discount.gt(0) ? [{ lineNo: i + 1, amount: money(line.discount, currency) }] : []))
  if (lines.length > 0)
    discounts.push({
      scope: 'line',
      funder: 'seller',
      kind: 'other',
      amount: sumMoney(
        lines.map((line) => line.amount),
        currency,
      ),
      allocations: lines,
    })
  if (orderDiscount.gt(0)) {
    const code = reader.order('couponCode')
    discounts.push({
      scope: 'order',
      funder: 'seller',
      kind: code === '' ? 'other' : 'coupon',
      ...optional('code', code),
      amount: money(orderDiscount, currency),
      allocations: shares.map((amount, i) => ({ lineNo: i + 1, amount })),
    })
  }
  return discounts
}

/** Who receives the goods; undefined when the file says nothing (a till). */
export function toParty(reader: DocumentReader): Party | undefined {
  const party: Party = {
    ...optional('name', reader.order('recipient.name')),
    ...optional('company', reader.order('recipient.company')),
    ...optional('phone', reader.order('recipient.phone')),
    ...optional('email', reader.order('recipient.email')),
    ...optional('country', reader.order('recipient.country')),
    ...optional('province', reader.order('recipient.province')),
    ...optional('city', reader.order('recipient.city')),
    ...optional('district', reader.order('recipient.district')),
    ...optional('address', reader.order('recipient.address')),
    ...optional('postcode', reader.order('recipient.postcode')),
  }
  return Object.keys(party).length === 0 ? undefined : party
}

/** `{ name: text }`, or nothing when the text is empty. */
function optional<K extends string>(name: K, text: string): { readonly [P in K]?: string } {
  const filled: { [P in K]?: string } = {}
  if (text !== '') filled[name] = text
  return filled
}

/** Words of files for a thing that is so. */
export const isYes = (text: string): boolean => /^(true|yes|y|1|是)$/i.test(text)

function oneOf<T extends string>(text: string, known: (text: string) => text is T, what: string): T {
  if (known(text)) return text
  throw new MappingError(`${what}-unmapped`, `"${text.slice(0, 40)}" is not one of the ${what} values the hub knows. Add a lookup to the field map.`)
}
