import type { AnyConnector } from '../core/connector.ts'
import { expectedSince, isSilent } from '../core/silence.ts'
import type { ConnectionSigns } from '../store/read/connection-signs.ts'
import type { ConnectionRow, LimitUse, StreamRow } from '../store/read/connections.ts'
import { signsView } from './connection-signs.ts'

export interface Health {
  readonly kind: 'ok' | 'late' | 'attention' | 'failed' | 'paused' | 'waiting'
  readonly code: string
  readonly params: Readonly<Record<string, string>>
  readonly since: string | null
}

/** Behind by more than ten rounds and a quarter of an hour is late. */
const LATE_ROUNDS = 10
const LATE_SECONDS = 900
const FAULTS_UNTIL_FAILED = 3
const TOKEN_WARN_MS = 7 * 86_400_000

/** One sentence about a connection, as a code: what stops it first, then what slows it, then what waits for a person. */
export function connectionHealth(row: ConnectionRow, connector: AnyConnector | undefined, now: Date, signs: ConnectionSigns): Health {
  const health = (kind: Health['kind'], code: string, params: Record<string, string> = {}, since: string | null = null): Health => ({
    kind,
    code,
    params,
    since,
  })
  if (row.state === 'paused') return health('paused', 'paused', { reason: row.state_reason ?? '' }, row.state_since)
  if (row.state === 'needs-auth' || row.state === 'misconfigured')
    return health('failed', row.state, { reason: row.state_reason ?? '' }, row.state_since)
  const failing = row.streams.find((stream) => stream.faults_in_row >= FAULTS_UNTIL_FAILED)
  if (failing)
    return health(
      'failed',
      'pull-failing',
      { stream: failing.id, code: failing.last_fault?.code ?? failing.last_fault?.kind ?? '' },
      failing.last_fault_at,
    )
  if (connector?.manifest.capabilities.pullOrders !== undefined && row.streams.every((stream) => stream.last_success_at === null))
    return health('waiting', 'first-pull', {}, row.created_at)
  const late = row.streams
    .map((stream) => ({ stream, seconds: secondsSince(stream.last_success_at, now) }))
    .find(({ stream, seconds }) => seconds > lateAfter(stream, row, connector))
  if (late) return health('late', 'behind', { stream: late.stream.id, seconds: String(late.seconds) }, late.stream.last_success_at)
  if (isSilent(signs))
    return health(
      'attention',
      'silent',
      { quiet_seconds: String(signs.quiet_seconds ?? 0), count: String(expectedSince(signs) ?? 0) },
      row.last_order_at,
    )
  if (row.webhook_state?.healthy === false)
    return health('attention', 'webhook-unhealthy', { detail: row.webhook_state.detail ?? '' }, row.webhook_checked_at)
  if (row.late_orders > 0) return health('attention', 'orders-late', { count: String(row.late_orders) })
  if (row.unknown_effects > 0) return health('attention', 'effects-unknown', { count: String(row.unknown_effects) })
  if (row.open_failures > 0) return health('attention', 'failures-open', { count: String(row.open_failures) })
  if (signs.news > 0) return health('attention', 'documents-changed', { count: String(signs.news) })
  if (
    row.tokens_expire_at !== null &&
    Date.parse(row.tokens_expire_at) - now.getTime() < TOKEN_WARN_MS &&
    connector?.manifest.capabilities.refreshToken === undefined
  ) {
    return health('attention', 'token-expiring', { at: row.tokens_expire_at })
  }
  return health('ok', 'ok')
}

const secondsSince = (at: string | null, now: Date): number => (at === null ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000)))

function lateAfter(stream: StreamRow, row: ConnectionRow, connector: AnyConnector | undefined): number {
  const declared = connector?.manifest.capabilities.pullOrders?.streams.find(({ id }) => id === stream.id)?.everySeconds
  // Listings are read once a day, and a backfill has a pace of its own: only a stream of orders can fall behind.
  if (connector !== undefined && declared === undefined) return Number.POSITIVE_INFINITY
  return Math.max(LATE_SECONDS, LATE_ROUNDS * (row.poll_seconds ?? declared ?? 60))
}

/** A connection as the API shows it: no credential, only the last characters of long ones. */
export function connectionView(
  row: ConnectionRow,
  connector: AnyConnector | undefined,
  at: { readonly now: Date; readonly publicUrl: string; readonly limits: ReadonlyMap<string, LimitUse>; readonly signs: ConnectionSigns },
): Record<string, unknown> {
  const webhook =
    row.webhook_token !== null && connector?.manifest.capabilities.verifyWebhook !== undefined
      ? {
          url: `${at.publicUrl}/hooks/${row.webhook_token}`,
          app_url: connector.routeWebhook === undefined ? null : `${at.publicUrl}/hooks/apps/${row.channel}`,
          healthy: row.webhook_state?.healthy ?? null,
          detail: row.webhook_state?.detail ?? null,
          checked_at: row.webhook_checked_at,
        }
      : null
  return {
    id: row.id,
    channel: row.channel,
    name: row.name,
    state: row.state,
    state_reason: row.state_reason,
    health: connectionHealth(row, connector, at.now, at.signs),
    config: row.config,
    secrets_hint: row.secrets_hint,
    timezone: row.timezone,
    currency: row.currency,
    sandbox: row.sandbox,
    armed_stock: row.armed_stock,
    armed_shipments: row.armed_shipments,
    stock_share: row.stock_share,
    stock_buffer: row.stock_buffer,
    unpaid_hold_minutes: row.unpaid_hold_minutes,
    stock_mode: row.stock_mode,
    learned_buffer: row.learned_buffer,
    seen_after: row.order_lags,
    declared_lag_seconds: connector?.manifest.capabilities.pushInventory?.lagSeconds ?? null,
    late_orders: row.late_orders,
    poll_seconds: row.poll_seconds,
    streams: row.streams.map((stream) => ({
      id: stream.id,
      watermark: iso(stream.watermark),
      last_success_at: iso(stream.last_success_at),
      last_record_at: iso(stream.last_record_at),
      lag_seconds: stream.last_success_at === null ? null : secondsSince(stream.last_success_at, at.now),
      fault: stream.faults_in_row > 0 && stream.last_fault !== null ? { ...stream.last_fault, in_row: stream.faults_in_row } : null,
    })),
    orders_per_hour: row.orders_per_hour,
    last_order_at: row.last_order_at,
    quota: { used_ratio: usedRatio(row, connector, at.limits) },
    ...signsView(at.signs),
    token_expires_at: row.tokens_expire_at,
    token_renews: connector?.manifest.capabilities.refreshToken !== undefined,
    webhook,
    open_effects: row.open_effects,
    unknown_effects: row.unknown_effects,
    open_failures: row.open_failures,
    listings: { total: row.listings_total, bound: row.listings_bound, unbound: row.listings_unbound },
    version: row.version,
    created_at: row.created_at,
  }
}

/** The fullest of the channel's declared limits, 0 to 1; null while none was used. */
function usedRatio(row: ConnectionRow, connector: AnyConnector | undefined, uses: ReadonlyMap<string, LimitUse>): number | null {
  const ratios = (connector?.manifest.limits ?? []).flatMap((limit) => {
    const use = uses.get(`${row.channel}/${limit.id}/${limit.scope === 'app' ? 'app' : row.id}`)
    const tolerance = (limit.perSeconds / limit.calls) * Math.max(1, limit.burst ?? limit.calls)
    return use === undefined ? [] : [use.blocked ? 1 : Math.min(1, use.ahead / tolerance)]
  })
  return ratios.length === 0 ? null : Math.round(Math.max(...ratios) * 100) / 100
}

/** Times inside JSON built by the database carry its own form. */
const iso = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString())
