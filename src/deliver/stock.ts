import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { applyCounts, type StockCount, type StockCounted } from '../store/deliver/count-stock.ts'
import { applyHeld, applySafety, type HeldMovement, type KeptBack, type SafetyLevel } from '../store/deliver/held-stock.ts'
import { lockStock } from '../store/deliver/lock-stock.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { applyMovements, type StockMovement, type StockMoved } from '../store/deliver/move-stock.ts'
import { requireOwner } from '../store/deliver/owners.ts'
import { withTx } from '../store/db.ts'

export type { StockCount, StockMovement }
export type CountOutcome = Omit<StockCounted, 'result'> & { readonly result: StockCounted['result'] | 'outdated-in-batch' }

export interface StockContext {
  readonly pool: pg.Pool
  /** Who says so: `key:…`, `user:…`, `cli`. */
  readonly actor: string
  readonly now: Date
}

const UNSIGNED = /^\d{1,12}(?:\.\d{1,6})?$/
const SIGNED = /^-?\d{1,12}(?:\.\d{1,6})?$/
const MAX_ITEMS = 1000

/**
 * Sets absolute counts. Late and repeated messages are harmless: an older `asOf` than the one that stands is ignored, a
 * known `ref` does nothing. One answer per item, in order; a bad item never stops the others.
 * @throws DomainError `too-many-items`, `quantity-unreadable`, `location-owned`
 */
export async function setStock(context: StockContext, counts: readonly StockCount[]): Promise<readonly CountOutcome[]> {
  check(
    counts.map((count) => count.onHand),
    UNSIGNED,
  )
  const newest = new Map<string, StockCount>()
  for (const count of counts) {
    const key = keyOf(count)
    const rival = newest.get(key)
    if (!rival || isNewer(count, rival)) newest.set(key, count)
  }
  const applied = await withTx(context.pool, async (client) => {
    const items = [...newest.values()]
    await requireOwner(client, places(items), context.actor)
    await lockStock(client, items)
    const rows = await applyCounts(client, items, context.actor, context.now)
    await markSkusDirty(
      client,
      rows.filter((row) => row.result === 'set').map((row) => row.sku),
    )
    return new Map(rows.map((row) => [keyOf(row), row]))
  })
  return counts.map((count) => {
    const row = applied.get(keyOf(count))
    if (!row) throw new DomainError('stock-answer-missing', `No answer for SKU ${count.sku} at ${count.location}.`)
    return newest.get(keyOf(count)) === count ? row : { ...row, result: 'outdated-in-batch' }
  })
}

/**
 * Applies receipts, issues and corrections. `ref` makes a repeat harmless; a movement older than the last count is noted
 * but changes nothing, because the count has already seen it.
 * @throws DomainError `too-many-items`, `quantity-unreadable`, `reference-required`, `location-owned`
 */
export async function moveStock(context: StockContext, movements: readonly StockMovement[]): Promise<readonly StockMoved[]> {
  check(
    movements.map((movement) => movement.delta),
    SIGNED,
  )
  if (movements.some((movement) => movement.ref.trim() === ''))
    throw new DomainError('reference-required', 'Every movement needs a ref, so that sending it twice is harmless.')
  return withTx(context.pool, async (client) => {
    await requireOwner(client, places(movements), context.actor)
    await lockStock(client, movements)
    const rows = await applyMovements(client, movements, context.actor, context.now)
    await markSkusDirty(
      client,
      rows.filter((row) => row.result === 'moved').map((row) => row.sku),
    )
    return rows
  })
}

/**
 * Sets what is always kept back of a SKU at a place. Not a count: anybody may.
 * @throws DomainError `too-many-items`, `quantity-unreadable`
 */
export async function setSafety(context: StockContext, items: readonly SafetyLevel[]): Promise<readonly KeptBack[]> {
  check(
    items.map((item) => item.safety),
    UNSIGNED,
  )
  return keepBack(context, items, (client) => applySafety(client, items, context.actor, context.now))
}

/**
 * Puts pieces aside that are there but not for sale (damaged, being checked), or brings them back. The same `ref` twice does nothing.
 * @throws DomainError `too-many-items`, `quantity-unreadable`, `location-owned`
 */
export async function putAside(context: StockContext, items: readonly HeldMovement[]): Promise<readonly KeptBack[]> {
  check(
    items.map((item) => item.delta),
    SIGNED,
  )
  return keepBack(context, items, async (client) => {
    await requireOwner(client, places(items), context.actor)
    return applyHeld(client, items, context.actor, context.now)
  })
}

async function keepBack(
  context: StockContext,
  items: readonly { readonly sku: string; readonly location: string }[],
  apply: (client: pg.PoolClient) => Promise<readonly KeptBack[]>,
): Promise<readonly KeptBack[]> {
  return withTx(context.pool, async (client) => {
    await lockStock(client, items)
    const rows = await apply(client)
    await markSkusDirty(
      client,
      rows.filter((row) => row.result === 'set' || row.result === 'moved').map((row) => row.sku),
    )
    return rows
  })
}

const places = (items: readonly { readonly location: string }[]): readonly string[] => items.map(({ location }) => location)
const keyOf = (item: { readonly sku: string; readonly location: string }): string => `${item.sku}\u0001${item.location}`

/** Of two counts of one SKU in one message: the later instant, none = now; at the same instant the lower. */
function isNewer(count: StockCount, rival: StockCount): boolean {
  const a = count.asOf === undefined ? Infinity : Date.parse(count.asOf)
  const b = rival.asOf === undefined ? Infinity : Date.parse(rival.asOf)
  if (a !== b) return a > b
  return a === Infinity || Number(count.onHand) < Number(rival.onHand)
}

function check(quantities: readonly string[], form: RegExp): void {
  if (quantities.length > MAX_ITEMS) throw new DomainError('too-many-items', `At most ${MAX_ITEMS} items at once.`, { limit: MAX_ITEMS })
  const bad = quantities.findIndex((quantity) => !form.test(quantity))
  if (bad >= 0)
    throw new DomainError('quantity-unreadable', `Item ${bad + 1}: "${(quantities[bad] ?? '').slice(0, 30)}" is not a quantity.`, { item: bad })
}
