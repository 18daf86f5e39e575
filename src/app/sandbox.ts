import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { z } from 'zod'
import type { AnyConnector, Registry } from '../core/connector.ts'
import { armPreview, arm } from '../deliver/arm.ts'
import { setStock } from '../deliver/stock.ts'
import type { SecretBox } from '../store/envelope.ts'
import { createConnection } from '../store/edit/connections.ts'
import type { Log } from './log.ts'

/** Simulated channels of a first look: shops that speak their vendors' protocols, in a process of their own. */
const SHOPS = 'woo-eu,woo-cn,vendure-uk,taobao-cn,shopify-us,pinduoduo-cn,douyin-cn,jd-cn,youzan-cn'
const TRICKLE_PER_MINUTE = 5
const START_LIMIT_MS = 20_000

export interface SandboxProcess {
  readonly url: string
  stop(): Promise<void>
}

const stateSchema = z.object({ port: z.number(), seed: z.number() })
const servedSchema = z.array(
  z.object({
    name: z.string(),
    channel: z.string(),
    currency: z.string(),
    timezone: z.string(),
    settings: z.record(z.string(), z.unknown()),
    credentials: z.record(z.string(), z.string()),
  }),
)

/** Starts the simulators on the port of last time, so that their connections keep working. */
export async function startSandbox(pool: pg.Pool, log: Log): Promise<SandboxProcess> {
  const {
    rows: [row],
  } = await pool.query<{ value: unknown }>(`select value from settings where key = 'sandbox'`)
  const before = stateSchema.safeParse(row?.value)
  // Every life of the sandbox plays other people and orders: it remembers nothing of the last one.
  const seed = before.success ? before.data.seed + 1 : 1
  const sandbox = await launch(before.success ? before.data.port : 0, seed, log).catch(() => launch(0, seed, log))
  await pool.query(
    `insert into settings (key, value) values ('sandbox', $1) on conflict (key) do update set value = excluded.value, updated_at = now()`,
    [JSON.stringify({ port: Number(new URL(sandbox.url).port), seed })],
  )
  return sandbox
}

function launch(port: number, seed: number, log: Log): Promise<SandboxProcess> {
  const source = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url))
  const file = existsSync(source) ? source : fileURLToPath(new URL('../../sandbox/main.js', import.meta.url))
  const args = [
    '--port',
    String(port),
    '--seed',
    String(seed),
    '--shops',
    SHOPS,
    '--orders',
    '40',
    '--trickle',
    String(TRICKLE_PER_MINUTE),
    '--attached',
  ]
  const child = spawn(process.execPath, [...(file.endsWith('.ts') ? ['--import', 'tsx'] : []), file, ...args], { stdio: 'pipe' })
  child.stderr.resume()
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error('The sandbox did not start in time.'))
    }, START_LIMIT_MS)
    exited.then(() => {
      clearTimeout(timer)
      reject(new Error('The sandbox ended at once.'))
    }, reject)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /^ready (http\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      log.info({ url }, 'The sandbox started.')
      resolve({
        url,
        stop: async () => {
          child.kill('SIGTERM')
          await Promise.race([exited, new Promise((done) => setTimeout(done, 3000).unref())])
          child.kill('SIGKILL')
        },
      })
    })
  })
}

/** The simulated Vendure lets shoppers ask to cancel, in a state of its own as such shops have. */
const OWN_SETTINGS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  vendure: { states: { CancellationRequested: 'cancel_requested' } },
}

/** Makes (or repoints) one connection per simulated shop, marked as sandbox. Answers the ids. */
export async function connectSandbox(pool: pg.Pool, box: SecretBox, registry: Registry, sandbox: SandboxProcess): Promise<readonly string[]> {
  const shops = servedSchema.parse(await (await fetch(`${sandbox.url}/__control`)).json())
  const ids: string[] = []
  for (const shop of shops) {
    const connector = registry.get(shop.channel)
    if (!connector) continue
    const name = `Sandbox ${shop.name}`
    const {
      rows: [known],
    } = await pool.query<{ id: string }>(
      `update connections set config = (config::jsonb || $2::jsonb)::json where name = $1 and state <> 'removed' returning id`,
      [name, JSON.stringify(shop.settings)],
    )
    ids.push(
      known?.id ??
        (await createConnection(pool, box, {
          channel: shop.channel,
          name,
          config: { ...shop.settings, ...OWN_SETTINGS[shop.channel] },
          timezone: shop.timezone,
          currency: shop.currency,
          sandbox: true,
          secrets: { ...shop.credentials, ...ownSecrets(connector) },
          streams: connector.manifest.capabilities.pullOrders?.streams.map((stream) => stream.id) ?? [],
          startFrom: new Date(Date.now() - 30 * 86_400_000).toISOString(),
        })),
    )
  }
  return ids
}

/** A webhook secret of its own, where the channel lets the hub choose one. */
function ownSecrets({ manifest }: AnyConnector): Readonly<Record<string, string>> {
  const chosen = manifest.secrets instanceof z.ZodObject && 'webhookSecret' in manifest.secrets.shape
  return chosen ? { webhookSecret: randomBytes(18).toString('hex') } : {}
}

/**
 * Fills the SKU master from what the simulated shops list, all but every ninth, so that an unbound SKU is there to be
 * bound; then arms the first shop, so that stock and tracking are seen to flow back.
 */
export async function stockSandbox(pool: pg.Pool, connections: readonly string[], now: Date): Promise<boolean> {
  const { rows } = await pool.query<{ sku: string; title: string; barcode: string | null }>(
    `select sku, title, barcode from (select channel_sku as sku, min(title) as title, min(barcode) as barcode, row_number() over (order by channel_sku) as n
       from listings where connection_id = any($1) and channel_sku <> '' group by 1) l where n % 9 <> 0`,
    [connections],
  )
  if (rows.length === 0) return false
  const { rowCount } = await pool.query(
    `insert into skus (sku, title, barcode) select sku, title, barcode from json_to_recordset($1::json) x(sku text, title text, barcode text) order by 1 on conflict do nothing`,
    [JSON.stringify(rows)],
  )
  if (rowCount === 0) return true
  await pool.query(
    `update listings l set sku = s.sku, bound = 'code' from skus s where l.connection_id = any($1) and l.bound = 'unbound' and s.sku = l.channel_sku`,
    [connections],
  )
  await setStock(
    { pool, actor: 'sandbox', now },
    rows.map((row) => ({ sku: row.sku, location: 'main', onHand: '60', asOf: now.toISOString(), ref: 'sandbox-opening' })),
  )
  const [first] = connections
  if (first !== undefined) {
    const previews = await Promise.all((['stock', 'shipments'] as const).map((what) => armPreview(pool, first, what)))
    await arm({
      pool,
      connectionId: first,
      what: ['stock', 'shipments'],
      previewHash: previews.map((preview) => preview.hash).join(),
      confirmZero: true,
      actor: 'sandbox',
      now,
    })
  }
  return true
}
