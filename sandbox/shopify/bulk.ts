import { execute, getNamedType, isListType, isNonNullType, parse, TypeInfo, validate, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql'
import type { JsonRecord } from '../stage/json-input.ts'
import { asRecord } from '../stage/json-input.ts'
import type { ShopifyBulk } from './model.ts'
import type { ShopifyShop } from './shop.ts'

const mostConnections = 5
const mostLevels = 2

/** Why a query cannot run in bulk, in Shopify's manner; undefined when it can. */
export function bulkRefusal(schema: GraphQLSchema, query: string): string | undefined {
  try {
    const document = parse(query)
    const errors = validate(schema, document)
    if (errors[0]) return `Invalid bulk query: ${errors[0].message}`
    let [connections, level, deepest, inList, listed] = [0, 0, 0, 0, false]
    const info = new TypeInfo(schema)
    const kindOf = (): 'connection' | 'list' | 'other' => {
      const type = info.getType()
      if (!type) return 'other'
      if (getNamedType(type).name.endsWith('Connection')) return 'connection'
      const bare = isNonNullType(type) ? type.ofType : type
      return isListType(bare) && !getNamedType(bare).name.endsWith('Edge') ? 'list' : 'other'
    }
    visit(
      document,
      visitWithTypeInfo(info, {
        Field: {
          enter(node) {
            const kind = node.selectionSet ? kindOf() : 'other'
            if (kind === 'connection') {
              connections += 1
              level += 1
              deepest = Math.max(deepest, level)
              listed ||= inList > 0
            }
            if (kind === 'list') inList += 1
          },
          leave(node) {
            const kind = node.selectionSet ? kindOf() : 'other'
            if (kind === 'connection') level -= 1
            if (kind === 'list') inList -= 1
          },
        },
      }),
    )
    if (connections === 0) return 'Bulk queries must contain at least one connection.'
    if (connections > mostConnections) return `Bulk queries cannot contain more than ${mostConnections} connections.`
    if (deepest > mostLevels) return `Bulk queries cannot contain connections with a nesting depth greater than ${mostLevels}.`
    return listed ? 'Queries that contain a connection field within a list field are not currently supported.' : undefined
  } catch (error) {
    return error instanceof Error ? `Invalid bulk query: ${error.message}` : 'Invalid bulk query'
  }
}

/** A look at an operation moves it on: created, running, done. */
export function createBulkRunner(shop: ShopifyShop, schema: GraphQLSchema, rootValue: unknown): (bulk: ShopifyBulk) => void {
  return (bulk) => {
    if (bulk.status === 'CREATED') {
      bulk.status = 'RUNNING'
      return
    }
    if (bulk.status !== 'RUNNING') return
    const result = execute({ schema, document: parse(bulk.query), rootValue, contextValue: { bulk: true, returned: [] } })
    if (result instanceof Promise) throw new Error('A bulk query waited for something.')
    const lines: string[] = []
    if (result.errors?.length || !result.data) {
      bulk.status = 'FAILED'
      return
    }
    for (const value of Object.values(asRecord(result.data))) bulk.roots += edgesOf(value).length
    for (const value of Object.values(asRecord(result.data))) for (const node of edgesOf(value)) write(node, undefined, lines)
    bulk.result = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8')
    bulk.objects = lines.length
    bulk.completedAt = shop.stamp()
    bulk.status = 'COMPLETED'
  }
}

const isConnection = (value: unknown): boolean => typeof value === 'object' && value !== null && 'edges' in value
const edgesOf = (value: unknown): readonly JsonRecord[] => {
  const { edges } = asRecord(value)
  return Array.isArray(edges) ? edges.map((edge: unknown) => asRecord(asRecord(edge)['node'])) : []
}

/** A line per object, elements of its connections right behind it with `__parentId` (`groupObjects: true`). */
function write(node: JsonRecord, parentId: unknown, lines: string[]): void {
  const plain = Object.entries(node).filter(([, value]) => !isConnection(value))
  lines.push(JSON.stringify({ ...Object.fromEntries(plain), ...(parentId === undefined ? {} : { __parentId: parentId }) }))
  for (const value of Object.values(node)) if (isConnection(value)) for (const child of edgesOf(value)) write(child, node['id'], lines)
}

/** The result file, whole or the stretch a Range header asks for, as object storage serves it. */
export function serveResult(bulk: ShopifyBulk | undefined, range: string | undefined): Response {
  const file = bulk?.result
  if (!file) return new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403, headers: { 'content-type': 'application/xml' } })
  const headers = { 'content-type': 'application/jsonl', 'accept-ranges': 'bytes' }
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (!match) return new Response(new Uint8Array(file), { headers })
  const from = Number(match[1])
  const to = Math.min(match[2] ? Number(match[2]) : file.length - 1, file.length - 1)
  if (from >= file.length) return new Response('', { status: 416, headers: { ...headers, 'content-range': `bytes */${file.length}` } })
  return new Response(new Uint8Array(file.subarray(from, to + 1)), {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${file.length}` },
  })
}
