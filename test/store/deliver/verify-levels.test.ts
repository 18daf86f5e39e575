import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OpenedConnection } from '../../../src/activities/pull.ts'
import { pushStock, type PushDeps } from '../../../src/activities/push.ts'
import { levelsDue, verifyLevels } from '../../../src/activities/verify-levels.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { shelf, type Shelf } from './shelf.ts'

let shop: Shelf
beforeAll(async () => {
  shop = await shelf()
})
afterAll(() => shop.close())

const MINUTE = 60_000
const signal = new AbortController().signal
const deps = (): PushDeps => shop.deps
const opened = (): OpenedConnection => shop.opened
const count = (sku: string, onHand: string) => setStock({ pool: shop.pool, actor: 'test', now: shop.now() }, [{ sku, location: 'main', onHand }])
const failures = async (): Promise<readonly { code: string; subject: string; message: string }[]> =>
  (
    await shop.pool.query(
      `select g.code, g.subject, f.message from failures f join failure_groups g on g.id = f.group_id where f.resolved_at is null and g.code = 'stock-drift'`,
    )
  ).rows

it('finds a level that somebody else set, tells it again and says so, but only when it differs twice', async () => {
  const [kept, moved] = [await shop.list('KEPT'), await shop.list('MOVED')]
  await count(kept, '10')
  await count(moved, '20')
  await pushStock(deps(), shop.id, signal)
  expect(shop.levels).toEqual(
    new Map([
      [kept, 10],
      [moved, 20],
    ]),
  )
  shop.skip(10 * MINUTE)
  expect(await levelsDue(deps(), opened())).toBe(true)
  shop.levels.set(moved, 99.5)
  expect(await verifyLevels(deps(), opened(), () => undefined)).toEqual({ read: 2, drifted: 0 })
  expect(await failures()).toEqual([])
  expect((await pushStock(deps(), shop.id, signal)).sent).toBe(0)

  shop.skip(MINUTE)
  expect(await levelsDue(deps(), opened())).toBe(false) // an order may still explain it
  shop.skip(5 * MINUTE)
  expect(await levelsDue(deps(), opened())).toBe(true)
  expect(await verifyLevels(deps(), opened(), () => undefined)).toMatchObject({ drifted: 1 })
  expect(await failures()).toEqual([
    { code: 'stock-drift', subject: moved, message: expect.stringMatching(/MOVED.* shows 99\.5, the hub set it to 20 at 2026/) },
  ])
  await pushStock(deps(), shop.id, signal)
  expect(shop.levels.get(moved)).toBe(20)

  shop.skip(20 * MINUTE)
  await verifyLevels(deps(), opened(), () => undefined)
  expect(await failures()).toEqual([])
})

it('takes no echo of a write of its own and no sale for drift', async () => {
  const sku = await shop.list('ECHO')
  await count(sku, '30')
  await pushStock(deps(), shop.id, signal)
  shop.skip(10 * MINUTE)
  // A sale that is not in the store yet; then its order comes, marks the listing, and the level is told while the channel is read.
  shop.levels.set(sku, 29)
  await verifyLevels(deps(), opened(), () => undefined)
  shop.skip(6 * MINUTE)
  await count(sku, '29')
  shop.whileReading = async () => {
    await pushStock(deps(), shop.id, signal)
  }
  await verifyLevels(deps(), opened(), () => undefined)
  shop.whileReading = undefined
  expect(await failures()).toEqual([])
  shop.skip(20 * MINUTE)
  await verifyLevels(deps(), opened(), () => undefined)
  expect(await failures()).toEqual([])
  expect(shop.levels.get(sku)).toBe(29)
})

it('compares every listing within a day and leaves the rest to the next turn when the channel does not answer', async () => {
  for (let n = 0; n < 60; n += 1) await count(await shop.list(`DAY-${n}`), '5')
  await pushStock(deps(), shop.id, signal)
  shop.skip(10 * MINUTE)
  const since = shop.now()
  shop.broken = true
  expect(await verifyLevels(deps(), opened(), () => undefined)).toEqual({ read: 0, drifted: 0 })
  shop.broken = false
  for (let turn = 0; turn < 96; turn += 1) {
    shop.skip(15 * MINUTE)
    expect(await levelsDue(deps(), opened())).toBe(true)
    await verifyLevels(deps(), opened(), () => undefined)
  }
  const { rows } = await shop.pool.query('select count(*)::int as n from listings where verified_at is null or verified_at < $1', [since])
  expect(rows[0]).toEqual({ n: 0 })
})
