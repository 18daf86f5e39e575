import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createYouzan } from '../../sandbox/youzan/index.ts'

/** A member by its path: "data.items.0.price". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const text = (doc: unknown, path: string): string => String(of(doc, path))
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

/**
 * A client as the channel's pages and its own package for Node write one: the token by `authorize_type`, calls by name and
 * version, parameters as JSON, the token in the address.
 */
class Client {
  readonly base: string
  token = ''
  constructor(base: string) {
    this.base = base
  }
  async post(path: string, body: unknown, type = 'application/json'): Promise<unknown> {
    const response = await fetch(`${this.base}${path}`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
    if (response.status !== 200) throw new Error(`The cloud answered ${response.status}.`)
    return response.json()
  }
  async silent(given: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const app = { client_id: 'sandboxclient0001', client_secret: 'sandbox-client-secret-0001', authorize_type: 'silent', grant_id: '187395218' }
    const answer = await this.post('/auth/token', { ...app, refresh: false, ...given })
    if (of(answer, 'success') === true) this.token = text(answer, 'data.access_token')
    return answer
  }
  call = (api: string, version: string, parameters: unknown): Promise<unknown> =>
    this.post(`/api/${api}/${version}?access_token=${this.token}`, parameters)
}

const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')
let sandbox: Sandbox
let sim: MarketSim
let client: Client

beforeAll(async () => {
  sim = createYouzan()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'youzan-1', sim }] })
  client = new Client(sandbox.shops[0]?.url ?? '')
})
afterAll(() => sandbox.stop())

describe('a client written after the channel’s pages against the simulated cloud', () => {
  it('gets a token of seven days, the same until it asks for a new one, which ends the old', async () => {
    const first = await client.silent()
    expect(first).toMatchObject({ success: true, code: 200, data: { authority_id: '187395218', expires: expect.any(Number) } })
    expect(Number(of(first, 'data.expires')) - sim.clock.now()).toBeGreaterThan(6.9 * 86_400_000)
    const old = client.token
    expect(text(await client.silent(), 'data.access_token')).toBe(old)
    expect(text(await client.silent({ refresh: true }), 'data.access_token')).not.toBe(old)
    expect(await new Client(client.base).silent({ client_id: 'test' })).toMatchObject({ success: false, code: 1103, message: 'Client 不存在' })
  })

  it('reads every order of a day over pages', async () => {
    const now = sim.clock.now()
    const seen: string[] = []
    for (let page = 1; ; page += 1) {
      const window = { start_update: stamp(now - 86_000_000), end_update: stamp(now), page_no: page, page_size: 40 }
      const answer = await client.call('youzan.trades.sold.get', '4.0.4', window)
      expect(of(answer, 'data.total_results')).toBe(130)
      const orders = list(answer, 'data.full_order_info_list')
      seen.push(...orders.map((each) => text(each, 'full_order_info.pay_info.payment')))
      if (orders.length < 40) break
    }
    expect(seen.sort()).toEqual(
      sim.ledger
        .orders()
        .map((truth) => (truth.totalMinor / 100).toFixed(2))
        .sort(),
    )
  })

  it('adds up as the pages say: total − reductions + change + postage, and the lines to the whole', async () => {
    for (const { orderId } of sim.ledger.orders()) {
      const answer = await client.call('youzan.trade.get', '4.0.2', { tid: orderId })
      const fen = (doc: unknown, path: string): number => Math.round(Number(of(doc, path)) * 100)
      const pay = (name: string): number => fen(answer, `data.full_order_info.pay_info.${name}`)
      const off = (name: string): number => fen(answer, `data.order_promotion.${name}`)
      expect(pay('payment')).toBe(pay('total_fee') - off('order_discount_fee') - off('item_discount_fee') + off('adjust_fee') + pay('post_fee'))
      const lines = list(answer, 'data.full_order_info.orders')
      expect(lines.reduce<number>((sum, line) => sum + fen(line, 'payment'), 0)).toBe(pay('payment'))
    }
  })

  it('sets a level and the ledger shows it', async () => {
    sim.control.addItem({ title: '茶杯', sku: 'CUP', priceMinor: 990, stock: 5 })
    const items = list(await client.call('youzan.items.onsale.get', '3.0.0', { page_no: 1, page_size: 100 }), 'data.items')
    const item = items.find((each) => of(each, 'item_no') === 'CUP')
    expect(of(item, 'price')).toBe(990)
    const id = of(item, 'item_id')
    expect(await client.call('youzan.item.quantity.update', '3.0.0', { item_id: id, quantity: 17, type: 0 })).toMatchObject({
      data: { is_success: true },
    })
    expect(await client.call('youzan.item.quantity.update', '3.0.0', { item_id: id, quantity: -2, type: 1 })).toMatchObject({
      success: true,
    })
    expect(sim.control.stockOf('CUP')).toBe(15)
    expect(sim.ledger.stockWrites().map((each) => [each.sku, each.from, each.to, each.by])).toEqual([
      ['CUP', 5, 17, 'api'],
      ['CUP', 17, 15, 'api'],
    ])
    expect(await client.call('youzan.item.quantity.update', '3.0.0', { item_id: 1, quantity: 1, type: 0 })).toMatchObject({
      success: false,
      code: 123005001,
    })
  })

  it('sends one line of two, is refused the same one again, and sends the rest', async () => {
    sim.control.addItem({ title: '碟', sku: 'DISH', priceMinor: 990, stock: 5 })
    const placed = sim.control.placeOrder({ lines: ['CUP', 'DISH'].map((sku) => ({ sku, quantity: 2 })) })
    if (!placed.ok) throw new Error(placed.reason)
    const order = () => client.call('youzan.trade.get', '4.0.2', { tid: placed.orderId })
    const oid = text(await order(), 'data.full_order_info.orders.0.oid')
    const carriers = list(await client.call('youzan.logistics.express.get', '3.0.0', {}), 'data.allExpress')
    const company = text(
      carriers.find((each) => of(each, 'name') === '顺丰速运'),
      'id',
    )
    const part = { tid: placed.orderId, out_stype: company, out_sid: 'SF1000000000001', oids: oid }
    expect(await client.call('youzan.logistics.online.confirm', '3.0.0', part)).toMatchObject({ data: { is_success: true } })
    expect(await client.call('youzan.logistics.online.confirm', '3.0.0', part)).toMatchObject({ success: false, code: 102570007 })
    const after = await order()
    expect([of(after, 'data.full_order_info.order_info.status'), of(after, 'data.delivery_order.0.dists.0.express_info')]).toEqual([
      'WAIT_SELLER_SEND_GOODS',
      { express_id: 7, express_no: 'SF1000000000001' },
    ])
    expect(await client.call('youzan.logistics.online.confirm', '3.0.0', { tid: placed.orderId, out_stype: '3', out_sid: 'ZT-2' })).toMatchObject({
      success: true,
    })
    expect(sim.ledger.order(placed.orderId)?.status).toBe('WAIT_BUYER_CONFIRM_GOODS')
  })

  it.each([
    ['no token', '/api/youzan.trade.get/4.0.2', 4201],
    ['an unknown token', '/api/youzan.trade.get/4.0.2?access_token=FAKE_TOKEN_TEST', 4203],
    ['no version', '/api/youzan.trade.get?access_token=x', 4001],
    ['an unknown interface, before the token', '/api/youzan.nonexistent.fake.api/1.0.0', 4005],
    ['an unknown version', '/api/youzan.trade.get/9.9.9', 4005],
  ])('is refused by the gateway for %s', async (_, path, code) => {
    expect(await client.post(path, {})).toMatchObject({ gw_err_resp: { err_code: code, err_msg: expect.any(String), trace_id: expect.any(String) } })
  })

  it('is refused for another content type, a date without its clock, a page too large and a window too long', async () => {
    const day = 86_400_000
    const sold = (given: object) => client.call('youzan.trades.sold.get', '4.0.4', given)
    const window = (from: number, to: number) => ({ start_update: stamp(sim.clock.now() + from), end_update: stamp(sim.clock.now() + to) })
    expect(await client.post(`/api/youzan.trade.get/4.0.2?access_token=${client.token}`, {}, 'text/plain')).toMatchObject({
      gw_err_resp: { err_code: 4007 },
    })
    expect(await sold({ start_update: '2026-11-01', end_update: '2026-11-02' })).toMatchObject({ gw_err_resp: { err_code: 5001 } })
    expect(await sold({ ...window(-day, 0), page_size: 101 })).toMatchObject({ success: false, code: 5000, message: '每页最多显示100条数据' })
    expect(await sold(window(-100 * day, 0))).toMatchObject({ success: false, code: 5000 })
    expect(await sold(window(0, -day))).toMatchObject({ success: false, code: 5000, message: '开始时间不能大于结束时间' })
    expect(await sold(window(0, 8 * day))).toMatchObject({ success: false, code: 106000003 })
    expect(await client.call('youzan.trade.get', '4.0.2', { tid: 'E20000000000000000000000' })).toMatchObject({ success: false, code: 5000 })
    expect(await client.call('youzan.trade.refund.search', '3.0.1', { page_no: 40, page_size: 100 })).toMatchObject({ success: false })
  })

  it('pushes what happens, signed over the bytes, and again until the answer says success', async () => {
    const heard: { readonly body: string; readonly sign: string }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        heard.push({ body: Buffer.concat(chunks).toString('utf8'), sign: String(request.headers['event-sign']) })
        response.end(heard.length === 1 ? '{"code":0,"msg":"failed"}' : '{"code":0,"msg":"success"}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    sim.subscribe?.({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/push`, secret: '' })
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 1 }], unpaid: true })
    await sim.control.webhooksSettled?.()
    server.close()
    expect(heard).toHaveLength(2)
    expect(heard[1]).toEqual(heard[0])
    const { body, sign } = heard[0] ?? { body: '{}', sign: '' }
    expect(sign).toBe(createHash('md5').update(`sandboxclient0001${body}sandbox-client-secret-0001`).digest('hex'))
    const doc: unknown = JSON.parse(body)
    expect(doc).toMatchObject({ type: 'trade_TradeCreate', kdt_id: 187395218, test: false, id: placed.ok ? placed.orderId : '' })
    expect(text(JSON.parse(decodeURIComponent(text(doc, 'msg'))), 'full_order_info.order_info.tid')).toBe(of(doc, 'id'))
  })

  it('decrypts texts of this shop, each told under what was sent, hands clear ones back and fails on others', async () => {
    const placed = sim.control.shop()
    const order = await client.call('youzan.trade.get', '4.0.2', { tid: placed.ok ? placed.orderId : '' })
    const address = 'data.full_order_info.address_info'
    const sources = ['receiver_name', 'receiver_tel', 'delivery_address'].map((name) => text(order, `${address}.${name}`))
    const decrypt = (list: readonly string[]): Promise<unknown> => client.call('youzan.cloud.secret.decrypt.batch', '1.0.0', { sources: list })
    const told = of(await decrypt([...sources, '13800138000']), 'data')
    expect(Object.keys(Object(told))).toEqual(expect.arrayContaining([...sources, '13800138000']))
    for (const source of sources) expect(Reflect.get(Object(told), source)).toMatch(/^[^$*]+$/)
    expect(Reflect.get(Object(told), '13800138000')).toBe('13800138000')
    expect(await decrypt([''])).toMatchObject({ success: false, code: 10500 })
    expect(await decrypt(['$b3RoZXIga2V5$1$'])).toMatchObject({ success: false, code: 141502001 })
  })
})
