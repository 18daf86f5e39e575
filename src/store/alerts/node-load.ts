import type pg from 'pg'
import { atHand } from '../read/at-hand.ts'
import type { Db, Visible } from '../read/scope.ts'

/** Open orders of one connection that wait for one station. */
export interface NodeLoad {
  readonly connection_id: string
  readonly node: string
  readonly orders: number
  /** Those that need a person there. */
  readonly stuck: number
  /** Past the deadline of the station, or past the channel's own for shipping. */
  readonly overdue: number
  /** Since when the oldest has waited. */
  readonly oldest: string
}

const has = (code: string): string => `'${code}' = any(f.codes)`
const SENT = `o.fulfilment in ('shipped','in_transit','delivered')`
const REACHED = {
  paid: `(o.paid_at is not null or ${has('paid')} or o.payment in ('paid','refund_pending','partially_refunded','refunded'))`,
  validated: `(o.approved_at is not null or ${has('validated')} or ${SENT})`,
  approved: `(o.approved_at is not null or ${has('approved')} or ${SENT})`,
  allocated: `(o.allocated_at is not null or ${SENT} or ${has('allocated')}
      or not exists (select 1 from order_lines l where l.order_id = o.id and l.needs_goods and l.reserved = 0 and l.shipped < l.quantity - l.cancelled))`,
  released: `(${has('released')} or coalesce(a.release = 'accepted', false))`,
  picked: has('picked'),
  packed: has('packed'),
  shipped: `(${has('shipped')} and o.fulfilment <> 'partial' or ${SENT})`,
  confirmed: `(${has('channel_confirmed')} or coalesce(w.writeback = 'done', false))`,
  in_transit: `(${has('in_transit')} or o.fulfilment = 'in_transit')`,
  out: has('out_for_delivery'),
  received: `(${has('received')} or o.fulfilment = 'delivered')`,
} as const

/**
 * The station each open order waits for: what `orderNodes` calls next or failed first, said in SQL (a test holds the two together). Stations that many never report are
 * passed over once a later one is done. An exclamation mark says that it needs a person there.
 */
const STATION = `case
  when not ${REACHED.paid} and not coalesce((o.doc ->> 'is_cod')::boolean, false) then 'paid'
  when o.approval = 'held' then 'validated!'
  when not ${REACHED.validated} then 'validated'
  when not ${REACHED.approved} then 'approved'
  when not ${REACHED.allocated} then 'allocated'
  when not ${REACHED.released} and a.release = 'rejected' then 'released!'
  when not ${REACHED.released} and not (x.after_released) then 'released'
  when not ${REACHED.picked} and not (${REACHED.packed} or x.after_packed) then 'picked'
  when not ${REACHED.packed} and not x.after_packed then 'packed'
  when not ${REACHED.shipped} then 'shipped'
  when not ${REACHED.confirmed} and w.writeback in ('refused','unknown') then 'channel_confirmed!'
  when not ${REACHED.confirmed} and not x.after_confirmed then 'channel_confirmed'
  when not ${REACHED.in_transit} and not (${REACHED.out} or ${REACHED.received}) then 'in_transit'
  when not ${REACHED.out} and not ${REACHED.received} then 'out_for_delivery'
  when not ${REACHED.received} then case when o.fulfilment = 'failed' then 'received!' else 'received' end
  end`

/**
 * Orders with their buyers, paid for, held by nobody: they wait for no station unless a system refused the order or the channel the package. Many channels
 * never close an order, so most of those that are not closed are these.
 */
const ARRIVED = `o.fulfilment = 'delivered' and o.approval <> 'held' and o.payment in ('paid','refund_pending','partially_refunded','refunded')
    and o.id not in (select k.order_id from order_acks k where k.status = 'rejected')
    and o.id not in (select e.order_id from effects e where e.kind = 'shipment' and e.state = 'refused' and e.order_id is not null)
    and o.id not in (select e.order_id from effects e where e.kind = 'shipment' and e.state = 'unknown' and e.order_id is not null)`

const LOAD = `
with deadline as (
  select distinct on (c.id, d.node) c.id as connection_id, d.node, d.minutes from connections c join node_deadlines d on d.connection_id = c.id or d.connection_id is null
  order by c.id, d.node, d.connection_id nulls last),
station as (
  select o.connection_id, o.ship_by, ${STATION} as at,
    greatest(o.placed_at, o.paid_at, o.first_seen_at, o.approved_at, o.allocated_at, f.last,
      case when o.approval = 'held' then (select max(h.opened_at) from holds h where h.order_id = o.id and h.released_at is null) end) as since
  from orders o
  left join lateral (select coalesce(array_agg(e.code), '{}') as codes, max(e.at) as last from order_facts e where e.order_id = o.id) f on true
  left join lateral (select case when bool_or(k.status = 'rejected') then 'rejected' else min(k.status) end as release from order_acks k where k.order_id = o.id) a on true
  left join lateral (select case when bool_or(e.state = 'unknown') then 'unknown' when bool_or(e.state = 'refused') then 'refused'
      when bool_or(e.state in ('pending','sending')) then 'pending' when bool_or(e.state = 'done') then 'done' end as writeback
    from effects e where e.order_id = o.id and e.kind = 'shipment') w on true
  cross join lateral (select ${REACHED.in_transit} or ${REACHED.out} or ${REACHED.received} as after_confirmed) y
  cross join lateral (select y.after_confirmed, ${REACHED.shipped} or ${REACHED.confirmed} or y.after_confirmed as after_packed) z
  cross join lateral (select z.after_confirmed, z.after_packed, ${REACHED.picked} or ${REACHED.packed} or z.after_packed as after_released) x
  where not o.closed and not o.cancelled and ($1::text[] is null or o.connection_id = any($1)) and not (${ARRIVED}))
select s.connection_id, rtrim(s.at, '!') as node, count(*)::int as orders, count(*) filter (where s.at like '%!')::int as stuck,
  count(*) filter (where s.since + make_interval(mins => d.minutes) < $2::timestamptz
    or s.ship_by < $2::timestamptz and rtrim(s.at, '!') in ('validated','approved','allocated','released','picked','packed','shipped'))::int as overdue, min(s.since) as oldest
from station s left join deadline d on d.connection_id = s.connection_id and d.node = rtrim(s.at, '!')
where s.at is not null group by 1, 2 order by 1, 2`

/** How many open orders wait for each station, per connection. Reads every open order: ask rarely. */
export async function readNodeLoad(pool: pg.Pool, visible: Visible, now: Date): Promise<readonly NodeLoad[]> {
  const { rows } = await atHand(pool, (db) => db.query<NodeLoad>(LOAD, [visible, now]))
  return rows
}

export interface NodeDeadline {
  readonly connection_id: string | null
  readonly node: string
  /** Minutes an order may wait for it; null = as long as it likes. */
  readonly minutes: number | null
}

export async function listDeadlines(db: Db, visible: Visible): Promise<readonly NodeDeadline[]> {
  const { rows } = await db.query<NodeDeadline>(
    `select connection_id, node, minutes from node_deadlines where connection_id is null or $1::text[] is null or connection_id = any($1) order by connection_id nulls first, node`,
    [visible],
  )
  return rows
}

/** Sets deadlines; `unset` takes one of a connection back to what holds everywhere. */
export async function setDeadlines(
  db: Db,
  connectionId: string | null,
  changes: readonly { readonly node: string; readonly minutes: number | null | 'unset' }[],
  actor: string,
): Promise<void> {
  const gone = changes.filter(({ minutes }) => minutes === 'unset').map(({ node }) => node)
  const kept = changes.filter(({ minutes }) => minutes !== 'unset')
  await db.query('delete from node_deadlines where connection_id is not distinct from $1 and node = any($2)', [connectionId, gone])
  await db.query(
    `insert into node_deadlines (connection_id, node, minutes, updated_by) select $1, n.node, n.minutes, $4 from unnest($2::text[], $3::int[]) n(node, minutes) order by n.node
     on conflict (connection_id, node) do update set minutes = excluded.minutes, updated_by = excluded.updated_by, updated_at = now()`,
    [connectionId, kept.map(({ node }) => node), kept.map(({ minutes }) => minutes), actor],
  )
}
