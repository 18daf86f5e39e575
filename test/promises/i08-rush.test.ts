import { afterEach, beforeEach, expect, it } from 'vitest'
import { pullRound } from '../../src/activities/pull.ts'
import { pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { readEscrows } from '../../src/store/deliver/escrow.ts'
import { openHub, type PromiseHub } from './open-hub.ts'
import { PlainChannel } from './plain-channel.ts'

const SKU = 'RUSH-1'
const PIECES = 100
const SHOPS = ['c_r0', 'c_r1', 'c_r2', 'c_r3']
const signal = new AbortController().signal

let hub: PromiseHub
let deps: PushDeps
let clock: number
let serial = 0
let shops: ReadonlyMap<string, PlainChannel>
const now = (): Date => new Date(clock)

beforeEach(async () => {
  hub = await openHub()
  clock = Math.floor(Date.now() / 1000) * 1000
  serial = 0
  shops = new Map(SHOPS.map((id) => [id, new PlainChannel()]))
  deps = { ...hub, now, open: async (id) => shop(id).open(await hub.contextOf(id), now) }
})
afterEach(() => hub.close())

const shop = (id: string): PlainChannel => {
  const found = shops.get(id)
  if (!found) throw new Error(`No shop ${id}.`)
  return found
}
const shown = (id: string): number => shop(id).shelf.get(SKU) ?? 0
const shelves = (): number => SHOPS.reduce((sum, id) => sum + shown(id), 0)

async function opened(): Promise<void> {
  await hub.pool.query('insert into skus (sku) values ($1)', [SKU])
  for (const id of SHOPS) {
    await hub.pool.query(`insert into connections (id, channel, name, armed_stock, stock_mode) values ($1, 'plain', $1, true, 'quota')`, [id])
    await hub.pool.query(
      `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) values ($1, $2, $2, $2, $2, 'code', 0)`,
      [id, SKU],
    )
    shop(id).shelf.set(SKU, 0)
  }
  await setStock({ pool: hub.pool, actor: 'test', now: now() }, [{ sku: SKU, location: 'main', onHand: String(PIECES) }])
  for (let i = 0; i < 10; i += 1) await turn(5)
  expect(SHOPS.map(shown)).toEqual([25, 25, 25, 25])
}
/** So many seconds later everybody was asked and told once. */
async function turn(seconds: number): Promise<void> {
  clock += seconds * 1000
  for (const id of SHOPS) {
    await pullRound(deps, id, { signal, budgetMs: 60_000, heartbeat: () => undefined }, true)
    await settleDoubt(deps, id, signal)
  }
  for (const id of SHOPS) await pushStock(deps, id, signal)
}
function buy(id: string): boolean {
  if (shown(id) <= 0) return false
  shop(id).shelf.set(SKU, shown(id) - 1)
  const at = now().toISOString()
  shop(id).put({ no: `${id}-${(serial += 1)}`, at, placed: at, sku: SKU, qty: 1 })
  return true
}

it('a rush at one shop draws the units of the others there while it lasts, and sells them all there', async () => {
  await opened()
  let sold = 0
  for (let i = 0; i < 60 && sold < PIECES - 5; i += 1) {
    for (let k = 0; k < 5; k += 1) if (buy('c_r0')) sold += 1
    await turn(10)
    expect(sold + shelves()).toBeLessThanOrEqual(PIECES)
  }
  expect(sold).toBeGreaterThanOrEqual(PIECES - 5)
})

it('counts what is sold in a rush for more than a steady week', async () => {
  await opened()
  for (let i = 0; i < 6; i += 1) buy('c_r0')
  for (let i = 0; i < 2; i += 1) buy('c_r1')
  await turn(5)
  await hub.pool.query(`update escrow_lines set at = $1 where connection_id = 'c_r0'`, [new Date(clock - 3 * 86_400_000)])
  const sold = new Map((await readEscrows(hub.pool, [SKU], now())).map((row) => [row.connection_id, row.sold]))
  expect([sold.get('c_r0'), sold.get('c_r1')]).toEqual([6, 48])
})

it('a shop that compares gives back without being closed, and is read anew where it shows another number', async () => {
  for (const id of SHOPS) shop(id).compares = true
  await opened()
  for (const id of SHOPS) shop(id).writes.length = 0
  let sold = 0
  for (let i = 0; i < 60 && sold < PIECES - 5; i += 1) {
    for (let k = 0; k < 5; k += 1) if (buy('c_r0')) sold += 1
    await turn(10)
    expect(sold + shelves()).toBeLessThanOrEqual(PIECES)
  }
  expect(sold).toBeGreaterThanOrEqual(PIECES - 5)
  const gaveBack = SHOPS.slice(1).flatMap((id) => shop(id).writes)
  expect(gaveBack.length).toBeGreaterThan(0)
  expect(gaveBack.filter(({ quantity, expected }) => quantity === 0 && (expected ?? 0) > 3)).toEqual([])
  // Nobody is asked to look at a level that was refused for that reason: it was set again.
  expect(await hub.rows(`select 1 from failures where resolved_at is null`)).toEqual([])
})
