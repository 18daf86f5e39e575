import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSheet } from 'read-excel-file/node'
import { coverShortages } from '../../src/deliver/cover-shortages.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { measureSpeeds } from '../../src/store/deliver/plan-speeds.ts'
import { incoming } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
let kiln: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(SCOPES)
  await app.hub.pool.query(`insert into skus (sku, title) values ('TEA', '=Tea'), ('CUP', 'Cup'), ('MUG', 'Mug')`)
  await post('/v1/stock', { items: [{ sku: 'TEA', on_hand: 5 }, { sku: 'CUP', on_hand: 40 }] }) // prettier-ignore
})
afterAll(() => app.close())

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown) => app.call('POST', path, { key, body })
const upload = async (path: string, text: string) => {
  const form = new FormData()
  form.set('file', new File([text], 'supply.csv'))
  return (await app.send(path, { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } })).json
}

it('suppliers and how SKUs are bought, by hand and by file', async () => {
  const made = await post('/v1/suppliers', { name: 'Kiln', email: 'orders@kiln.example', lead_days: 10 })
  expect(made.status).toBe(201)
  kiln = made.json.id
  expect((await post('/v1/suppliers', { name: 'Kiln' })).json).toMatchObject({ status: 409, code: 'supplier-exists' })
  expect((await post('/v1/suppliers', { name: 'Mill', email: 'not an address' })).status).toBe(400)
  expect((await app.call('PATCH', `/v1/suppliers/${kiln}`, { key, body: { lead_days: 12 } })).json).toEqual({ ok: true })
  expect((await app.call('PATCH', '/v1/suppliers/999', { key, body: {} })).json.code).toBe('supplier-unknown')
  const items = [{ sku: 'TEA', supplier_id: kiln, pack: 6, min_order: '10' }, { sku: 'NONE', lead_days: 1 }, { sku: 'CUP', supplier_id: '999' }] // prettier-ignore
  expect((await post('/v1/stock/supply', { items })).json.items).toEqual([
    { sku: 'TEA', result: 'set' },
    { sku: 'NONE', result: 'unknown-sku' },
    { sku: 'CUP', result: 'unknown-supplier' },
  ])
  expect((await post('/v1/stock/supply', { items: items.slice(0, 1) })).json.items[0].result).toBe('unchanged')
  expect((await post('/v1/stock/supply', { items: [{ sku: 'TEA', pack: 0 }] })).status).toBe(400)
  expect(await upload('/v1/stock/supply/import', '商品编码,供应商,交期,MOQ\nCUP,Kiln,3,\nMUG,Nobody,3,1\nTEA,Kiln,x,1\nGONE,,,\n')).toMatchObject({
    rows: 4,
    set: 1,
    refused: [
      { row: 3, column: null, code: 'supplier-unknown', value: 'Nobody', message: 'There is no supplier "Nobody".' },
      { row: 4, column: 'lead_days', code: 'not-a-number', value: 'x', message: '"x" is no number for lead_days.' },
      { row: null, column: null, code: 'sku-unknown', value: 'GONE', message: 'There is no SKU "GONE".' },
    ],
  })
  // What a file does not name stays.
  expect((await get('/v1/stock/plan?sku=TEA')).items[0]).toMatchObject({ pack: '6', min_order: '10', lead_days: 12, supplier: 'Kiln' })
  expect((await get('/v1/stock/plan?sku=CUP')).items[0]).toMatchObject({ pack: '1', lead_days: 3, supplier: 'Kiln' })
  expect((await get('/v1/suppliers')).items).toMatchObject([{ name: 'Kiln', lead_days: 12, skus: 2 }])
})

it('an order that is short, what could be sold instead, what is ordered, and that it came', async () => {
  await ingest(app.hub, app.hub.context, [incoming({ no: 'P1', at: '2026-11-20T07:00:00Z', sku: 'TEA', qty: 8 })])
  await measureSpeeds(app.hub.pool, app.deps.now(), 'at once')
  const [tea] = (await get('/v1/stock/plan?view=low')).items
  expect(tea).toMatchObject({ sku: 'TEA', available: '-3', sold_90: '8', low: true, known_days: 1 })
  expect(Number(tea.proposal)).toBeGreaterThanOrEqual(Number(tea.per_day) * (12 + 28) + 3)
  expect(Number(tea.proposal) % 6).toBe(0)
  expect((await get('/v1/stock/plan?view=proposals')).totals).toMatchObject({ all: 2, low: 1, proposals: 1 })

  const id = (await get('/v1/orders')).items[0].id
  expect((await post('/v1/skus/TEA/substitutes', { items: [{ sku: 'CUP', note: 'the blue one' }, { sku: 'MUG' }] })).json).toEqual({ ok: true })
  expect((await post('/v1/skus/TEA/substitutes', { items: [{ sku: 'TEA' }] })).status).toBe(400)
  expect((await post('/v1/skus/TEA/substitutes', { items: [{ sku: 'NONE' }] })).json.code).toBe('sku-unknown')
  expect((await get(`/v1/orders/${id}/substitutes`)).items).toEqual([
    {
      sku: 'TEA',
      title: '=Tea',
      quantity: '8',
      substitutes: [
        { sku: 'TEA', substitute: 'CUP', title: 'Cup', note: 'the blue one', promisable: '40', counted: true },
        { sku: 'TEA', substitute: 'MUG', title: 'Mug', note: null, promisable: '0', counted: false },
      ],
    },
  ])

  const order = { ref: 'S-1', supplier_id: kiln, lines: [{ sku: 'TEA', quantity: 6 }, { sku: 'CUP', quantity: '2.5', promised_at: null }] } // prettier-ignore
  const placed = (await post('/v1/supply-orders', order)).json
  expect(placed).toMatchObject({ repeated: false, order: { supplier: 'Kiln', email: 'orders@kiln.example', open: 2, received: 0, told_at: null } })
  expect(Date.parse(placed.order.lines[0].promised_at) - Date.parse(placed.order.placed_at)).toBe(12 * 86_400_000)
  expect((await post('/v1/supply-orders', order)).json).toMatchObject({ repeated: true, order: { id: placed.order.id } })
  expect((await get('/v1/arrivals?state=open')).items).toHaveLength(2)
  expect((await get('/v1/stock/plan?sku=TEA')).items[0]).toMatchObject({ on_way: '6' })
  const refused = await post('/v1/supply-orders', { ...order, ref: 'S-2', lines: [{ sku: 'CUP', quantity: 1 }, { sku: 'NONE', quantity: 1 }] }) // prettier-ignore
  expect(refused.json.code).toBe('sku-unknown')
  expect((await get('/v1/arrivals?state=open')).items).toHaveLength(2)
  expect((await post('/v1/supply-orders', { ...order, ref: 'S-3', supplier_id: '999' })).json.code).toBe('supplier-unknown')

  const notice = (format: string) => app.send(`/v1/supply-orders/${placed.order.id}/notice?format=${format}&language=zh-CN`, { headers: { authorization: `Bearer ${key}` } }) // prettier-ignore
  expect((await notice('text')).text).toMatch(/^采购单: S-1\n[^]*TEA\t=Tea\t6\t\d{4}-\d\d-\d\d\nCUP\tCup\t2.5\t\n$/)
  expect((await notice('csv')).text).toContain(`TEA,'=Tea,6,`)
  expect((await post(`/v1/supply-orders/${placed.order.id}/told`, {})).json.told_at).not.toBeNull()
  expect((await post('/v1/supply-orders/999/told', {})).status).toBe(404)

  const [arrival] = (await get('/v1/arrivals?state=open&sku=TEA')).items
  await post(`/v1/arrivals/${arrival.id}/receive`, { ref: 'D-1' })
  expect(await coverShortages({ pool: app.hub.pool, now: new Date() })).toBe(1)
  expect((await get('/v1/arrivals/notices')).items).toMatchObject([{ sku: 'TEA', quantity: '6', ref: 'D-1', orders: [{ id, number: 'P1' }], waiting: 0 }]) // prettier-ignore
  expect((await get('/v1/supply-orders')).items).toMatchObject([{ ref: 'S-1', open: 1, received: 1 }])
  expect((await get(`/v1/orders/${id}/substitutes`)).items).toEqual([])
  const others = await app.key(['stock:read', 'orders:read', 'stock:write'], ['c_other'])
  expect((await app.call('GET', '/v1/arrivals/notices', { key: others })).json.items[0].orders).toEqual([])
  expect((await app.call('GET', `/v1/orders/${id}/substitutes`, { key: others })).status).toBe(404)
  expect((await app.call('POST', '/v1/supply-orders', { key: others, body: { ...order, ref: 'S-4' } })).status).toBe(403)
})

it('the plan as a file that a spreadsheet opens and does not run', async () => {
  const file = (format: string) => app.fetch(`/v1/stock/plan/export?format=${format}`, { headers: { authorization: `Bearer ${key}` } })
  const csv = await (await file('csv')).text()
  expect(csv).toContain(`TEA,'=Tea,,Kiln,`)
  const rows = await readSheet(Buffer.from(await (await file('xlsx')).arrayBuffer()), 2)
  expect(rows.map((row) => row[0])).toEqual(['sku', 'CUP', 'TEA'])
  expect((await app.call('GET', '/v1/stock/plan?cursor=abc', { key })).status).toBe(400)
  const first = await get('/v1/stock/plan?limit=1')
  expect((await get(`/v1/stock/plan?limit=1&cursor=${first.next_cursor}`)).items.map((row: { sku: string }) => row.sku)).toEqual(['TEA'])
})
