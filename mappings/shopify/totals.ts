import { sumMoney, type Money } from '../../src/core/money.ts'
import type { OrderLine, Totals } from '../../src/core/order.ts'
import { flag, list, requiredMoney } from '../parts/read.ts'
import { isTip, type Progress } from './lines.ts'
import { requiredShopMoney, shopMoney } from './money.ts'

interface Given {
  readonly currency: string
  readonly lines: readonly OrderLine[]
  readonly progress: Progress
}

/**
 * `totalPriceSet` is the order before anything was given back; units edited out are still in it, and are taken off here as
 * they are from the lines. Nothing is rounded to fit: parts that do not add up hold the order.
 */
export function totalsOf(doc: unknown, { currency, lines, progress }: Given): Totals {
  const money = (minor: number): Money => ({ minor, currency })
  const sum = (amounts: readonly Money[]): number => sumMoney(amounts, currency).minor
  const bag = (pointer: string): Money => shopMoney(doc, pointer, currency)
  const shippingLines = list(doc, '/shippingLines/nodes').map(({ value }) => value)
  const shipping = sum(shippingLines.map((line) => shopMoney(line, '/originalPriceSet', currency)))
  const charged = sum(shippingLines.map((line) => shopMoney(line, '/discountedPriceSet', currency)))
  const included = flag(doc, '/taxesIncluded')
  const off = removedWorth(progress, currency)
  const tip = list(doc, '/lineItems/nodes').some(({ value }) => isTip(value)) ? 0 : bag('/totalTipReceivedSet').minor
  const rounded = bag('/totalCashRoundingAdjustment/paymentSet').minor
  return {
    items: money(sum(lines.map((line) => line.net))),
    discount: money(sum(lines.map((line) => line.discount))),
    unallocatedDiscount: money(0),
    shipping: money(shipping),
    shippingDiscount: money(shipping - charged),
    fees: money(tip + bag('/originalTotalAdditionalFeesSet').minor),
    duties: flag(doc, '/dutiesIncluded') ? money(0) : bag('/originalTotalDutiesSet'),
    tax: money(bag('/totalTaxSet').minor - off.tax),
    rounding: money(0),
    total: money(requiredShopMoney(doc, '/totalPriceSet', currency).minor - off.net - (included ? 0 : off.tax)),
    // Cash is rounded at the till: what was really received lies beside the total by that much.
    paid: money(bag('/totalReceivedSet').minor - Math.min(rounded, 0)),
    refunded: bag('/totalRefundedSet'),
  }
}

function removedWorth(progress: Progress, currency: string): { readonly net: number; readonly tax: number } {
  const parts = [...progress.removed.values()]
  const sum = (amounts: readonly string[]): number =>
    sumMoney(
      amounts.map((amount) => requiredMoney({ amount: amount || '0' }, '/amount', currency)),
      currency,
    ).minor
  return { net: sum(parts.flatMap((part) => part.net)), tax: sum(parts.flatMap((part) => part.tax)) }
}
