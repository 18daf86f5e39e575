import type pg from 'pg'
import { migrationNames } from '../migrate.ts'

/** What waits, for metrics: one row per kind. */
export async function backlog(db: Pick<pg.Pool, 'query'>): Promise<readonly { readonly what: string; readonly count: number }[]> {
  const { rows } = await db.query<{ what: string; count: number }>(
    `select 'inbox' as what, count(*)::int as count from inbox
     union all select 'fetch_queue', count(*)::int from fetch_queue
     union all select 'effects_' || s.state, coalesce(n.count, 0) from (values ('pending'), ('sending'), ('unknown')) s(state)
       left join (select state, count(*)::int as count from effects_now where state in ('pending', 'sending', 'unknown') group by state) n using (state)
     union all select 'open_failures', count(*)::int from failures where resolved_at is null
     union all select 'feed_position', coalesce(max(seq), 0)::int from feed`,
  )
  return rows
}

/** Migrations this build carries that the database has not seen. */
export async function pendingMigrations(db: Pick<pg.Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await db.query<{ name: string }>('select name from migrations')
  const applied = new Set(rows.map((row) => row.name))
  return migrationNames().filter((name) => !applied.has(name))
}
