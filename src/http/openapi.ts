import { z } from 'zod'
import type { Route } from './route.ts'

type Schema = Record<string, unknown>

const DESCRIPTION = `Orders in, stock and shipments out. Ids are strings, amounts are decimal strings with their currency, times are RFC 3339 in UTC.
Lists are read by following next_cursor; errors are problem documents (RFC 9457) whose code is stable. Unknown parameters and fields are refused.`

/** The OpenAPI 3.1 description of these routes. */
export function openApiDocument(routes: readonly Route[], version: string): Schema {
  const paths: Record<string, Record<string, Schema>> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Channel Hub', version, description: DESCRIPTION, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'API key: chub_<id>_<secret>' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'hub_session',
          description: 'Console session; unsafe requests must come from the console itself',
        },
      },
      schemas: { Problem: PROBLEM },
    },
  }
}

function operation(route: Route): Schema {
  const status = String(route.status ?? 200)
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(route.scope === 'public' ? { security: [] } : { description: `Needs the scope \`${route.scope}\`.` }),
    parameters: [...parameters(route, 'path'), ...parameters(route, 'query'), ...headerParameters(route)],
    ...requestBody(route),
    responses: {
      [status]:
        status === '204'
          ? { description: 'Done' }
          : { description: 'Success', content: { [route.produces ?? 'application/json']: { schema: wire(route.answer, 'output') } } },
      '4XX': problem('Refused'),
      '5XX': problem('Failed'),
    },
  }
}

const problem = (description: string): Schema => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const operationId = (route: Route): string =>
  [
    route.method,
    ...route.path
      .split('/')
      .filter((part) => part !== '' && part !== 'v1')
      .map((part) => part.replaceAll(/[{}]/g, '')),
  ]
    .join('_')
    .replaceAll(/[^A-Za-z0-9_]/g, '_')

function parameters(route: Route, place: 'path' | 'query'): Schema[] {
  const schema = wire(place === 'path' ? route.params : route.query, 'input')
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(isRecord(schema['properties']) ? schema['properties'] : {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

function headerParameters(route: Route): Schema[] {
  const idempotent = route.method === 'post' && route.scope !== 'public' && route.raw === undefined
  return idempotent ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string', pattern: '^[!-~]{1,200}$' } }] : []
}

function requestBody(route: Route): Schema {
  if (route.raw !== undefined) return { requestBody: { required: true, content: { [route.raw.contentType]: { schema: route.raw.schema } } } }
  if (route.method === 'get' || route.method === 'delete') return {}
  const schema = wire(route.body, 'input')
  const required = Array.isArray(schema['required']) && schema['required'].length > 0
  return { requestBody: { required: required || schema['type'] !== 'object', content: { 'application/json': { schema } } } }
}

/** JSON Schema 2020-12 of one zod schema as it travels; `x-wire` replaces what parsing turned into something else. */
export function wire(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: ({ jsonSchema }) => replaceWire(jsonSchema) })
  return rest
}

function replaceWire(schema: Record<string, unknown>): void {
  const own = schema['x-wire']
  if (!isRecord(own)) return
  for (const key of Object.keys(schema)) delete schema[key]
  Object.assign(schema, own)
}

const isRecord = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)

const PROBLEM: Schema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'trace_id', 'errors', 'retryable'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    params: { type: 'object' },
    trace_id: { type: 'string' },
    retryable: { type: 'boolean' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'message'],
        properties: { pointer: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' }, params: { type: 'object' } },
      },
    },
  },
}
