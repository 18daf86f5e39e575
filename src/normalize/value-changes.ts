import { moneyFromDecimal, moneyToDecimal, type Money } from '../core/money.ts'

/** One value that two canonical documents say differently. Positions in lists are folded, so what happens to 31 lines alike is one path. */
export interface ValueChange {
  readonly path: string
  readonly from: string
  readonly to: string
  /** After less before, where either is an amount. */
  readonly delta?: Money
}

const LONGEST = 120

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isAmount = (value: unknown): value is { readonly amount: string; readonly currency: string } =>
  isRecord(value) && typeof value['amount'] === 'string' && typeof value['currency'] === 'string'
const isNothing = (value: unknown): boolean => value === null || value === undefined

/** Differences leaf by leaf; what only one of them has is compared with nothing. */
export function valueChanges(before: unknown, after: unknown, path = ''): readonly ValueChange[] {
  if (isAmount(before) || isAmount(after)) return amountChange(before, after, path)
  if (Array.isArray(before) || Array.isArray(after)) {
    const [a, b]: readonly (readonly unknown[])[] = [Array.isArray(before) ? before : [], Array.isArray(after) ? after : []]
    return Array.from({ length: Math.max(a?.length ?? 0, b?.length ?? 0) }, (_, i) => valueChanges(a?.[i], b?.[i], `${path}[]`)).flat()
  }
  if ((isRecord(before) || isNothing(before)) && (isRecord(after) || isNothing(after))) {
    const [a, b]: readonly Fields[] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}]
    const keys = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])]
    return keys.flatMap((key) => valueChanges(a?.[key], b?.[key], path === '' ? key : `${path}.${key}`))
  }
  return shown(before) === shown(after) ? [] : [{ path, from: shown(before), to: shown(after) }]
}

const shown = (value: unknown): string =>
  (isNothing(value) ? '' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, LONGEST)

function amountChange(before: unknown, after: unknown, path: string): readonly ValueChange[] {
  const [from, to] = [amountText(before), amountText(after)]
  if (from === to) return []
  const [was, is] = [amountOf(before), amountOf(after)]
  if (was && is && was.currency !== is.currency) return [{ path, from, to }]
  const currency = (is ?? was)?.currency
  return [{ path, from, to, ...(currency !== undefined && { delta: { minor: (is?.minor ?? 0) - (was?.minor ?? 0), currency } }) }]
}

const amountOf = (value: unknown): Money | undefined => (isAmount(value) ? moneyFromDecimal(value.amount, value.currency) : undefined)
const amountText = (value: unknown): string => (isAmount(value) ? `${value.amount} ${value.currency}` : shown(value))

/** Sums per currency, minor units, as the API shows them. */
export const amountsOf = (sums: Readonly<Record<string, number>>): readonly { readonly amount: string; readonly currency: string }[] =>
  Object.entries(sums).map(([currency, minor]) => ({ amount: moneyToDecimal({ minor, currency }), currency }))
