import { MappingError } from '../../src/core/fault.ts'
import { moneyFromMinor } from '../../src/core/money.ts'
import type { Instant } from '../../src/core/order.ts'
import { CNY } from './cny.ts'
import { optionalText } from './read.ts'

/** What WeChat writes: whole fen and seconds since 1970. */

/** Whole fen; 0 when absent. */
export function fen(doc: unknown, pointer: string): number {
  const value = optionalText(doc, pointer)
  if (value === undefined) return 0
  if (!/^-?\d{1,15}$/.test(value)) throw new MappingError('money-unreadable', 'A whole number of fen was expected.', pointer)
  return moneyFromMinor(value, CNY).minor
}

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
