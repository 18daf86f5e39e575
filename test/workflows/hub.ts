import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { WooCommerceOptions, WooCommerceSim } from '../../sandbox/woocommerce/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import type { ActivityLog } from '../../src/activities/failure.ts'
import type { ActivityDeps } from '../../src/activities/index.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase } from '../support/db.ts'

/** Appears in no payload, no failure and no log line. */
export const CANARY = 'cs_CANARY_9876543210'

export interface TestHub {
  readonly pool: pg.Pool
  readonly sandbox: Sandbox
  readonly shop: WooCommerceSim
  readonly channels: Channels
  readonly deps: ActivityDeps
  readonly logged: string[]
  /** Lets the hub's clock run ahead. */
  skip(seconds: number): void
  now(): Date
  connect(options?: { readonly armed?: boolean; readonly name?: string }): Promise<string>
  close(): Promise<void>
}

/** A hub without its HTTP side: real Postgres, the real connector, a simulated shop on a real port. */
export async function testHub(shopOptions: WooCommerceOptions = {}): Promise<TestHub> {
  const database = await freshDatabase()
  const pool = createPool(database.url, { max: 12 })
  const sandbox = await start({
    shops: [{ name: 'woo-1', channel: 'woocommerce', options: { key: { consumerKey: 'ck_1', consumerSecret: CANARY }, ...shopOptions } }],
  })
  const box = new SecretBox(randomBytes(32))
  let aheadMs = 0
  const now = (): Date => new Date(Date.now() + aheadMs)
  const channels = createChannels({ pool, box, registry, now, allowPrivate: 'all' })
  const logged: string[] = []
  const line = (message: string, fields: Readonly<Record<string, unknown>>): void => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const log: ActivityLog = { info: line, warn: line, error: line }
  let serial = 0
  return {
    pool,
    sandbox,
    channels,
    logged,
    now,
    shop: sandbox.woo('woo-1'),
    deps: { pool, box, keys: new DataKeys(pool, box), mappings, registry, channels, log, now, publicUrl: () => undefined },
    skip: (seconds) => {
      aheadMs += seconds * 1000
    },
    connect: async ({ armed = true, name } = {}) => {
      serial += 1
      const id = `woo${serial}`
      await pool.query(
        `insert into connections (id, channel, name, config, secrets, currency, armed_stock, armed_shipments, poll_seconds) values ($1, 'woocommerce', $2, $3, $4, 'USD', $5, $5, 1)`,
        [
          id,
          name ?? id,
          JSON.stringify({ url: sandbox.shops[0]?.url }),
          sealSecrets(box, id, { consumerKey: 'ck_1', consumerSecret: CANARY }),
          armed,
        ],
      )
      return id
    },
    close: async () => {
      channels.close()
      await sandbox.stop()
      await pool.end()
      await database.drop()
    },
  }
}

/** A product with stock at the shop and the same SKU, not counted yet, in the hub. */
export async function sell(hub: TestHub, sku: string, stock = 5): Promise<void> {
  hub.shop.control.addProduct({ name: sku, sku, priceMinor: 1000, stock })
  await hub.pool.query('insert into skus (sku, title) values ($1, $1) on conflict do nothing', [sku])
}

export async function row<T>(hub: TestHub, sql: string, params: readonly unknown[] = []): Promise<T> {
  const { rows } = await hub.pool.query(sql, [...params])
  return rows[0]
}

/** Waits until `look` answers something. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined, seconds = 30): Promise<T> {
  const until = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > until) throw new Error(`Waited ${seconds} s in vain: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
