import { readFileSync } from 'node:fs'
import { isRecord, type JsonRecord } from '../stage/json-input.ts'

/** Square's own OpenAPI document, cut to the calls answered here (scripts/square-spec.ts): every request is held against it. */

export interface Misfit {
  readonly code: string
  readonly field: string
  readonly detail: string
}

interface Operation {
  readonly request: string
  readonly response: string
  readonly query: readonly string[]
}

const text = readFileSync(new URL('./openapi.json', import.meta.url), 'utf8')
const spec: unknown = JSON.parse(text)
const part = (name: string): JsonRecord => {
  const found = isRecord(spec) ? spec[name] : undefined
  return isRecord(found) ? found : {}
}
const [calls, schemas] = [part('calls'), part('schemas')]

/** "put /v2/orders/{order_id}" → what it takes and answers; undefined for calls Square's document does not have. */
export function operationOf(call: string): Operation | undefined {
  const found = calls[call]
  if (!isRecord(found)) return undefined
  const { request, response, query } = found
  return {
    request: typeof request === 'string' ? request : '',
    response: typeof response === 'string' ? response : '',
    query: Array.isArray(query) ? query.map(String) : [],
  }
}

/** The first thing about a value that the schema does not allow. `sent`: members only Square writes may not be there. */
export function misfit(schema: string, value: unknown, sent: boolean): Misfit | undefined {
  return look({ $ref: schema }, value, { field: '', sent })
}

interface Where {
  readonly field: string
  readonly sent: boolean
}

function look(schema: JsonRecord, value: unknown, where: Where): Misfit | undefined {
  const { $ref: ref } = schema
  if (typeof ref === 'string') {
    const target = schemas[ref]
    if (value === null && schema['nullable'] === true) return undefined
    return isRecord(target) ? look(target, value, where) : undefined
  }
  const wrong = (code: string, detail: string): Misfit => ({ code, field: where.field, detail })
  if (value === null) return schema['nullable'] === true ? undefined : wrong('INVALID_VALUE', 'A value is missing.')
  switch (schema['type']) {
    case 'object':
      return isRecord(value) ? members(schema, value, where) : wrong('EXPECTED_OBJECT', 'Expected an object.')
    case 'array': {
      if (!Array.isArray(value)) return wrong('EXPECTED_ARRAY', 'Expected an array.')
      const items = isRecord(schema['items']) ? schema['items'] : {}
      return first(value.map((each, i) => () => look(items, each, { ...where, field: `${where.field}[${i}]` })))
    }
    case 'integer':
      return Number.isInteger(value) ? bounds(schema, Number(value), wrong) : wrong('EXPECTED_INTEGER', 'Expected an integer value.')
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrong('EXPECTED_BOOLEAN', 'Expected a boolean value.')
    case 'string':
      return typeof value === 'string' ? words(schema, value, wrong) : wrong('EXPECTED_STRING', 'Expected a string value.')
    default:
      return undefined
  }
}

type Wrong = (code: string, detail: string) => Misfit

function members(schema: JsonRecord, value: JsonRecord, { field, sent }: Where): Misfit | undefined {
  const properties = isRecord(schema['properties']) ? schema['properties'] : undefined
  const at = (name: string): string => (field === '' ? name : `${field}.${name}`)
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  const missing = required.find((name) => value[name] === undefined)
  if (missing !== undefined) return { code: 'MISSING_REQUIRED_PARAMETER', field: at(missing), detail: 'Missing required parameter.' }
  if (!properties) return undefined
  return first(
    Object.entries(value).map(([name, inner]) => () => {
      const known = properties[name]
      if (!isRecord(known)) return { code: 'UNKNOWN_BODY_PARAMETER', field: at(name), detail: 'Unknown body parameter.' }
      if (sent && known['readOnly'] === true) return { code: 'UNEXPECTED_VALUE', field: at(name), detail: 'Read-only fields cannot be set.' }
      return inner === undefined ? undefined : look(known, inner, { field: at(name), sent })
    }),
  )
}

function bounds(schema: JsonRecord, value: number, wrong: Wrong): Misfit | undefined {
  const { minimum, maximum } = schema
  if (typeof minimum === 'number' && value < minimum) return wrong('VALUE_TOO_LOW', `Must be at least ${minimum}.`)
  return typeof maximum === 'number' && value > maximum ? wrong('VALUE_TOO_HIGH', `Must be at most ${maximum}.`) : undefined
}

function words(schema: JsonRecord, value: string, wrong: Wrong): Misfit | undefined {
  const { enum: allowed, minLength, maxLength } = schema
  if (Array.isArray(allowed) && !allowed.includes(value)) return wrong('INVALID_ENUM_VALUE', 'Invalid enum value.')
  if (typeof minLength === 'number' && value.length < minLength) return wrong('VALUE_TOO_SHORT', 'The value is too short.')
  return typeof maxLength === 'number' && value.length > maxLength ? wrong('VALUE_TOO_LONG', 'The value is too long.') : undefined
}

function first(looks: readonly (() => Misfit | undefined)[]): Misfit | undefined {
  for (const one of looks) {
    const found = one()
    if (found) return found
  }
  return undefined
}
