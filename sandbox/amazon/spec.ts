import { readFileSync } from 'node:fs'
import { asList, asRecord, asText, isRecord, type JsonRecord } from '../stage/json-input.ts'

/**
 * The vendor's own models, cut down to the operations the simulator answers: see README.md. Every call is held against them,
 * and so is every answer.
 */
export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: JsonRecord
  readonly body: string | undefined
  readonly answer: string | undefined
  readonly rate: string
}

const read = (name: string): JsonRecord => asRecord(JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')))

const spec = read('./spec.json')
const definitions = asRecord(spec['definitions'])
const operations = Object.entries(asRecord(spec['operations'])).map(([id, value]) => {
  const one = asRecord(value)
  const path = asText(one['path']) ?? ''
  const known: Operation = {
    id,
    path,
    method: asText(one['method']) ?? '',
    query: asRecord(one['query']),
    body: asText(one['body']),
    answer: asText(one['answer']),
    rate: asText(one['rate']) ?? '1',
  }
  return { known, form: new RegExp(`${path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`) }
})

export interface Matched {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
}

/** The operation an address stands for, whatever folder it is served under. */
export function operationOf(method: string, pathname: string): Matched | undefined {
  for (const { known, form } of operations) {
    const match = known.method === method ? form.exec(pathname) : null
    if (match)
      return {
        operation: known,
        params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])),
      }
  }
  return undefined
}

/** Why these parameters are none of this operation; undefined when they are. Lists come with commas or again and again. */
export function queryProblem({ query }: Operation, given: URLSearchParams): string | undefined {
  for (const name of given.keys()) if (!(name in query)) return `${name} is not a parameter of this operation.`
  for (const [name, value] of Object.entries(query)) {
    const rule = asRecord(value)
    const all = given.getAll(name)
    if (all.length === 0) {
      if (rule['required'] === true) return `${name} is required.`
      continue
    }
    const isList = rule['type'] === 'array'
    const words = isList ? all.flatMap((each) => each.split(',')) : all
    const allowed = asList(isList ? asRecord(rule['items'])['enum'] : rule['enum'])
    if (!isList && words.length > 1) return `${name} is given twice.`
    if (allowed.length > 0 && words.some((word) => !allowed.includes(word))) return `${name} has a value that is not allowed.`
    if (rule['type'] === 'integer' && !/^\d+$/.test(words[0] ?? '')) return `${name} is not a number.`
    if (typeof rule['maximum'] === 'number' && Number(words[0]) > rule['maximum']) return `${name} is too large.`
  }
  return undefined
}

/** Why a document is not what its definition says, with the place; undefined when it is. */
export function problemOf(definition: string, value: unknown, at = ''): string | undefined {
  return against(asRecord(definitions[definition]), value, at)
}

function against(rule: JsonRecord, value: unknown, at: string): string | undefined {
  const ref = asText(rule['$ref'])
  if (ref !== undefined) return problemOf(ref, value, at)
  const allowed = asList(rule['enum'])
  if (allowed.length > 0 && !allowed.includes(value)) return `${at}: ${String(value)} is not one of its values.`
  switch (rule['type'] ?? (rule['properties'] ? 'object' : undefined)) {
    case 'object':
      return isRecord(value) ? objectProblem(rule, value, at) : `${at}: an object was expected.`
    case 'array':
      if (!Array.isArray(value)) return `${at}: a list was expected.`
      return value.map((each: unknown, i) => against(asRecord(rule['items']), each, `${at}/${i}`)).find((each) => each !== undefined)
    case 'string':
      if (typeof value !== 'string') return `${at}: a text was expected.`
      return rule['format'] === 'date-time' && !/^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?$/.test(value)
        ? `${at}: not a time of ISO 8601.`
        : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : `${at}: a whole number was expected.`
    case 'number':
      return typeof value === 'number' ? undefined : `${at}: a number was expected.`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${at}: true or false was expected.`
    default:
      return undefined
  }
}

function objectProblem(rule: JsonRecord, value: JsonRecord, at: string): string | undefined {
  const missing = asList(rule['required'])
    .map(String)
    .find((name) => value[name] === undefined)
  if (missing !== undefined) return `${at}/${missing} is missing.`
  for (const [name, each] of Object.entries(asRecord(rule['properties']))) {
    const problem = value[name] === undefined ? undefined : against(asRecord(each), value[name], `${at}/${name}`)
    if (problem !== undefined) return problem
  }
  return undefined
}

export interface Pair {
  readonly status: number
  readonly answer: unknown
}

const pairs = read('./pairs.json')

/** What the vendor's static sandbox answers: the recorded pair with the most parameters that are those of the request. */
export function pairOf({ operation, params }: Matched, query: URLSearchParams, body: unknown): Pair | undefined {
  const fitting = asList(pairs[operation.id])
    .map(asRecord)
    .map((one) => ({ one, wanted: Object.entries(asRecord(one['parameters'])) }))
    .filter(({ wanted }) =>
      wanted.every(([name, value]) => {
        if (name === 'body') return JSON.stringify(body) === JSON.stringify(value)
        const given = params[name] ?? query.getAll(name).join(',')
        return given === (Array.isArray(value) ? value.join(',') : String(value))
      }),
    )
  const [best] = fitting.sort((a, b) => b.wanted.length - a.wanted.length)
  return best && { status: Number(best.one['status']), answer: best.one['answer'] }
}
