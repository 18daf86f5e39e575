import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { type PlainDocument, incoming, stockOf } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
const numbers = (items: readonly { channel_order_no: string }[]): string[] => items.map((item) => item.channel_order_no)
const put = (...docs: readonly PlainDocument[]) =>
  ingest(
    app.hub,
    app.hub.context,
    docs.map((doc) => incoming(doc)),
  )
const idOf = async (no: string): Promise<string> =>
  (await app.hub.pool.query('select id::text from orders where channel_order_no = $1', [no])).rows[0].id

beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await stockOf(app.hub.pool, 'TEA', 100)
  await put(...Array.from({ length: 25 }, (_, i) => ({ no: `N${String(i).padStart(2, '0')}`, at: '2026-11-01T01:00:00Z', total: 1000 + i })))
  await put(
    { no: '123456789012345678', at: '2026-11-01T01:00:00Z' },
    { no: 'HELD', at: '2026-11-01T01:00:00Z', sku: 'NOT-BOUND' },
    { no: 'GONE', at: '2026-11-01T01:00:00Z', status: 'cancelled' },
  )
})
afterAll(() => app.close())

describe('order lists', () => {
  it('pages through everything once, whatever the page size and order', async () => {
    for (const [limit, sort] of [
      [1, '-placed_at'],
      [7, 'placed_at'],
      [10, '-updated_at'],
      [200, 'ship_by'],
    ] as const) {
      const seen: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = await app.call('GET', `/v1/orders?limit=${limit}&sort=${encodeURIComponent(sort)}${cursor === '' ? '' : `&cursor=${cursor}`}`, {
          key,
        })
        expect(page.status).toBe(200)
        seen.push(...numbers(page.json.items))
        expect(page.json.has_more).toBe(page.json.next_cursor !== null)
        cursor = page.json.next_cursor
      }
      expect([seen.length, new Set(seen).size]).toEqual([28, 28])
    }
  })

  it('filters by what has to happen, and counts the same', async () => {
    const list = async (query: string) => numbers((await app.call('GET', `/v1/orders?limit=200&${query}`, { key })).json.items)
    expect(await list('state=held')).toEqual(['HELD'])
    expect(await list('state=cancelled')).toEqual(['GONE'])
    expect((await list('state=to_ship')).length).toBe(26)
    expect(await list('q=N1')).toHaveLength(10)
    expect(await list('q=%25')).toEqual([])
    expect(await list('q=NOT-BOUND')).toEqual(['HELD'])
    expect(await list('sku=TEA&q=N03')).toEqual(['N03'])
    expect(await list('placed_from=2027-01-01T00:00:00Z')).toEqual([])
    expect((await app.call('GET', '/v1/orders/counts', { key })).json).toEqual({
      all: 28,
      open: 27,
      held: 1,
      to_ship: 26,
      shipped: 0,
      cancelled: 1,
      closed: 0,
    })
  })

  it('shows money as decimal text, ids as text, the recipient masked and one derived label', async () => {
    const [item] = (await app.call('GET', '/v1/orders?q=N07', { key })).json.items
    expect(item).toMatchObject({
      channel_order_no: 'N07',
      total: { amount: '10.07', currency: 'CNY' },
      unit_count: '1',
      version: 1,
      label: { code: 'to-ship', params: { released: 'no' } },
      recipient_masked: { name: '王**', phone: '138****8000', city: '杭州市', address: '***' },
      sandbox: false,
    })
    expect(item.id).toMatch(/^\d+$/)
    const [held] = (await app.call('GET', '/v1/orders?q=HELD', { key })).json.items
    expect(held.label).toEqual({ code: 'held', params: { code: 'sku-unbound', count: '1' } })
  })

  it('finds 500 pasted numbers and says which are missing', async () => {
    const ids = ['N01', ' N02 ', '#N03', '123456789012345678', 'nope', 'N01']
    const { json } = await app.call('POST', '/v1/orders/find', { key, body: { ids } })
    expect(json.found.map((hit: { query: string; order: { channel_order_no: string } }) => [hit.query, hit.order.channel_order_no])).toEqual([
      ['N01', 'N01'],
      ['N02', 'N02'],
      ['#N03', 'N03'],
      ['123456789012345678', '123456789012345678'],
    ])
    expect(json.missing).toEqual(['nope'])
    expect((await app.call('POST', '/v1/orders/find', { key, body: { ids: Array.from({ length: 501 }, (_, i) => String(i)) } })).status).toBe(400)
  })
})

describe('one order', () => {
  it('carries the document, its lines with stock beside, stations, facts and what was received', async () => {
    const id = await idOf('N05')
    const answer = await app.call('GET', `/v1/orders/${id}`, { key })
    expect(answer.headers.get('etag')).toBe('"1"')
    const { json } = answer
    expect(json.lines[0]).toMatchObject({
      line_no: 1,
      sku: 'TEA',
      reserved: '1',
      location: 'main',
      shipped_total: '0',
      net: { amount: '10.05', currency: 'CNY' },
    })
    expect(json.nodes).toHaveLength(15)
    expect(json.nodes.filter((node: { state: string }) => node.state === 'done').map((node: { code: string }) => node.code)).toEqual([
      'placed',
      'paid',
      'ingested',
      'normalised',
      'validated',
      'approved',
      'allocated',
    ])
    expect(json.nodes[7]).toMatchObject({ code: 'released', state: 'next' })
    expect(json.raw).toMatchObject([{ disposition: 'applied', source: 'poll', stands: true }])
    expect(answer.text).not.toContain('13800138000')
    expect(answer.text).not.toContain('王小明')
  })

  it('shows personal data only for a purpose, with the scope, and writes it down', async () => {
    const id = await idOf('N05')
    const reader = await app.key(['orders:read'])
    const pii = await app.key(['orders:read', 'orders:read_pii'])
    expect((await app.call('GET', `/v1/orders/${id}?pii=1&purpose=support`, { key: reader })).status).toBe(403)
    expect((await app.call('GET', `/v1/orders/${id}?pii=1`, { key: pii })).status).toBe(400)
    const clear = await app.call('GET', `/v1/orders/${id}?pii=1&purpose=support`, { key: pii })
    expect(clear.json.pii.recipient).toMatchObject({ name: '王小明', phone: '13800138000' })
    const { rows } = await app.hub.pool.query(`select details, subject from audit_log where action = 'pii.read' order by id desc limit 1`)
    expect(rows[0]).toEqual({ subject: `order/${id}`, details: { purpose: 'support', orders: [id], ip: '127.0.0.1' } })
  })

  it('shows the raw document masked, and in clear for a purpose', async () => {
    await put({ no: 'RAW1', at: '2026-11-01T01:00:00Z', note: 'Send to 王小明, 13800138000, a@b.example' })
    const id = await idOf('RAW1')
    const [{ raw_id: rawId }] = (await app.call('GET', `/v1/orders/${id}`, { key })).json.raw
    const masked = (await app.call('GET', `/v1/orders/${id}/raw/${rawId}`, { key })).json
    expect(masked).toMatchObject({ masked: true, kind: 'order', external_id: 'RAW1', mapping: 'plain@1' })
    for (const secret of ['王小明', '13800138000', 'a@b.example']) expect(masked.text).not.toContain(secret)
    expect(masked.text).toContain('"no":"RAW1"')
    const clear = (await app.call('GET', `/v1/orders/${id}/raw/${rawId}?pii=1&purpose=audit`, { key })).json
    expect(JSON.parse(clear.text)).toMatchObject({ no: 'RAW1', note: 'Send to 王小明, 13800138000, a@b.example' })
    expect((await app.call('GET', `/v1/orders/${await idOf('N01')}/raw/${rawId}`, { key })).status).toBe(404)
  })

  it('holds and releases by decision, refuses a stale version', async () => {
    const id = await idOf('N06')
    const held = await app.call('POST', `/v1/orders/${id}/hold`, { key, body: { reason: 'call the buyer' }, headers: { 'if-match': '"1"' } })
    expect(held.json).toEqual({ version: 2 })
    expect((await app.call('POST', `/v1/orders/${id}/hold`, { key, body: { reason: 'again' }, headers: { 'if-match': '"1"' } })).json.code).toBe(
      'version-stale',
    )
    expect((await app.call('POST', `/v1/orders/${id}/hold`, { key, body: { reason: 'again' }, headers: { 'if-match': 'banana' } })).status).toBe(412)
    const order = (await app.call('GET', `/v1/orders/${id}`, { key })).json
    expect(order).toMatchObject({ label: { code: 'held' }, holds: ['manual'] })
    const [hold] = order.holds_detail
    expect((await app.call('POST', `/v1/orders/${id}/holds/${hold.id}/release`, { key, body: { reason: 'reached' } })).json).toEqual({ version: 3 })
    expect((await app.call('POST', `/v1/orders/${id}/holds/${hold.id}/release`, { key, body: { reason: 'reached' } })).status).toBe(404)
  })

  it('ships a package once however often it is sent, and the same key never runs another request', async () => {
    const id = await idOf('N08')
    const body = { carrier: 'SF', tracking_no: 'SF1234567890123', lines: [{ line_no: 1, quantity: '1' }] }
    const first = await app.call('POST', `/v1/orders/${id}/shipments`, { key, body, headers: { 'idempotency-key': 'ship-1' } })
    expect(first.status).toBe(201)
    expect(first.json).toMatchObject({
      repeated: false,
      version: 2,
      shipment: { carrier: 'SF', tracking_no: 'SF1234567890123' },
      effect: { state: 'pending' },
    })
    const same = await app.call('POST', `/v1/orders/${id}/shipments`, { key, body, headers: { 'idempotency-key': 'ship-1' } })
    expect([same.status, same.text, same.headers.get('idempotency-replayed')]).toEqual([201, first.text, 'true'])
    const keyless = await app.call('POST', `/v1/orders/${id}/shipments`, { key, body })
    expect([keyless.status, keyless.json.repeated]).toEqual([200, true])
    const other = await app.call('POST', `/v1/orders/${id}/shipments`, {
      key,
      body: { ...body, tracking_no: 'SF9' },
      headers: { 'idempotency-key': 'ship-1' },
    })
    expect([other.status, other.json.code]).toEqual([422, 'idempotency-key-reused'])
    expect((await app.hub.pool.query('select count(*)::int n from shipments')).rows[0].n).toBe(1)
    expect((await app.call('POST', `/v1/orders/${id}/shipments`, { key, body: { carrier: 'SFF', tracking_no: 'X' } })).json).toMatchObject({
      status: 422,
      code: 'carrier-unknown',
    })
  })

  it('answers 409 while the same request still runs', async () => {
    await app.hub.pool.query(
      `insert into idempotency_keys (key, actor, request_hash) select 'busy', actor, request_hash from idempotency_keys where key = 'ship-1'`,
    )
    const body = { carrier: 'SF', tracking_no: 'SF1234567890123', lines: [{ line_no: 1, quantity: '1' }] }
    const answer = await app.call('POST', `/v1/orders/${await idOf('N08')}/shipments`, { key, body, headers: { 'idempotency-key': 'busy' } })
    expect([answer.status, answer.json.code, answer.json.retryable]).toEqual([409, 'idempotency-in-flight', true])
  })

  it('takes a batch of shipments and answers each', async () => {
    const items = [
      { connection: 'c_plain', channel_order_no: 'N09', carrier: 'UPS', tracking_no: '1Z999AA10123456784' },
      { connection: 'c_plain', channel_order_no: 'nope', carrier: 'UPS', tracking_no: '1' },
      { connection: 'c_other', channel_order_no: 'N10', carrier: 'UPS', tracking_no: '1' },
    ]
    const { json } = await app.call('POST', '/v1/shipments', { key, body: { items } })
    expect(json.items.map((item: { result: string; code?: string }) => [item.result, item.code])).toEqual([
      ['created', undefined],
      ['refused', 'not-found'],
      ['refused', 'not-found'],
    ])
    expect(app.told.at(-1)).toEqual(['push', ['c_plain']])
  })

  it('asks for a decision on a cancel request before shipping', async () => {
    await put({ no: 'WANTS-OUT', at: '2026-11-01T01:00:00Z', status: 'cancel-request' })
    const id = await idOf('WANTS-OUT')
    const ship = (more: object) => app.call('POST', `/v1/orders/${id}/shipments`, { key, body: { carrier: 'SF', tracking_no: 'SF7', ...more } })
    expect((await app.call('GET', `/v1/orders/${id}`, { key })).json.label.code).toBe('cancel-requested')
    expect((await ship({})).json.code).toBe('order-held')
    expect((await ship({ force: true })).json.code).toBe('force-reason-required')
    const decide = (decision: string) =>
      app.call('POST', `/v1/orders/${id}/cancel-decision`, { key, body: { decision, reason: 'talked to the buyer' } })
    expect((await decide('reject')).json).toMatchObject({ repeated: false })
    expect((await decide('reject')).json).toMatchObject({ repeated: true })
    expect((await decide('accept')).status).toBe(409)
  })
})

describe('find', () => {
  it('finds an order by number, hub id, phone or its end, tracking number and SKU', async () => {
    const find = async (q: string) => (await app.call('GET', `/v1/find?q=${encodeURIComponent(q)}`, { key })).json
    expect(numbers((await find('N03')).orders)).toEqual(['N03'])
    expect(numbers((await find(await idOf('N03'))).orders)).toContain('N03')
    expect((await find('8000')).orders.length).toBeGreaterThan(20)
    expect((await find('138 0013 8000')).orders.length).toBeGreaterThan(20)
    expect((await find('9999')).orders).toEqual([])
    const tracked = await find('1Z999AA10123456784')
    expect(numbers(tracked.orders)).toEqual(['N09'])
    expect(tracked.shipments).toMatchObject([{ channel_order_no: 'N09', carrier: 'UPS' }])
    expect((await find('TEA')).orders.length).toBeGreaterThan(5)
  })

  it('says what became of a document that is no order', async () => {
    await ingest(app.hub, app.hub.context, [
      {
        ...incoming({ no: 'X', at: '2026-11-01T01:00:00Z' }),
        record: { kind: 'order', externalId: 'BROKEN', sourceTime: '2026-11-01T01:00:00Z', payload: '{"x":1}' },
      },
    ])
    const { json } = await app.call('GET', '/v1/find?q=BROKEN', { key })
    expect(json).toMatchObject({ orders: [], raw: [{ external_id: 'BROKEN', disposition: 'held', connection_id: 'c_plain' }] })
    expect(json.raw[0].reason).toContain('no number')
  })

  it('asks the channel live and says what the hub did with it', async () => {
    const ask = async (q: string) => (await app.call('POST', '/v1/find/ask', { key, body: { q, connection: 'c_plain' } })).json.answers[0]
    app.answers.set('c_plain', { kind: 'unknown-to-channel' })
    expect(await ask('ghost')).toMatchObject({ answer: 'unknown-to-channel', hub: 'not-received' })
    app.answers.set('c_plain', { kind: 'found', externalId: 'late-1', channelOrderNo: 'LATE' })
    expect(await ask('LATE')).toMatchObject({ answer: 'found', external_id: 'late-1', hub: 'not-received' })
    app.answers.set('c_plain', { kind: 'found', externalId: 'BROKEN', channelOrderNo: null })
    expect(await ask('BROKEN')).toMatchObject({ answer: 'found', hub: 'held' })
    app.answers.set('c_plain', { kind: 'found', externalId: 'N01', channelOrderNo: 'N01' })
    expect(await ask('N01')).toMatchObject({ answer: 'found', hub: 'stored', order_id: await idOf('N01') })
    expect((await app.call('POST', '/v1/find/ask', { key, body: { q: 'x', connection: 'c_none' } })).status).toBe(404)
  })
})

describe('export', () => {
  it('streams the filtered orders as NDJSON', async () => {
    const { text, headers } = await app.call('GET', '/v1/orders.ndjson?q=N1', { key })
    expect(headers.get('content-type')).toContain('ndjson')
    const rows = text
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row))
    expect(rows).toHaveLength(10)
    expect(rows[0].doc.totals.total).toMatchObject({ currency: 'CNY' })
    expect(text).not.toContain('13800138000')
  })

  it('writes CSV that no spreadsheet runs', async () => {
    await put({ no: '=cmd|calc', at: '2026-11-01T01:00:00Z', sku: '@SUM(A1)' })
    const { text } = await app.call('GET', `/v1/orders.ndjson?format=csv&q=${encodeURIComponent('=cmd|calc')}`, { key })
    expect(text.startsWith('connection_id,channel,channel_order_no')).toBe(true)
    expect(text).toContain(`'=cmd|calc`)
    expect(text).toContain(`'@SUM(A1)`)
    expect(text).not.toMatch(/(^|,)"?[=@]/m)
  })
})
