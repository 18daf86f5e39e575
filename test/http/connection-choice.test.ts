import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
const offered = [
  { value: '90000001', name: 'Warehouse 1' },
  { value: '90000002', name: 'Warehouse 2' },
]
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['connections:renew', 'connections:read'])
  await app.hub.pool.query(
    `insert into connections (id, channel, name, config, armed_stock) values ('c_shop', 'shopify', 'two places', '{"url":"https://two-places.example"}', true)`,
  )
  // The channel itself is not asked here: what its check says is given.
  Object.assign(app.deps.control, {
    checkConnection: () =>
      Promise.resolve({
        ok: false,
        steps: [{ step: { en: 'Place', zh: '地点' }, ok: false, offers: { setting: 'locationId', values: offered } }],
        sample: [],
      }),
  })
})
afterAll(() => app.close())

const choose = (body: unknown, by = key) => app.call('POST', '/v1/connections/c_shop/choose', { key: by, body })
const config = async () => (await app.hub.pool.query(`select config, version from connections where id = 'c_shop'`)).rows[0]

it('takes a value the channel offers, and leaves every other setting as it is', async () => {
  const before = await config()
  expect((await choose({ setting: 'locationId', value: '90000002' })).status).toBe(200)
  expect(await config()).toMatchObject({ config: { ...before.config, locationId: '90000002' }, version: before.version + 1 })
  expect(app.told).toContainEqual(['changed', 'c_shop'])
})

it('takes nothing the channel does not offer, for no other setting, and from nobody without the right', async () => {
  const before = await config()
  for (const wrong of [
    { setting: 'locationId', value: '7' },
    { setting: 'url', value: '90000001' },
    { setting: 'url', value: 'https://other.example' },
  ])
    expect((await choose(wrong)).json.code).toBe('not-offered')
  expect((await choose({ setting: 'locationId', value: '90000001', group: '999' })).status).toBe(404)
  expect((await choose({ setting: 'locationId', value: '90000001' }, await app.key(['connections:read']))).json.code).toBe('scope-missing')
  expect((await choose({ setting: 'locationId', value: '90000001' }, await app.key(['connections:renew'], ['c_other']))).status).toBe(404)
  expect(await config()).toEqual(before)
})
