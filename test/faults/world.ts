import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { z } from 'zod'
import { SCOPES } from '../../src/http/scopes.ts'
import { createPool } from '../../src/store/db.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createKey } from '../../src/store/people/keys.ts'
import { FaultProxy } from './fault-proxy.ts'
import { FeedTail } from './feed-tail.ts'
import { HubClient } from './hub-client.ts'
import { Part } from './part.ts'
import { Postgres, Temporal } from './services.ts'
import { quietPort } from './quiet-port.ts'
import { Shop } from './shop.ts'

const CACHE = fileURLToPath(new URL('../../.tmp/faults-cache', import.meta.url))
export const HOOK_SECRET = 'a-webhook-secret-1'

export interface WorldOptions {
  /** Further settings of API and workers. */
  readonly env?: Readonly<Record<string, string>>
  readonly workers?: number
  /** Shops the simulated channel has; the first is `world.shop`. */
  readonly shops?: number
  /** Extra settings of PostgreSQL, `name=value`. */
  readonly postgresConfig?: readonly string[]
  /** Words before the program of API or worker, such as a shell that sets a limit. */
  readonly wrapApi?: readonly string[]
  readonly wrapWorker?: readonly string[]
  /** Runs once PostgreSQL is up, before the schema is made. */
  readonly prepare?: (postgres: Postgres, home: string) => Promise<void>
}

export interface ConnectOptions {
  /** The first one by default. */
  readonly shop?: Shop
  readonly startFrom?: string
  readonly pageSize?: number
  readonly timeoutSeconds?: number
}

/**
 * A whole hub as it runs in production (API and workers as processes of their own), its services and a simulated channel,
 * each of which can be killed alone. PostgreSQL, Temporal and the channel are reached through a proxy each.
 */
export class World {
  readonly home: string
  readonly postgres: Postgres
  readonly temporal: Temporal
  readonly database: FaultProxy
  readonly orchestrator: FaultProxy
  readonly network: FaultProxy
  readonly api: Part
  readonly workers: readonly Part[]
  readonly shops: readonly Shop[]
  /** Past every proxy: the eye of the experiment. */
  readonly pool: pg.Pool
  readonly tail: FeedTail
  readonly hub: HubClient

  private constructor(parts: Omit<World, 'worker' | 'shop' | 'connect' | 'count' | 'pullNow'>) {
    this.home = parts.home
    this.postgres = parts.postgres
    this.temporal = parts.temporal
    this.database = parts.database
    this.orchestrator = parts.orchestrator
    this.network = parts.network
    this.api = parts.api
    this.workers = parts.workers
    this.shops = parts.shops
    this.pool = parts.pool
    this.tail = parts.tail
    this.hub = parts.hub
  }

  get shop(): Shop {
    const [first] = this.shops
    if (!first) throw new Error('This world has no shop.')
    return first
  }

  get worker(): Part {
    const [first] = this.workers
    if (!first) throw new Error('This world has no worker.')
    return first
  }

  static async open(seed: number, options: WorldOptions, closers: (() => Promise<unknown>)[]): Promise<World> {
    const home = await mkdtemp(join(tmpdir(), 'hub-faults-'))
    closers.push(() => rm(home, { recursive: true, force: true }))
    await chmod(home, 0o711)
    await mkdir(CACHE, { recursive: true })
    await symlink(CACHE, join(home, 'cache'))
    const postgres = new Postgres(home, options.postgresConfig)
    const temporal = new Temporal(home)
    const names = Array.from({ length: options.shops ?? 1 }, (_, n) => `woo-${n + 1}`)
    const shopPart = new Part({
      name: 'channel',
      args: ['--import', 'tsx', 'sandbox/main.ts', '--shops', names.join(','), '--orders', '0', '--seed', String(seed)],
      env: {},
    })
    const shops = names.map((name) => new Shop(shopPart, name))
    closers.push(
      () => postgres.stop(),
      () => temporal.stop(),
      () => shopPart.kill(),
    )
    await Promise.all([postgres.start(), temporal.start(), shopPart.start()])
    await options.prepare?.(postgres, home)
    const [database, orchestrator, network] = [
      new FaultProxy(() => postgres.port),
      new FaultProxy(() => temporal.port),
      new FaultProxy(() => shops[0]?.port ?? 0),
    ]
    for (const proxy of [database, orchestrator, network]) closers.push(() => proxy.stop())
    await Promise.all([database.start(), orchestrator.start(), network.start()])
    await migrate(postgres.url)
    const pool = createPool(postgres.url, { max: 6, name: 'experiment', onIdleError: () => undefined })
    closers.push(() => pool.end())
    const { secret } = await createKey(pool, { name: 'experiment', scopes: [...SCOPES], connections: null, createdBy: 'experiment' })
    const { api, workers } = await parts(home, { databaseUrl: through(postgres.url, database), address: `127.0.0.1:${orchestrator.port}` }, options)
    for (const part of [api, ...workers]) closers.push(() => part.stop())
    await Promise.all([api.start(), ...workers.map((worker) => worker.start())])
    const hub = new HubClient(() => api.url, secret)
    const tail = new FeedTail(pool)
    closers.push(() => tail.stop())
    return new World({ home, postgres, temporal, database, orchestrator, network, api, workers, shops, pool, tail, hub })
  }

  /** Adds the channel as a connection; it is read from `startFrom` on, by default from now. */
  async connect(options: ConnectOptions = {}): Promise<string> {
    const { id } = await this.hub.post(
      '/v1/connections',
      {
        channel: 'woocommerce',
        name: `Shop ${randomBytes(3).toString('hex')}`,
        config: {
          url: `http://127.0.0.1:${this.network.port}/${(options.shop ?? this.shop).name}`,
          ...(options.pageSize === undefined ? {} : { pageSize: options.pageSize }),
        },
        secrets: { consumerKey: 'ck_sandbox', consumerSecret: 'cs_sandbox', webhookSecret: HOOK_SECRET },
        timezone: 'UTC',
        currency: 'USD',
        start_from: options.startFrom ?? new Date().toISOString(),
      },
      z.looseObject({ id: z.string() }),
    )
    return id
  }

  /** One round now; a hub that is down is not asked. */
  async pullNow(connection: string): Promise<void> {
    await this.hub.ask('POST', `/v1/connections/${connection}/pull`, undefined, 10_000).catch(() => undefined)
  }

  /** The number a statement answers. */
  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.pool.query<Record<string, unknown>>(sql, [...values])
    return Number(Object.values(rows[0] ?? {})[0])
  }
}

/** Ends of API and workers that nobody asked for, with their last words. */
export const deathsOf = (world: World): readonly string[] =>
  [world.api, ...world.workers].flatMap((part) => (part.deaths === 0 ? [] : [`${part.name} ended ${part.deaths} times by itself: ${part.lastWords}`]))

function through(url: string, proxy: FaultProxy): string {
  const changed = new URL(url)
  changed.port = String(proxy.port)
  return changed.href
}

async function parts(
  home: string,
  at: { readonly databaseUrl: string; readonly address: string },
  options: WorldOptions,
): Promise<{ readonly api: Part; readonly workers: readonly Part[] }> {
  const port = await quietPort()
  const count = options.workers ?? 1
  const env = {
    HUB_HOME: home,
    HUB_PORT: '0',
    HUB_SANDBOX: '0',
    HUB_ALLOW_PRIVATE_HOSTS: '1',
    HUB_MASTER_KEY: randomBytes(32).toString('base64'),
    HUB_PUBLIC_URL: `http://127.0.0.1:${port}`,
    HUB_WORKERS: String(count),
    HUB_SHUTDOWN_SECONDS: '8',
    DATABASE_URL: at.databaseUrl,
    TEMPORAL_ADDRESS: at.address,
    ...options.env,
  }
  const part = (name: 'api' | 'worker', more: Readonly<Record<string, string>>, wrap: readonly string[] | undefined): Part =>
    new Part({ name, args: ['--import', 'tsx', 'src/app/cli.ts', name], env: { ...env, ...more }, ...(wrap === undefined ? {} : { wrap }) })
  return {
    api: part('api', { HUB_PORT: String(port) }, options.wrapApi),
    workers: Array.from({ length: count }, () => part('worker', {}, options.wrapWorker)),
  }
}
