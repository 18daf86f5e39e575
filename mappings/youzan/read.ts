import { MappingError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { time as stamped } from '../parts/cny.ts'
import { list, optionalText, text } from '../parts/read.ts'

/** Where the order itself stands, beside its packages, refunds and reductions. */
export const ORDER = '/full_order_info'

/** A time that never came is sent as the beginning of all times. */
export const time = (doc: unknown, pointer: string): Instant | undefined =>
  optionalText(doc, pointer)?.startsWith('1970-01-01') === true ? undefined : stamped(doc, pointer)

/** Lines that a package or a refund is about: objects in answers, plain numbers in messages. */
export const oidsOf = (doc: unknown): readonly string[] =>
  list(doc, '/oids').map(({ value }) => optionalText(value, '/oid') ?? text({ oid: value }, '/oid'))

/** JSON inside a text; undefined where it is none, encrypted for example. */
export function inner(value: string | undefined): unknown {
  if (value === undefined || !/^[[{]/.test(value)) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** A word the documentation does not list, of any of its lists. */
export const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a status the channel documents.`, pointer)
