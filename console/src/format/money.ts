import { formatDecimal, unknown } from './number.ts'

/** Money as the API sends it: an exact decimal string in major units and an ISO 4217 code. */
export interface MoneyText {
  readonly amount: string
  readonly currency: string
}

/** Sign, symbol and figures apart, so that a table can set the symbol in a quieter colour. */
export interface MoneyParts {
  readonly sign: string
  readonly symbol: string
  readonly figures: string
}

interface CurrencyFacts {
  readonly symbol: string
  readonly digits: number
}

const facts = new Map<string, CurrencyFacts>()

const currencyFacts = (currency: string): CurrencyFacts => {
  const known = facts.get(currency)
  if (known !== undefined) return known
  let found: CurrencyFacts = { symbol: `${currency} `, digits: 2 }
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    const symbol = format.formatToParts(0).find((part) => part.type === 'currency')?.value ?? currency
    found = { symbol: symbol.length > 2 ? `${symbol} ` : symbol, digits: format.resolvedOptions().maximumFractionDigits ?? 2 }
  } catch {
    // Not a currency code Intl knows: the code itself is the clearest symbol.
  }
  facts.set(currency, found)
  return found
}

/** Pads to the currency's ISO digits; digits beyond them are kept, because cutting them would change the amount. */
const withDigits = (amount: string, digits: number): string => {
  const [whole = '0', fraction = ''] = amount.split('.')
  const kept = fraction.length > digits ? fraction.replace(/0+$/, '').padEnd(digits, '0') : fraction.padEnd(digits, '0')
  return kept === '' ? whole : `${whole}.${kept}`
}

/** Minor units as a decimal string, by moving the point and not by dividing. */
export const fromMinor = (minor: number, currency: string): string => {
  const { digits } = currencyFacts(currency)
  const figures = String(Math.abs(minor)).padStart(digits + 1, '0')
  const cut = figures.length - digits
  return `${minor < 0 ? '-' : ''}${figures.slice(0, cut)}${digits === 0 ? '' : `.${figures.slice(cut)}`}`
}

export const moneyParts = (money: MoneyText): MoneyParts => {
  const { symbol, digits } = currencyFacts(money.currency)
  const negative = money.amount.startsWith('-')
  const zero = !/[1-9]/.test(money.amount)
  return { sign: negative && !zero ? '−' : '', symbol, figures: formatDecimal(withDigits(money.amount.replace(/^[-+]/, ''), digits)) }
}

/** "¥388.00", "−$0.01", "¥1,200" for JPY; "—" when unknown. */
export const formatMoney = (money: MoneyText | null | undefined): string => {
  if (money === null || money === undefined) return unknown
  const { sign, symbol, figures } = moneyParts(money)
  return `${sign}${symbol}${figures}`
}

/** Sums stay per currency and are joined; nothing is converted. */
export const formatSums = (sums: readonly MoneyText[]): string => (sums.length === 0 ? unknown : sums.map(formatMoney).join(' · '))
