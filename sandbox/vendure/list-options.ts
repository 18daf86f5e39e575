import type { JsonRecord } from '../stage/json-input.ts'
import { asList, asNumber, asRecord, asText, isRecord } from '../stage/json-input.ts'

/** How to read the filterable and sortable fields of a record. Instants are milliseconds, absent is null. */
export type Fields<T> = Readonly<Record<string, (item: T) => string | number | boolean | null>>

export interface ListOptions {
  readonly skip?: number | null
  readonly take?: number | null
  readonly sort?: JsonRecord | null
  readonly filter?: JsonRecord | null
  readonly filterOperator?: 'AND' | 'OR' | null
}

/** Vendure's list queries: filter, sort (ids break ties), skip and take. */
export function applyList<T>(items: Iterable<T>, fields: Fields<T>, options: ListOptions, limit: number): { items: T[]; totalItems: number } {
  const test = options.filter ? filterTest(options.filter, fields, options.filterOperator === 'OR') : () => true
  const chosen = [...items].filter(test)
  const sorted = sortItems(chosen, fields, options.sort ?? {})
  const skip = options.skip ?? 0
  return { items: sorted.slice(skip, skip + (options.take ?? limit)), totalItems: chosen.length }
}

type Test<T> = (item: T) => boolean

function filterTest<T>(filter: JsonRecord, fields: Fields<T>, any: boolean): Test<T> {
  const tests = Object.entries(filter).flatMap(([name, condition]): Test<T>[] => {
    if (name === '_and' || name === '_or') {
      const inner = asList(condition).map((one) => filterTest(asRecord(one), fields, false))
      return [(item) => (name === '_and' ? inner.every((test) => test(item)) : inner.some((test) => test(item)))]
    }
    const read = fields[name]
    if (!isRecord(condition) || !read) return []
    return Object.entries(condition).map(([operator, operand]): Test<T> => {
      const check = operators[operator]
      return (item) => check?.(read(item), operand) ?? false
    })
  })
  return any ? (item) => tests.some((test) => test(item)) : (item) => tests.every((test) => test(item))
}

type Value = string | number | boolean | null

const operators: Readonly<Record<string, (value: Value, operand: unknown) => boolean>> = {
  eq: (value, operand) => value !== null && (typeof value === 'number' ? value === scalar(operand) : value === operand),
  notEq: (value, operand) => value !== operand,
  contains: (value, operand) => text(value).includes(text(operand)),
  notContains: (value, operand) => !text(value).includes(text(operand)),
  in: (value, operand) => asList(operand).includes(value),
  notIn: (value, operand) => !asList(operand).includes(value),
  regex: (value, operand) => new RegExp(asText(operand) ?? '', 'i').test(text(value)),
  lt: (value, operand) => value !== null && Number(value) < scalar(operand),
  lte: (value, operand) => value !== null && Number(value) <= scalar(operand),
  gt: (value, operand) => value !== null && Number(value) > scalar(operand),
  gte: (value, operand) => value !== null && Number(value) >= scalar(operand),
  before: (value, operand) => value !== null && Number(value) < scalar(operand),
  after: (value, operand) => value !== null && Number(value) > scalar(operand),
  between: (value, operand) => {
    const { start, end } = asRecord(operand)
    return value !== null && Number(value) >= scalar(start) && Number(value) <= scalar(end)
  },
  isNull: (value, operand) => (value === null) === operand,
}

/** A number as it is, a date text as its instant. */
function scalar(operand: unknown): number {
  return asNumber(operand) ?? Date.parse(asText(operand) ?? '')
}

const text = (value: unknown): string => (asText(value) ?? '').toLowerCase()

function sortItems<T>(items: readonly T[], fields: Fields<T>, sort: JsonRecord): readonly T[] {
  const keys = Object.entries(sort).flatMap(([name, direction]) => {
    const read = fields[name]
    return read ? [{ read, sign: direction === 'DESC' ? -1 : 1 }] : []
  })
  const id = fields['id']
  if (id) keys.push({ read: id, sign: 1 })
  return items.toSorted((a, b) => {
    for (const { read, sign } of keys) {
      const difference = compare(read(a), read(b))
      if (difference !== 0) return sign * difference
    }
    return 0
  })
}

/** Ids are numbers in the database, though text on the wire. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  if (isCount(a) && isCount(b)) return Number(a) - Number(b)
  return String(a) < String(b) ? -1 : 1
}

function isCount(value: Value): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))
}
