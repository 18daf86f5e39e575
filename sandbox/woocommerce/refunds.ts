import { prorate } from '../stage/decimal.ts'
import type { Actor } from '../stage/ledger.ts'
import { moveStock } from './catalogue.ts'
import type { WooOrder, WooRefund, WooRefundLine } from './model.ts'
import { changeStatus } from './orders.ts'
import type { WooShop } from './shop.ts'
import { announce, totalsOf } from './shop.ts'

export interface RefundInput {
  /** Minor units; all that is left without it. */
  readonly minor?: number
  readonly reason?: string
  readonly lines?: readonly { readonly lineId: number; readonly quantity: number; readonly totalMinor?: number; readonly taxMinor?: number }[]
  readonly restock?: boolean
  readonly throughGateway?: boolean
}

/** Undefined when the amount cannot be refunded. A refund is a child record: the order's own total stays as it was. */
export function refundOrder(shop: WooShop, order: WooOrder, input: RefundInput, by: Actor): WooRefund | undefined {
  const totals = totalsOf(order)
  const left = totals.totalMinor - totals.refundedMinor
  const lines = (input.lines ?? []).flatMap((one) => refundLine(shop, order, one))
  const minor = input.minor ?? (lines.length > 0 ? lines.reduce((sum, line) => sum + line.totalMinor + line.taxMinor, 0) : left)
  if (minor <= 0 || minor > left) return undefined
  const refund: WooRefund = {
    id: shop.nextId('post'),
    minor,
    reason: input.reason ?? '',
    createdAt: shop.second(),
    lines,
    paid: input.throughGateway ?? false,
  }
  order.refunds.push(refund)
  if (input.restock) restock(shop, lines, by)
  if (minor === left) changeStatus(shop, order, 'refunded', by)
  announce(shop, order, 'refunded', by)
  return refund
}

function refundLine(shop: WooShop, order: WooOrder, input: NonNullable<RefundInput['lines']>[number]): WooRefundLine[] {
  const line = order.lines.find((one) => one.id === input.lineId)
  if (!line) return []
  return [
    {
      id: shop.nextId('item'),
      line,
      quantity: input.quantity,
      totalMinor: input.totalMinor ?? prorate(line.totalMinor, input.quantity, line.quantity),
      taxMinor: input.taxMinor ?? prorate(line.taxMinor, input.quantity, line.quantity),
    },
  ]
}

function restock(shop: WooShop, lines: readonly WooRefundLine[], by: Actor): void {
  for (const { line, quantity } of lines) {
    const product = line.product
    if (product?.manageStock && product.stock !== null) {
      moveStock(shop, product, { to: product.stock + quantity, cause: 'restocked', by })
    }
  }
}
