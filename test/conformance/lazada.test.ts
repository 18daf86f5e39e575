import { describe, expect, it } from 'vitest'
import { lazada } from '../../connectors/lazada/index.ts'
import type { LazadaCall } from '../../connectors/lazada/manifest.ts'
import type { ChannelSim } from '../../sandbox/stage/channel-sim.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { PlaceInput } from '../../sandbox/stage/market/placing.ts'
import { createRandom } from '../../sandbox/stage/random.ts'
import type { RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { checkOrder } from '../../src/normalize/check.ts'
import { mapRecord } from '../../src/normalize/prepare.ts'
import { instant, orderOf, pages, readOrder, recordsOf } from './kit/reading.ts'
import { onStage, type CallGiven, type Stage } from './kit/stage.ts'
import { subjectOf } from './kit/subject.ts'

const subject = subjectOf('lazada')
const isMarket = (sim: ChannelSim): sim is MarketSim => 'market' in sim
const simOf = ({ sim }: Stage): MarketSim => {
  if (!isMarket(sim)) throw new Error('That is no marketplace.')
  return sim
}
const callOf = (stage: Stage, given?: CallGiven): LazadaCall => {
  const call = stage.call(given)
  return { ...call, config: lazada.manifest.config.parse(call.config), secrets: lazada.manifest.secrets.parse(call.secrets) }
}
/** Three cups and two plates, by default brought by the seller himself. */
const place = (stage: Stage, given: Partial<PlaceInput> = {}): string => {
  const sim = simOf(stage)
  for (const sku of ['CUP', 'PLATE'])
    if (sim.control.stockOf(sku) === undefined) sim.control.addItem({ title: `A ${sku}`, sku, priceMinor: 1990, stock: 500 })
  const lines = [
    { sku: 'CUP', quantity: 3 },
    { sku: 'PLATE', quantity: 2 },
  ]
  const done = sim.control.placeOrder({ lines, ...given })
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}
const read = async (stage: Stage, id: string): Promise<Order> => orderOf(stage, await readOrder(stage, id))
const refundsIn = (stage: Stage, records: readonly RawRecord[]): readonly Refund[] =>
  records.flatMap((record) => {
    const mapped = mapRecord(record, subject.mapping, stage.context)
    return mapped.kind === 'refund' ? [mapped.refund] : []
  })
const parcel = (order: Order, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: '',
  lines: order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) })),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})
const called = (stage: Stage, path: string): number => stage.sim.ledger.requests().filter((request) => request.path.endsWith(path)).length

describe('packages of Lazada’s own carriers', () => {
  it('are packed and made ready without a number, prove the one they got, and are there already when told again with it', () =>
    onStage(subject, {}, async (stage) => {
      const id = place(stage, { kind: 'lex' })
      const order = await read(stage, id)
      const first = await lazada.pushShipment(callOf(stage), parcel(order))
      expect(first).toMatchObject({
        status: 'applied',
        proof: { tracking: expect.stringMatching(/^LEXDO\d{10}$/), package: expect.stringMatching(/^\d+$/) },
      })
      const tracking = first.status === 'applied' ? (first.proof?.['tracking'] ?? '') : ''
      expect(await read(stage, id)).toMatchObject({
        fulfilment: 'shipped',
        lines: [{ shipped: '3' }, { shipped: '2' }],
        shipments: [{ trackingNo: tracking }],
      })
      expect(await lazada.pushShipment(callOf(stage), parcel(order, { trackingNo: tracking.toLowerCase() }))).toMatchObject({ status: 'unchanged' })
      expect(called(stage, '/order/fulfill/pack')).toBe(1)
    }))

  it('are refused under any other number before anything happens, and leave under that of a package somebody packed', () =>
    onStage(subject, {}, async (stage) => {
      const id = place(stage, { kind: 'lex' })
      const order = await read(stage, id)
      const call = callOf(stage)
      expect(await lazada.pushShipment(call, parcel(order, { trackingNo: 'SF123' }))).toMatchObject({
        status: 'refused',
        fault: { code: 'tracking-by-channel' },
      })
      expect(called(stage, '/order/fulfill/pack')).toBe(0)
      // Ready fails once: the package stays behind, packed.
      stage.sim.control.setFault({ kind: '500', match: { path: '/order/package/rts' }, times: 1 })
      expect(await lazada.pushShipment(call, parcel(order))).toMatchObject({ status: 'unknown' })
      const [packed] = await lazada.readShipments(call, id)
      expect(packed).toMatchObject({ state: 'pending', lines: [{ quantity: '3' }, { quantity: '2' }] })
      expect(await lazada.pushShipment(call, parcel(order, { trackingNo: packed?.trackingNo ?? '' }))).toMatchObject({ status: 'applied' })
      expect([called(stage, '/order/fulfill/pack'), called(stage, '/order/package/rts')]).toEqual([1, 2])
      expect((await lazada.readShipments(call, id)).map(({ state }) => state)).toEqual(['shipped'])
    }))

  it('hold the pieces they are told to hold, and no more than there are', () =>
    onStage(subject, {}, async (stage) => {
      const order = await read(stage, place(stage, { kind: 'lex' }))
      const [cups, plates] = order.lines.map(({ channelLineNo }) => channelLineNo)
      const lines = [
        { channelLineNo: cups ?? '', quantity: 2 },
        { channelLineNo: plates ?? '', quantity: 1 },
      ]
      expect(await lazada.pushShipment(callOf(stage), parcel(order, { lines, last: false }))).toMatchObject({ status: 'applied' })
      expect(await read(stage, order.channelOrderNo)).toMatchObject({ fulfilment: 'partial', lines: [{ shipped: '2' }, { shipped: '1' }] })
      expect(await lazada.pushShipment(callOf(stage), parcel(order, { lines: [{ channelLineNo: cups ?? '', quantity: 2 }] }))).toMatchObject({
        status: 'refused',
        fault: { code: 'not-packable' },
      })
    }))
})

describe('packages of the seller’s own fleet', () => {
  it('need a number and a carrier the channel knows, and are refused by name without them', () =>
    onStage(subject, {}, async (stage) => {
      const order = await read(stage, place(stage))
      const tell = (given: Partial<ShipmentWrite>) => lazada.pushShipment(callOf(stage), parcel(order, given))
      expect(await tell({})).toMatchObject({ status: 'refused', fault: { code: 'tracking-missing' } })
      expect(await tell({ trackingNo: 'X1', carrier: { code: 'YTO', name: 'YTO Express' } })).toMatchObject({ fault: { code: 'carrier-unknown' } })
      expect(called(stage, '/order/fulfill/pack')).toBe(0)
      expect(await tell({ trackingNo: 'X1', carrier: { code: 'other', name: 'ninja van' } })).toMatchObject({
        status: 'applied',
        proof: { carrier: 'Ninja Van' },
      })
    }))

  it('says what the channel refused of an order that is not paid', () =>
    onStage(subject, {}, async (stage) => {
      const order = await read(stage, place(stage, { unpaid: true }))
      expect(await lazada.pushShipment(callOf(stage), parcel(order, { trackingNo: 'X1' }))).toMatchObject({
        status: 'refused',
        fault: { code: 'not-packable' },
      })
    }))
})

describe('reverse orders', () => {
  it('are refunds line by line, each named by its line, as the ledger has them', () =>
    onStage(subject, {}, async (stage) => {
      const { control, ledger } = simOf(stage)
      const ids = [place(stage), place(stage), place(stage, { shippingMinor: 150 })]
      control.refund(ids[0] ?? '', 77)
      control.requestRefund(ids[1] ?? '', 2)
      control.refund(ids[2] ?? '')
      const window = { from: instant(stage.now() - 60_000), to: instant(stage.now() + 5000) }
      const pulled = recordsOf(await pages(subject, stage.call(), { stream: 'refunds', window }))
      const found = refundsIn(stage, pulled)
      const truth = ids.flatMap((id) => ledger.order(id)?.refunds ?? [])
      expect(truth.length).toBe(1 + 2 + 5)
      expect(found.map((one) => `${one.channelRefundNo} ${one.amount.minor}`).sort()).toEqual(
        truth.map((one) => `${one.refundId} ${one.minor}`).sort(),
      )
      const lines = new Set((await read(stage, ids[1] ?? '')).lines.map(({ channelLineNo }) => channelLineNo))
      const asked = found.filter((one) => one.channelOrderNo === ids[1])
      expect(asked.map(({ state, kind }) => [state, kind])).toEqual([
        ['requested', 'cancellation'],
        ['requested', 'cancellation'],
      ])
      expect(new Set(asked.flatMap((one) => one.lines.map(({ channelLineNo }) => channelLineNo))).size).toBe(1)
      for (const one of asked) expect(lines.has(one.lines[0]?.channelLineNo ?? '')).toBe(true)
      // The same bytes when the order is read for a message.
      const fetched = await lazada.fetchOrder(callOf(stage), ids)
      const texts = (records: readonly RawRecord[]) =>
        records
          .filter(({ kind }) => kind === 'refund')
          .map(({ externalId, payload }) => `${externalId} ${payload}`)
          .sort()
      expect(texts(fetched).filter((text) => texts(pulled).includes(text)).length).toBe(truth.length)
    }))

  it('come page by page, none lost and none of another window', () =>
    onStage(subject, {}, async (stage) => {
      for (let n = 0; n < 60; n += 1) {
        simOf(stage).control.refund(place(stage, { lines: [{ sku: 'CUP', quantity: 1 }] }))
        stage.sim.clock.advance(1000)
      }
      const [from, middle, to] = [stage.now() - 3_600_000, stage.now() - 20_000, stage.now() + 1000].map(instant)
      const of = async (a = '', b = '') =>
        recordsOf(await pages(subject, stage.call(), { stream: 'refunds', window: { from: a, to: b } })).map(({ externalId }) => externalId)
      const [first, second] = [await of(from, middle), await of(middle, to)]
      expect([new Set([...first, ...second]).size, first.length + second.length]).toEqual([60, 60])
      expect(second.length).toBeGreaterThan(10)
    }))
})

describe('deciding', () => {
  it('never agrees to the request of another order, nor to goods that come back', () =>
    onStage(subject, {}, async (stage) => {
      const { control, ledger, market } = simOf(stage)
      const [mine, other, sent] = [place(stage), place(stage), place(stage)]
      control.requestCancel(other)
      control.ship(sent)
      control.requestRefund(sent, 1)
      const [request, back] = [other, sent].map((id) => market.orders.get(id)?.refunds[0]?.id ?? '')
      const decide = (orderId: string, requestId: string) =>
        lazada.decideCancel(callOf(stage), { key: 'd', channelOrderNo: orderId, orderId, requestId, decision: 'accept', reason: 'asked' })
      expect(await decide(mine, request ?? '')).toMatchObject({ status: 'refused', fault: { code: 'request-unknown' } })
      expect(await decide(sent, back ?? '')).toMatchObject({ status: 'refused', fault: { code: 'no-cancellation' } })
      expect(await decide(mine, '999999')).toMatchObject({ status: 'refused', fault: { code: 'request-unknown' } })
      expect(called(stage, '/seller/decide')).toBe(0)
      expect([mine, other].map((id) => ledger.order(id)?.status)).toEqual(['pending', 'pending'])
    }))

  it('finds the only open request by itself, rejects it once, and is in doubt when the answer is lost', () =>
    onStage(subject, {}, async (stage) => {
      const { control, ledger } = simOf(stage)
      const [id, doubtful] = [place(stage), place(stage)]
      control.requestCancel(id)
      control.requestCancel(doubtful)
      const decide = (orderId: string, decision: 'accept' | 'reject') =>
        lazada.decideCancel(callOf(stage), { key: 'd', channelOrderNo: orderId, orderId, decision, reason: 'packed already' })
      expect(await decide(id, 'reject')).toMatchObject({ status: 'applied' })
      expect(await decide(id, 'reject')).toMatchObject({ status: 'refused', fault: { code: 'no-request' } })
      expect(ledger.order(id)?.status).toBe('pending')
      stage.sim.control.setFault({ kind: 'accept-then-drop', match: { path: '/seller/decide' }, times: 1 })
      expect(await decide(doubtful, 'accept')).toMatchObject({ status: 'unknown' })
      expect(called(stage, '/seller/decide')).toBe(2)
    }))
})

describe('stock', () => {
  it('refuses whom an answer names and reads back whom it does not', () =>
    onStage(subject, { products: 8 }, async (stage) => {
      const listings = []
      for await (const page of lazada.pullListings(callOf(stage), undefined)) listings.push(...page.listings)
      const writes = listings.slice(0, 3).map(({ key, ids, sku }, i) => ({ key, ids, sku, quantity: 900 + i, idempotencyKey: key }))
      simOf(stage).control.refuseStock(writes[1]?.sku ?? '')
      const outcomes = await lazada.pushInventory(callOf(stage), writes)
      expect(outcomes.map(({ status }) => status)).toEqual(['unknown', 'refused', 'unknown'])
      expect(outcomes[1]).toMatchObject({ fault: { code: 'CAMPAIGN_STOCK_LOCKED' } })
      expect(called(stage, '/sellable/update')).toBe(1)
      expect((await lazada.readInventory(callOf(stage), writes)).map(({ quantity }) => quantity)).toEqual([
        900,
        stage.sim.control.stockOf(writes[1]?.sku ?? ''),
        902,
      ])
    }))

  it('knows no level of an item that is gone, and those beside it all the same', () =>
    onStage(subject, { products: 3 }, async (stage) => {
      const found = []
      for await (const page of lazada.pullListings(callOf(stage), undefined)) found.push(...page.listings)
      const [first] = found
      const gone = { key: 'gone', ids: { item: '4711', sku: '4712' }, sku: 'GONE' }
      const readings = await lazada.readInventory(callOf(stage), first ? [gone, first] : [gone])
      expect(readings).toEqual([
        { key: 'gone', quantity: undefined },
        { key: first?.key, quantity: Number(first?.quantity) },
      ])
    }))

  it('knows no level of a warehouse the SKU does not lie in', () =>
    onStage(subject, { products: 3 }, async (stage) => {
      const of = async (warehouse: string) => {
        const found = []
        for await (const page of lazada.pullListings(callOf(stage, { config: { warehouse } }), undefined))
          found.push(...page.listings.map(({ quantity }) => quantity))
        return found
      }
      expect((await of('')).every((quantity) => quantity !== undefined)).toBe(true)
      expect((await of('WH-2')).every((quantity) => quantity === undefined)).toBe(true)
    }))
})

describe('reading', () => {
  it('reads a window with more orders than offsets reach in parts', { timeout: 120_000 }, () =>
    onStage(subject, {}, async (stage) => {
      const sim = simOf(stage)
      sim.control.addItem({ title: 'A pin', sku: 'PIN', priceMinor: 100, stock: 100_000 })
      const many = 5_120
      for (let n = 0; n < many; n += 1) {
        if (n % 64 === 0) sim.clock.advance(1000)
        place(stage, { lines: [{ sku: 'PIN', quantity: 1 }] })
      }
      const ids = new Set<string>()
      const call = callOf(stage, { config: { pageSize: 100 } })
      for await (const some of lazada.listOrderIds(call, { from: instant(stage.now() - 3_600_000), to: instant(stage.now() + 1000) }))
        for (const id of some) ids.add(id)
      expect(ids.size).toBe(many)
      expect(stage.sim.ledger.requests().filter(({ status }) => status !== 200)).toEqual([])
    }),
  )

  it('holds an order whose items the channel leaves out, and brings the others of its page', () =>
    onStage(subject, {}, async (stage) => {
      const [lost, kept] = [place(stage), place(stage)]
      const rewrite = (body: string): string =>
        body.replace(new RegExp(`\\{"order_id":${lost},"order_number":${lost},"order_items":\\[.*?\\]\\},?`), '')
      const window = { from: instant(stage.now() - 60_000), to: instant(stage.now() + 5000) }
      const records = recordsOf(await pages(subject, stage.call({ rewrite }), { stream: 'orders', window }))
      expect(records.map((record) => [record.externalId, mapRecord(record, subject.mapping, stage.context).kind])).toEqual([
        [lost, 'held'],
        [kept, 'order'],
      ])
    }))
})

it.each([41, 42])('whatever happens in a shop, each order maps, adds up to its ledger and is the same however it was found (seed %i)', (seed) =>
  onStage(subject, { seed }, async (stage) => {
    const { control, ledger, clock } = simOf(stage)
    const random = createRandom(seed)
    control.seedProducts(20)
    const acts: readonly ((id: string) => { readonly ok: boolean } | undefined)[] = [
      () => control.shop(),
      () => control.shop(),
      () => ({ ok: place(stage, { kind: 'lex', shippingMinor: 149 }) !== '' }),
      () => ({ ok: place(stage, { cod: true }) !== '' }),
      () => ({ ok: place(stage, { lineDiscountMinor: 3, orderDiscountMinor: 7, channelDiscountMinor: 11 }) !== '' }),
      () => ({ ok: place(stage, { unpaid: true }) !== '' }),
      (id) => control.edit(id),
      (id) => control.cancelOrder(id),
      (id) => control.requestCancel(id),
      (id) => control.refund(id, 37),
      (id) => control.requestRefund(id, 1),
      (id) => control.decideRefunds(id, 'settle'),
      (id) => control.ship(id),
      (id) => control.ship(id, { lines: [{ lineId: ledger.order(id)?.lines[0]?.lineId ?? '', quantity: 1 }] }),
      (id) => control.finish(id),
      (id) => control.pay(id),
    ]
    for (let n = 0; n < 220; n += 1) {
      clock.advance(3000)
      const known = ledger.orders().map(({ orderId }) => orderId)
      acts[known.length < 4 ? 0 : random.int(0, acts.length - 1)]?.(known[random.int(0, Math.max(0, known.length - 1))] ?? '')
    }
    const window = { from: instant(stage.now() - 80_000_000), to: instant(stage.now() + 1000) }
    const records = recordsOf(await pages(subject, stage.call(), { stream: 'orders', window }))
    expect(records.map(({ externalId }) => externalId).sort()).toEqual(
      ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
    expect(new Set(records.map((record) => orderOf(stage, record).sourceStatus)).size).toBeGreaterThan(4)
    for (const record of records) {
      const order = orderOf(stage, record)
      const truth = ledger.order(order.channelOrderNo)
      expect(checkOrder(order).filter(({ failure }) => failure)).toEqual([])
      expect([order.totals.total.minor, order.totals.refunded.minor]).toEqual([truth?.totalMinor, truth?.refundedMinor])
      expect(order.lines.map((line) => [line.channelLineNo, line.net.minor, Number(line.quantity)])).toEqual(
        truth?.lines.map((line) => [line.lineId, line.totalMinor, line.quantity]),
      )
    }
    const some = records.slice(0, 10).map(({ externalId }) => externalId)
    const fetched = await lazada.fetchOrder(callOf(stage), some)
    const textOf = (all: readonly RawRecord[], id: string) => all.find(({ kind, externalId }) => kind === 'order' && externalId === id)?.payload
    for (const id of some) expect(textOf(fetched, id)).toBe(textOf(records, id))
    const back = refundsIn(stage, recordsOf(await pages(subject, stage.call(), { stream: 'refunds', window })))
    expect(back.map((one) => `${one.channelRefundNo} ${one.amount.minor}`).sort()).toEqual(
      ledger
        .orders()
        .flatMap(({ refunds }) => refunds.map((one) => `${one.refundId} ${one.minor}`))
        .sort(),
    )
  }),
)
