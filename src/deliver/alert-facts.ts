import type pg from 'pg'
import { type AlertSubject, type FactsOf, NEVER } from '../core/alert-facts.ts'
import type { Registry } from '../core/connector.ts'
import { ledgerState } from '../core/ledger-state.ts'
import { isSilent } from '../core/silence.ts'
import { type ConnectionLoad, type HubLoad, type PrivacyLoad, readConnectionLoad, readHubLoad, readPrivacyLoad } from '../store/alerts/load.ts'
import { type NodeLoad, readNodeLoad } from '../store/alerts/node-load.ts'
import { type ConnectionSigns, readConnectionSigns } from '../store/read/connection-signs.ts'
import { readLedgerDays } from '../store/read/ledger-days.ts'
import type { Visible } from '../store/read/scope.ts'

interface FactDeps {
  readonly pool: pg.Pool
  readonly registry: Registry
}

/** Which facts to read. The stations and the ledger cost most: they are left out where nobody asks. */
export interface Wanted {
  readonly nodes: boolean
  readonly ledger: boolean
}

/** The streams of orders of all channels, as `channel/stream`: only they can fall behind. */
export const orderStreams = (registry: Registry): readonly string[] =>
  [...registry.values()].flatMap(({ manifest }) => manifest.capabilities.pullOrders?.streams.map(({ id }) => `${manifest.id}/${id}`) ?? [])

/** What rules of alerts may ask about, as it is now: one subject for the hub, one per connection, and one per station of its orders. */
export async function readAlertSubjects(
  { pool, registry }: FactDeps,
  wanted: Wanted,
  now: Date,
  visible: Visible = null,
): Promise<readonly AlertSubject[]> {
  const loads = await readConnectionLoad(pool, visible, orderStreams(registry), now)
  const signs = await readConnectionSigns(pool, visible)
  const red = wanted.ledger ? await redDays({ pool, registry }, now, visible) : new Map<string, number>()
  const nodes = wanted.nodes ? await readNodeLoad(pool, visible, now) : []
  const connections = loads.map((load) => connectionFacts({ registry, load, signs: signs.get(load.id), redDays: red.get(load.id) ?? 0, now }))
  const hub = hubFacts({ ...(await readHubLoad(pool)), privacy: await readPrivacyLoad(pool, visible) }, loads, [...signs.values()], now)
  return [
    { scope: 'hub', subject: 'hub', connectionId: null, facts: { hub } },
    ...connections.map((connection): AlertSubject => ({
      scope: 'connection',
      subject: connection.id,
      connectionId: connection.id,
      facts: { connection, hub },
    })),
    ...nodes.flatMap((load): readonly AlertSubject[] => {
      const connection = connections.find(({ id }) => id === load.connection_id)
      if (!connection) return []
      const subject = `${load.connection_id}/${load.node}`
      return [{ scope: 'node', subject, connectionId: load.connection_id, facts: { node: nodeFacts(load, now), connection, hub } }]
    }),
  ]
}

/** Seconds until nothing waits, at the pace of the last ten minutes. */
function drainSeconds(waiting: number, done: number): number {
  if (waiting === 0) return 0
  return done === 0 ? NEVER : Math.ceil(waiting / (done / 600))
}

const waitingOf = (signs: ConnectionSigns | undefined): number => (signs === undefined ? 0 : signs.documents + signs.fetches + signs.writes)

interface About {
  readonly registry: Registry
  readonly load: ConnectionLoad
  readonly signs: ConnectionSigns | undefined
  readonly redDays: number
  readonly now: Date
}

function connectionFacts({ registry, load, signs, redDays: ledger, now }: About): FactsOf<'connection'> {
  const renews = registry.get(load.channel)?.manifest.capabilities.refreshToken !== undefined
  const waiting = waitingOf(signs)
  return {
    id: load.id,
    name: load.name,
    channel: load.channel,
    state: load.state,
    sandbox: load.sandbox,
    armed: load.armed,
    lag_seconds: load.lag_seconds,
    faults_in_row: load.faults_in_row,
    quiet_seconds: signs?.quiet_seconds ?? 0,
    silent: signs !== undefined && isSilent(signs),
    webhook_lost: load.webhook_lost,
    // What renews itself does not end.
    token_days: load.tokens_expire_at === null || renews ? NEVER : (Date.parse(load.tokens_expire_at) - now.getTime()) / 86_400_000,
    waiting,
    drain_seconds: drainSeconds(waiting, signs?.done ?? 0),
    writes_in_doubt: load.in_doubt,
    failing_groups: load.failing_groups,
    news: signs?.news ?? 0,
    documents_hour: load.documents_hour,
    failure_rate: load.documents_hour === 0 ? 0 : load.held_hour / load.documents_hour,
    shortages: load.shortages,
    late_orders: load.late_orders,
    ledger_red_days: ledger,
  }
}

const nodeFacts = (load: NodeLoad, now: Date): FactsOf<'node'> => ({
  code: load.node,
  orders: load.orders,
  stuck: load.stuck,
  overdue: load.overdue,
  oldest_minutes: Math.max(0, Math.floor((now.getTime() - Date.parse(load.oldest)) / 60_000)),
})

type WholeHub = HubLoad & { readonly privacy: PrivacyLoad }

function hubFacts(hub: WholeHub, loads: readonly ConnectionLoad[], signs: readonly ConnectionSigns[], now: Date): FactsOf<'hub'> {
  const sum = (of: (load: ConnectionLoad) => number): number => loads.reduce((total, load) => total + of(load), 0)
  const waiting = signs.reduce((total, one) => total + waitingOf(one), 0)
  return {
    waiting,
    drain_seconds: drainSeconds(
      waiting,
      signs.reduce((total, one) => total + one.done, 0),
    ),
    shortages: hub.shortages,
    writes_in_doubt: sum((load) => load.in_doubt),
    failing_groups: hub.failing_groups + sum((load) => load.failing_groups),
    connections_stopped: loads.filter(({ state }) => state === 'needs-auth' || state === 'misconfigured').length,
    privacy_requests: hub.privacy.waiting,
    privacy_days: hub.privacy.due_at === null ? NEVER : Math.round((Date.parse(hub.privacy.due_at) - now.getTime()) / 8_640_000) / 10,
    outbound_stopped: hub.outbound_stopped,
  }
}

const LEDGER_DAYS = 7

/** Business days of the last week that are red, by connection. */
async function redDays({ pool, registry }: FactDeps, now: Date, visible: Visible): Promise<ReadonlyMap<string, number>> {
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  const days = await readLedgerDays(pool, { from: dayOf(now.getTime() - LEDGER_DAYS * 86_400_000), to: dayOf(now.getTime()), visible })
  const red = new Map<string, number>()
  for (const day of days) {
    const capabilities = registry.get(day.channel)?.manifest.capabilities
    const canAsk = capabilities?.listOrderIds !== undefined || capabilities?.pullOrders?.streams.some(({ mode }) => mode === 'window') === true
    const state = ledgerState({
      over: day.over,
      canAsk,
      asked: day.ask_state === 'done',
      states: day.states,
      canonical: day.canonical,
      consumers: day.consumers,
    })
    if (state === 'red') red.set(day.connection_id, (red.get(day.connection_id) ?? 0) + 1)
  }
  return red
}
