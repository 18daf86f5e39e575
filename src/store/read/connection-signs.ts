import type { Db, Visible } from './scope.ts'

/** What the data of a connection says about it, beside its own state. */
export interface ConnectionSigns {
  /** Since the newest order, seven days at most; null without any order. */
  readonly quiet_seconds: number | null
  /** Orders in the same hours of each of the past four weeks that the connection has a history of. */
  readonly usual: readonly number[]
  /** Documents and orders that wait to be taken in, and writes that wait to go out. */
  readonly documents: number
  readonly fetches: number
  readonly writes: number
  /** New things in its documents that nobody has acknowledged. */
  readonly news: number
  /** Documents and writes that were done within the last ten minutes. */
  readonly done: number
}

/** Signs of the connections the caller may see. The same hours of past weeks tell a quiet night from a silence. */
export async function readConnectionSigns(db: Db, visible: Visible, only?: string): Promise<ReadonlyMap<string, ConnectionSigns>> {
  const { rows } = await db.query<ConnectionSigns & { readonly id: string }>(
    `select c.id, extract(epoch from now() - n.since)::int as quiet_seconds,
       case when n.since is null then '[]' else (select coalesce(json_agg(x.orders order by w), '[]') from generate_series(1, 4) w
         cross join lateral (select count(*)::int as orders from orders o where o.connection_id = c.id
           and o.placed_at > n.since - make_interval(weeks => w) and o.placed_at <= now() - make_interval(weeks => w)) x
         where n.first <= n.since - make_interval(weeks => w)) end as usual,
       (select count(*)::int from inbox i join raw_events r on r.id = i.raw_id where r.connection_id = c.id) as documents,
       (select count(*)::int from fetch_queue q where q.connection_id = c.id) as fetches,
       (select count(*)::int from effects_now e where e.connection_id = c.id and e.state in ('pending', 'sending')) as writes,
       (select count(*)::int from drift_notices n where n.connection_id = c.id and n.state = 'open') as news,
       (select count(*)::int from raw_dispositions d where d.connection_id = c.id and d.at > now() - interval '10 minutes')
         + (select count(*)::int from effects e where e.connection_id = c.id and e.state = 'done' and e.settled_at > now() - interval '10 minutes')
         + (select coalesce(sum(t.levels), 0)::int from told_calls t where t.connection_id = c.id and t.settled_at > now() - interval '10 minutes') as done
     from connections c cross join lateral (
       select case when max(o.placed_at) is not null then greatest(max(o.placed_at), now() - interval '7 days') end as since, min(o.placed_at) as first from orders o where o.connection_id = c.id and o.placed_at <= now()) n
     where c.state <> 'removed' and ($1::text[] is null or c.id = any($1)) and ($2::text is null or c.id = $2)`,
    [visible, only ?? null],
  )
  return new Map(rows.map(({ id, ...signs }) => [id, signs]))
}
