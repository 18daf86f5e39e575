import { createHash } from 'node:crypto'
import type pg from 'pg'
import { readEscrows, stockFree, type EscrowRow } from '../store/deliver/escrow.ts'
import { readLevels, type Level } from '../store/deliver/levels.ts'
import { ruledListings, type RuledListing } from '../store/deliver/stock-rules.ts'
import type { StockRule } from '../store/read/stock-rules.ts'
import { desiredLevel } from './desired.ts'
import { quotaListing } from './push-quota.ts'
import { shareOut } from './quota.ts'
import { decidedBy, ruleBook, type RuleField } from './rules.ts'
import { scalesOf, type Scale, type Scales } from './rule-scales.ts'

/** What one listing would show before and after; null = it is told nothing, `reason` says why. */
export interface RulePreviewItem {
  readonly listing: RuledListing
  readonly before: number | null
  readonly after: number | null
  readonly reason: string | null
  /** The rules that would decide, field by field. */
  readonly by: readonly { readonly field: RuleField; readonly rule: string; readonly id: number }[]
}
export interface RulePreview {
  /** One per bound listing, by SKU and connection. */
  readonly items: readonly RulePreviewItem[]
  readonly totals: PreviewTotals
  /** Names these rules for these listings; not the levels, which move with every order. */
  readonly hash: string
}
export interface PreviewTotals {
  readonly listings: number
  readonly changed: number
  readonly lower: number
  readonly raise: number
  /** Would show 0 and now show something. */
  readonly zero: number
  readonly published_before: number
  readonly published_after: number
  /** What could be sold twice at worst: Σ over SKUs of what is shown beyond what may be promised; listings under quota never add to it. */
  readonly exposure_before: number
  readonly exposure_after: number
}

/** Rules and the moment they are asked for, ISO UTC. */
export interface RulesAt {
  readonly rules: readonly StockRule[]
  readonly at: string
}

interface Books {
  readonly levels: ReadonlyMap<string, Level>
  readonly escrows: ReadonlyMap<string, readonly EscrowRow[]>
  readonly free: ReadonlyMap<string, number>
}

/**
 * What every listing of every channel would show with other rules or at another time, with the stock of now. A listing under quota has its target
 * here: it gets there as units become free. Changes nothing.
 */
export async function previewRules(client: pg.ClientBase | pg.Pool, before: RulesAt, after: RulesAt, seed: unknown, now: Date): Promise<RulePreview> {
  const listings = await ruledListings(client)
  const skus = [...new Set(listings.map(({ sku }) => sku))]
  const books = await readBooks(client, skus, listings, now)
  const [old, fresh] = [
    await scalesOf(client, ruleBook(before.rules, before.at), skus),
    await scalesOf(client, ruleBook(after.rules, after.at), skus),
  ]
  const hash = createHash('sha256').update(JSON.stringify(seed))
  const items: RulePreviewItem[] = []
  const exposure = { before: 0, after: 0 }
  let turn = 0
  for (const group of bySku(listings)) {
    // Others are served in between: two hundred thousand listings take a second.
    if ((turn += 1) % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
    const [a, b] = [levelsOf(group, books, old), levelsOf(group, books, fresh)]
    exposure.before += a.exposure
    exposure.after += b.exposure
    for (const [i, listing] of group.entries()) {
      const [from, to] = [a.shown[i], b.shown[i]]
      if (!from || !to) continue
      const { by: _by, located: _located, pool: _pool, atHand: _atHand, ahead: _ahead, learned: _learned, ...terms } = to.scale
      const rules = decidedBy(to.scale).map(({ field, name, id }) => ({ field, rule: name, id }))
      hash.update(JSON.stringify([listing.connection_id, listing.listing_key, listing.sku, terms]))
      items.push({ listing, before: from.level, after: to.level, reason: to.reason, by: rules })
    }
  }
  return { items, totals: totalsOf(items, exposure), hash: hash.digest('hex').slice(0, 32) }
}

async function readBooks(client: pg.ClientBase | pg.Pool, skus: readonly string[], listings: readonly RuledListing[], now: Date): Promise<Books> {
  const under = [...new Set(listings.filter(({ stock_mode: mode }) => mode === 'quota').map(({ sku }) => sku))]
  const escrows = new Map<string, EscrowRow[]>()
  for (const row of await readEscrows(client, under, now)) escrows.set(row.sku, [...(escrows.get(row.sku) ?? []), row])
  return {
    levels: new Map((await readLevels(client, skus)).map((level) => [level.sku, level])),
    escrows,
    free: under.length === 0 ? new Map() : await stockFree(client, under),
  }
}

function* bySku(listings: readonly RuledListing[]): Generator<readonly RuledListing[]> {
  let group: RuledListing[] = []
  for (const listing of listings) {
    if (group[0] !== undefined && group[0].sku !== listing.sku) {
      yield group
      group = []
    }
    group.push(listing)
  }
  if (group.length > 0) yield group
}

interface Showing {
  readonly level: number | null
  readonly reason: string | null
  readonly scale: Scale
}

/** The levels of all listings of one SKU by one set of rules. */
function levelsOf(group: readonly RuledListing[], books: Books, scales: Scales): { readonly shown: readonly Showing[]; readonly exposure: number } {
  const targets = group.some(({ stock_mode: mode }) => mode === 'quota') ? targetsOf(group, books, scales) : undefined
  const shown = group.map((listing): Showing => {
    const scale = scales.of(listing.connection_id, listing.sku, listing)
    const level = desiredLevel(listing, books.levels, listing, scale)
    if ('blocked' in level) return { level: null, reason: level.blocked, scale }
    return { level: listing.stock_mode === 'quota' ? (targets?.get(keyOf(listing)) ?? 0) : level.quantity, reason: null, scale }
  })
  const pooled = shown.reduce((sum, { level }, i) => sum + (group[i]?.stock_mode === 'shared' ? (level ?? 0) : 0), 0)
  const promisable = Math.floor(Number(books.levels.get(group[0]?.sku ?? '')?.promisable ?? 0))
  return { shown, exposure: Math.max(0, pooled - promisable) }
}

/** What listings under quota should have; one that is not under quota yet has what it shows. */
function targetsOf(group: readonly RuledListing[], books: Books, scales: Scales): ReadonlyMap<string, number> {
  const sku = group[0]?.sku ?? ''
  const rows = books.escrows.get(sku) ?? []
  const own = group.filter(({ stock_mode: mode }) => mode === 'quota')
  const row = (listing: RuledListing): EscrowRow | undefined =>
    rows.find((each) => each.connection_id === listing.connection_id && each.listing_key === listing.listing_key)
  const all = own.map((listing) => {
    const known = row(listing)
    const units = { units: known?.units ?? Number(listing.showing ?? 0), sold: known?.sold ?? 0, closed: !listing.active || listing.paused }
    return quotaListing(
      { connection_id: listing.connection_id, listing_key: listing.listing_key, ...units },
      scales.of(listing.connection_id, sku, listing),
    )
  })
  const held = own.flatMap((listing) => row(listing)?.units ?? [])
  return shareOut((books.free.get(sku) ?? 0) + held.reduce((sum, units) => sum + units, 0), all)
}

const keyOf = (listing: RuledListing): string => `${listing.connection_id}/${listing.listing_key}`

function totalsOf(items: readonly RulePreviewItem[], exposure: { readonly before: number; readonly after: number }): PreviewTotals {
  const pairs = items.flatMap(({ before, after }) => (before === null || after === null ? [] : [{ before, after }]))
  const sum = (pick: 'before' | 'after'): number => pairs.reduce((all, pair) => all + pair[pick], 0)
  return {
    listings: items.length,
    changed: items.filter(isChanged).length,
    lower: pairs.filter(({ before, after }) => after < before).length,
    raise: pairs.filter(({ before, after }) => after > before).length,
    zero: pairs.filter(({ before, after }) => after === 0 && before > 0).length,
    published_before: sum('before'),
    published_after: sum('after'),
    exposure_before: exposure.before,
    exposure_after: exposure.after,
  }
}

/** The listing would show another number. */
export const isChanged = ({ before, after }: Pick<RulePreviewItem, 'before' | 'after'>): boolean => before !== after
