import { afterAll, beforeAll, expect, it } from 'vitest'
import { allRoutes } from '../../src/http/routes/index.ts'
import { createUser } from '../../src/store/people/users.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { stateOf } from '../bad-input/state.ts'
import { stockOf } from '../support/builders.ts'

const PASSWORD = 'Correct horse 42 battery'
let app: HubApp
let cookie: string

beforeAll(async () => {
  app = await hubApp()
  const { pool } = app.hub
  await stockOf(pool, 'TEA', 100)
  await stockOf(pool, 'POT', 7)
  await pool.query(`insert into locations (id, name, kind) values ('north', 'North', 'warehouse'), ('south', 'South', 'warehouse')`)
  await pool.query(`insert into stock (sku, location, on_hand, reserved) values ('TEA', 'north', 12.5, 2), ('TEA', 'south', 30, 0)`)
  await createUser(pool, { name: 'keeper', password: PASSWORD, roles: ['ops'], connections: null, locations: ['north'], mustChange: false })
  const signedIn = await app.call('POST', '/v1/session', { body: { name: 'keeper', password: PASSWORD }, headers: { origin: ORIGIN } })
  cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})
afterAll(() => app.close())

const post = (path: string, body: unknown): Promise<Answer> => app.call('POST', path, { cookie, body })

it('shows somebody of one place its stock and no other figure', async () => {
  const list = (await app.call('GET', '/v1/stock', { cookie })).json.items
  const tea = list.find((row: { sku: string }) => row.sku === 'TEA')
  expect(tea).toMatchObject({ on_hand: '12.5', reserved: '2', promisable: '10.5', published: '0', cells: [] })
  expect(tea.locations.map((one: { location: string }) => one.location)).toEqual(['north'])
  expect(list.find((row: { sku: string }) => row.sku === 'POT')).toMatchObject({ on_hand: '0', promisable: '0', locations: [] })
  expect((await app.call('GET', '/v1/locations', { cookie })).json.items.map((one: { id: string }) => one.id)).toEqual(['north'])
  expect((await app.call('GET', '/v1/session', { cookie })).json.user.locations).toEqual(['north'])
})

it('lets them count there and nowhere else, not even in one request with both', async () => {
  const onHand = async (): Promise<unknown> =>
    (await app.hub.pool.query(`select location, trim_scale(on_hand)::text as n from stock where sku = 'TEA' order by 1`)).rows.map((row) => [
      row.location,
      row.n,
    ])
  const before = await onHand()
  const as_of = new Date().toISOString()
  const refused = [
    await post('/v1/stock', { items: [{ sku: 'TEA', on_hand: '1' }] }),
    await post('/v1/stock', {
      items: [
        { sku: 'TEA', location: 'north', on_hand: '1' },
        { sku: 'TEA', location: 'south', on_hand: '1' },
      ],
    }),
    await post('/v1/stock/movements', { items: [{ sku: 'TEA', location: 'south', delta: '-1', ref: 'r1' }] }),
    await post('/v1/stock/takes', { ref: 't1', location: 'south', as_of, lines: [{ sku: 'TEA', counted: '1' }] }),
    await post('/v1/stock/takes', { ref: 't2', as_of, lines: [{ sku: 'TEA', counted: '1' }] }),
    await post('/v1/stock', { items: [{ sku: 'TEA', location: 'no-such-place', on_hand: '1' }] }),
  ]
  expect(refused.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404, 404])
  expect(await onHand()).toEqual(before)
  expect((await post('/v1/stock/movements', { items: [{ sku: 'TEA', location: 'north', delta: '-0.5', ref: 'r2' }] })).status).toBe(200)
  expect((await post('/v1/stock', { items: [{ sku: 'TEA', location: 'north', on_hand: '11' }] })).status).toBe(200)
  expect(await onHand()).toEqual([
    ['main', '100'],
    ['north', '11'],
    ['south', '30'],
  ])
})

it('keeps every other route about stock from them, those of tomorrow too', async () => {
  const before = await stateOf(app.hub.pool)
  const open: unknown[] = []
  const guarded = allRoutes.filter((route) => (route.scope === 'stock:read' || route.scope === 'stock:write') && route.byPlace !== true)
  for (const route of guarded) {
    const path = route.path.replace('{sku}', 'TEA').replaceAll(/\{\w+\}/g, '1')
    const { status, json } = await app.call(route.method.toUpperCase(), path, { cookie, ...(route.method === 'post' && { body: {} }) })
    if (status !== 403 || json.code !== 'location-scope') open.push([route.method, route.path, status])
  }
  expect(guarded.length).toBeGreaterThan(20)
  await app.hub.pool.query(`update users set roles = '{admin}' where name = 'keeper'`)
  // Nobody gives themselves more places.
  expect((await app.call('GET', '/v1/users', { cookie })).json.code).toBe('location-scope')
  await app.hub.pool.query(`update users set roles = '{ops}' where name = 'keeper'`)
  expect(open).toEqual([])
  expect(allRoutes.filter((route) => route.byPlace === true).map((route) => `${route.method} ${route.path}`)).toEqual([
    'get /v1/skus',
    'get /v1/stock',
    'post /v1/stock',
    'post /v1/stock/movements',
    'post /v1/stock/takes',
    'post /v1/stock/takes/import',
    'get /v1/locations',
  ])
  const { sessions: _seen, ...after } = await stateOf(app.hub.pool)
  const { sessions: _was, ...was } = before
  expect(after).toEqual(was)
})
