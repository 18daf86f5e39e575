import { DomainError } from '../core/fault.ts'
import type { Instant } from '../core/order.ts'
import { applyCounts } from '../store/deliver/count-stock.ts'
import { lockStock } from '../store/deliver/lock-stock.ts'
import { markSkusDirty } from '../store/deliver/mark-dirty.ts'
import { requireOwner } from '../store/deliver/owners.ts'
import { findStockTake, insertStockTake, type StockTakeRow, uncounted } from '../store/deliver/stock-takes.ts'
import { withTx } from '../store/db.ts'
import type { StockContext } from './stock.ts'

export interface StockTakeInput {
  /** Number of the document: the same again is the same stock-take. */
  readonly ref: string
  readonly location: string
  /** When it was counted. What moved since is kept on top. */
  readonly asOf: Instant
  /** All that is there was counted: what is not named is not there. */
  readonly whole: boolean
  readonly note?: string | undefined
  readonly lines: readonly { readonly sku: string; readonly counted: string }[]
}

/**
 * Books one stock-take in one transaction: each line is a count as of that moment. A known `ref` answers what was booked then.
 * @throws DomainError `location-unknown`, `location-owned`
 */
export async function bookStockTake(
  context: StockContext,
  input: StockTakeInput,
): Promise<{ readonly take: StockTakeRow; readonly repeated: boolean }> {
  return withTx(context.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('stock-take ' || $1))`, [input.ref])
    const known = await findStockTake(client, { ref: input.ref })
    if (known) return { take: known, repeated: true }
    const place = await client.query('select 1 from locations where id = $1', [input.location])
    if (place.rowCount === 0) throw new DomainError('location-unknown', `There is no location "${input.location}".`)
    await requireOwner(client, [input.location], context.actor)
    const absent = input.whole
      ? await uncounted(
          client,
          input.location,
          input.lines.map(({ sku }) => sku),
        )
      : []
    const counts = [...input.lines, ...absent.map((sku) => ({ sku, counted: '0' }))].map(({ sku, counted }) => ({
      sku,
      location: input.location,
      onHand: counted,
      asOf: input.asOf,
      ref: `take/${input.ref}`,
    }))
    await lockStock(client, counts)
    const rows = await applyCounts(client, counts, context.actor, context.now)
    const bySku = new Map(rows.map((row) => [row.sku, row]))
    const lines = counts.map(({ sku, onHand }) => ({
      sku,
      counted: onHand,
      result: bySku.get(sku)?.result ?? 'unknown-sku',
      delta: plainNumber(bySku.get(sku)?.delta ?? '0'),
    }))
    await markSkusDirty(
      client,
      rows.filter((row) => row.result === 'set').map((row) => row.sku),
    )
    const take = await insertStockTake(
      client,
      { ref: input.ref, location: input.location, as_of: input.asOf, whole: input.whole, note: input.note ?? null, lines },
      context.actor,
      context.now,
    )
    if (!take) throw new DomainError('stock-answer-missing', `Stock-take ${input.ref} was not stored.`)
    return { take, repeated: false }
  })
}

/** "-3.000" is -3. */
const plainNumber = (decimal: string): string => (decimal.includes('.') ? decimal.replace(/0+$/, '').replace(/\.$/, '') : decimal)
