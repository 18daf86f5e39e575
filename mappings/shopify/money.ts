import { MappingError } from '../../src/core/fault.ts'
import type { Money } from '../../src/core/money.ts'
import { at, requiredMoney, text } from '../parts/read.ts'

/** The shop's side of a money bag; zero when the bag is absent. A bag in another currency than the order's is held. */
export function shopMoney(doc: unknown, pointer: string, currency: string): Money {
  const bag = at(doc, `${pointer}/shopMoney`)
  if (bag === undefined) return { minor: 0, currency }
  const own = text(bag, '/currencyCode')
  if (own !== currency) throw new MappingError('currency-mixed', `${own} stands in an order of ${currency}.`, pointer)
  return requiredMoney(bag, '/amount', currency)
}

/** `shopMoney` that must be there. */
export function requiredShopMoney(doc: unknown, pointer: string, currency: string): Money {
  if (at(doc, `${pointer}/shopMoney/amount`) === undefined) throw new MappingError('value-missing', 'An amount is missing.', pointer)
  return shopMoney(doc, pointer, currency)
}
