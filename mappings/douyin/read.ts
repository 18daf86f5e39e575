import { MappingError } from '../../src/core/fault.ts'
import type { Money } from '../../src/core/money.ts'
import type { Instant } from '../../src/core/order.ts'
import { optionalText, text } from '../parts/read.ts'

export const CNY = 'CNY'

export const amount = (minor: number): Money => ({ minor, currency: CNY })

/** Fen as a whole number; 0 when absent. */
export function fen(doc: unknown, pointer: string): number {
  const value = text(doc, pointer).trim() || '0'
  const minor = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(minor)) throw new MappingError('money-unreadable', 'A whole number of fen was expected.', pointer)
  return minor
}

/** Fen that must be there. */
export function requiredFen(doc: unknown, pointer: string): number {
  if (optionalText(doc, pointer) === undefined) throw new MappingError('value-missing', 'An amount is missing.', pointer)
  return fen(doc, pointer)
}

/** Seconds since 1970; 0 is how the channel says "never". */
export function time(doc: unknown, pointer: string): Instant | undefined {
  const value = text(doc, pointer).trim()
  if (value === '' || value === '0') return undefined
  const seconds = /^\d{9,11}$/.test(value) ? Number(value) : Number.NaN
  if (Number.isNaN(seconds)) throw new MappingError('time-unreadable', 'Seconds since 1970 were expected.', pointer)
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

export function requiredTime(doc: unknown, pointer: string): Instant {
  const value = time(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

/** A number the channel uses as a code; "0" when absent. */
export const code = (doc: unknown, pointer: string): string => optionalText(doc, pointer) ?? '0'
