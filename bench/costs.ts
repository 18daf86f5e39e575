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
import { median } from './report.ts'
import { settle } from './steps.ts'

/** What the same piece of work takes, milliseconds. */
export interface Costs {
  readonly fresh: number
  readonly changed: number
  readonly unchanged: number
  readonly lookup: number
  readonly feedTail: number
}

/** A hub, and one of its connections that holds the first so many orders of the mock. */
export interface Held {
  readonly hub: Hub
  readonly connectionId: string
  readonly orders: number
}

type Times = Readonly<Record<keyof Costs, number[]>>

const BATCH = 500
const ROUNDS = 15
const LOOKUPS = 60
/** New orders of this measurement have numbers from here on. */
const FRESH = 20_000_000

/** All hubs in turn, round by round, so that the same hour of the machine goes into each. */
export async function costsInTurn(all: readonly Held[]): Promise<readonly Costs[]> {
  for (const { hub } of all) {
    // As every hub is that did not write all of it in the last five minutes.
    await hub.db.query('vacuum (analyze)')
    await settle(hub)
  }
  const looks: Look[] = []
  try {
    for (const held of all) looks.push(await Look.at(held))
    for (let round = 0; round <= ROUNDS; round += 1) for (const look of looks) await look.batches(round)
    for (let i = 0; i < LOOKUPS; i += 1) for (const look of looks) await look.find(i)
    for (const look of looks) await look.atTheEnd()
    for (let i = 0; i < ROUNDS; i += 1) for (const look of looks) await look.feedTail()
  } finally {
    for (const look of looks) await look.close()
  }
  return looks.map(({ times }) => ({
    ...{ fresh: median(times.fresh), changed: median(times.changed), unchanged: median(times.unchanged) },
    ...{ lookup: median(times.lookup), feedTail: median(times.feedTail) },
  }))
}

/** Batches go through the hub's own `ingest` from this process, so that no waiting for a workflow hides a difference. */
class Look {
  readonly times: Times = { fresh: [], changed: [], unchanged: [], lookup: [], feedTail: [] }
  readonly #held: Held
  readonly #deps: IngestDeps
  readonly #context: ConnectionContext
  readonly #fresh: number
  #tail = '0'

  private constructor(held: Held, deps: IngestDeps, fresh: number) {
    this.#held = held
    this.#deps = deps
    this.#fresh = fresh
    this.#context = { connectionId: held.connectionId, channel: 'bench', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
  }

  static async at(held: Held): Promise<Look> {
    const { hub, connectionId } = held
    const pool = createPool(hub.databaseUrl, { max: 2, name: 'bench ingest' })
    const box = await unlock(pool, await loadMasterKey({ home: hub.home, production: false }))
    const deps: IngestDeps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['bench', benchMapping]]), now: () => new Date() }
    const { rows } = await pool.query<{ last: string | null }>('select max(external_id) as last from orders where connection_id = $1', [connectionId])
    return new Look(held, deps, Math.max(FRESH, Number(rows[0]?.last ?? 0) + 1 - FIRST_ID))
  }

  close = (): Promise<void> => this.#deps.pool.end()

  /** New orders, then some of those held changed, evenly spread over all and others each time, then the same again. */
  async batches(round: number): Promise<void> {
    const now = new Date().toISOString()
    const spread = Array.from({ length: BATCH }, (_, at) => Math.floor(((at + round / (ROUNDS + 1)) * this.#held.orders) / BATCH))
    const changed = spread.map((index) => record(index, round + 1, now))
    const fresh = spread.map((_, at) => record(this.#fresh + round * BATCH + at, 0, now))
    const one = { fresh: await this.#timed(fresh), changed: await this.#timed(changed), unchanged: await this.#timed(changed) }
    if (round === 0) return // code is compiled, statements are planned
    for (const kind of ['fresh', 'changed', 'unchanged'] as const) this.times[kind].push(one[kind])
  }

  async #timed(incoming: readonly IncomingRaw[]): Promise<number> {
    const started = performance.now()
    await ingest(this.#deps, this.#context, incoming)
    return performance.now() - started
  }

  /** One order by its number, as support asks for it. */
  async find(i: number): Promise<void> {
    const { hub, connectionId, orders } = this.#held
    const number = String(FIRST_ID + Math.floor((i * orders) / LOOKUPS))
    const started = performance.now()
    const found = await hub.call('GET', `/v1/find?q=${number}`)
    this.times.lookup.push(performance.now() - started)
    if (!JSON.stringify(found['orders']).includes(number)) throw new Error(`Order ${number} of ${connectionId} was not found.`)
  }

  async atTheEnd(): Promise<void> {
    const { rows } = await this.#deps.pool.query<{ seq: string }>('select max(seq) - $1 as seq from feed', [BATCH])
    this.#tail = String(rows[0]?.seq ?? 0)
  }

  /** The last 500 changes, as a reader that keeps up asks for them. */
  async feedTail(): Promise<void> {
    const started = performance.now()
    await this.#held.hub.call('GET', `/v1/changes?after=${this.#tail}&limit=${BATCH}`)
    this.times.feedTail.push(performance.now() - started)
  }
}

function record(index: number, revision: number, updatedAt: string): IncomingRaw {
  const payload = orderText({ index, revision, updatedAt })
  const at = new Date().toISOString()
  return {
    record: { kind: 'order', externalId: String(FIRST_ID + index), sourceTime: updatedAt, payload, doc: parseJson(payload) },
    ...{ source: 'poll', receivedAt: at, readStartedAt: at, authoritative: true },
  }
}
