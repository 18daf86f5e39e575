import { MappingError } from '../../src/core/fault.ts'
import { at, optionalText } from '../parts/read.ts'

export const PRODUCTS = '/order_detail/product_infos'
export const PRICE = '/order_detail/price_info'
export const DELIVERY = '/order_detail/delivery_info'

/** Whole pieces; 0 when absent. */
export function units(doc: unknown, pointer: string): number {
  const value = optionalText(doc, pointer)
  if (value === undefined) return 0
  if (!/^\d{1,9}$/.test(value)) throw new MappingError('number-unreadable', 'A whole number was expected.', pointer)
  return Number(value)
}

/** Yes or no, which the channel writes as either of the two or as 1 and 0. */
export const isTrue = (doc: unknown, pointer: string): boolean => [true, 1, '1', 'true'].some((yes) => at(doc, pointer) === yes)

/** How the channel's own interfaces name a line: product and SKU. */
export const lineKey = (doc: unknown): string => `${optionalText(doc, '/product_id') ?? ''}:${optionalText(doc, '/sku_id') ?? ''}`

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** A word or number the documentation does not list. */
export const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a status the channel documents.`, pointer)
