import { fromMinor } from '../format/money.ts'
import type { MoneyText } from '../format/money.ts'

/** Readers for documents whose shape is a contract of the model, not of this console. Unknown shapes read as undefined. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first of the named members that is there. */
export const member = (value: unknown, ...names: readonly string[]): unknown => {
  if (!isRecord(value)) return undefined
  for (const name of names) if (value[name] !== undefined && value[name] !== null) return value[name]
  return undefined
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined

/** Money as the API writes it, or a bare decimal with the currency of its document. */
export const moneyOf = (value: unknown, currency?: string): MoneyText | undefined => {
  if (isRecord(value)) {
    const { amount, currency: own, minor } = value
    if (typeof minor === 'number' && typeof own === 'string') return { amount: fromMinor(minor, own), currency: own }
    return typeof amount === 'string' && typeof own === 'string' ? { amount, currency: own } : undefined
  }
  const amount = text(value)
  return amount !== undefined && currency !== undefined && /^-?\d/.test(amount) ? { amount, currency } : undefined
}

export const isMoney = (value: unknown): boolean => isRecord(value) && Object.keys(value).length === 2 && moneyOf(value) !== undefined
export const isTree = isRecord
