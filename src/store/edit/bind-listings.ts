import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'

export interface Binding {
  readonly connection: string
  readonly listing_key: string
  /** null = take the binding away. */
  readonly sku: string | null
  /** Never to be bound: lines with it need no goods of ours. */
  readonly ignore: boolean
  /** Leave it as it is where somebody decided in the meantime. */
  readonly ifUnbound?: boolean
}

export interface BindResult {
  readonly bound: number
  /** Orders that wait for these bindings: replay them to release them. */
  readonly order_ids: readonly string[]
}

/**
 * Binds listings to SKUs by a person's decision; stock levels follow at once, waiting orders by a replay.
 * @throws DomainError `sku-unknown`, `listing-unknown`
 */
export async function bindListings(pool: pg.Pool, bindings: readonly Binding[], actor: string): Promise<BindResult> {
  const asked = JSON.stringify(bindings.map(({ ifUnbound = false, ...binding }) => ({ ...binding, if_unbound: ifUnbound })))
  return withTx(pool, async (client) => {
    await assertKnown(client, asked)
    const { rows: bound } = await client.query<{ connection: string; listing_key: string }>(
      `update listings l set sku = b.sku, bound = case when b.ignore then 'ignored' when b.sku is null then 'unbound' else 'person' end, bound_by = $2, desired = null, push_state = case when l.push_state in ('sending','unknown') then l.push_state else 'idle' end
       from (select k.* from json_to_recordset($1::json) k(connection text, listing_key text, sku text, ignore boolean, if_unbound boolean)
             join listings g on g.connection_id = k.connection and g.listing_key = k.listing_key and (not k.if_unbound or g.bound = 'unbound') order by k.connection, k.listing_key for update of g) b
       where l.connection_id = b.connection and l.listing_key = b.listing_key returning l.connection_id as connection, l.listing_key`,
      [asked, actor],
    )
    const json = JSON.stringify(bound)
    const { rows } = await client.query<{ id: string }>(
      `select distinct o.id::text, o.id as n from json_to_recordset($1::json) k(connection text, listing_key text) join order_lines l on l.listing_key = k.listing_key
       join orders o on o.id = l.order_id and o.connection_id = k.connection where o.reserves order by n limit 10000`,
      [json],
    )
    await client.query(
      `insert into listing_dirty (connection_id, listing_key) select distinct connection, listing_key from json_to_recordset($1::json) k(connection text, listing_key text) order by 1, 2
       on conflict (connection_id, listing_key) do update set at = now()`,
      [json],
    )
    return { bound: bound.length, order_ids: rows.map((row) => row.id) }
  })
}

async function assertKnown(client: pg.PoolClient, json: string): Promise<void> {
  const {
    rows: [missing],
  } = await client.query<{ what: string; name: string }>(
    `select 'sku' as what, k.sku as name from json_to_recordset($1::json) k(sku text) where k.sku is not null and not exists (select 1 from skus s where s.sku = k.sku)
     union all select 'listing', k.listing_key from json_to_recordset($1::json) k(connection text, listing_key text)
       where not exists (select 1 from listings l where l.connection_id = k.connection and l.listing_key = k.listing_key) limit 1`,
    [json],
  )
  if (missing?.what === 'sku') throw new DomainError('sku-unknown', `There is no SKU "${missing.name}". Import it first.`, { sku: missing.name })
  if (missing)
    throw new DomainError('listing-unknown', `There is no listing "${missing.name}" on this connection. Refresh its listings.`, {
      listing: missing.name,
    })
}

/**
 * Binds every unbound listing whose code, or else whose barcode, names exactly one active SKU; the connections whose
 * listings changed. People's decisions stay.
 */
export async function bindByCode(db: Pick<pg.Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await db.query<{ connection_id: string }>(
    `with found as (
       select l.connection_id, l.listing_key, coalesce(c.sku, b.sku) as sku, case when c.sku is not null then 'code' else 'barcode' end as how
       from listings l left join skus c on c.sku = l.channel_sku and c.active
       left join lateral (select min(sku) as sku from skus where barcode = l.barcode and active having count(*) = 1) b on true
       where l.bound = 'unbound' and coalesce(c.sku, b.sku) is not null order by 1, 2),
     bound as (update listings l set sku = f.sku, bound = f.how, bound_by = null from found f where l.connection_id = f.connection_id and l.listing_key = f.listing_key returning l.connection_id, l.listing_key),
     marked as (insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from bound order by 1, 2 on conflict (connection_id, listing_key) do update set at = now())
     select distinct connection_id from bound`,
  )
  return rows.map((row) => row.connection_id)
}
