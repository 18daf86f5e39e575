import { hash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { rawAad, type DataKeys } from '../store/envelope.ts'
import type { InboxRow } from '../store/raw/inbox.ts'

/** A verified delivery on its way into the archive. */
export interface HookDelivery {
  readonly connectionId: string
  readonly deliveryId: string
  readonly meta: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly receivedAt: string
}

/** A delivery as it will stand in the inbox. */
export type ArrivingRow = Omit<InboxRow, 'rawId'>

/** Deliveries whose commit is under way. */
export interface Arrival {
  readonly rows: readonly ArrivingRow[]
  /** Their ids in the archive, once they are committed; rejects when they are not. */
  readonly ids: Promise<readonly number[]>
}

export interface HookSink {
  /** Resolves once the delivery is committed (I1); rejects when it is not, and then the channel must not get a 2xx. */
  accept(delivery: HookDelivery): Promise<void>
  /** Payload of this door's notifications. */
  readonly name: string
  /** Hands over what is being committed: who drains the inbox in this process need neither wait for the database's word nor read, and can prepare meanwhile. */
  onArrival(listener: (arrival: Arrival) => void): void
  /** Waits for everything accepted so far. */
  drain(): Promise<void>
  /** True as soon as no crowd waits for its answer; false when `ms` went by and one still does. */
  quiet(ms: number): Promise<boolean>
}

/** How many shards the inbox has; a shard is drained by one worker at a time. */
export const SHARDS = 16
/** Channel of NOTIFY that wakes the residents. */
export const INBOX_CHANNEL = 'hub_inbox'

const MAX_ROWS = 200
const MAX_IN_FLIGHT = 2
/** A second commit beside the one under way has to be worth its price: single deliveries wait the few milliseconds and go together. */
const WORTH_A_SECOND = 8
/** Statements of up to this many rows keep their plan in the session; larger ones are rare enough to be planned. */
const KEPT_ROWS = 8
const QUIET_LOOK_MS = 2
/** So many unanswered deliveries are a crowd. At 500 a second there are one or two, and twenty when a commit takes long: no reason to let orders wait. */
const CROWD = 32
/** A commit answers a whole crowd at once; it is back within a moment. */
const CALM_MS = 25

interface Waiting {
  readonly delivery: HookDelivery
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit without a timer: whatever arrived while the last commit ran goes into the next one. Nothing is parsed at
 * the door.
 */
export function createHookSink(deps: { readonly pool: pg.Pool; readonly keys: DataKeys; readonly now: () => Date }): HookSink {
  let waiting: Waiting[] = []
  const flights = new Set<Promise<void>>()
  const name = randomUUID()
  let arriving: ((arrival: Arrival) => void) | undefined
  let scheduled = false
  let unanswered = 0
  let crowdedAt = -Infinity
  const crowded = (): boolean => unanswered >= CROWD || performance.now() - crowdedAt < CALM_MS

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || flights.size >= MAX_IN_FLIGHT || (flights.size > 0 && waiting.length < WORTH_A_SECOND)) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      const rows = waiting.slice(0, MAX_ROWS)
      waiting = waiting.slice(MAX_ROWS)
      const flight = store(rows).finally(() => {
        flights.delete(flight)
        schedule()
      })
      flights.add(flight)
      schedule()
    })
  }

  const store = async (rows: readonly Waiting[]): Promise<void> => {
    try {
      const sealed = await sealHooks(
        deps,
        rows.map((row) => row.delivery),
      )
      const ids = insertHooks(deps.pool, sealed, name)
      arriving?.({ rows: sealed, ids })
      await ids
      for (const row of rows) row.resolve()
    } catch (error) {
      for (const row of rows) row.reject(error)
    } finally {
      if (unanswered >= CROWD) crowdedAt = performance.now()
      unanswered -= rows.length
    }
  }

  return {
    name,
    onArrival: (listener) => {
      arriving = listener
    },
    accept: (delivery) =>
      new Promise((resolve, reject) => {
        unanswered += 1
        waiting.push({ delivery, resolve, reject })
        schedule()
      }),
    quiet: async (ms) => {
      const deadline = performance.now() + ms
      while (crowded() && performance.now() < deadline) await pause(QUIET_LOOK_MS)
      return !crowded()
    },
    drain: async () => {
      while (waiting.length > 0 || flights.size > 0) await Promise.all([...flights, new Promise((resolve) => setImmediate(resolve))])
    },
  }
}

type SealedRow = ArrivingRow & { readonly sha256: Buffer; readonly size: number }

async function sealHooks(
  deps: { readonly keys: DataKeys; readonly now: () => Date },
  deliveries: readonly HookDelivery[],
): Promise<readonly SealedRow[]> {
  const sealers = new Map<string, Awaited<ReturnType<DataKeys['sealer']>>>()
  const now = deps.now()
  const rows: SealedRow[] = []
  for (const { connectionId, deliveryId: externalId, receivedAt, meta, body } of deliveries) {
    const seal = sealers.get(connectionId) ?? (await deps.keys.sealer(connectionId, now))
    sealers.set(connectionId, seal)
    const sha256 = hash('sha256', body, 'buffer')
    rows.push({
      shard: sha256.readUInt16BE(0) % SHARDS,
      connectionId,
      kind: 'hook',
      externalId,
      source: 'hook',
      receivedAt,
      readStartedAt: receivedAt,
      meta,
      ...seal(body, rawAad(connectionId, 'hook', externalId)),
      text: textOf(body),
      sha256,
      size: body.byteLength,
    })
  }
  return rows
}

/** Answers their ids. */
async function insertHooks(pool: pg.Pool, rows: readonly SealedRow[], from: string): Promise<readonly number[]> {
  const values: unknown[] = []
  const tuples: string[] = []
  for (const [i, row] of rows.entries()) {
    const at = values.length
    values.push(
      row.connectionId,
      row.externalId,
      row.receivedAt,
      row.sha256,
      JSON.stringify(row.meta),
      row.keyId,
      row.rowKey,
      row.body,
      row.size,
      row.shard,
    )
    tuples.push(
      `(${i},$${at + 1}::text,$${at + 2}::text,$${at + 3}::timestamptz,$${at + 4}::bytea,$${at + 5}::json,$${at + 6}::int,$${at + 7}::bytea,$${at + 8}::bytea,$${at + 9}::int,$${at + 10}::smallint)`,
    )
  }
  const text = `with v as materialized (select nextval('raw_events_id_seq') as id, * from (values ${tuples.join(',')}) t(n, connection_id, external_id, received_at, sha256, meta, key_id, row_key, body, size, shard)),
     r as (insert into raw_events (id, connection_id, kind, external_id, source, received_at, authoritative, read_started_at, sha256, meta, key_id, row_key, body, size)
       select id, connection_id, 'hook', external_id, 'hook', received_at, false, received_at, sha256, meta, key_id, row_key, body, size from v),
     i as (insert into inbox (raw_id, shard) select id, shard from v)
     select id, case n when 0 then pg_notify('${INBOX_CHANNEL}', $${values.length + 1}) end from v order by n`
  const inserted = await pool.query<{ id: number }>({
    ...(rows.length <= KEPT_ROWS && { name: `insert-hooks-${rows.length}` }),
    text,
    values: [...values, from],
  })
  return inserted.rows.map(({ id }) => id)
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
