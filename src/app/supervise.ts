import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { assertSafePostgres } from './services/assert-safe-postgres.ts'
import { AlreadyClaimed, claim } from './services/claim.ts'
import type { Exit } from './services/child.ts'
import { within } from './services/child.ts'
import { startPostgres } from './services/postgres.ts'
import { readRunNote, removeRunNote, writeRunNote } from './services/run-note.ts'
import { startTemporal } from './services/temporal.ts'
import type { Settings } from './settings.ts'

/** The services a hub needs, ours or the configured ones. */
export interface ServiceUrls {
  readonly databaseUrl: string
  /** For LISTEN: the database without a pooler in between. */
  readonly directUrl: string
  readonly temporalAddress: string
  readonly temporalNamespace: string
  /** True for a database this command made and runs. */
  readonly embeddedDatabase: boolean
}

/** The hub proper, as the supervisor sees it. */
export interface RunningHub {
  readonly url: string
  /** Rejects (or resolves) when the hub ends without having been asked to. */
  readonly ended: Promise<void>
  /** Lets running work finish, then closes everything it opened. */
  stop(): Promise<void>
}

export interface SuperviseOptions {
  readonly settings: Settings
  /** One line of progress for the person who started the hub. */
  readonly say: (line: string) => void
  readonly runHub: (urls: ServiceUrls) => Promise<RunningHub>
  /** Aborting it means "stop": Ctrl-C or SIGTERM in production, the test's hand in tests. */
  readonly stopSignal: AbortSignal
  readonly now: () => Date
}

interface Service {
  readonly name: string
  readonly exited: Promise<Exit>
  stop(): Promise<void>
}

const RESTARTS = 3
const RESTART_WINDOW_MS = 10 * 60_000

/**
 * Runs the services and the hub until it is told to stop, then stops exactly what it started, the hub first.
 * When a service dies by itself, everything is stopped and started again from what is on disk, a few times.
 * @returns the exit code of the process: 0 after a wanted stop.
 */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const release = await claimHome(options)
  return runUntilStopped(options).finally(release)
}

/**
 * One hub per data directory. One that is just stopping (it has taken its note away already) is waited for, because
 * a restart by hand or by a service manager often comes a moment before the old process is gone.
 * @throws AlreadyClaimed while another hub runs there.
 */
async function claimHome({ settings, say, stopSignal }: SuperviseOptions): Promise<() => Promise<void>> {
  await mkdir(settings.home, { recursive: true, mode: 0o711 })
  const limit = settings.shutdownSeconds * 1000 + 10_000
  const calledOff = aborted(stopSignal)
  for (const started = Date.now(); ; await within(calledOff, 250)) {
    try {
      return await claim(join(settings.home, 'hub.claim'), `The data directory ${settings.home}`)
    } catch (error) {
      const stopping = error instanceof AlreadyClaimed && (await readRunNote(settings.home)) === undefined
      if (!stopping || stopSignal.aborted || Date.now() - started > limit) throw error
      if (Date.now() - started < 250) say(`hub: waiting for process ${error.pid} to finish`)
    }
  }
}

async function runUntilStopped(options: SuperviseOptions): Promise<number> {
  const crashes: number[] = []
  for (;;) {
    const outcome = await runOnce(options)
    if (outcome === 'stopped') return 0
    options.say(`hub: ${outcome}`)
    const now = options.now().getTime()
    crashes.push(now)
    if (crashes.filter((at) => now - at < RESTART_WINDOW_MS).length > RESTARTS) {
      options.say('hub: it keeps failing, giving up; the logs are in the data directory')
      return 1
    }
    options.say('hub: starting again')
    await within(aborted(options.stopSignal), 1_000)
    if (options.stopSignal.aborted) return 0
  }
}

/** One life of all parts; returns why it ended. A failure to start at all is thrown, a restart would not mend it. */
async function runOnce(options: SuperviseOptions): Promise<string> {
  const services: Service[] = []
  let hub: RunningHub | undefined
  try {
    const urls = await startServices(options, services)
    if (options.stopSignal.aborted) return 'stopped'
    hub = await options.runHub(urls)
    await announce(options, urls, hub)
    const reasons = services.map((service) => service.exited.then((exit) => `${service.name} ended by itself (${describe(exit)})`))
    const ended = hub.ended.then(
      () => 'the hub ended by itself',
      (error: unknown) => `the hub failed: ${error instanceof Error ? error.message : String(error)}`,
    )
    return await Promise.race([aborted(options.stopSignal).then(() => 'stopped'), ended, ...reasons])
  } catch (error) {
    // Whatever a start interrupted halfway complains about is only its own interruption.
    if (options.stopSignal.aborted) return 'stopped'
    throw error
  } finally {
    await stopAll(options, hub, services)
  }
}

async function startServices({ settings, say, stopSignal }: SuperviseOptions, services: Service[]): Promise<ServiceUrls> {
  const starts = [startDatabase(settings, say, services), startWorkflows(settings, say, services, stopSignal)] as const
  // Both are waited for even when one fails, so that the other is stopped and not left behind.
  await Promise.allSettled(starts)
  const [database, workflows] = await Promise.all(starts)
  await assertSafePostgres(database.directUrl)
  return { ...database, ...workflows }
}

type DatabaseUrls = Pick<ServiceUrls, 'databaseUrl' | 'directUrl' | 'embeddedDatabase'>

async function startDatabase(settings: Settings, say: SuperviseOptions['say'], services: Service[]): Promise<DatabaseUrls> {
  const { url, directUrl } = settings.database
  if (url !== undefined) {
    say(`postgres: using ${new URL(url).host} from DATABASE_URL`)
    return { databaseUrl: url, directUrl: directUrl ?? url, embeddedDatabase: false }
  }
  say('postgres: starting')
  const postgres = await startPostgres({ dataDir: join(settings.home, 'pg'), log: say })
  services.push({ name: 'postgres', exited: postgres.exited, stop: () => postgres.stop() })
  return { databaseUrl: postgres.url, directUrl: postgres.url, embeddedDatabase: true }
}

type WorkflowUrls = Pick<ServiceUrls, 'temporalAddress' | 'temporalNamespace'>

async function startWorkflows(settings: Settings, say: SuperviseOptions['say'], services: Service[], signal: AbortSignal): Promise<WorkflowUrls> {
  const { address, namespace, binary, uiPort } = settings.temporal
  if (address !== undefined) {
    say(`temporal: using ${address} from TEMPORAL_ADDRESS`)
    return { temporalAddress: address, temporalNamespace: namespace }
  }
  say('temporal: starting')
  const options = {
    home: settings.home,
    log: say,
    signal,
    namespace,
    ...(binary === undefined ? {} : { binary }),
    ...(uiPort === undefined ? {} : { uiPort }),
  }
  const temporal = await startTemporal(options)
  services.push({ name: 'temporal', exited: temporal.exited, stop: () => temporal.stop() })
  return { temporalAddress: temporal.address, temporalNamespace: temporal.namespace }
}

async function announce({ settings, say, now }: SuperviseOptions, urls: ServiceUrls, hub: RunningHub): Promise<void> {
  await writeRunNote(settings.home, {
    pid: process.pid,
    url: hub.url,
    databaseUrl: urls.databaseUrl,
    temporalAddress: urls.temporalAddress,
    temporalNamespace: urls.temporalNamespace,
    startedAt: now().toISOString(),
  })
  say(`ready ${hub.url}`)
}

/** The hub before its servers, Temporal before the database: each still has what it needs while it finishes. */
async function stopAll({ settings, say }: SuperviseOptions, hub: RunningHub | undefined, services: readonly Service[]): Promise<void> {
  await removeRunNote(settings.home)
  if (hub !== undefined) {
    say('hub: stopping')
    const limit = settings.shutdownSeconds * 1000 + 5_000
    const stopped = hub.stop().then(
      () => true,
      (error: unknown) => {
        say(`hub: did not stop cleanly: ${error instanceof Error ? error.message : String(error)}`)
        return true
      },
    )
    if ((await within(stopped, limit)) === undefined) say(`hub: still busy after ${limit / 1000} s, going on without it`)
  }
  for (const name of ['temporal', 'postgres']) {
    for (const service of services.filter((one) => one.name === name)) {
      say(`${name}: stopping`)
      await service.stop()
    }
  }
}

function describe(exit: Exit): string {
  return exit.signal === null ? `code ${exit.code}` : `signal ${exit.signal}`
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * A signal that aborts on Ctrl-C, SIGTERM or SIGHUP. Repeated signals are ignored: the terminal and npm both send
 * one, and a stop under way has its own time limits.
 */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort())
  return controller.signal
}
