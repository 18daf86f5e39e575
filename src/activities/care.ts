import { randomBytes } from 'node:crypto'
import { ChannelError } from '../core/fault.ts'
import { openSecrets, sealSecrets } from '../store/connection-secrets.ts'
import {
  ensureRawPartitions,
  listingsReadAt,
  noteListingsRead,
  noteWebhooks,
  quietness,
  storeSecrets,
  tidyUp,
  unseenOrders,
} from '../store/deliver/care.ts'
import type { StoredConnection } from '../store/deliver/open-connection.ts'
import { ordersWaitingFor, retireListings, saveListings } from '../store/deliver/save-listings.ts'
import { openFailures, resolveFailures } from '../store/deliver/open-failure.ts'
import { createJob } from '../store/jobs.ts'
import { eraseDue } from '../store/privacy/due.ts'
import { requestFetch } from '../store/raw/dispose.ts'
import { noteReadFault, noteSuccess } from './connection-health.ts'
import type { OpenedConnection } from './pull.ts'
import type { PushDeps } from './push.ts'
import { levelsDue, verifyLevels } from './verify-levels.ts'

export interface CareDeps extends PushDeps {
  readonly openStored: (connectionId: string, signal: AbortSignal) => Promise<OpenedConnection & { readonly stored: StoredConnection }>
  readonly findConnection: (connectionId: string) => Promise<StoredConnection | undefined>
  /** As a channel on these hosts reaches this hub, without a trailing slash; undefined = its webhooks cannot. */
  readonly publicUrl: (hosts: readonly string[]) => string | undefined
}

const LISTINGS_EVERY_MS = 24 * 3_600_000

/** What a connection needs now and then beside its orders: webhooks watched, listings refreshed, levels compared. Each is looked after by itself. */
export async function careFor(deps: CareDeps, connectionId: string, signal: AbortSignal, heartbeat: () => void): Promise<void> {
  const opened = await deps.openStored(connectionId, signal)
  if (await listingsDue(deps, opened)) await looked(deps, opened, 'listings', () => refreshListings(deps, opened, heartbeat))
  if (webhooksDue(deps, opened)) await looked(deps, opened, 'webhook', () => watchWebhooks(deps, opened))
  if (await levelsDue(deps, opened)) await verifyLevels(deps, opened, heartbeat)
}

/** True when `careFor` has something to do. */
export async function careDue(deps: CareDeps, opened: OpenedConnection & { readonly stored: StoredConnection }): Promise<boolean> {
  return webhooksDue(deps, opened) || (await listingsDue(deps, opened)) || levelsDue(deps, opened)
}

async function listingsDue(deps: CareDeps, opened: OpenedConnection): Promise<boolean> {
  if (!opened.connector.pullListings) return false
  const last = await listingsReadAt(deps.pool, opened.context.connectionId)
  return last === undefined || deps.now().getTime() - Date.parse(last) > LISTINGS_EVERY_MS
}

function webhooksDue(deps: CareDeps, { connector, call, stored }: OpenedConnection & { readonly stored: StoredConnection }): boolean {
  const every = connector.manifest.capabilities.ensureWebhooks?.checkEverySeconds
  if (every === undefined || deps.publicUrl(connector.manifest.hosts(call.config)) === undefined || stored.webhook_token === null) return false
  return stored.webhook_checked_at === null || deps.now().getTime() - Date.parse(stored.webhook_checked_at) > every * 1000
}

async function looked(deps: CareDeps, opened: OpenedConnection, operation: 'listings' | 'webhook', work: () => Promise<unknown>): Promise<void> {
  const { connectionId: id, channel } = opened.context
  try {
    await work()
    await noteSuccess(deps, id, operation)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    await noteReadFault(deps, { id, channel }, operation, error.fault)
    // Tried again at the next turn of its own clock, not in a loop.
    if (operation === 'listings') await noteListingsRead(deps.pool, id, new Date(deps.now().getTime() - LISTINGS_EVERY_MS + 15 * 60_000))
    else await noteWebhooks(deps.pool, id, undefined, deps.now())
  }
}

export interface ListingsReport {
  readonly saved: number
  readonly rebound: number
  readonly retired: number
  /** Replay of the orders that waited for these bindings; undefined when none did. */
  readonly replayJob?: string
}

/** Reads all listings of a channel, binds them, and has the orders replayed that waited for a binding. */
export async function refreshListings(deps: PushDeps, opened: OpenedConnection, heartbeat: (saved: number) => void): Promise<ListingsReport> {
  const { connectionId } = opened.context
  const pages = opened.connector.pullListings?.(opened.call, undefined)
  if (!pages) throw new ChannelError({ kind: 'misconfigured', code: 'no-listings', message: `${opened.context.channel} does not name its listings.` })
  const startedAt = deps.now()
  let saved = 0
  const rebound: string[] = []
  for await (const page of pages) {
    const result = await saveListings(deps.pool, connectionId, page.listings, deps.now())
    saved += result.saved
    rebound.push(...result.rebound)
    heartbeat(saved)
  }
  const retired = await retireListings(deps.pool, connectionId, startedAt)
  await noteListingsRead(deps.pool, connectionId, startedAt)
  const waiting = rebound.length === 0 ? [] : await ordersWaitingFor(deps.pool, connectionId, rebound)
  const report = { saved, rebound: rebound.length, retired }
  if (waiting.length === 0) return report
  const job = await createJob(deps.pool, {
    kind: 'replay',
    connectionId,
    params: { filter: { orderIds: waiting }, dry_run: false },
    createdBy: 'binding',
  })
  return { ...report, replayJob: job.id }
}

/** Makes sure the channel's subscriptions stand and point here; a connection without a webhook secret gets one. */
async function watchWebhooks(deps: CareDeps, opened: OpenedConnection & { readonly stored: StoredConnection }): Promise<void> {
  const { stored, connector, call } = opened
  const publicUrl = deps.publicUrl(connector.manifest.hosts(call.config))
  if (!connector.ensureWebhooks || publicUrl === undefined || stored.webhook_token === null) return
  const secrets = openSecrets(deps.box, stored.id, stored.secrets)
  let secret = secrets['webhookSecret'] ?? ''
  if (secret === '') {
    secret = randomBytes(24).toString('base64url')
    const sealed = sealSecrets(deps.box, stored.id, { ...secrets, webhookSecret: secret })
    if (!(await storeSecrets(deps.pool, stored.id, stored.secrets, sealed))) return // somebody changed the credentials just now: next time
  }
  const state = await connector.ensureWebhooks(call, { url: `${publicUrl}/hooks/${stored.webhook_token}`, secret })
  await noteWebhooks(deps.pool, stored.id, state, deps.now())
}

export interface SweepReport {
  readonly listed: number
  readonly missing: number
}

/** Two days back, up to an hour ago: late visibility is over by then. */
const SWEEP_FROM_MS = 48 * 3_600_000
const SWEEP_TO_MS = 3_600_000

/** The daily question to a channel: which orders did you change? Those the hub never saw are fetched. */
export async function sweepConnection(
  deps: CareDeps,
  connectionId: string,
  signal: AbortSignal,
  heartbeat: (listed: number) => void,
): Promise<SweepReport> {
  const opened = await deps.openStored(connectionId, signal)
  await judgeSilence(deps, opened)
  const capability = opened.connector.manifest.capabilities.listOrderIds
  if (!capability || !opened.connector.listOrderIds || opened.stored.state !== 'active') return { listed: 0, missing: 0 }
  const end = deps.now().getTime() - SWEEP_TO_MS
  let report: SweepReport = { listed: 0, missing: 0 }
  for (let from = deps.now().getTime() - SWEEP_FROM_MS; from < end; from += capability.maxWindowHours * 3_600_000) {
    const window = { from: new Date(from).toISOString(), to: new Date(Math.min(end, from + capability.maxWindowHours * 3_600_000)).toISOString() }
    for await (const ids of opened.connector.listOrderIds(opened.call, window)) {
      const missing = await unseenOrders(deps.pool, connectionId, ids)
      await requestFetch(
        deps.pool,
        connectionId,
        missing.map((externalId) => ({ kind: 'order', externalId })),
        'sweep',
      )
      report = { listed: report.listed + ids.length, missing: report.missing + missing.length }
      heartbeat(report.listed)
    }
  }
  return report
}

/** Far quieter than its own habit: nobody reports that nothing arrives, so the hub has to. */
async function judgeSilence(deps: CareDeps, opened: OpenedConnection): Promise<void> {
  const { connectionId, channel } = opened.context
  const quiet = await quietness(deps.pool, connectionId, deps.now())
  const subjectId = `${connectionId}/silence`
  if (!quiet || quiet.hoursQuiet < Math.max(6, 10 * quiet.hoursUsual)) {
    await resolveFailures(deps.pool, 'stream', [subjectId], deps.now())
    return
  }
  const message = `No order for ${Math.round(quiet.hoursQuiet)} hours; usually one comes every ${quiet.hoursUsual.toFixed(1)} hours.`
  await openFailures(deps.pool, [
    { connectionId, channel, operation: 'pull', fault: { kind: 'missing', code: 'silence', message }, subjectKind: 'stream', subjectId },
  ])
}

/** What is not done by then is done the next night. */
const ERASING_MS = 3 * 60_000

/** House-keeping of the database, once a day. */
export async function keepHouse(deps: Pick<CareDeps, 'pool' | 'now'>): Promise<readonly string[]> {
  await tidyUp(deps.pool, deps.now())
  const begun = performance.now()
  await eraseDue(deps.pool, deps.now(), () => performance.now() - begun > ERASING_MS)
  return ensureRawPartitions(deps.pool, deps.now())
}
