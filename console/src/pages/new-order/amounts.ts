/** Decimal texts are counted in millionths with whole numbers, so that no amount ever passes through a float. */
const SCALE = 1_000_000n
const DECIMAL = /^(\d{1,12})(?:\.(\d{1,6}))?$/

/** Full-width figures and a decimal comma are what keyboards send; everything else stays as typed. */
export const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .trim()
    .replace(/^(\d+),(\d{1,2})$/, '$1.$2')

const millionths = (text: string): bigint | undefined => {
  const match = DECIMAL.exec(tidy(text))
  return match === null ? undefined : BigInt(match[1] ?? '0') * SCALE + BigInt((match[2] ?? '').padEnd(6, '0'))
}

export const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

const minorUnit = (currency: string): bigint => SCALE / 10n ** BigInt(digitsOf(currency))

/** An amount the currency can carry: no more decimals than it has. */
export const isAmount = (text: string, currency: string): boolean => {
  const value = millionths(text)
  return value !== undefined && value % minorUnit(currency) === 0n
}

/** More than nothing, at most six decimals. */
export const isQuantity = (text: string): boolean => (millionths(text) ?? 0n) > 0n
export const isPrice = (text: string): boolean => millionths(text) !== undefined

/** Quantity × price, half-up in the currency's smallest unit; in millionths. Nothing typed counts as zero. */
export const grossOf = (quantity: string, price: string, currency: string): bigint => {
  const exact = ((millionths(quantity) ?? 0n) * (millionths(price) ?? 0n)) / SCALE
  const unit = minorUnit(currency)
  return ((exact + unit / 2n) / unit) * unit
}

export const valueOf = (text: string): bigint => millionths(text) ?? 0n

/** "31.00" from millionths, in the digits of the currency. */
export const decimalOf = (value: bigint, currency: string): string => {
  const digits = digitsOf(currency)
  const minor = (value < 0n ? -value : value) / minorUnit(currency)
  const figures = String(minor).padStart(digits + 1, '0')
  const cut = figures.length - digits
  return `${value < 0n ? '-' : ''}${figures.slice(0, cut)}${digits === 0 ? '' : `.${figures.slice(cut)}`}`
}

/** Is more asked for than there is? */
export const exceeds = (quantity: string, available: string): boolean => valueOf(quantity) > valueOf(available)
