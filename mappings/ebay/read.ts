import { MappingError } from '../../src/core/fault.ts'
import type { Money } from '../../src/core/money.ts'
import { at, requiredMoney, requiredText, text } from '../parts/read.ts'

/** The currency of the whole order: every other amount has to be in it. */
export const currencyOf = (doc: unknown): string => requiredText(doc, '/pricingSummary/total/currency')

/** `{ value, currency }`; zero when absent. One in another currency than the order's holds the order. */
export function amountOf(doc: unknown, pointer: string, currency: string): Money {
  if (at(doc, pointer) === undefined) return { minor: 0, currency }
  const own = text(doc, `${pointer}/currency`)
  if (own !== currency) throw new MappingError('currency-mixed', `${own || 'An amount without currency'} stands in an order of ${currency}.`, pointer)
  return requiredMoney(doc, `${pointer}/value`, currency)
}

/** The meaning of one of eBay's words; one nobody knows holds the order under it. */
export function meaningOf<T>(meanings: Readonly<Record<string, T>>, word: string, given: { readonly code: string; readonly pointer: string }): T {
  const meaning = Object.hasOwn(meanings, word) ? meanings[word] : undefined
  if (meaning === undefined)
    throw new MappingError(given.code, `"${word.slice(0, 40)}" is not known.`, given.pointer, { known: Object.keys(meanings) })
  return meaning
}
