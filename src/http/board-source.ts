import type pg from 'pg'
import type { Registry } from '../core/connector.ts'
import { isSilent } from '../core/silence.ts'
import { orderStreams } from '../deliver/alert-facts.ts'
import { type ConnectionLoad, readConnectionLoad, readHubLoad } from '../store/alerts/load.ts'
import { type NodeLoad, readNodeLoad } from '../store/alerts/node-load.ts'
import { type Rates, readRates } from '../store/alerts/rates.ts'
import { backlog } from '../store/read/backlog.ts'
import { type ConnectionSigns, readConnectionSigns } from '../store/read/connection-signs.ts'
import type { Visible } from '../store/read/scope.ts'
import { NO_SIGNS, signsView } from './connection-signs.ts'

/** The board at one moment: what everybody who looks sees, and what /metrics tells. */
export interface Board {
  readonly at: string
  readonly rates: Omit<Rates, 'raw_floor' | 'feed_floor'>
  /** What waits in the whole hub, by kind; null for callers who see a part of it. */
  readonly backlog: Readonly<Record<string, number>> | null
  readonly outbound_stopped: boolean
  readonly shortages: number
  readonly connections: readonly Readonly<Record<string, unknown>>[]
  readonly connections_at: string
  readonly nodes: readonly NodeLoad[]
  /** null = they could not be counted so far. */
  readonly nodes_at: string | null
}

export interface BoardSource {
  look(visible: Visible): Promise<Board>
}

interface Read<T> {
  readonly at: Date
  readonly value: T
}

/**
 * A figure that is read at most so often, once for everybody who asks, and never for more than a small part of the time: what takes long is read more
 * rarely. While it is read again everybody gets the last one.
 */
class Paced<T> {
  readonly #read: () => Promise<T>
  readonly #everyMs: number
  readonly #now: () => Date
  #last: Read<T> | undefined
  #fault: unknown
  #notBefore = 0
  #running: Promise<Read<T>> | undefined

  constructor(read: () => Promise<T>, everyMs: number, now: () => Date) {
    this.#read = read
    this.#everyMs = everyMs
    this.#now = now
  }

  async get(): Promise<Read<T>> {
    if (this.#running === undefined && performance.now() >= this.#notBefore) this.#running = this.#again()
    // One that fails leaves the last figure standing, with its time.
    this.#running?.catch(() => undefined)
    const found = this.#last ?? this.#running
    if (found === undefined) throw this.#fault
    return found
  }

  async #again(): Promise<Read<T>> {
    const started = performance.now()
    try {
      const at = this.#now()
      const read = { at, value: await this.#read() }
      this.#last = read
      return read
    } catch (error) {
      this.#fault = error
      throw error
    } finally {
      this.#running = undefined
      this.#notBefore = performance.now() + Math.max(this.#everyMs, SPARE * (performance.now() - started))
    }
  }
}

/** Of each second of reading the others take so many. */
const SPARE = 30
const QUICK_MS = 900
const SLOW_MS = 5_000
/** Callers with another scope have a board of their own; beyond so many the oldest goes. */
const MOST_SCOPES = 30

interface Cells {
  readonly quick: Paced<{ readonly rates: Rates; readonly backlog: Readonly<Record<string, number>> | null }>
  readonly connections: Paced<{
    readonly loads: readonly ConnectionLoad[]
    readonly signs: ReadonlyMap<string, ConnectionSigns>
    readonly hub: { readonly outbound_stopped: boolean; readonly shortages: number }
  }>
  readonly nodes: Paced<readonly NodeLoad[]>
}

/** Puts the board together from what is read at different paces; shared by all who look. */
export function createBoard(deps: { readonly pool: pg.Pool; readonly registry: Registry; readonly now: () => Date }): BoardSource {
  const scopes = new Map<string, Cells>()
  const cellsOf = (visible: Visible): Cells => {
    const key = JSON.stringify(visible)
    const known = scopes.get(key)
    if (known) return known
    const [oldest] = scopes.keys()
    if (scopes.size >= MOST_SCOPES && oldest !== undefined) scopes.delete(oldest)
    const made = makeCells(deps, visible)
    scopes.set(key, made)
    return made
  }
  return {
    async look(visible) {
      const cells = cellsOf(visible)
      const [quick, connections, nodes] = await Promise.all([cells.quick.get(), cells.connections.get(), cells.nodes.get().catch(() => undefined)])
      const { raw_floor: _raw, feed_floor: _feed, ...rates } = quick.value.rates
      const { loads, signs, hub } = connections.value
      return {
        at: quick.at.toISOString(),
        rates,
        backlog: quick.value.backlog,
        outbound_stopped: hub.outbound_stopped,
        shortages: visible === null ? hub.shortages : loads.reduce((sum, load) => sum + load.shortages, 0),
        connections: loads.map((load) => connectionView(load, signs.get(load.id) ?? NO_SIGNS)),
        connections_at: connections.at.toISOString(),
        // So many open orders that counting them takes too long: the rest of the board stands.
        nodes: nodes?.value ?? [],
        nodes_at: nodes?.at.toISOString() ?? null,
      }
    },
  }
}

function makeCells(
  { pool, registry, now }: { readonly pool: pg.Pool; readonly registry: Registry; readonly now: () => Date },
  visible: Visible,
): Cells {
  let floors = { raw: 0, feed: 0 }
  return {
    quick: new Paced(
      async () => {
        const rates = await readRates(pool, visible, now(), floors)
        floors = { raw: rates.raw_floor, feed: rates.feed_floor }
        return { rates, backlog: visible === null ? Object.fromEntries((await backlog(pool)).map(({ what, count }) => [what, count])) : null }
      },
      QUICK_MS,
      now,
    ),
    connections: new Paced(
      async () => ({
        loads: await readConnectionLoad(pool, visible, orderStreams(registry), now()),
        signs: await readConnectionSigns(pool, visible),
        hub: await readHubLoad(pool),
      }),
      SLOW_MS,
      now,
    ),
    nodes: new Paced(() => readNodeLoad(pool, visible, now()), SLOW_MS, now),
  }
}

function connectionView(load: ConnectionLoad, signs: ConnectionSigns): Record<string, unknown> {
  const { held_hour: held, tokens_expire_at: _token, ...rest } = load
  return { ...rest, failure_rate: load.documents_hour === 0 ? 0 : held / load.documents_hour, silent: isSilent(signs), ...signsView(signs) }
}
