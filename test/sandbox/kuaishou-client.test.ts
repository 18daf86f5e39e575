import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createKuaishou } from '../../sandbox/kuaishou/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'

/** A member by its path: "data.items.0.price". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const text = (doc: unknown, path: string): string => String(of(doc, path))
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

/** A client as PyPI `ks-shop-python-sdk` and the vendor's page write one: everything signed, GET in the address, the parameters of a POST in its body. */
class Client {
  readonly base: string
  readonly now: () => number
  token = 'ChFvYXV0aC5hY2Nlc3NUb2tlbhsandbox0001'
  secret = 'sandbox-sign-secret-0001'
  constructor(base: string, now: () => number) {
    this.base = base
    this.now = now
  }
  async call(verb: 'GET' | 'POST', method: string, param: unknown, signMethod = 'MD5'): Promise<unknown> {
    const all: Record<string, string> = {
      appkey: 'ks600000000000000001',
      version: '1',
      method,
      timestamp: String(this.now()),
      access_token: this.token,
      signMethod,
      param: JSON.stringify(param),
    }
    const sorted = Object.keys(all).sort()
    const joined = `${sorted.map((name) => `${name}=${all[name] ?? ''}`).join('&')}&signSecret=${this.secret}`
    const md5 = createHash('md5').update(joined).digest('hex')
    all['sign'] = signMethod === 'MD5' ? md5 : createHmac('sha256', this.secret).update(joined).digest('base64')
    const { param: own = '', ...system } = all
    const query = new URLSearchParams(verb === 'GET' ? all : system)
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const init = verb === 'GET' ? {} : { method: 'POST', headers: type, body: new URLSearchParams({ param: own }) }
    const response = await fetch(`${this.base}/${method.replaceAll('.', '/')}?${query.toString()}`, init)
    if (response.status !== 200) throw new Error(`The platform answered ${response.status}.`)
    return response.json()
  }
  async refresh(refreshToken: string): Promise<unknown> {
    const form = { app_id: 'ks600000000000000001', app_secret: 'sandbox-app-secret-0001', grant_type: 'refresh_token', refresh_token: refreshToken }
    return (await fetch(`${this.base}/oauth2/refresh_token`, { method: 'POST', body: new URLSearchParams(form) })).json()
  }
}

let sandbox: Sandbox
let sim: MarketSim
let client: Client
beforeAll(async () => {
  sim = createKuaishou()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'ks-1', sim }] })
  client = new Client(sandbox.shops[0]?.url ?? '', () => sim.clock.now())
})
afterAll(() => sandbox.stop())

const window = (days: number) => ({ beginTime: sim.clock.now() - days * 86_400_000, endTime: sim.clock.now() + 1000 })

describe('a client written after the vendor’s pages against the simulated platform', () => {
  it('reads every order over pages, by either signature, each with one item', async () => {
    const seen: string[] = []
    let pages = 0
    for (let cursor = ''; cursor !== 'nomore'; pages += 1) {
      const param = { orderViewStatus: 1, pageSize: 40, sort: 2, queryType: 2, cpsType: 0, cursor, ...window(6) }
      const answer = await client.call('GET', 'open.order.cursor.list', param, pages % 2 === 0 ? 'MD5' : 'HMAC_SHA256')
      seen.push(...list(answer, 'data.orderList').map((order) => text(order, 'orderBaseInfo.oid')))
      cursor = text(answer, 'data.cursor')
    }
    expect(pages).toBeGreaterThan(3)
    expect(seen.sort()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
    const detail = await client.call('GET', 'open.order.detail', { oid: Number(seen[0]) })
    expect(of(detail, 'data.orderItemInfo.num')).toBe(sim.ledger.order(seen[0] ?? '')?.lines[0]?.quantity)
  })

  it('is told what is wrong with a window, a signature, a token, an order of another shop', async () => {
    const orders = (more: object) =>
      client.call('GET', 'open.order.cursor.list', { orderViewStatus: 1, pageSize: 50, cursor: '', ...window(1), ...more })
    expect(await orders({ beginTime: sim.clock.now() - 8 * 86_400_000 })).toMatchObject({ result: 300004 })
    expect(await orders({ beginTime: sim.clock.now() - 91 * 86_400_000, endTime: sim.clock.now() - 90 * 86_400_000 })).toMatchObject({
      result: 300005,
    })
    expect(await orders({ endTime: 0 })).toMatchObject({ result: 2001, sub_msg: 'endTime无效' })
    expect(await orders({ pageSize: 51 })).toMatchObject({ result: 2001 })
    const stranger = new Client(client.base, client.now)
    stranger.secret = 'another'
    expect(await stranger.call('GET', 'open.order.detail', { oid: 1 })).toMatchObject({ result: 28, error_msg: '签名校验失败' })
    stranger.secret = client.secret
    stranger.token = 'gone'
    expect(await stranger.call('GET', 'open.order.detail', { oid: 1 })).toMatchObject({ result: 24, error_msg: 'AUTHORIZATION_REVOKED' })
    expect(await client.call('GET', 'open.order.detail', { oid: 1 })).toMatchObject({ result: 21, error_msg: 'order operation reject' })
    const refunds = { type: 9, pageSize: 10, currentPage: 1, pcursor: '', ...window(2) }
    expect(await client.call('GET', 'open.seller.order.refund.pcursor.list', refunds)).toMatchObject({ result: 300019 })
  })

  it('adds to stock and takes from it, never below nothing', async () => {
    const items = await client.call('GET', 'open.item.list.get', { itemStatus: 1, pageNumber: 1, pageSize: 10 })
    const [item] = list(items, 'data.items')
    const sku = of(item, 'skuList.0')
    const before = Number(text(sku, 'skuStock'))
    const change = (skuChangeStock: number, changeType: number) =>
      client.call('POST', 'open.item.sku.stock.update', {
        kwaiItemId: of(item, 'kwaiItemId'),
        skuId: of(sku, 'kwaiSkuId'),
        skuChangeStock,
        changeType,
      })
    expect(await change(8, 1)).toMatchObject({ result: 1 })
    expect(await change(3, 2)).toMatchObject({ result: 1 })
    expect(await change(before + 6, 2)).toMatchObject({ result: 21, error_msg: '当前库存不足，请减少预留数量' })
    expect(await change(0, 1)).toMatchObject({ result: 2001 })
    const again = await client.call('GET', 'open.item.get', { kwaiItemId: of(item, 'kwaiItemId') })
    expect(of(again, 'data.skuInfos.0.skuStock')).toBe(before + 5)
    expect(sim.control.stockOf(text(sku, 'skuNick'))).toBe(before + 5)
  })

  it('sends in parts, and is refused a carrier that is none and an order that has left', async () => {
    const sku = sim.ledger.orders()[0]?.lines[0]?.sku ?? ''
    sim.control.setStock(sku, 50)
    const placed = sim.control.shop([{ sku, quantity: 2 }])
    const oid = Number(placed.ok ? placed.orderId : 0)
    const deliver = (expressCode: unknown) => client.call('POST', 'open.seller.order.goods.deliver', { orderId: oid, expressCode, expressNo: 'SF9' })
    expect(await deliver(777)).toMatchObject({ result: 11 })
    const split = (deliveryNum: number, confirmDeliveryStatus: number, expressNo: string) =>
      client.call('POST', 'open.order.goods.split.deliver', {
        mainOrderId: oid,
        deliveryItemInfoList: [{ deliveryGoodsInfoList: [{ oid, deliveryNum }], expressCode: 4, expressNo }],
        deliveryStatus: [{ oid, confirmDeliveryStatus }],
      })
    expect(await split(1, 10, 'SF1')).toMatchObject({ result: 1 })
    expect(await split(1, 40, 'SF2')).toMatchObject({ result: 1 })
    expect(await deliver(4)).toMatchObject({ result: 21 })
    const detail = await client.call('GET', 'open.order.detail', { oid })
    expect([of(detail, 'data.orderBaseInfo.status'), of(detail, 'data.orderDeliveryInfo.deliveryNum')]).toEqual([40, 2])
    expect(list(detail, 'data.orderLogisticsInfo').map((each) => of(each, 'expressNo'))).toEqual(['SF1', 'SF2'])
  })

  it('spends a refresh token for the next pair, and the old access token ends', async () => {
    const first = await client.refresh('ChJvYXV0aC5yZWZyZXNoVG9rZW4sandbox0001')
    expect(first).toMatchObject({ result: 1 })
    // Two days in whole seconds, a part of which may have gone by.
    expect([172_799, 172_800]).toContain(Number(text(first, 'expires_in')))
    expect(await client.refresh('ChJvYXV0aC5yZWZyZXNoVG9rZW4sandbox0001')).toMatchObject({ result: 100200102, error_msg: 'refreshToken.discarded' })
    expect(await client.call('GET', 'open.item.list.get', { pageNumber: 1, pageSize: 10 })).toMatchObject({ result: 24 })
    client.token = text(first, 'access_token')
    expect(await client.call('GET', 'open.item.list.get', { pageNumber: 1, pageSize: 10 })).toMatchObject({ result: 1 })
  })

  it('hears of an order in a message only the app’s key opens, until it answers with result 1', async () => {
    const heard: string[] = []
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        heard.push(Buffer.concat(parts).toString())
        response.end(heard.length === 1 ? '{"result":0}' : '{"result":1}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      sim.subscribe?.({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, secret: '' })
      const placed = sim.control.shop()
      await sim.control.webhooksSettled?.()
      expect(heard.length).toBeGreaterThanOrEqual(3)
      const open = (body: string): unknown => {
        const decipher = createDecipheriv('aes-128-cbc', Buffer.from('c2FuZGJveC1tZXNzYWdlLQ==', 'base64'), Buffer.alloc(16))
        return JSON.parse(Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()]).toString())
      }
      expect(heard.map((body) => text(open(body), 'bizId'))).toContain(placed.ok ? placed.orderId : '')
      expect(open(heard[0] ?? '')).toMatchObject({ appKey: 'ks600000000000000001', event: 'kwaishop_order_addOrder' })
    } finally {
      server.close()
    }
  })

  it('decrypts the texts of an order, told beside the result and each on its own', async () => {
    const placed = sim.control.shop()
    const bizId = placed.ok ? placed.orderId : ''
    const order = await client.call('GET', 'open.order.detail', { oid: Number(bizId) })
    const texts = ['encryptedConsignee', 'encryptedMobile', 'encryptedAddress'].map((name) => text(order, `data.orderAddress.${name}`))
    const decrypt = (id: string) =>
      client.call('POST', 'open.order.decrypt.batch', { batchDecryptList: texts.map((encryptedData) => ({ encryptedData, bizId: id })) })
    const opened = list(await decrypt(bizId), 'batchDecryptResultList')
    expect(opened).toMatchObject(
      texts.map((encryptedData) => ({ encryptedData, bizId, errorCode: 1, decryptedData: expect.stringMatching(/^[^#*]+$/) })),
    )
    expect(list(await decrypt('1'), 'batchDecryptResultList').map((each) => of(each, 'errorCode'))).toEqual([802003, 802003, 802003])
    expect(await client.call('POST', 'open.order.decrypt.batch', { batchDecryptList: [] })).toMatchObject({ result: 2001 })
  })
})
