import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createTaobao, type TaobaoSim } from '../../sandbox/taobao/index.ts'

/** The channel's own client for Node (npm `topSdk`), untyped and older than promises. */
interface TopClient {
  timestamp: () => string
  execute(method: string, parameters: object, callback: (error: TopError | null, response: unknown) => void): void
}
interface TopError {
  readonly code: number
  readonly sub_code?: string
}
const { ApiClient } = createRequire(import.meta.url)('topSdk') as {
  ApiClient: new (options: { readonly appkey: string; readonly appsecret: string; readonly url: string }) => TopClient
}

let sandbox: Sandbox
let sim: TaobaoSim
const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')

function clientOf(secret = 'sandbox-app-secret'): TopClient {
  const client = new ApiClient({ appkey: '21998877', appsecret: secret, url: `${sandbox.shops[0]?.url ?? ''}/router/rest` })
  // It stamps in the time of its machine, which the vendor takes to be in China.
  client.timestamp = () => stamp(sim.clock.now())
  return client
}

const run = (method: string, parameters: object, client = clientOf()): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    client.execute(method, { session: sim.credentials['sessionKey'], ...parameters }, (error, response) =>
      error ? reject(Object.assign(new Error('refused'), error)) : resolve(Object(response) as Record<string, unknown>),
    )
  })

beforeAll(async () => {
  sim = createTaobao()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'taobao-1', sim }] })
})
afterAll(() => sandbox.stop())

describe('the channel’s own client against the simulated gateway', () => {
  it('reads every trade of a day over pages, last page first', async () => {
    const now = sim.clock.now()
    const read = (page: number) =>
      run('taobao.trades.sold.increment.get', {
        fields: 'tid,modified,payment,orders',
        start_modified: stamp(now - 86_000_000),
        end_modified: stamp(now),
        page_no: page,
        page_size: 40,
      })
    const total = Number((await read(1))['total_results'])
    const seen: string[] = []
    for (let page = Math.ceil(total / 40); page >= 1; page--) {
      const { trades } = (await read(page)) as { trades: { trade: readonly { modified: string; payment: string }[] } }
      seen.push(...trades.trade.map((trade) => trade.payment))
    }
    expect(total).toBe(130)
    const truths = sim.ledger.orders().map((truth) => (truth.totalMinor / 100).toFixed(2))
    expect(seen.sort()).toEqual(truths.sort())
  })

  it('sets a level and the ledger shows it', async () => {
    sim.control.addItem({ title: '茶杯', sku: 'CUP', priceMinor: 990, stock: 5 })
    const found = (await run('taobao.items.onsale.get', { fields: 'num_iid,outer_id', page_size: 200 })) as {
      items: { item: readonly { num_iid: number; outer_id: string }[] }
    }
    const item = found.items.item.find((each) => each.outer_id === 'CUP')
    expect(await run('taobao.item.quantity.update', { num_iid: item?.num_iid, quantity: 17, type: 1 })).toMatchObject({ item: { num: 17 } })
    expect(sim.control.stockOf('CUP')).toBe(17)
    expect(sim.ledger.stockWrites().at(-1)).toMatchObject({ sku: 'CUP', from: 5, to: 17, by: 'api' })
  })

  it('sends one sub-order of two, and is refused the same one again', async () => {
    sim.control.addItem({ title: '碟', sku: 'DISH', priceMinor: 990, stock: 5 })
    const placed = sim.control.placeOrder({
      lines: [
        { sku: 'CUP', quantity: 1 },
        { sku: 'DISH', quantity: 2 },
      ],
    })
    const tid = placed.ok ? placed.orderId : ''
    const [first] = sim.ledger.order(tid)?.lines ?? []
    const parcel = { tid, sub_tid: first?.lineId, is_split: 1, company_code: 'SF', out_sid: 'SF1234567890123' }
    expect(await run('taobao.logistics.offline.send', parcel)).toMatchObject({ shipping: { is_success: true } })
    expect(sim.ledger.order(tid)).toMatchObject({ status: 'SELLER_CONSIGNED_PART', lines: [{ shippedQuantity: 1 }, { shippedQuantity: 0 }] })
    await expect(run('taobao.logistics.offline.send', parcel)).rejects.toMatchObject({
      code: 15,
      sub_code: 'isv.logistics-offline-service-error:B04',
    })
    await expect(
      run('taobao.trades.sold.increment.get', { fields: 'tid', start_modified: '2025-06-01 00:00:00', end_modified: '2025-06-03 00:00:00' }),
    ).rejects.toMatchObject({
      code: 15,
    })
  })

  it('is turned away with another secret, and with another session', async () => {
    await expect(run('taobao.items.onsale.get', { fields: 'num_iid' }, clientOf('another secret'))).rejects.toMatchObject({ code: 25 })
    await expect(run('taobao.items.onsale.get', { fields: 'num_iid', session: '6100other' })).rejects.toMatchObject({ code: 27 })
  })
})
