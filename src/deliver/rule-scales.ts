import type pg from 'pg'
import { rulesInForce, type StockRule } from '../store/read/stock-rules.ts'
import { learnedBuffers, learnedKey } from '../store/deliver/learned-buffers.ts'
import { loadKeptPlaces } from './kept-places.ts'
import { type AtHand, categoriesOf, openListings, promisedAtHand, unreservedAt } from '../store/deliver/stock-rules.ts'
import { ruleBook, type RuleBase, type RuleBook, type RuleTerms } from './rules.ts'

/** What decides, beside its stock, how much one listing shows. */
export interface Scale extends RuleTerms {
  /** What may be promised to it where rules keep locations to some listings, decimal text; null = the same as to all. */
  readonly pool: string | null
  /** Unreserved at the locations that feed it, decimal text; null = all locations do. */
  readonly located: string | null
  /** Of what may be promised, what is there already; null = what is on its way counts too. */
  readonly atHand: AtHand | null
  /** Kept back beside the buffer, by what sells there while a level is on its way; 0 where the connection does not learn. */
  readonly learned: number
  /** Open listings of the same SKU that are given the last pieces before this one. */
  readonly ahead: number
}

/** The rules as they hold for some SKUs. */
export interface Scales {
  of(connectionId: string, sku: string, base: RuleBase): Scale
}

/** The rules in force for these SKUs. `keeper` is whom the rules are kept for between two changes of them: the pool. */
export async function loadScales(client: pg.ClientBase | pg.Pool, keeper: object, skus: readonly string[]): Promise<Scales> {
  const { rules, effective_at: at } = await rulesInForce(client, keeper)
  const before = books.get(rules)
  const book = before?.at === at ? before.book : ruleBook(rules, at)
  books.set(rules, { at, book })
  return scalesOf(client, book, skus)
}

const books = new WeakMap<readonly StockRule[], { readonly at: string; readonly book: RuleBook }>()

/** Looks up what the rules of a book ask for; nothing where no rule asks. */
export async function scalesOf(client: pg.ClientBase | pg.Pool, book: RuleBook, skus: readonly string[]): Promise<Scales> {
  const categories = book.byCategory ? await categoriesOf(client, skus) : new Map<string, string>()
  const terms = (connectionId: string, sku: string, base: RuleBase): RuleTerms =>
    book.terms({ connectionId, sku, category: categories.get(sku) ?? null }, base)
  const kept = book.keepers.length === 0 ? undefined : await loadKeptPlaces(client, book, skus)
  const asks = book.places.flatMap((locations) => skus.map((sku) => ({ sku, locations })))
  const there = asks.length === 0 ? [] : await unreservedAt(client, asks)
  const learned = await learnedBuffers(client, skus)
  const atHand = book.keepsAtHand ? await promisedAtHand(client, skus) : new Map<string, AtHand>()
  const located = new Map(asks.map(({ sku, locations }, i) => [placeKey(sku, locations), there[i] ?? '0']))
  const priorities = new Map<string, number[]>()
  if (book.ranks) {
    for (const { sku, connection_id: id } of await openListings(client, skus))
      priorities.set(sku, [...(priorities.get(sku) ?? []), terms(id, sku, NO_BASE).priority])
  }
  const scales: Scales = {
    of(connectionId, sku, base) {
      const own = terms(connectionId, sku, base)
      const open = kept?.of(sku, own)
      return {
        ...own,
        pool: open?.pool ?? null,
        located: open?.located ?? (own.locations === null ? null : (located.get(placeKey(sku, own.locations)) ?? '0')),
        atHand: own.at_hand ? (open ? { all: open.here, shared: open.here } : (atHand.get(sku) ?? NOTHING)) : null,
        learned: learned.get(learnedKey(connectionId, sku)) ?? 0,
        ahead: (priorities.get(sku) ?? []).filter((priority) => priority > own.priority).length,
      }
    },
  }
  return book.silent && learned.size === 0 ? alike(scales) : scales
}

/** Where no rule speaks and nobody learns, all listings of a connection have the same. */
function alike(scales: Scales): Scales {
  let last: { readonly base: RuleBase; readonly scale: Scale } | undefined
  return {
    of(connectionId, sku, base) {
      if (last?.base !== base) last = { base, scale: scales.of(connectionId, sku, base) }
      return last.scale
    },
  }
}

const NOTHING: AtHand = { all: '0', shared: '0' }
const NO_BASE: RuleBase = { stock_share: '1', stock_buffer: 0 }
const placeKey = (sku: string, locations: readonly string[]): string => `${sku}\u0001${locations.join('\u0001')}`
