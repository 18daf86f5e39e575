import type { Doc } from './views.ts'

/** The part of an address behind its `?`, as Express reads it: `a=1`, `a[]=1&a[]=2`, `a[0]=1`, `a[$gte]=1`, `a[$nin][]=1`. */
export interface Filters {
  one(name: string): string | undefined
  all(name: string): readonly string[]
}

export function filtersOf(url: string): Filters {
  const found = new Map<string, string[]>()
  for (const [name, value] of new URL(url).searchParams) {
    const plain = name.replace(/\[\d*\]$/, '')
    found.set(plain, [...(found.get(plain) ?? []), value])
  }
  return { one: (name) => found.get(name)?.at(-1), all: (name) => found.get(name) ?? [] }
}

/** Members a document shows without being asked for. */
const ALWAYS = ['id', 'status', 'version', 'items', 'payment_status', 'fulfillment_status']
const DEFAULTS = [...ALWAYS, 'display_id', 'custom_display_id', 'total', 'metadata', 'locale', 'created_at', 'updated_at']
const RETRIEVED = [...DEFAULTS, 'region_id', 'credit_lines', 'shipping_address', 'billing_address', 'shipping_methods', 'payment_collections']

/**
 * Only what was asked for by name: `a,b` instead of the defaults, `+a` beside them, `*relation` with all of its members. A relation
 * of a relation is there only when it is named itself.
 */
export function selected(doc: Doc, fields: string | undefined, kind: 'list' | 'retrieve'): Doc {
  const asked = (fields ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const usual = kind === 'list' ? DEFAULTS : RETRIEVED
  const isBeside = asked.length === 0 || asked.some((name) => name.startsWith('+') || name.startsWith('-'))
  const names = new Set([...(isBeside ? usual : ALWAYS), ...asked.map((name) => name.replace(/^[+*]/, ''))])
  for (const name of asked) if (name.startsWith('-')) names.delete(name.slice(1))
  const isUsual = asked.length === 0 && kind === 'retrieve'
  return Object.fromEntries(
    Object.entries(doc)
      .filter(([name]) => names.has(name) || [...names].some((each) => each.startsWith(`${name}.`)))
      .map(([name, value]) => [name, isUsual || !RELATIONS.has(name) ? value : inner(value, name, names)]),
  )
}

/** Relations of relations, which nobody gets unasked. */
const NESTED: ReadonlyMap<string, readonly string[]> = new Map([
  ['payment_collections', ['payments']],
  ['payment_collections.payments', ['captures', 'refunds']],
  ['fulfillments', ['items', 'labels']],
  ['items', ['tax_lines', 'adjustments']],
  ['shipping_methods', ['tax_lines', 'adjustments']],
])
const RELATIONS = new Set([...NESTED.keys()])

function inner(value: unknown, path: string, names: ReadonlySet<string>): unknown {
  if (!Array.isArray(value)) return value
  const hidden = NESTED.get(path) ?? []
  return value.map((each: unknown) =>
    Object.fromEntries(
      Object.entries(Object(each)).flatMap(([name, member]): readonly (readonly [string, unknown])[] => {
        const at = `${path}.${name}`
        if (!hidden.includes(name)) return [[name, member]]
        return names.has(at) ? [[name, inner(member, at, names)]] : []
      }),
    ),
  )
}
