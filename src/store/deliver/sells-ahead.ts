import type pg from 'pg'
import { withTx } from '../db.ts'
import { markSkusDirty } from './mark-dirty.ts'

/** Says whether what is on its way of these SKUs may be sold; answers those that changed. Unknown ones are passed over. */
export async function setSellsAhead(pool: pg.Pool, skus: readonly string[], ahead: boolean): Promise<readonly string[]> {
  return withTx(pool, async (client) => {
    await client.query('select 1 from skus where sku = any($1) order by sku for update', [skus])
    const { rows } = await client.query<{ sku: string }>(
      'update skus set sells_ahead = $2, updated_at = now() where sku = any($1) and sells_ahead <> $2 returning sku',
      [skus, ahead],
    )
    const changed = rows.map(({ sku }) => sku).toSorted()
    await markSkusDirty(client, changed)
    return changed
  })
}
