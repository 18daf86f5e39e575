import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Money } from '../src/core/money.ts'
import type { Order, Payment, Refund } from '../src/core/order.ts'
import { list, money, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'
import { discountsOf } from './woocommerce/discounts.ts'
import { linesOf } from './woocommerce/lines.ts'
import { partiesOf } from './woocommerce/parties.ts'
import { refundOf } from './woocommerce/refund.ts'
import { shipmentsOf } from './woocommerce/shipments.ts'
import { KNOWN_STATUSES, readState, type State } from './woocommerce/state.ts'
import { totalsOf } from './woocommerce/totals.ts'

/**
 * WooCommerce REST v3 → canonical. The order id is the number orders are known by: plugins renumber orders, ids never
 * change and refunds name their order by it. Amounts of lines are without tax whatever the shop displays.
 */
export const woocommerce: Mapping = {
  channel: 'woocommerce',
  version: 1,
  map: (raw, context) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw, context)),
}

function mapOrder({ doc }: RawDocument, context: MapContext): Mapped {
  const status = requiredText(doc, '/status')
  const state = readState(doc, context.config)
  if (state === 'draft') return { kind: 'ignore', rule: 'draft', reason: 'A checkout that was never finished.' }
  if (state === 'ignored') return { kind: 'ignore', rule: 'status', reason: `Orders in "${status}" are left out by the settings of the connection.` }
  if (state === undefined)
    throw new MappingError(
      'status-unmapped',
      `"${status}" is not a known order status. Say what it means in the settings of the connection.`,
      '/status',
      { known: KNOWN_STATUSES },
    )
  return { kind: 'order', order: orderOf(doc, state, context) }
}

function orderOf(doc: unknown, state: State, context: MapContext): Order {
  const id = requiredText(doc, '/id')
  const currency = requiredText(doc, '/currency')
  const lines = linesOf(doc, currency, state)
  const refunds = refundsOf(doc, { id, currency })
  const refunded = refunds.reduce((sum, refund) => sum + refund.amount.minor, 0)
  const totals = totalsOf(doc, { currency, lines, refunded, paid: state.paid })
  const modified = requiredUtcInstant(doc, '/date_modified_gmt')
  const number = optionalText(doc, '/number')
  const pickup = list(doc, '/shipping_lines').some(({ value }) => ['local_pickup', 'pickup_location'].includes(text(value, '/method_id')))
  const buyerNote = optionalText(doc, '/customer_note')
  const customer = optionalText(doc, '/customer_id')
  return {
    channelOrderNo: id,
    ...(number === undefined || number === id ? {} : { displayNo: number }),
    type: text(doc, '/created_via') === 'pos-rest-api' ? 'pos' : pickup ? 'pickup' : 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: text(doc, '/status'),
    payment: paymentStatus(state, { refunded, total: totals.total }),
    fulfilment: state.fulfilment,
    afterSale: refunds.length > 0 ? 'closed' : 'none',
    ...(state.cancelled === undefined ? {} : { cancelled: { at: modified, ...state.cancelled } }),
    ...(state.cancelRequested ? { cancelRequest: { at: modified } } : {}),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/date_created_gmt'),
    ...(state.paidAt === undefined ? {} : { paidAt: state.paidAt }),
    sourceUpdatedAt: modified,
    sourceTz: context.timezone,
    sourcePrecision: 's',
    currency,
    // `prices_include_tax` says how prices were typed in; the API's amounts are without tax either way.
    taxIncluded: false,
    totals,
    lines,
    discounts: discountsOf(doc, lines, currency),
    payments: paymentsOf(doc, { state, total: totals.total, refunds }),
    refunds,
    shipments: shipmentsOf(doc),
    piiMode: 'plain',
    ...partiesOf(doc),
    ...(customer === undefined || customer === '0' ? {} : { buyerRef: customer }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    isCod: state.isCod,
    couponCodes: list(doc, '/coupon_lines')
      .map(({ value }) => text(value, '/code'))
      .filter((code) => code !== ''),
    extra: extraOf(doc),
  }
}

function paymentStatus(state: State, given: { readonly refunded: number; readonly total: Money }): Order['payment'] {
  if (state.refunded || (given.refunded > 0 && given.refunded >= given.total.minor)) return 'refunded'
  if (given.refunded > 0) return 'partially_refunded'
  if (state.paid) return 'paid'
  return state.void ? 'voided' : 'pending'
}

/** The order only sums its refunds up; the refund documents that follow have the lines and the real date. */
function refundsOf(doc: unknown, order: { readonly id: string; readonly currency: string }): readonly Refund[] {
  const modified = requiredUtcInstant(doc, '/date_modified_gmt')
  return list(doc, '/refunds').map(({ value }) => {
    const reason = optionalText(value, '/reason')
    const total = money(value, '/total', order.currency)
    return {
      channelRefundNo: requiredText(value, '/id'),
      channelOrderNo: order.id,
      kind: 'refund',
      state: 'done',
      amount: { minor: Math.abs(total.minor), currency: order.currency },
      ...(reason === undefined ? {} : { reason }),
      at: modified,
      sourceUpdatedAt: modified,
      lines: [],
    }
  })
}

function paymentsOf(doc: unknown, given: { readonly state: State; readonly total: Money; readonly refunds: readonly Refund[] }): readonly Payment[] {
  const { state, total } = given
  const method = optionalText(doc, '/payment_method') ?? optionalText(doc, '/payment_method_title') ?? 'unknown'
  const id = optionalText(doc, '/transaction_id')
  const status = state.paid ? 'done' : state.void ? 'failed' : 'pending'
  const paid: Payment = {
    kind: state.isCod ? 'cod' : 'capture',
    method,
    amount: total,
    status,
    ...(id === undefined ? {} : { id }),
    ...(state.paid && state.paidAt !== undefined ? { at: state.paidAt } : {}),
  }
  const refunds = given.refunds
    .filter((refund) => refund.amount.minor > 0)
    .map((refund): Payment => ({ kind: 'refund', method, amount: refund.amount, status: 'done', id: refund.channelRefundNo }))
  return [...(total.minor === 0 ? [] : [paid]), ...refunds]
}

function extraOf(doc: unknown): Readonly<Record<string, string>> {
  const completed = utcInstant(doc, '/date_completed_gmt')
  const via = optionalText(doc, '/created_via')
  const method = optionalText(doc, '/payment_method_title')
  const shipping = list(doc, '/shipping_lines')
    .map(({ value }) => text(value, '/method_title'))
    .filter((title) => title !== '')
    .join(', ')
  return {
    ...(via === undefined ? {} : { createdVia: via }),
    ...(method === undefined ? {} : { paymentTitle: method }),
    ...(shipping === '' ? {} : { shippingMethod: shipping }),
    ...(completed === undefined ? {} : { completedAt: completed }),
  }
}
