// Cuts Square's OpenAPI document down to the calls the simulator answers.
// Usage: npx tsx scripts/square-spec.ts <api.json of github.com/square/connect-api-specification>   writes sandbox/square/openapi.json
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isRecord, type JsonRecord } from '../sandbox/stage/json-input.ts'

/** Method and path of every call the connector makes. */
const CALLS = [
  'post /oauth2/token',
  'get /v2/locations',
  'post /v2/orders/search',
  'post /v2/orders/batch-retrieve',
  'get /v2/orders/{order_id}',
  'put /v2/orders/{order_id}',
  'get /v2/refunds',
  'get /v2/catalog/list',
  'post /v2/catalog/batch-retrieve',
  'post /v2/inventory/counts/batch-retrieve',
  'post /v2/inventory/changes/batch-create',
  'get /v2/webhooks/subscriptions',
  'post /v2/webhooks/subscriptions',
  'get /v2/webhooks/subscriptions/{subscription_id}',
  'put /v2/webhooks/subscriptions/{subscription_id}',
  'delete /v2/webhooks/subscriptions/{subscription_id}',
] as const

/** What decides whether a value fits; words for people are left out. */
const KEPT = new Set(['type', 'enum', '$ref', 'required', 'nullable', 'readOnly', 'maxLength', 'minLength', 'minimum', 'maximum'])

const path = process.argv[2]
if (path === undefined) throw new Error('Name the vendor’s api.json.')
const spec: unknown = JSON.parse(readFileSync(path, 'utf8'))

const at = (value: unknown, ...steps: readonly string[]): unknown =>
  steps.reduce<unknown>((inner, step) => (isRecord(inner) ? inner[step] : undefined), value)
const nameOf = (ref: unknown): string => (typeof ref === 'string' ? (ref.split('/').at(-1) ?? '') : '')
const schemas: Record<string, unknown> = {}

function cut(schema: unknown): JsonRecord {
  if (!isRecord(schema)) return {}
  const kept: Record<string, unknown> = Object.fromEntries(Object.entries(schema).filter(([name]) => KEPT.has(name)))
  const { properties, items } = schema
  if (isRecord(properties)) kept['properties'] = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, cut(value)]))
  if (items !== undefined) kept['items'] = cut(items)
  if (kept['$ref'] !== undefined) {
    kept['$ref'] = nameOf(kept['$ref'])
    reach(nameOf(schema['$ref']))
  }
  return kept
}

function reach(name: string): string {
  if (name === '' || name in schemas) return name
  schemas[name] = {}
  schemas[name] = cut(at(spec, 'components', 'schemas', name))
  return name
}

const calls = CALLS.map((call) => {
  const [method = '', address = ''] = call.split(' ')
  const operation = at(spec, 'paths', address, method)
  if (!isRecord(operation)) throw new Error(`The document has no ${call}.`)
  const parameters = Array.isArray(operation['parameters']) ? operation['parameters'] : []
  const json = (side: unknown): string => reach(nameOf(at(side, 'content', 'application/json', 'schema', '$ref')))
  return [
    call,
    {
      request: json(operation['requestBody']),
      response: json(at(operation, 'responses', '200')),
      query: parameters.filter((each) => at(each, 'in') === 'query').map((each) => String(at(each, 'name'))),
    },
  ] as const
})

const lines = [
  '{',
  `"source": "github.com/square/connect-api-specification api.json, Square-Version 2025-08-20",`,
  '"license": "Apache-2.0 (c) Square, Inc.; cut: only the schemas these calls reach, without descriptions and examples",',
  '"calls": {',
  calls.map(([call, value]) => `${JSON.stringify(call)}: ${JSON.stringify(value)}`).join(',\n'),
  '},',
  '"schemas": {',
  Object.entries(schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n'),
  '}',
  '}',
]
const file = fileURLToPath(new URL('../sandbox/square/openapi.json', import.meta.url))
writeFileSync(file, `${lines.join('\n')}\n`)
process.stdout.write(`wrote ${file}: ${calls.length} calls, ${Object.keys(schemas).length} schemas\n`)
