import { describe, expect, it } from 'vitest'
import { shopee } from '../../connectors/shopee/index.ts'
import type { ShopeeCall } from '../../connectors/shopee/manifest.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { Order } from '../../src/core/order.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { done } from './kit/lever.ts'
import { everything, faultOf, instant, orderIds, orderOf, pages, readOrder, recordsOf, truthIds } from './kit/reading.ts'
import { onStage, type CallGiven, type Stage } from './kit/stage.ts'
import { ability, subjectOf } from './kit/subject.ts'

const subject = subjectOf('shopee')
const pull = ({ sim }: Stage, lever: string, input: Readonly<Record<string, unknown>>): Done => Object(sim.levers?.[lever]?.(input, sim)) as Done

/** A paid order of two lines, two and one pieces, and how the hub knows it. */
async function placed(stage: Stage, kind = ''): Promise<Order> {
  const skus = [...new Set(Array.from({ length: 20 }, () => stage.sim.ledger.order(done(stage.sim.control.shop()))?.lines[0]?.sku ?? ''))]
  for (const sku of skus) stage.sim.control.setStock(sku, 100)
  const lines = [
    { sku: skus[0] ?? '', quantity: 2 },
    { sku: skus[1] ?? '', quantity: 1 },
  ]
  return read(stage, done(pull(stage, 'place', { lines, ...(kind === '' ? {} : { kind }) })))
}
const read = async (stage: Stage, id: string): Promise<Order> => orderOf(stage, await readOrder(stage, id))

const parcel = (order: Order, given: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p-1',
  channelOrderNo: order.channelOrderNo,
  orderId: order.channelOrderNo,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SG0000000001',
  lines: order.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: Number(line.quantity) })),
  last: true,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: 'k-1',
  notifyBuyer: false,
  ...given,
})
const linesOf = (order: Order, ...counts: readonly number[]): ShipmentWrite['lines'] =>
  order.lines.flatMap((line, i) => ((counts[i] ?? 0) > 0 ? [{ channelLineNo: line.channelLineNo, quantity: counts[i] ?? 0 }] : []))
const ship = (stage: Stage, shipment: ShipmentWrite, config: CallGiven['config'] = {}): Promise<Outcome> =>
  ability(subject, 'pushShipment')(stage.call({ config }), shipment)
const codeOf = (outcome: Outcome): string | undefined =>
  outcome.status === 'refused' || outcome.status === 'unknown' ? outcome.fault.code : outcome.status
const written = (stage: Stage): readonly string[] =>
  stage.sim.ledger.requests().flatMap(({ path }) => (/(?:split_order|ship_order)$/.test(path) ? [path.replace(/^.*\//, '')] : []))

describe('parcels of Shopee', () => {
  it('an order splits once: into the package and the rest, which leaves as it is', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const order = await placed(stage)
      expect(codeOf(await ship(stage, parcel(order, { lines: linesOf(order, 1), last: false }), { splitPieces: false }))).toBe('line-in-parts')
      expect(written(stage)).toEqual([])
      expect(await ship(stage, parcel(order, { lines: linesOf(order, 1), last: false }))).toMatchObject({ status: 'applied' })
      expect(written(stage)).toEqual(['split_order', 'ship_order'])
      expect(await read(stage, order.channelOrderNo)).toMatchObject({ fulfilment: 'partial', lines: [{ shipped: '1' }, { shipped: '0' }] })
      const other = { key: 'p-2', trackingNo: 'SG0000000002' }
      expect(codeOf(await ship(stage, parcel(order, { ...other, lines: linesOf(order, 0, 1), last: false })))).toBe('split-already')
      expect(codeOf(await ship(stage, parcel(order, { ...other, lines: linesOf(order, 2, 1) })))).toBe('shipped-otherwise')
      expect(codeOf(await ship(stage, parcel(order, { lines: linesOf(order, 0, 1) })))).toBe('shipped-otherwise')
      expect(await ship(stage, parcel(order, { ...other, lines: linesOf(order, 1, 1) }))).toMatchObject({ status: 'applied' })
      const after = await read(stage, order.channelOrderNo)
      expect([after.fulfilment, after.shipments.map((each) => [each.trackingNo, each.lines.length])]).toEqual([
        'shipped',
        [
          ['SG0000000001', 1],
          ['SG0000000002', 2],
        ],
      ])
      expect(await ability(subject, 'readShipments')(stage.call(), order.channelOrderNo)).toMatchObject([{ state: 'shipped' }, { state: 'shipped' }])
    }))

  it('a split whose answer got lost is found again: the parcel it made is sent, nothing is split twice', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const order = await placed(stage)
      const first = parcel(order, { lines: linesOf(order, 2), last: false })
      await readOrder(stage, order.channelOrderNo)
      stage.sim.control.setFault({ kind: 'accept-then-drop', match: { path: 'split_order' }, times: 1 })
      expect(await ship(stage, first)).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
      stage.sim.control.clearFaults()
      expect(await ability(subject, 'readShipments')(stage.call(), order.channelOrderNo)).toEqual([])
      expect(await ship(stage, first)).toMatchObject({ status: 'applied' })
      expect(written(stage)).toEqual(['split_order', 'ship_order'])
    }))

  it('Shopee’s own logistics is arranged only as the settings say, by the recommended time, and the number it gives comes back', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const order = await placed(stage, 'pickup')
      expect(codeOf(await ship(stage, parcel(order)))).toBe('integrated-logistics')
      expect(codeOf(await ship(stage, parcel(order), { arrange: 'dropoff' }))).toBe('arrange-otherwise')
      // Nothing is split for what cannot be sent.
      expect(codeOf(await ship(stage, parcel(order, { lines: linesOf(order, 2), last: false })))).toBe('integrated-logistics')
      expect(written(stage)).toEqual([])
      expect(await ship(stage, parcel(order), { arrange: 'pickup' })).toMatchObject({ status: 'applied', proof: { way: 'pickup' } })
      const arranged = await read(stage, order.channelOrderNo)
      expect([arranged.sourceStatus, arranged.fulfilment, arranged.shipments[0]?.state]).toEqual(['PROCESSED', 'released', 'pending'])
      expect(arranged.shipments[0]?.trackingNo).toMatch(/^SPXSG/)
      expect(await ship(stage, parcel(order), { arrange: 'pickup' })).toMatchObject({
        status: 'unchanged',
        proof: { tracking: expect.stringMatching(/^SPXSG/) },
      })
      pull(stage, 'fetch-parcels', { orderId: order.channelOrderNo })
      expect(await read(stage, order.channelOrderNo)).toMatchObject({ fulfilment: 'shipped', shipments: [{ state: 'shipped' }] })
      const dropped = await placed(stage, 'dropoff')
      expect(await ship(stage, parcel(dropped), { arrange: 'dropoff' })).toMatchObject({ status: 'applied', proof: { way: 'dropoff' } })
    }))

  it('the second of two parcels that hold the same leaves too, and neither leaves twice', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const [first] = (await placed(stage)).lines
      const order = await read(stage, done(pull(stage, 'place', { lines: [{ sku: first?.channelSku ?? '', quantity: 2 }], kind: 'pickup' })))
      const pickup = { arrange: 'pickup', splitPieces: true }
      const [one, two] = [parcel(order, { lines: linesOf(order, 1), last: false }), parcel(order, { key: 'p-2', lines: linesOf(order, 1) })]
      expect(codeOf(await ship(stage, one, pickup))).toBe('applied')
      expect(codeOf(await ship(stage, one, pickup))).toBe('unchanged')
      expect(codeOf(await ship(stage, two, pickup))).toBe('applied')
      expect(codeOf(await ship(stage, two, pickup))).toBe('unchanged')
      expect(written(stage)).toEqual(['split_order', 'ship_order', 'ship_order'])
    }))

  it('nothing leaves that the buyer wants to cancel, that is cancelled, or that is not paid', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const order = await placed(stage)
      stage.sim.control.requestCancel(order.channelOrderNo)
      expect(codeOf(await ship(stage, parcel(order)))).toBe('cancel-requested')
      const decide = (decision: 'accept' | 'reject') =>
        ability(subject, 'decideCancel')(stage.call(), {
          key: 'd',
          channelOrderNo: order.channelOrderNo,
          orderId: order.channelOrderNo,
          decision,
          reason: '',
        })
      expect(codeOf(await decide('reject'))).toBe('applied')
      expect(codeOf(await decide('reject'))).toBe('unchanged')
      expect(codeOf(await decide('accept'))).toBe('no-request')
      stage.sim.control.cancelOrder(order.channelOrderNo)
      expect(codeOf(await decide('reject'))).toBe('decided-otherwise')
      expect(codeOf(await ship(stage, parcel(order)))).toBe('closed')
      const lines = [{ sku: order.lines[0]?.channelSku ?? '', quantity: 1 }]
      const unpaid = await read(stage, done(pull(stage, 'place', { lines, unpaid: true })))
      expect(codeOf(await ship(stage, parcel(unpaid)))).toBe('not-ready')
      expect(written(stage)).toEqual([])
    }))
})

describe('orders of Shopee', () => {
  it('a change of the return alone brings the order with it, whose own time stands still', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const order = await placed(stage)
      stage.sim.control.ship(order.channelOrderNo)
      stage.sim.clock.advance(5000)
      stage.sim.control.refund(order.channelOrderNo, 50)
      const records = recordsOf(await pages(subject, stage.call(), { ...everything(stage), stream: 'refunds' }))
      expect(records.map(({ kind }) => kind)).toEqual(['refund', 'order'])
      expect(records[0]?.parentId).toBe(order.channelOrderNo)
      expect(orderOf(stage, records[1])).toMatchObject({ payment: 'partially_refunded', afterSale: 'closed', totals: { refunded: { minor: 50 } } })
    }))

  it('the cursor of the list counts entries: orders that leave the window between two of its pages hide nobody behind them', () =>
    onStage(subject, { products: 12, orders: 0 }, async (stage) => {
      const sku = stage.sim.ledger.order(done(stage.sim.control.shop()))?.lines[0]?.sku ?? ''
      stage.sim.control.setStock(sku, 1000)
      for (let n = 0; n < 150; n += 1) done(stage.sim.control.shop([{ sku, quantity: 1 }]))
      const window = { from: instant(stage.now() - 5000), to: instant(stage.now() + 1000) }
      stage.sim.clock.advance(60_000)
      const before = truthIds(stage)
      let edited = 0
      const counted = stage.call({
        rewrite: (body) => {
          if (!body.includes('"order_list"') || !body.includes('next_cursor') || edited >= 3) return body
          for (const id of before.slice(edited * 2, edited * 2 + 2)) stage.sim.control.edit(id)
          edited += 1
          return body
        },
      })
      const found = orderIds(recordsOf(await pages(subject, counted, { stream: 'orders', window })))
      expect(edited).toBeGreaterThan(1)
      expect(before.filter((id) => !found.includes(id))).toEqual([])
    }))

  it('a number the detail does not show is kept as listed, to be held, and the others come', () =>
    onStage(subject, { products: 12 }, async (stage) => {
      const [order, other] = [await placed(stage), await placed(stage)]
      const hide = (body: string): string =>
        body.includes('"item_list"')
          ? body.replaceAll(`"order_sn":"${order.channelOrderNo}","region"`, `"order_sn":"${other.channelOrderNo}","region"`)
          : body
      const records = recordsOf(await pages(subject, stage.call({ rewrite: hide, config: { pageSize: 100 } }), everything(stage)))
      expect(orderIds(records)).toContain(order.channelOrderNo)
      const held = records.find(({ externalId }) => externalId === order.channelOrderNo)
      expect(held?.payload).toBe(`{"order":{"order_sn":"${order.channelOrderNo}","order_status":"READY_TO_SHIP"}}`)
    }))
})

describe('signing in at Shopee', () => {
  it('keeps each next refresh token, spends a code where there is none, and says so when both are gone', () =>
    onStage(subject, { products: 5, orders: 2 }, async (stage) => {
      const tokens = memoryTokens()
      const byCode = stage.call({ tokens, secrets: { refreshToken: undefined, code: '73616e64626f782d636f64652d303031' } })
      expect((await ability(subject, 'fetchOrder')(byCode, truthIds(stage))).length).toBeGreaterThan(0)
      const first = await tokens.read()
      stage.sim.control.expireTokens?.()
      expect((await ability(subject, 'fetchOrder')(byCode, truthIds(stage))).length).toBeGreaterThan(0)
      const second = await tokens.read()
      expect([second['refresh'] !== first['refresh'], second['access'] !== first['access']]).toEqual([true, true])
      const again = stage.call({ tokens: memoryTokens({ refresh: first['refresh'] ?? '' }) })
      expect(await faultOf(ability(subject, 'fetchOrder')(again, truthIds(stage)))).toMatchObject({ kind: 'unauthorized', code: 'error_auth' })
      const nothing = stage.call({ tokens: memoryTokens(), secrets: { refreshToken: undefined } })
      expect(await faultOf(ability(subject, 'fetchOrder')(nothing, truthIds(stage)))).toMatchObject({
        kind: 'unauthorized',
        code: 'no-refresh-token',
      })
    }))

  it('tells a wrong key from a token that ended, and neither stands in what it says', () =>
    onStage(subject, { products: 5 }, async (stage) => {
      const fault = await faultOf(
        ability(subject, 'fetchOrder')(stage.call({ secrets: { partnerKey: 'wrong-CANARY-key' }, tokens: memoryTokens() }), ['261122SBX00000']),
      )
      expect(fault).toMatchObject({ kind: 'misconfigured', code: 'error_sign' })
      expect(JSON.stringify(fault)).not.toContain('CANARY')
    }))
})

it('ids beyond what a number holds go out digit by digit', async () => {
  const bodies: string[] = []
  const config = { url: 'https://partner.shopeemobile.com', partnerId: '1', shopId: '2' }
  const call = createCall({
    connector: subject.connector,
    connectionId: 'c_1',
    config,
    secrets: { partnerKey: 'k' },
    http: (request) => {
      bodies.push(request.body ?? '')
      return Promise.resolve({ status: 200, headers: {}, body: '{"error":"","response":{"success_list":[{"model_id":9223372036854775807}]}}' })
    },
    tokens: memoryTokens({ access: 'a' }),
    now: () => new Date(0),
    signal: new AbortController().signal,
  })
  const ids = { item: '9007199254740993', model: '9223372036854775807' }
  const write = { key: 'x', ids, sku: '', quantity: 3, idempotencyKey: 'i' }
  expect(await shopee.pushInventory(call as ShopeeCall, [write])).toMatchObject([{ status: 'applied' }])
  expect(bodies).toEqual(['{"item_id":9007199254740993,"stock_list":[{"model_id":9223372036854775807,"seller_stock":[{"stock":3}]}]}'])
})
