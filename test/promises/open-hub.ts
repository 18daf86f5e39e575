import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { createHookSink, type HookSink } from '../../src/intake/receive-hook.ts'
import { InboxDrain } from '../../src/activities/receive.ts'
import { DomainError } from '../../src/core/fault.ts'
import type { Mapping } from '../../src/core/mapping.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { testHub, plainMapping, type TestHub } from '../support/builders.ts'
import { freshDatabase } from '../support/db.ts'
import { PlainChannel } from './plain-channel.ts'

export interface PromiseHub extends TestHub {
  readonly databaseUrl: string
  readonly channel: PlainChannel
  readonly sink: HookSink
  readonly drain: InboxDrain
  /** One value of the first row. */
  value<T>(sql: string, params?: readonly unknown[]): Promise<T>
  rows<T>(sql: string, params?: readonly unknown[]): Promise<readonly T[]>
  /** Hands in one verified webhook delivery; resolves when the door would answer 2xx. */
  deliver(body: string, deliveryId?: string): Promise<void>
  contextOf(connectionId: string): Promise<ConnectionContext>
}

/** Plain documents, and those with `draft` set are ignored by rule. */
const mapping: Mapping = {
  ...plainMapping,
  map: (raw, context) =>
    typeof raw.doc === 'object' && raw.doc !== null && 'draft' in raw.doc
      ? { kind: 'ignore', rule: 'draft', reason: 'Not an order yet.' }
      : plainMapping.map(raw, context),
}

/** A hub over a database of its own, with one connection (`c_plain`) to a channel in memory. */
export async function openHub(): Promise<PromiseHub> {
  const database = await freshDatabase()
  const hub = await testHub(database.url)
  const channel = new PlainChannel()
  const deps = { ...hub, mappings: new Map([['plain', mapping]]) }
  const contextOf = async (connectionId: string): Promise<ConnectionContext> => {
    const { rowCount } = await hub.pool.query(`select 1 from connections where id = $1`, [connectionId])
    if (rowCount === 0) throw new DomainError('connection-unknown', `There is no connection ${connectionId}.`)
    return { ...hub.context, connectionId }
  }
  const sink = createHookSink(deps)
  const drain = new InboxDrain({
    ...deps,
    registry: new Map([['plain', channel.open(hub.context).connector]]),
    contextOf,
    log: { warn: () => undefined },
  })
  const rows = async <T>(sql: string, params: readonly unknown[] = []): Promise<readonly T[]> => (await hub.pool.query(sql, [...params])).rows as T[]
  return {
    ...deps,
    databaseUrl: database.url,
    channel,
    sink,
    drain,
    rows,
    contextOf,
    value: async <T>(sql: string, params?: readonly unknown[]) => Object.values((await rows<Record<string, T>>(sql, params))[0] ?? {})[0] as T,
    deliver: (body, deliveryId = randomBytes(6).toString('hex')) =>
      sink.accept({ connectionId: 'c_plain', deliveryId, meta: {}, body: Buffer.from(body), receivedAt: new Date().toISOString() }),
    close: async () => {
      await hub.close()
      await database.drop()
    },
  }
}

/** Drains the inbox until nothing that can be settled is left. */
export async function drainAll(hub: PromiseHub): Promise<void> {
  while ((await hub.drain.pass()) > 0);
}

/** Every insert into `table` fails as if the database had gone, until the answer is called. Not a fault of the data. */
export async function breakInserts(pool: pg.Pool, table: string): Promise<() => Promise<void>> {
  await pool.query(`create or replace function broken() returns trigger language plpgsql as $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$;
    create trigger broken before insert on ${table} for each statement execute function broken()`)
  return async () => void (await pool.query(`drop trigger broken on ${table}`))
}

/** Waits until `holds` answers true; fails after ten seconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(10)) if (await holds()) return
  throw new Error('It did not happen within ten seconds.')
}

/** The same numbers for the same seed: a failing run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
