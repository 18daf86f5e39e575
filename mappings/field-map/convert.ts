import { DateTime } from 'luxon'
import { MappingError } from '../../src/core/fault.ts'
import type { Converter } from '../../src/core/field-map.ts'

/** Digits a spreadsheet has already thrown away: 1.23E+18. */
const DESTROYED = /^\d+(?:\.\d+)?E\+\d+$/i
const YEAR_FIRST = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/** A cell in an error message: digits are quoted, anything that may be a person's data is only described. */
export const shown = (text: string): string =>
  /^[\d\s.,:/()'’+\-¥£$€%]{1,40}$/.test(text.normalize('NFKC')) ? `"${text}"` : `A text of ${text.length} characters`

/** Refuses an id that went through scientific notation; its digits cannot be brought back. */
export function intactId(text: string, pointer: string): string {
  if (DESTROYED.test(text)) {
    throw new MappingError(
      'id-destroyed',
      `"${text}": the id was destroyed by a spreadsheet (scientific notation). Export the column as text and import again.`,
      pointer,
    )
  }
  return text
}

/** Runs the converters of one field over a cell. Empty text passes everything but `default`. */
export function convert(text: string, steps: readonly Converter[], timezone: string, pointer: string): string {
  let value = text
  for (const step of steps) value = value === '' && step.op !== 'default' ? '' : apply(step, value, timezone, pointer)
  return value
}

function apply(step: Converter, text: string, timezone: string, pointer: string): string {
  switch (step.op) {
    case 'trim':
      // Not a pattern: one anchored at the end reads a long run of blanks once for each of them.
      return text.trim()
    case 'upper':
      return text.toUpperCase()
    case 'lower':
      return text.toLowerCase()
    case 'digits':
      return text
        .normalize('NFKC')
        .replace(/[¥£$€元\s]/g, '')
        .replaceAll('−', '-')
        .replaceAll('、', ',')
        .replaceAll('。', '.')
    case 'decimal':
      return decimal(text, step.point, pointer)
    case 'integer':
      return integer(text, pointer)
    case 'date':
      return date(text, step.formats, step.timezone ?? timezone, pointer)
    case 'lookup':
      return lookup(text, step, pointer)
    case 'stripPrefix':
      return text.startsWith(step.text) ? text.slice(step.text.length) : text
    case 'stripSuffix':
      return text.endsWith(step.text) ? text.slice(0, -step.text.length) : text
    case 'default':
      return text === '' ? step.value : text
    case 'split':
      return text.split(step.by)[step.index] ?? ''
    case 'substring':
      return Array.from(text).slice(step.from, step.to).join('')
  }
}

/** "1,234.50", "(12.00)", "12.00-" to plain decimal text. Digits grouped in any but threes are refused, not guessed. */
function decimal(text: string, point: '.' | ',', pointer: string): string {
  const negative = /^\(.*\)$/.test(text) || /^-|-$/.test(text)
  const bare = text.replace(/^\(|\)$|^[+-]|-$/g, '').replace(/['’\s]/g, '')
  const group = point === '.' ? ',' : '.'
  const [whole = '', fraction, ...more] = bare.split(point)
  const grouped = whole.includes(group)
  const ok =
    more.length === 0 && (grouped ? new RegExp(`^\\d{1,3}(\\${group}\\d{3})+$`).test(whole) : /^\d*$/.test(whole)) && /^\d*$/.test(fraction ?? '')
  const digits = whole.replaceAll(group, '')
  if (!ok || digits + (fraction ?? '') === '')
    throw new MappingError('number-unreadable', `${shown(text)} is not a number with "${point}" as decimal point.`, pointer)
  return `${negative ? '-' : ''}${digits === '' ? '0' : digits}${fraction === undefined || fraction === '' ? '' : `.${fraction}`}`
}

/** "6", "6.0" and "006" to "6"; a fraction is refused. */
function integer(text: string, pointer: string): string {
  const match = /^([+-]?)0*(\d+)(?:\.0*)?$/.exec(text)
  if (!match) throw new MappingError('number-unreadable', `${shown(text)} is not a whole number.`, pointer)
  return `${match[1] === '-' && match[2] !== '0' ? '-' : ''}${match[2]}`
}

function lookup(text: string, step: Extract<Converter, { op: 'lookup' }>, pointer: string): string {
  if (Object.hasOwn(step.table, text)) return step.table[text] ?? ''
  if (step.otherwise === 'keep') return text
  throw new MappingError(
    'value-unmapped',
    `"${text.slice(0, 40)}" is not in the field map's table (${Object.keys(step.table).slice(0, 12).join(', ')}).`,
    pointer,
  )
}

/** The first format that fits, read as local time of the zone, as a UTC instant. */
function date(text: string, formats: readonly string[], timezone: string, pointer: string): string {
  for (const format of formats) {
    const time =
      format === 'excel-serial'
        ? excelSerial(text, timezone)
        : format === 'unix-seconds' || format === 'unix-milliseconds'
          ? sinceEpoch(text, format === 'unix-seconds' ? 1000 : 1)
          : DateTime.fromFormat(text, format, { zone: timezone, locale: 'en' })
    if (time?.isValid) return toInstant(time)
  }
  throw new MappingError('date-unreadable', `${shown(text)} is none of: ${formats.join(', ')}.`, pointer)
}

/**
 * Instant from text without a format: only forms that begin with the year are unambiguous. "11/12/25" is refused with
 * the way out. An instant with its own zone keeps it.
 */
export function unambiguousInstant(text: string, timezone: string, pointer: string): string {
  const match = YEAR_FIRST.exec(text)
  if (!match) throw new MappingError('date-ambiguous', `${shown(text)} can be read in more than one way. Give the field a date format.`, pointer)
  const [, year, month, day, hour = '0', minute = '00', second = '00', zone] = match
  const iso = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}T${hour.padStart(2, '0')}:${minute}:${second.padStart(2, '0')}${zone ?? ''}`
  const time = DateTime.fromISO(iso, { zone: zone === undefined ? timezone : 'utc' })
  if (!time.isValid) throw new MappingError('date-unreadable', `${shown(text)} is not a date.`, pointer)
  return toInstant(time)
}

/** Days since 1899-12-30, as Excel counts (its false leap day of 1900 lies before the range taken here: 1954 to 2119). */
function excelSerial(text: string, timezone: string): DateTime | undefined {
  const match = /^(\d{5})(\.\d+)?$/.exec(text)
  if (!match || Number(match[1]) < 20_000 || Number(match[1]) > 80_000) return undefined
  const seconds = Math.round(Number(text) * 86_400)
  return DateTime.utc(1899, 12, 30).plus({ seconds }).setZone(timezone, { keepLocalTime: true })
}

/** Seconds or milliseconds since 1970, which know no zone. */
const sinceEpoch = (text: string, unitMs: number): DateTime | undefined =>
  /^\d{1,13}(?:\.\d{1,9})?$/.test(text) ? DateTime.fromMillis(Math.floor(Number(text) * unitMs), { zone: 'utc' }) : undefined

const toInstant = (time: DateTime): string => `${time.toUTC().toISO({ suppressMilliseconds: true, includeOffset: false }) ?? ''}Z`

/** How exact a time of a file is, by what its text shows. */
export const precisionOf = (text: string): 's' | 'min' | 'day' =>
  /\d:\d{2}:\d{2}/.test(text) || /^\d{5}\.\d+$/.test(text) ? 's' : /\d:\d{2}/.test(text) ? 'min' : 'day'
