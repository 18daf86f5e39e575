import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { applyChange, previewChange } from '../../../src/deliver/edit-rules.ts'
import { planStockPush } from '../../../src/deliver/push-stock.ts'
import { recordStockOutcomes } from '../../../src/deliver/record-levels.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import type { RuleDraft } from '../../../src/store/deliver/write-rules.ts'
import { readRules } from '../../../src/store/read/stock-rules.ts'
import { aConnection, aSku, at, iso, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

const LANDING = { skewSeconds: 0, tMaxSeconds: 50 }
const nothing = { id: null, plan: null, category: null, skus: null, starts_at: null, ends_at: null, reason: '', enabled: true }
const mute = { share: null, quota: null, priority: null, maximum: null, buffer: null, locations: null, exclusive: false, stop: null, at_hand: null }
const rule = (given: Partial<RuleDraft>): RuleDraft => ({ ...nothing, ...mute, name: 'rule', connection_id: null, ...given })

let clock = 0
beforeEach(async () => {
  clock += 10_000
  const rules = await readRules(pool)
  if (rules.length > 0)
    await change(
      [],
      rules.map(({ id }) => id),
    )
})

async function change(put: readonly RuleDraft[], remove: readonly number[] = []): Promise<void> {
  const request = { change: { put, remove, restore: null }, at: undefined, now: at(clock) }
  const { hash } = await previewChange(pool, request)
  await applyChange(pool, { ...request, previewHash: hash, confirmZero: true, actor: 'test', reason: '' })
}

/** Goods of their own with one listing under quota for each number: what its books and its shelf have. */
async function goods(onHand: number, ...units: readonly number[]): Promise<{ readonly sku: string; readonly ids: readonly string[] }> {
  const ids = []
  for (const _ of units) ids.push(await aConnection(pool))
  const sku = await aSku(pool, ids)
  await setStock({ pool, actor: 'test', now: at(clock) }, [{ sku, location: 'main', onHand: String(onHand) }])
  for (const [i, id] of ids.entries()) {
    await pool.query(`update connections set stock_mode = 'quota' where id = $1`, [id])
    await pool.query('update listings set shown = $2::int, confirmed = $2::int where connection_id = $1', [id, units[i]])
    await pool.query('insert into escrows (connection_id, listing_key, sku, units, since, checked_at) values ($1, $2, $2, $3, $4, $5)', [
      ...[id, sku, units[i], iso(clock - 3600), iso(clock)],
    ])
    await pool.query('insert into escrow_watermarks values ($1, $2)', [id, iso(clock - 60)])
  }
  return { sku, ids }
}

/** Planned, taken by the channel, and reckoned with: nobody bought anything meanwhile. */
async function settle(ids: readonly string[]): Promise<readonly (number | undefined)[]> {
  clock += 60
  const told: (number | undefined)[] = []
  for (const id of ids) {
    const plan = await planStockPush({ pool, now: at(clock) }, id, 100, LANDING)
    await recordStockOutcomes(
      { pool, now: at(clock) },
      { connectionId: id, writes: plan.writes, ...LANDING },
      plan.writes.map(({ write }) => ({ key: write.key, status: 'applied' })),
    )
    told.push(plan.writes[0]?.write.quantity)
  }
  clock += 60
  for (const id of ids) await pool.query('select escrow_settle($1, $2)', [id, iso(clock)])
  return told
}
const units = async (sku: string): Promise<readonly number[]> =>
  (
    await one<{ units: readonly number[] }>(
      pool,
      'select array_agg(units::int order by length(connection_id), connection_id) as units from escrows where sku = $1',
      [sku],
    )
  ).units

it('sets a fixed number aside first, shares the rest by weight up to a maximum, and leaves a buffer free', async () => {
  const { sku, ids } = await goods(100, 0, 0, 0)
  const [a = '', b = '', c = ''] = ids
  await change([rule({ connection_id: a, quota: 12 }), rule({ connection_id: b, maximum: 20 }), rule({ connection_id: c, buffer: 8 })])
  expect(await settle(ids)).toEqual([12, 20, 60])
  expect(await units(sku)).toEqual([12, 20, 60])
  const seen = await previewChange(pool, {
    change: { put: [rule({ connection_id: c, maximum: 5 })], remove: [], restore: null },
    at: undefined,
    now: at(clock),
  })
  expect(seen.items.filter((item) => item.listing.sku === sku).map(({ before, after }) => [before, after])).toEqual([
    [12, 12],
    [20, 20],
    [60, 5],
  ])
})

it('takes back at once what a new maximum or a stop leaves too much, and gives it to the others', async () => {
  const { sku, ids } = await goods(100, 50, 50)
  const [a = '', b = ''] = ids
  await change([rule({ connection_id: a, maximum: 10 })])
  // Nothing is free to set 10: closed for a moment, opened with what its reckoning set free.
  expect((await settle([a]))[0]).toBe(0)
  expect((await settle([a]))[0]).toBe(10)
  expect(await units(sku)).toEqual([10, 50])
  await change([rule({ connection_id: b, stop: true })])
  expect(await settle([b])).toEqual([0])
  expect(await units(sku)).toEqual([10, 0])
  await change(
    [],
    (await readRules(pool)).map(({ id }) => id),
  )
  await settle(ids)
  expect((await units(sku)).every((each) => each >= 40)).toBe(true)
})

it('gives the last pieces to the highest priority', async () => {
  const { sku, ids } = await goods(1, 0, 0, 0)
  await change([rule({ connection_id: ids[2] ?? '', priority: 1 })])
  await settle(ids)
  await settle(ids)
  expect(await units(sku)).toEqual([0, 0, 1])
})
