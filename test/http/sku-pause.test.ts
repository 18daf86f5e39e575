import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
beforeAll(async () => {
  app = await hubApp()
  await app.hub.pool.query(`insert into skus (sku, title) values ('TEA/1', 'Tea')`)
  await app.hub.pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound) values ('c_plain', 'L-TEA', 'TEA/1', 'Tea', 'TEA/1', 'code')`,
  )
})
afterAll(() => app.close())

const marks = async (): Promise<number> => {
  const { rows } = await app.hub.pool.query<{ n: number }>(`with gone as (delete from listing_dirty returning 1) select count(*)::int as n from gone`)
  return rows[0]?.n ?? 0
}

it('stops and starts telling the levels of one SKU, says who and why, and marks its listings', async () => {
  const key = await app.key(['stock:read', 'stock:write'])
  const say = (verb: string, body: unknown, by = key) => app.call('POST', `/v1/skus/${encodeURIComponent('TEA/1')}/${verb}`, { key: by, body })
  const stock = async () => (await app.call('GET', '/v1/stock?sku=TEA%2F1', { key })).json.items[0]
  await marks()
  expect((await say('pause', { reason: 'recalled' })).json).toEqual({ sku: 'TEA/1', paused: true })
  expect((await stock()).paused).toMatchObject({ reason: 'recalled', by: expect.stringContaining('key:') })
  expect(await marks()).toBe(1)
  expect((await say('resume', { reason: 'checked' })).json).toEqual({ sku: 'TEA/1', paused: false })
  expect((await stock()).paused).toBeNull()
  expect(await marks()).toBe(1)
  const audit = await app.hub.pool.query(`select action from audit_log where action like 'sku.%' order by id`)
  expect(audit.rows).toEqual([{ action: 'sku.pause' }, { action: 'sku.resume' }])
})

it('needs a reason, leave to change stock, the whole hub, and a SKU that exists', async () => {
  const [reader, part, key] = [await app.key(['stock:read']), await app.key(['stock:write'], ['c_plain']), await app.key(['stock:write'])]
  const pause = async (by: string, sku: string, body: unknown) => (await app.call('POST', `/v1/skus/${sku}/pause`, { key: by, body })).status
  expect(await pause(key, 'TEA%2F1', {})).toBe(400)
  expect(await pause(reader, 'TEA%2F1', { reason: 'x' })).toBe(403)
  expect(await pause(part, 'TEA%2F1', { reason: 'x' })).toBe(403)
  expect(await pause(key, 'NONE', { reason: 'x' })).toBe(404)
})
