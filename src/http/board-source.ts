import type pg from 'pg'
import type { Registry } from '../core/connector.ts'
import { isSilent } from '../core/silence.ts'
import { orderStreams } from '../deliver/alert-facts.ts'
import { type ConnectionLoad, type PrivacyLoad, readConnectionLoad, readHubLoad, readPrivacyLoad } from '../store/alerts/load.ts'
import { type NodeLoad, readNodeLoad } from '../store/alerts/node-load.ts'
import { type Rates, readRates } from '../store/alerts/rates.ts'
import { backlog } from '../store/read/backlog.ts'
import { type ConnectionSigns, readConnectionSigns } from '../store/read/connection-signs.ts'
import type { Visible } from '../store/read/scope.ts'
import { NO_SIGNS, signsView } from './connection-signs.ts'
import { Paced, perScope } from './paced.ts'

/** The board at one moment: what everybody who looks sees, and what /metrics tells. */
export interface Board {
  readonly at: string
  readonly rates: Omit<Rates, 'raw_floor' | 'feed_floor'>
  /** What waits in the whole hub, by kind; null for callers who see a part of it. */
  readonly backlog: Readonly<Record<string, number>> | null
  readonly outbound_stopped: boolean
  readonly shortages: number
  /** Requests of channels about personal data that nobody has decided about. */
  readonly privacy: PrivacyLoad
  readonly connections: readonly Readonly<Record<string, unknown>>[]
  readonly connections_at: string
  readonly nodes: readonly NodeLoad[]
  /** null = they could not be counted so far. */
  readonly nodes_at: string | null
}

export interface BoardSource {
  /** @param patienceMs how long to wait for the stations where they were never counted; without it, until they are */
  look(visible: Visible, patienceMs?: number): Promise<Board>
}

const QUICK_MS = 900
const SLOW_MS = 5_000

interface Cells {
  readonly quick: Paced<{ readonly rates: Rates; readonly backlog: Readonly<Record<string, number>> | null }>
  readonly connections: Paced<{
    readonly loads: readonly ConnectionLoad[]
    readonly signs: ReadonlyMap<string, ConnectionSigns>
    readonly hub: { readonly outbound_stopped: boolean; readonly shortages: number }
    readonly privacy: PrivacyLoad
  }>
  readonly nodes: Paced<readonly NodeLoad[]>
}

/** Puts the board together from what is read at different paces; shared by all who look. */
export function createBoard(deps: { readonly pool: pg.Pool; readonly registry: Registry; readonly now: () => Date }): BoardSource {
  const cellsOf = perScope((visible) => makeCells(deps, visible))
  return {
    async look(visible, patienceMs) {
      const cells = cellsOf(visible)
      const counted = patienceMs === undefined ? cells.nodes.get() : cells.nodes.soon(patienceMs)
      const [quick, connections, nodes] = await Promise.all([cells.quick.get(), cells.connections.get(), counted.catch(() => undefined)])
      const { raw_floor: _raw, feed_floor: _feed, ...rates } = quick.value.rates
      const { loads, signs, hub, privacy } = connections.value
      return {
        at: quick.at.toISOString(),
        rates,
        backlog: quick.value.backlog,
        outbound_stopped: hub.outbound_stopped,
        shortages: visible === null ? hub.shortages : loads.reduce((sum, load) => sum + load.shortages, 0),
        privacy,
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
        privacy: await readPrivacyLoad(pool, visible),
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
