import Big from 'big.js'

/** Price × pieces in minor units. */
export const times = (price: number, quantity: string): number =>
  /^\d{1,6}$/.test(quantity) ? price * Number(quantity) : Number(new Big(price).times(quantity).toFixed(0))
