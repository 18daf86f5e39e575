import { MappingError } from '../../src/core/fault.ts'
import { moneyFromMinor, sumMoney, type Money } from '../../src/core/money.ts'
import { at, list, optionalText, text } from '../parts/read.ts'

/** Square counts in whole minor units: cents, pence, and yen themselves. Zero when absent; another currency than the order's is held. */
export function amount(doc: unknown, pointer: string, currency: string): Money {
  const minor = optionalText(doc, `${pointer}/amount`)
  if (minor === undefined) return { minor: 0, currency }
  const own = text(doc, `${pointer}/currency`)
  if (own !== currency && own !== '') throw new MappingError('currency-mixed', `${own.slice(0, 10)} stands in an order of ${currency}.`, pointer)
  if (!/^-?\d+$/.test(minor)) throw new MappingError('money-unreadable', 'A whole number of minor units was expected.', `${pointer}/amount`)
  return moneyFromMinor(minor, currency)
}

/** `amount` that must be there. */
export function requiredAmount(doc: unknown, pointer: string, currency: string): Money {
  if (at(doc, `${pointer}/amount`) === undefined) throw new MappingError('value-missing', 'An amount is missing.', pointer)
  return amount(doc, pointer, currency)
}

/** The same of each element of a list. */
export const amounts = (doc: unknown, pointer: string, given: { readonly of: string; readonly currency: string }): Money =>
  sumMoney(
    list(doc, pointer).map(({ value }) => amount(value, given.of, given.currency)),
    given.currency,
  )

export function currencyOf(doc: unknown, usual: string): string {
  const currency = optionalText(doc, '/total_money/currency') ?? optionalText(doc, '/return_amounts/total_money/currency') ?? usual
  if (!/^[A-Z]{3}$/.test(currency)) throw new MappingError('currency-unknown', 'The order names no currency of ISO 4217.', '/total_money/currency')
  return currency
}

/** What taxes that come on top put on one line or service charge. */
export function additiveTax(doc: unknown, part: unknown, currency: string): Money {
  const additive = new Set(list(doc, '/taxes').flatMap(({ value }) => (text(value, '/type') === 'ADDITIVE' ? [text(value, '/uid')] : [])))
  return sumMoney(
    list(part, '/applied_taxes').flatMap(({ value }) => (additive.has(text(value, '/tax_uid')) ? [amount(value, '/applied_money', currency)] : [])),
    currency,
  )
}
