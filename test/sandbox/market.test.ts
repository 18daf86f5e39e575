import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createMarketSim, type MarketSim, type MarketSkin } from '../../sandbox/stage/market/index.ts'
import { writeStock } from '../../sandbox/stage/market/goods.ts'
import { cursorPage, inWindow, numberedPage } from '../../sandbox/stage/market/paging.ts'
import { payable, total } from '../../sandbox/stage/market/sums.ts'
import type { MarketRules } from '../../sandbox/stage/market/shop.ts'
import { createRandom } from '../../sandbox/stage/random.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'

const no = (): Response => new Response('', { status: 500 })
const faults = { throttled: no, broken: no, unavailable: no, html: no, throttledAs200: no, unauthorized: no }

function simOf(rules: Partial<MarketRules> = {}, more: Partial<MarketSkin> = {}, seed = 1): MarketSim {
  return createMarketSim(
    {
      channel: 'bazaar',
      timezone: 'UTC',
      credentials: {},
      faults,
      rules: {
        currency: 'CNY',
        statusOf: (order) => order.state,
        carriers: [{ code: 'SF', name: '顺丰' }],
        access: { token: 'a', refresh: 'r', lifeMs: 60_000 },
        ...rules,
      },
      routes: (app) => app.get('/orders', (c) => c.text('ok')),
      ...more,
    },
    seed,
  )
}

const idOf = (done: Done): string => {
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}

/** One thing of everything that can happen; what cannot is refused and changes nothing. */
function happen(sim: MarketSim, what: number, id: string): Done {
  const { control, ledger } = sim
  const line = ledger.order(id)?.lines[0]
  const one = { lines: [{ sku: line?.sku ?? '', quantity: 2 }] }
  const acts: readonly (() => Done)[] = [
    () => control.shop(),
    () => control.shop(),
    () => control.placeOrder({ ...one, unpaid: true, channelDiscountMinor: 77, orderDiscountMinor: 33 }),
    () => control.placeOrder({ ...one, depositMinor: 10 }),
    () => control.placeOrder({ ...one, cod: true, otherFeeMinor: 300 }),
    () => control.pay(id),
    () => control.edit(id),
    () => control.cancelOrder(id),
    () => control.requestCancel(id),
    () => control.requestRefund(id, 1),
    () => control.decideRefunds(id, 'approve'),
    () => control.decideRefunds(id, 'settle'),
    () => control.decideRefunds(id, 'reject'),
    () => control.refund(id, 31),
    () => control.refund(id),
    () => control.ship(id),
    () => control.ship(id, { lines: [{ lineId: line?.lineId ?? '', quantity: 1 }] }),
    () => control.finish(id),
  ]
  const done = acts[what % acts.length]?.()
  for (const each of ledger.order(id)?.lines ?? []) if ((control.stockOf(each.sku) ?? 9) < 6) control.setStock(each.sku, 100)
  return done ?? { ok: false, reason: '' }
}

const ways: readonly (readonly [string, Partial<MarketRules>])[] = [
  ['as usual', {}],
  [
    'whose stock leaves when paid, whose parcels are whole, whose items all have a SKU',
    { stockLeavesAt: 'paying', parts: 'order', everyItemHasSku: true },
  ],
  ['that refunds line by line and sends line by line', { refundsPer: 'line', parts: 'line', soleLineId: 'order' }],
  ['that never puts back', { restocks: false, chances: { cod: 0.3, channelDiscount: 0.5, partRefund: 0.5 } }],
]

describe.each(ways)('a shop %s', (_name, rules) => {
  it.each([1, 2, 3])('adds up whatever happens in it (seed %i)', (seed) => {
    const sim = simOf(rules, {}, seed)
    const { market, control, ledger } = sim
    const random = createRandom(seed + 100)
    sim.clock.freeze(Date.UTC(2026, 10, 20, 4))
    control.seedProducts(20)
    const ids: string[] = []
    for (let n = 0; n < 400; n += 1) {
      sim.clock.advance(1500)
      const before = market.ledger.entries().length
      const done = happen(sim, ids.length < 5 ? 0 : random.int(0, 17), ids[random.int(0, Math.max(0, ids.length - 1))] ?? '')
      if (done.ok && !ids.includes(done.orderId)) ids.push(done.orderId)
      if (!done.ok)
        expect(
          market.ledger
            .entries()
            .slice(before)
            .filter((entry) => entry.kind !== 'stock'),
        ).toEqual([])
    }
    expect(new Set([...market.orders.values()].map((order) => order.state)).size).toBeGreaterThan(5)
    for (const order of market.orders.values()) {
      const truth = ledger.order(order.id)
      expect(truth?.totalMinor).toBe(total(truth?.lines.map((line) => line.totalMinor) ?? []) + order.shippingMinor + order.otherFeeMinor)
      expect(truth?.refundedMinor).toBeLessThanOrEqual(payable(order))
      for (const line of order.lines) {
        const sent = order.shipments.flatMap((each) => each.lines).filter((part) => part.line === line)
        expect(line.shipped).toBe(total(sent.map((part) => part.quantity)))
        expect(line.shipped).toBeLessThanOrEqual(line.quantity)
        expect(line.refunded).toBeLessThanOrEqual(line.quantity)
      }
    }
    // Every count is where its moves lead, and no move is missing between two.
    const last = new Map<string, number | null>()
    for (const move of ledger.stockMoves()) {
      if (last.has(move.listingId)) expect(move.from).toBe(last.get(move.listingId))
      expect(move.to).toBeGreaterThanOrEqual(0)
      last.set(move.listingId, move.to)
    }
    const sold = total(ledger.stockMoves().map((move) => (move.cause === 'sold' ? (move.from ?? 0) - (move.to ?? 0) : 0)))
    const back = total(ledger.stockMoves().map((move) => (move.cause === 'restocked' ? (move.to ?? 0) - (move.from ?? 0) : 0)))
    const away = [...market.orders.values()].flatMap((order) => order.lines).filter((line) => line.taken)
    if (rules.restocks !== false) expect(sold - back).toBe(total(away.map((line) => line.quantity)) + sentOfClosed(sim))
    else expect(back).toBe(0)
  })

  it('has a history of every state, with the shelf untouched and nobody told', () => {
    const sim = simOf(rules)
    let told = 0
    sim.market.listeners.push(() => (told += 1))
    const at = Date.UTC(2026, 10, 20)
    sim.clock.freeze(at)
    sim.control.seedProducts(20)
    sim.control.seedOrders(300, 2)
    expect(sim.clock.now()).toBe(at)
    expect(told).toBe(0)
    expect(sim.ledger.stockMoves()).toEqual([])
    const states = new Set([...sim.market.orders.values()].map((order) => order.state))
    const wanted = ['unpaid', 'to-ship', 'shipped', 'finished', 'cancelled', 'closed', ...(rules.parts === 'order' ? [] : ['part-shipped'])]
    expect([...states].sort()).toEqual(wanted.sort())
    for (const truth of sim.ledger.orders()) {
      expect(Date.parse(truth.modifiedAt)).toBeLessThanOrEqual(at)
      expect(Date.parse(truth.placedAt)).toBeGreaterThanOrEqual(at - 2 * 86_400_000 - 1000)
      expect(truth.totalMinor).toBeGreaterThan(0)
    }
  })
})

/** Units that left and whose line went back on the shelf for the rest. */
const sentOfClosed = (sim: MarketSim): number =>
  total([...sim.market.orders.values()].flatMap((order) => order.lines).map((line) => (line.taken ? 0 : line.shipped)))

describe('lists', () => {
  const listed = (count = 25): MarketSim => {
    const sim = simOf()
    sim.clock.freeze(Date.UTC(2026, 10, 20))
    sim.control.seedProducts(5)
    for (let n = 0; n < count; n += 1) {
      // Many share a second.
      if (n % 4 === 0) sim.clock.advance(1000)
      sim.control.setStock('W-0', 100)
      idOf(sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 1 }] }))
    }
    return sim
  }
  const walk = (sim: MarketSim, descending: boolean, between: (page: number) => void = () => undefined): readonly string[] => {
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 50; page += 1) {
      const window = { descending, to: Date.UTC(2026, 10, 21) }
      const found = cursorPage(sim.market, inWindow(sim.market, sim.market.orders.values(), window), { cursor, size: 4, window })
      seen.push(...(found?.records.map((order) => order.id) ?? []))
      if (!found?.hasMore) return seen
      cursor = found.next
      between(page)
    }
    return seen
  }

  it.each([true, false])('by cursor bring everything once, also while others are changed or a page is empty (descending %s)', (descending) => {
    const sim = listed()
    const all = [...sim.market.orders.keys()]
    expect([...walk(sim, descending)].sort()).toEqual(all)
    sim.control.oddPaging('empty-middle')
    expect([...walk(sim, descending)].sort()).toEqual(all)
    sim.control.oddPaging('none')
    const moved = walk(sim, descending, (page) => {
      sim.clock.advance(1000)
      sim.control.edit(all[page * 5] ?? '')
    })
    expect(all.filter((id) => !moved.includes(id) && sim.ledger.orderChanges(id).every((fact) => fact.change !== 'edited'))).toEqual([])
    expect(cursorPage(sim.market, [], { cursor: 'nonsense', size: 4 })).toBeUndefined()
  })

  it('end at the window, hide what lags, repeat or leave a gap where a test asks for it', () => {
    const sim = listed(12)
    const { market } = sim
    const at = sim.clock.now()
    const found = (closed: boolean): number => inWindow(market, market.orders.values(), { from: at, to: at, closed }).length
    expect([found(true), found(false)]).toEqual([4, 0])
    sim.control.listLag(5000)
    const late = idOf(sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 1 }] }))
    const shown = (): readonly string[] => inWindow(market, market.orders.values(), {}).map((order) => order.id)
    expect(shown()).not.toContain(late)
    sim.clock.advance(5000)
    expect(shown()).toContain(late)
    const page = (n: number) => numberedPage(market, shown(), { page: n, size: 5 })
    expect([page(1).total, page(3).records.length, page(3).hasNext, page(4).records.length]).toEqual([13, 3, false, 0])
    sim.control.oddPaging('repeat')
    expect([page(9).records, page(9).hasNext]).toEqual([page(3).records, true])
    sim.control.oddPaging('empty-middle')
    expect([page(1).total, page(1).records.length, page(2).records.length, page(3).records.length]).toEqual([18, 5, 0, 5])
  })
})

describe('access', () => {
  it('ends by time, by hand and by revoking; a spent refresh token renews nothing', () => {
    const { market, control, clock } = simOf()
    const { access } = market
    clock.freeze(Date.UTC(2026, 10, 20))
    expect([access.isLive('a'), access.isLive(''), access.isLive('b')]).toEqual([true, false, false])
    const pair = access.renew('r')
    expect([access.isLive('a'), access.isLive(pair?.token ?? ''), access.renew('r')]).toEqual([false, true, undefined])
    clock.advance(60_000)
    expect(access.isLive(pair?.token ?? '')).toBe(false)
    const next = access.issue()
    control.expireTokens()
    expect([access.isLive(next?.token ?? ''), access.current()]).toEqual([false, undefined])
    control.revoke(true)
    expect([access.renew(next?.refresh ?? ''), access.issue()]).toEqual([undefined, undefined])
    control.revoke(false)
    expect(access.isLive(access.renew(next?.refresh ?? '')?.token ?? '')).toBe(true)
    expect(control.renewals()).toBe(3)
  })
})

describe('stock', () => {
  it('is refused where a test locked it, and never goes below nothing', () => {
    const { market, control, ledger } = simOf()
    control.addItem({ title: '杯', sku: 'CUP', priceMinor: 100, stock: 5 })
    const [item] = [...market.items.values()]
    if (!item) throw new Error('No item.')
    expect(writeStock(market, { item, sku: undefined }, -9, 'delta')).toBe('done')
    expect(control.stockOf('CUP')).toBe(0)
    control.refuseStock('CUP')
    expect(writeStock(market, { item, sku: undefined }, 9)).toBe('refused')
    expect(ledger.stockWrites()).toMatchObject([{ from: 5, to: 0, cause: 'delta' }])
  })
})

describe('messages and deliveries', () => {
  const heard: string[] = []
  let answer = 'success'
  const sink = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => heard.push(`${String(request.headers['x-sign'])} ${chunk.toString()}`))
    request.on('end', () => response.end(answer))
  })
  let [sandbox, sim, url]: [Sandbox | undefined, MarketSim, string] = [undefined, simOf(), '']

  beforeAll(async () => {
    sim = simOf(
      {},
      {
        messages: ({ topic, order }) => [{ topic, content: order.id }],
        push: {
          accepted: (_status, body) => body === 'success',
          attempts: 2,
          retryMs: 1,
          deliver: ({ topic, order }, { secret }) => [{ topic, headers: { 'x-sign': secret }, body: `${topic} ${order.state}` }],
        },
      },
    )
    sandbox = await start({ shops: [{ name: 'bazaar-1', sim }] })
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    const address = sink.address()
    url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`
  })
  afterAll(async () => {
    sink.close()
    await sandbox?.stop()
  })

  it('are told as things stood, signed; dropped, doubled and refused ones are known', async () => {
    sim.clock.freeze(Date.UTC(2026, 10, 20))
    sim.control.addItem({ title: '杯', sku: 'CUP', priceMinor: 100, stock: 50 })
    sim.subscribe?.({ url, secret: 'hush' })
    const once = async (): Promise<readonly string[]> => {
      heard.length = 0
      const id = idOf(sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 1 }], unpaid: true }))
      await sim.control.webhooksSettled?.()
      expect(sim.ledger.order(id)?.status).toBe('unpaid')
      return [...heard]
    }
    expect(await once()).toEqual(['hush placed unpaid'])
    sim.control.failWebhooks?.({ duplicate: 1 })
    expect(await once()).toHaveLength(2)
    sim.control.failWebhooks?.({ drop: 1 })
    expect(await once()).toEqual([])
    sim.control.failWebhooks?.({})
    answer = 'busy'
    expect(await once()).toHaveLength(2)
    sim.control.dropSubscriptions?.()
    expect(await once()).toEqual([])
    expect(sim.ledger.webhooks().map((fact) => fact.outcome)).toEqual(['delivered', 'delivered', 'delivered', 'dropped', 'failed', 'failed'])
  })

  it('wait to be fetched, come again when nobody confirmed them, and are gone when somebody did', () => {
    const { queue } = sim.market
    const first = queue.take(100)
    expect(first.length).toBeGreaterThan(3)
    expect(queue.take(100)).toEqual([])
    queue.confirm(first.slice(1).map((message) => message.id))
    sim.clock.advance(600_000)
    expect(queue.take(100)).toEqual([first[0]])
  })

  it('are asked for and noted under the path behind the shop’s name', async () => {
    await fetch(`${sandbox?.shops[0]?.url ?? ''}/orders?page=2`)
    expect(sim.ledger.requests()).toMatchObject([{ method: 'GET', path: '/orders', query: '?page=2', status: 200 }])
  })
})
