import { loadMasterKey } from '../src/app/services/master-key.ts'
import { parseJson } from '../src/kit/json.ts'
import { ingest, type IncomingRaw, type IngestDeps } from '../src/normalize/ingest.ts'
import type { ConnectionContext } from '../src/normalize/prepare.ts'
import { createPool } from '../src/store/db.ts'
import { DataKeys } from '../src/store/envelope.ts'
import { unlock } from '../src/store/master-key.ts'
import { benchMapping } from './channel/mapping.ts'
import type { Hub } from './hub-process.ts'
import { FIRST_ID, orderText } from './mock/orders.ts'
import { peakRss } from './processes.ts'
import { median } from './report.ts'
import type { Sitting } from './sitting.ts'
import { backfill, connect, settle, type Connection } from './steps.ts'

/** Costs at one size of the database, milliseconds. */
export interface Costs {
  readonly fresh: number
  readonly changed: number
  readonly unchanged: number
  readonly lookup: number
  readonly feedTail: number
}

export interface Size {
  readonly orders: number
  readonly costs: Costs
  /** The most memory the hub's process had so far, bytes. */
  readonly peakRss: number | undefined
  readonly databaseBytes: number
}

const BATCH = 500
const ROUNDS = 15
const LOOKUPS = 60
const STEP = 20_000

const held = new WeakMap<Sitting, Promise<readonly Size[]>>()

/** One hub filled through its own backfill to 10,000, 100,000 and 1,000,000 orders, looked at after each. */
export function heldSizes(sitting: Sitting): Promise<readonly Size[]> {
  const known = held.get(sitting) ?? fill(sitting)
  held.set(sitting, known)
  return known
}

async function fill(sitting: Sitting): Promise<readonly Size[]> {
  const most = sitting.options.held
  const hub = await sitting.freshHub()
  const mock = await sitting.mock()
  const connection = await connect(hub, mock)
  await mock.control(`reset?n=${most}`)
  const sizes: Size[] = []
  let at = 0
  for (const size of [most / 100, most / 10, most]) {
    for (const started = performance.now(), from = at; at < size;) {
      const to = Math.min(size, at + STEP)
      await backfill(hub, connection, at, to)
      at = to
      sitting.say(`held: ${at} orders, ${Math.round((at - from) / ((performance.now() - started) / 1000))} orders/s`)
    }
    const peak = peakRss(hub.pids.hub)
    sizes.push({ orders: size, costs: await costsOf(sitting, hub, connection, size), peakRss: peak, databaseBytes: await databaseBytes(hub) })
  }
  return sizes
}

async function databaseBytes(hub: Hub): Promise<number> {
  const { rows } = await hub.db.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes')
  return Number(rows[0]?.bytes ?? 0)
}

/** Batches go through the hub's own `ingest` from this process, so that no waiting for a workflow hides a difference. */
async function costsOf(sitting: Sitting, hub: Hub, connection: Connection, size: number): Promise<Costs> {
  await hub.db.query('analyze')
  await settle(hub)
  const pool = createPool(hub.databaseUrl, { max: 2, name: 'bench ingest' })
  try {
    const box = await unlock(pool, await loadMasterKey({ home: hub.home, production: false }))
    const deps: IngestDeps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['bench', benchMapping]]), now: () => new Date() }
    const context = { connectionId: connection.id, channel: 'bench', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
    const costs = await batches(deps, context, size)
    const all = { ...costs, lookup: await lookups(hub, connection, size), feedTail: await feedTail(hub) }
    sitting.say(
      `held: at ${size} ${Object.entries(all)
        .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
        .join(', ')}`,
    )
    return all
  } finally {
    await pool.end()
  }
}

async function batches(deps: IngestDeps, context: ConnectionContext, size: number): Promise<Pick<Costs, 'fresh' | 'changed' | 'unchanged'>> {
  const times: Readonly<Record<'fresh' | 'changed' | 'unchanged', number[]>> = { fresh: [], changed: [], unchanged: [] }
  const base = 20_000_000 + size * 10
  for (let round = 0; round <= ROUNDS; round += 1) {
    const now = new Date().toISOString()
    const spread = Array.from({ length: BATCH }, (_, at) => Math.floor(((at + round / (ROUNDS + 1)) * size) / BATCH))
    const changed = spread.map((index) => record(index, round + 1, now))
    const fresh = spread.map((_, at) => record(base + round * BATCH + at, 0, now))
    const one = {
      fresh: await timed(deps, context, fresh),
      changed: await timed(deps, context, changed),
      unchanged: await timed(deps, context, changed),
    }
    if (round === 0) continue // code is compiled, statements are planned
    for (const kind of ['fresh', 'changed', 'unchanged'] as const) times[kind].push(one[kind])
  }
  return { fresh: median(times.fresh), changed: median(times.changed), unchanged: median(times.unchanged) }
}

function record(index: number, revision: number, updatedAt: string): IncomingRaw {
  const payload = orderText({ index, revision, updatedAt })
  const at = new Date().toISOString()
  return {
    record: { kind: 'order', externalId: String(FIRST_ID + index), sourceTime: updatedAt, payload, doc: parseJson(payload) },
    ...{ source: 'poll', receivedAt: at, readStartedAt: at, authoritative: true },
  }
}

async function timed(deps: IngestDeps, context: ConnectionContext, incoming: readonly IncomingRaw[]): Promise<number> {
  const started = performance.now()
  await ingest(deps, context, incoming)
  return performance.now() - started
}

/** One order by its number, as support asks for it. */
async function lookups(hub: Hub, connection: Connection, size: number): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < LOOKUPS; i += 1) {
    const number = String(FIRST_ID + Math.floor((i * size) / LOOKUPS))
    const started = performance.now()
    const found = await hub.call('GET', `/v1/find?q=${number}`)
    times.push(performance.now() - started)
    if (!JSON.stringify(found['orders']).includes(number)) throw new Error(`Order ${number} of ${connection.id} was not found.`)
  }
  return median(times)
}

/** The last 500 changes, as a reader that keeps up asks for them. */
async function feedTail(hub: Hub): Promise<number> {
  const { rows } = await hub.db.query<{ seq: string }>('select max(seq) - $1 as seq from feed', [BATCH])
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i += 1) {
    const started = performance.now()
    await hub.call('GET', `/v1/changes?after=${rows[0]?.seq ?? 0}&limit=${BATCH}`)
    times.push(performance.now() - started)
  }
  return median(times)
}
