import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
beforeAll(async () => {
  app = await hubApp()
})
afterAll(() => app.close())

const views = async (key: string, page = 'orders') =>
  (await app.call('GET', `/v1/views?page=${page}`, { key })).json.items.map((one: { name: string; own: boolean }) => [one.name, one.own])
const save = (key: string, name: string, shared: boolean, search: unknown = { state: 'held' }) =>
  app.call('POST', '/v1/views', { key, body: { page: 'orders', name, shared, search } })

it('keeps a view for its owner, shows shared ones to all, and lets only the owner or an administrator drop them', async () => {
  const [mine, theirs, admin] = [await app.key(['orders:read', 'orders:write']), await app.key(['orders:read']), await app.key(['admin'])]
  const own = await save(mine, 'Late today', false)
  const shared = await save(mine, 'For all', true, { state: 'to_ship', connection: 'c_plain' })
  expect([own.status, shared.status]).toEqual([201, 201])
  expect(await views(mine)).toEqual([
    ['Late today', true],
    ['For all', true],
  ])
  expect(await views(theirs)).toEqual([['For all', false]])
  expect(await views(theirs, 'failures')).toEqual([])
  expect((await save(theirs, 'Loud', true)).json.code).toBe('scope-missing')
  const drop = (key: string, id: string) => app.call('DELETE', `/v1/views/${id}`, { key })
  expect((await drop(theirs, shared.json.id)).status).toBe(404)
  expect((await drop(admin, own.json.id)).status).toBe(404)
  expect((await drop(admin, shared.json.id)).status).toBe(200)
  expect(await views(mine)).toEqual([['Late today', true]])
})

it('replaces a view of the same name, hides one that names a connection out of reach, and takes no more than fifty', async () => {
  const [mine, narrow] = [await app.key(['admin']), await app.key(['orders:read'], ['c_other'])]
  await save(mine, 'One', true, { connection: 'c_plain' })
  await save(mine, 'One', true, { connection: 'c_plain', state: 'open' })
  const { items } = (await app.call('GET', '/v1/views?page=orders', { key: mine })).json
  expect(items.filter((one: { name: string }) => one.name === 'One')).toMatchObject([{ search: { connection: 'c_plain', state: 'open' } }])
  expect(await views(narrow)).toEqual([])
  expect((await save(mine, 'Bad', false, { state: 7 })).status).toBe(400)
  expect((await save(mine, 'Bad', false, Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v'])))).status).toBe(400)
  for (let i = 0; i < 49; i += 1) await save(mine, `V${i}`, false)
  expect((await save(mine, 'One too many', false)).json.code).toBe('too-many-views')
  expect((await save(mine, 'One', true)).status).toBe(201)
})
