import { MappingError } from '../src/core/fault.ts'
import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Money } from '../src/core/money.ts'
import type { Order, OrderLine } from '../src/core/order.ts'
import { at, decimal, list, money, optionalText, requiredMoney, requiredText, requiredUtcInstant, text } from './parts/read.ts'
import { unitPrice } from './parts/unit-price.ts'

/** An order of Magento → canonical. Pure: what cannot be read is held with a reason, never guessed. */
export const magento: Mapping = {
  channel: 'magento',
  version: 1,
  map: (raw) => mapOrder(raw),
}

interface State {
  readonly closed: boolean
  readonly cancelled: boolean
  readonly goods?: 'shipped'
}

/** `state`, whose words are Magento's own; `status` is whatever the shop calls it. */
const STATES: ReadonlyMap<string, State> = new Map<string, State>([
  ['new', { closed: false, cancelled: false }],
  ['pending_payment', { closed: false, cancelled: false }],
  ['payment_review', { closed: false, cancelled: false }],
  ['holded', { closed: false, cancelled: false }],
  ['processing', { closed: false, cancelled: false }],
  ['complete', { closed: true, cancelled: false, goods: 'shipped' }],
  ['canceled', { closed: true, cancelled: true }],
  ['closed', { closed: true, cancelled: true }],
])

function mapOrder({ doc }: RawDocument): Mapped {
  const status = requiredText(doc, '/state')
  const state = STATES.get(status)
  if (!state) throw new MappingError('status-unmapped', `"${status.slice(0, 60)}" is not a known state of an order.`, '/state')
  const currency = requiredText(doc, '/order_currency_code')
  const updatedAt = requiredUtcInstant(doc, '/updated_at')
  const buyerNote = optionalText(doc, '/customer_note')
  const lines = list(doc, '/items')
    .filter(({ value }) => at(value, '/parent_item_id') === undefined)
    .map(({ value }, i) => lineOf(value, { lineNo: i + 1, currency, state }))
  const refunded = money(doc, '/total_refunded', currency).minor
  const total = requiredMoney(doc, '/grand_total', currency)
  const paid = money(doc, '/total_paid', currency).minor >= total.minor
  const shipped = lines.some((line) => Number(line.shipped) > 0)
  const number = optionalText(doc, '/increment_id')
  const amount = (minor: number): Money => ({ minor, currency })
  const order: Order = {
    channelOrderNo: requiredText(doc, '/entity_id'),
    ...(number === undefined ? {} : { displayNo: number }),
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: status,
    payment: refunded > 0 ? (refunded >= total.minor ? 'refunded' : 'partially_refunded') : paid ? 'paid' : state.cancelled ? 'voided' : 'pending',
    fulfilment: state.goods ?? (shipped ? (lines.every((line) => line.shipped === line.quantity) ? 'shipped' : 'partial') : 'unallocated'),
    afterSale: refunded > 0 ? 'closed' : 'none',
    ...(state.cancelled ? { cancelled: { at: updatedAt } } : {}),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/created_at'),
    sourceUpdatedAt: updatedAt,
    sourceTz: 'UTC',
    sourcePrecision: 's',
    currency,
    taxIncluded: false,
    totals: {
      items: amount(lines.reduce((sum, line) => sum + line.net.minor, 0)),
      discount: amount(lines.reduce((sum, line) => sum + line.discount.minor, 0)),
      unallocatedDiscount: amount(0),
      shipping: money(doc, '/shipping_amount', currency),
      shippingDiscount: amount(0),
      fees: amount(0),
      duties: amount(0),
      tax: money(doc, '/tax_amount', currency),
      rounding: amount(0),
      total,
      paid: paid ? total : amount(0),
      refunded: amount(refunded),
    },
    lines,
    discounts: [],
    payments:
      paid && total.minor > 0 ? [{ kind: 'capture', method: optionalText(doc, '/payment/method') ?? 'unknown', amount: total, status: 'done' }] : [],
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    recipient: recipientOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    isCod: false,
    couponCodes: [],
    extra: {},
  }
  return { kind: 'order', order }
}

function lineOf(line: unknown, given: { readonly lineNo: number; readonly currency: string; readonly state: State }): OrderLine {
  const { lineNo, currency, state } = given
  const quantity = decimal(line, '/qty_ordered')
  const shipped = text(line, '/qty_shipped') || '0'
  const gross = requiredMoney(line, '/row_total', currency)
  const discount = Math.abs(money(line, '/discount_amount', currency).minor)
  const [sku, product] = [text(line, '/sku'), optionalText(line, '/product_id')]
  return {
    lineNo,
    channelLineNo: requiredText(line, '/item_id'),
    channelSku: sku,
    ...(sku === '' ? {} : { listingKey: sku }),
    ...(product === undefined ? {} : { channelProduct: product }),
    title: text(line, '/name'),
    quantity,
    cancelled: state.cancelled ? String(Math.max(0, Number(quantity) - Number(shipped))) : '0',
    shipped,
    unitPrice: unitPrice(requiredText(line, '/row_total'), quantity),
    gross,
    discount: { minor: discount, currency },
    net: { minor: gross.minor - discount, currency },
    tax: money(line, '/tax_amount', currency),
    role: 'single',
  }
}

/** The address goods go to hangs deep in the extension attributes; an order without goods has the bill's only. */
function recipientOf(doc: unknown): NonNullable<Order['recipient']> {
  const shipping = '/extension_attributes/shipping_assignments/0/shipping/address'
  const place = at(doc, shipping) === undefined ? '/billing_address' : shipping
  const name = [text(doc, `${place}/firstname`), text(doc, `${place}/lastname`)].filter((part) => part !== '').join(' ')
  const address = list(doc, `${place}/street`)
    .map((line) => text(line.value, ''))
    .join('\n')
  const parts: Readonly<Record<string, string | undefined>> = {
    name,
    address,
    company: optionalText(doc, `${place}/company`),
    phone: optionalText(doc, `${place}/telephone`),
    email: optionalText(doc, '/customer_email'),
    country: optionalText(doc, `${place}/country_id`),
    province: optionalText(doc, `${place}/region`),
    city: optionalText(doc, `${place}/city`),
    postcode: optionalText(doc, `${place}/postcode`),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== ''))
}
