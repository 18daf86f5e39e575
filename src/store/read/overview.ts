import type { Db, Visible } from './scope.ts'

export interface OverviewRow {
  readonly outbound: { readonly state: 'running' | 'stopped'; readonly by?: string; readonly at?: string; readonly reason?: string } | null
  readonly pending: number
  readonly unknown: number
  readonly confirmed_last_hour: number
  readonly open_failures: number
  readonly open_effects: number
  readonly connections: number
  readonly unprocessed: number
  readonly sandbox_connections: number
}

const seen = (column: string): string => `($1::text[] is null or ${column} = any($1))`

/** The figures of the top bar. */
export async function readOverview(db: Db, visible: Visible): Promise<OverviewRow> {
  const { rows } = await db.query<OverviewRow>(
    `select (select value from settings where key = 'outbound') as outbound,
       e.pending, e.unknown, e.pending + e.unknown as open_effects,
       (select count(*)::int from effects where state = 'done' and settled_at > now() - interval '1 hour' and ${seen('connection_id')})
         + (select coalesce(sum(levels), 0)::int from told_calls where settled_at > now() - interval '1 hour' and ${seen('connection_id')}) as confirmed_last_hour,
       (select count(*)::int from failure_groups g where g.status = 'open' and ${seen('g.connection_id')} and exists (select 1 from failures f where f.group_id = g.id and f.resolved_at is null)) as open_failures,
       (select count(*)::int from connections where state <> 'removed' and ${seen('id')}) as connections,
       (select count(*)::int from connections where state <> 'removed' and sandbox and ${seen('id')}) as sandbox_connections,
       (select count(*)::int from inbox i where $1::text[] is null or exists (select 1 from raw_events r where r.id = i.raw_id and r.connection_id = any($1))) as unprocessed
     from (select count(*) filter (where state in ('pending','sending'))::int as pending, count(*) filter (where state = 'unknown')::int as unknown
       from effects_now where state in ('pending','sending','unknown') and ${seen('connection_id')}) e`,
    [visible],
  )
  const [row] = rows
  if (!row) throw new Error('no overview row')
  return row
}

/** Figures that grow with all orders, and with the documents of a day. */
export interface Totals {
  readonly orders: number
  /** Documents of today by what became of them. */
  readonly dispositions: Readonly<Record<string, number>>
}

/** Reads as many rows as it counts: ask through something that keeps the answer. */
export async function readTotals(db: Db, visible: Visible): Promise<Totals> {
  const { rows } = await db.query<Totals>(
    `select (select count(*)::int from orders where ${seen('connection_id')}) as orders,
       (select coalesce(json_object_agg(disposition, n), '{}') from (
          select disposition, count(*)::int as n from raw_dispositions where at >= date_trunc('day', now()) and ${seen('connection_id')} group by 1) d) as dispositions`,
    [visible],
  )
  const [row] = rows
  if (!row) throw new Error('no row of totals')
  return row
}
