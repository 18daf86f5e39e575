import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pushEffects, pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { createShipment } from '../../src/deliver/shipments.ts'
import { LEASE_SECONDS } from '../../src/deliver/settle-stock.ts'
import { planEffects } from '../../src/deliver/settle-effects.ts'
import { planStockPush } from '../../src/deliver/push-stock.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming } from '../support/builders.ts'
import { openHub, type PromiseHub } from './open-hub.ts'
import { FENCE_SECONDS, PlainChannel } from './plain-channel.ts'

let hub: PromiseHub
let channel: PlainChannel
let deps: PushDeps
let clock = Date.parse('2026-11-20T08:00:00Z')
let serial = 0

const signal = new AbortController().signal
const later = (seconds: number): void => void (clock += seconds * 1000)
const noAnswer = (): never => {
  throw new ChannelError({ kind: 'in-doubt', code: 'timeout', message: 'No answer in time.' })
}

beforeAll(async () => {
  hub = await openHub()
  await hub.pool.query(`update connections set armed_stock = true, armed_shipments = true`)
})
beforeEach(() => {
  channel = new PlainChannel()
  const now = (): Date => new Date(clock)
  deps = { ...hub, now, open: () => Promise.resolve(channel.open(hub.context, now)) }
})
afterAll(() => hub.close())

/** A counted SKU with a listing of the same name. */
async function listed(onHand: string): Promise<string> {
  const sku = `SKU-${(serial += 1)}`
  await hub.pool.query('insert into skus (sku) values ($1)', [sku])
  await hub.pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ('c_plain', $1, $1, $1, $1, 'code', 0)`,
    [sku],
  )
  await count(sku, onHand)
  return sku
}
const count = (sku: string, onHand: string) => setStock({ pool: hub.pool, actor: 'test', now: new Date(clock) }, [{ sku, location: 'main', onHand }])
const effects = (where: string) =>
  hub.rows<{ state: string; quantity: number | null; sent: boolean }>(
    `select state, (intent ->> 'quantity')::int as quantity, sent_at is not null as sent from effects_now where listing_key = $1 or intent ->> 'tracking_no' = $1 or shipment_id = (select id from shipments where tracking_no = $1) order by id`,
    [where],
  )

async function shipped(trackingNo: string): Promise<void> {
  const no = `S-${trackingNo}`
  const sku = await listed('10')
  await pushStock(deps, 'c_plain', signal)
  await ingest(deps, hub.context, [incoming({ no, at: '2026-11-20T07:00:00Z', sku })])
  const orderId = await hub.value<number>('select id from orders where channel_order_no = $1', [no])
  await createShipment({ pool: hub.pool, orderId, carrier: 'SF', trackingNo, source: 'api', actor: 'test', now: new Date(clock) })
}

describe('I6 a stock level', () => {
  it('is on record as intent, committed, before the channel is called', async () => {
    const sku = await listed('12')
    const seen: unknown[] = []
    channel.aroundWrite = async (take, writes) => {
      for (const write of writes)
        seen.push(
          ...(await hub.rows(
            `select state, (intent ->> 'quantity')::int as quantity, idempotency_key = $2 as same from effects_now where listing_key = $1`,
            [write.key, write.idempotencyKey],
          )),
        )
      return take()
    }
    await pushStock(deps, 'c_plain', signal)
    expect(seen).toEqual([{ state: 'sending', quantity: 12, same: true }])
    expect(await effects(sku)).toEqual([{ state: 'done', quantity: 12, sent: true }])
  })

  it.each([
    ['never arrived', () => noAnswer()],
    ['arrived and its answer was lost', (take: () => unknown) => (take(), noAnswer())],
    [
      'was cut off inside a server error',
      (take: () => unknown) => {
        take()
        throw new ChannelError({ kind: 'transient', status: 502, message: 'Bad gateway.' })
      },
    ],
    [
      'was answered with something nobody can read',
      (take: () => unknown) => {
        take()
        throw new ChannelError({ kind: 'unreadable', message: 'The answer is a web page.' })
      },
    ],
  ])('that %s is in doubt: nothing is sent again until it was read back', async (_how, answer) => {
    const sku = await listed('5')
    let calls = 0
    channel.aroundWrite = (take) => {
      calls += 1
      return answer(take)
    }
    await pushStock(deps, 'c_plain', signal).catch(() => undefined)
    expect(await effects(sku)).toEqual([{ state: 'unknown', quantity: 5, sent: true }])
    await count(sku, '4')
    for (let i = 0; i < 5; i += 1) {
      await pushStock(deps, 'c_plain', signal)
      await settleDoubt(deps, 'c_plain', signal) // its fence has not passed: it could still land
      later(5)
    }
    expect(calls).toBe(1)
    channel.aroundWrite = (take) => take()
    if (!channel.shelf.has(sku)) channel.shelf.set(sku, 0)
    later(FENCE_SECONDS)
    await settleDoubt(deps, 'c_plain', signal)
    await pushStock(deps, 'c_plain', signal)
    expect((await effects(sku)).at(-1)).toEqual({ state: 'done', quantity: 4, sent: true })
    expect(channel.shelf.get(sku)).toBe(4)
    expect(await hub.value(`select count(*)::int from effects_now where state in ('sending', 'unknown')`)).toBe(0)
  })

  it('left on the wire by a process that died is doubt, not a second write', async () => {
    const sku = await listed('7')
    const { writes } = await planStockPush({ pool: hub.pool, now: new Date(clock) }, 'c_plain', 10, { skewSeconds: 10, tMaxSeconds: 50 })
    channel.shelf.set(writes[0]?.write.key ?? '', 7) // it arrived; nobody was left to hear the answer
    await count(sku, '6')
    await pushStock(deps, 'c_plain', signal)
    expect(channel.writes).toEqual([])
    later(LEASE_SECONDS + FENCE_SECONDS + 1)
    await settleDoubt(deps, 'c_plain', signal)
    expect(await effects(sku)).toEqual([{ state: 'done', quantity: 7, sent: true }])
    expect(channel.writes).toEqual([])
    await pushStock(deps, 'c_plain', signal)
    expect(channel.shelf.get(sku)).toBe(6)
  })
})

describe('I6 a package', () => {
  it('whose answer was lost is read back and not sent twice', async () => {
    await shipped('SF100000001')
    let intent: unknown
    channel.aroundParcel = async (take) => {
      intent = await hub.value(`select e.state from effects e join shipments s on s.id = e.shipment_id where s.tracking_no = 'SF100000001'`)
      take()
      return noAnswer()
    }
    await pushEffects(deps, 'c_plain', signal)
    expect(intent).toBe('sending')
    channel.aroundParcel = (take) => take()
    for (let i = 0; i < 3; i += 1) await pushEffects(deps, 'c_plain', signal)
    later(FENCE_SECONDS + 1)
    await settleDoubt(deps, 'c_plain', signal)
    await pushEffects(deps, 'c_plain', signal)
    expect(await effects('SF100000001')).toMatchObject([{ state: 'done' }])
    expect(channel.parcels).toHaveLength(1)
  })

  it('that certainly did not arrive is sent once more, after it was read back', async () => {
    await shipped('SF100000002')
    channel.aroundParcel = () => noAnswer()
    await pushEffects(deps, 'c_plain', signal)
    channel.aroundParcel = (take) => take()
    later(FENCE_SECONDS + 1)
    await settleDoubt(deps, 'c_plain', signal)
    await pushEffects(deps, 'c_plain', signal)
    expect(channel.parcels).toHaveLength(1)
    expect(await effects('SF100000002')).toMatchObject([{ state: 'done' }])
  })

  it('claimed by a process that died is sent by nobody until the channel was asked', async () => {
    await shipped('SF100000003')
    const { shipments } = await planEffects({ pool: hub.pool, now: new Date(clock) }, 'c_plain', 10)
    expect(shipments).toHaveLength(1)
    channel.parcels.push({ orderId: shipments[0]?.external_id ?? '', trackingNo: 'SF100000003' })
    later(LEASE_SECONDS + FENCE_SECONDS + 1)
    await pushEffects(deps, 'c_plain', signal)
    await settleDoubt(deps, 'c_plain', signal)
    await pushEffects(deps, 'c_plain', signal)
    expect(channel.parcels).toHaveLength(1)
    expect(await effects('SF100000003')).toMatchObject([{ state: 'done' }])
  })
})

it('I6 leaves no effect without an end', async () => {
  expect(await hub.rows(`select state, count(*)::int as n from effects_now where state not in ('done', 'refused', 'cancelled') group by 1`)).toEqual(
    [],
  )
})
