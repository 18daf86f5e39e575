import Big from 'big.js'

/** Price of one unit as plain decimal text with at most six places, for information only; "0" for no units. */
export function unitPrice(amount: string, quantity: string): string {
  const units = new Big(quantity)
  if (units.eq(0)) return '0'
  return new Big(amount).div(units).round(6).toFixed()
}
