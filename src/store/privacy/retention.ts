import type pg from 'pg'
import type { Visible } from '../read/scope.ts'

export interface Retention {
  readonly connection_id: string
  readonly name: string
  /** Days after delivery; null = kept. */
  readonly days: number | null
  readonly erased: number
}

export async function listRetention(db: Pick<pg.Pool, 'query'>, visible: Visible): Promise<readonly Retention[]> {
  const { rows } = await db.query<Retention>(
    `select c.id as connection_id, c.name, c.pii_days as days, (select count(*) from erasures e where e.connection_id = c.id) as erased
     from connections c where c.state <> 'removed' and ($1::text[] is null or c.id = any($1)) order by c.name`,
    [visible],
  )
  return rows
}

/** False when there is no such connection. */
export async function setRetention(db: Pick<pg.Pool, 'query'>, connectionId: string, days: number | null): Promise<boolean> {
  return (await db.query(`update connections set pii_days = $2 where id = $1 and state <> 'removed'`, [connectionId, days])).rowCount === 1
}

export interface Erasure {
  readonly order_id: number
  readonly connection_id: string
  readonly channel_order_no: string
  readonly why: string
  readonly reference: string | null
  readonly actor: string
  readonly at: string
}

/** What was erased, by order, newest order first. */
export async function listErasures(
  db: Pick<pg.Pool, 'query'>,
  visible: Visible,
  filter: { readonly reference?: string | undefined; readonly before?: string | undefined; readonly limit: number },
): Promise<readonly Erasure[]> {
  const { rows } = await db.query<Erasure>(
    `select order_id, connection_id, channel_order_no, why, reference, actor, at from erasures
     where ($1::text[] is null or connection_id = any($1)) and ($2::text is null or reference = $2) and ($3::bigint is null or order_id < $3)
     order by order_id desc limit $4`,
    [visible, filter.reference ?? null, filter.before ?? null, filter.limit],
  )
  return rows
}
