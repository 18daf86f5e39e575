import { Conditions, type Db, type Visible } from './scope.ts'

export interface FailureGroupRow {
  readonly id: string
  readonly operation: string
  readonly fault_kind: string
  readonly code: string
  readonly message: string
  readonly sample: string
  readonly subject: string | null
  readonly connection_id: string | null
  readonly channel: string | null
  readonly count: number
  readonly orders: number
  /** Order totals behind it per currency, minor units. */
  readonly money: readonly { readonly currency: string; readonly minor: number }[]
  readonly nearest_ship_by: string | null
  /** Newly failed items in each of the last 24 hours, oldest first. */
  readonly trend: readonly number[]
  readonly first_seen: string
  readonly last_seen: string
  readonly status: 'open' | 'acknowledged' | 'resolved' | 'ignored'
  readonly ignored_until: string | null
  readonly owner: string | null
  readonly note: string | null
  readonly regressed: boolean
  readonly sort_value: string
}

/** A group that was ignored until a time which is over asks for a person again. */
const STATUS = `case when g.status = 'ignored' and g.ignored_until <= now() then 'open' else g.status end`

/**
 * What the open items of a group come to, in one walk along `failures_figures`, which is sorted as the sums need it: an order counts once per group. The
 * trend counts each hour along the group's own index.
 */
const FIGURES = `cross join lateral (
  select coalesce(sum(c.items), 0)::int as count, coalesce(sum(c.orders), 0)::int as orders, min(c.ship_by) as nearest_ship_by,
    coalesce(json_agg(json_build_object('currency', c.currency, 'minor', c.minor) order by c.currency) filter (where c.currency is not null), '[]') as money
  from (
    select x.currency, sum(x.items) as items, count(x.order_id) as orders, sum(x.minor)::bigint as minor, min(x.ship_by) as ship_by
    from (select f.order_currency as currency, f.order_id, count(*) as items, min(f.order_minor) as minor, min(f.order_ship_by) as ship_by
      from failures f where f.group_id = g.id and f.resolved_at is null group by f.order_currency, f.order_id) x
    group by x.currency) c) n
cross join lateral (
  select array_agg((select count(*)::int from failures f where f.group_id = g.id and f.opened_at > now() - make_interval(hours => 24 - h)
    and f.opened_at <= now() - make_interval(hours => 23 - h)) order by h) as trend from generate_series(0, 23) h) t`

const COLUMNS = `g.id::text, g.operation, g.fault_kind, g.code, g.message, g.sample, g.subject, g.connection_id, g.channel, g.first_seen, g.last_seen, ${STATUS} as status, g.ignored_until, g.owner, g.note, g.regressed,
  g.last_seen::text as sort_value, n.count, n.orders, n.nearest_ship_by, n.money, t.trend`

export interface FailureFilter {
  readonly status?: string | undefined
  readonly connection?: string | undefined
  readonly operation?: string | undefined
  readonly after?: { readonly value: string; readonly id: string } | undefined
  readonly limit: number
}

/** Groups, the most recently seen first. */
export async function listFailureGroups(db: Db, filter: FailureFilter, visible: Visible): Promise<readonly FailureGroupRow[]> {
  const where = new Conditions()
    .visible('g.connection_id', visible)
    .add(filter.status, (p) => `${STATUS} = ${p}`)
    .add(filter.connection, (p) => `g.connection_id = ${p}`)
    .add(filter.operation, (p) => `g.operation = ${p}`)
  if (filter.after !== undefined)
    where.always(`(g.last_seen, g.id) < (${where.value(filter.after.value)}::timestamptz, ${where.value(filter.after.id)}::bigint)`)
  const { rows } = await db.query<FailureGroupRow>(
    `select ${COLUMNS} from (select * from failure_groups g where ${where.sql()} order by g.last_seen desc, g.id desc limit ${where.value(filter.limit + 1)}) g ${FIGURES}
     order by g.last_seen desc, g.id desc`,
    where.values,
  )
  return rows
}

export async function readFailureGroup(db: Db, id: string, visible: Visible): Promise<FailureGroupRow | undefined> {
  const { rows } = await db.query<FailureGroupRow>(
    `select ${COLUMNS} from failure_groups g ${FIGURES} where g.id = $1 and ($2::text[] is null or g.connection_id = any($2))`,
    [id, visible],
  )
  return rows[0]
}

/** Groups per status, under the same narrowing. */
export async function countFailureGroups(
  db: Db,
  filter: Pick<FailureFilter, 'connection' | 'operation'>,
  visible: Visible,
): Promise<Readonly<Record<FailureGroupRow['status'], number>>> {
  const where = new Conditions()
    .visible('g.connection_id', visible)
    .add(filter.connection, (p) => `g.connection_id = ${p}`)
    .add(filter.operation, (p) => `g.operation = ${p}`)
  const { rows } = await db.query<{ status: FailureGroupRow['status']; n: number }>(
    `select ${STATUS} as status, count(*)::int as n from failure_groups g where ${where.sql()} group by 1`,
    where.values,
  )
  const of = (status: FailureGroupRow['status']): number => rows.find((row) => row.status === status)?.n ?? 0
  return { open: of('open'), acknowledged: of('acknowledged'), ignored: of('ignored'), resolved: of('resolved') }
}

export interface FailureNoteRow {
  readonly id: string
  readonly kind: 'note' | 'status' | 'owner' | 'fix' | 'replay'
  readonly text: string
  readonly author: string
  readonly at: string
}

/** What people said and did about a group, newest first. */
export async function failureNotes(db: Db, groupId: string, limit: number): Promise<readonly FailureNoteRow[]> {
  const { rows } = await db.query<FailureNoteRow>(
    'select n.id::text, n.kind, n.text, n.author, n.at from failure_notes n where n.group_id = $1 order by n.id desc limit $2',
    [groupId, limit],
  )
  return rows
}

export interface FailureItemRow {
  readonly id: string
  readonly subject_kind: string
  readonly subject_id: string
  readonly order_id: string | null
  readonly channel_order_no: string | null
  readonly message: string
  readonly opened_at: string
  readonly last_seen: string
  readonly times: number
  readonly resolved_at: string | null
  readonly total: { readonly currency: string; readonly minor: number } | null
  readonly ship_by: string | null
  /** The channel's SKU of a refused level. */
  readonly goods: string | null
  /** Of a refused package or decision. */
  readonly effect: {
    readonly id: string
    readonly state: string
    readonly carrier: string | null
    readonly tracking_no: string | null
    readonly message: string | null
  } | null
}

/** Newest items of a group: those that are open first. Each half follows an index, however many there are. */
export async function failureItems(db: Db, groupId: string, limit: number): Promise<readonly FailureItemRow[]> {
  const { rows } = await db.query<FailureItemRow>(
    `select f.id::text, f.subject_kind, f.subject_id, f.order_id::text, o.channel_order_no, f.message, f.opened_at, f.last_seen, f.times, f.resolved_at,
       case when o.id is not null then json_build_object('currency', o.currency, 'minor', o.total_minor) end as total, o.ship_by,
       (select json_build_object('id', e.id::text, 'state', e.state, 'carrier', s.carrier, 'tracking_no', s.tracking_no, 'message', e.message)
          from effects e left join shipments s on s.id = e.shipment_id where e.id = case when f.subject_kind = 'effect' then f.subject_id::bigint end) as effect,
       (select coalesce(nullif(l.channel_sku, ''), l.listing_key) from effects e join listings l on l.connection_id = e.connection_id and l.listing_key = e.listing_key
          where e.id = case when f.subject_kind = 'effect' then f.subject_id::bigint end) as goods
     from (
       (select * from failures where group_id = $1 and resolved_at is null order by opened_at desc, id desc limit $2)
       union all (select * from failures where group_id = $1 and resolved_at is not null order by opened_at desc, id desc limit $2)) f left join orders o on o.id = f.order_id
     order by f.resolved_at is not null, f.opened_at desc, f.id desc limit $2`,
    [groupId, limit],
  )
  return rows
}

/** The entity one item of a group is about (`order/4711`); the newest item where none is named. Undefined where it is about no document. */
export async function entityOfItem(
  db: Db,
  groupId: string,
  itemId: string | undefined,
): Promise<{ readonly connection_id: string; readonly entity: string; readonly order_id: string | null } | undefined> {
  const { rows } = await db.query<{ connection_id: string; entity: string | null; order_id: string | null }>(
    `select f.connection_id, f.order_id::text, case when f.subject_kind = 'raw' then substr(f.subject_id, length(f.connection_id) + 2) else 'order/' || o.external_id end as entity
     from failures f left join orders o on o.id = f.order_id where f.group_id = $1 and ($2::bigint is null or f.id = $2) order by f.resolved_at is not null, f.id desc limit 1`,
    [groupId, itemId ?? null],
  )
  const [row] = rows
  return row?.entity ? { ...row, entity: row.entity } : undefined
}
