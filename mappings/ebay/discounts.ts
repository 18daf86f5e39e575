import type { Discount, OrderLine } from '../../src/core/order.ts'
import { list, optionalText, text } from '../parts/read.ts'
import { amountOf } from './read.ts'

interface Found {
  readonly title: string | undefined
  readonly shares: { readonly lineNo: number; readonly minor: number }[]
}

/**
 * Each promotion with its share per line. Lines name what they lost by which; a promotion of the delivery is among them as well, so none
 * counts for more than its line lost. What no promotion explains is left without a name. Sellers pay for all of them.
 */
export function discountsOf(
  doc: unknown,
  { lines, currency }: { readonly lines: readonly OrderLine[]; readonly currency: string },
): readonly Discount[] {
  const found = new Map<string, Found>()
  const take = (id: string, title: string | undefined, share: { readonly lineNo: number; readonly minor: number }): void => {
    const before = found.get(id) ?? { title, shares: [] }
    before.shares.push(share)
    found.set(id, before)
  }
  list(doc, '/lineItems').forEach(({ value }, i) => {
    const line = lines[i]
    if (!line) return
    let room = line.discount.minor
    for (const { value: promotion } of list(value, '/appliedPromotions')) {
      const minor = Math.min(room, Math.abs(amountOf(promotion, '/discountAmount', currency).minor))
      if (minor === 0) continue
      room -= minor
      take(text(promotion, '/promotionId'), optionalText(promotion, '/description'), { lineNo: line.lineNo, minor })
    }
    if (room > 0) take('', undefined, { lineNo: line.lineNo, minor: room })
  })
  return [...found.values()].map(({ title, shares }): Discount => ({
    scope: shares.length > 1 ? 'order' : 'line',
    funder: 'seller',
    kind: 'promotion',
    ...(title === undefined ? {} : { title }),
    amount: { minor: shares.reduce((sum, { minor }) => sum + minor, 0), currency },
    allocations: shares.map(({ lineNo, minor }) => ({ lineNo, amount: { minor, currency } })),
  }))
}
