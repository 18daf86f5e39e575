/** Exact decimals for the oracle: nothing here goes through a binary fraction. */

/** Renders minor units as a decimal text with at least `digits` places, padded to `places`. */
export function toDecimal(minor: number, digits: number, places = digits): string {
  const sign = minor < 0 ? '-' : ''
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const fraction = digits === 0 ? '' : text.slice(-digits)
  const padded = fraction.padEnd(places, '0')
  return sign + whole + (padded === '' ? '' : `.${padded}`)
}

/** Reads a decimal text times a whole factor into minor units, rounding half away from zero. Throws on anything else. */
export function toMinor(decimal: string, digits: number, factor = 1): number {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal.trim())
  if (!match) throw new Error(`Not a decimal amount: ${decimal}`)
  const fraction = match[3] ?? ''
  const units = BigInt((match[2] ?? '0') + fraction) * BigInt(factor) * (match[1] === '-' ? -1n : 1n)
  const shift = fraction.length - digits
  return Number(shift <= 0 ? units * 10n ** BigInt(-shift) : divideRounded(units, 10n ** BigInt(shift)))
}

/** `minor` times a rate in basis points of one hundredth of a percent (7.5 % is 750), half away from zero. */
export function share(minor: number, basisPoints: number): number {
  return Number(divideRounded(BigInt(minor) * BigInt(basisPoints), 10_000n))
}

/** `minor × part ÷ whole`, half away from zero: the exact share of one amount. */
export function prorate(minor: number, part: number, whole: number): number {
  if (whole === 0) return 0
  return Number(divideRounded(BigInt(minor) * BigInt(part), BigInt(whole)))
}

function divideRounded(value: bigint, by: bigint): bigint {
  const negative = value < 0n !== by < 0n
  const a = value < 0n ? -value : value
  const b = by < 0n ? -by : by
  const rounded = (a * 2n + b) / (b * 2n)
  return negative ? -rounded : rounded
}
