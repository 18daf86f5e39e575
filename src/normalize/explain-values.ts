import { moneyToDecimal, type Money } from '../core/money.ts'
import type { MappedRaw } from './prepare.ts'

/** A canonical value at its path ("lines.0.unitPrice"). An amount is one value with its currency. */
export type CanonicalValue = string | boolean | number | { readonly amount: string; readonly currency: string }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isMoney = (value: unknown): value is Money =>
  isObject(value) && typeof value['minor'] === 'number' && typeof value['currency'] === 'string' && Object.keys(value).length === 2

/** Every value of what a mapping made of a document, by path; undefined where it made nothing of it. */
export function canonicalValues(outcome: MappedRaw['outcome']): ReadonlyMap<string, CanonicalValue> | undefined {
  if (outcome.kind !== 'order' && outcome.kind !== 'refund') return undefined
  const values = new Map<string, CanonicalValue>()
  const walk = (value: unknown, path: string): void => {
    if (isMoney(value)) values.set(path, { amount: moneyToDecimal(value), currency: value.currency })
    else if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') values.set(path, value)
    else if (Array.isArray(value)) value.forEach((each: unknown, i) => walk(each, `${path}.${i}`))
    else if (isObject(value)) for (const [name, each] of Object.entries(value)) walk(each, path === '' ? name : `${path}.${name}`)
  }
  walk(outcome.kind === 'order' ? outcome.order : outcome.refund, '')
  return values
}

export const valueText = (value: CanonicalValue | undefined): string =>
  value === undefined ? '' : typeof value === 'object' ? `${value.amount} ${value.currency}` : String(value)

const API_NAMES: Readonly<Record<string, string>> = { channel_shipments: 'shipments', has_buyer_note: 'buyerNote' }

/** "lines[0].unit_price" and "lines.0.unitPrice" both name the value as the mapping does. */
function canonicalPath(path: string): string {
  const steps = path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((step) => step !== '')
  return steps
    .map((step, i) =>
      steps[i - 1] === 'extra' ? step : (API_NAMES[step] ?? step.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())),
    )
    .join('.')
}

/** The path under which these values have what somebody asks for; "totals.total.amount" is a part of "totals.total". */
export function pathAmong(values: ReadonlyMap<string, unknown>, asked: string): string | undefined {
  const path = canonicalPath(asked)
  if (values.has(path)) return path
  const part = /^(.+)\.(?:amount|minor|currency)$/.exec(path)?.[1]
  return part !== undefined && values.has(part) ? part : undefined
}
