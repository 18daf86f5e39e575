import { afterAll, beforeAll, expect, it } from 'vitest'
import { incoming, stockOf } from '../support/builders.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(SCOPES)
})
afterAll(() => app.close())

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown) => app.call('POST', path, { key, body })

it('places, their owners, and what is kept back', async () => {
  await stockOf(app.hub.pool, 'TEA', 0)
  expect((await post('/v1/locations', { id: 'wms', name: 'Warehouse', owner: 'console', priority: 5 })).status).toBe(201)
  expect((await post('/v1/locations', { id: 'wms' })).json).toMatchObject({ status: 409, code: 'location-exists' })
  expect((await post('/v1/locations', { id: 'works', kind: 'supplier' })).json).toMatchObject({ sellable: false, skus: 0 })
  const refused = await post('/v1/stock', { items: [{ sku: 'TEA', location: 'wms', on_hand: 5 }] })
  expect(refused.json).toMatchObject({ status: 409, code: 'location-owned' })
  expect((await app.call('PATCH', '/v1/locations/wms', { key, body: { owner: null } })).json).toEqual({ ok: true })
  await post('/v1/stock', { items: [{ sku: 'TEA', location: 'wms', on_hand: 5 }] })
  await post('/v1/stock/safety', { items: [{ sku: 'TEA', location: 'wms', safety: 1 }] })
  await post('/v1/stock/held', { items: [{ sku: 'TEA', location: 'wms', delta: 1, reason: 'wet', ref: 'h1' }] })
  expect((await get('/v1/stock?sku=TEA')).items[0]).toMatchObject({
    on_hand: '5',
    safety: '1',
    held: '1',
    promisable: '3',
    future: '0',
    sells_ahead: false,
  })
  expect((await get('/v1/stock/TEA/why')).formula).toContainEqual({ term: 'held', value: '1' })
  expect((await get('/v1/locations')).items.map((row: { id: string; skus: number }) => [row.id, row.skus])).toEqual([['wms', 1], ['main', 0], ['works', 0]]) // prettier-ignore
  expect((await app.call('DELETE', '/v1/locations/works', { key })).status).toBe(204)
  expect((await app.call('DELETE', '/v1/locations/wms', { key })).json.code).toBe('location-in-use')
  expect((await app.call('PATCH', '/v1/locations/none', { key, body: {} })).status).toBe(404)
  const ledger = await get('/v1/stock/TEA/ledger')
  expect(ledger).toMatchObject({ agrees: true, balances: [{ location: 'wms', on_hand: '5', reserved: '0', safety: '1', held: '1', future: '0' }] })
  expect(ledger.items.map((row: { cause: string }) => row.cause)).toEqual(['held', 'safety', 'count'])
  expect(await get('/v1/stock/TEA/ledger?at=2020-01-01T00:00:00Z')).toMatchObject({ agrees: null, balances: [], items: [] })
  await app.hub.pool.query(`update stock set on_hand = on_hand + 1 where sku = 'TEA'`)
  expect((await get('/v1/stock/TEA/ledger')).agrees).toBe(false)
  await app.hub.pool.query(`update stock set on_hand = on_hand - 1 where sku = 'TEA'`)
})

it('bundles, arrivals and the date an order waits for', async () => {
  await post('/v1/skus', { items: [{ sku: 'BOX', title: 'Tea box' }, { sku: 'CUP' }] })
  expect((await post('/v1/bundles/BOX', { parts: [{ sku: 'CUP', quantity: 2 }, { sku: 'TEA', quantity: 1 }] })).json).toEqual({ ok: true }) // prettier-ignore
  await post('/v1/stock', { items: [{ sku: 'CUP', on_hand: 3 }] })
  expect((await get('/v1/stock?sku=BOX')).items[0]).toMatchObject({ promisable: '1', counted: true, parts: [{ sku: 'CUP', quantity: '2', promisable: '3' }, { sku: 'TEA' }] }) // prettier-ignore
  expect((await post('/v1/bundles/CUP', { parts: [{ sku: 'TEA', quantity: 1 }] })).json).toMatchObject({
    status: 409,
    code: 'bundle-nested-conflict',
  })
  expect((await get('/v1/bundles')).items).toEqual([{ sku: 'BOX', title: 'Tea box', parts: [{ sku: 'CUP', quantity: '2' }, { sku: 'TEA', quantity: '1' }] }]) // prettier-ignore
  expect((await post('/v1/stock', { items: [{ sku: 'BOX', on_hand: 1 }] })).json.items[0].result).toBe('bundle')

  const noted = (await post('/v1/arrivals', { items: [{ ref: 'PO-1', sku: 'CUP', quantity: 10, promised_at: '2026-12-24T00:00:00Z', supplier: 'Kiln' }] })).json.items[0] // prettier-ignore
  expect(noted).toMatchObject({ result: 'created' })
  expect((await post('/v1/skus/sells-ahead', { skus: ['CUP'], sells_ahead: true })).json).toEqual({ changed: 1 })
  expect((await get('/v1/stock?sku=BOX')).items[0].promisable).toBe('3')
  await ingest(app.hub, app.hub.context, [incoming({ no: 'B1', at: '2026-11-20T07:00:00Z', sku: 'BOX', qty: 2 })])
  const id = (await get('/v1/orders')).items.find((row: { channel_order_no: string }) => row.channel_order_no === 'B1').id
  const [line] = (await get(`/v1/orders/${id}`)).lines
  expect(line).toMatchObject({
    location: null,
    pieces: [{ sku: 'CUP', quantity: '4' }, { sku: 'TEA', location: 'wms', quantity: '2' }], // prettier-ignore
    awaits: [{ sku: 'CUP', quantity: '1', promised_at: '2026-12-24T00:00:00.000Z' }],
  })
  expect((await post(`/v1/arrivals/${noted.id}/receive`, { ref: 'd1', quantity: 4 })).json).toMatchObject({ repeated: false, arrival: { received: '4', state: 'open' } }) // prettier-ignore
  expect((await post(`/v1/arrivals/${noted.id}/receive`, { ref: 'd1', quantity: 4 })).json.repeated).toBe(true)
  expect((await get(`/v1/orders/${id}`)).lines[0].awaits).toEqual([])
  expect((await post(`/v1/arrivals/${noted.id}/cancel`, {})).json).toMatchObject({ state: 'cancelled' })
  expect((await get('/v1/arrivals?state=open')).items).toEqual([])
  expect((await post('/v1/arrivals/999/receive', { ref: 'x' })).status).toBe(404)

  await post(`/v1/orders/${id}/shipments`, { carrier: 'SF', tracking_no: 'SF77', force: true, force_reason: 'x' })
  const back = { ref: 'RMA-1', location: 'wms', held: true, lines: [{ line_no: 1, quantity: 1 }] }
  expect((await post(`/v1/orders/${id}/restock`, back)).json).toEqual({ repeated: false, skus: ['CUP', 'TEA'] })
  expect((await post(`/v1/orders/${id}/restock`, back)).json.repeated).toBe(true)
  expect((await post(`/v1/orders/${id}/restock`, { ...back, ref: 'RMA-2', lines: [{ line_no: 1, quantity: 9 }] })).json.code).toBe('quantity-exceeds-shipped') // prettier-ignore
  for (const sku of ['CUP', 'TEA']) expect([sku, (await get(`/v1/stock/${sku}/ledger`)).agrees]).toEqual([sku, true])
  expect((await app.call('DELETE', '/v1/bundles/BOX', { key })).status).toBe(204)
})

it('a stock-take by hand and as a file, once each', async () => {
  const take = { ref: 'ST-1', as_of: '2026-11-22T10:00:00Z', location: 'wms', lines: [{ sku: 'TEA', counted: 40 }] }
  const booked = (await post('/v1/stock/takes', take)).json
  expect(booked).toMatchObject({ repeated: false, take: { location: 'wms', whole: false, lines: [{ sku: 'TEA', counted: '40' }] } })
  expect((await post('/v1/stock/takes', take)).json).toMatchObject({ repeated: true, take: { id: booked.take.id } })
  expect((await post('/v1/stock/takes', { ...take, ref: 'ST-2', lines: [...take.lines, ...take.lines] })).status).toBe(400)
  const upload = async (query: string, text: string) => {
    const form = new FormData()
    form.set('file', new File([text], 'take.csv'))
    return (await app.send(`/v1/stock/takes/import?${query}`, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } })).json
  }
  const filed = await upload('ref=ST-3&as_of=2026-11-22T11:00:00Z&location=main', 'SKU;数量\nCUP;5\nCUP;2\nTEA;x\n')
  expect(filed).toMatchObject({
    repeated: false,
    take: { lines: [{ sku: 'CUP', counted: '7' }] },
    refused: [{ row: 4, message: '"x" is not a quantity.' }],
  })
  expect((await upload('ref=ST-4&as_of=2026-11-22T11:00:00Z', 'a;b\n1;2\n')).code).toBe('column-missing')
  expect((await get('/v1/stock/takes')).items).toMatchObject([{ ref: 'ST-3', counted: 1 }, { ref: 'ST-1', counted: 1 }]) // prettier-ignore
  expect((await get(`/v1/stock/takes/${booked.take.id}`)).ref).toBe('ST-1')
})

it('how long unpaid orders hold goods is a setting of the connection', async () => {
  await app.hub.pool.query(`insert into connections (id, channel, name) values ('c_shop', 'push', 'shop')`)
  const changed = await app.call('PATCH', '/v1/connections/c_shop', { key, body: { unpaid_hold_minutes: 45 } })
  expect(changed.json.unpaid_hold_minutes).toBe(45)
  expect((await app.call('PATCH', '/v1/connections/c_shop', { key, body: { unpaid_hold_minutes: null } })).json.unpaid_hold_minutes).toBeNull()
  expect((await app.call('PATCH', '/v1/connections/c_shop', { key, body: { unpaid_hold_minutes: 0 } })).status).toBe(400)
})
