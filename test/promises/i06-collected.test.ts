import { afterAll, beforeAll, expect, it } from 'vitest'
import { pushEffects, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import type { ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { createShipment } from '../../src/deliver/shipments.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { openHub, type PromiseHub } from './open-hub.ts'
import { FENCE_SECONDS, PlainChannel } from './plain-channel.ts'

let hub: PromiseHub
let clock = Date.parse('2026-11-20T08:00:00Z')
const signal = new AbortController().signal
const now = (): Date => new Date(clock)

beforeAll(async () => {
  hub = await openHub()
  await hub.pool.query('update connections set armed_shipments = true')
  await stockOf(hub.pool, 'TEA', 100)
})
afterAll(() => hub.close())

async function collected(no: string): Promise<void> {
  await ingest(hub, hub.context, [incoming({ no, at: '2026-11-20T07:00:00Z', qty: 2 })])
  const orderId = await hub.value<number>('select id from orders where channel_order_no = $1', [no])
  await createShipment({ pool: hub.pool, orderId, carrier: 'PICKUP', source: 'api', actor: 'test', now: now() })
}
const effectOf = (no: string) =>
  hub.rows<{ state: string; code: string | null }>(
    'select e.state, e.code from effects e join orders o on o.id = e.order_id where o.channel_order_no = $1',
    [no],
  )

it('a channel that has no word for it is told nothing, and a person is asked', async () => {
  const channel = new PlainChannel()
  const deps: PushDeps = { ...hub, now, open: () => Promise.resolve(channel.open(hub.context, now)) }
  await collected('C-1')
  expect(await pushEffects(deps, 'c_plain', signal)).toMatchObject({ refused: 1, done: 0 })
  expect(channel.parcels).toEqual([])
  expect(await effectOf('C-1')).toEqual([{ state: 'refused', code: 'no-pickup' }])
  expect(
    await hub.value(
      `select count(*)::int from failures f join failure_groups g on g.id = f.group_id where g.code = 'no-pickup' and f.resolved_at is null`,
    ),
  ).toBe(1)
})

it('a hand-over whose answer was lost is settled by the pieces the channel shows, and sent again only when it shows none', async () => {
  const plain = new PlainChannel()
  const told: ShipmentWrite[] = []
  let shown: readonly ChannelShipment[] = []
  const open: PushDeps['open'] = () => {
    const opened = plain.open(hub.context, now)
    const { manifest } = opened.connector
    return Promise.resolve({
      ...opened,
      connector: {
        ...opened.connector,
        manifest: { ...manifest, capabilities: { ...manifest.capabilities, pushShipment: { partial: true, pickup: true } } },
        pushShipment: (_call, shipment) => {
          told.push(shipment)
          if (told.length === 2) return Promise.resolve({ key: shipment.key, status: 'applied' })
          throw new ChannelError({ kind: 'in-doubt', code: 'timeout', message: 'No answer in time.' })
        },
        readShipments: () => Promise.resolve(shown),
      },
    })
  }
  const deps: PushDeps = { ...hub, now, open }
  await collected('C-2')
  expect(await pushEffects(deps, 'c_plain', signal)).toMatchObject({ unknown: 1 })
  expect(told).toMatchObject([{ key: 'pickup', trackingNo: '', carrier: { code: 'PICKUP' }, last: true }])

  // A parcel somebody sent from elsewhere is not this.
  shown = [{ channelShipmentNo: '1', trackingNo: 'SF1', state: 'shipped', lines: [] }]
  clock += 5_000
  await settleDoubt(deps, 'c_plain', signal)
  expect(await effectOf('C-2')).toMatchObject([{ state: 'unknown' }])
  expect(await pushEffects(deps, 'c_plain', signal)).toMatchObject({ sent: 0 })
  clock += (FENCE_SECONDS + 1) * 1000
  await settleDoubt(deps, 'c_plain', signal)
  await pushEffects(deps, 'c_plain', signal)
  expect(told).toHaveLength(2)
  expect(await effectOf('C-2')).toMatchObject([{ state: 'done' }])

  await collected('C-3')
  expect(await pushEffects(deps, 'c_plain', signal)).toMatchObject({ unknown: 1 })
  const line = told.at(-1)?.lines[0]?.channelLineNo ?? ''
  shown = [{ channelShipmentNo: '2', state: 'delivered', lines: [{ channelLineNo: line, quantity: '2' }] }]
  clock += 5_000
  await settleDoubt(deps, 'c_plain', signal)
  expect(await effectOf('C-3')).toMatchObject([{ state: 'done' }])
  expect(told).toHaveLength(3)
})
