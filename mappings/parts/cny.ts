import { MappingError } from '../../src/core/fault.ts'
import type { Money } from '../../src/core/money.ts'
import type { Instant } from '../../src/core/order.ts'
import { decimal, money, optionalText } from './read.ts'

/** What Chinese channels write: yuan and times of the clock in Beijing. */
export const CNY = 'CNY'

export const amount = (minor: number): Money => ({ minor, currency: CNY })

/** Yuan as text, exactly, in fen; 0 when absent. */
export const fen = (doc: unknown, pointer: string): number => money(doc, pointer, CNY).minor

/** "2025-06-01 10:00:04" by the channel's clock, UTC+8 all year, as a UTC instant. */
export function time(doc: unknown, pointer: string): Instant | undefined {
  const value = optionalText(doc, pointer)
  if (value === undefined) return undefined
  const ms = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(value) ? Date.parse(`${value.replace(' ', 'T')}+08:00`) : Number.NaN
  // A date that does not survive the way there and back never was one.
  if (Number.isNaN(ms) || new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ') !== value) {
    throw new MappingError('time-unreadable', 'A time like 2025-06-01 10:00:04 was expected.', pointer)
  }
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export function requiredTime(doc: unknown, pointer: string): Instant {
  const value = time(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

/** A number of pieces; `usual` where none is named. */
export const pieces = (doc: unknown, pointer: string, usual: string): string =>
  optionalText(doc, pointer) === undefined ? usual : decimal(doc, pointer)
