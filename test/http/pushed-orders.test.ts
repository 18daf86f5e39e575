import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUser } from '../../src/store/people/users.ts'
import { stockOf } from '../support/builders.ts'
import { type Given, type HubApp, ORIGIN, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
const HERE = '/v1/connections/c_dealer'

beforeAll(async () => {
  app = await hubApp()
  for (const [id, name] of [
    ['c_dealer', 'Dealer Zhou'],
    ['c_other', 'Dealer Wu'],
  ])
    await app.hub.pool.query(`insert into connections (id, channel, name, timezone, currency) values ($1, 'push', $2, 'Asia/Shanghai', 'CNY')`, [
      id,
      name,
    ])
  await stockOf(app.hub.pool, 'TEA', 5000)
  await stockOf(app.hub.pool, 'MUG', 5)
  await app.hub.pool.query(`update stock set as_of = now()`)
  await app.hub.pool.query(`update skus set title = 'Green tea', barcode = '6901234567892' where sku = 'TEA'`)
  key = await app.key(['orders:push'], ['c_dealer'])
})
afterAll(() => app.close())

const order = (number: string, over: object = {}): Record<string, unknown> => ({
  number,
  placed_at: '2026-11-22T09:30:00+08:00',
  lines: [{ sku: 'TEA', name: 'Green tea', quantity: 2, unit_price: '15.50' }],
  shipping: '8.00',
  payment: { status: 'paid', method: 'bank' },
  recipient: { name: '王小明', phone: '13800138000', province: '浙江省', city: '杭州市', address: '文三路 100 号' },
  ...over,
})
const send = (body: unknown, over: Given = {}) => app.call('POST', `${HERE}/orders`, { key, body, ...over })
const read = (number: string) => app.call('GET', `${HERE}/orders/${encodeURIComponent(number)}`, { key })
const pointers = (answer: { readonly json: { errors: { pointer: string }[] } }): string[] => answer.json.errors.map((one) => one.pointer)

describe('an order that is sent', () => {
  it('is created once, however often it comes, and changed when it says something else', async () => {
    const first = await send(order('D-1'))
    expect([first.status, first.json.result, first.json.version]).toEqual([201, 'created', 1])
    const again = await send(order('D-1'))
    expect([again.status, again.json.result, again.json.order_id]).toEqual([200, 'unchanged', first.json.order_id])
    // The same content in other clothes is the same order too.
    expect((await send(undefined, { text: ` ${JSON.stringify(order('D-1'), null, 2)}\n` })).json).toMatchObject({ result: 'unchanged', version: 1 })
    const more = await send(order('D-1', { lines: [{ sku: 'TEA', quantity: '3', unit_price: '15.50' }] }))
    expect(more.json).toMatchObject({ result: 'changed', version: 2, order_id: first.json.order_id })
    expect((await app.hub.pool.query(`select count(*)::int n from orders where connection_id = 'c_dealer'`)).rows[0].n).toBe(1)
    expect((await read('D-1')).json).toMatchObject({ total: { amount: '54.50', currency: 'CNY' }, payment: 'paid', version: 2, holds: [] })
  })

  it('is none of its own where it only hands over one placed elsewhere: it waits to be brought to that, once', async () => {
    const sale = order('T-1', { pickup_of: 'WEB-77' })
    for (let times = 0; times < 2; times += 1) expect((await send(sale)).json).toMatchObject({ result: 'handed-over', order_id: null, errors: [] })
    const { rows } = await app.hub.pool.query(`select external_id, number, state from hand_overs where connection_id = 'c_dealer'`)
    expect(rows).toEqual([{ external_id: 'T-1', number: 'WEB-77', state: 'pending' }])
    expect((await read('T-1')).status).toBe(404)
    // Named anew, it is looked at anew; taken back, it hands over nothing.
    const waiting = async () => (await app.hub.pool.query(`select number from hand_overs where connection_id = 'c_dealer'`)).rows
    await send({ ...sale, pickup_of: 'WEB-78' })
    expect(await waiting()).toEqual([{ number: 'WEB-78' }])
    await send({ ...sale, status: 'cancelled' })
    expect(await waiting()).toEqual([])
  })

  it('goes the way of every document: kept as it came, in the feed, its goods reserved', async () => {
    const text = `{"number": "D-2",\n "placed_at": "2026-11-22T01:30:00Z", "lines": [{"sku": "MUG", "quantity": 1, "total": "30.00"}], "type": "pickup"}`
    const { json } = await send(undefined, { text })
    const { pool } = app.hub
    const admin = await app.key(['admin'])
    const [raw] = (await app.call('GET', `/v1/orders/${json.order_id}`, { key: admin })).json.raw
    expect((await app.call('GET', `/v1/orders/${json.order_id}/raw/${raw.raw_id}?pii=1&purpose=test`, { key: admin })).json.text).toBe(text)
    expect((await pool.query('select count(*)::int n from feed where order_id = $1', [json.order_id])).rows[0].n).toBe(1)
    expect((await pool.query(`select trim_scale(reserved)::text r from stock where sku = 'MUG'`)).rows[0].r).toBe('1')
    await send({ ...JSON.parse(text), status: 'cancelled', cancel_reason: 'changed his mind' })
    expect((await read('D-2')).json).toMatchObject({ cancelled: true, payment: 'voided', version: 2 })
    expect((await pool.query(`select trim_scale(reserved)::text r from stock where sku = 'MUG'`)).rows[0].r).toBe('0')
  })

  it('is told what was shipped of it, and sending it again takes nothing back', async () => {
    const { json } = await send(order('D-3', { lines: [{ id: 'a', sku: 'TEA', quantity: 2, unit_price: '10' }] }))
    const admin = await app.key(['admin'])
    const shipped = await app.call('POST', `/v1/orders/${json.order_id}/shipments`, {
      key: admin,
      body: { carrier: 'SF', tracking_no: 'SF1000000000001', lines: [{ line_no: 1, quantity: '1' }] },
    })
    expect(shipped.status).toBe(201)
    const seen = (await read('D-3')).json
    expect(seen.shipments).toMatchObject([{ carrier: 'SF', tracking_no: 'SF1000000000001', lines: [{ line_no: 1, quantity: '1' }] }])
    expect(seen.fulfilment).toBe('partial')
    expect(JSON.stringify(seen)).not.toMatch(/key:|13800138000|王小明|文三路/)
    await send(order('D-3', { lines: [{ id: 'a', sku: 'TEA', quantity: 2, unit_price: '10' }], seller_note: 'call first' }))
    expect((await read('D-3')).json).toMatchObject({ fulfilment: 'partial', shipments: [{ tracking_no: 'SF1000000000001' }] })
  })

  it('does not go back to an older state where the sender says when it changed it', async () => {
    await send(order('D-4', { updated_at: '2026-11-22T10:00:00Z', seller_note: 'new' }))
    expect((await send(order('D-4', { updated_at: '2026-11-22T09:00:00Z', seller_note: 'old' }))).json).toMatchObject({
      result: 'superseded',
      version: 1,
    })
  })

  it('adds up to the last minor unit, discounts shared over its lines', async () => {
    const { json } = await send(
      order('D-5', {
        lines: [
          { sku: 'TEA', quantity: 3, unit_price: '3.33', discount: '0.99' },
          { sku: 'MUG', quantity: '1', total: '10.01' },
        ],
        discounts: [{ amount: '5.00', title: 'dealer', code: 'SPRING' }],
        total: '22.01',
      }),
    )
    expect(json).toMatchObject({ result: 'created', holds: [] })
    const lines = (await read('D-5')).json.lines.map((line: { net: { amount: string } }) => line.net.amount)
    expect(lines.reduce((sum: number, amount: string) => sum + Math.round(Number(amount) * 100), 0)).toBe(1401)
  })

  it('waits for a person where a SKU is unknown, an address is thin or the total is another; sending it right lets it go', async () => {
    const unknown = await send(order('D-6', { lines: [{ sku: 'NOPE', quantity: 1, unit_price: '1' }] }))
    expect([unknown.status, unknown.json.result, unknown.json.change]).toEqual([201, 'held', 'created'])
    expect(unknown.json.holds).toMatchObject([{ code: 'sku-unbound' }])
    expect((await send(order('D-6'))).json).toMatchObject({ result: 'changed', holds: [] })
    expect((await send(order('D-7', { recipient: { name: 'Li' } }))).json.holds).toMatchObject([{ code: 'address-incomplete' }])
    expect((await send(order('D-8', { total: '1.00' }))).json.holds).toMatchObject([{ code: 'totals-mismatch' }])
  })

  it('finds its SKU by the barcode alone', async () => {
    expect((await send(order('D-9', { lines: [{ barcode: '6901234567892', quantity: 1, unit_price: '1' }] }))).json.result).toBe('created')
    expect((await read('D-9')).json.lines[0]).toMatchObject({ sku: 'TEA' })
  })
})

describe('many orders at once', () => {
  it('each have their own answer; a broken one stops no other', async () => {
    const orders = [
      order('B-1'),
      order('B-2', { lines: [] }),
      order('B-1'),
      order('B-3', { lines: [{ sku: 'NOPE', quantity: 1, total: '1' }] }),
      7,
      null,
    ]
    const { status, json } = await send({ orders })
    expect(status).toBe(200)
    expect(json.counts).toEqual({ created: 1, invalid: 4, held: 1 })
    expect(json.items.map((one: { number: string; result: string }) => [one.number, one.result])).toEqual([
      ['B-1', 'created'],
      ['B-2', 'invalid'],
      ['B-1', 'invalid'],
      ['B-3', 'held'],
      ['', 'invalid'],
      ['', 'invalid'],
    ])
    expect(json.items[1].errors).toMatchObject([{ pointer: '/lines' }])
    expect(json.items[2].errors).toMatchObject([{ pointer: '/number', code: 'number-repeated' }])
  })

  it('may be 500, and not one more', async () => {
    const orders = Array.from({ length: 500 }, (_, i) => order(`M-${i}`))
    expect((await send({ orders })).json.counts).toEqual({ created: 500 })
    expect((await send({ orders })).json.counts).toEqual({ unchanged: 500 })
    const more = await send({ orders: [...orders, order('M-500')] })
    expect([more.status, ...pointers(more)]).toEqual([400, '/orders'])
    expect((await send({ orders: [] })).status).toBe(400)
    expect(pointers(await send({ orders, extra: 1 }))).toEqual(['/extra'])
  })
})

describe('what is no order', () => {
  it.each([
    ['nothing', undefined, ['']],
    ['a list', [order('X')], ['']],
    ['an empty object', {}, ['/number', '/placed_at', '/lines']],
    ['a number that is a number', order('X', { number: 12 }), ['/number']],
    ['a number with blanks around it', order(' X'), ['/number']],
    ['a number with unseen marks', order('X\u200b1'), ['/number']],
    ['a number of 101 characters', order('9'.repeat(101)), ['/number']],
    ['a time without its offset', order('X', { placed_at: '2026-11-22T09:30:00' }), ['/placed_at']],
    ['a day that is none', order('X', { placed_at: '2026-02-30T09:30:00Z' }), ['/placed_at']],
    ['a time far ahead', order('X', { updated_at: '2031-01-01T00:00:00Z' }), ['/updated_at']],
    ['money as a number', order('X', { lines: [{ sku: 'TEA', quantity: 1, unit_price: 15.5 }] }), ['/lines/0/unit_price']],
    ['money below zero', order('X', { shipping: '-1' }), ['/shipping']],
    ['more decimals than the currency has', order('X', { shipping: '1.005' }), ['/shipping']],
    ['half a yen', order('X', { currency: 'JPY', lines: [{ sku: 'TEA', quantity: 1, total: '1.5' }], shipping: '0' }), ['/lines/0/total']],
    ['an unknown currency', order('X', { currency: 'ZZZ' }), ['/currency']],
    ['no pieces', order('X', { lines: [{ sku: 'TEA', quantity: 0, unit_price: '1' }] }), ['/lines/0/quantity']],
    ['pieces as a fraction of a number', order('X', { lines: [{ sku: 'TEA', quantity: 1.5, unit_price: '1' }] }), ['/lines/0/quantity']],
    ['a line of nothing', order('X', { lines: [{ quantity: 1, unit_price: '1' }] }), ['/lines/0/sku']],
    ['a line without a price', order('X', { lines: [{ sku: 'TEA', quantity: 1 }] }), ['/lines/0/unit_price']],
    ['a line whose amounts disagree', order('X', { lines: [{ sku: 'TEA', quantity: 2, unit_price: '1', total: '3' }] }), ['/lines/0/total']],
    ['a discount above the line', order('X', { lines: [{ sku: 'TEA', quantity: 1, unit_price: '1', discount: '2' }] }), ['/lines/0/discount']],
    ['a discount above the goods', order('X', { discounts: [{ amount: '1000' }] }), ['/discounts/0/amount']],
    [
      'two lines of one id',
      order('X', {
        lines: [
          { id: '7', sku: 'TEA', quantity: 1, unit_price: '1' },
          { id: '7', sku: 'MUG', quantity: 1, unit_price: '1' },
        ],
      }),
      ['/lines/1/id'],
    ],
    ['an unknown field', order('X', { colour: 'red' }), ['/colour']],
    ['a part payment without an amount', order('X', { payment: { status: 'partially_paid' } }), ['/payment/paid']],
    ['a status nobody knows', order('X', { status: 'lost' }), ['/status']],
    ['a recipient that is text', order('X', { recipient: 'Wang, Hangzhou' }), ['/recipient']],
  ])('is refused at its place: %s', async (_name, body, expected) => {
    const answer = await send(body)
    expect([answer.status, answer.json.code]).toEqual([400, 'input-invalid'])
    expect(pointers(answer)).toEqual(expected)
    expect((await read('X')).status).toBe(404)
  })

  it('is refused before it is read: too long, not JSON, not UTF-8', async () => {
    expect((await send(undefined, { text: JSON.stringify(order('X', { buyer_note: 'x'.repeat(2_200_000) })) })).status).toBe(413)
    expect((await send(undefined, { text: '{"number": "X"' })).json.code).toBe('json-malformed')
    expect((await send(undefined, { text: '{"number": "X", "number": "Y"}' })).json.code).toBe('json-duplicate-key')
    expect((await send(undefined, { text: `${'['.repeat(40)}${']'.repeat(40)}` })).json.code).toBe('json-too-deep')
  })

  it('may have the same goods on two lines', async () => {
    const line = { sku: 'TEA', quantity: 1, unit_price: '1' }
    expect((await send(order('T-1', { lines: [line, { ...line, discount: '1' }] }))).json.result).toBe('created')
    expect((await read('T-1')).json.lines).toHaveLength(2)
  })
})

describe('a key of one connection', () => {
  it('sees what it may sell there, with the price it paid last, and finds it by any of its names', async () => {
    await app.hub.pool.query(`update connections set stock_share = 0.5, stock_buffer = 1 where id = 'c_other'`)
    const other = await app.key(['orders:push'], ['c_other'])
    const ask = async (as: string, id: string, query: string) =>
      (await app.call('GET', `/v1/connections/${id}/stock${query}`, { key: as })).json.items
    const level = (await app.hub.pool.query(`select (on_hand - reserved)::int n from stock where sku = 'MUG'`)).rows[0].n
    expect(await ask(key, 'c_dealer', '?sku=MUG')).toMatchObject([{ sku: 'MUG', available: String(level), price: '10.01', price_from: 'last-order' }])
    expect(await ask(other, 'c_other', '?sku=MUG')).toMatchObject([{ available: String(Math.floor(level / 2) - 1), price: null }])
    expect(await ask(key, 'c_dealer', '?q=green')).toMatchObject([{ sku: 'TEA', title: 'Green tea' }])
    expect(await ask(key, 'c_dealer', '?q=69012')).toMatchObject([{ sku: 'TEA' }])
    await stockOf(app.hub.pool, 'NEVER-COUNTED', 3)
    expect(await ask(key, 'c_dealer', '?sku=NEVER-COUNTED')).toMatchObject([{ available: null }])
  })

  it('reads its own orders and no others, and nothing else of the hub', async () => {
    expect((await app.call('POST', '/v1/connections/c_other/orders', { key, body: order('S-1') })).status).toBe(404)
    expect((await app.call('GET', '/v1/connections/c_other/orders/S-1', { key })).status).toBe(404)
    expect((await app.call('GET', '/v1/connections/c_other/stock', { key })).status).toBe(404)
    expect((await app.call('GET', '/v1/orders', { key })).status).toBe(403)
    expect((await app.call('GET', '/v1/push-connections', { key })).json.items).toMatchObject([{ id: 'c_dealer', currency: 'CNY' }])
    const page = (await app.call('GET', `${HERE}/orders?limit=2`, { key })).json
    expect(page.items).toHaveLength(2)
    expect((await app.call('GET', `${HERE}/orders?limit=2&cursor=${page.next_cursor}`, { key })).json.items).toHaveLength(2)
    expect((await app.call('GET', `${HERE}/orders?q=D-4`, { key })).json.items).toMatchObject([{ channel_order_no: 'D-4' }])
  })

  it('is refused where orders come from the channel itself, or while the connection is paused', async () => {
    const admin = await app.key(['admin'])
    expect((await app.call('POST', '/v1/connections/c_plain/orders', { key: admin, body: order('S-2') })).json.code).toBe('connection-not-push')
    await app.hub.pool.query(`update connections set state = 'paused' where id = 'c_other'`)
    expect((await app.call('POST', '/v1/connections/c_other/orders', { key: admin, body: order('S-2') })).json.code).toBe('connection-paused')
  })

  it('repeats an answer under the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'k-1' }
    const first = await send(order('I-1'), { headers })
    const again = await send(order('I-1'), { headers })
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([201, first.text, 'true'])
    expect((await send(order('I-2'), { headers })).json.code).toBe('idempotency-key-reused')
  })
})

describe('a dealer', () => {
  it('signs in, sends orders to the one connection and reads them; everything else is closed', async () => {
    const password = 'Correct horse 42 battery'
    await createUser(app.hub.pool, { name: 'zhou', password, roles: ['dealer'], connections: ['c_dealer'], mustChange: false })
    const signed = await app.call('POST', '/v1/session', { body: { name: 'zhou', password }, headers: { origin: ORIGIN } })
    const as: Given = { cookie: (signed.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
    expect(signed.json.user.scopes).toEqual(['orders:push'])
    expect((await app.call('POST', `${HERE}/orders`, { ...as, body: order('P-1') })).status).toBe(201)
    expect((await app.call('GET', `${HERE}/orders/P-1`, as)).status).toBe(200)
    for (const path of ['/v1/orders', '/v1/stock', '/v1/connections', '/v1/find?q=P-1', '/v1/overview', '/v1/skus'])
      expect([path, (await app.call('GET', path, as)).status]).toEqual([path, 403])
  })
})
