import type { Db, Visible } from './scope.ts'

export interface StreamRow {
  readonly id: string
  readonly watermark: string | null
  readonly last_success_at: string | null
  readonly last_record_at: string | null
  readonly last_fault: { readonly kind?: string; readonly code?: string; readonly message?: string } | null
  readonly last_fault_at: string | null
  readonly faults_in_row: number
}

/** One connection with the figures of its card. */
export interface ConnectionRow {
  readonly id: string
  readonly channel: string
  readonly name: string
  readonly state: 'active' | 'paused' | 'needs-auth' | 'misconfigured' | 'removed'
  readonly state_reason: string | null
  readonly state_since: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets_hint: Readonly<Record<string, string>>
  readonly timezone: string
  readonly currency: string
  readonly sandbox: boolean
  readonly armed_stock: boolean
  readonly armed_shipments: boolean
  readonly stock_share: string
  readonly stock_buffer: number
  /** Unpaid orders give their goods back after so long; null = when they are cancelled. */
  readonly unpaid_hold_minutes: number | null
  readonly stock_mode: 'shared' | 'quota'
  readonly learned_buffer: boolean
  /** How long after its time an order is first seen, over the last day; by polls and by webhooks. */
  readonly order_lags: Readonly<Record<string, { readonly orders: number; readonly p50: number; readonly p99: number; readonly longest: number }>>
  /** Orders of the last day that were listed later than the channel declares. */
  readonly late_orders: number
  readonly poll_seconds: number | null
  readonly tokens_expire_at: string | null
  readonly webhook_token: string | null
  readonly webhook_state: { readonly healthy?: boolean; readonly detail?: string } | null
  readonly webhook_checked_at: string | null
  readonly version: number
  readonly created_at: string
  readonly streams: readonly StreamRow[]
  readonly orders_per_hour: readonly number[]
  readonly last_order_at: string | null
  readonly open_effects: number
  readonly unknown_effects: number
  readonly open_failures: number
  readonly listings_total: number
  readonly listings_bound: number
  readonly listings_unbound: number
}

const BASIC = `c.id, c.channel, c.name, c.state, c.state_reason, c.state_since, c.config, c.secrets_hint, c.timezone, c.currency, c.sandbox, c.armed_stock, c.armed_shipments,
  trim_scale(c.stock_share)::text as stock_share, c.stock_buffer, c.unpaid_hold_minutes, c.stock_mode, c.stock_learned_buffer as learned_buffer, c.poll_seconds, c.tokens_expire_at, c.webhook_token, c.webhook_state, c.webhook_checked_at, c.version, c.created_at`

const FIGURES = `
  (select coalesce(json_agg(json_build_object('id', s.stream, 'watermark', s.watermark, 'last_success_at', s.last_success_at, 'last_record_at', s.last_record_at, 'last_fault', s.last_fault,
     'last_fault_at', s.last_fault_at, 'faults_in_row', s.faults_in_row) order by s.stream), '[]') from streams s where s.connection_id = c.id and s.stream not like 'backfill/%') as streams,
  (select array_agg(n order by h) from (
     select h, (select count(*)::int from orders o where o.connection_id = c.id and o.placed_at >= now() - make_interval(hours => 24 - h) and o.placed_at < now() - make_interval(hours => 23 - h)) as n
     from generate_series(0, 23) h) x) as orders_per_hour,
  (select max(o.placed_at) from orders o where o.connection_id = c.id) as last_order_at,
  (select count(*)::int from effects_now e where e.connection_id = c.id and e.state in ('pending','sending','unknown')) as open_effects,
  (select count(*)::int from effects e where e.connection_id = c.id and e.state = 'unknown') as unknown_effects,
  (select coalesce(sum(n.items), 0)::int from failure_groups g cross join lateral (select count(*) as items from failures f where f.group_id = g.id and f.resolved_at is null) n
     where g.connection_id = c.id) as open_failures,
  (select coalesce(json_object_agg(k.source, json_build_object('orders', k.orders, 'p50', round(k.p50, 1)::float8, 'p99', round(k.p99, 1)::float8, 'longest', round(k.longest, 1)::float8)), '{}') from order_lags k where k.connection_id = c.id) as order_lags,
  (select count(*)::int from stock_signs g where g.connection_id = c.id and g.code = 'late-order' and g.at > now() - interval '1 day') as late_orders,
  l.total as listings_total, l.bound as listings_bound, l.unbound as listings_unbound`

const FROM = `connections c cross join lateral (
  select count(*)::int as total, count(*) filter (where sku is not null)::int as bound, count(*) filter (where bound = 'unbound' and active)::int as unbound from listings where connection_id = c.id) l`

/** All connections the caller may see, by name. Removed ones are gone. */
export async function listConnections(db: Db, visible: Visible): Promise<readonly ConnectionRow[]> {
  const { rows } = await db.query<ConnectionRow>(
    `select ${BASIC}, ${FIGURES} from ${FROM} where c.state <> 'removed' and ($1::text[] is null or c.id = any($1)) order by c.name, c.id`,
    [visible],
  )
  return rows
}

export async function readConnection(db: Db, id: string): Promise<ConnectionRow | undefined> {
  const { rows } = await db.query<ConnectionRow>(`select ${BASIC}, ${FIGURES} from ${FROM} where c.id = $1 and c.state <> 'removed'`, [id])
  return rows[0]
}

/** Just enough to know whom a request is about. */
export async function findConnection(
  db: Db,
  id: string,
): Promise<{ readonly id: string; readonly channel: string; readonly name: string; readonly state: string; readonly version: number } | undefined> {
  const { rows } = await db.query<{ id: string; channel: string; name: string; state: string; version: number }>(
    `select id, channel, name, state, version from connections where id = $1 and state <> 'removed'`,
    [id],
  )
  return rows[0]
}

/** What the webhook door needs of a connection. */
export interface HookConnection {
  readonly id: string
  readonly channel: string
}

/** Whose webhook address this is. Paused connections still receive: what is stored now is applied later. */
export async function connectionOfHook(db: Db, token: string): Promise<HookConnection | undefined> {
  const { rows } = await db.query<HookConnection>(`select id, channel from connections where webhook_token = $1 and state <> 'removed'`, [token])
  return rows[0]
}

/** All connections of a channel, for deliveries that come to the address of an app; the oldest first. */
export async function connectionsOfChannel(db: Db, channel: string): Promise<readonly { readonly id: string; readonly config: unknown }[]> {
  const { rows } = await db.query<{ id: string; config: unknown }>(
    `select id, config from connections where channel = $1 and state <> 'removed' order by created_at, id`,
    [channel],
  )
  return rows
}

/** How far ahead of the clock each rate limit has been used, seconds; by `channel/limit/connection`. */
export interface LimitUse {
  readonly ahead: number
  /** The channel itself asked for a pause. */
  readonly blocked: boolean
}

export async function readLimitUse(db: Db): Promise<ReadonlyMap<string, LimitUse>> {
  const { rows } = await db.query<LimitUse & { readonly key: string }>(
    `select key, greatest(0, extract(epoch from tat - clock_timestamp()))::float8 as ahead, coalesce(blocked_until > clock_timestamp(), false) as blocked from rate_limits`,
  )
  return new Map(rows.map(({ key, ahead, blocked }) => [key, { ahead, blocked }]))
}
