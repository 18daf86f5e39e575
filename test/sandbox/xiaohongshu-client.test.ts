import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createXiaohongshu } from '../../sandbox/xiaohongshu/index.ts'

/** A member by its path: "data.items.0.price". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const text = (doc: unknown, path: string): string => String(of(doc, path))
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

/** A client as PyPI `xiaohongshu-ecommerce` writes one: one flat object, of which four members are signed. */
class Client {
  readonly url: string
  readonly now: () => number
  token = 'token-sandbox-0001'
  secret = 'sandbox-app-secret-0001'
  constructor(url: string, now: () => number) {
    this.url = url
    this.now = now
  }
  async call(method: string, given: object = {}): Promise<unknown> {
    const system = { appId: 'sandbox-app-0001', timestamp: String(Math.floor(this.now() / 1000)), version: '2.0' }
    const query = Object.entries(system)
      .map(([name, value]) => `${name}=${value}`)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .join('&')
    const sign = createHash('md5').update(`${method}?${query}${this.secret}`).digest('hex')
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ method, ...system, sign, accessToken: this.token, ...given }),
    })
    if (response.status !== 200) throw new Error(`The platform answered ${response.status}.`)
    return response.json()
  }
}

let sandbox: Sandbox
let sim: MarketSim
let client: Client
beforeAll(async () => {
  sim = createXiaohongshu()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'xhs-1', sim }] })
  client = new Client(`${sandbox.shops[0]?.url ?? ''}/ark/open_api/v3/common_controller`, () => sim.clock.now())
})
afterAll(() => sandbox.stop())

const seconds = (): number => Math.ceil(sim.clock.now() / 1000)

describe('a client written after the vendor’s pages against the simulated platform', () => {
  it('reads every order of a day over pages, each with goods, money and nothing of its buyer', async () => {
    const window = { startTime: seconds() - 86_399, endTime: seconds() + 1, timeType: 1, pageSize: 30 }
    const first = await client.call('order.getOrderList', { ...window, pageNo: 1 })
    const pages = Number(text(first, 'data.maxPageNo'))
    expect(pages).toBeGreaterThan(3)
    const seen: string[] = []
    for (let page = pages; page >= 1; page -= 1)
      seen.push(
        ...list(await client.call('order.getOrderList', { ...window, pageNo: page }), 'data.orderList').map((order) => text(order, 'orderId')),
      )
    expect(seen.sort()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
    const truth = sim.ledger.order(seen[0] ?? '')
    const detail = await client.call('order.getOrderDetail', { orderId: seen[0] })
    expect(of(detail, 'data.totalPayAmount')).toBe(truth?.totalMinor)
    expect(list(detail, 'data.skuList').map((line) => of(line, 'totalPaidAmount'))).toEqual(truth?.lines.map(({ totalMinor }) => totalMinor))
    expect(of(detail, 'data.receiverName')).toBe('')
  })

  it('is told what is wrong with a window, a page, a signature, a token, an order', async () => {
    const orders = (more: object) => client.call('order.getOrderList', { startTime: seconds() - 1800, endTime: seconds(), timeType: 2, ...more })
    expect(await orders({})).toMatchObject({ success: true, error_code: 0 })
    for (const wrong of [{ startTime: seconds() - 1801 }, { timeType: 3 }, { pageSize: 101 }, { pageNo: 101 }, { endTime: 0 }])
      expect([wrong, await orders(wrong)]).toMatchObject([wrong, { success: false, error_code: -2000400 }])
    const stranger = new Client(client.url, client.now)
    stranger.secret = 'another'
    expect(await stranger.call('order.getOrderDetail', { orderId: 'P1' })).toMatchObject({ success: false, error_msg: '签名错误' })
    stranger.secret = client.secret
    stranger.token = 'gone'
    expect(await stranger.call('order.getOrderDetail', { orderId: 'P1' })).toMatchObject({ success: false, error_code: 401 })
    expect(await client.call('order.getOrderDetail', { orderId: 'P1' })).toMatchObject({ error_code: -2000101 })
  })

  it('sets the whole of a SKU, of which unpaid orders hold a part', async () => {
    sim.control.addItem({ title: '壶', sku: 'POT', priceMinor: 1990, stock: 20 })
    const rows = await client.call('product.getDetailSkuList', { pageNo: 1, pageSize: 50 })
    const sku = of(list(rows, 'data.data').at(-1), 'sku')
    const [skuId, code] = [text(sku, 'id'), text(sku, 'erpCode')]
    expect(await client.call('inventory.syncSkuStock', { skuId, qty: 40 })).toMatchObject({
      data: { skuStock: { total: 40 }, response: { success: true } },
    })
    sim.control.placeOrder({ lines: [{ sku: code, quantity: 3 }], unpaid: true })
    const shown = await client.call('inventory.getSkuStockV2', { skuId })
    expect(of(shown, 'data.data.skuStockInfo.skuStockInfo')).toMatchObject({ total: 40, available: 37, occupiedQuantity: 3 })
    expect(await client.call('inventory.syncSkuStock', { skuId, qty: -1 })).toMatchObject({ success: false })
    expect(await client.call('inventory.syncSkuStock', { skuId: 'ffff', qty: 1 })).toMatchObject({ success: false, error_msg: '规格不存在' })
  })

  it('sends by SKU, and is refused a carrier that is none and an order that has left', async () => {
    for (const sku of ['A', 'B']) sim.control.addItem({ title: sku, sku, priceMinor: 1990, stock: 20 })
    const placed = sim.control.shop(['A', 'B'].map((sku) => ({ sku, quantity: 2 })))
    const orderId = placed.ok ? placed.orderId : ''
    const skuIds = (sim.ledger.order(orderId)?.lines ?? []).map(({ lineId }) => lineId)
    const deliver = (more: object) => client.call('order.orderDeliver', { orderId, expressNo: 'SF1', expressCompanyCode: 'shunfeng', ...more })
    expect(await deliver({ expressCompanyCode: 'pigeon' })).toMatchObject({ success: false })
    expect(await deliver({ unpack: true })).toMatchObject({ success: false })
    expect(await deliver({ unpack: true, skuIdList: [skuIds[0]] })).toMatchObject({ success: true })
    const half = await client.call('order.getOrderDetail', { orderId })
    expect([of(half, 'data.orderStatus'), of(half, 'data.unpack'), list(half, 'data.simpleDeliveryOrderList').length]).toEqual([5, true, 2])
    expect(await deliver({ unpack: true, skuIdList: [skuIds[1]], expressNo: 'SF2' })).toMatchObject({ success: true })
    expect(await deliver({})).toMatchObject({ success: false })
    expect(of(await client.call('order.getOrderDetail', { orderId }), 'data.orderStatus')).toBe(6)
  })

  it('gives the pair of now while it is fresh, and a new one when it is not', async () => {
    const first = await client.call('oauth.refreshToken', { refreshToken: 'refresh-sandbox-0001' })
    expect(of(first, 'data.accessToken')).toBe('token-sandbox-0001')
    sim.control.expireTokens()
    expect(await client.call('product.getDetailSkuList')).toMatchObject({ error_code: 401 })
    const second = await client.call('oauth.refreshToken', { refreshToken: 'refresh-sandbox-0001' })
    client.token = text(second, 'data.accessToken')
    expect(await client.call('product.getDetailSkuList')).toMatchObject({ success: true })
    expect(await client.call('oauth.refreshToken', { refreshToken: 'refresh-sandbox-0001' })).toMatchObject({ error_code: 401 })
  })
})
