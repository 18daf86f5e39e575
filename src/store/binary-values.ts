import { DomainError } from '../core/fault.ts'

/**
 * Values in the binary form of PostgreSQL's COPY. What a text cannot be read as is refused here as the database would refuse it, with an error
 * that {@link isDataError} knows.
 */
export class UnencodableError extends DomainError {
  constructor(what: string) {
    super('value-unencodable', `A value is no ${what}.`)
  }
}

const SHORT = 48

/** Writes a text as UTF-8 and answers the position behind it. No text of the database holds NUL: it is left out. Most texts are short and plain, and a call into the system costs more than they do. */
export function writeText(out: Buffer, at: number, text: string): number {
  const { length } = text
  if (length <= SHORT) {
    let i = 0
    for (; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0 || code > 0x7f) break
      out[at + i] = code
    }
    if (i === length) return at + length
  }
  return at + out.write(text.includes('\0') ? text.replaceAll('\0', '') : text, at)
}

const WORD = 0x1_0000_0000

/** A whole number as eight bytes. */
export function writeInt8(out: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new UnencodableError('whole number')
  const high = Math.floor(value / WORD)
  out.writeInt32BE(high, at)
  return out.writeUInt32BE(value - high * WORD, at + 4)
}

export function writeInt4(out: Buffer, at: number, value: number): number {
  if ((value | 0) !== value) throw new UnencodableError('whole number of four bytes')
  return out.writeInt32BE(value, at)
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)? ?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/
const PLAIN_LENGTHS = new Set([20, 24])
/** Milliseconds from 1970 to 2000, where PostgreSQL counts from. */
const EPOCH_MS = 946_684_800_000

/** A time as microseconds since 2000. Without a zone it is UTC, as the sessions of the hub are. */
export function writeTime(out: Buffer, at: number, text: string): number {
  const ms = plainMs(text)
  if (ms !== undefined) return writeMicros(out, at, ms, 0)
  // What the database calls "now" comes with every row of a batch.
  if (text !== odd.text) odd = { text, ...readTime(text) }
  return writeMicros(out, at, odd.ms, odd.micros)
}

/** The last time that came in another form. */
let odd: { readonly text: string | undefined; readonly ms: number; readonly micros: number } = { text: undefined, ms: 0, micros: 0 }

function readTime(text: string): { readonly ms: number; readonly micros: number } {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = TIME.exec(text) ?? []
  const days = daysOf(Number(year), Number(month), Number(day))
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -60 : 60)
  if (Number.isNaN(days) || seconds > 86_400 || Number(minute) > 59 || Number(second) > 60 || Math.abs(zone) >= 57_600 || Number(zoneMinutes) > 59)
    throw new UnencodableError('time')
  const micros = fraction === '' ? 0 : Math.round(Number(`0.${fraction}`) * 1e6)
  return { ms: days * 86_400_000 + (seconds - zone) * 1000, micros }
}

function writeMicros(out: Buffer, at: number, ms: number, micros: number): number {
  const whole = (ms - EPOCH_MS) * 1000 + micros
  return Number.isSafeInteger(whole) ? writeInt8(out, at, whole) : out.writeBigInt64BE(BigInt(ms - EPOCH_MS) * 1000n + BigInt(micros), at)
}

const digits = (text: string, at: number, count: number): number => {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** "2026-11-20T08:00:00Z", with or without milliseconds, as nearly all times come. */
function plainMs(text: string): number | undefined {
  if (!PLAIN_LENGTHS.has(text.length) || text.charAt(10) !== 'T' || text.charAt(text.length - 1) !== 'Z') return undefined
  if (text.charAt(4) !== '-' || text.charAt(7) !== '-' || text.charAt(13) !== ':' || text.charAt(16) !== ':') return undefined
  if (text.length === 24 && text.charAt(19) !== '.') return undefined
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  const days = daysOf(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2))
  const ms = days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + (text.length === 24 ? digits(text, 20, 3) : 0)
  return hour < 24 && minute < 60 && second < 60 && !Number.isNaN(ms) ? ms : undefined
}

const MONTHS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Days since 1970 of a date, not a number where there is no such day. */
function daysOf(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const last = (MONTHS[month] ?? 0) + (month === 2 && leap ? 1 : 0)
  if (!(year >= 1 && day >= 1 && day <= last)) return Number.NaN
  // Years begin with March here, so that the leap day is the last of its year.
  const from = month > 2 ? year : year - 1
  const century = Math.floor(from / 400)
  const inCentury = from - century * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return century * 146_097 + inCentury * 365 + Math.floor(inCentury / 4) - Math.floor(inCentury / 100) + dayOfYear - 719_468
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/
const GROUP = 4

/** A decimal as PostgreSQL's numeric: digits in groups of four. Its places behind the point stay as written. */
export function writeNumeric(out: Buffer, at: number, text: string): number {
  if (text.length <= GROUP) {
    const small = digits(text, 0, text.length)
    if (text.length > 0 && !Number.isNaN(small)) return writeSmall(out, at, small)
  }
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  if (sign === undefined || (whole === '' && fraction === '')) throw new UnencodableError('decimal number')
  return writeGroups(out, at, { ...grouped(...shifted(whole, fraction, Number(exponent))), negative: sign === '-' })
}

/** One group, as most quantities are. */
function writeSmall(out: Buffer, at: number, value: number): number {
  const end = out.writeUInt32BE(0, out.writeUInt32BE(value === 0 ? 0 : 0x1_0000, at))
  return value === 0 ? end : out.writeInt16BE(value, end)
}

/** Digits before and behind the point once the exponent is applied. */
function shifted(whole: string, fraction: string, exponent: number): [string, string] {
  if (exponent >= 0) {
    const padded = fraction.padEnd(exponent, '0')
    return [whole + padded.slice(0, exponent), padded.slice(exponent)]
  }
  const padded = whole.padStart(-exponent, '0')
  return [padded.slice(0, padded.length + exponent), padded.slice(padded.length + exponent) + fraction]
}

interface Groups {
  readonly groups: readonly number[]
  readonly weight: number
  readonly scale: number
}

function grouped(whole: string, fraction: string): Groups {
  const before = whole.replace(/^0+/, '')
  const text = before.padStart(Math.ceil(before.length / GROUP) * GROUP, '0') + fraction.padEnd(Math.ceil(fraction.length / GROUP) * GROUP, '0')
  const groups = Array.from({ length: text.length / GROUP }, (_, i) => Number(text.slice(i * GROUP, (i + 1) * GROUP)))
  let weight = Math.ceil(before.length / GROUP) - 1
  while (groups[0] === 0) {
    groups.shift()
    weight--
  }
  while (groups.at(-1) === 0) groups.pop()
  return { groups, weight: groups.length === 0 ? 0 : weight, scale: fraction.length }
}

const NEGATIVE = 0x4000

function writeGroups(out: Buffer, at: number, { groups, weight, negative, scale }: Groups & { readonly negative: boolean }): number {
  let end = out.writeInt16BE(groups.length, at)
  end = out.writeInt16BE(weight, end)
  end = out.writeUInt16BE(negative && groups.length > 0 ? NEGATIVE : 0, end)
  end = out.writeUInt16BE(scale, end)
  for (const group of groups) end = out.writeInt16BE(group, end)
  return end
}

/** Room a decimal takes at most: an exponent may stand for a thousand digits. */
export const numericRoom = (text: string): number => (text.length <= GROUP ? 8 + 2 : 8 + text.length + 1024)
