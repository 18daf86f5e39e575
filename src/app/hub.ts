import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { existsSync, readFileSync } from 'node:fs'
import { Client, Connection } from '@temporalio/client'
import type { NativeConnectionOptions } from '@temporalio/worker'
import { registry as channelsSpoken } from '../../connectors/index.ts'
import { mappings as mappingsKnown } from '../../mappings/index.ts'
import { watchAlerts } from '../activities/alert-watch.ts'
import { createChannels, type Channels } from '../activities/connection-call.ts'
import { createWorkflows, endWorkflows, type HubWorkflows } from '../activities/ensure.ts'
import { createActivities, deskDeps } from '../activities/index.ts'
import { createDesk } from '../activities/push-desk.ts'
import type { ActivityLog } from '../activities/failure.ts'
import { InboxDrain } from '../activities/receive.ts'
import { createResident } from '../activities/resident.ts'
import { startStockWatch } from '../activities/stock-watch.ts'
import { startAuditWatch } from '../activities/watch-audit.ts'
import { startDriftWatch } from '../activities/watch-drift.ts'
import { watchUnpaid } from '../activities/unpaid.ts'
import { startWaker } from '../activities/waker.ts'
import { startRuleClock } from '../activities/watch-rules.ts'
import { createApp } from '../http/app.ts'
import { serveApp, type RunningServer } from '../http/serve.ts'
import { createHookSink, INBOX_CHANNEL, type HookSink } from '../intake/receive-hook.ts'
import type { Registry } from '../core/connector.ts'
import type { Mapping } from '../core/mapping.ts'
import { DriftSentinel } from '../normalize/drift/drift-sentinel.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { createPool } from '../store/db.ts'
import { DataKeys, type SecretBox } from '../store/envelope.ts'
import { followMasterKey, unlock } from '../store/master-key.ts'
import { listen } from '../store/listen.ts'
import { migrate } from '../store/migrate.ts'
import { assertHarmlessZip } from '../kit/files/zip-guard.ts'
import { addressCheck } from './address-check.ts'
import { createControl } from './control.ts'
import { firstAdministrator, localKey } from './first-run.ts'
import { createHookDoor } from './hook-door.ts'
import { jobSteps } from './job-steps.ts'
import type { Log } from './log.ts'
import { runSandbox, type RunningSandbox } from './run-sandbox.ts'
import { serveHealth } from './services/health-server.ts'
import { loadMasterKey } from './services/master-key.ts'
import { temporalConnection } from './services/temporal-connection.ts'
import { prepareNamespace } from './services/temporal-namespace.ts'
import type { Settings } from './settings.ts'
import type { RunningHub, ServiceUrls } from './supervise.ts'
import { startWorker, type RunningWorker } from './worker.ts'

export interface HubParts {
  readonly api: boolean
  readonly worker: boolean
  /** Bring the database to the newest schema first. */
  readonly migrate: boolean
}

export interface HubOptions {
  readonly settings: Settings
  readonly urls: ServiceUrls
  readonly parts: HubParts
  readonly log: Log
  readonly say: (line: string) => void
  /** What the hub speaks; the channels of this repository where absent. */
  readonly spoken?: SpokenChannels
}

/** Connectors and their mappings, by channel. */
export interface SpokenChannels {
  readonly registry: Registry
  readonly mappings: ReadonlyMap<string, Mapping>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const now = (): Date => new Date()

/** By itself the heap grows to two and a half times what is alive before the old generation is collected. NODE_OPTIONS does not take this flag. */
const COLLECT_SOONER = '--heap-growing-percent=110'
/** For threads that are started from here on: the one of the workflows has little to do with the room that documents need, and would keep all of it. */
const SMALL_THREADS = '--max-semi-space-size=2'
/** By itself Node collects young objects at the first pause once four fifths of their room are full: a fifth more collections, each of which copies what is under way. */
const COLLECT_WHEN_FULL = '--no-minor-gc-task'

/** Runs the parts of the hub that are asked for in this process; what it opened last is closed first. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  setFlagsFromString(COLLECT_SOONER)
  setFlagsFromString(SMALL_THREADS)
  setFlagsFromString(COLLECT_WHEN_FULL)
  const closers: Closers = []
  try {
    return await open(options, closers)
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

type Closers = (() => unknown)[]

/** What every part of the hub shares in one process. */
interface Core extends IngestDeps {
  readonly drift: DriftSentinel
  readonly registry: Registry
  readonly channels: Channels
  readonly allowPrivate: 'all' | readonly string[]
  readonly client: Client
  readonly workflows: HubWorkflows
}

async function open(options: HubOptions, closers: Closers): Promise<RunningHub> {
  const { settings, parts, say } = options
  const core = await openCore(options, closers)
  const driftWatch = startDriftWatch({ drift: core.drift, log: activityLogOf(options.log) })
  closers.push(() => driftWatch.stop())
  let ready = false
  const sink = createHookSink(core)
  closers.push(() => sink.drain())
  const server = parts.api ? await serveApi(options, { ...core, sink }) : await serveHealth(settings, () => ready)
  closers.push(() => server.stop())
  const sandbox: { running?: RunningSandbox | undefined } = {}
  const consoleUrl = settings.publicUrl ?? (parts.api ? server.url : undefined)
  const { ended } = parts.worker
    ? await openWorker(options, { ...core, sink }, { url: server.url, consoleUrl, sandbox }, closers)
    : { ended: new Promise<void>(() => undefined) }
  ready = true
  // Also for an API that runs alone: somebody has to be able to sign in.
  if (parts.api) await greet(core.pool, settings, say)
  if (parts.api && parts.worker) {
    sandbox.running = await runSandbox({ ...options, ...core })
    closers.push(() => sandbox.running?.stop())
  }
  return { url: server.url, ended, stop: () => closeAll(closers) }
}

async function openCore({ settings, urls, parts, log, say, spoken }: HubOptions, closers: Closers): Promise<Core> {
  const { registry, mappings } = spoken ?? { registry: channelsSpoken, mappings: mappingsKnown }
  if (parts.migrate) {
    const applied = await migrate(urls.databaseUrl)
    if (applied.length > 0) say(`database: applied ${applied.join(', ')}`)
  }
  const pool = createPool(urls.databaseUrl, {
    max: settings.database.poolSize,
    name: `channel-hub ${hostname()}`,
    onIdleError: () => log.warn('A database connection was lost and will be replaced.'),
  })
  closers.push(() => pool.end())
  const box = await openSecretBox(pool, settings, closers)
  const allowPrivate = settings.privateHosts === 'none' ? [] : settings.privateHosts
  const channels = createChannels({ pool, box, registry, now, allowPrivate, folderOf: (id) => join(settings.home, 'files', id) })
  closers.push(() => channels.close())
  say('temporal: connecting')
  const connection = await Connection.connect(temporalConnection(settings.temporal, urls.temporalAddress))
  closers.push(() => connection.close())
  for (const todo of await prepareNamespace(connection, urls.temporalNamespace)) say(`temporal: ${todo}`)
  const client = new Client({ connection, namespace: urls.temporalNamespace })
  return {
    pool,
    box,
    keys: new DataKeys(pool, box),
    mappings,
    now,
    drift: new DriftSentinel({ pool, now }),
    registry,
    channels,
    allowPrivate,
    client,
    workflows: createWorkflows({ client, pool }),
  }
}

/** How soon a running hub seals under a master key that came into force. */
const FOLLOW_MS = 2000

async function openSecretBox(pool: ReturnType<typeof createPool>, settings: Settings, closers: Closers): Promise<SecretBox> {
  const next = settings.nextMasterKey === undefined ? undefined : Buffer.from(settings.nextMasterKey, 'base64')
  const box = await unlock(pool, await loadMasterKey(settings), next)
  if (next === undefined) return box
  const timer = setInterval(() => void followMasterKey(pool, box).catch(() => undefined), FOLLOW_MS)
  closers.push(() => clearInterval(timer))
  return box
}

async function serveApi({ settings, log }: HubOptions, core: Core & { readonly sink: HookSink }): Promise<RunningServer> {
  const app = createApp({
    pool: core.pool,
    registry: core.registry,
    secrets: core.box,
    keys: core.keys,
    control: createControl(core),
    now,
    log,
    hooks: createHookDoor(core),
    assertHarmlessArchive: assertHarmlessZip,
    refusesAddress: addressCheck(core.allowPrivate),
    settings: {
      version: version(),
      filesDir: join(settings.home, 'uploads'),
      maxFileBytes: settings.maxFileBytes,
      sessionHours: settings.sessionHours,
      trustedProxies: settings.trustedProxies,
      ...(settings.publicUrl !== undefined && { publicUrl: settings.publicUrl }),
      ...(settings.metricsToken !== undefined && { metricsToken: settings.metricsToken }),
    },
    ...(existsSync(consoleDir) && { console: { dir: consoleDir } }),
  })
  return serveApp(app, settings)
}

/** Sessions of the desk besides the pool: telling levels takes none from orders. */
const DESK_SESSIONS = 6

/** The working side. */
async function openWorker(
  { settings, urls, log }: HubOptions,
  core: Core & { readonly sink: HookSink },
  local: { readonly url: string; readonly consoleUrl: string | undefined; readonly sandbox: { running?: RunningSandbox | undefined } },
  closers: Closers,
): Promise<Pick<RunningWorker, 'ended'>> {
  const activityLog = activityLogOf(log)
  const contextOf = (id: string): Promise<ConnectionContext> => core.channels.contextOf(id)
  const wake = listen(urls.directUrl, INBOX_CHANNEL, core.sink.name)
  closers.push(() => wake.close())
  const marks = listen(urls.directUrl, 'hub_push')
  closers.push(() => marks.close())
  const levels = createPool(urls.databaseUrl, { max: DESK_SESSIONS, name: 'channel-hub desk', byKeys: true })
  closers.push(() => levels.end())
  const jobs = jobSteps({
    ...core,
    contextOf,
    sandboxRemoved: async (ids) => {
      for (const id of ids) await endWorkflows(core.client, id)
      await local.sandbox.running?.stop()
      local.sandbox.running = undefined
    },
  })
  const parts = { ...core, log: activityLog, publicUrl: publicAddress(settings, local.url), jobs }
  const drain = new InboxDrain({ ...core, contextOf, log: activityLog, doorQuiet: (ms) => core.sink.quiet(ms) })
  core.sink.onArrival((arrival) => {
    drain.offer(arrival)
    wake.call()
  })
  const resident = createResident({
    drain,
    wake,
    desk: createDesk({ ...deskDeps(parts, marks), pool: levels }),
    log: activityLog,
  })
  const worker = await startWorker({
    connection: nativeConnection(settings, urls),
    namespace: urls.temporalNamespace,
    home: settings.home,
    resident: resident.resident,
    activities: createActivities(parts),
    slots: settings.activitySlots,
    workflowCache: settings.workflowCache,
    shutdownSeconds: settings.shutdownSeconds,
    log,
  })
  closers.push(() => Promise.all([worker.stop(), resident.stop()]))
  await core.workflows.ensureAll(settings.workers + 1)
  const watched = { pool: core.pool, now: core.now, log: activityLog }
  const alerts = watchAlerts({ ...core, log: activityLog, publicUrl: local.consoleUrl })
  const watches = [
    startWaker({ ...watched, workflows: core.workflows }),
    watchUnpaid(watched),
    startRuleClock(watched),
    startAuditWatch(watched),
    startStockWatch(watched),
    alerts,
  ]
  for (const watch of watches) closers.push(() => watch.stop())
  return worker
}

async function greet(pool: ReturnType<typeof createPool>, settings: Settings, say: (line: string) => void): Promise<void> {
  const administrator = await firstAdministrator(pool)
  if (administrator)
    say(`first administrator: name "${administrator.name}", password "${administrator.password}" (shown once; change it after signing in)`)
  await localKey(pool, settings.home)
}

function activityLogOf(log: Log): ActivityLog {
  return {
    info: (message, fields) => log.info(fields, message),
    warn: (message, fields) => log.warn(fields, message),
    error: (message, fields) => log.error(fields, message),
  }
}

/** The worker's connection takes the same parts as the client's, but no absent ones. */
function nativeConnection(settings: Settings, urls: ServiceUrls): NativeConnectionOptions {
  const { address, tls, apiKey } = temporalConnection(settings.temporal, urls.temporalAddress)
  return { address, ...(tls !== undefined && tls !== null && { tls }), ...(typeof apiKey === 'string' && { apiKey }) }
}

/** What channels may be told to call: the public address; a channel on this very machine may call the local one. */
const publicAddress =
  (settings: Settings, local: string) =>
  (hosts: readonly string[]): string | undefined =>
    settings.publicUrl ?? (hosts.length > 0 && hosts.every(isLoopback) ? local : undefined)

const isLoopback = (host: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(host.includes('://') ? host : `https://${host}`).hostname)

const consoleDir = existsSync(join(root, 'package.json')) ? join(root, 'dist/console') : join(root, '../dist/console')

function version(): string {
  const file = [join(root, 'package.json'), join(root, '../package.json')].find((path) => existsSync(path))
  const parsed: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0.0.0'
}

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close()
}
