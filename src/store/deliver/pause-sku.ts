import type pg from 'pg'
import { withTx } from '../db.ts'
import { markSkusDirty } from './mark-dirty.ts'

/** Tells no channel a level of this SKU from the next plan on; writes on the wire end as they do. False when there is no such SKU. */
export const pauseSku = (
  pool: pg.Pool,
  { sku, reason, actor, now }: { readonly sku: string; readonly reason: string; readonly actor: string; readonly now: Date },
): Promise<boolean> => set(pool, sku, { reason, actor, at: now })

/** Its listings are told their newest level. False when there is no such SKU. */
export const resumeSku = (pool: pg.Pool, sku: string): Promise<boolean> => set(pool, sku, { reason: null, actor: null, at: null })

const set = (
  pool: pg.Pool,
  sku: string,
  said: { readonly reason: string | null; readonly actor: string | null; readonly at: Date | null },
): Promise<boolean> =>
  withTx(pool, async (client) => {
    const { rowCount } = await client.query(
      'update skus set push_paused_reason = $2, push_paused_by = $3, push_paused_at = $4, updated_at = now() where sku = $1',
      [sku, said.reason, said.actor, said.at],
    )
    await markSkusDirty(client, [sku])
    return rowCount === 1
  })
