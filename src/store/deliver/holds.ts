import type pg from 'pg'

export interface HoldRelease {
  readonly orderId: number
  readonly holdId?: number
  readonly code?: string
  readonly actor: string
  readonly reason: string
  readonly now: Date
}

/** Releases open holds of an order, by id or by code. Answers how many. */
export async function releaseHoldRows(client: pg.ClientBase, release: HoldRelease): Promise<number> {
  const { rowCount } = await client.query(
    `update holds set released_at = $5, released_by = $4, release_reason = $6
     where order_id = $1 and released_at is null and ($2::bigint is null or id = $2) and ($3::text is null or code = $3)`,
    [release.orderId, release.holdId ?? null, release.code ?? null, release.actor, release.now, release.reason],
  )
  return rowCount ?? 0
}

/** Opens a hold; the same one that is open already stays as it is. */
export async function openHold(
  client: pg.ClientBase,
  hold: { readonly orderId: number; readonly code: string; readonly message: string; readonly actor: string; readonly now: Date },
): Promise<void> {
  await client.query(
    `insert into holds (order_id, code, detail, message, opened_at, opened_by) values ($1, $2, '', $3, $4, $5)
     on conflict (order_id, code, detail) where released_at is null do nothing`,
    [hold.orderId, hold.code, hold.message, hold.now, hold.actor],
  )
}

/** Codes of the holds that are open. */
export async function openHoldCodes(client: pg.ClientBase, orderId: number): Promise<readonly string[]> {
  const { rows } = await client.query<{ code: string }>('select distinct code from holds where order_id = $1 and released_at is null order by code', [
    orderId,
  ])
  return rows.map((row) => row.code)
}
