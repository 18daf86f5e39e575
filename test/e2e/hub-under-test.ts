import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { start, type Sandbox, type SandboxOptions } from '../../sandbox/server.ts'
import { startHub } from '../../src/app/hub.ts'
import { createLog } from '../../src/app/log.ts'
import { loadSettings } from '../../src/app/settings.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { createPool } from '../../src/store/db.ts'
import { createKey } from '../../src/store/people/keys.ts'
import { freshDatabase } from '../support/db.ts'

export type Json = Readonly<Record<string, unknown>>

export interface HubUnderTest {
  readonly url: string
  readonly sandbox: Sandbox
  readonly databaseUrl: string
  /** Answers the parsed body; any status outside 2xx is an error that quotes the problem. */
  call<T = Json>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Asks again until `done` says so; fails with the last answer. */
  until<T>(ask: () => Promise<T>, done: (answer: T) => boolean, seconds?: number): Promise<T>
  stop(): Promise<void>
}

/** The whole hub in this process, with simulated channels on a real port, a database and a workflow namespace of its own. */
export async function hubUnderTest(shops: NonNullable<SandboxOptions['shops']>): Promise<HubUnderTest> {
  const database = await freshDatabase()
  const home = await mkdtemp(join(tmpdir(), 'hub-e2e-'))
  const sandbox = await start({ shops })
  const temporal = inject('temporal')
  const namespace = `e2e-${randomBytes(4).toString('hex')}`
  const settings = loadSettings({
    HUB_HOME: home,
    HUB_SANDBOX: '0',
    HUB_LOG_LEVEL: 'error',
    HUB_ALLOW_PRIVATE_HOSTS: '1',
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: namespace,
  })
  const hub = await startHub({
    settings,
    log: createLog('fatal'),
    say: () => undefined,
    parts: { api: true, worker: true, migrate: true },
    urls: {
      databaseUrl: database.url,
      directUrl: database.url,
      temporalAddress: temporal.address,
      temporalNamespace: namespace,
      embeddedDatabase: false,
    },
  })
  const pool = createPool(database.url, { max: 2 })
  const { secret } = await createKey(pool, { name: 'e2e', scopes: [...SCOPES], connections: null, createdBy: 'test' })
  await pool.end()

  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(hub.url + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    url: hub.url,
    sandbox,
    databaseUrl: database.url,
    call,
    until: async (ask, done, seconds = 30) => {
      let last = await ask()
      for (const started = Date.now(); !done(last); last = await ask()) {
        if (Date.now() - started > seconds * 1000) throw new Error(`Not in ${seconds} s. The last answer was ${JSON.stringify(last)?.slice(0, 1500)}`)
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      return last
    },
    stop: async () => {
      await hub.stop()
      await sandbox.stop()
      await database.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
