import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
let id: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['orders:read'])
  const take = (doc: Parameters<typeof incoming>[0]) => ingest(app.hub, app.hub.context, [incoming(doc)])
  await take({ no: 'B-1', at: '2026-11-01T01:00:00Z', status: 'shipped', city: '别人的街 9 号' })
  await take({ no: 'A-1', at: '2026-11-01T01:00:00Z', total: 1000, status: 'open', city: '文三路 100 号' })
  await take({ no: 'A-1', at: '2026-11-01T02:00:00Z', total: 1250, status: 'open', city: '文三路 100 号' })
  id = (await app.hub.pool.query<{ id: string }>(`select id::text from orders where channel_order_no = 'A-1'`)).rows[0]?.id ?? ''
})
afterAll(() => app.close())

const explain = (path: string, as = key) => app.call('GET', `/v1/orders/${id}/explain?path=${encodeURIComponent(path)}`, { key: as })

it('names the document, the place in it and the step, and what the value was before', async () => {
  const { status, json } = await explain('totals.total')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    path: 'totals.total',
    value: { amount: '12.50', currency: 'CNY' },
    step: { op: 'formula', terms: [{ scale: '0.01', factors: ['/total'] }] },
    sources: [{ pointer: '/total', value: 1250, absent: false }],
    sufficient: true,
    complete: true,
    mapping: 'plain@1',
    mapping_in_force: 'plain@1',
    version: 2,
    document: { kind: 'order', external_id: 'A-1', source: 'poll' },
    superseded: [{ version: 1, value: { amount: '10.00', currency: 'CNY' } }],
  })
})

it('shows the words that other documents of the connection have in that place', async () => {
  const { json } = await explain('fulfilment')
  expect(json.sources).toMatchObject([{ pointer: '/status', value: 'open', tried: [{ put: 'shipped', gave: 'shipped' }] }])
  expect(json.step).toEqual({ op: 'table' })
})

it('shows nothing of anybody: neither the value, nor what the document says, nor what other buyers have there', async () => {
  const { json, text } = await explain('recipient.address')
  expect(json).toMatchObject({ personal: true, value: null, sources: [{ pointer: '/city', value: null, tried: [] }], superseded: [] })
  expect(text).not.toMatch(/文三路|别人的街/)
})

it('knows that the hub made what the document does not have', async () => {
  expect((await explain('lines[0].sku')).json.code).toBe('path-not-mapped')
  expect((await explain('nothing.there')).status).toBe(404)
  const theirs = await app.key(['orders:read'], ['c_other'])
  expect((await explain('totals.total', theirs)).status).toBe(404)
})

it('says that a document was erased', async () => {
  await app.hub.pool.query(`update raw_events set row_key = null where external_id = 'A-1'`)
  expect((await explain('totals.total')).json.code).toBe('document-expired')
})
