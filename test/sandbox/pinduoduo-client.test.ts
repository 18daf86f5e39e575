import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'

/** A public client of the gateway (npm `pdd-sdk`); it signs by itself and posts one JSON object. Its address is fixed, so the pool it posts through is told another. */
interface PddClient {
  execute(api: string, parameters: object): Promise<unknown>
}
const require = createRequire(import.meta.url)
const { default: Client } = require('pdd-sdk') as {
  default: new (options: { readonly clientId: string; readonly clientSecret: string }) => PddClient
}
const { default: pool } = require('pdd-sdk/dist/request_utils') as { default: { readonly defaults: { baseURL: string } } }

let sandbox: Sandbox
let sim: MarketSim

const clientOf = (clientSecret = 'sandbox-client-secret'): PddClient => new Client({ clientId: 'sandbox-client-0001', clientSecret })

const run = async (api: string, parameters: object, client = clientOf()): Promise<Record<string, unknown>> => {
  const answer = await client.execute(api, { data_type: 'JSON', access_token: sim.credentials['accessToken'], ...parameters })
  return Object(Object.values(Object(answer) as object)[0]) as Record<string, unknown>
}
const refusal = (code: number, sub: string | null): object => ({ error_response: { error_code: code, sub_code: sub } })

beforeAll(async () => {
  sim = createPinduoduo()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.019)
  sandbox = await start({ shops: [{ name: 'pdd-1', sim }] })
  pool.defaults.baseURL = `${sandbox.shops[0]?.url ?? ''}/api/router`
})
afterAll(() => sandbox.stop())

describe('a public client against the simulated gateway', () => {
  it('reads every order of half an hour over pages, last page first', async () => {
    const end = Math.ceil(sim.clock.now() / 1000)
    const read = (page: number, use_has_next: boolean) =>
      run('pdd.order.number.list.increment.get', {
        start_updated_at: end - 1800,
        end_updated_at: end,
        order_status: 5,
        refund_status: 5,
        is_lucky_flag: 0,
        page,
        page_size: 40,
        use_has_next,
      })
    const total = Number((await read(1, false))['total_count'])
    const seen: string[] = []
    for (let page = Math.ceil(total / 40); page >= 1; page--) {
      const { order_sn_list, has_next } = (await read(page, true)) as { order_sn_list: readonly { pay_amount: number }[]; has_next: boolean }
      expect(has_next).toBe(page < Math.ceil(total / 40))
      seen.push(...order_sn_list.map((order) => order.pay_amount.toFixed(2)))
    }
    expect(total).toBe(130)
    const truths = sim.ledger.orders().map((truth) => (truth.totalMinor / 100).toFixed(2))
    expect(seen.sort()).toEqual(truths.sort())
  })

  it('is refused a window of more than half an hour', async () => {
    const window = { start_updated_at: 1_700_000_000, end_updated_at: 1_700_001_801, order_status: 5, refund_status: 5, is_lucky_flag: 0 }
    await expect(run('pdd.order.number.list.increment.get', window)).rejects.toMatchObject(refusal(21001, '21001'))
  })

  it('sets a level and the ledger shows it', async () => {
    sim.control.addItem({ title: '茶杯', sku: 'CUP', priceMinor: 990, stock: 5 })
    const { goods_list } = (await run('pdd.goods.list.get', { page: 1, page_size: 100 })) as {
      goods_list: readonly { goods_id: number; sku_list: readonly { sku_id: number; outer_id: string }[] }[]
    }
    const goods = goods_list.find(({ sku_list }) => sku_list.some(({ outer_id }) => outer_id === 'CUP'))
    const level = { goods_id: goods?.goods_id, sku_id: goods?.sku_list[0]?.sku_id, quantity: 17, update_type: 1 }
    expect(await run('pdd.goods.quantity.update', level)).toMatchObject({ is_success: true })
    expect(sim.control.stockOf('CUP')).toBe(17)
    expect(sim.ledger.stockWrites().at(-1)).toMatchObject({ sku: 'CUP', from: 5, to: 17, by: 'api' })
  })

  it('sends an order once, adds the number of a second package, and is refused to send it again', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 2 }] })
    const order_sn = placed.ok ? placed.orderId : ''
    const send = { order_sn, logistics_id: 44, tracking_number: 'SF1234567890123' }
    expect(await run('pdd.logistics.online.send', send)).toMatchObject({ is_success: true })
    expect(sim.ledger.order(order_sn)).toMatchObject({ status: 'order_status=2', lines: [{ shippedQuantity: 2 }] })
    await expect(run('pdd.logistics.online.send', send)).rejects.toMatchObject(refusal(50001, '45015'))
    const track = { order_sn, extra_track_type: 1, extra_track_list: [{ shipping_id: 85, tracking_number: 'YT0000000000001' }] }
    expect(await run('pdd.order.upload.extra.logistics', track)).toMatchObject({ success: true })
    expect(await run('pdd.order.information.get', { order_sn })).toMatchObject({
      order_info: { tracking_number: 'SF1234567890123', extra_delivery_list: [{ logistics_id: 85, tracking_number: 'YT0000000000001' }] },
    })
  })

  it('is turned away with another secret, another token, and for an order of nobody', async () => {
    await expect(run('pdd.goods.list.get', {}, clientOf('another secret'))).rejects.toMatchObject(refusal(20004, '20004'))
    await expect(run('pdd.goods.list.get', { access_token: 'another token' })).rejects.toMatchObject(refusal(10019, '10019'))
    await expect(run('pdd.order.information.get', { order_sn: '250601-000000000000000' })).rejects.toMatchObject(refusal(50001, '45001'))
  })

  it('decrypts what an order shows while it waits, each text on its own and with its own order alone', async () => {
    const placed = [sim.control.shop(), sim.control.shop()].map((one) => (one.ok ? one.orderId : ''))
    const texts = placed.map(async (order_sn) => {
      const { order_info } = (await run('pdd.order.information.get', { order_sn })) as { order_info: Record<string, string> }
      return ['receiver_name', 'receiver_phone', 'receiver_address'].map((name) => ({ data_tag: order_sn, encrypted_data: order_info[name] ?? '' }))
    })
    const [mine = [], others = []] = await Promise.all(texts)
    const decrypt = (data_list: readonly object[]) => run('pdd.open.decrypt.batch', { data_list: JSON.stringify(data_list) })
    expect(await decrypt(mine)).toMatchObject({
      data_decrypt_list: [5, 6, 8].map((data_type) => ({ data_type, error_code: 0, decrypted_data: expect.stringMatching(/^[^~$*]+$/) })),
    })
    const [stranger] = others.map(({ encrypted_data }) => ({ data_tag: placed[0], encrypted_data }))
    expect(await decrypt([mine[0] ?? {}, stranger ?? {}])).toMatchObject({
      data_decrypt_list: [{ error_code: 0 }, { error_code: 10, decrypted_data: '' }],
    })
    sim.control.ship(placed[0] ?? '')
    expect(await decrypt(mine.slice(0, 1))).toMatchObject({ data_decrypt_list: [{ error_code: 10 }] })
    await expect(decrypt([])).rejects.toMatchObject(refusal(21001, '21001'))
  })
})
