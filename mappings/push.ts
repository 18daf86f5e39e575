import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import { sumMoney, type Money } from '../src/core/money.ts'
import type { Order, OrderLine, Party, Payment, PaymentStatus } from '../src/core/order.ts'
import { SimpleOrder } from '../src/core/simple-order.ts'
import { extraPlace } from './parts/places.ts'
import { discountsOf, exact, linesOf } from './push/lines.ts'

/** An order as the push API takes it → canonical. */
export const push: Mapping = {
  channel: 'push',
  version: 1,
  map: ({ doc }, context) => mapOrder(read(doc), context),
  places: extraPlace,
}

/** The document was checked when it came; it is read as strictly again, because mappings outlive doors. */
function read(doc: unknown): SimpleOrder {
  const parsed = SimpleOrder.safeParse(doc)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new MappingError('order-unreadable', `${issue?.message ?? 'It is not an order'}.`, `/${(issue?.path ?? []).map(String).join('/')}`)
}

function mapOrder(sent: SimpleOrder, context: MapContext): Mapped {
  if (sent.pickup_of !== undefined) return handOver(sent.pickup_of, sent.status)
  const currency = sent.currency ?? context.currency
  const discounts = discountsOf(sent, currency)
  const lines = linesOf(sent, discounts, currency)
  const totals = totalsOf(sent, lines, currency)
  const cancelled = sent.status === 'cancelled'
  const order: Order = {
    channelOrderNo: sent.number,
    type: sent.type ?? 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: sent.status ?? 'open',
    payment: paymentStatusOf(sent),
    fulfilment: sent.fulfilment === undefined || sent.fulfilment === 'open' ? 'unallocated' : sent.fulfilment,
    afterSale: 'none',
    ...(cancelled && { cancelled: { by: 'seller' as const, ...(sent.cancel_reason !== undefined && { reason: sent.cancel_reason }) } }),
    closed: sent.status === 'completed',
    placedAt: sent.placed_at,
    ...(sent.payment?.at !== undefined && { paidAt: sent.payment.at }),
    ...(sent.ship_by !== undefined && { shipBy: sent.ship_by }),
    sourceUpdatedAt: sent.updated_at ?? sent.placed_at,
    sourceTz: context.timezone,
    sourcePrecision: 's',
    currency,
    taxIncluded: sent.tax_included ?? true,
    totals,
    lines,
    discounts,
    payments: paymentsOf(sent, totals),
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    ...partyOf('recipient', sent.recipient),
    ...partyOf('billTo', sent.bill_to),
    ...(sent.buyer_id !== undefined && { buyerRef: sent.buyer_id }),
    ...(filled(sent.buyer_note) && { buyerNote: sent.buyer_note }),
    ...(filled(sent.seller_note) && { sellerNote: sent.seller_note }),
    isCod: sent.payment?.on_delivery ?? false,
    couponCodes: (sent.discounts ?? []).flatMap(({ code }) => (code === undefined ? [] : [code])),
    extra: sent.ids ?? {},
  }
  return { kind: 'order', order }
}

/** A sale that hands over an order placed elsewhere; one that was undone hands over nothing. */
const handOver = (number: string, status: SimpleOrder['status']): Mapped =>
  status === 'cancelled'
    ? { kind: 'ignore', rule: 'pickup-cancelled', reason: 'A sale that was to hand over an order, cancelled.' }
    : { kind: 'ignore', rule: `collected:${number}`, reason: 'Hands over an order placed elsewhere.' }

const filled = (text: string | undefined): text is string => text !== undefined && text.trim() !== ''

function partyOf<K extends 'recipient' | 'billTo'>(name: K, sent: SimpleOrder['recipient']): { readonly [P in K]?: Party } {
  const party: { [P in K]?: Party } = {}
  const entries = Object.entries(sent ?? {}).filter((entry): entry is [string, string] => filled(entry[1]))
  if (entries.length > 0) party[name] = Object.fromEntries(entries)
  return party
}

/** A cancelled order nobody paid for owes nothing. */
function paymentStatusOf({ payment, status }: SimpleOrder): PaymentStatus {
  const said = payment?.status ?? 'pending'
  return status === 'cancelled' && (said === 'pending' || said === 'authorised') ? 'voided' : said
}

function totalsOf(sent: SimpleOrder, lines: readonly OrderLine[], currency: string): Order['totals'] {
  const none = { minor: 0, currency }
  const sum = (pick: (line: OrderLine) => Money): Money => sumMoney(lines.map(pick), currency)
  const items = sum((line) => line.net)
  const shipping = exact(sent.shipping, currency, '/shipping')
  const fees = exact(sent.fees, currency, '/fees')
  const tax = sent.tax === undefined ? sum((line) => line.tax) : exact(sent.tax, currency, '/tax')
  const parts = sumMoney([items, shipping, fees, ...(sent.tax_included === false ? [tax] : [])], currency)
  const total = sent.total === undefined ? parts : exact(sent.total, currency, '/total')
  const paid = paidOf(sent, total)
  return {
    items,
    discount: sum((line) => line.discount),
    unallocatedDiscount: none,
    shipping,
    shippingDiscount: none,
    fees,
    duties: none,
    tax,
    rounding: none,
    total,
    paid,
    refunded: sent.payment?.status === 'refunded' ? paid : none,
  }
}

function paidOf({ payment }: SimpleOrder, total: Money): Money {
  if (payment?.paid !== undefined) return exact(payment.paid, total.currency, '/payment/paid')
  return payment?.status === 'paid' || payment?.status === 'refunded' ? total : { minor: 0, currency: total.currency }
}

function paymentsOf({ payment }: SimpleOrder, { total, paid }: Order['totals']): readonly Payment[] {
  if (payment === undefined || total.minor === 0) return []
  const done = paid.minor > 0
  return [
    {
      ...(payment.reference !== undefined && { id: payment.reference }),
      kind: payment.on_delivery === true ? 'cod' : payment.status === 'authorised' ? 'authorisation' : 'capture',
      method: payment.method ?? 'unknown',
      amount: done ? paid : total,
      ...(payment.at !== undefined && { at: payment.at }),
      status: done || payment.status === 'authorised' ? 'done' : 'pending',
    },
  ]
}
