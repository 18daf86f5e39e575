import { MappingError } from '../../src/core/fault.ts'
import type { MapContext } from '../../src/core/mapping.ts'
import type { Instant } from '../../src/core/order.ts'
import { money, optionalText, text } from '../parts/read.ts'

/** Where the order itself stands, beside its money, parcels and returns. */
export const ORDER = '/order'

/** Seconds since 1970; absent and 0 mean that it has not happened. */
export function time(doc: unknown, pointer: string): Instant | undefined {
  const value = optionalText(doc, pointer)
  if (value === undefined || value === '0') return undefined
  if (!/^\d{9,11}$/.test(value)) throw new MappingError('time-unreadable', 'A time in seconds was expected.', pointer)
  return `${new Date(Number(value) * 1000).toISOString().slice(0, 19)}Z`
}

export function requiredTime(doc: unknown, pointer: string): Instant {
  const value = time(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

export const currencyOf = (doc: unknown, pointer: string, context: MapContext): string => optionalText(doc, pointer) ?? context.currency

/** A decimal amount in minor units; 0 when absent. */
export const minor = (doc: unknown, pointer: string, currency: string): number => money(doc, pointer, currency).minor

/** "item:model", and inside a bundle or add-on deal "item:model:order_item:group": the channel numbers lines nowhere else. */
export function lineNoOf(doc: unknown): string {
  const item = text(doc, '/item_id')
  const [model, own, group] = [
    optionalText(doc, '/model_id') ?? '0',
    optionalText(doc, '/order_item_id') ?? item,
    optionalText(doc, '/promotion_group_id') ?? '0',
  ]
  return group === '0' && (own === item || own === '0') ? `${item}:${model}` : `${item}:${model}:${own}:${group}`
}

/** A word the documentation does not list, of any of its lists. */
export const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a status the channel documents.`, pointer)
