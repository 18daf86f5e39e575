import Big from 'big.js'
import type { Origin } from './explain.ts'
import type { CanonicalValue } from './explain-values.ts'
import { formulaOf, type NumberSource, type Term } from './explain-formula.ts'

/**
 * What the mapping does to the sources, as far as it can be said and checked: applied to the raw values it gives the canonical
 * one. `computed` says that only the mapping itself can be applied (shares of a discount, a maximum), to the sources alone.
 */
export type Step =
  | { readonly op: 'constant' }
  | { readonly op: 'copy'; readonly from: string }
  | { readonly op: 'time'; readonly from: string; readonly unit: 'text' | 's' | 'ms'; readonly offsetMinutes: number }
  /** Σ scale × factors, rounded where places are named; divided where a divisor is named, and then rounded to six places. Minor units have the scale 0.01. */
  | { readonly op: 'formula'; readonly terms: readonly Term[]; readonly divisor?: string; readonly round?: number }
  /** The words of a status table that were met. */
  | { readonly op: 'table'; readonly when: readonly { readonly from: string; readonly is: unknown }[]; readonly gives: string | boolean }
  | { readonly op: 'computed' }

const DECIMAL = /^-?\d{1,18}(?:\.\d{1,12})?$/
const decimalOf = (value: unknown): Big | undefined => {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  return DECIMAL.test(text) ? new Big(text) : undefined
}

/** The number in a canonical value; undefined for words. */
const numberIn = (value: CanonicalValue | undefined): Big | undefined =>
  value === undefined || typeof value === 'boolean' ? undefined : decimalOf(typeof value === 'object' ? value.amount : value)

/** The step between the sources and the value, checked by applying it. */
export function stepOf(path: string, origin: Origin): Step {
  const raw = new Map(origin.sources.map(({ leaf }) => [leaf.pointer, leaf.value]))
  const step = candidates(path, origin).find((each) => agrees(applyStep(each, raw), origin.value))
  return step ?? { op: origin.sources.length === 0 ? 'constant' : 'computed' }
}

function candidates(path: string, origin: Origin): readonly Step[] {
  const { value, sources } = origin
  if (sources.length === 0) return []
  const number = numberIn(value)
  const copies = sources.map(({ leaf }): Step => ({ op: 'copy', from: leaf.pointer }))
  if (number !== undefined && !isWord(path, value)) {
    const formula = formulaOf(
      number,
      sources.flatMap((source) => numberSource(path, source, number)),
    )
    return [...(formula ? [{ op: 'formula' as const, ...formula }] : []), ...copies, ...byWords(origin)]
  }
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
    return [...copies, ...sources.flatMap(({ leaf }) => timeStep(leaf.pointer, leaf.value, value))]
  const isClosed = typeof value === 'boolean' || (typeof value === 'string' && /^[a-z_]{2,40}$/.test(value))
  return isClosed ? [...copies, tableOf(origin)] : copies
}

const tableOf = ({ value, sources }: Origin): Step => ({
  op: 'table',
  when: sources.map(({ leaf }) => ({ from: leaf.pointer, is: leaf.value })),
  gives: typeof value === 'object' ? value.amount : typeof value === 'number' ? String(value) : value,
})

/** Words alone decided the number: nothing is paid because nothing says so. */
const byWords = (origin: Origin): readonly Step[] =>
  origin.sources.every(({ leaf }) => decimalOf(leaf.value) === undefined && (leaf.holds !== true || isEmpty(leaf.value))) ? [tableOf(origin)] : []

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** Ids and numbers of orders are words, however they are written. */
const isWord = (path: string, value: CanonicalValue): boolean => typeof value === 'string' && !/(?:quantity|cancelled|shipped|unitPrice)$/.test(path)

/** A source that holds a number, and how much the value moves with it. */
function numberSource(path: string, { leaf, trials }: Origin['sources'][number], before: Big): readonly NumberSource[] {
  const value = decimalOf(leaf.value)
  if (value === undefined) return []
  for (const { put, moved } of trials) {
    const [changed, after] = [decimalOf(put), numberIn(moved?.get(path))]
    if (changed === undefined || after === undefined || changed.eq(value)) continue
    return [{ pointer: leaf.pointer, value, slope: after.minus(before).div(changed.minus(value)) }]
  }
  return []
}

function timeStep(from: string, raw: unknown, value: string): readonly Step[] {
  const at = Date.parse(value)
  const text = String(raw)
  const read: readonly (readonly [Extract<Step, { op: 'time' }>['unit'], number])[] = /^\d{9,11}$/.test(text)
    ? [['s', Number(text) * 1000]]
    : /^\d{12,14}$/.test(text)
      ? [['ms', Number(text)]]
      : [['text', msOf(text)]]
  return read.flatMap(([unit, ms]): readonly Step[] => {
    const offset = (ms - at) / 60_000
    return Number.isNaN(offset) || offset % 15 !== 0 || Math.abs(offset) > 14 * 60 ? [] : [{ op: 'time', from, unit, offsetMinutes: offset }]
  })
}

/** A time without zone is read as UTC: the offset says the rest. */
const msOf = (text: string): number => {
  const iso = text.trim().replace(/^(\d{4})[-/](\d\d)[-/](\d\d) /, '$1-$2-$3T')
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`)
}

/** What a step makes of raw values, by pointer; undefined where only the mapping can say. */
export function applyStep(step: Step, raw: ReadonlyMap<string, unknown>): Big | string | boolean | undefined {
  switch (step.op) {
    case 'constant':
    case 'computed':
      return undefined
    case 'copy': {
      const value = raw.get(step.from)
      return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : typeof value === 'boolean' ? value : undefined
    }
    case 'time': {
      const text = String(raw.get(step.from))
      const ms = step.unit === 'text' ? msOf(text) : Number(text) * (step.unit === 's' ? 1000 : 1)
      return Number.isNaN(ms) ? undefined : new Date(ms - step.offsetMinutes * 60_000).toISOString()
    }
    case 'table':
      return step.when.every(({ from, is }) => JSON.stringify(raw.get(from)) === JSON.stringify(is)) ? step.gives : undefined
    case 'formula':
      return applyFormula(step, raw)
  }
}

function applyFormula(step: Extract<Step, { op: 'formula' }>, raw: ReadonlyMap<string, unknown>): Big | undefined {
  let sum = new Big(0)
  for (const { scale, factors } of step.terms) {
    let term = new Big(scale)
    for (const pointer of factors) {
      const value = decimalOf(raw.get(pointer))
      if (value === undefined) return undefined
      term = term.times(value)
    }
    sum = sum.plus(term)
  }
  if (step.divisor === undefined) return step.round === undefined ? sum : sum.round(step.round)
  const divisor = decimalOf(raw.get(step.divisor))
  return divisor === undefined || divisor.eq(0) ? undefined : sum.div(divisor).round(6)
}

/** Does what a step gave stand for this canonical value? */
export function agrees(given: Big | string | boolean | undefined, value: CanonicalValue): boolean {
  if (given === undefined) return false
  if (given instanceof Big) return numberIn(value)?.eq(given) === true
  if (typeof value === 'string' && typeof given === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(given) === Date.parse(value)
  if (given === value) return true
  const [number, wanted] = [decimalOf(given), numberIn(value)]
  return number !== undefined && wanted !== undefined && number.eq(wanted)
}
