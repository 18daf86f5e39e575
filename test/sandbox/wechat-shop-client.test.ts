import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createWechatShop } from '../../sandbox/wechat-shop/index.ts'

type Json = Readonly<Record<string, unknown>>

/** As the channel's pages say it, and nothing of the hub: no client of these interfaces is published for Node. */
let sandbox: Sandbox
let token = ''
const sim = createWechatShop()
const post = async (path: string, body: unknown): Promise<Json> => {
  const response = await fetch(`${sandbox.shops[0]?.url ?? ''}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return Object(await response.json()) as Json
}
const call = (path: string, body: unknown, by = token): Promise<Json> => post(`/channels/ec/${path}?access_token=${by}`, body)
const now = (): number => Math.floor(sim.clock.now() / 1000)
/** A token lives for two hours. */
const freshToken = async (): Promise<string> => {
  const { appId, appSecret } = sim.credentials
  return String((await post('/cgi-bin/stable_token', { grant_type: 'client_credential', appid: appId, secret: appSecret }))['access_token'])
}

beforeAll(async () => {
  sim.control.seedProducts(40)
  sim.control.seedOrders(60, 2)
  sandbox = await start({ shops: [{ name: 'wechat-1', sim }] })
  token = await freshToken()
})
afterAll(() => sandbox.stop())

describe('the simulated gateway, called by the channel’s pages', () => {
  it('hands out the token of now with what is left of its life, and a new one when forced', async () => {
    const { appId, appSecret } = sim.credentials
    const ask = (more: Json = {}) => post('/cgi-bin/stable_token', { grant_type: 'client_credential', appid: appId, secret: appSecret, ...more })
    sim.clock.advance(60_000)
    expect(await ask()).toMatchObject({ access_token: token, expires_in: expect.any(Number) })
    expect((await ask())['expires_in']).toBeLessThanOrEqual(7140)
    const forced = String((await ask({ force_refresh: true }))['access_token'])
    expect(forced).not.toBe(token)
    expect(await call('order/get', { order_id: '1' })).toMatchObject({ errcode: 40001 })
    token = forced
    expect(await ask({ secret: 'other' })).toMatchObject({ errcode: 40125 })
    expect(await ask({ appid: 'other' })).toMatchObject({ errcode: 40013 })
    expect(await call('order/get', { order_id: '1' }, '')).toMatchObject({ errcode: 41001 })
  })

  it('lists every order of some days over pages, and shows each in full', async () => {
    const range = { update_time_range: { start_time: now() - 259_200, end_time: now() }, page_size: 17 }
    const ids: string[] = []
    let [key, pages] = [{}, 0]
    for (let more = true; more; pages += 1) {
      const page = await call('order/list/get', { ...range, ...key })
      ids.push(...(page['order_id_list'] as readonly string[]))
      key = { next_key: page['next_key'] }
      more = page['has_more'] === true
    }
    expect(pages).toBe(4)
    expect([...ids].sort()).toEqual(
      sim.ledger
        .orders()
        .map((truth) => truth.orderId)
        .sort(),
    )
    for (const id of ids.slice(0, 20)) {
      const { order } = (await call('order/get', { order_id: id })) as {
        order: { status: number; order_detail: { price_info: { order_price: number } } }
      }
      expect([String(order.status), order.order_detail.price_info.order_price]).toEqual([
        sim.ledger.order(id)?.status,
        sim.ledger.order(id)?.totalMinor,
      ])
    }
    expect(await call('order/list/get', { ...range, next_key: 'foreign' })).toMatchObject({ errcode: 606006 })
    expect(await call('order/list/get', { update_time_range: { start_time: now() - 700_000, end_time: now() } })).toMatchObject({ errcode: 40097 })
    expect(await call('order/get', { order_id: '1' })).toMatchObject({ errcode: 100002 })
    expect(await call('order/get', 'order_id=1')).toMatchObject({ errcode: 47001 })
  })

  it('sets a level, and refuses one of a product nobody has', async () => {
    const [id] = (await call('product/list/get', { page_size: 1 }))['product_ids'] as readonly string[]
    const { product } = (await call('product/get', { product_id: id, data_type: 1 })) as {
      product: { skus: readonly { sku_id: string; sku_code: string }[] }
    }
    const [sku] = product.skus
    expect(await call('product/stock/update', { product_id: id, sku_id: sku?.sku_id, diff_type: 3, num: 17 })).toMatchObject({ errcode: 0 })
    expect(sim.control.stockOf(sku?.sku_code ?? '')).toBe(17)
    expect(await call('product/stock/update', { product_id: id, sku_id: sku?.sku_id, diff_type: 2, num: 18 })).toMatchObject({ errcode: 10020219 })
    expect(await call('product/stock/update', { product_id: '1', sku_id: '1', diff_type: 3, num: 1 })).toMatchObject({ errcode: 10020052 })
  })

  it('sends an order piece by piece, and no piece twice', async () => {
    sim.control.addItem({ title: '杯', sku: 'CUP', priceMinor: 990, stock: 50 })
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 3 }] })
    const order_id = placed.ok ? placed.orderId : ''
    const [product_id, sku_id] = (sim.ledger.order(order_id)?.lines[0]?.lineId ?? '').split(':')
    const parcel = (waybill_id: string, product_cnt: number): unknown => ({
      order_id,
      delivery_list: [{ delivery_id: 'SF', waybill_id, deliver_type: 1, product_infos: [{ product_id, sku_id, product_cnt }] }],
    })
    expect(await call('order/delivery/send', parcel('SF1', 1))).toMatchObject({ errcode: 0 })
    expect(sim.ledger.order(order_id)?.status).toBe('21')
    expect(await call('order/delivery/send', parcel('SF2', 3))).toMatchObject({ errcode: 101100 })
    expect(await call('order/delivery/send', parcel('SF2', 2))).toMatchObject({ errcode: 0 })
    expect(sim.ledger.order(order_id)).toMatchObject({ status: '30', lines: [{ shippedQuantity: 3 }] })
    expect(await call('order/delivery/send', parcel('SF3', 1))).toMatchObject({ errcode: 101100 })
  })

  it('tells the recipient of a paid order whole, thirty orders a day, the same one as often as asked', async () => {
    const place = (unpaid = false): string => {
      const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 1 }], ...(unpaid ? { unpaid } : {}) })
      return placed.ok ? placed.orderId : ''
    }
    const decode = (order_id: string): Promise<Json> => call('order/sensitiveinfo/decode', { order_id })
    expect(await decode('1')).toMatchObject({ errcode: 100002 })
    expect(await decode(place(true))).toMatchObject({ errcode: 101100 })
    const ids = Array.from({ length: 31 }, () => place())
    const told: Json[] = []
    for (const id of ids.slice(0, 30)) told.push(await decode(id))
    for (const one of told) {
      expect(one).toMatchObject({
        errcode: 0,
        address_info: { user_name: expect.not.stringContaining('*'), detail_info: expect.not.stringContaining('*') },
      })
      const { tel_number } = Object(one['address_info']) as Json
      expect(String(tel_number).includes('*')).toBe(one['virtual_number_info'] !== undefined)
    }
    expect(new Set(told.map((one) => one['virtual_number_info'] === undefined)).size).toBe(2)
    expect(await decode(ids[0] ?? '')).toMatchObject({ errcode: 0, address_info: told[0]?.['address_info'] })
    expect(await decode(ids[30] ?? '')).toMatchObject({ errcode: 100105 })
    sim.clock.advance(86_400_000)
    expect(await call('order/sensitiveinfo/decode', { order_id: ids[30] }, await freshToken())).toMatchObject({ errcode: 0 })
  })
})
