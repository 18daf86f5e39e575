import { describe, expect, it } from 'vitest'
import { wechatShop as connector } from '../../connectors/wechat-shop/index.ts'
import { manifest } from '../../connectors/wechat-shop/manifest.ts'
import { wechatShop as mapping } from '../../mappings/wechat-shop.ts'
import { start } from '../../sandbox/server.ts'
import { createRandom } from '../../sandbox/stage/random.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createWechatShop, type WechatOptions } from '../../sandbox/wechat-shop/index.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { parseJson } from '../../src/kit/json.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { openSink } from './kit/sink.ts'

/** A simulated shop and a way to call it through the real HTTP door, unpaced. */
async function testShop(options: WechatOptions = {}) {
  const sim = createWechatShop(options)
  const sandbox = await start({ shops: [{ name: 'wechat-1', sim }] })
  const url = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const [now, signal] = [(): Date => new Date(sim.clock.now()), new AbortController().signal]
  const config = manifest.config.parse({ url, pageSize: 20 })
  const secrets = manifest.secrets.parse(sim.credentials)
  const limiter = memoryLimiter(() => Date.now())
  const bare = { manifest: { ...manifest, limits: [] }, ...(connector.classify ? { classify: connector.classify } : {}) }
  const http = createHttp({
    connector: bare,
    connectionId: 'c_9',
    hosts: [url],
    limiter,
    allowPrivate: [host],
    agents,
    now,
    signal,
    log: { debug: () => undefined },
  })
  const call = { ...createCall({ connector, connectionId: 'c_9', config, secrets, http, tokens: memoryTokens(), now, signal }), config, secrets }
  return {
    sim,
    call,
    secrets,
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

const orderOf = (record: RawRecord | undefined): Order => {
  const doc = parseJson(record?.payload ?? 'null')
  const mapped = mapping.map({ kind: 'order', externalId: '', doc }, { connectionId: 'c_9', timezone: 'UTC', currency: 'CNY', config: {} })
  if (mapped.kind !== 'order') throw new Error('No order.')
  return mapped.order
}

/** One thing that happens in a shop; what cannot happen to this order is refused and leaves it alone. */
function happen({ control, ledger }: MarketSim, what: number, id: string): string | undefined {
  const [line] = ledger.order(id)?.lines ?? []
  const acts = [
    () => control.shop(),
    () =>
      control.placeOrder({ lines: [{ sku: line?.sku ?? '', quantity: 3 }], orderDiscountMinor: 77, channelDiscountMinor: 31, shippingMinor: 600 }),
    () => control.placeOrder({ lines: [{ sku: line?.sku ?? '', quantity: 1 }], unpaid: true }),
    () => control.pay(id),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.requestRefund(id, 1),
    () => control.decideRefunds(id, 'settle'),
    () => control.decideRefunds(id, 'reject'),
    () => control.refund(id),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: line?.lineId ?? '', quantity: 1 }] }),
    // Nothing is received that never left.
    () => (ledger.order(id)?.status === '30' ? control.finish(id) : undefined),
  ]
  const done = acts[what % acts.length]?.()
  if (line && (control.stockOf(line.sku) ?? 9) < 5) control.setStock(line.sku, 100)
  return done?.ok ? done.orderId : undefined
}

describe('a whole life', () => {
  it.each([21, 22])('of a shop: each order maps, adds up to its ledger and is the same however it was found (seed %i)', async (seed) => {
    const shop = await testShop({ seed })
    try {
      const { sim, call } = shop
      const random = createRandom(seed)
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.control.seedProducts(20)
      const ids = new Set<string>()
      for (let n = 0; n < 260; n += 1) {
        sim.clock.advance(3000)
        const known = [...ids]
        const id = happen(sim, known.length < 4 ? 0 : random.int(0, 13), known[random.int(0, Math.max(0, known.length - 1))] ?? '')
        if (id !== undefined) ids.add(id)
      }
      const window = { from: new Date(sim.clock.now() - 80_000_000).toISOString(), to: new Date(sim.clock.now() + 1000).toISOString() }
      const records: RawRecord[] = []
      for await (const page of connector.pullOrders(call, { stream: 'orders', window })) records.push(...page.records)
      const found = records.map(orderOf)
      expect(found.map((order) => order.channelOrderNo).sort()).toEqual([...ids].sort())
      expect(new Set(found.map((order) => order.sourceStatus)).size).toBeGreaterThan(5)
      for (const order of found) {
        const truth = sim.ledger.order(order.channelOrderNo)
        expect(checkOrder(order).filter((hold) => hold.failure)).toEqual([])
        expect([order.totals.total.minor, order.sourceStatus === '200' ? order.totals.refunded.minor : 0]).toEqual([
          truth?.totalMinor,
          order.sourceStatus === '200' ? truth?.refundedMinor : 0,
        ])
        expect(order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.shipped)])).toEqual(
          truth?.lines.map((line) => [line.lineId, line.totalMinor, line.shippedQuantity]),
        )
      }
      const refunds: RawRecord[] = []
      for await (const page of connector.pullOrders(call, { stream: 'refunds', window })) refunds.push(...page.records)
      expect(refunds.map((record) => record.externalId).sort()).toEqual(
        sim.ledger
          .orders()
          .flatMap((truth) => truth.refunds.map((one) => one.refundId))
          .sort(),
      )
    } finally {
      await shop.stop()
    }
  })
})

describe('cancellations', () => {
  it('asked for product by product are rejected, or accepted, together', async () => {
    const shop = await testShop()
    try {
      const { sim, call } = shop
      for (const sku of ['A', 'B']) sim.control.addItem({ title: sku, sku, priceMinor: 500, stock: 9 })
      const placed = sim.control.placeOrder({
        lines: [
          { sku: 'A', quantity: 1 },
          { sku: 'B', quantity: 2 },
        ],
        shippingMinor: 600,
      })
      const orderId = placed.ok ? placed.orderId : ''
      const decide = (decision: 'accept' | 'reject') =>
        connector.decideCancel(call, { key: 'd', channelOrderNo: orderId, orderId, decision, reason: 'sent already' })
      expect(await decide('accept')).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
      sim.control.requestCancel(orderId)
      expect(await decide('reject')).toMatchObject({ status: 'applied' })
      expect(await decide('reject')).toMatchObject({ status: 'unchanged' })
      expect(sim.ledger.order(orderId)).toMatchObject({ status: '20', refundedMinor: 0 })
      sim.control.requestCancel(orderId)
      expect(await decide('accept')).toMatchObject({ status: 'applied' })
      expect(await decide('accept')).toMatchObject({ status: 'unchanged' })
      expect(sim.ledger.order(orderId)).toMatchObject({ status: '200', refundedMinor: 2100 })
    } finally {
      await shop.stop()
    }
  })
})

describe('messages', () => {
  it.each(['safe-json', 'safe-xml', 'plain-json'] as const)('in the dress %s lead to the order they are about', async (pushMode) => {
    const shop = await testShop({ pushMode })
    const sink = await openSink()
    try {
      const { sim, secrets } = shop
      sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
      sim.subscribe?.({ url: sink.url, secret: '' })
      const placed = sim.control.shop()
      if (placed.ok) sim.control.requestCancel(placed.orderId)
      await sim.control.webhooksSettled?.()
      const { encodingAesKey: _key, ...plain } = secrets
      const by = pushMode === 'plain-json' ? plain : secrets
      const read = sink.heard.map((inbound) => {
        const delivery = connector.verifyWebhook(inbound, by, new Date(sim.clock.now()))
        return [delivery.meta['event'], connector.readWebhook(Buffer.from(inbound.body).toString(), delivery.meta).fetch[0]?.externalId]
      })
      expect(new Set(read.map(([event]) => event))).toEqual(
        new Set(['channels_ec_order_new', 'channels_ec_order_pay', 'channels_ec_aftersale_update']),
      )
      expect(new Set(read.map(([, id]) => id))).toEqual(new Set([placed.ok ? placed.orderId : '']))
    } finally {
      await sink.stop()
      await shop.stop()
    }
  })
})
