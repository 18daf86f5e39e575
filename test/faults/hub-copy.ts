import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SCOPES } from '../../src/http/scopes.ts'
import { createPool } from '../../src/store/db.ts'
import { createKey } from '../../src/store/people/keys.ts'
import { FeedTail } from './feed-tail.ts'
import { HubClient } from './hub-client.ts'
import type { Judged } from './judge.ts'
import { Part } from './part.ts'
import type { Rig } from './rig.ts'
import type { World } from './world.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The command line, as a person at the machine uses it. @throws with its output when it fails */
async function hubCommand(databaseUrl: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', 'src/app/cli.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    timeout: 120_000,
  })
  return stdout
}

export const backup = (world: World, file: string): Promise<string> => hubCommand(world.postgres.url, 'backup', file)

/** A new database beside the world's, filled by `hub restore`; answers its address. */
export async function restored(world: World, name: string, file: string): Promise<string> {
  await world.pool.query(`create database ${name}`)
  const url = new URL(world.postgres.url)
  url.pathname = `/${name}`
  await hubCommand(url.href, 'restore', file)
  return url.href
}

export interface HubCopy extends Judged {
  readonly api: Part
  readonly worker: Part
}

/**
 * A second hub on a database of its own, with workflows of its own (an empty namespace). `masterKey` opens what the first one
 * sealed; on `port` it takes over the address the channel delivers to.
 */
export async function hubOn(
  rig: Rig,
  world: World,
  options: { readonly databaseUrl: string; readonly masterKey: string; readonly namespace: string; readonly port?: string },
): Promise<HubCopy> {
  const env = {
    HUB_HOME: world.home,
    HUB_SANDBOX: '0',
    HUB_ALLOW_PRIVATE_HOSTS: '1',
    HUB_MASTER_KEY: options.masterKey,
    HUB_SHUTDOWN_SECONDS: '8',
    DATABASE_URL: options.databaseUrl,
    TEMPORAL_ADDRESS: world.temporal.address,
    TEMPORAL_NAMESPACE: options.namespace,
    ...(options.port === undefined ? {} : { HUB_PUBLIC_URL: `http://127.0.0.1:${options.port}` }),
  }
  const part = (name: 'api' | 'worker', port: string): Part =>
    new Part({ name: `second ${name}`, args: ['--import', 'tsx', 'src/app/cli.ts', name], env: { ...env, HUB_PORT: port } })
  const [api, worker] = [part('api', options.port ?? '0'), part('worker', '0')]
  const pool = createPool(options.databaseUrl, { max: 4, name: 'experiment', onIdleError: () => undefined })
  rig.afterwards(() => pool.end())
  const { secret } = await createKey(pool, { name: 'experiment-2', scopes: [...SCOPES], connections: null, createdBy: 'experiment' })
  for (const one of [api, worker]) rig.afterwards(() => one.stop())
  await Promise.all([api.start(), worker.start()])
  const hub = new HubClient(() => api.url, secret)
  return {
    api,
    worker,
    hub,
    pool,
    shop: world.shop,
    tail: new FeedTail(pool),
    count: async (sql, values) => Number(Object.values((await pool.query<Record<string, unknown>>(sql, [...(values ?? [])])).rows[0] ?? {})[0]),
    pullNow: async (connection) => void (await hub.ask('POST', `/v1/connections/${connection}/pull`, undefined, 10_000).catch(() => undefined)),
  }
}
