import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import { markSkusDirty } from './mark-dirty.ts'

export const LOCATION_KINDS = ['warehouse', 'store', 'supplier', 'in_transit'] as const

/** A place where goods are. */
export interface LocationRow {
  readonly id: string
  readonly name: string
  readonly kind: (typeof LOCATION_KINDS)[number]
  /** Its goods may be promised to buyers. */
  readonly sellable: boolean
  /** Orders take from the lowest first. */
  readonly priority: number
  /** Who alone writes its counts: `key:<id>`, `connection:<id>`, `file`, `console`; null = anybody. */
  readonly owner: string | null
  /** SKUs with something there. */
  readonly skus: number
}

export async function listLocations(db: Pick<pg.Pool, 'query'>): Promise<readonly LocationRow[]> {
  const { rows } = await db.query<LocationRow>(
    `select l.id, l.name, l.kind, l.sellable, l.priority, l.owner,
       (select count(*)::int from stock s where s.location = l.id and (s.on_hand <> 0 or s.reserved <> 0)) as skus
     from locations l order by l.priority, l.id`,
  )
  return rows
}

export type LocationInput = Omit<LocationRow, 'skus'>

/** @throws DomainError `location-exists` */
export async function addLocation(pool: pg.Pool, location: LocationInput): Promise<void> {
  const { rowCount } = await pool.query(
    'insert into locations (id, name, kind, sellable, priority, owner) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
    [location.id, location.name, location.kind, location.sellable, location.priority, location.owner],
  )
  if (rowCount === 0) throw new DomainError('location-exists', `There is a location "${location.id}" already.`)
}

/**
 * What is not named stays. Levels of what is there follow when it opens or closes for sale.
 * @throws DomainError `location-unknown`
 */
export async function changeLocation(
  pool: pg.Pool,
  id: string,
  change: { readonly [Field in keyof Omit<LocationInput, 'id'>]?: LocationInput[Field] | undefined },
): Promise<void> {
  await withTx(pool, async (client) => {
    const { rows } = await client.query<{ was: boolean; sellable: boolean }>(
      `with old as (select sellable from locations where id = $1 for update)
       update locations l set name = coalesce($2, l.name), kind = coalesce($3, l.kind), sellable = coalesce($4, l.sellable), priority = coalesce($5, l.priority),
         owner = case when $6 then $7 else l.owner end, updated_at = now() from old where l.id = $1 returning old.sellable as was, l.sellable`,
      [id, change.name, change.kind, change.sellable, change.priority, change.owner !== undefined, change.owner ?? null],
    )
    const [row] = rows
    if (!row) throw new DomainError('location-unknown', `There is no location "${id}".`)
    if (row.was === row.sellable) return
    const skus = await client.query<{ sku: string }>('select sku from stock where location = $1 and (on_hand <> 0 or reserved <> 0) order by sku', [
      id,
    ])
    await markSkusDirty(
      client,
      skus.rows.map(({ sku }) => sku),
    )
  })
}

/** Only one that holds nothing goes. @throws DomainError `location-unknown`, `location-in-use` */
export async function removeLocation(pool: pg.Pool, id: string): Promise<void> {
  await withTx(pool, async (client) => {
    const { rowCount } = await client.query('select 1 from locations where id = $1 for update', [id])
    if (rowCount === 0) throw new DomainError('location-unknown', `There is no location "${id}".`)
    const { rows } = await client.query(
      `select 1 from stock where location = $1 and (on_hand, reserved, safety, held) <> (0, 0, 0, 0) union all select 1 from arrivals where location = $1
       union all select 1 from stock_takes where location = $1 union all select 1 from restocks where location = $1
       union all select 1 from overrides where kind = 'place' and to_value = $1 limit 1`,
      [id],
    )
    if (id === 'main' || rows.length > 0)
      throw new DomainError('location-in-use', `Location "${id}" has goods or a history. Close it for sale instead (sellable: false).`)
    await client.query('delete from stock where location = $1', [id])
    await client.query('delete from locations where id = $1', [id])
  })
}
