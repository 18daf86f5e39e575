import { GraphQLError } from 'graphql'
import type { Context } from './context.ts'

export interface PageArgs {
  readonly first?: number | null
  readonly after?: string | null
  readonly reverse?: boolean | null
}

interface Sorted<T> {
  readonly items: readonly T[]
  readonly id: (item: T) => string
  /** What the list is sorted by; ids break ties. */
  readonly value: (item: T) => string
  readonly view: (item: T) => unknown
}

const most = 250

export const badRequest = (message: string, code = 'BAD_REQUEST'): GraphQLError => new GraphQLError(message, { extensions: { code } })

const encode = (value: string, id: string): string => Buffer.from(JSON.stringify({ last_id: id, last_value: value })).toString('base64')

function decode(cursor: string): readonly [string, string] {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor.replace(/\.e$/, ''), 'base64').toString('utf8'))
    if (typeof read === 'object' && read !== null && 'last_id' in read && 'last_value' in read) return [String(read.last_value), String(read.last_id)]
  } catch {
    // answered below
  }
  throw badRequest(`Invalid cursor for current pagination sort.`)
}

const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

/** A page behind a cursor, as Shopify pages: behind a last element, so that what changes meanwhile shifts nothing. Inside a bulk query all of it. */
export function connection<T>({ items, id, value, view }: Sorted<T>, args: PageArgs, context: Context): unknown {
  const order = args.reverse ? -1 : 1
  const compare = (a: readonly [string, string], b: readonly [string, string]): number =>
    (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : byNumber(a[1], b[1])) * order
  const keyed = items.map((item) => ({ item, key: [value(item), id(item)] as const })).sort((a, b) => compare(a.key, b.key))
  const first = context.bulk ? keyed.length : args.first
  if (first === undefined || first === null) throw badRequest('you must provide one of first or last')
  if (!context.bulk && (first < 0 || first > most)) throw badRequest(`first cannot exceed ${most}`)
  const after = args.after ? decode(args.after) : undefined
  const rest = after ? keyed.filter((one) => compare(one.key, after) > 0) : keyed
  return pageOf(rest.slice(0, first), { more: rest.length > first, before: after !== undefined, view })
}

function pageOf<T>(
  page: readonly { readonly item: T; readonly key: readonly [string, string] }[],
  { more, before, view }: { readonly more: boolean; readonly before: boolean; readonly view: (item: T) => unknown },
): unknown {
  const cursor = (one: { readonly key: readonly [string, string] } | undefined): string | null => (one ? encode(...one.key) : null)
  return {
    nodes: () => page.map(({ item }) => view(item)),
    edges: () => page.map((one) => ({ cursor: cursor(one), node: view(one.item) })),
    pageInfo: { hasNextPage: more, hasPreviousPage: before, startCursor: () => cursor(page[0]), endCursor: () => cursor(page.at(-1)) },
  }
}

/** A connection whose elements keep the order they stand in. */
export function listConnection<T>(items: readonly T[], view: (item: T) => unknown, args: PageArgs, context: Context): unknown {
  const numbered = items.map((item, n) => ({ item, n }))
  return connection({ items: numbered, id: ({ n }) => String(n), value: () => '', view: ({ item }) => view(item) }, args, context)
}
