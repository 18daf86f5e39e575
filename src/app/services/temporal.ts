import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { sleep, startChild, tailOf, within } from './child.ts'
import type { Child, Exit } from './child.ts'
import { claim, endOrphan } from './claim.ts'
import { freePort } from './free-port.ts'
import { resolveTemporalBinary } from './temporal-binary.ts'
import { SEARCH_ATTRIBUTES } from './temporal-namespace.ts'

const START_MS = 30_000
const STOP_GRACE_MS = 10_000
const RETENTION = '1h'

/** The default of 20 polls a second per shard makes one workflow with one activity take 150 ms instead of 29. */
const FAST_QUEUES = ['transferProcessorMaxPollRPS', 'timerProcessorMaxPollRPS', 'visibilityProcessorMaxPollRPS']

export interface TemporalOptions {
  /** The data directory; the server's files go into its folder `temporal`. */
  readonly home: string
  readonly log: (line: string) => void
  readonly namespace?: string
  /** HUB_TEMPORAL_BIN */
  readonly binary?: string
  /** Serves Temporal's own web UI on this loopback port; off without it. */
  readonly uiPort?: number
  /** Serves on this loopback port instead of a free one. */
  readonly port?: number
  /** Aborting it ends the search for the server program. */
  readonly signal?: AbortSignal
}

export interface RunningTemporal {
  /** host:port of the gRPC front end, on loopback. */
  readonly address: string
  readonly namespace: string
  readonly pid: number
  readonly exited: Promise<Exit>
  stop(): Promise<void>
}

/**
 * Starts a real Temporal server with a file database on a free loopback port. What it holds may be deleted at
 * any time: the hub rebuilds its workflows from PostgreSQL.
 * @throws AlreadyClaimed while another hub runs on the same directory.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const folder = resolve(options.home, 'temporal')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const release = await claim(join(folder, 'claim'), `The Temporal server in ${folder}`)
  try {
    const binary = await resolveTemporalBinary({
      log: options.log,
      signal: options.signal,
      ...(options.binary === undefined ? {} : { configured: options.binary }),
    })
    await endPrevious(folder, options.log)
    const namespace = options.namespace ?? 'channel-hub'
    const { child, address } = await launch(folder, binary, namespace, options)
    options.log(`temporal: ready on ${address}`)
    return {
      address,
      namespace,
      pid: child.pid,
      exited: child.exited,
      stop: async () => {
        if (!child.hasExited()) await child.stop(['SIGTERM', 'SIGKILL'], STOP_GRACE_MS)
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** A server that outlived its killed hub still writes the file database: two writers would break it. */
async function endPrevious(folder: string, log: (line: string) => void): Promise<void> {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''))
  if (!Number.isSafeInteger(pid) || pid <= 1) return
  if (await endOrphan(pid, folder, ['SIGTERM', 'SIGKILL'], STOP_GRACE_MS)) log(`temporal: ended process ${pid}, left behind by a hub that was killed`)
}

async function launch(folder: string, binary: string, namespace: string, options: TemporalOptions): Promise<{ child: Child; address: string }> {
  const logFile = join(folder, 'server.log')
  const identity = await identityOf(folder)
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const args = [...serverArgs(folder, port, options.uiPort), '--namespace', namespace, '--namespace', identity]
    const child = await startChild({ command: binary, args, cwd: folder, logFile, orphanSignal: 'SIGTERM' })
    await writeFile(join(folder, 'pid'), String(child.pid))
    const address = `127.0.0.1:${port}`
    if (await becomesOurs(address, identity, namespace, child)) return { child, address }
    if (!child.hasExited()) await child.stop(['SIGTERM', 'SIGKILL'], STOP_GRACE_MS)
    if (attempt === 3) throw new Error(`The Temporal server did not start. Its last words, from ${logFile}:\n${await tailOf(logFile, 10)}`)
  }
}

function serverArgs(folder: string, port: number, uiPort: number | undefined): string[] {
  const settings = FAST_QUEUES.map((name) => `history.${name}=2000`)
  const attributes = SEARCH_ATTRIBUTES.map((name) => `${name}=Keyword`)
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
    ...['--db-filename', join(folder, 'temporal.db'), '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...settings.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...attributes.flatMap((attribute) => ['--search-attribute', attribute]),
  ]
}

/**
 * A namespace only our server has. A port that was free a moment ago may belong to another Temporal by now,
 * and a hub that works on somebody else's server is worse than one that does not start.
 */
async function identityOf(folder: string): Promise<string> {
  const file = join(folder, 'identity')
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (kept !== '') return kept
  const made = `hub-identity-${randomBytes(8).toString('hex')}`
  await writeFile(file, made)
  return made
}

async function becomesOurs(address: string, identity: string, namespace: string, child: Child): Promise<boolean> {
  for (const started = Date.now(); Date.now() - started < START_MS; await sleep(100)) {
    if (child.hasExited()) return false
    if (
      await within(
        prepare(address, identity, namespace).catch(() => false),
        5_000,
      )
    )
      return true
  }
  return false
}

async function prepare(address: string, identity: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 })
  try {
    const health = await connection.healthService.check({})
    // 1 is SERVING in grpc.health.v1.
    if (health.status !== 1) return false
    await connection.workflowService.describeNamespace({ namespace: identity })
    await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: msToTs(RETENTION) } })
    return true
  } finally {
    await connection.close()
  }
}
