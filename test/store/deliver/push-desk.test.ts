import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createDesk, type DeskDeps, type PushDesk } from '../../../src/activities/push-desk.ts'
import { pushStock } from '../../../src/activities/push.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { startOutbound, stopOutbound } from '../../../src/deliver/arm.ts'
import { pauseSku, resumeSku } from '../../../src/store/deliver/pause-sku.ts'
import { takeTurns } from '../../../src/store/deliver/due-stock.ts'
import { loadConnections } from '../../../src/store/deliver/open-connection.ts'
import { listen, type Wake } from '../../../src/store/listen.ts'
import { shelf, type Shelf } from './shelf.ts'

let shop: Shelf
let wake: Wake
const desks: PushDesk[] = []
beforeEach(async () => {
  shop = await shelf()
  wake = listen(shop.databaseUrl, 'hub_push')
})
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop()
  await wake.close()
  await shop.close()
})

const signal = new AbortController().signal
const count = (levels: Readonly<Record<string, number>>) =>
  setStock(
    { pool: shop.pool, actor: 'test', now: shop.now() },
    Object.entries(levels).map(([sku, onHand]) => ({ sku, location: 'main', onHand: String(onHand) })),
  )

/** A desk that hears of marks alone: its own look comes long after the test is over. */
function desk(given: Partial<DeskDeps> = {}): PushDesk {
  const made = createDesk({
    ...shop.deps,
    loadAll: (ids) => loadConnections(shop.pool, ids),
    openLoaded: () => shop.opened,
    wake: { wait: () => wake.wait(600_000) },
    log: { warn: () => undefined },
    ...given,
  })
  desks.push(made)
  made.start()
  return made
}

async function shows(levels: Readonly<Record<string, number>>): Promise<void> {
  const all = (): boolean => Object.entries(levels).every(([sku, level]) => shop.levels.get(sku) === level)
  for (const end = Date.now() + 15_000; !all(); await sleep(10)) if (Date.now() > end) expect(Object.fromEntries(shop.levels)).toMatchObject(levels)
}

it('is called by the mark of whoever moves stock, and by the end of a stop', async () => {
  await shop.list('CALLED')
  desk()
  await sleep(200)
  await count({ CALLED: 7 })
  await shows({ CALLED: 7 })
  await stopOutbound({ pool: shop.pool, actor: 'test', reason: 'test', now: shop.now() })
  await count({ CALLED: 3 })
  await sleep(300)
  expect(shop.levels.get('CALLED')).toBe(7)
  await startOutbound({ pool: shop.pool, actor: 'test', now: shop.now() })
  await shows({ CALLED: 3 })
})

it('leaves a connection alone whose turn another worker has', async () => {
  await shop.list('TURN')
  expect(await takeTurns(shop.pool, 'another', [shop.id])).toEqual([shop.id])
  await count({ TURN: 5 })
  desk()
  await sleep(500)
  expect(shop.levels.size).toBe(0)
  await shop.pool.query(`update push_turns set until = now()`) // the other one is gone
  await count({ TURN: 6 })
  await shows({ TURN: 6 })
})

it('tries a connection again later after a fault, and never twice what may have arrived', async () => {
  await shop.list('FAULT')
  let faults = 0
  shop.channel.aroundWrite = (take) => {
    faults += 1
    if (faults === 1) throw new ChannelError({ kind: 'throttled', message: 'Slow down.', retryAfterMs: 400 })
    return take()
  }
  desk({ wake: { wait: (ms) => wake.wait(ms) } })
  await count({ FAULT: 4 })
  await shows({ FAULT: 4 })
  expect(faults).toBe(2)
  expect(shop.channel.writes.map(({ quantity }) => quantity)).toEqual([4])
})

it('tells what runs out before what does not, where a channel makes it wait, and starves nobody', async () => {
  const plenty = Array.from({ length: 120 }, (_, n) => `PLENTY-${String(n).padStart(3, '0')}`)
  const last = Array.from({ length: 60 }, (_, n) => `ZLAST-${String(n).padStart(3, '0')}`)
  for (const sku of [...plenty, ...last]) await shop.list(sku)
  await count(Object.fromEntries([...plenty, ...last].map((sku) => [sku, 500])))
  await pushStock(shop.deps, shop.id, signal)
  await count(Object.fromEntries([...plenty.map((sku) => [sku, 400] as const), ...last.map((sku, n) => [sku, n % 4] as const)]))
  const batches: (readonly string[])[] = []
  shop.channel.aroundWrite = async (take, writes) => {
    batches.push(writes.map(({ key }) => key))
    await sleep(450) // what a limit would make it wait
    return take()
  }
  await pushStock(shop.deps, shop.id, signal)
  const urgent = batches.map((batch) => batch.filter((key) => key.startsWith('ZLAST')).length)
  // Fifty a call: the first is planned before anybody waits; then three quarters of one go to what runs out, the emptiest first.
  expect(urgent.slice(0, 2)).toEqual([0, 37])
  expect(urgent).toHaveLength(4)
  expect(batches[1]?.filter((key) => /ZLAST-0(00|04|08)/.test(key))).toHaveLength(3)
  expect(batches[1]?.filter((key) => key.startsWith('PLENTY'))).toHaveLength(13)
  expect(batches.flat()).toHaveLength(180)
  expect(new Set(batches.flat()).size).toBe(180)
})

it('tells nobody a level of a paused SKU, says why, and the newest once it goes on', async () => {
  await shop.list('FROZEN')
  await shop.list('OTHER')
  await count({ FROZEN: 9, OTHER: 9 })
  await pushStock(shop.deps, shop.id, signal)
  expect(await pauseSku(shop.pool, { sku: 'FROZEN', reason: 'recalled', actor: 'user:1', now: shop.now() })).toBe(true)
  await count({ FROZEN: 2, OTHER: 2 })
  await pushStock(shop.deps, shop.id, signal)
  expect(Object.fromEntries(shop.levels)).toEqual({ FROZEN: 9, OTHER: 2 })
  const { rows } = await shop.pool.query(`select push_state, push_message from listings where listing_key = 'FROZEN'`)
  expect(rows[0]).toEqual({ push_state: 'blocked', push_message: 'sku-paused' })
  await count({ FROZEN: 1 })
  expect(await resumeSku(shop.pool, 'FROZEN')).toBe(true)
  await pushStock(shop.deps, shop.id, signal)
  expect(shop.levels.get('FROZEN')).toBe(1)
  expect(await pauseSku(shop.pool, { sku: 'NONE', reason: 'x', actor: 'user:1', now: shop.now() })).toBe(false)
})
