import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { DefaultLogger, NativeConnection, type NativeConnectionOptions, Runtime, Worker } from '@temporalio/worker'
import type { HubActivities } from '../activities/index.ts'
import { HUB_QUEUE, RESIDENTS_QUEUE } from '../core/runs.ts'
import type { Log } from './log.ts'

export interface WorkerOptions {
  readonly connection: NativeConnectionOptions
  readonly namespace: string
  readonly home: string
  readonly activities: HubActivities
  readonly resident: () => Promise<void>
  readonly slots: number
  readonly workflowCache: number
  readonly shutdownSeconds: number
  readonly log: Log
}

export interface RunningWorker {
  /** Resolves when the worker stopped, rejects when it broke. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)

let runtimeInstalled = false
/** Said of the resident's queue on purpose, of failed activities a second time, and of work that a restart overtook. */
const KNOWN = /^(No workflows registered|Activity failed|(Task|Activity) not found (when|on) complet)/

/** Once per process: the SDK's own words go to our log, its warnings only. */
function installRuntime(log: Log): void {
  if (runtimeInstalled) return
  runtimeInstalled = true
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message }) => KNOWN.test(message) || log.warn({ source: 'temporal-sdk', level }, message)),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
    shutdownSignals: [],
  })
}

/** Runs workflows and activities, and beside them one slot for a resident on a queue of its own. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  installRuntime(options.log)
  const connection = await NativeConnection.connect(options.connection)
  const shutdownGraceTime = `${options.shutdownSeconds} seconds` as const
  const common = { connection, namespace: options.namespace, shutdownGraceTime }
  const hub = await Worker.create({
    ...common,
    taskQueue: HUB_QUEUE,
    activities: { ...options.activities },
    workflowBundle: { code: await workflowBundle(options.home, options.log) },
    maxConcurrentActivityTaskExecutions: options.slots,
    maxCachedWorkflows: options.workflowCache,
  })
  const residents = await Worker.create({
    ...common,
    taskQueue: RESIDENTS_QUEUE,
    activities: { resident: options.resident },
    maxConcurrentActivityTaskExecutions: 1,
    maxConcurrentActivityTaskPolls: 1,
  })
  const runs = [hub.run(), residents.run()]
  const ended = Promise.race(runs)
  ended.catch(() => undefined) // seen by whoever awaits it
  return {
    ended,
    stop: async () => {
      for (const worker of [hub, residents]) if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.allSettled(runs)
      await connection.close()
    },
  }
}

/** The bundled workflow code, kept in the data directory under the hash of its sources: bundling takes seconds, reading it none. */
async function workflowBundle(home: string, log: Log): Promise<string> {
  const workflowsPath = runnable('../../workflows/index.ts')
  const folder = join(home, 'cache')
  const file = join(folder, `workflows-${await sourceHash(workflowsPath)}.js`)
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known !== undefined) return known
  await mkdir(folder, { recursive: true, mode: 0o711 })
  for (const old of await readdir(folder)) if (old.startsWith('workflows-')) await rm(join(folder, old), { force: true })
  await bundle(workflowsPath, `${file}.${process.pid}`, log)
  await rename(`${file}.${process.pid}`, file)
  return readFile(file, 'utf8')
}

async function bundle(workflowsPath: string, file: string, log: Log): Promise<void> {
  const program = bundler.endsWith('.ts') ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href, bundler] : [bundler]
  const { stderr } = await run(process.execPath, [...program, workflowsPath, file])
  for (const line of stderr.split('\n')) if (line !== '') log.warn({ source: 'bundler' }, line)
}

/** The program that bundles. */
const bundler = runnable('./bundle-workflows.ts')

/** A source of ours, or what became of it in a build. */
function runnable(path: string): string {
  const source = fileURLToPath(new URL(path, import.meta.url))
  return existsSync(source) ? source : source.replace(/\.ts$/, '.js')
}

/** Workflow files, the pure values of core they use, and what bundles them. */
async function sourceHash(workflowsPath: string): Promise<string> {
  const hash = createHash('sha256')
    .update(process.version)
    .update(await readFile(bundler))
  const folders = [join(workflowsPath, '..'), fileURLToPath(new URL('../core', import.meta.url))]
  for (const folder of folders) {
    for (const name of (await readdir(folder)).filter((entry) => /\.[jt]s$/.test(entry)).toSorted())
      hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash
    .update(await readFile(fileURLToPath(new URL('../../package.json', import.meta.url))).catch(() => ''))
    .digest('hex')
    .slice(0, 16)
}
