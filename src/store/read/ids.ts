import type pg from 'pg'

/** Hub id of an order by the channel's internal id. */
export async function orderIdOf(pool: pg.Pool, connectionId: string, externalId: string): Promise<number | undefined> {
  const {
    rows: [row],
  } = await pool.query<{ id: number }>('select id from orders where connection_id = $1 and external_id = $2 limit 1', [connectionId, externalId])
  return row?.id
}

export async function connectionOfEffect(pool: pg.Pool, effectId: number): Promise<string | undefined> {
  const {
    rows: [row],
  } = await pool.query<{ connection_id: string }>('select connection_id from effect_numbered($1)', [effectId])
  return row?.connection_id
}
