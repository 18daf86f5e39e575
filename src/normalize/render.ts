import { moneyToDecimal, type Money } from '../core/money.ts'
import type { ChannelShipment, Order, OrderLine, Payment, Refund, Totals } from '../core/order.ts'
import type { AppliedRule } from '../core/overrides.ts'
import { maskParty } from './mask.ts'

/** Amounts leave the hub as decimal strings with their currency. */
export const apiMoney = (money: Money): { readonly amount: string; readonly currency: string } => ({
  amount: moneyToDecimal(money),
  currency: money.currency,
})

/** The canonical order as the API shows it (snake_case, personal data masked). Key order is fixed, so equal orders are equal bytes (I3). */
export function renderOrder(order: Order, skus: ReadonlyMap<number, string>, applied?: readonly AppliedRule[]): Record<string, unknown> {
  return {
    channel_order_no: order.channelOrderNo,
    display_no: order.displayNo ?? null,
    type: order.type,
    fulfilment_by: order.fulfilmentBy,
    source_status: order.sourceStatus,
    cancelled: order.cancelled ? { at: order.cancelled.at ?? null, by: order.cancelled.by ?? null, reason: order.cancelled.reason ?? null } : null,
    cancel_request: order.cancelRequest
      ? { id: order.cancelRequest.id ?? null, at: order.cancelRequest.at ?? null, reason: order.cancelRequest.reason ?? null }
      : null,
    placed_at: order.placedAt,
    paid_at: order.paidAt ?? null,
    ship_by: order.shipBy ?? null,
    source_updated_at: order.sourceUpdatedAt,
    source_tz: order.sourceTz,
    source_precision: order.sourcePrecision,
    currency: order.currency,
    tax_included: order.taxIncluded,
    totals: renderTotals(order.totals),
    lines: order.lines.map((line) => renderLine(line, skus.get(line.lineNo))),
    discounts: order.discounts.map((d) => ({
      scope: d.scope,
      funder: d.funder,
      kind: d.kind,
      code: d.code ?? null,
      title: d.title ?? null,
      amount: apiMoney(d.amount),
      allocations: d.allocations.map((a) => ({ line_no: a.lineNo, amount: apiMoney(a.amount) })),
    })),
    payments: order.payments.map(renderPayment),
    channel_shipments: order.shipments.map(renderShipment),
    is_cod: order.isCod,
    coupon_codes: order.couponCodes,
    pii_mode: order.piiMode,
    recipient: order.recipient ? maskParty(order.recipient) : null,
    buyer_ref: order.buyerRef ?? null,
    seller_note: order.sellerNote ?? null,
    has_buyer_note: Boolean(order.buyerNote),
    extra: order.extra,
    // Only where a person's rule had a part in it: all other orders are written as ever.
    ...(applied && applied.length > 0 && { overridden: applied.map(({ pointer, rule }) => ({ pointer, rule: String(rule) })) }),
  }
}

const renderTotals = (totals: Totals): Record<string, unknown> => ({
  items: apiMoney(totals.items),
  discount: apiMoney(totals.discount),
  unallocated_discount: apiMoney(totals.unallocatedDiscount),
  shipping: apiMoney(totals.shipping),
  shipping_discount: apiMoney(totals.shippingDiscount),
  fees: apiMoney(totals.fees),
  duties: apiMoney(totals.duties),
  tax: apiMoney(totals.tax),
  rounding: apiMoney(totals.rounding),
  total: apiMoney(totals.total),
  paid: apiMoney(totals.paid),
  refunded: apiMoney(totals.refunded),
})

const renderLine = (line: OrderLine, sku: string | undefined): Record<string, unknown> => ({
  line_no: line.lineNo,
  channel_line_no: line.channelLineNo,
  channel_sku: line.channelSku,
  channel_product: line.channelProduct ?? null,
  listing_key: line.listingKey ?? null,
  sku: sku ?? null,
  barcode: line.barcode ?? null,
  title: line.title,
  options: line.options ?? null,
  role: line.role,
  quantity: line.quantity,
  cancelled: line.cancelled,
  shipped: line.shipped,
  unit_price: line.unitPrice,
  gross: apiMoney(line.gross),
  discount: apiMoney(line.discount),
  net: apiMoney(line.net),
  tax: apiMoney(line.tax),
})

const renderPayment = (payment: Payment): Record<string, unknown> => ({
  id: payment.id ?? null,
  kind: payment.kind,
  method: payment.method,
  amount: apiMoney(payment.amount),
  at: payment.at ?? null,
  status: payment.status,
})

const renderShipment = (s: ChannelShipment): Record<string, unknown> => ({
  channel_shipment_no: s.channelShipmentNo,
  carrier: s.carrier ?? null,
  tracking_no: s.trackingNo ?? null,
  state: s.state,
  at: s.at ?? null,
  lines: s.lines.map((line) => ({ channel_line_no: line.channelLineNo, quantity: line.quantity })),
})

export const renderRefund = (refund: Refund): Record<string, unknown> => ({
  channel_refund_no: refund.channelRefundNo,
  channel_order_no: refund.channelOrderNo ?? null,
  kind: refund.kind,
  state: refund.state,
  amount: apiMoney(refund.amount),
  shipping: refund.shipping ? apiMoney(refund.shipping) : null,
  reason: refund.reason ?? null,
  at: refund.at,
  source_updated_at: refund.sourceUpdatedAt,
  lines: refund.lines.map((line) => ({
    channel_line_no: line.channelLineNo,
    channel_sku: line.channelSku ?? null,
    title: line.title ?? null,
    quantity: line.quantity,
    amount: apiMoney(line.amount),
  })),
})
