import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../sandbox/server.ts'
import { start } from '../../sandbox/server.ts'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'

/** Whatever JSON came back: the assertions say what it should be. */
type Json = ReturnType<typeof JSON.parse>

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly data: Json
}

interface Client {
  get(path: string, params?: object): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  put(path: string, body: object): Promise<Answer>
  delete(path: string, params?: object): Promise<Answer>
}

/** The vendor's own client (a CommonJS package) decides whether the simulator speaks the protocol. */
const vendor: { readonly default: new (options: object) => Client } = createRequire(import.meta.url)('@woocommerce/woocommerce-rest-api')

let sandbox: Sandbox
let sim: WooCommerceSim
let woo: Client

function client(change: object = {}): Client {
  const shop = sandbox.shops[0]
  return new vendor.default({ url: shop?.url ?? '', ...sim.credentials, version: 'wc/v3', ...change })
}

/** Top-level keys of an order document of REST v3. */
const sampleKeys = (
  'id parent_id number order_key created_via version status currency date_created date_created_gmt date_modified date_modified_gmt discount_total discount_tax ' +
  'shipping_total shipping_tax cart_tax total total_tax prices_include_tax customer_id customer_ip_address customer_user_agent customer_note billing shipping ' +
  'payment_method payment_method_title transaction_id date_paid date_paid_gmt date_completed date_completed_gmt cart_hash meta_data line_items tax_lines ' +
  'shipping_lines fee_lines coupon_lines refunds payment_url is_editable needs_payment needs_processing currency_symbol _links'
).split(' ')

/** What the shop answered when it refused. */
async function refusal(call: Promise<Answer>): Promise<Answer> {
  return call.then(
    () => Promise.reject(new Error('The shop accepted what it should refuse.')),
    (error: { response?: Answer }) => error.response ?? Promise.reject(error),
  )
}

async function codeOf(response: Response): Promise<string> {
  const body: Json = await response.json()
  return body.code
}

beforeAll(async () => {
  sandbox = await start({
    shops: [{ name: 'woo-1', channel: 'woocommerce', options: { fulfilments: true, timezone: 'Asia/Shanghai', taxBasisPoints: 750 } }],
  })
  sim = sandbox.woo('woo-1')
  woo = client()
  sim.control.seedProducts(30)
  sim.control.seedOrders(250, 20)
})

afterAll(() => sandbox.stop())

describe('the official WooCommerce client against the simulator', () => {
  it('leaves nothing out of sight that a filter asks for', async () => {
    expect((await woo.get('orders', { customer: 7 })).data).toEqual([])
    expect((await woo.get('orders', { customer: 0, per_page: 3 })).data).toHaveLength(3)
    const named = async (params: object): Promise<readonly string[]> => (await woo.get('products', params)).data.map((one: Json) => one.name)
    const names = await named({ orderby: 'title', order: 'asc', per_page: 100 })
    expect(names).toEqual(names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)))
    const ids = (await woo.get('products', { per_page: 2 })).data.map((one: Json) => one.id)
    expect(await named({ exclude: ids, per_page: 100 })).toHaveLength(names.length - 2)
    expect(await named({ status: 'draft' })).toEqual([])
    expect(await named({ stock_status: 'onbackorder' })).toEqual([])
    expect(await named({ modified_before: '2001-01-01T00:00:00' })).toEqual([])
    expect((await refusal(woo.get('products', { orderby: 'colour' }))).status).toBe(400)
  })

  it('lists every order once over three pages', async () => {
    const ids = new Set<number>()
    for (let page = 1; page <= 3; page += 1) {
      const answer = await woo.get('orders', { per_page: 100, page, orderby: 'modified', order: 'asc', status: 'any', dates_are_gmt: 'true' })
      expect(answer.headers['x-wp-total']).toBe('250')
      expect(answer.headers['x-wp-totalpages']).toBe('3')
      expect(answer.headers['link']?.includes('rel="next"')).toBe(page < 3)
      answer.data.forEach((order: { id: number }) => ids.add(order.id))
    }
    expect(ids.size).toBe(250)
    expect((await woo.get('orders', { per_page: 100, page: 4 })).data).toEqual([])
  })

  it('agrees with the ledger on every amount of every order', async () => {
    const truths = new Map(sim.ledger.orders().map((truth) => [truth.orderId, truth]))
    for (let page = 1; page <= 3; page += 1) {
      for (const order of (await woo.get('orders', { per_page: 100, page })).data) {
        const truth = truths.get(String(order.id))
        const sum = (list: Json[], of: (item: Json) => string): number => list.reduce((all, item) => all + Math.round(Number(of(item)) * 100), 0)
        const parts =
          sum(order.line_items, (l) => l.total) +
          sum(order.line_items, (l) => l.total_tax) +
          sum(order.shipping_lines, (l) => l.total) +
          sum(order.shipping_lines, (l) => l.total_tax)
        expect(Math.round(Number(order.total) * 100)).toBe(truth?.totalMinor)
        expect(parts).toBe(truth?.totalMinor)
        expect(sum(order.refunds, (r) => r.total) + (truth?.refundedMinor ?? 1)).toBe(0)
      }
    }
  })

  it('writes the published sample order to the cent and with every key', async () => {
    const single = sim.control.addProduct({ name: 'Woo Single #1', sku: '', priceMinor: 300 })
    const idea = sim.control.addProduct({ name: 'Ship Your Idea', sku: 'Bar3', priceMinor: 1200 })
    const lines = [
      { productId: single.id, quantity: 2 },
      { productId: idea.id, quantity: 1 },
    ]
    const meta = [{ key: '_long', value: 1_234_567_890_123_456_789n }]
    const placed = sim.control.placeOrder({ lines, shippingMinor: 1000, meta, person: 0 })
    const raw = await fetch(`${sandbox.url}/woo-1/wp-json/wc/v3/orders/${placed.ok ? placed.orderId : ''}`, {
      headers: { 'x-forwarded-proto': 'https', authorization: `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}` },
    }).then((response) => response.text())
    expect(raw).toContain('"key":"_long","value":1234567890123456789}')
    expect(raw).toContain('"price":3,')
    const order: Json = JSON.parse(raw)
    // Lines, shipping and tax of order 727; its shipping carried no tax, ours does (0.75).
    expect([order.cart_tax, order.shipping_total, order.shipping_tax, order.total_tax, order.total]).toEqual([
      '1.35',
      '10.00',
      '0.75',
      '2.10',
      '30.10',
    ])
    expect(order.line_items.map((line: Json) => [line.subtotal, line.total, line.total_tax])).toEqual([
      ['6.00', '6.00', '0.45'],
      ['12.00', '12.00', '0.90'],
    ])
    expect(Object.keys(order).sort()).toEqual([...sampleKeys].sort())
    expect(order.date_created_gmt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  })

  it('treats modified_after as strictly greater at one second', async () => {
    const second = Math.ceil(Date.now() / 1000) * 1000
    const text = (at: number): string => new Date(at).toISOString().slice(0, 19)
    sim.clock.freeze(second + 400)
    sim.control.shop()
    sim.control.shop()
    sim.clock.advance(1000)
    sim.control.shop()
    const after = async (at: number): Promise<number> => (await woo.get('orders', { modified_after: text(at), dates_are_gmt: 'true' })).data.length
    expect(await after(second - 1000)).toBe(3)
    expect(await after(second)).toBe(1)
    const [last] = (await woo.get('orders', { per_page: 1, orderby: 'modified' })).data
    expect([last.date_modified_gmt, last.date_modified]).toEqual([text(second + 1000), text(second + 1000 + 8 * 3_600_000)])
    sim.clock.release()
  })

  it('sets stock one by one, in a batch with a bad item, and on a variation', async () => {
    const [simple] = (await woo.get('products', { type: 'simple', search: 'Ship Your Idea' })).data
    expect((await woo.put(`products/${simple.id}`, { manage_stock: true, stock_quantity: 41 })).data.stock_quantity).toBe(41)
    const batch = (
      await woo.post('products/batch', {
        update: [
          { id: simple.id, stock_quantity: 42 },
          { id: 999999, stock_quantity: 1 },
        ],
      })
    ).data
    expect(batch.update[0].stock_quantity).toBe(42)
    expect(batch.update[1]).toEqual({
      id: 999999,
      error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } },
    })
    const [parent] = (await woo.get('products', { type: 'variable' })).data
    const [child] = parent.variations
    await woo.post(`products/${parent.id}/variations/batch`, { update: [{ id: child, stock_quantity: 7 }] })
    expect((await woo.get(`products/${parent.id}/variations/${child}`)).data.stock_quantity).toBe(7)
    expect(sim.ledger.stockWrites().map((write) => [write.listingId, write.to])).toEqual([
      [String(simple.id), 41],
      [String(simple.id), 42],
      [`${parent.id}/${child}`, 7],
    ])
    const tooMany = await refusal(woo.post('products/batch', { update: Array.from({ length: 101 }, () => ({ id: simple.id })) }))
    expect([tooMany.status, tooMany.data.code]).toEqual([413, 'woocommerce_rest_request_entity_too_large'])
  })

  it('ships in two parts and refuses more than was ordered', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 3 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const [line] = (await woo.get(`orders/${placed.orderId}`)).data.line_items
    const part = (qty: number, number: string): object => ({
      status: 'fulfilled',
      meta_data: [
        { key: '_items', value: [{ item_id: line.id, qty }] },
        { key: '_tracking_number', value: number },
        { key: '_shipping_provider', value: 'ups' },
      ],
    })
    const before = (await woo.get(`orders/${placed.orderId}`)).data.date_modified
    const made = await woo.post(`orders/${placed.orderId}/fulfillments`, part(1, '1Z1'))
    expect([made.status, made.data.is_fulfilled]).toEqual([201, true])
    await woo.post(`orders/${placed.orderId}/fulfillments`, part(2, '1Z2'))
    expect((await woo.get(`orders/${placed.orderId}/fulfillments`)).data).toHaveLength(2)
    expect((await refusal(woo.post(`orders/${placed.orderId}/fulfillments`, part(1, '1Z3')))).status).toBe(400)
    expect((await refusal(woo.post(`orders/${placed.orderId}/fulfillments`, { status: 'fulfilled' }))).data.code).toBe('rest_missing_callback_param')
    expect(sim.ledger.order(placed.orderId)?.lines[0]?.shippedQuantity).toBe(3)
    expect(sim.ledger.shipments().map((one) => [one.trackingNumber, one.lines[0]?.quantity])).toEqual([
      ['1Z1', 1],
      ['1Z2', 2],
    ])
    expect((await woo.get(`orders/${placed.orderId}`)).data.date_modified).toBe(before)
    sim.control.configure({ fulfilments: false })
    const off = await refusal(woo.get(`orders/${placed.orderId}/fulfillments`))
    expect([off.status, off.data.code]).toEqual([404, 'rest_no_route'])
    sim.control.configure({ fulfilments: true })
  })

  it('refunds a part as a child with a negative total and keeps the status', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 2, unitPrice: '20.00' }], taxBasisPoints: 0 })
    if (!placed.ok) throw new Error(placed.reason)
    await woo.post(`orders/${placed.orderId}/refunds`, { amount: '10.00', reason: 'late', api_refund: false })
    const order = (await woo.get(`orders/${placed.orderId}`)).data
    expect([order.status, order.total, order.refunds[0].total]).toEqual(['processing', '40.00', '-10.00'])
    expect((await refusal(woo.post(`orders/${placed.orderId}/refunds`, { amount: '31.00' }))).status).toBe(500)
  })

  it('answers bad questions the way WordPress does', async () => {
    const large = await refusal(woo.get('orders', { per_page: 101 }))
    expect([large.status, large.data.code]).toEqual([400, 'rest_invalid_param'])
    expect((await refusal(woo.get('orders', { status: 'nonsense' }))).data.data.params).toHaveProperty('status')
    const gone = await refusal(woo.get('orders/424242'))
    expect([gone.status, gone.data.code]).toEqual([404, 'woocommerce_rest_shop_order_invalid_id'])
    expect((await refusal(woo.get('nothing/here'))).data.code).toBe('rest_no_route')
  })

  it('refuses a wrong secret, a read-only key that writes, and Basic over plain http', async () => {
    const wrong = await refusal(client({ consumerSecret: 'cs_wrong' }).get('orders'))
    expect([wrong.status, wrong.data.code]).toEqual([401, 'woocommerce_rest_authentication_error'])
    sim.control.addKey({ consumerKey: 'ck_read', consumerSecret: 'cs_read', permissions: 'read', manager: true })
    const reader = client({ consumerKey: 'ck_read', consumerSecret: 'cs_read' })
    expect((await reader.get('orders')).status).toBe(200)
    expect((await refusal(reader.put('products/11', { stock_quantity: 1 }))).status).toBe(401)
    const basic = { authorization: `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}` }
    const plain = await fetch(`${sandbox.url}/woo-1/wp-json/wc/v3/orders`, { headers: basic })
    expect([plain.status, await codeOf(plain)]).toEqual([401, 'woocommerce_rest_cannot_view'])
    const tls = await fetch(`${sandbox.url}/woo-1/wp-json/wc/v3/orders`, { headers: { ...basic, 'x-forwarded-proto': 'https' } })
    expect(tls.status).toBe(200)
  })
})
