import type pg from 'pg'

export interface FailureChange {
  readonly status?: 'open' | 'acknowledged' | 'resolved' | 'ignored' | undefined
  readonly owner?: string | null | undefined
  readonly note?: string | null | undefined
  readonly ignored_until?: string | null | undefined
}

/** Changes who cares and how; a group that fails again after being resolved comes back by itself. */
export async function changeFailureGroup(db: Pick<pg.Pool, 'query'>, id: string, change: FailureChange): Promise<void> {
  await db.query(
    `update failure_groups set status = coalesce($2, status), owner = case when $3 then $4 else owner end, note = case when $5 then $6 else note end,
       ignored_until = case when $7 then $8::timestamptz when $2 is not null and $2 <> 'ignored' then null else ignored_until end, regressed = case when $2 = 'resolved' then false else regressed end
     where id = $1`,
    [
      id,
      change.status ?? null,
      change.owner !== undefined,
      change.owner ?? null,
      change.note !== undefined,
      change.note ?? null,
      change.ignored_until !== undefined,
      change.ignored_until ?? null,
    ],
  )
}
