import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import { moneyFromDecimal, type Money } from '../../src/core/money.ts'
import type { Instant } from '../../src/core/order.ts'
import { wellFormed } from './well-formed.ts'

/**
 * Strict readers for raw documents. Each takes the document and a JSON pointer and throws a MappingError that names the
 * pointer, so that a held document says which value is to blame. Absent means: no such member, null, or an empty text.
 */

/** The value at a JSON pointer; undefined when any step of it is missing. */
export function at(doc: unknown, pointer: string): unknown {
  let value = doc
  for (const step of stepsOf(pointer)) value = member(value, step)
  return value ?? undefined
}

interface Step {
  readonly name: string
  /** Position in a list; -1 for names that are none. */
  readonly index: number
  /** Every object answers to such a name ("constructor"): only a member of its own counts. */
  readonly inherited: boolean
}

const MAX_KEPT = 5000
const kept = new Map<string, readonly Step[]>()

/** Mappings ask for the same few pointers again and again, and splitting them would be the dearest part of a mapping. */
function stepsOf(pointer: string): readonly Step[] {
  const known = kept.get(pointer)
  if (known) return known
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => stepOf(step.replace(/~1/g, '/').replace(/~0/g, '~')))
  if (kept.size < MAX_KEPT) kept.set(pointer, steps)
  return steps
}

const stepOf = (name: string): Step => ({ name, index: /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1, inherited: name in Object.prototype })

function member(value: unknown, { name, index, inherited }: Step): unknown {
  if (Array.isArray(value)) return index >= 0 ? value[index] : undefined
  if (!isObject(value) || (inherited && !Object.hasOwn(value, name))) return undefined
  return value[name]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Text or number as text, "" when absent. NUL and broken surrogates, which no database takes, become U+FFFD. */
export function text(doc: unknown, pointer: string): string {
  const value = at(doc, pointer)
  if (value === undefined) return ''
  if (typeof value === 'number') return plainNumber(value)
  if (typeof value !== 'string') throw new MappingError('type-unexpected', `A text was expected, not ${kindOf(value)}.`, pointer)
  return wellFormed(value)
}

/** `text`, or undefined when absent or blank: for optional members. */
export function optionalText(doc: unknown, pointer: string): string | undefined {
  const value = text(doc, pointer).trim()
  return value === '' ? undefined : value
}

/** `text` that must be there. */
export function requiredText(doc: unknown, pointer: string): string {
  const value = text(doc, pointer).trim()
  if (value === '') throw new MappingError('value-missing', 'A value is missing.', pointer)
  return value
}

export function flag(doc: unknown, pointer: string): boolean {
  const value = at(doc, pointer)
  if (value === undefined) return false
  if (typeof value !== 'boolean') throw new MappingError('type-unexpected', `Yes or no was expected, not ${kindOf(value)}.`, pointer)
  return value
}

/** The elements with their own pointers; empty when absent. */
export function list(doc: unknown, pointer: string): readonly { readonly value: unknown; readonly pointer: string }[] {
  const value = at(doc, pointer)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new MappingError('type-unexpected', `A list was expected, not ${kindOf(value)}.`, pointer)
  return value.map((element: unknown, i) => ({ value: element, pointer: `${pointer}/${i}` }))
}

/** A decimal amount; zero when absent. */
export const money = (doc: unknown, pointer: string, currency: string): Money => readMoney(text(doc, pointer).trim() || '0', pointer, currency)

/** A decimal amount that must be there. */
export const requiredMoney = (doc: unknown, pointer: string, currency: string): Money => readMoney(requiredText(doc, pointer), pointer, currency)

function readMoney(decimal: string, pointer: string, currency: string): Money {
  try {
    return moneyFromDecimal(decimal, currency)
  } catch (error) {
    if (error instanceof MappingError) throw new MappingError(error.code, error.message, pointer, { cause: error })
    throw error
  }
}

/** A plain decimal text ("2", "0.350"), which quantities and unit prices are kept as. */
export function decimal(doc: unknown, pointer: string): string {
  const value = requiredText(doc, pointer)
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) throw new MappingError('number-unreadable', 'A decimal number was expected.', pointer)
  return value
}

/** A UTC time of a day that every month has, as it is kept: it needs no second look. */
const PLAIN_INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/

/** A time without zone that is UTC by the channel's word: "2026-11-20T08:00:00" → "2026-11-20T08:00:00Z". */
export function utcInstant(doc: unknown, pointer: string): Instant | undefined {
  const value = optionalText(doc, pointer)
  if (value === undefined) return undefined
  if (PLAIN_INSTANT.test(value)) return value
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)(?:\d*)Z?$/.exec(value)
  const instant = match ? `${match[1] ?? ''}T${match[2] ?? ''}Z` : ''
  // Date.parse rolls 30 February over into March; a date that does not survive the round trip never was one.
  if (instant === '' || Number.isNaN(Date.parse(instant)) || new Date(instant).toISOString().slice(0, 19) !== instant.slice(0, 19)) {
    throw new MappingError('time-unreadable', 'A UTC time was expected.', pointer)
  }
  return instant
}

/** `utcInstant` that must be there. */
export function requiredUtcInstant(doc: unknown, pointer: string): Instant {
  const value = utcInstant(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

const EIGHT_DIGITS = 1e8

/** Shortest decimal text of a number, never in exponent form. */
function plainNumber(value: number): string {
  // An id of ten digits and more, written in two halves: numbers that need a double take twice as long.
  if (value >= EIGHT_DIGITS && Number.isSafeInteger(value)) {
    const high = Math.floor(value / EIGHT_DIGITS)
    return `${high}${String(value - high * EIGHT_DIGITS + EIGHT_DIGITS).slice(1)}`
  }
  const shortest = String(value)
  return Number.isFinite(value) && shortest.includes('e') ? new Big(value).toFixed() : shortest
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`)
