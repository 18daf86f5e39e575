import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { sleep, startChild, tailOf, within } from './child.ts'
import type { Child, Exit } from './child.ts'
import { claim, endOrphan, isAlive } from './claim.ts'
import { freePort } from './free-port.ts'
import { canReach, postgresAccount, reachablePostgres, SYSTEM_DIR } from './postgres-binaries.ts'
import type { Account } from './postgres-binaries.ts'

const run = promisify(execFile)
const START_MS = 60_000
const STOP_GRACE_MS = 15_000
const USER = 'hub'
const DATABASE = 'hub'

export interface PostgresOptions {
  /** Holds the cluster. The password, the claim and the log lie beside it under the same name. */
  readonly dataDir: string
  readonly log: (line: string) => void
  /** Extra `name=value` settings; durability stays as PostgreSQL ships it. */
  readonly config?: readonly string[]
  /** Listens on this loopback port instead of a free one. */
  readonly port?: number
}

export interface RunningPostgres {
  /** With the password: for our own processes, never for a log. */
  readonly url: string
  readonly pid: number
  readonly exited: Promise<Exit>
  /** Ends open sessions, writes a checkpoint, and returns once the server is gone. */
  stop(): Promise<void>
}

interface Place {
  readonly dataDir: string
  readonly programs: string
  readonly account: Account
  readonly password: string
  readonly logFile: string
}

/**
 * Starts a real PostgreSQL on a free loopback port, making the cluster on the first start and keeping it after.
 * As root it runs under another account, and moves to {@link SYSTEM_DIR} what that account cannot reach.
 * @throws AlreadyClaimed while another hub runs on the same directory.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const asked = resolve(options.dataDir)
  await mkdir(dirname(asked), { recursive: true, mode: 0o711 })
  const release = await claim(`${asked}.claim`, `The database in ${asked}`)
  try {
    const place = await prepare(asked, options.log)
    await clearStaleLock(place.dataDir, options.log)
    if (!(await exists(join(place.dataDir, 'PG_VERSION')))) await initialise(place, options.log)
    const { child, port } = await launch(place, options.config ?? [], options.port)
    await createDatabase(place, port)
    options.log(`postgres: ready on 127.0.0.1:${port}`)
    return {
      url: urlOf(place, port, DATABASE),
      pid: child.pid,
      exited: child.exited,
      stop: async () => {
        // SIGINT is PostgreSQL's "fast" shutdown, SIGQUIT its "immediate" one, from which it recovers at the next start.
        if (!child.hasExited()) await child.stop(['SIGINT', 'SIGQUIT', 'SIGKILL'], STOP_GRACE_MS)
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function prepare(asked: string, log: (line: string) => void): Promise<Place> {
  const account = await postgresAccount()
  const programs = await reachablePostgres(account, log)
  let dataDir = asked
  if (!(await canReach(account, dirname(asked)))) {
    // The name is drawn once and written down: a deleted HUB_HOME must not come back with the old cluster.
    dataDir = await keptIn(`${asked}.location`, () => join(SYSTEM_DIR, `${basename(asked)}-${randomBytes(6).toString('hex')}`))
    await mkdir(SYSTEM_DIR, { recursive: true, mode: 0o755 })
    log(`postgres: ${account.name} cannot enter ${dirname(asked)}, the data is kept in ${dataDir}`)
  }
  const password = await keptIn(`${asked}.password`, () => randomBytes(24).toString('base64url'))
  return { dataDir, programs, account, password, logFile: `${asked}.log` }
}

/** The line in a private file, written on first use. */
async function keptIn(file: string, make: () => string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (kept.trim() !== '') return kept.trim()
  const made = make()
  await writeFile(file, `${made}\n`, { mode: 0o600 })
  return made
}

/**
 * Our claim says that no hub works here, so a server that still runs lost its hub: it is shut down. A lock file
 * whose process number now belongs to something else would keep PostgreSQL from starting: it is removed.
 */
async function clearStaleLock(dataDir: string, log: (line: string) => void): Promise<void> {
  const file = join(dataDir, 'postmaster.pid')
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0])
  if (!Number.isSafeInteger(pid) || pid <= 1) return
  if (await endOrphan(pid, dataDir, ['SIGINT', 'SIGQUIT'], STOP_GRACE_MS)) {
    log(`postgres: shut down process ${pid}, left behind by a hub that was killed`)
    return
  }
  if (isAlive(pid)) await rm(file, { force: true })
}

async function initialise(place: Place, log: (line: string) => void): Promise<void> {
  log(`postgres: making a new database in ${place.dataDir}`)
  const { uid, gid } = place.account
  // Made under another name first: an interrupted attempt leaves nothing that looks like a database.
  const part = `${place.dataDir}.new`
  const secret = await mkdtemp(join(tmpdir(), 'hub-initdb-'))
  try {
    await rm(part, { recursive: true, force: true })
    await mkdir(part, { mode: 0o700 })
    const passwordFile = join(secret, 'password')
    await writeFile(passwordFile, `${place.password}\n`, { mode: 0o600 })
    for (const path of [part, secret, passwordFile]) if (uid !== undefined) await chown(path, uid, gid ?? uid)
    const args = [
      `--pgdata=${part}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]
    await run(join(place.programs, 'bin', 'initdb'), args, { cwd: '/', ...identity(place.account), env: serverEnv() })
    await rename(part, place.dataDir)
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    throw new Error(`PostgreSQL could not make its database in ${place.dataDir}: ${said}`, { cause })
  } finally {
    await rm(secret, { recursive: true, force: true })
  }
}

function identity(account: Account): { uid?: number; gid?: number } {
  return { ...(account.uid === undefined ? {} : { uid: account.uid }), ...(account.gid === undefined ? {} : { gid: account.gid }) }
}

/** Without the PG* variables of the caller's shell, which would change how the server and its tools start. */
function serverEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('HUB_'))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' }
}

async function launch(place: Place, config: readonly string[], wanted: number | undefined): Promise<{ child: Child; port: number }> {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'jit=off', ...roomFor(memory()), ...config]
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort())
    const args = ['-D', place.dataDir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
    const command = join(place.programs, 'bin', 'postgres')
    const child = await startChild({
      command,
      args,
      cwd: '/',
      logFile: place.logFile,
      orphanSignal: 'SIGINT',
      env: serverEnv(),
      ...identity(place.account),
    })
    if (await answers(place, port, child)) return { child, port }
    const said = await tailOf(place.logFile, 15)
    if (!child.hasExited()) await child.stop(['SIGINT', 'SIGQUIT', 'SIGKILL'], STOP_GRACE_MS)
    // Somebody may have taken the port between our look and PostgreSQL's bind, and the processes of a server that
    // was killed take a moment to notice and let go of its memory.
    const passes = said.includes('could not bind') || said.includes('shared memory block')
    if (attempt === 5 || !passes) throw new Error(`PostgreSQL did not start in ${place.dataDir}. Its last words:\n${said}`)
    await sleep(500)
  }
}

const MB = 1024 * 1024

/** What the hub, Temporal and the system take before there is anything to share, MB. */
const TAKEN = 1024

/**
 * PostgreSQL's own 128 MB hold some fourteen thousand orders; from then on pages are read, checked and written back to make room. A quarter of the
 * memory is what its manual advises; 8 GB hold about a million orders.
 * Every page costs a whole copy in the log after each checkpoint: while much is written they come by time, not by every gigabyte, and not
 * every five minutes. Log files are used again rather than made and filled with zeros, and pages that have to make room are written by the
 * process that is there for it, before somebody waits for the room.
 */
function roomFor(bytes: number): readonly string[] {
  const all = Math.floor(bytes / MB)
  const shared = Math.min(8192, Math.max(128, Math.floor((all - TAKEN) / 4)))
  const cache = Math.min(8192, Math.max(512, Math.floor(all / 2)))
  const log = ['max_wal_size=4GB', 'min_wal_size=1GB', 'checkpoint_timeout=15min']
  return [`shared_buffers=${shared}MB`, `effective_cache_size=${cache}MB`, ...log, 'bgwriter_delay=50ms', 'bgwriter_lru_maxpages=400']
}

/** Bytes of this machine or, where that is less, of its container; without a limit Node says 0 or more than there is. */
function memory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem()
}

/** True once *our* server answers: the password is its own, so no other server on that port is taken for it. */
async function answers(place: Place, port: number, child: Child): Promise<boolean> {
  for (const started = Date.now(); Date.now() - started < START_MS; await sleep(50)) {
    if (child.hasExited()) return false
    const client = new pg.Client({ connectionString: urlOf(place, port, 'postgres'), connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    const connected = await client.connect().then(
      () => true,
      () => false,
    )
    await within(
      client.end().catch(() => undefined),
      1_000,
    )
    if (connected) return true
  }
  return false
}

async function createDatabase(place: Place, port: number): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(place, port, 'postgres') })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

function urlOf(place: Place, port: number, database: string): string {
  return `postgres://${USER}:${place.password}@127.0.0.1:${port}/${database}`
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
