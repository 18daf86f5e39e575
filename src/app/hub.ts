import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { existsSync, readFileSync } from 'node:fs'
import { Client, Connection } from '@temporalio/client'
import type { NativeConnectionOptions } from '@temporalio/worker'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createChannels } from '../activities/connection-call.ts'
import { createWorkflows, endWorkflows } from '../activities/ensure.ts'
import { createActivities } from '../activities/index.ts'
import type { ActivityLog } from '../activities/failure.ts'
import { InboxDrain } from '../activities/receive.ts'
import { createResident } from '../activities/resident.ts'
import { startWaker } from '../activities/waker.ts'
import { createApp } from '../http/app.ts'
import { serveApp } from '../http/serve.ts'
import { createHookSink, INBOX_CHANNEL } from '../intake/receive-hook.ts'
import { createPool } from '../store/db.ts'
import { DataKeys, SecretBox } from '../store/envelope.ts'
import { listen } from '../store/listen.ts'
import { migrate } from '../store/migrate.ts'
import { createControl } from './control.ts'
import { assertMasterKey, firstAdministrator, localKey } from './first-run.ts'
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
import { startWorker } from './worker.ts'

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
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const now = (): Date => new Date()

/** Runs the parts of the hub that are asked for in this process; what it opened last is closed first. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const closers: (() => Promise<unknown> | unknown)[] = []
  try {
    return await open(options, closers)
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

async function open({ settings, urls, parts, log, say }: HubOptions, closers: (() => Promise<unknown> | unknown)[]): Promise<RunningHub> {
  if (parts.migrate) {
    const applied = await migrate(urls.databaseUrl)
    if (applied.length > 0) say(`database: applied ${applied.join(', ')}`)
  }
  const pool = createPool(urls.databaseUrl, { max: settings.database.poolSize, name: `channel-hub ${hostname()}`, onIdleError: () => log.warn('A database connection was lost and will be replaced.') })
  closers.push(() => pool.end())
  const box = new SecretBox(await loadMasterKey(settings))
  if (parts.migrate) await assertMasterKey(pool, box)
  const keys = new DataKeys(pool, box)
  const ingestDeps = { pool, box, keys, mappings, now }
  const channels = createChannels({
    pool, box, registry, now, allowPrivate: settings.privateHosts === 'all' ? 'all' : settings.privateHosts === 'none' ? [] : settings.privateHosts,
    folderOf: (id) => join(settings.home, 'files', id),
  })
  closers.push(() => channels.close())

  say('temporal: connecting')
  const connection = await Connection.connect(temporalConnection(settings.temporal, urls.temporalAddress))
  closers.push(() => connection.close())
  for (const todo of await prepareNamespace(connection, urls.temporalNamespace)) say(`temporal: ${todo}`)
  const client = new Client({ connection, namespace: urls.temporalNamespace })
  const workflows = createWorkflows({ client, pool })

  const control = createControl({ ...ingestDeps, registry, channels, workflows })
  const sink = createHookSink({ pool, keys, now })
  closers.push(() => sink.drain())
  const server = parts.api
    ? await serveApp(
        createApp({
          pool, registry, secrets: box, keys, control, now, log, hooks: createHookDoor({ pool, box, registry, sink, now }),
          settings: {
            version: version(), filesDir: join(settings.home, 'uploads'), maxFileBytes: settings.maxFileBytes,
            ...(settings.publicUrl !== undefined && { publicUrl: settings.publicUrl }), ...(settings.metricsToken !== undefined && { metricsToken: settings.metricsToken }),
          },
          ...(existsSync(consoleDir) && { console: { dir: consoleDir } }),
        }),
        settings,
      )
    : await serveHealth(settings, () => workerUp)
  closers.push(() => server.stop())

  let workerUp = false
  let sandbox: RunningSandbox | undefined
  const ends: Promise<void>[] = []
  if (parts.worker) {
    const wake = listen(urls.directUrl, INBOX_CHANNEL)
    closers.push(() => wake.close())
    const activityLog = activityLogOf(log)
    const drain = new InboxDrain({ ...ingestDeps, registry, contextOf: (id) => channels.contextOf(id), onWork: () => undefined, log: activityLog })
    const resident = createResident({ drain, wake, log: activityLog })
    const steps = jobSteps({
      ...ingestDeps, contextOf: (id) => channels.contextOf(id),
      sandboxRemoved: async (ids) => {
        for (const id of ids) await endWorkflows(client, id)
        await sandbox?.stop()
        sandbox = undefined
      },
    })
    const worker = await startWorker({
      connection: nativeConnection(settings, urls), namespace: urls.temporalNamespace, home: settings.home, resident: resident.resident,
      activities: createActivities({ ...ingestDeps, registry, channels, log: activityLog, publicUrl: publicAddress(settings, server.url), jobs: steps }),
      slots: settings.activitySlots, workflowCache: settings.workflowCache, shutdownSeconds: settings.shutdownSeconds, log,
    })
    closers.push(() => Promise.all([worker.stop(), resident.stop()]))
    await workflows.ensureAll(settings.workers + 1)
    const waker = startWaker({ pool, workflows, now, log: activityLog })
    closers.push(() => waker.stop())
    workerUp = true
    ends.push(worker.ended)
  }
  // Also for an API that runs alone: somebody has to be able to sign in.
  if (parts.api) await greet(pool, settings, say)
  if (parts.api && parts.worker) {
    sandbox = await runSandbox({ pool, box, registry, settings, workflows, log, say })
    closers.push(() => sandbox?.stop())
  }
  const ended = ends.length > 0 ? Promise.race(ends) : new Promise<void>(() => undefined)
  return { url: server.url, ended, stop: () => closeAll(closers) }
}

async function greet(pool: ReturnType<typeof createPool>, settings: Settings, say: (line: string) => void): Promise<void> {
  const administrator = await firstAdministrator(pool)
  if (administrator) say(`first administrator: name "${administrator.name}", password "${administrator.password}" (shown once; change it after signing in)`)
  await localKey(pool, settings.home)
}

function activityLogOf(log: Log): ActivityLog {
  return { info: (message, fields) => log.info(fields, message), warn: (message, fields) => log.warn(fields, message), error: (message, fields) => log.error(fields, message) }
}

/** The worker's connection takes the same parts as the client's, but no absent ones. */
function nativeConnection(settings: Settings, urls: ServiceUrls): NativeConnectionOptions {
  const { address, tls, apiKey } = temporalConnection(settings.temporal, urls.temporalAddress)
  return { address, ...(tls !== undefined && tls !== null && { tls }), ...(typeof apiKey === 'string' && { apiKey }) }
}

/** What channels may be told to call: the public address; a channel on this very machine may call the local one. */
const publicAddress = (settings: Settings, local: string) => (hosts: readonly string[]): string | undefined =>
  settings.publicUrl ?? (hosts.length > 0 && hosts.every(isLoopback) ? local : undefined)

const isLoopback = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(host.includes('://') ? host : `https://${host}`).hostname)

const consoleDir = existsSync(join(root, 'package.json')) ? join(root, 'dist/console') : join(root, '../dist/console')

function version(): string {
  const file = [join(root, 'package.json'), join(root, '../package.json')].find((path) => existsSync(path))
  const parsed: unknown = file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0.0.0'
}

async function closeAll(closers: (() => Promise<unknown> | unknown)[]): Promise<void> {
  for (const close of closers.splice(0).toReversed()) await close()
}
