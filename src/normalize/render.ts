import { moneyToDecimal, type Money } from '../core/money.ts'
import type { Refund } from '../core/order.ts'

/** Amounts leave the hub as decimal strings with their currency. */
export const apiMoney = (money: Money): { readonly amount: string; readonly currency: string } => ({
  amount: moneyToDecimal(money),
  currency: money.currency,
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
