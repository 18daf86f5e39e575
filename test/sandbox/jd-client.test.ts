import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createJd, type JdSim } from '../../sandbox/jd/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'

/**
 * A client as the vendor's own SDKs are (github.com/yjm123456/fx.amiya.api src/JDSDK/DefaultJdClient.cs with isJava, npm
 * `jos`): system parameters in the address, the business parameters alone in the form, a stamp with milliseconds and zone,
 * and every value of the JSON as text. Neither can be installed here: the first is not for Node, the second cannot make
 * two calls.
 */
async function run(method: string, parameters: Readonly<Record<string, unknown>>, change: { secret?: string; token?: string } = {}): Promise<Json> {
  const json = JSON.stringify(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)])))
  const system: Record<string, string> = {
    method,
    app_key: sim.credentials['appKey'] ?? '',
    access_token: change.token ?? sim.credentials['accessToken'] ?? '',
    v: '2.0',
    timestamp: `${new Date(sim.clock.now() + 28_800_000).toISOString().slice(0, 23).replace('T', ' ')}+0800`,
  }
  const secret = change.secret ?? sim.credentials['appSecret'] ?? ''
  const sorted = Object.entries({ ...system, '360buy_param_json': json }).sort(([a], [b]) => (a < b ? -1 : 1))
  const sign = createHash('md5')
    .update(secret + sorted.map(([name, value]) => name + value).join('') + secret, 'utf8')
    .digest('hex')
    .toUpperCase()
  const answer = await fetch(`${sandbox.shops[0]?.url ?? ''}/routerjson?${new URLSearchParams({ ...system, sign }).toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `360buy_param_json=${encodeURIComponent(json)}`,
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Json
}
type Json = Readonly<Record<string, never>>

let sandbox: Sandbox
let sim: JdSim
const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')
const inside = (answer: Json, method: string) => answer[`${method.replaceAll('.', '_')}_responce`] as unknown
const SEARCH = 'jingdong.pop.order.enSearch'
const searched = (change: Readonly<Record<string, unknown>> = {}) => ({
  start_date: stamp(sim.clock.now() - 86_000_000),
  end_date: stamp(sim.clock.now()),
  order_state: 'WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,FINISHED_L,TRADE_CANCELED,LOCKED',
  optional_fields: 'orderId,orderPayment,balanceUsed,modified',
  page: 1,
  page_size: 40,
  sortType: 1,
  dateType: 0,
  ...change,
})

beforeAll(async () => {
  sim = createJd()
  sim.control.seedProducts(12)
  sim.control.seedOrders(150, 0.9)
  sandbox = await start({ shops: [{ name: 'jd-1', sim }] })
})
afterAll(() => sandbox.stop())

describe('a client made like the vendor’s against the simulated gateway', () => {
  it('reads every order of a day over pages, newest first', async () => {
    const read = async (page: number) =>
      (
        inside(await run(SEARCH, searched({ page })), SEARCH) as {
          searchorderinfo_result: {
            orderTotal: number
            orderInfoList: { orderId: string; orderPayment: string; balanceUsed: string; modified: string }[]
          }
        }
      ).searchorderinfo_result
    const { orderTotal } = await read(1)
    expect(orderTotal).toBeGreaterThan(120)
    const seen = []
    for (let page = 1; page <= Math.ceil(orderTotal / 40); page++) seen.push(...(await read(page)).orderInfoList)
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual(['balanceUsed', 'modified', 'orderId', 'orderPayment'])
    expect(seen.map(({ modified }) => modified)).toEqual([...seen.map(({ modified }) => modified)].sort().reverse())
    const paid = seen.map(({ orderId, orderPayment, balanceUsed }) => [
      orderId,
      Math.round(Number(orderPayment) * 100) + Math.round(Number(balanceUsed) * 100),
    ])
    expect(Object.fromEntries(paid)).toEqual(Object.fromEntries(sim.ledger.orders().map(({ orderId, totalMinor }) => [orderId, totalMinor])))
  })

  it('sets a level and the ledger shows it', async () => {
    sim.control.addItem({ title: '茶杯', sku: 'CUP', priceMinor: 990, stock: 5 })
    const list = inside(
      await run('jingdong.sku.read.searchSkuList', { pageNo: 1, page_size: 50, field: 'skuId,outerId,stockNum' }),
      'jingdong.sku.read.searchSkuList',
    ) as {
      page: { data: { skuId: number; outerId: string; stockNum: number }[] }
    }
    const cup = list.page.data.find(({ outerId }) => outerId === 'CUP')
    expect(cup?.stockNum).toBe(5)
    expect(
      inside(await run('jingdong.stock.write.updateSkuStock', { skuId: cup?.skuId, stockNum: 17 }), 'jingdong.stock.write.updateSkuStock'),
    ).toEqual({
      code: '0',
      success: true,
    })
    expect(sim.control.stockOf('CUP')).toBe(17)
    expect(sim.ledger.stockWrites().at(-1)).toMatchObject({ sku: 'CUP', from: 5, to: 17, by: 'api' })
  })

  it('sends an order under two companies at once, and is refused the same one again', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 2 }] })
    const orderId = placed.ok ? placed.orderId : ''
    const parcel = { orderId, logiCoprId: '467|463', logiNo: 'SF1,SF2|YT1' }
    const send = async () => inside(await run('jingdong.pop.order.shipment', parcel), 'jingdong.pop.order.shipment')
    expect(await send()).toMatchObject({ sopjosshipment_result: { success: true } })
    expect(sim.ledger.order(orderId)).toMatchObject({ status: 'WAIT_GOODS_RECEIVE_CONFIRM', lines: [{ shippedQuantity: 2 }] })
    expect(await send()).toMatchObject({ code: '0', sopjosshipment_result: { success: false, numberCode: 10_400_004 } })
  })

  it('is told inside a good answer that a window is too long, and by the gateway that a parameter is wrong', async () => {
    const long = await run(SEARCH, searched({ start_date: stamp(sim.clock.now() - 40 * 86_400_000) }))
    expect(inside(long, SEARCH)).toMatchObject({ code: '0', searchorderinfo_result: { apiResult: { success: false } } })
    for (const wrong of [{ page_size: 101 }, { optional_fields: '' }, { order_state: '' }, { start_date: 'yesterday' }])
      expect(await run(SEARCH, searched(wrong))).toMatchObject({ error_response: { code: '61' } })
  })

  it('is turned away with another secret, and with another token', async () => {
    expect(await run(SEARCH, searched(), { secret: 'another secret' })).toMatchObject({ error_response: { code: '12' } })
    expect(await run(SEARCH, searched(), { token: 'another token' })).toMatchObject({ error_response: { code: '19' } })
    expect(await run('jingdong.no.such.thing', {})).toMatchObject({ error_response: { code: '15' } })
  })
})
