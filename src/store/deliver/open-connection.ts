import type pg from 'pg'
import { OVERRIDES_JSON, type StoredOverrides } from '../overrides/load-overrides.ts'

/** A connection as the work on it needs it; credentials still sealed. */
export interface StoredConnection {
  readonly id: string
  readonly channel: string
  readonly name: string
  readonly state: 'active' | 'paused' | 'needs-auth' | 'misconfigured'
  readonly state_since: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Buffer | null
  readonly timezone: string
  readonly currency: string
  readonly sandbox: boolean
  readonly poll_seconds: number | null
  readonly webhook_token: string | null
  readonly webhook_healthy: boolean
  readonly webhook_checked_at: string | null
  readonly overrides?: StoredOverrides | null
}

/** Undefined when it does not exist or was removed. */
export async function loadConnection(client: pg.Pool | pg.ClientBase, id: string): Promise<StoredConnection | undefined> {
  const { rows } = await client.query<StoredConnection>({
    name: 'load-connection',
    text: `select id, channel, name, state, state_since, config, secrets, timezone, currency, sandbox, poll_seconds, webhook_token,
            coalesce((webhook_state ->> 'healthy')::boolean, false) as webhook_healthy, webhook_checked_at,
            ${OVERRIDES_JSON} as overrides
     from connections where id = $1 and state <> 'removed'`,
    values: [id],
  })
  return rows[0]
}

/** Several at once, by id; those that do not exist are absent. */
export async function loadConnections(client: pg.Pool, ids: readonly string[]): Promise<ReadonlyMap<string, StoredConnection>> {
  const { rows } = await client.query<StoredConnection>({
    name: 'load-connections',
    text: `select id, channel, name, state, state_since, config, secrets, timezone, currency, sandbox, poll_seconds, webhook_token,
            coalesce((webhook_state ->> 'healthy')::boolean, false) as webhook_healthy, webhook_checked_at
     from connections where id = any($1) and state <> 'removed'`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row]))
}

/** False once a connection was removed, or paused where `whilePaused` is false: what is under way ends after its page. */
export async function mayRead(client: pg.Pool | pg.ClientBase, id: string, whilePaused: boolean): Promise<boolean> {
  const { rowCount } = await client.query(`select 1 from connections where id = $1 and state <> 'removed' and ($2 or state <> 'paused')`, [
    id,
    whilePaused,
  ])
  return rowCount === 1
}

/** Moves a connection into a state it has to be helped out of; only an active one is moved. Answers true when it moved. */
export async function stopConnection(
  client: pg.Pool | pg.ClientBase,
  id: string,
  state: 'needs-auth' | 'misconfigured',
  reason: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update connections set state = $2, state_reason = $3, state_since = $4, version = version + 1, updated_at = $4 where id = $1 and state = 'active'`,
    [id, state, reason.slice(0, 500), now],
  )
  return rowCount === 1
}

/** A stopped connection answered again. Answers true when it moved. */
export async function reviveConnection(client: pg.Pool | pg.ClientBase, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `update connections set state = 'active', state_reason = null, state_since = $2, version = version + 1, updated_at = $2 where id = $1 and state in ('needs-auth', 'misconfigured')`,
    [id, now],
  )
  return rowCount === 1
}

/** How often reading failed since it last worked: the worst of the connection's streams. */
export async function faultsInRow(client: pg.Pool | pg.ClientBase, id: string): Promise<number> {
  const { rows } = await client.query<{ faults: number | null }>(
    `select max(faults_in_row) as faults from streams where connection_id = $1 and stream not like 'backfill/%'`,
    [id],
  )
  return rows[0]?.faults ?? 0
}

/** Connections that are not removed, with their state: what workflows are rebuilt from. */
export async function liveConnections(
  client: pg.Pool | pg.ClientBase,
): Promise<readonly { readonly id: string; readonly channel: string; readonly state: string }[]> {
  const { rows } = await client.query<{ id: string; channel: string; state: string }>(
    `select id, channel, state from connections where state <> 'removed' order by id`,
  )
  return rows
}
