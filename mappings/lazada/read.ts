import { MappingError } from '../../src/core/fault.ts'
import type { MapContext } from '../../src/core/mapping.ts'
import type { Instant } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/** What each country pays in. */
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ['sg', 'SGD'],
  ['my', 'MYR'],
  ['th', 'THB'],
  ['vn', 'VND'],
  ['ph', 'PHP'],
  ['id', 'IDR'],
])

/** Of the country in the settings, else the connection's own. */
export const currencyOf = ({ config, currency }: MapContext): string =>
  (typeof config['country'] === 'string' ? CURRENCIES.get(config['country']) : undefined) ?? currency

/** The clock people of a country read their times by. */
export const ZONES: Readonly<Record<string, string>> = {
  SGD: 'Asia/Singapore',
  MYR: 'Asia/Kuala_Lumpur',
  THB: 'Asia/Bangkok',
  VND: 'Asia/Ho_Chi_Minh',
  PHP: 'Asia/Manila',
  IDR: 'Asia/Jakarta',
}

const STAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,3})? ?(Z|[+-]\d\d:?\d\d)$/

/** "2018-02-10 16:00:00 +0800", ISO 8601 with a zone, or milliseconds (or seconds) since 1970; a time without a zone holds the document. */
export function time(doc: unknown, pointer: string): Instant | undefined {
  const value = optionalText(doc, pointer)
  if (value === undefined || value === '0') return undefined
  const match = STAMP.exec(value)
  const zone = (match?.[3] ?? '').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const number = /^\d{10,14}$/.test(value) ? Number(value) * (value.length > 11 ? 1 : 1000) : Number.NaN
  const ms = match ? Date.parse(`${match[1] ?? ''}T${match[2] ?? ''}${zone}`) : number
  if (Number.isNaN(ms)) throw new MappingError('time-unreadable', 'A time with its zone was expected.', pointer)
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export function requiredTime(doc: unknown, pointer: string): Instant {
  const value = time(doc, pointer)
  if (value === undefined) throw new MappingError('value-missing', 'A time is missing.', pointer)
  return value
}

/** `true`, "true", 1 and "1" are one and the same to this channel. */
export const isTrue = (doc: unknown, pointer: string): boolean => /^(?:1|true)$/i.test(wordOf(doc, pointer))

/** A flag or word as text; true and false come with and without quotes. */
export function wordOf(doc: unknown, pointer: string): string {
  const name = pointer.slice(1)
  const value: unknown = typeof doc === 'object' && doc !== null && Object.hasOwn(doc, name) ? Reflect.get(doc, name) : undefined
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).trim() : ''
}

export const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 60)}" is not a status the channel documents.`, pointer)
