import { access, constants, statfs } from 'node:fs/promises'
import pg from 'pg'
import { pendingMigrations } from '../store/read/backlog.ts'
import { createPool } from '../store/db.ts'
import { assertSafePostgres } from './services/assert-safe-postgres.ts'
import { readRunNote } from './services/run-note.ts'
import type { Settings } from './settings.ts'

/** One thing looked at, and what to do when it is wrong. */
export interface Finding {
  readonly what: string
  readonly ok: boolean
  readonly todo: string
}

const MIN_FREE_BYTES = 2 * 1024 ** 3

/** Looks at this machine and the services the settings name. Reads only. */
export async function doctor(settings: Settings): Promise<readonly Finding[]> {
  const note = await readRunNote(settings.home)
  const findings: Finding[] = [
    { what: `Node.js ${process.versions.node}`, ok: nodeFits(process.versions.node), todo: 'Install Node.js 20.19 or newer.' },
    await folder(settings.home),
    await space(settings.home),
    {
      what: note ? `a hub runs at ${note.url} (process ${note.pid})` : 'no hub runs on this data directory',
      ok: note !== undefined || settings.database.url !== undefined,
      todo: 'Start one with "npm start".',
    },
  ]
  const databaseUrl = settings.database.url ?? note?.databaseUrl
  if (databaseUrl !== undefined) findings.push(...(await database(databaseUrl, settings.database.directUrl ?? databaseUrl)))
  const temporal = settings.temporal.address ?? note?.temporalAddress
  if (temporal !== undefined) findings.push(await reachable(temporal))
  if (note) findings.push(await answers(note.url))
  return findings
}

const nodeFits = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
}

async function folder(home: string): Promise<Finding> {
  const ok = await access(home, constants.W_OK).then(
    () => true,
    () => false,
  )
  return { what: `data directory ${home}`, ok, todo: `Make ${home} writable, or point HUB_HOME elsewhere.` }
}

async function space(home: string): Promise<Finding> {
  const free = await statfs(home).then(
    (s) => s.bavail * s.bsize,
    () => Number.POSITIVE_INFINITY,
  )
  return {
    what: `free disk space ${Number.isFinite(free) ? `${Math.round(free / 1024 ** 3)} GB` : 'unknown'}`,
    ok: free > MIN_FREE_BYTES,
    todo: 'Free at least 2 GB, or move HUB_HOME: a full disk makes the hub refuse webhooks.',
  }
}

async function database(url: string, directUrl: string): Promise<readonly Finding[]> {
  const host = new URL(url).host
  const pool = createPool(url, { max: 2, name: 'channel-hub doctor' })
  try {
    await assertSafePostgres(directUrl)
    const pending = await pendingMigrations(pool)
    return [
      { what: `PostgreSQL at ${host}, commits are durable`, ok: true, todo: '' },
      {
        what: pending.length === 0 ? 'database schema is current' : `database schema lacks ${pending.join(', ')}`,
        ok: pending.length === 0,
        todo: 'Run "hub migrate".',
      },
      await notifications(directUrl),
    ]
  } catch (error) {
    return [
      {
        what: `PostgreSQL at ${host}: ${error instanceof Error ? error.message : 'unreachable'}`,
        ok: false,
        todo: 'Check DATABASE_URL and the server.',
      },
    ]
  } finally {
    await pool.end()
  }
}

/** Behind a transaction pooler LISTEN never hears anything. */
async function notifications(url: string): Promise<Finding> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    const heard = new Promise<boolean>((resolve) => {
      client.once('notification', () => resolve(true))
      setTimeout(() => resolve(false), 1500).unref()
    })
    await client.query('listen hub_doctor')
    await client.query('notify hub_doctor')
    return {
      what: 'notifications arrive',
      ok: await heard,
      todo: 'A transaction pooler stands between: set DATABASE_DIRECT_URL. Until then the worker looks every 250 ms.',
    }
  } finally {
    await client.end()
  }
}

async function reachable(address: string): Promise<Finding> {
  const { Connection } = await import('@temporalio/client')
  try {
    const connection = await Connection.connect({ address, connectTimeout: '5s' })
    await connection.close()
    return { what: `Temporal at ${address}`, ok: true, todo: '' }
  } catch {
    return {
      what: `Temporal at ${address} does not answer`,
      ok: false,
      todo: 'Check TEMPORAL_ADDRESS, TLS and the API key. Webhooks are still stored meanwhile.',
    }
  }
}

async function answers(url: string): Promise<Finding> {
  const ok = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
    (r) => r.ok,
    () => false,
  )
  return { what: `${url}/readyz`, ok, todo: 'The hub runs but is not ready: look at its log lines.' }
}
