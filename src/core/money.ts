import { MappingError } from './fault.ts'

/** An exact amount: integer minor units (cents, fen) of an ISO 4217 currency. Never built from a float. */
export interface Money {
  readonly minor: number
  readonly currency: string
}

/** ISO 4217 minor-unit exponents that differ from 2. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
}

/** Digits after the decimal point of a currency: 2 for CNY, 0 for JPY, 3 for KWD. */
export const exponentOf = (currency: string): number => EXPONENTS[currency] ?? 2

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/

const AMOUNT_LIKE = /^[-+\d.,]{0,16}$/

/** What stands where an amount should may be anything, a buyer's street included: only what looks harmless is quoted. */
const shown = (text: string, harmless: RegExp): string => (harmless.test(text) ? `"${text}"` : `A value of ${text.length} characters`)

/**
 * Reads a decimal string ("1234.50") exactly. Surplus zeros are accepted; a non-zero digit beyond the currency's
 * precision throws `money-precision`, anything else unreadable throws `money-unreadable`.
 */
export function moneyFromDecimal(text: string, currency: string): Money {
  if (!isCurrency(currency)) throw new MappingError('currency-unknown', `${shown(currency, /^[A-Za-z]{1,5}$/)} is not an ISO 4217 currency code.`)
  const plain = plainMinor(text, exponentOf(currency))
  if (plain !== undefined) return { minor: plain, currency }
  const match = DECIMAL.exec(text.trim())
  if (!match) throw new MappingError('money-unreadable', `${shown(text, AMOUNT_LIKE)} is not a decimal amount.`)
  const [, sign, whole = '0', fraction = ''] = match
  const exponent = exponentOf(currency)
  if (/[1-9]/.test(fraction.slice(exponent))) {
    throw new MappingError('money-precision', `"${text}" has more decimals than ${currency} carries (${exponent}).`)
  }
  const minor = Number(`${whole}${fraction.slice(0, exponent).padEnd(exponent, '0')}`)
  if (!Number.isSafeInteger(minor)) throw new MappingError('money-range', `"${text}" is too large.`)
  return { minor: sign === '-' && minor !== 0 ? -minor : minor, currency }
}

const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a
const isCurrency = (text: string): boolean =>
  text.length === 3 && isCapital(text.charCodeAt(0)) && isCapital(text.charCodeAt(1)) && isCapital(text.charCodeAt(2))

/** Minor units of digits with at most one point and no surplus decimals, as nearly all amounts come; undefined for every other text. */
function plainMinor(text: string, exponent: number): number | undefined {
  if (text.length === 0 || text.length > 14) return undefined
  let [minor, decimals] = [0, -1]
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit >= 0 && digit <= 9) {
      minor = minor * 10 + digit
      if (decimals >= 0) decimals++
    } else if (digit === POINT && at > 0 && decimals < 0) decimals = 0
    else return undefined
  }
  let missing = exponent - Math.max(decimals, 0)
  if (missing < 0) return undefined
  for (; missing > 0; missing--) minor *= 10
  return Number.isSafeInteger(minor) ? minor : undefined
}

/** The point's distance from the digit zero among character codes. */
const POINT = 0x2e - 0x30

/** Integer minor units as sent by channels that count in cents or fen. */
export function moneyFromMinor(value: number | string, currency: string): Money {
  const minor = Number(value)
  if (!Number.isSafeInteger(minor)) throw new MappingError('money-unreadable', `${shown(String(value), AMOUNT_LIKE)} is not an integer amount.`)
  return { minor, currency }
}

/** "1234.50" for 123450 CNY; the exact inverse of `moneyFromDecimal`. */
export function moneyToDecimal(money: Money): string {
  const exponent = exponentOf(money.currency)
  if (exponent === 2 && money.minor >= 0) {
    const cents = money.minor % 100
    return `${(money.minor - cents) / 100}.${cents < 10 ? '0' : ''}${cents}`
  }
  const digits = Math.abs(money.minor)
    .toString()
    .padStart(exponent + 1, '0')
  const sign = money.minor < 0 ? '-' : ''
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** Adds amounts of one currency; a mixed sum throws `currency-mixed`. */
export function sumMoney(amounts: readonly Money[], currency: string): Money {
  let minor = 0
  for (const amount of amounts) {
    if (amount.currency !== currency) throw new MappingError('currency-mixed', `${amount.currency} cannot be added to ${currency}.`)
    minor += amount.minor
  }
  if (!Number.isSafeInteger(minor)) throw new MappingError('money-range', 'The sum is too large.')
  return { minor, currency }
}

/** Splits `total` by weights with largest remainders; the parts always add up to the total. Ties go to the earlier part. */
export function allocate(total: Money, weights: readonly number[]): readonly Money[] {
  const sum = weights.reduce((a, b) => a + b, 0)
  if (sum === 0) return weights.map((_, i) => ({ minor: i === 0 ? total.minor : 0, currency: total.currency }))
  // Products and remainders stay whole numbers: fractions that only differ by the noise of a division would upset the ties.
  const rests = weights.map((w) => (total.minor * w) % sum)
  const floors = weights.map((w, i) => Math.round((total.minor * w - (rests[i] ?? 0)) / sum))
  let rest = total.minor - floors.reduce((a, b) => a + b, 0)
  const byRemainder = rests.map((r, i) => ({ i, r: Math.abs(r) })).sort((a, b) => b.r - a.r || a.i - b.i)
  for (const { i } of byRemainder) {
    if (rest === 0) break
    const step = Math.sign(rest)
    floors[i] = (floors[i] ?? 0) + step
    rest -= step
  }
  return floors.map((minor) => ({ minor, currency: total.currency }))
}
