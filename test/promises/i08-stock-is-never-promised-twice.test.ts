import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { FEED_LOCK } from '../../src/store/finish.ts'
import { incoming, type PlainDocument } from '../support/builders.ts'
import { breakInserts, openHub, seeded, until, type PromiseHub } from './open-hub.ts'
import { FENCE_SECONDS, PlainChannel } from './plain-channel.ts'

let hub: PromiseHub
let shops: ReadonlyMap<string, PlainChannel>
let deps: PushDeps
let clock = Date.now()
let serial = 0
const signal = new AbortController().signal

beforeAll(async () => {
  hub = await openHub()
  await hub.pool.query(
    `insert into connections (id, channel, name, armed_stock) values ('c_a', 'plain', 'a', true), ('c_b', 'plain', 'b', true), ('c_off', 'plain', 'off', false)`,
  )
})
beforeEach(() => {
  shops = new Map(['c_a', 'c_b', 'c_off'].map((id) => [id, new PlainChannel()]))
  const now = (): Date => new Date(clock)
  deps = { ...hub, now, open: async (id) => shop(id).open(await hub.contextOf(id), now) }
})
afterAll(() => hub.close())

const shop = (id: string): PlainChannel => {
  const found = shops.get(id)
  if (!found) throw new Error(`No shop ${id}.`)
  return found
}
async function aSku(onHand: number): Promise<string> {
  const sku = `T-${(serial += 1)}`
  await hub.pool.query('insert into skus (sku) values ($1)', [sku])
  for (const id of ['c_a', 'c_b', 'c_off']) {
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, $2, $2, $2, $2, 'code', 0)`,
      [id, sku],
    )
  }
  await setStock({ pool: hub.pool, actor: 'test', now: new Date(clock) }, [{ sku, location: 'main', onHand: String(onHand) }])
  return sku
}
const order = async (no: string, sku: string, qty: number, more: Partial<PlainDocument> = {}, connectionId = 'c_a') =>
  ingest(deps, await hub.contextOf(connectionId), [incoming({ no, at: '2026-11-20T07:00:00Z', sku, qty, ...more })])
const stock = async (sku: string): Promise<{ readonly reserved: number; readonly free: number }> =>
  (
    await hub.rows<{ reserved: number; free: number }>(
      `select reserved::int as reserved, (on_hand - reserved)::int as free from stock where sku = $1`,
      [sku],
    )
  )[0] ?? { reserved: 0, free: 0 }

describe('I8 a unit sold', () => {
  it('is reserved in the transaction that stores its order, or neither is there', async () => {
    const sku = await aSku(10)
    const repair = await breakInserts(hub.pool, 'feed')
    await expect(order('A1', sku, 3)).rejects.toThrow('the disk is full')
    await repair()
    expect([await stock(sku), await hub.value(`select count(*)::int from orders where channel_order_no = 'A1'`)]).toEqual([
      { reserved: 0, free: 10 },
      0,
    ])
    await order('A1', sku, 3)
    expect(await stock(sku)).toEqual({ reserved: 3, free: 7 })
  })

  it('is held by its order in every instant anybody can look, while twelve writers place, change and cancel', async () => {
    const sku = await aSku(1000)
    const random = seeded(8)
    let running = true
    const differences: unknown[] = []
    const looking = (async () => {
      while (running) {
        const rows = await hub.rows<{ held: number; reserved: number }>(
          `select (select coalesce(sum(reserved), 0) from order_lines where sku = $1)::int as held, (select reserved from stock where sku = $1)::int as reserved`,
          [sku],
        )
        if (rows[0]?.held !== rows[0]?.reserved) differences.push(rows[0])
        await sleep(2)
      }
    })()
    await Promise.all(
      Array.from({ length: 12 }, async (_, writer) => {
        for (let step = 0; step < 8; step += 1) {
          const status = random() < 0.3 ? { status: 'cancelled' as const } : {}
          await order(`B${(writer + step) % 6}`, sku, 1 + Math.floor(random() * 4), {
            at: `2026-11-20T07:00:${String(step).padStart(2, '0')}Z`,
            total: 1000 + writer,
            ...status,
          })
        }
      }),
    )
    running = false
    await looking
    expect(differences).toEqual([])
    const wanted = await hub.value(
      `select coalesce(sum(l.quantity - l.cancelled), 0)::int from order_lines l join orders o on o.id = l.order_id where l.sku = $1 and o.reserves`,
      [sku],
    )
    expect((await stock(sku)).reserved).toBe(wanted)
  })

  it('is free again when its order is cancelled, and leaves the shelf when the channel says it was shipped', async () => {
    for (const [status, free] of [
      ['cancelled', 10],
      ['shipped', 6],
    ] as const) {
      const sku = await aSku(10)
      await order(`C-${status}`, sku, 4)
      expect(await stock(sku)).toEqual({ reserved: 4, free: 6 })
      await order(`C-${status}`, sku, 4, { status, at: '2026-11-20T08:00:00Z' })
      expect(await stock(sku)).toEqual({ reserved: 0, free })
      await order(`C-${status}`, sku, 4) // the first document once more, late
      expect(await stock(sku)).toEqual({ reserved: 0, free })
    }
  })
})

describe('I8 what channels show', () => {
  it('is never the level from before an order that is just being stored', async () => {
    const sku = await aSku(10)
    const blocker = await hub.pool.connect()
    await blocker.query('begin')
    await blocker.query('select pg_advisory_xact_lock($1)', [FEED_LOCK])
    const selling = order('R1', sku, 4) // reserved, marked, and now waiting to commit
    await until(() => hub.value(`select exists (select 1 from pg_locks where locktype = 'advisory' and not granted)`))
    const pushing = pushStock(deps, 'c_a', signal)
    await sleep(300)
    await blocker.query('commit')
    blocker.release()
    await Promise.all([selling, pushing])
    await pushStock(deps, 'c_a', signal)
    expect(shop('c_a').shelf.get(sku)).toBe(6)
  })

  it('settles on what may be promised after a storm of orders and pushes on two channels', async () => {
    const sku = await aSku(500)
    let sold = false
    const slowly = (id: string): void =>
      void (shop(id).aroundWrite = async (take) => {
        await sleep(3)
        return take()
      })
    slowly('c_a')
    slowly('c_b')
    const pushers = ['c_a', 'c_b'].map(async (id) => {
      while (!sold) await pushStock(deps, id, signal)
    })
    await Promise.all(
      Array.from({ length: 4 }, async (_, writer) => {
        for (let n = 0; n < 15; n += 1) await order(`S${writer}-${n}`, sku, 1 + (n % 3), {}, writer % 2 ? 'c_a' : 'c_b')
      }),
    )
    sold = true
    await Promise.all(pushers)
    for (const id of ['c_a', 'c_b']) await pushStock(deps, id, signal)
    const { free } = await stock(sku)
    expect(free).toBe(500 - 4 * 30)
    expect([shop('c_a').shelf.get(sku), shop('c_b').shelf.get(sku)]).toEqual([free, free])
    for (const id of ['c_a', 'c_b']) {
      const told = shop(id)
        .writes.filter((write) => write.key === sku)
        .map((write) => write.quantity)
      expect(told).toEqual([...told].sort((a, b) => b - a)) // only sales happened: a level that rises again would revive sold units
    }
  })

  it('is not touched while a write is in doubt: the exposure does not rise by a blind repeat', async () => {
    const sku = await aSku(9)
    let calls = 0
    shop('c_a').aroundWrite = () => {
      calls += 1
      throw new ChannelError({ kind: 'in-doubt', message: 'No answer.' })
    }
    await pushStock(deps, 'c_a', signal)
    await order('D1', sku, 5)
    for (let i = 0; i < 4; i += 1) await pushStock(deps, 'c_a', signal)
    expect(calls).toBe(1)
    shop('c_a').aroundWrite = (take) => take()
    shop('c_a').shelf.set(sku, 9) // it had arrived
    clock += (FENCE_SECONDS + 5) * 1000
    await settleDoubt(deps, 'c_a', signal)
    await pushStock(deps, 'c_a', signal)
    expect(shop('c_a').shelf.get(sku)).toBe(4)
  })

  it('is nothing of ours on a connection that was not armed, and never a zero nobody counted', async () => {
    const sku = await aSku(9)
    await hub.pool.query(`insert into skus (sku) values ('UNCOUNTED')`)
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ('c_a', 'UNCOUNTED', 'UNCOUNTED', 'x', 'UNCOUNTED', 'code', 12)`,
    )
    await order('E1', 'UNCOUNTED', 2)
    for (const id of ['c_off', 'c_a']) await pushStock(deps, id, signal)
    expect(shop('c_off').writes).toEqual([])
    expect(shop('c_a').writes.filter((write) => write.key === 'UNCOUNTED')).toEqual([])
    expect(shop('c_a').shelf.get(sku)).toBe(9)
    expect(await hub.value(`select count(*)::int from effects where connection_id = 'c_off'`)).toBe(0)
  })
})
