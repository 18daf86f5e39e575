import type pg from 'pg'
import { placesOfParts } from '../store/deliver/stock-rules.ts'
import type { RuleDraft } from '../store/deliver/write-rules.ts'
import type { StockRule } from '../store/read/stock-rules.ts'
import type { RuleBook, RuleTerms } from './rules.ts'

/** What one listing may show where rules keep locations to some. Decimal text. */
interface OpenTo {
  /** With what is on its way. */
  readonly pool: string
  /** Of it, what is there. */
  readonly here: string
  /** Unreserved at the locations its own rule names; null = it names none. */
  readonly located: string | null
}
interface KeptPlaces {
  /** Undefined where no rule keeps anything of this SKU from anybody. */
  of(sku: string, terms: Pick<RuleTerms, 'locations' | 'exclusive'>): OpenTo | undefined
}

/**
 * What is open to whom, in the sense of `stock_allowed` of the database, for the rules of a book, which need not be those in force: a listing whose own rule keeps its locations
 * has what is there, every other one has all but what somebody keeps. Goods of a bundle are kept by whoever keeps the part or one of the bundles it is in.
 */
export async function loadKeptPlaces(client: pg.ClientBase | pg.Pool, book: RuleBook, skus: readonly string[]): Promise<KeptPlaces> {
  const { places, parts, names } = await placesOfParts(client, skus)
  const kept = new Map<string, Set<string>>()
  for (const { part, name, category } of names)
    for (const connectionId of book.keepers) {
      const { exclusive, locations } = book.terms({ connectionId, sku: name, category }, { stock_share: '1', stock_buffer: 0 })
      if (exclusive) kept.set(part, new Set([...(kept.get(part) ?? []), ...(locations ?? [])]))
    }
  const at = grouped(places, ({ part }) => part)
  const partsOf = grouped(parts, ({ sku }) => sku)
  return {
    of(sku, { locations, exclusive }) {
      const own = partsOf.get(sku) ?? []
      if (!exclusive && own.every(({ part }) => kept.get(part) === undefined)) return undefined
      const least = (
        count: (row: { readonly ready: string; readonly future: string }) => bigint,
        open: (location: string, part: string) => boolean,
      ): string =>
        own
          .map(({ part, per }) => {
            const sum = (at.get(part) ?? []).reduce((all, row) => (open(row.location, part) ? all + count(row) : all), 0n)
            return textOf(sum < 0n ? 0n : sum, own.length === 1 && per === '1' ? undefined : micro(per))
          })
          .reduce((a, b) => (Number(b) < Number(a) ? b : a))
      const isOpen = (location: string, part: string): boolean =>
        exclusive ? (locations?.includes(location) ?? false) : kept.get(part)?.has(location) !== true
      if (own.length === 0) return undefined
      return {
        pool: least(({ ready, future }) => micro(ready) + micro(future), isOpen),
        here: least(({ ready }) => micro(ready), isOpen),
        located:
          locations === null
            ? null
            : least(
                ({ ready }) => (ready.startsWith('-') ? 0n : micro(ready)),
                (location, part) => isOpen(location, part) && locations.includes(location),
              ),
      }
    },
  }
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(keyOf(row))
    if (group) group.push(row)
    else groups.set(keyOf(row), [row])
  }
  return groups
}

const MICRO = 1_000_000n
/** Millionths; what is smaller is left out, as if it were not there. */
function micro(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole) * MICRO + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  return text.startsWith('-') ? -value : value
}
/** As decimal text; how often `per` fits where it is given. */
function textOf(value: bigint, per?: bigint): string {
  if (per !== undefined) return String(value / per)
  const fraction = String(value % MICRO)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${value / MICRO}${fraction === '' ? '' : `.${fraction}`}`
}

interface PlaceFault {
  readonly pointer: string
  readonly code: string
  readonly message: string
}
type Keeping = Pick<StockRule, 'connection_id' | 'locations' | 'exclusive' | 'enabled' | 'starts_at' | 'ends_at'>

/**
 * What speaks against keeping locations: a rule keeps them to one connection of the shared pool; two connections that keep one location at the same time keep the same ones,
 * so that it is clear whose debts count where; and one location stays open to the others, to owe what nobody has.
 */
export function placeFaults(
  put: readonly RuleDraft[],
  others: readonly StockRule[],
  locations: readonly string[],
  quota: ReadonlySet<string>,
): readonly PlaceFault[] {
  const all: readonly Keeping[] = [...others, ...put].filter(({ exclusive, enabled }) => exclusive && enabled)
  const isAll = locations.every((id) => all.some((rule) => rule.locations?.includes(id)))
  return put.flatMap((rule, i) => {
    const fault = (code: string, message: string): PlaceFault => ({ pointer: `/put/${i}/exclusive`, code, message })
    if (!rule.exclusive) return []
    if (rule.locations === null || rule.connection_id === null)
      return [fault('exclusive-alone', 'Only locations are kept, and only to one connection: name both.')]
    if (quota.has(rule.connection_id)) return [fault('exclusive-quota', 'This connection is under quota: its units come from anywhere.')]
    if (!rule.enabled) return []
    if (isAll) return [fault('exclusive-all', 'One location has to stay open to the others: they would have none to take their goods from.')]
    return all.some((other) => overlaps(rule, other))
      ? [fault('exclusive-overlap', 'Another connection keeps some of these locations, and others beside them: name the same ones.')]
      : []
  })
}

const overlaps = (a: Keeping, b: Keeping): boolean => {
  const [own, theirs] = [new Set(a.locations), new Set(b.locations)]
  const together = (a.starts_at ?? '') < (b.ends_at ?? '9') && (b.starts_at ?? '') < (a.ends_at ?? '9')
  const shared = [...own].filter((id) => theirs.has(id)).length
  return a.connection_id !== b.connection_id && together && shared > 0 && (shared < own.size || shared < theirs.size)
}
