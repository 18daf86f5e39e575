import type { Instant } from '../../src/core/order.ts'
import { textField } from '../../src/kit/read.ts'

/** `update_time` of a document, whole seconds since 1970. */
export function timed(doc: unknown): { readonly sourceTime?: Instant } {
  const seconds = Number(textField(doc, 'update_time') ?? Number.NaN)
  return Number.isSafeInteger(seconds) && seconds > 0 ? { sourceTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` } : {}
}
