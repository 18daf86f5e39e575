import { MappingError } from '../../src/core/fault.ts'
import type { Discount, OrderLine } from '../../src/core/order.ts'
import { decimal, list, money, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'

/** Taxes of one kind on a line or a receipt: `ADDED` to the price, or `INCLUDED` in it. */
export function taxOf(doc: unknown, pointer: string, given: { readonly type: 'ADDED' | 'INCLUDED'; readonly currency: string }): number {
  return list(doc, pointer).reduce((sum, { value, pointer: place }) => {
    const type = text(value, '/type')
    if (type !== 'ADDED' && type !== 'INCLUDED')
      throw new MappingError('tax-type-unmapped', `"${type.slice(0, 30)}" is not a kind of tax the channel documents.`, `${place}/type`)
    return sum + (type === given.type ? money(value, '/money_amount', given.currency).minor : 0)
  }, 0)
}

/**
 * `gross_total_money` is price and modifiers times quantity, `total_money` of a line what is collected for it: less its reductions, with the
 * taxes that come on top. @throws MappingError `amounts-disagree` where the three do not meet
 */
export function linesOf(
  doc: unknown,
  given: { readonly currency: string; readonly isAdded: boolean; readonly isCancelled: boolean },
): readonly OrderLine[] {
  const { currency, isAdded, isCancelled } = given
  return list(doc, '/line_items').map(({ value, pointer }, i): OrderLine => {
    const gross = requiredMoney(value, '/gross_total_money', currency).minor
    const discount = money(value, '/total_discount', currency).minor
    const added = taxOf(value, '/line_taxes', { type: 'ADDED', currency })
    if (gross - discount + added !== requiredMoney(value, '/total_money', currency).minor)
      throw new MappingError('amounts-disagree', 'A line is not its price less reductions with the taxes on top.', `${pointer}/total_money`)
    const quantity = decimal(value, '/quantity')
    const [variant, item] = [optionalText(value, '/variant_id'), optionalText(value, '/item_id')]
    const options = [optionalText(value, '/variant_name'), ...list(value, '/line_modifiers').map(({ value: each }) => optionalText(each, '/option'))]
      .filter((each) => each !== undefined)
      .join(', ')
    return {
      lineNo: i + 1,
      channelLineNo: requiredText(value, '/id'),
      channelSku: text(value, '/sku').trim(),
      ...(item === undefined ? {} : { channelProduct: item }),
      ...(variant === undefined ? {} : { listingKey: variant }),
      title: requiredText(value, '/item_name'),
      ...(options === '' ? {} : { options }),
      quantity,
      cancelled: isCancelled ? quantity : '0',
      shipped: isCancelled ? '0' : quantity,
      unitPrice: text(value, '/price').trim() === '' ? '0' : decimal(value, '/price'),
      gross: { minor: gross, currency },
      discount: { minor: discount, currency },
      net: { minor: gross - discount, currency },
      tax: { minor: isAdded ? added : taxOf(value, '/line_taxes', { type: 'INCLUDED', currency }), currency },
      role: 'single',
    }
  })
}

/** Each reduction of the receipt with its share per line, by its id; what no entry of a line explains stands without a name. */
export function discountsOf(doc: unknown, lines: readonly OrderLine[], currency: string): readonly Discount[] {
  const found = new Map<string, Discount>()
  const add = (id: string, words: Pick<Discount, 'funder' | 'kind' | 'title'>, lineNo: number, minor: number): void => {
    if (minor === 0) return
    const before = found.get(id)
    found.set(id, {
      scope: 'line',
      ...words,
      amount: { minor: (before?.amount.minor ?? 0) + minor, currency },
      allocations: [...(before?.allocations ?? []), { lineNo, amount: { minor, currency } }],
    })
  }
  list(doc, '/line_items').forEach(({ value }, i) => {
    const line = lines[i]
    if (!line) return
    let rest = line.discount.minor
    for (const { value: each } of list(value, '/line_discounts')) {
      const minor = money(each, '/money_amount', currency).minor
      const isPoints = text(each, '/type') === 'DISCOUNT_BY_POINTS'
      const title = optionalText(each, '/name')
      add(
        optionalText(each, '/id') ?? title ?? 'unnamed',
        { funder: isPoints ? 'points' : 'seller', kind: isPoints ? 'points' : 'promotion', ...(title === undefined ? {} : { title }) },
        line.lineNo,
        minor,
      )
      rest -= minor
    }
    if (rest < 0) throw new MappingError('amounts-disagree', 'The reductions of a line are more than it was reduced by.', '/line_items')
    add('unnamed', { funder: 'seller', kind: 'other' }, line.lineNo, rest)
  })
  return [...found.values()]
}
