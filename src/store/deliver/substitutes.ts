import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import type { Db } from '../read/scope.ts'

/** What can be sold instead of a SKU. */
export interface SubstituteRow {
  readonly sku: string
  readonly substitute: string
  readonly title: string
  readonly note: string | null
  /** What may be promised of it now, never below zero. */
  readonly promisable: string
  readonly counted: boolean
}

/** Substitutes of these SKUs, the preferred first. */
export async function listSubstitutes(db: Db, skus: readonly string[]): Promise<readonly SubstituteRow[]> {
  const { rows } = await db.query<SubstituteRow>(
    `select s.sku, s.substitute, k.title, s.note, trim_scale(greatest(0, coalesce(v.atp, 0)))::text as promisable, coalesce(v.counted, false) as counted
     from sku_substitutes s join skus k on k.sku = s.substitute left join lateral (select x.atp, x.counted from sku_levels x where x.sku = s.substitute offset 0) v on true
     where s.sku = any($1) order by s.sku, s.position`,
    [skus],
  )
  return rows
}

/** Says what can be sold instead of a SKU, whole; none is fine. @throws DomainError `sku-unknown` */
export async function setSubstitutes(
  pool: pg.Pool,
  sku: string,
  items: readonly { readonly sku: string; readonly note: string | null }[],
): Promise<void> {
  await withTx(pool, async (client) => {
    const names = [sku, ...items.map((item) => item.sku)]
    const { rows } = await client.query<{ sku: string }>('select sku from skus where sku = any($1) order by sku for update', [names])
    const missing = names.find((name) => !rows.some((row) => row.sku === name))
    if (missing !== undefined) throw new DomainError('sku-unknown', `There is no SKU "${missing}". Import it first.`, { sku: missing })
    await client.query('delete from sku_substitutes where sku = $1', [sku])
    await client.query(
      'insert into sku_substitutes (sku, substitute, position, note) select $1, x.sku, x.n, x.note from unnest($2::text[], $3::text[]) with ordinality x(sku, note, n)',
      [sku, items.map((item) => item.sku), items.map((item) => item.note)],
    )
  })
}

/** SKUs an order waits for because more was sold than there is, with the pieces of its lines. */
export async function shortOf(
  db: Db,
  orderId: string,
): Promise<readonly { readonly sku: string; readonly title: string; readonly quantity: string }[]> {
  const { rows } = await db.query<{ sku: string; title: string; quantity: string }>(
    `select h.detail as sku, coalesce(k.title, '') as title, trim_scale(coalesce(sum(l.reserved), 0))::text as quantity
     from holds h left join skus k on k.sku = h.detail left join order_lines l on l.order_id = h.order_id and l.sku = h.detail
     where h.order_id = $1 and h.code = 'stock-short' and h.released_at is null group by h.detail, k.title order by h.detail`,
    [orderId],
  )
  return rows
}
