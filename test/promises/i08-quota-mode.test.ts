import { afterAll, beforeAll, expect, it } from 'vitest'
import { pullRound } from '../../src/activities/pull.ts'
import { pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { openHub, seeded, type PromiseHub } from './open-hub.ts'
import { PlainChannel } from './plain-channel.ts'

const SHOPS = ['c_q0', 'c_q1', 'c_q2']
const SKU = 'LAST-PIECES'
const PIECES = 40
const BEFORE = 6

let hub: PromiseHub
let deps: PushDeps
let clock = Date.parse('2026-11-10T16:00:00Z')
const shops = new Map(SHOPS.map((id) => [id, new PlainChannel()]))
const signal = new AbortController().signal

beforeAll(async () => {
  hub = await openHub()
  const now = (): Date => new Date(clock)
  deps = { ...hub, now, open: async (id) => shop(id).open(await hub.contextOf(id), now) }
  await hub.pool.query('insert into skus (sku) values ($1)', [SKU])
  for (const id of SHOPS) {
    await hub.pool.query(`insert into connections (id, channel, name, armed_stock, stock_mode) values ($1, 'plain', $1, true, 'quota')`, [id])
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, $2, $2, $2, $2, 'code', $3)`,
      [id, SKU, id === 'c_q0' ? BEFORE : 0],
    )
    shop(id).shelf.set(SKU, id === 'c_q0' ? BEFORE : 0)
  }
  await setStock({ pool: hub.pool, actor: 'test', now: now() }, [{ sku: SKU, location: 'main', onHand: String(PIECES) }])
})
afterAll(() => hub.close())

const shop = (id: string): PlainChannel => {
  const found = shops.get(id)
  if (!found) throw new Error(`No shop ${id}.`)
  return found
}
const quietly = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
    },
  )
const pull = (id: string): Promise<unknown> => pullRound(deps, id, { signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
const books = () =>
  hub.rows<{ free: number; units: number; reserved: number }>(
    `select stock_free($1)::int as free, (select sum(units)::int from escrows where sku = $1) as units, (select reserved::int from stock where sku = $1) as reserved`,
    [SKU],
  )

it('sells every piece once over three shops, with answers lost, readings late and pushes cut off, and the books close', async () => {
  const random = seeded(8)
  let sold = 0
  let serial = 0
  let lost = 0
  for (const id of SHOPS) {
    shop(id).aroundWrite = (take) => {
      const fate = random()
      if (fate < 0.3) {
        lost += 1
        throw new ChannelError({ kind: 'in-doubt', message: 'No answer came, and nothing arrived.' })
      }
      const outcomes = take()
      if (fate < 0.6) {
        lost += 1
        throw new ChannelError({ kind: 'in-doubt', message: 'It arrived, and no answer came.' })
      }
      return outcomes
    }
  }
  const most: number[] = []
  for (let round = 0; round < 400 && sold < PIECES; round += 1) {
    clock += 5_000
    for (const id of SHOPS) {
      const shelf = shop(id).shelf
      const left = shelf.get(SKU) ?? 0
      // Everybody wants it: whatever a shop shows, somebody buys.
      if (left > 0 && random() < 0.4) {
        shelf.set(SKU, left - 1)
        sold += 1
        shop(id).put({ no: `${id}-${(serial += 1)}`, at: new Date(clock).toISOString(), placed: new Date(clock).toISOString(), sku: SKU, qty: 1 })
      }
      if (random() < 0.5) await pull(id)
      await quietly(settleDoubt(deps, id, signal))
      if (random() < 0.7) await quietly(pushStock(deps, id, signal))
      if (round % 10 === 0)
        await hub.pool.query(`insert into listing_dirty (connection_id, listing_key) values ($1, $2) on conflict do nothing`, [id, SKU])
    }
    most.push(sold + SHOPS.reduce((sum, id) => sum + (shop(id).shelf.get(SKU) ?? 0), 0))
    expect(sold).toBeLessThanOrEqual(PIECES)
  }
  expect(sold).toBe(PIECES)
  expect(lost).toBeGreaterThanOrEqual(5)
  // What is sold and what all shops show together is never more than there is.
  expect(Math.max(...most)).toBeLessThanOrEqual(PIECES)
  for (let i = 0; i < 12; i += 1) {
    clock += 10_000
    for (const id of SHOPS) {
      await pull(id)
      await quietly(settleDoubt(deps, id, signal))
      await quietly(pushStock(deps, id, signal))
    }
  }
  expect(await books()).toEqual([{ free: 0, units: 0, reserved: PIECES }])
  expect(SHOPS.map((id) => shop(id).shelf.get(SKU))).toEqual([0, 0, 0])
})
