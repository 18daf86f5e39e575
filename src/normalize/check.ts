import type { Order, OrderLine } from '../core/order.ts'
import { moneyToDecimal } from '../core/money.ts'

/** A reason the order must wait, found by looking at the order alone. */
export interface CheckedHold {
  readonly code: string
  /** Tells apart several holds of one code (the unbound SKU). */
  readonly detail: string
  readonly message: string
  /** A person has to repair data: it also stands in the failure queue. */
  readonly failure: boolean
}

/** Goods are still owed to the buyer: the order takes part in stock, shipping and validation. */
export function reservesGoods(order: Order): boolean {
  const open =
    order.fulfilment === 'unallocated' || order.fulfilment === 'allocated' || order.fulfilment === 'released' || order.fulfilment === 'partial'
  return open && !order.cancelled && !order.closed && order.fulfilmentBy !== 'channel' && order.payment !== 'voided' && order.payment !== 'refunded'
}

/** Lines that move goods; a bundle's parent, a service or a fee does not. */
export const needsGoods = (line: OrderLine): boolean => line.role === 'single' || line.role === 'component' || line.role === 'gift'

/** Money, quantities, payment and address; a violation holds the order, it never crashes it and never alters it (O1–O4). */
export function checkOrder(order: Order): readonly CheckedHold[] {
  const holds = [...checkMoney(order), ...checkLines(order)]
  if (!reservesGoods(order)) return holds
  if (order.cancelRequest) {
    holds.push({
      code: 'cancel-requested',
      detail: order.cancelRequest.id ?? '',
      message: 'The buyer asks to cancel before shipping. Accept or reject it; shipping needs a deliberate force.',
      failure: false,
    })
  }
  return [...holds, ...checkAddress(order)]
}

function checkMoney(order: Order): CheckedHold[] {
  const { totals: t } = order
  const holds: CheckedHold[] = []
  const items = order.lines.reduce((sum, line) => sum + line.net.minor, 0)
  const computed =
    t.items.minor +
    t.shipping.minor -
    t.shippingDiscount.minor +
    t.fees.minor +
    t.duties.minor -
    t.unallocatedDiscount.minor +
    (order.taxIncluded ? 0 : t.tax.minor) +
    t.rounding.minor
  if (items !== t.items.minor || computed !== t.total.minor) {
    const difference = moneyToDecimal({ minor: t.total.minor - computed + (t.items.minor - items), currency: order.currency })
    holds.push(mismatch('totals-mismatch', `The parts of the order do not add up to its total: ${difference} ${order.currency} is unexplained.`))
  }
  for (const discount of order.discounts) {
    if (discount.allocations.length === 0) continue
    if (discount.allocations.reduce((sum, a) => sum + a.amount.minor, 0) !== discount.amount.minor) {
      holds.push(mismatch('discount-mismatch', `A discount${discount.code ? ` (${discount.code})` : ''} and its shares per line differ.`))
      break
    }
  }
  if (order.payment === 'paid' && t.paid.minor < t.total.minor) {
    holds.push(
      mismatch(
        'payment-mismatch',
        `The channel says paid, but ${moneyToDecimal(t.paid)} of ${moneyToDecimal(t.total)} ${order.currency} is covered.`,
      ),
    )
  }
  return holds
}

const mismatch = (code: string, message: string): CheckedHold => ({ code, detail: '', message, failure: true })

function checkLines(order: Order): CheckedHold[] {
  if (order.lines.length === 0) return [mismatch('lines-missing', 'The order has no lines.')]
  const bad = order.lines.find((line) => Number(line.quantity) <= 0 || Number(line.cancelled) + Number(line.shipped) > Number(line.quantity))
  return bad ? [mismatch('quantity-invalid', `Line ${bad.lineNo}: ordered ${bad.quantity}, cancelled ${bad.cancelled}, shipped ${bad.shipped}.`)] : []
}

function checkAddress(order: Order): CheckedHold[] {
  if (order.type === 'pos' || order.type === 'pickup' || order.piiMode !== 'plain' || !order.lines.some(needsGoods)) return []
  const missing = (['name', 'address'] as const).filter((field) => !order.recipient?.[field]?.trim())
  if (!order.recipient?.city?.trim() && !order.recipient?.postcode?.trim() && !order.recipient?.province?.trim())
    return [addressHold([...missing, 'city'])]
  return missing.length > 0 ? [addressHold(missing)] : []
}

const addressHold = (missing: readonly string[]): CheckedHold => ({
  code: 'address-incomplete',
  detail: missing.join(','),
  message: `The delivery address lacks: ${missing.join(', ')}.`,
  failure: true,
})
