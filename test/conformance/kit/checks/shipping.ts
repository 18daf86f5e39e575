import { expect } from 'vitest'
import type { Outcome, ShipmentWrite } from '../../../../src/core/connector.ts'
import { ChannelError } from '../../../../src/core/fault.ts'
import { either, needs, needsHttp, type Check } from '../check.ts'
import { done, stocked } from '../lever.ts'
import { orderOf, readOrder } from '../reading.ts'
import { onStage, type Stage } from '../stage.ts'
import { ability, capabilitiesOf } from '../subject.ts'

const canShip = needs('pushShipment', 'readShipments', 'pullOrders')
const wholeOnly = (subject: Parameters<typeof capabilitiesOf>[0]): string | undefined =>
  capabilitiesOf(subject).pushShipment?.partial === true ? undefined : 'whole orders only'

export const shipping: readonly Check[] = [
  {
    id: 'ship-in-parts',
    title: 'the pieces of a line leave in parts, each package once however often it is told, and the channel knows when it is whole',
    beside: either(canShip, wholeOnly),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 3)
        const before = stage.sim.ledger.order(order.orderId)?.status
        const first = parcel(order, { trackingNo: 'SF1000000000001', quantity: 1, last: false })
        expect(await ship(stage, first)).toMatchObject({ key: first.key, status: 'applied' })
        expect(['applied', 'unchanged']).toContain((await ship(stage, first)).status)
        const second = parcel(order, { trackingNo: 'SF1000000000002', quantity: 2, last: true })
        expect(await ship(stage, second)).toMatchObject({ status: 'applied' })
        expect(['applied', 'unchanged']).toContain((await ship(stage, second)).status)
        expect((await live(stage, order.orderId)).sort()).toEqual(['SF1000000000001', 'SF1000000000002'])
        if (needsHttp(subject) === undefined) expect(stage.sim.ledger.order(order.orderId)?.status).not.toBe(before)
      }),
  },
  {
    id: 'ship-by-line',
    title: 'an order of two lines leaves line by line, and both packages are known to the channel',
    beside: either(canShip, wholeOnly),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placedLines(stage)
        const [first, second] = order.lineNos.map((lineNo, i) =>
          parcel({ ...order, lineNo }, { trackingNo: `SF600000000000${i + 1}`, quantity: 1, last: i === order.lineNos.length - 1 }),
        )
        if (!first || !second) throw new Error('The order has fewer than two lines.')
        expect(await ship(stage, first)).toMatchObject({ status: 'applied' })
        expect(await live(stage, order.orderId)).toEqual(['SF6000000000001'])
        expect(await ship(stage, second)).toMatchObject({ status: 'applied' })
        expect((await live(stage, order.orderId)).sort()).toEqual(['SF6000000000001', 'SF6000000000002'])
      }),
  },
  {
    id: 'ship-whole',
    title: 'an order leaves in one package, told once or twice, and reading back shows carrier and number',
    beside: canShip,
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 2)
        const whole = parcel(order, { trackingNo: 'SF2000000000001', quantity: 2, last: true })
        expect(await ship(stage, whole)).toMatchObject({ key: whole.key, status: 'applied' })
        expect(['applied', 'unchanged']).toContain((await ship(stage, whole)).status)
        expect(await live(stage, order.orderId)).toEqual(['SF2000000000001'])
      }),
  },
  {
    id: 'collected',
    title: 'goods the buyer collected are told without a number, once however often, and reading back shows them gone or they may be told again',
    beside: either(canShip, (subject) => (capabilitiesOf(subject).pushShipment?.pickup === true ? undefined : 'is told of parcels only')),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 2, true)
        const before = stage.sim.ledger.order(order.orderId)?.status
        const whole = { ...parcel(order, { trackingNo: '', quantity: 2, last: true }), carrier: { code: 'PICKUP', name: 'Collected by the buyer' } }
        expect(await ship(stage, whole)).toMatchObject({ key: whole.key, status: 'applied' })
        if (needsHttp(subject) === undefined) expect(stage.sim.ledger.order(order.orderId)?.status).not.toBe(before)
        const after = stage.sim.ledger.order(order.orderId)?.status
        expect(['applied', 'unchanged']).toContain((await ship(stage, whole)).status)
        expect(stage.sim.ledger.order(order.orderId)?.status).toBe(after)
        expect(stage.sim.ledger.shipments().filter((fact) => fact.orderId === order.orderId && fact.action === 'created').length).toBeLessThanOrEqual(
          1,
        )
        expect(await live(stage, order.orderId)).toEqual([])
        const silent = (await ability(subject, 'readShipments')(stage.call(), order.orderId)).filter((one) => one.state !== 'cancelled')
        for (const one of silent) {
          expect(['shipped', 'delivered']).toContain(one.state)
          if (one.lines.length > 0) expect(one.lines.map((line) => [line.channelLineNo, Number(line.quantity)])).toEqual([[order.lineNo, 2]])
        }
      }),
  },
  {
    id: 'ship-lost-answer',
    title: 'a package whose answer got lost is unknown, shows when read back, and is not sent twice when it is told again',
    beside: either(canShip, needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 1)
        const only = parcel(order, { trackingNo: 'SF3000000000001', quantity: 1, last: true })
        await ability(subject, 'readShipments')(stage.call(), order.orderId)
        stage.sim.control.setFault({ kind: 'accept-then-drop', match: { write: true }, times: 1 })
        expect(await ship(stage, only)).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
        expect(stage.sim.faults.fired('accept-then-drop')).toBe(1)
        stage.sim.control.clearFaults()
        expect(['applied', 'unchanged']).toContain((await ship(stage, only)).status)
        expect(await live(stage, order.orderId)).toEqual(['SF3000000000001'])
        const made = stage.sim.ledger.shipments().filter((fact) => fact.orderId === order.orderId && fact.action === 'created')
        expect(made.length).toBeLessThanOrEqual(1)
      }),
  },
  {
    id: 'ship-refused',
    title: 'a package for an order the channel does not know is refused with a reason, and changes nothing',
    beside: either(canShip, needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 1)
        const lost = {
          ...parcel(order, { trackingNo: 'SF4000000000001', quantity: 1, last: true }),
          orderId: nobody(order.orderId),
          channelOrderNo: nobody(order.orderId),
        }
        const outcome = await ship(stage, lost)
        expect(outcome).toMatchObject({ key: lost.key, status: 'refused' })
        if (outcome.status === 'refused') expect(['refused', 'missing']).toContain(outcome.fault.kind)
        expect(stage.sim.ledger.shipments()).toEqual([])
      }),
  },
  {
    id: 'ship-unknown-carrier',
    title: 'a carrier the channel has no code for is refused by name before or at the channel, or goes out under its own name',
    beside: canShip,
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 1)
        const odd = {
          ...parcel(order, { trackingNo: 'ZZ5000000000001', quantity: 1, last: true }),
          carrier: { code: 'no-such-carrier', name: 'Uncle Bob’s Bicycles' },
        }
        const outcome = await ship(stage, odd)
        expect(['applied', 'refused']).toContain(outcome.status)
        const shown = await live(stage, order.orderId)
        if (outcome.status === 'refused') {
          expect(outcome.fault.code ?? '').not.toBe('')
          expect(shown).toEqual([])
        } else expect(shown).toEqual(['ZZ5000000000001'])
      }),
  },
  {
    id: 'cancel-decision',
    title: 'an accepted cancellation cancels the order at the channel once; accepting again changes nothing',
    beside: either(needs('decideCancel', 'pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const order = await placed(stage, 1)
        done(stage.sim.control.requestCancel(order.orderId))
        const asked = orderOf(
          { ...stage, context: { ...stage.context, config: { ...stage.context.config, ...cancelWords } } },
          await readOrder(stage, order.orderId),
        ).cancelRequest
        const decide = ability(subject, 'decideCancel')
        const decision = {
          key: 'd-1',
          channelOrderNo: order.channelOrderNo,
          orderId: order.orderId,
          decision: 'accept',
          reason: 'asked',
          ...(asked?.id === undefined ? {} : { requestId: asked.id }),
        } as const
        expect(await decide(stage.call(), decision)).toMatchObject({ key: 'd-1', status: 'applied' })
        const after = stage.sim.ledger.order(order.orderId)?.status
        expect(['applied', 'unchanged']).toContain((await decide(stage.call(), decision)).status)
        expect(stage.sim.ledger.order(order.orderId)?.status).toBe(after)
        expect(orderOf(stage, await readOrder(stage, order.orderId)).cancelled).toBeDefined()
      }),
  },
]

/** States of shops' own that stand for a wish to cancel, where a connection has to be told. */
const cancelWords = { states: { CancellationRequested: 'cancel_requested' } }

interface PlacedOrder {
  readonly orderId: string
  readonly channelOrderNo: string
  readonly lineNo: string
}

/** A paid order of one line, as the hub would know it. */
async function placed(stage: Stage, quantity: number, pickup = false): Promise<PlacedOrder> {
  const any = done(stage.sim.control.shop())
  const sku = stage.sim.ledger.order(any)?.lines[0]?.sku ?? ''
  // A channel that knows no SKUs has one line for all of an order.
  const cart = sku === '' ? [] : [{ sku: stocked(stage, sku, 500), quantity }]
  const { shop, shopForPickup = shop } = stage.sim.control
  const orderId = sku === '' ? any : done(pickup ? shopForPickup(cart) : shop(cart))
  const order = orderOf(stage, await readOrder(stage, orderId))
  return { orderId, channelOrderNo: order.channelOrderNo, lineNo: order.lines[0]?.channelLineNo ?? '' }
}

/** A paid order of two lines, one piece each. */
async function placedLines(stage: Stage): Promise<Omit<PlacedOrder, 'lineNo'> & { readonly lineNos: readonly string[] }> {
  const skus = new Set<string>()
  for (let tries = 0; skus.size < 2 && tries < 30; tries += 1) {
    const truth = stage.sim.ledger.order(done(stage.sim.control.shop()))
    for (const line of truth?.lines ?? []) skus.add(line.sku)
  }
  const lines = [...skus].slice(0, 2).map((sku) => ({ sku: stocked(stage, sku, 500), quantity: 1 }))
  const orderId = done(stage.sim.control.shop(lines))
  const order = orderOf(stage, await readOrder(stage, orderId))
  return { orderId, channelOrderNo: order.channelOrderNo, lineNos: order.lines.map((line) => line.channelLineNo) }
}

const parcel = (order: PlacedOrder, given: { readonly trackingNo: string; readonly quantity: number; readonly last: boolean }): ShipmentWrite => ({
  key: `p-${given.trackingNo}`,
  channelOrderNo: order.channelOrderNo,
  orderId: order.orderId,
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: given.trackingNo,
  lines: [{ channelLineNo: order.lineNo, quantity: given.quantity }],
  last: given.last,
  shippedAt: '2026-11-22T06:00:00Z',
  idempotencyKey: `${order.orderId}-${given.trackingNo}`,
  notifyBuyer: false,
})

/** A fault that comes out whole is this package's own here. */
async function ship(stage: Stage, shipment: ShipmentWrite): Promise<Outcome> {
  try {
    return await ability(stage.subject, 'pushShipment')(stage.call(), shipment)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return { key: shipment.key, status: 'refused', fault: error.fault }
  }
}

const live = async (stage: Stage, orderId: string): Promise<string[]> =>
  (await ability(stage.subject, 'readShipments')(stage.call(), orderId)).flatMap((one) =>
    one.state !== 'cancelled' && one.trackingNo !== undefined ? [one.trackingNo] : [],
  )

const nobody = (id: string): string => (/^\d+$/.test(id) ? id.replace(/\d/g, '9') : `${id.slice(0, -4)}9999`)
