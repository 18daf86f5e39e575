import { afterAll, beforeAll, expect, it } from 'vitest'
import { planStockPush } from '../../../src/deliver/push-stock.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { ingest } from '../../../src/normalize/ingest.ts'
import { withTx } from '../../../src/store/db.ts'
import { learnBuffers } from '../../../src/store/deliver/learned-buffers.ts'
import { incoming, testHub, type TestHub } from '../../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../support/db.ts'

const SHOPS = ['c_slow', 'c_fast']
const now = new Date()

let database: TestDatabase
let hub: TestHub
beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await hub.pool.query(`insert into skus (sku) values ('TEA')`)
  for (const id of SHOPS) {
    await hub.pool.query(`insert into connections (id, channel, name, armed_stock, stock_learned_buffer) values ($1, 'plain', $1, true, true)`, [id])
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, 'L-TEA', 'TEA', 'TEA', 'TEA', 'code', 0)`,
      [id],
    )
    // Forty seconds from the intent to the confirmation, nine times of ten.
    await hub.pool.query(
      `insert into effects (connection_id, kind, idempotency_key, listing_key, intent, state, created_at, settled_at)
       select $1, 'stock', $1 || n, 'L-TEA', '{"quantity": 1}', 'done', now(), now() + make_interval(secs => case when n % 10 = 0 then 2 else 40 end) from generate_series(1, 40) n`,
      [id],
    )
  }
  await setStock({ pool: hub.pool, actor: 'test', now }, [{ sku: 'TEA', location: 'main', onHand: '500' }])
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const sell = async (connectionId: string, pieces: number): Promise<void> => {
  const at = new Date(now.getTime() - 600_000).toISOString()
  const orders = Array.from({ length: pieces }, (_, n) => incoming({ no: `${connectionId}-${n}`, at, placed: at, sku: 'TEA', qty: 1 }))
  await ingest(hub, { ...hub.context, connectionId }, orders)
}
const learn = (): Promise<number> => withTx(hub.pool, (client) => learnBuffers(client, now))
const planned = async (id: string): Promise<number | undefined> => {
  await hub.pool.query(`insert into listing_dirty (connection_id, listing_key) values ($1, 'L-TEA') on conflict do nothing`, [id])
  await hub.pool.query('delete from level_calls where connection_id = $1', [id])
  return (await planStockPush({ pool: hub.pool, now }, id, 10, { skewSeconds: 0, tMaxSeconds: 10 })).writes[0]?.write.quantity
}

it('keeps back what is likely sold while a level is on its way, everywhere but where it sells fastest, and shows why', async () => {
  await sell('c_slow', 12)
  await sell('c_fast', 90)
  expect(await learn()).toBe(1)
  expect(await learn()).toBe(0)
  const { rows } = await hub.pool.query('select connection_id, buffer, per_hour::int, latency_seconds::int from learned_buffers order by 1')
  expect(rows).toEqual([
    { connection_id: 'c_fast', buffer: 0, per_hour: 90, latency_seconds: 40 },
    { connection_id: 'c_slow', buffer: 1, per_hour: 12, latency_seconds: 40 },
  ])
  expect([await planned('c_slow'), await planned('c_fast')]).toEqual([397, 398])
})

it('has the fastest keep back as well where somebody who does not learn sells the last piece anyway, and forgets with the switch', async () => {
  await hub.pool.query(`update connections set stock_learned_buffer = false where id = 'c_slow'`)
  expect(await learn()).toBe(2)
  const { rows } = await hub.pool.query('select connection_id, buffer from learned_buffers')
  expect(rows).toEqual([{ connection_id: 'c_fast', buffer: 3 }])
  expect([await planned('c_slow'), await planned('c_fast')]).toEqual([398, 395])
})
