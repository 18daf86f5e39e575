import type { MoneyText } from './money.ts'

const places = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, digits: number): bigint => {
  const [whole = '0', fraction = ''] = amount.replace(/^[-+]/, '').split('.')
  const value = BigInt(whole + fraction.padEnd(digits, '0'))
  return amount.startsWith('-') ? -value : value
}

const unscaled = (value: bigint, digits: number): string => {
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0')
  const cut = text.length - digits
  return `${value < 0n ? '-' : ''}${text.slice(0, cut)}${digits === 0 ? '' : `.${text.slice(cut)}`}`
}

/** Exact sums, one per currency, in the order the currencies first appear. */
export const addSums = (amounts: readonly MoneyText[]): readonly MoneyText[] => {
  const byCurrency = new Map<string, MoneyText[]>()
  for (const money of amounts) byCurrency.set(money.currency, [...(byCurrency.get(money.currency) ?? []), money])
  return [...byCurrency].map(([currency, list]) => {
    const digits = Math.max(...list.map((money) => places(money.amount)))
    return {
      currency,
      amount: unscaled(
        list.reduce((sum, money) => sum + scaled(money.amount, digits), 0n),
        digits,
      ),
    }
  })
}
