import { MappingError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { time } from '../parts/cny.ts'
import { optionalText } from '../parts/read.ts'

/** A time of the channel; "0001-01-01 00:00:00" and "1970-01-01 00:00:00" are its ways to say that there is none. */
export const moment = (doc: unknown, pointer: string): Instant | undefined =>
  /^(?:0001|1970)-01-01/.test(optionalText(doc, pointer) ?? '') ? undefined : time(doc, pointer)

export function requiredMoment(doc: unknown, pointer: string): Instant {
  const value = moment(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

/** "4-在线支付" → "4": kinds come as a number and its name. */
export const numberOfKind = (text: string): string => /^\d+/.exec(text.trim())?.[0] ?? text.trim()

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
