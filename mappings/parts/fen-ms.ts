import { MappingError } from '../../src/core/fault.ts'
import { moneyFromMinor } from '../../src/core/money.ts'
import type { Instant } from '../../src/core/order.ts'
import { CNY } from './cny.ts'
import { optionalText, requiredText } from './read.ts'

/** What some channels write: whole fen and milliseconds since 1970. */

/** Whole fen; 0 when absent. */
export function fen(doc: unknown, pointer: string): number {
  const value = optionalText(doc, pointer)
  if (value === undefined) return 0
  if (!/^-?\d{1,15}$/.test(value)) throw new MappingError('money-unreadable', 'A whole number of fen was expected.', pointer)
  return moneyFromMinor(value, CNY).minor
}

/** Fen that must be there. */
export function requiredFen(doc: unknown, pointer: string): number {
  requiredText(doc, pointer)
  return fen(doc, pointer)
}

/** Whole pieces; 0 when absent. */
export function units(doc: unknown, pointer: string): number {
  const value = optionalText(doc, pointer)
  if (value === undefined) return 0
  if (!/^\d{1,9}$/.test(value)) throw new MappingError('number-unreadable', 'A whole number was expected.', pointer)
  return Number(value)
}

/** Milliseconds since 1970; absent and 0 mean that it has not happened. */
export function time(doc: unknown, pointer: string): Instant | undefined {
  const value = optionalText(doc, pointer)
  if (value === undefined || value === '0') return undefined
  if (!/^\d{12,14}$/.test(value)) throw new MappingError('time-unreadable', 'A time in milliseconds was expected.', pointer)
  return new Date(Number(value)).toISOString()
}

export function requiredTime(doc: unknown, pointer: string): Instant {
  const value = time(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

/** A number of a list that the channel documents; any other holds the document. */
export function known<T>(meanings: ReadonlyMap<string, T>, word: string, pointer: string): T {
  const meaning = meanings.get(word)
  if (meaning === undefined) throw new MappingError('status-unmapped', `"${word.slice(0, 40)}" is not a status the channel documents.`, pointer)
  return meaning
}
