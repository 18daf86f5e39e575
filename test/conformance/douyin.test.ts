import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { douyin as connector } from '../../connectors/douyin/index.ts'
import { manifest, type DouyinCall } from '../../connectors/douyin/manifest.ts'
import { douyin as mapping } from '../../mappings/douyin.ts'
import { createDouyin, type DouyinSim } from '../../sandbox/douyin/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { Mapped } from '../../src/core/mapping.ts'
import type { Order } from '../../src/core/order.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens, type TokenStore } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'
import { parseJson } from '../../src/kit/json.ts'
import { checkOrder } from '../../src/normalize/check.ts'

let sandbox: Sandbox
let sim: DouyinSim
let agents: ReturnType<typeof createAgents>

/** Through the real HTTP door, unpaced. */
function callOf(given: { readonly config?: object; readonly secrets?: object; readonly tokens?: TokenStore } = {}): DouyinCall {
  const url = sandbox.shops[0]?.url ?? ''
  const config = manifest.config.parse({ ...sim.settings?.(url), ...given.config })
  const tokens = given.tokens ?? memoryTokens()
  const { host } = new URL(url)
  const now = (): Date => new Date(sim.clock.now())
  const { classify } = connector
  const call: DouyinCall = {
    connectionId: 'c_9',
    config,
    secrets: manifest.secrets.parse({ ...sim.credentials, ...given.secrets }),
    http: createHttp({
      connector: { manifest: { ...manifest, limits: [] }, ...(classify ? { classify } : {}) },
      connectionId: 'c_9',
      hosts: manifest.hosts(config),
      limiter: memoryLimiter(() => Date.now()),
      allowPrivate: [host],
      agents,
      now,
      signal: new AbortController().signal,
    }),
    tokens: () => tokens.read(),
    renew: (stale) => tokens.renew(stale, () => connector.refreshToken(call)),
    now,
    signal: new AbortController().signal,
  }
  return call
}

const iso = (ms: number): string => new Date(ms).toISOString()
const done = (what: ReturnType<DouyinSim['control']['placeOrder']>): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}
const mapOf = (record: RawRecord): Mapped =>
  mapping.map({ ...record, doc: parseJson(record.payload) }, { connectionId: 'c_9', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} })
const orderOf = (record: RawRecord | undefined): Order => {
  const mapped = record && mapOf(record)
  if (mapped?.kind !== 'order') throw new Error('No order.')
  return mapped.order
}
const read = async (id: string): Promise<Order> => orderOf((await connector.fetchOrder(callOf(), [id]))[0])
async function pulled(stream: 'orders' | 'refunds'): Promise<readonly RawRecord[]> {
  const found: RawRecord[] = []
  const window = { from: iso(sim.clock.now() - 86_000_000), to: iso(sim.clock.now() + 1000) }
  for await (const page of connector.pullOrders(callOf({ config: { pageSize: 40 } }), { stream, window })) found.push(...page.records)
  return found
}
async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work
  } catch (error) {
    if (error instanceof ChannelError) return error.fault
    throw error
  }
  throw new Error('It went well.')
}

const SKU = 'DY-1'
const parcel = (order: Order, trackingNo: string, quantity: number): ShipmentWrite => ({
  key: `p-${trackingNo}`,
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo,
  lines: [{ channelLineNo: order.lines[0]?.channelLineNo ?? '', quantity }],
  last: false,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: `k-${trackingNo}`,
  notifyBuyer: false,
})
const bought = (quantity = 2, more: object = {}): string => done(sim.control.placeOrder({ lines: [{ sku: SKU, quantity }], ...more }))

beforeAll(async () => {
  sim = createDouyin()
  sim.control.seedProducts(30)
  sim.control.addItem({ title: '青花杯', sku: SKU, priceMinor: 4290, stock: 5000 })
  sim.control.seedOrders(120, 0.9)
  sandbox = await start({ shops: [{ name: 'douyin-1', sim }] })
  agents = createAgents({ allowPrivate: [new URL(sandbox.url).host] })
})
afterAll(async () => {
  agents.close()
  await sandbox.stop()
})
beforeEach(() => sim.control.clearFaults())

describe('reading', () => {
  it('brings every order with its lines as the shop knows them, the same however it is found', async () => {
    const found = await pulled('orders')
    const truths = sim.ledger.orders()
    expect(found.map(({ externalId }) => externalId).sort()).toEqual(truths.map(({ orderId }) => orderId).sort())
    for (const record of found) {
      const order = orderOf(record)
      const truth = truths.find(({ orderId }) => orderId === order.channelOrderNo)
      expect([order.totals.total.minor, order.totals.discount.minor, order.totals.shipping.minor]).toEqual([
        truth?.totalMinor,
        truth?.discountMinor,
        truth?.shippingMinor,
      ])
      expect(order.lines.map((line) => [line.channelLineNo, line.quantity, line.net.minor])).toEqual(
        truth?.lines.map((line) => [line.lineId, String(line.quantity), line.totalMinor]),
      )
      expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
    }
    const some = found.slice(0, 30)
    const asked = await connector.fetchOrder(
      callOf(),
      some.map(({ externalId }) => externalId),
    )
    expect(asked.filter(({ kind }) => kind === 'order').map(orderOf)).toEqual(some.map(orderOf))
  })

  it('says who pays for what was taken off, to the fen', async () => {
    const order = await read(
      bought(3, { lineDiscountMinor: 101, orderDiscountMinor: 333, channelDiscountMinor: 77, adjustMinor: -9, shippingMinor: 600 }),
    )
    expect(order.discounts.map(({ funder, kind, amount }) => [funder, kind, amount.minor])).toEqual([
      ['seller', 'promotion', 434],
      ['channel', 'promotion', 77],
      ['seller', 'manual', 9],
    ])
    expect(order.totals).toMatchObject({ total: { minor: 3 * 4290 - 101 - 333 - 77 - 9 + 600 }, shipping: { minor: 600 } })
  })

  it('brings after-sales by their change time and with the order they are of, as far as each has come', async () => {
    const { control } = sim
    const [asked, partly, whole] = [bought(), bought(), bought(2, { shippingMinor: 800 })]
    done(control.requestRefund(asked, 1))
    done(control.refund(partly, 150))
    done(control.refund(whole))
    const byOrder = new Map((await pulled('refunds')).map((record) => [record.parentId, mapOf(record)]))
    expect(byOrder.get(asked)).toMatchObject({ refund: { kind: 'cancellation', state: 'requested' } })
    expect(byOrder.get(partly)).toMatchObject({ refund: { state: 'done', amount: { minor: 150 } } })
    expect(byOrder.get(whole)).toMatchObject({ refund: { kind: 'cancellation', state: 'done', amount: { minor: 9380 }, shipping: { minor: 800 } } })
    const together = await connector.fetchOrder(callOf(), [whole, asked])
    expect(together.map(({ kind, parentId, externalId }) => `${kind} ${parentId ?? externalId}`).sort()).toEqual(
      [`order ${asked}`, `order ${whole}`, `refund ${asked}`, `refund ${whole}`].sort(),
    )
    expect([(await read(asked)).cancelRequest, (await read(partly)).payment, (await read(whole)).payment]).toEqual([
      {},
      'partially_refunded',
      'refunded',
    ])
  })

  it('knows a presale whose rest is not paid, and an order that is held back', async () => {
    const presale = bought(1, { depositMinor: 500 })
    expect(await read(presale)).toMatchObject({ type: 'presale', payment: 'partially_paid', totals: { paid: { minor: 500 } } })
    done(sim.control.pay(presale))
    expect(await read(presale)).toMatchObject({ type: 'presale', payment: 'paid', totals: { paid: { minor: 4290 } } })
    const held = await read(bought(1, { kind: 'held' }))
    expect(held).toMatchObject({ payment: 'authorised', extra: { heldByChannel: '105' } })
    expect(await connector.pushShipment(callOf(), parcel(held, 'SF7000000000001', 1))).toMatchObject({
      status: 'refused',
      fault: { code: '50002:isv.business-failed:60109' },
    })
  })

  it('leaves out what a message names and the shop does not have', async () => {
    expect(await connector.fetchOrder(callOf(), ['4999999999999999999', 'A1', ''])).toEqual([])
  })
})

describe('writing', () => {
  it('does not ship what the buyer wants out of, and does once that was turned down', async () => {
    const id = bought()
    done(sim.control.requestRefund(id, 1))
    const order = await read(id)
    const refused = await connector.pushShipment(callOf(), parcel(order, 'SF7100000000001', 2))
    expect(refused).toMatchObject({ status: 'refused', fault: { kind: 'refused', code: '50002:isv.business-failed:60040' } })
    done(sim.control.decideRefunds(id, 'reject'))
    expect(await connector.pushShipment(callOf(), parcel(order, 'SF7100000000001', 2))).toMatchObject({ status: 'applied' })
  })

  it('agrees to what the buyer wants out of before it is sent, once, and leaves everything else to the seller’s backend', async () => {
    const [asked, sent, quiet] = [bought(), bought(), bought()]
    done(sim.control.requestRefund(asked, 1))
    done(sim.control.ship(sent))
    done(sim.control.requestRefund(sent, 1))
    const decide = (orderId: string, decision: 'accept' | 'reject' = 'accept') =>
      connector.decideCancel(callOf(), { key: 'd', channelOrderNo: orderId, orderId, decision, reason: 'asked' })
    expect(await decide(asked, 'reject')).toMatchObject({ status: 'refused', fault: { code: 'decision-unknown' } })
    expect(await decide(asked)).toMatchObject({ status: 'applied' })
    expect(await decide(asked)).toMatchObject({ status: 'unchanged' })
    expect(await read(asked)).toMatchObject({ payment: 'refunded', cancelled: { by: 'buyer' } })
    for (const id of [sent, quiet]) expect(await decide(id)).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
  })

  it('leaves alone what was sent by hand under the same number, and names what left under another', async () => {
    const [same, other] = [await read(bought()), await read(bought())]
    for (const [order, trackingNumber] of [
      [same, 'SF7200000000001'],
      [other, 'SF7200000000009'],
    ] as const)
      done(sim.control.ship(order.channelOrderNo, { trackingNumber }))
    expect(await connector.pushShipment(callOf(), parcel(same, 'SF7200000000001', 2))).toMatchObject({ status: 'unchanged' })
    expect(await connector.pushShipment(callOf(), parcel(other, 'SF7200000000001', 2))).toMatchObject({
      status: 'refused',
      fault: { code: 'shipped-otherwise' },
    })
  })

  it('sends a whole order by the one call and a part by the other, once however often it is told', async () => {
    const order = await read(bought(3))
    const seen = sim.ledger.requests().length
    for (const trackingNo of ['SF7300000000001', 'SF7300000000001', 'SF7300000000002'])
      await connector.pushShipment(callOf(), parcel(order, trackingNo, trackingNo.endsWith('1') ? 1 : 2))
    await connector.pushShipment(callOf(), parcel(await read(bought(1)), 'SF7300000000003', 1))
    const made = sim.ledger
      .requests()
      .slice(seen)
      .flatMap(({ query }) => (query.startsWith('order.logisticsAdd') ? [query] : []))
    expect(made).toEqual(['order.logisticsAddMultiPack', 'order.logisticsAddMultiPack', 'order.logisticsAdd'])
    expect((await connector.readShipments(callOf(), order.channelOrderNo)).map(({ trackingNo, lines }) => [trackingNo, lines[0]?.quantity])).toEqual([
      ['SF7300000000001', '1'],
      ['SF7300000000002', '2'],
    ])
    expect((await read(order.channelOrderNo)).fulfilment).toBe('shipped')
  })

  it('takes a carrier by the channel’s own list, by any of its names', async () => {
    const send = async (code: string, name: string, trackingNo: string) =>
      connector.pushShipment(callOf(), { ...parcel(await read(bought(1)), trackingNo, 1), carrier: { code, name } })
    expect(await send('JT', 'J&T Express', 'JT1234567890123')).toMatchObject({ status: 'applied', proof: { company: 'jtexpress' } })
    expect(await send('yunda', '韵达', '4312345678901')).toMatchObject({ status: 'applied', proof: { company: 'yunda' } })
    expect(await send('OTHER', 'Uncle Bob', '1')).toMatchObject({ status: 'refused', fault: { code: 'carrier-unknown' } })
    expect(await send('SF', 'SF Express', 'x')).toMatchObject({ status: 'refused', fault: { code: '40004:isv.parameter-invalid:60017' } })
  })
})

describe('tokens', () => {
  it('are made by an app of one’s own, renewed by the refresh token, and made anew when that is spent', async () => {
    const { control } = sim
    const tokens = memoryTokens()
    await connector.check(callOf({ tokens }))
    const first = control.renewals()
    control.expireTokens()
    expect((await connector.check(callOf({ tokens }))).every(({ ok }) => ok)).toBe(true)
    expect(control.renewals() - first).toBe(1)
    // Somebody else renewed it: ours is spent.
    const spent = memoryTokens({ access: 'spent', refresh: 'spent' })
    expect((await connector.check(callOf({ tokens: spent }))).every(({ ok }) => ok)).toBe(true)
    expect(Object.keys(await spent.read()).sort()).toEqual(['access', 'refresh'])
  })

  it('of an app the seller authorises are renewed, never made', async () => {
    const service = { config: { appType: 'service' }, secrets: { accessToken: 'ended', refreshToken: 'wrong' } }
    expect(await faultOf(connector.fetchOrder(callOf(service), ['1']))).toMatchObject({
      kind: 'unauthorized',
      code: '50001:dop.token-generate-failed:token-invalid',
    })
    expect(await faultOf(connector.fetchOrder(callOf({ config: { appType: 'service' } }), ['1']))).toMatchObject({ code: 'no-refresh-token' })
  })

  it('of another shop are refused before anything is read', async () => {
    expect(await faultOf(connector.fetchOrder(callOf({ config: { shopId: '1' } }), ['1']))).toMatchObject({ kind: 'unauthorized' })
  })

  it('are asked for with md5 as well', async () => {
    expect((await connector.check(callOf({ config: { signMethod: 'md5' } }))).map(({ ok }) => ok)).toEqual([true, true, true, true])
    const wrong = await connector.check(callOf({ secrets: { appSecret: 'wrong' } }))
    expect(wrong).toMatchObject([{ ok: false, detail: expect.stringContaining('signature') }])
  })
})

describe('messages', () => {
  it('of the simulated shop pass, and lead to what happened; the trial of an address is answered and forgotten', async () => {
    const { createServer } = await import('node:http')
    const heard: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        heard.push({ headers: { 'event-sign': String(request.headers['event-sign']) }, body: Buffer.concat(chunks) })
        response.end('{"code":0,"msg":"success"}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`
    try {
      sim.subscribe?.({ url, secret: '' })
      const id = bought()
      done(sim.control.refund(id, 200))
      await sim.control.webhooksSettled?.()
      await sim.levers?.['try-address']?.({ url }, sim)
      const secrets = manifest.secrets.parse(sim.credentials)
      const deliveries = heard.map((one) => connector.verifyWebhook({ ...one, method: 'POST', url, query: {} }, secrets, new Date()))
      expect(deliveries.map(({ type, meta }) => `${type} ${meta['tags'] ?? ''}`).sort()).toEqual(['event 100', 'event 101', 'event 206', 'ping 0'])
      const at = deliveries.findIndex(({ meta }) => meta['tags'] === '206')
      const { fetch } = connector.readWebhook(heard[at]?.body.toString('utf8') ?? '', {})
      expect(fetch).toEqual([{ kind: 'order', externalId: id }])
      expect((await connector.fetchOrder(callOf(), [id])).map(({ kind }) => kind)).toEqual(['order', 'refund'])
    } finally {
      sim.control.dropSubscriptions?.()
      server.close()
    }
  })
})
