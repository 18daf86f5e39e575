import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFile } from 'node:fs/promises'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
})
afterAll(() => app.close())

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown, more: object = {}) => app.call('POST', path, { key, body, ...more })

describe('SKUs and listings', () => {
  it('are created, changed and left alone; listings with the same code or barcode are bound', async () => {
    await app.hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, barcode, title) values ('c_plain', '1', 'MUG', null, 'Mug'), ('c_plain', '2', 'x', '4006381333931', 'Pen'), ('c_plain', '3', 'odd', null, 'Odd')`,
    )
    const items = [{ sku: 'MUG', title: 'Mug' }, { sku: 'PEN', title: 'Pen', barcode: '4006381333931' }, { sku: '00123' }]
    expect((await post('/v1/skus', { items })).json).toEqual({ created: 3, updated: 0, unchanged: 0 })
    expect((await post('/v1/skus', { items: [{ sku: 'MUG', title: 'Big mug' }, { sku: 'PEN' }] })).json).toEqual({
      created: 0,
      updated: 1,
      unchanged: 1,
    })
    expect((await post('/v1/skus', { items: [{ sku: 'A' }, { sku: 'A' }] })).json.errors[0].pointer).toBe('/items/1/sku')
    expect((await get('/v1/skus?q=pen')).items).toMatchObject([{ sku: 'PEN', barcode: '4006381333931', listings: 1 }])
    expect((await get('/v1/listings?bound=bound')).items.map((one: { listing_key: string; bound: string }) => [one.listing_key, one.bound])).toEqual([
      ['1', 'code'],
      ['2', 'barcode'],
    ])
  })

  it('are bound by a person, and the orders that wait for it are named', async () => {
    await ingest(app.hub, app.hub.context, [incoming({ no: 'W1', at: '2026-11-01T01:00:00Z', sku: 'odd' })])
    await app.hub.pool.query(`update listings set listing_key = 'L-odd' where listing_key = '3'`)
    expect((await get('/v1/listings?bound=unbound')).items).toMatchObject([{ listing_key: 'L-odd', orders_waiting: 1 }])
    expect((await post('/v1/listings/bind', [{ connection: 'c_plain', listing_key: 'L-odd', sku: 'NONE' }])).json.code).toBe('sku-unknown')
    expect((await post('/v1/listings/bind', [{ connection: 'c_plain', listing_key: 'nope', sku: null }])).json.code).toBe('listing-unknown')
    const bound = (await post('/v1/listings/bind', [{ connection: 'c_plain', listing_key: 'L-odd', sku: '00123' }])).json
    expect(bound).toMatchObject({ bound: 1, orders_to_replay: 1 })
    const job = await post('/v1/replays', { filter: { order_ids: bound.order_ids }, dry_run: false, rate: 100 })
    expect([job.status, job.json.params]).toEqual([202, { filter: { orderIds: bound.order_ids.map(Number) }, dry_run: false, rate: 100 }])
    expect((await post('/v1/replays', { filter: {}, dry_run: true })).json.errors[0].code).toBe('filter-empty')
    expect((await app.hub.pool.query(`select count(*)::int n from listing_dirty where listing_key = 'L-odd'`)).rows[0].n).toBe(1)
  })

  it('come from a spreadsheet file with leading zeros, GBK and bad rows intact', async () => {
    const upload = async (name: string, bytes: Uint8Array<ArrayBuffer>) => {
      const form = new FormData()
      form.set('file', new File([bytes], name))
      return app.send('/v1/skus/import', { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } })
    }
    const csv = new TextEncoder().encode('\ufeffsku;title;barcode\n007;"Tea; green";6901234567892\n;no code;\n1.2E+18;x;\n007;again;\n')
    expect((await upload('s.csv', csv)).json).toEqual({
      created: 1,
      updated: 0,
      unchanged: 0,
      rows: 4,
      refused: [
        { row: 3, column: null, code: 'sku-empty', value: '', message: 'The SKU is empty.' },
        { row: 4, column: null, code: 'became-number', value: '1.2E+18', message: 'The spreadsheet has turned this code into a number.' },
        { row: 5, column: null, code: 'sku-twice', value: '007', message: 'The SKU occurs twice.' },
      ],
    })
    // 货号,名称 / 茶01,绿茶 in GBK
    const gbk = new Uint8Array([
      0xbb, 0xf5, 0xba, 0xc5, 0x2c, 0xc3, 0xfb, 0xb3, 0xc6, 0x0a, 0xb2, 0xe8, 0x30, 0x31, 0x2c, 0xc2, 0xcc, 0xb2, 0xe8, 0x0a,
    ])
    expect((await upload('s.csv', gbk)).json.created).toBe(1)
    expect((await get(`/v1/skus?q=${encodeURIComponent('茶01')}`)).items).toMatchObject([{ sku: '茶01', title: '绿茶' }])
    expect((await upload('s.csv', new TextEncoder().encode('a,b\n1,2\n'))).json.code).toBe('column-missing')
    expect((await upload('s.xlsx', new Uint8Array([0x50, 0x4b, 3, 4, 9, 9]))).json.code).toBe('file-unsafe-archive')
  })
})

describe('stock', () => {
  it('is set and moved per item, and explained', async () => {
    await stockOf(app.hub.pool, 'TEA', 0)
    const set = (
      await post('/v1/stock', {
        items: [
          { sku: 'TEA', on_hand: '12', ref: 'count-1' },
          { sku: 'GHOST', on_hand: 1 },
        ],
      })
    ).json
    expect(set.items.map((item: { sku: string; result: string }) => [item.sku, item.result])).toEqual([
      ['TEA', 'set'],
      ['GHOST', 'unknown-sku'],
    ])
    expect((await post('/v1/stock', { items: [{ sku: 'TEA', on_hand: '12', ref: 'count-1' }] })).json.items[0].result).toBe('duplicate')
    const moved = (await post('/v1/stock/movements', { items: [{ sku: 'TEA', delta: '-2', ref: 'm1' }] })).json
    expect(moved.items[0]).toMatchObject({ sku: 'TEA', result: 'moved' })
    await app.hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, desired, confirmed) values ('c_plain', 'T', 'TEA', 'Tea', 'TEA', 'code', 10, 9)`,
    )
    expect((await get('/v1/stock?sku=TEA')).items).toMatchObject([
      { sku: 'TEA', on_hand: '10', promisable: '10', cells: [{ connection_id: 'c_plain', desired: 10, confirmed: 9, drift: false }] },
    ])
    const why = await get('/v1/stock/TEA/why?connection=c_plain')
    expect(why.formula).toContainEqual({ term: 'promisable', value: '10' })
    expect(why.formula).toContainEqual({ term: 'exposure', value: '0' })
    await app.hub.pool.query(`update stock set on_hand = 4 where sku = 'TEA'`)
    expect((await get('/v1/stock?sku=TEA')).items[0]).toMatchObject({ promisable: '4', published: '9', exposure: '5' })
    await app.hub.pool.query(`update stock set on_hand = 10 where sku = 'TEA'`)
    expect(why.formula).toContainEqual({ term: 'desired', value: '10' })
    expect(why.ledger.map((row: { cause: string }) => row.cause)).toEqual(['movement', 'count'])
    expect((await app.call('GET', '/v1/stock/NOPE/why', { key })).status).toBe(404)
  })

  it('goes out only after a preview was accepted as it stood', async () => {
    const preview = await get('/v1/connections/c_plain/arm-preview?what=stock')
    expect(preview.items.find((item: { listing_key: string }) => item.listing_key === 'T')).toMatchObject({
      sku: 'TEA',
      would_set: 10,
      change: 'raise',
      reason: 'shown-unknown',
    })
    expect((await post('/v1/connections/c_plain/arm', { what: ['stock'], preview_hash: 'old' })).json).toMatchObject({
      status: 409,
      code: 'preview-outdated',
    })
    const zero = (await post('/v1/connections/c_plain/arm', { what: ['stock'], preview_hash: preview.hash })).json
    expect(zero.armed_stock === true || zero.code === 'zero-not-confirmed').toBe(true)
    const armed = await post('/v1/connections/c_plain/arm', { what: ['stock'], preview_hash: preview.hash, confirm_zero: true })
    expect(armed.json.armed_stock).toBe(true)
    expect((await post('/v1/connections/c_plain/disarm', { what: ['stock'] })).json.armed_stock).toBe(false)
  })

  it('stops everywhere at once', async () => {
    expect((await post('/v1/outbound/stop', { reason: 'wrong prices' })).status).toBe(200)
    expect((await get('/v1/overview')).outbound).toMatchObject({
      state: 'stopped',
      reason: 'wrong prices',
      stopped_by: expect.stringMatching(/^key:/),
    })
    await post('/v1/outbound/start', { reason: 'fixed' })
    expect((await get('/v1/overview')).outbound).toMatchObject({ state: 'running', stopped_by: null })
  })
})

describe('effects and failures', () => {
  it('let a write in doubt be read back, retried by force only, or given up', async () => {
    const {
      rows: [effect],
    } = await app.hub.pool.query(
      `insert into effects (connection_id, kind, idempotency_key, intent, state) values ('c_plain', 'shipment', 'doubt', '{}', 'unknown') returning id::text`,
    )
    expect((await get('/v1/effects?state=open')).items.map((one: { id: string }) => one.id)).toContain(effect.id)
    expect((await post(`/v1/effects/${effect.id}/retry`, { reason: 'again' })).json.code).toBe('effect-in-doubt')
    expect((await post(`/v1/effects/${effect.id}/read-back`, {})).status).toBe(200)
    expect(app.told).toContainEqual(['read-back', effect.id])
    expect((await post(`/v1/effects/${effect.id}/cancel`, { reason: 'done by hand' })).json.state).toBe('cancelled')
    expect((await post(`/v1/effects/${effect.id}/cancel`, { reason: 'again' })).status).toBe(422)
  })

  it('group failures by cause; a person takes one over', async () => {
    await ingest(
      app.hub,
      app.hub.context,
      Array.from({ length: 3 }, (_, i) => incoming({ no: `F${i}`, at: '2026-11-01T01:00:00Z', sku: 'UNKNOWN-SKU', total: 500 })),
    )
    const [group] = (await get('/v1/failures?status=open')).items.filter((one: { subject: string }) => one.subject === 'UNKNOWN-SKU')
    expect(group).toMatchObject({
      operation: 'normalise',
      code: 'sku-unbound',
      count: 3,
      orders: 3,
      money: [{ amount: '15.00', currency: 'CNY' }],
      regressed: false,
    })
    expect(group.trend.at(-1)).toBe(3)
    const patch = await app.call('PATCH', `/v1/failures/${group.id}`, {
      key,
      body: { status: 'ignored', owner: 'mei', ignored_until: '2027-01-01T00:00:00Z' },
    })
    expect(patch.json).toMatchObject({ status: 'ignored', owner: 'mei', ignored_until: '2027-01-01T00:00:00.000Z' })
    expect((await app.call('PATCH', `/v1/failures/${group.id}`, { key, body: { status: 'open' } })).json).toMatchObject({
      status: 'open',
      owner: 'mei',
      ignored_until: null,
    })
    expect((await get(`/v1/failures/${group.id}`)).items).toHaveLength(3)
  })
})

describe('files and jobs', () => {
  it('keep an uploaded file under an id, never under its name, and plan its import once per content', async () => {
    const upload = async (name: string, content: string, connection = 'c_plain') => {
      const form = new FormData()
      form.set('connection', connection)
      form.set('file', new File([content], name))
      return app.send('/v1/files', { method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } })
    }
    const first = await upload('../../etc/订单 ".csv', 'a,b\n1,2\n')
    expect(first).toMatchObject({ status: 202, json: { kind: 'import', params: { name: '订单 .csv', repeated: false } } })
    expect(await readFile(first.json.params.path, 'utf8')).toBe('a,b\n1,2\n')
    expect(first.json.params.path).toMatch(/f_[0-9a-z]{10}$/)
    const again = await upload('other.csv', 'a,b\n1,2\n')
    expect(again.json.params).toMatchObject({ file_id: first.json.params.file_id, repeated: true })
    expect((await upload('x.csv', 'x', 'c_none')).status).toBe(404)
    expect((await get('/v1/files')).items).toMatchObject([{ id: first.json.params.file_id, size: 8 }])
    const raw = await app.fetch('/v1/files', { method: 'POST', body: 'x', headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' } })
    expect(raw.status).toBe(415)
  })

  it('follow a job by events until it is over', async () => {
    const {
      rows: [job],
    } = await app.hub.pool.query(
      `insert into jobs (id, kind, params, state, done, total) values ('j_0123456789', 'replay', '{}', 'running', 1, 10) returning id`,
    )
    const response = await app.fetch(`/v1/jobs/${job.id}/events`, { headers: { authorization: `Bearer ${key}` } })
    setTimeout(() => void app.hub.pool.query(`update jobs set state = 'done', done = 10, finished_at = now() where id = $1`, [job.id]), 300)
    const events = (await response.text())
      .split('\n\n')
      .filter((event) => event.startsWith('event: job'))
      .map((event) => JSON.parse(event.split('data: ')[1] ?? ''))
    expect(events.map((event) => [event.state, event.done])).toEqual([
      ['running', 1],
      ['done', 10],
    ])
  })

  it('page through jobs', async () => {
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await get(`/v1/jobs?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.items.map((job: { id: string }) => job.id))
      cursor = page.next_cursor
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toContain('j_0123456789')
  })
})

describe('people', () => {
  it('are let in, changed and shut out; their passwords are never shown', async () => {
    const made = await post('/v1/users', { name: 'kim', password: 'A long first secret 1', roles: ['ops'], connections: ['c_plain'] })
    expect(made.json).toMatchObject({ name: 'kim', roles: ['ops'], connections: ['c_plain'], must_change: true })
    expect(made.text).not.toContain('scrypt')
    expect((await post('/v1/users', { name: 'kim', password: 'A long first secret 1', roles: ['ops'] })).status).toBe(409)
    expect((await post('/v1/users', { name: 'lo', password: 'aaaaaaaaaaaaaa', roles: ['ops'] })).json.code).toBe('password-weak')
    const changed = await app.call('PATCH', `/v1/users/${made.json.id}`, { key, body: { roles: ['viewer'], connections: null, disabled: true } })
    expect(changed.json).toMatchObject({ roles: ['viewer'], connections: null })
    expect(changed.json.disabled_at).not.toBeNull()
    expect(await get('/v1/audit/verify')).toMatchObject({ whole: true, first_broken: null })
    const log = await get('/v1/audit?limit=5')
    expect(log.items[0]).toMatchObject({ action: 'user.change', subject: made.json.id })
    expect(JSON.stringify(log)).not.toContain('irst secret')
  })
})
