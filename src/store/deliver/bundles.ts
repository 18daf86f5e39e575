import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import { markSkusDirty } from './mark-dirty.ts'

export interface BundlePart {
  readonly sku: string
  /** Pieces in one bundle, decimal text. */
  readonly quantity: string
}
export interface BundleRow {
  readonly sku: string
  readonly title: string
  readonly parts: readonly BundlePart[]
}

export async function listBundles(db: Pick<pg.Pool, 'query'>, after: string | undefined, limit: number): Promise<readonly BundleRow[]> {
  const { rows } = await db.query<BundleRow>(
    `select k.sku, k.title, json_agg(json_build_object('sku', b.sku, 'quantity', trim_scale(b.quantity)::text) order by b.sku) as parts
     from bundle_parts b join skus k on k.sku = b.bundle where $1::text is null or k.sku > $1 group by k.sku order by k.sku limit $2`,
    [after ?? null, limit + 1],
  )
  return rows
}

/**
 * Says what a bundle is made of, whole; no parts make it an ordinary SKU again. Open orders keep the parts they were sold with.
 * @throws DomainError `sku-unknown`, `bundle-nested-conflict`, `bundle-stock-conflict`
 */
export async function setBundle(pool: pg.Pool, bundle: string, parts: readonly BundlePart[]): Promise<void> {
  await withTx(pool, async (client) => {
    // One at a time: two that become parts of each other would both find nothing wrong.
    await client.query(`select pg_advisory_xact_lock(hashtext('bundle_parts'))`)
    const names = parts.map(({ sku }) => sku)
    const known = await client.query<{ sku: string }>('select sku from skus where sku = any($1)', [[bundle, ...names]])
    const missing = [bundle, ...names].find((sku) => !known.rows.some((row) => row.sku === sku))
    if (missing !== undefined) throw new DomainError('sku-unknown', `There is no SKU "${missing}". Import it first.`, { sku: missing })
    if (parts.length > 0) await refuseConflicts(client, bundle, names)
    await client.query('delete from bundle_parts where bundle = $1', [bundle])
    await client.query('insert into bundle_parts (bundle, sku, quantity) select $1, * from unnest($2::text[], $3::numeric[]) order by 2', [
      bundle,
      names,
      parts.map(({ quantity }) => quantity),
    ])
    await markSkusDirty(client, [bundle])
  })
}

async function refuseConflicts(client: pg.ClientBase, bundle: string, parts: readonly string[]): Promise<void> {
  const nested = await client.query<{ sku: string }>(
    'select bundle as sku from bundle_parts where bundle = any($2) union all select sku from bundle_parts where sku = $1 limit 1',
    [bundle, parts],
  )
  if (nested.rows[0] || parts.includes(bundle))
    throw new DomainError(
      'bundle-nested-conflict',
      `"${nested.rows[0]?.sku ?? bundle}" is a bundle or in one already. A bundle is made of single goods.`,
      { sku: nested.rows[0]?.sku ?? bundle },
    )
  const { rows } = await client.query<{ location: string }>(
    'select location from stock where sku = $1 and (on_hand, reserved) <> (0, 0) order by location for update',
    [bundle],
  )
  if (rows[0])
    throw new DomainError(
      'bundle-stock-conflict',
      `"${bundle}" has goods or open orders of its own at "${rows[0].location}". Move the goods to its parts (count it to 0) and finish those orders first.`,
      { sku: bundle, location: rows[0].location },
    )
}
