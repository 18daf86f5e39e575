import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createTikTokShop } from '../../sandbox/tiktok-shop/index.ts'

/** A member by its path: "data.orders.0.id". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const text = (doc: unknown, path: string): string => String(of(doc, path))
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

interface Odd {
  readonly secret?: string
  readonly token?: string
  readonly timestamp?: number
  readonly cipher?: string
  readonly sign?: string
}

/** A client as the vendor's page "Sign your API request" writes one. */
class Client {
  readonly base: string
  readonly now: () => number
  token = 'ROW_sandboxAccessToken0001'
  constructor(base: string, now: () => number) {
    this.base = base
    this.now = now
  }
  async send(method: string, path: string, given: { readonly query?: Record<string, string>; readonly body?: unknown; readonly odd?: Odd } = {}) {
    const { query = {}, body, odd = {} } = given
    const secret = odd.secret ?? 'sandbox0tiktok0app0secret0000000001'
    const all: Record<string, string> = {
      ...query,
      app_key: '68sandbox0001',
      timestamp: String(odd.timestamp ?? Math.floor(this.now() / 1000)),
      ...(path.startsWith('/authorization') ? {} : { shop_cipher: odd.cipher ?? 'ROW_sandboxShopCipher0001' }),
    }
    const raw = body === undefined ? '' : JSON.stringify(body)
    let wrapped = secret + path
    for (const name of Object.keys(all).sort()) wrapped += name + (all[name] ?? '')
    wrapped += raw + secret
    const sign = odd.sign ?? createHmac('sha256', secret).update(wrapped).digest('hex')
    const response = await fetch(`${this.base}${path}?${new URLSearchParams({ ...all, sign }).toString()}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-tts-access-token': odd.token ?? this.token },
      ...(body === undefined ? {} : { body: raw }),
    })
    return { status: response.status, doc: (await response.json()) as unknown }
  }
  async call(method: string, path: string, given: Parameters<Client['send']>[2] = {}): Promise<unknown> {
    const { doc } = await this.send(method, path, given)
    return doc
  }
}

let sandbox: Sandbox
let sim: MarketSim
let client: Client
const SEARCH = '/order/202309/orders/search'

beforeAll(async () => {
  sim = createTikTokShop()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'tiktok-1', sim }] })
  client = new Client(sandbox.shops[0]?.url ?? '', sim.clock.now)
})
afterAll(() => sandbox.stop())

const window = () => ({ update_time_ge: Math.floor(sim.clock.now() / 1000) - 86_000, update_time_lt: Math.floor(sim.clock.now() / 1000) + 1 })
const fen = (doc: unknown, path: string): number => Math.round(Number(of(doc, path)) * 100)
const place = (quantities: readonly number[], kind = ''): string => {
  const skus = [...sim.market.items.values()].flatMap((item) => item.skus.map(({ code }) => code))
  for (const sku of skus) sim.control.setStock(sku, 100)
  const placed = sim.control.placeOrder({ lines: quantities.map((quantity, i) => ({ sku: skus[i] ?? '', quantity })), kind })
  if (!placed.ok) throw new Error(placed.reason)
  return placed.orderId
}

describe('a client written after the channel’s pages against the simulated gateway', () => {
  it('finds the shop of its token, and renews the token for one of seven days', async () => {
    expect(await client.call('GET', '/authorization/202309/shops')).toMatchObject({
      code: 0,
      data: { shops: [{ cipher: 'ROW_sandboxShopCipher0001', region: 'US' }] },
    })
    const door = (given: object): Promise<unknown> => {
      const query = {
        app_key: '68sandbox0001',
        app_secret: 'sandbox0tiktok0app0secret0000000001',
        refresh_token: 'ROW_sandboxRefreshToken0001',
        grant_type: 'refresh_token',
        ...given,
      }
      return fetch(`${client.base}/api/v2/token/refresh?${new URLSearchParams(query).toString()}`).then((response) => response.json())
    }
    expect(await door({ app_secret: 'wrong' })).toMatchObject({ code: 36004003 })
    const answer = await door({})
    expect(Number(of(answer, 'data.access_token_expire_in')) - sim.clock.now() / 1000).toBeGreaterThan(6.9 * 86_400)
    expect(await client.call('POST', SEARCH, { query: { page_size: '1' }, body: {} })).toMatchObject({ code: 105002 })
    client.token = text(answer, 'data.access_token')
    expect(await client.call('POST', SEARCH, { query: { page_size: '1' }, body: {} })).toMatchObject({ code: 0, data: { total_count: 130 } })
    expect(await door({})).toMatchObject({ code: 36004004 })
  })

  it('reads every order of a day over pages, each adding up as the pages say', async () => {
    const seen: string[] = []
    const body = window()
    for (let token = ''; ;) {
      const query = { page_size: '40', sort_field: 'update_time', sort_order: 'ASC', ...(token === '' ? {} : { page_token: token }) }
      const answer = await client.call('POST', SEARCH, { query, body })
      expect(of(answer, 'code')).toBe(0)
      for (const order of list(answer, 'data.orders')) {
        seen.push(text(order, 'id'))
        const pay = (name: string): number => fen(order, `payment.${name}`)
        expect(pay('total_amount')).toBe(pay('sub_total') + pay('shipping_fee') + pay('tax') + pay('retail_delivery_fee'))
        expect(pay('sub_total')).toBe(pay('original_total_product_price') - pay('seller_discount') - pay('platform_discount'))
        expect(list(order, 'line_items').reduce<number>((sum, piece) => sum + fen(piece, 'sale_price'), 0)).toBe(pay('sub_total'))
      }
      token = text(answer, 'data.next_page_token')
      if (token === '') break
    }
    expect(seen.length).toBe(130)
    expect([...new Set(seen)].sort()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
  })

  it('sets a level, is told of one SKU that was not taken, and reads it back', async () => {
    const item = [...sim.market.items.values()].find(({ skus }) => skus.length > 1)
    const [first, second] = item?.skus ?? []
    sim.control.refuseStock(second?.code ?? '')
    const level = (id: string | undefined, quantity: number) => ({ id, inventory: [{ warehouse_id: '7068517275539719942', quantity }] })
    const body = { skus: [level(first?.id, 17), level(second?.id, 3)] }
    const answer = await client.call('POST', `/product/202309/products/${item?.id}/inventory/update`, { body })
    expect(answer).toMatchObject({ code: 0, data: { errors: [{ detail: { sku_id: second?.id, extra_errors: [{ code: 12052201 }] } }] } })
    expect(sim.control.stockOf(first?.code ?? '')).toBe(17)
    const shown = await client.call('POST', '/product/202309/inventory/search', { body: { sku_ids: [first?.id] } })
    expect(shown).toMatchObject({
      data: { inventory: [{ product_id: item?.id, skus: [{ id: first?.id, warehouse_inventory: [{ available_quantity: 17 }] }] }] },
    })
  })

  it('sends two pieces of three, is refused them again, and sends the rest', async () => {
    const id = place([3])
    const order = () => client.call('GET', '/order/202309/orders', { query: { ids: id } })
    const pieces = list(await order(), 'data.orders.0.line_items').map((piece) => text(piece, 'id'))
    expect(pieces.length).toBe(3)
    const option = text(await order(), 'data.orders.0.delivery_option_id')
    const providers = list(await client.call('GET', `/logistics/202309/delivery_options/${option}/shipping_providers`), 'data.shipping_providers')
    const usps = text(
      providers.find((each) => of(each, 'name') === 'USPS'),
      'id',
    )
    const path = `/fulfillment/202309/orders/${id}/packages`
    const part = { order_line_item_ids: pieces.slice(1), tracking_number: '9400', shipping_provider_id: usps }
    expect(await client.call('POST', path, { body: part })).toMatchObject({
      code: 0,
      data: { order_id: id, package_id: expect.stringMatching(/^\d+$/) },
    })
    expect(await client.call('POST', path, { body: part })).toMatchObject({ code: 21022011 })
    expect(list(await order(), 'data.orders.0.line_items').map((piece) => of(piece, 'tracking_number'))).toEqual([undefined, '9400', '9400'])
    expect(text(await order(), 'data.orders.0.status')).toBe('PARTIALLY_SHIPPING')
    expect(await client.call('POST', path, { body: { ...part, order_line_item_ids: [pieces[0]], tracking_number: '9401' } })).toMatchObject({
      code: 0,
    })
    expect(text(await order(), 'data.orders.0.status')).toBe('IN_TRANSIT')
  })

  it('finds what a buyer wants to cancel, and approves it once', async () => {
    const id = place([1, 2])
    sim.control.requestCancel(id)
    const path = '/return_refund/202309/cancellations'
    const found = async () => client.call('POST', `${path}/search`, { query: { page_size: '10' }, body: { order_ids: [id] } })
    const cancel = text(await found(), 'data.cancellations.0.cancel_id')
    expect(list(await found(), 'data.cancellations.0.cancel_line_items').length).toBe(3)
    const approve = (key: string) => client.call('POST', `${path}/${cancel}/approve`, { query: { idempotency_key: key }, body: {} })
    expect(await approve('k1')).toMatchObject({ code: 0 })
    expect(await approve('k1')).toMatchObject({ code: 0 })
    expect(await approve('k2')).toMatchObject({ code: 25021020 })
    expect(await found()).toMatchObject({ data: { cancellations: [{ cancel_status: 'CANCELLATION_REQUEST_COMPLETE' }] } })
    expect(sim.ledger.order(id)?.status).toBe('CANCELLED')
  })

  it.each<readonly [string, Odd, number, number]>([
    ['another secret', { secret: 'x' }, 401, 106001],
    ['no signature', { sign: '' }, 400, 36009004],
    ['a clock six minutes behind', { timestamp: Math.floor(Date.now() / 1000) - 360 }, 400, 36009004],
    ['a clock in milliseconds', { timestamp: Date.now() }, 400, 36009004],
    ['an unknown token', { token: 'ROW_other' }, 401, 105002],
    ['another shop’s cipher', { cipher: 'ROW_other' }, 400, 106013],
  ])('is refused for %s', async (_, odd, status, code) => {
    expect(await client.send('POST', SEARCH, { query: { page_size: '1' }, body: {}, odd })).toMatchObject({
      status,
      doc: { code, request_id: expect.any(String) },
    })
  })

  it('is refused for a page too large, a window that ends before it begins, a token of another search, too many ids, an unknown path', async () => {
    const search = (query: Record<string, string>, body: unknown = {}) => client.call('POST', SEARCH, { query, body })
    expect(await search({ page_size: '101' })).toMatchObject({ code: 36009004 })
    expect(await search({})).toMatchObject({ code: 36009004 })
    expect(await search({ page_size: '10' }, { update_time_ge: 20, update_time_lt: 10 })).toMatchObject({ code: 36009004 })
    const body = window()
    const token = text(await search({ page_size: '10', sort_field: 'update_time' }, body), 'data.next_page_token')
    expect(token).not.toBe('')
    expect(await search({ page_size: '10', sort_field: 'create_time', page_token: token }, body)).toMatchObject({ code: 36009004 })
    const ids = Array.from({ length: 51 }, (__, i) => String(i + 1)).join(',')
    expect(await client.call('GET', '/order/202309/orders', { query: { ids } })).toMatchObject({ code: 36009004 })
    expect(await client.send('GET', '/order/202309/nothing')).toMatchObject({ status: 404, doc: { code: 36009009 } })
  })

  it('subscribes a topic, and its deliveries carry the signature of app key and body', async () => {
    const heard: { readonly authorization: string; readonly body: string }[] = []
    const ear = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        heard.push({ authorization: request.headers.authorization ?? '', body: Buffer.concat(chunks).toString() })
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => ear.listen(0, '127.0.0.1', resolve))
    const address = ear.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
    expect(await client.call('PUT', '/event/202309/webhooks', { body: { event_type: 'ORDER_STATUS_CHANGE', address: url } })).toMatchObject({
      code: 0,
    })
    const id = place([1])
    await sim.control.webhooksSettled?.()
    expect(await client.call('DELETE', '/event/202309/webhooks', { body: { event_type: 'ORDER_STATUS_CHANGE' } })).toMatchObject({ code: 0 })
    place([1])
    await sim.control.webhooksSettled?.()
    ear.close()
    expect(heard.length).toBeGreaterThan(0)
    for (const { authorization, body } of heard) {
      expect(authorization).toBe(createHmac('sha256', 'sandbox0tiktok0app0secret0000000001').update(`68sandbox0001${body}`).digest('hex'))
      expect(JSON.parse(body)).toMatchObject({ type: 1, shop_id: '7494726673780148744', data: { order_id: id } })
    }
  })
})
