/**
 * A hub for one browser: its own database, a REST shop whose discounts are read wrong, so many orders of 3.5 KB as asked.
 * `node --import tsx test/e2e/mapping-hub.ts <orders> <folder of the built console>` prints its address; ends with SIGTERM.
 */
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rest } from '../../mappings/rest.ts'
import { startPostgres } from '../../src/app/services/postgres.ts'
import { createApp } from '../../src/http/app.ts'
import { serveApp } from '../../src/http/serve.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { migrate } from '../../src/store/migrate.ts'
import { createUser } from '../../src/store/people/users.ts'
import { hubApp } from '../http/hub-app.ts'
import { SHOP, WRONG, shopMap, shopOrder, shopSettings } from '../support/mapped-shop.ts'

const orders = Number(process.argv[2] ?? 10_000)
const dir = process.argv[3] ?? ''

/** An order of the shop with so much beside it that it is as long as documents of channels are. */
const longOrder = (no: number) =>
  shopOrder(no, { attributes: Array.from({ length: 36 }, (_, i) => ({ name: `attribute ${i}`, value: 'x'.repeat(48) })) })

if (!existsSync(join(dir, 'index.html'))) throw new Error(`No console in ${dir}: npm run setup builds it, or set HUB_CONSOLE.`)
// PostgreSQL runs under a user of its own, who has to get in.
const home = await mkdtemp(join(tmpdir(), 'mapping-hub-'))
await chmod(home, 0o711)
const postgres = await startPostgres({ dataDir: join(home, 'pg'), log: () => undefined })
await migrate(postgres.url)
const stop = async (): Promise<void> => {
  await postgres.stop()
  await rm(home, { recursive: true, force: true })
}
const app = await hubApp({ mappings: new Map([['rest', rest]]), database: { url: postgres.url, drop: stop } })
const { hub } = app
await hub.pool.query(`insert into connections (id, channel, name, timezone, currency, config) values ($1, 'rest', 'Shop', 'UTC', 'CNY', $2)`, [
  SHOP,
  JSON.stringify(shopSettings(WRONG)),
])
await hub.pool.query(`insert into skus (sku) values ('TEA'); insert into locations (id, name) values ('east', 'East')`)
await hub.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'TEA', 'TEA', 'Tea', 'TEA')`, [SHOP])
const context = { connectionId: SHOP, channel: 'rest', timezone: 'UTC', currency: 'CNY', config: shopMap(WRONG), sandbox: false }
for (let from = 0; from < orders; from += 1000)
  await ingest(
    hub,
    context,
    Array.from({ length: Math.min(1000, orders - from) }, (_, i) => longOrder(from + i)),
  )
await createUser(hub.pool, { name: 'admin', roles: ['admin'], password: 'Written in forms 7', mustChange: false, connections: null })
const server = await serveApp(createApp({ ...app.deps, console: { dir } }), { host: '127.0.0.1', port: 0 })
console.log(`each ${longOrder(1).record.payload.length} bytes`)
console.log(server.url)
process.once('SIGTERM', () => {
  void server
    .stop()
    .then(() => app.close())
    .then(() => process.exit(0))
})
