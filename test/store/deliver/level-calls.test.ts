import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { cancelEffect, retryEffect } from '../../../src/deliver/effects.ts'
import { planStockPush, planStockPushes } from '../../../src/deliver/push-stock.ts'
import { recordTaken } from '../../../src/deliver/record-levels.ts'
import { expireSending, LEASE_SECONDS } from '../../../src/deliver/settle-stock.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { beginCalls, type DecidedListings } from '../../../src/store/deliver/level-calls.ts'
import { countOutbound } from '../../../src/store/deliver/outbound.ts'
import { readMarked } from '../../../src/store/deliver/plan-stock.ts'
import { withTx } from '../../../src/store/db.ts'
import { listListings } from '../../../src/store/read/listings.ts'
import { listEffects } from '../../../src/store/read/effects.ts'
import { aConnection, aSku, at, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
let connection: string
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
beforeEach(async () => {
  connection = await aConnection(pool)
})
afterAll(() => database.close())

const LANDING = { skewSeconds: 10, tMaxSeconds: 50 }
const count = (sku: string, onHand: string) => setStock({ pool, actor: 'test', now: at(0) }, [{ sku, location: 'main', onHand }])
const one = async <T>(sql: string, values: readonly unknown[]): Promise<T | undefined> => (await pool.query<{ it: T }>(sql, [...values])).rows[0]?.it
const stateOf = async (sku: string) =>
  (await listListings(pool, { connection, limit: 100 }, null)).find(({ listing_key: key }) => key === sku)?.push_state
const isMarked = (sku: string) =>
  one<boolean>('select exists (select 1 from listing_dirty where connection_id = $1 and listing_key = $2) as it', [connection, sku])

/** Reads what is marked, lets something happen, then tells everything it read. */
async function tellAfter(happens: () => Promise<unknown>): Promise<readonly number[]> {
  return withTx(pool, async (client) => {
    const wanted = [{ connectionId: connection, most: 100 }]
    const read = await readMarked(client, wanted)
    await happens()
    const all = read.map((one): DecidedListings => ({ ...one, decided: one.listings.map(() => ({ quantity: 7, reason: null })) }))
    const calls = await beginCalls(client, all, 'token', at(0))
    return calls.flatMap(({ effectIds }) => effectIds)
  })
}

it('leaves a listing alone that is marked anew meanwhile, with its mark: what was read may be old by then', async () => {
  const sku = await aSku(pool, [connection])
  await count(sku, '7')
  const told = await tellAfter(() => pool.query('update listing_dirty set at = now() where connection_id = $1', [connection]))
  expect(told).toEqual([])
  expect([await stateOf(sku), await isMarked(sku)]).toEqual(['idle', true])
})

it('leaves a listing alone that was changed meanwhile, and one that is marked and unchanged is told', async () => {
  const [frozen, other] = [await aSku(pool, [connection]), await aSku(pool, [connection])]
  await count(frozen, '7')
  await count(other, '7')
  const told = await tellAfter(() =>
    pool.query('update listings set paused = true where connection_id = $1 and listing_key = $2', [connection, frozen]),
  )
  expect(told).toHaveLength(1)
  expect([await stateOf(frozen), await isMarked(frozen)]).toEqual(['idle', true])
  expect([await stateOf(other), await isMarked(other)]).toEqual(['sending', false])
})

it('is seen as on the wire by everybody before the call is answered, under the number and key it keeps', async () => {
  const sku = await aSku(pool, [connection])
  await count(sku, '12')
  const { writes } = await planStockPush({ pool, now: at(1) }, connection, 10, LANDING)
  const [write] = writes
  const filter = { connection, kind: 'stock', limit: 10 }
  const seen = await listEffects(pool, { ...filter, state: 'sending' }, null)
  expect(seen).toMatchObject([{ id: String(write?.effectId), effect: { state: 'sending', listing_key: sku, intent: { sku, quantity: 12 } } }])
  expect((await countOutbound(pool, at(1))).sending).toBeGreaterThan(0)
  const person = { pool, effectId: write?.effectId ?? 0, reason: 'test', actor: 'test', now: at(1) }
  await expect(retryEffect({ ...person, force: true })).rejects.toMatchObject({ code: 'effect-not-retryable' })
  await expect(cancelEffect(person)).rejects.toMatchObject({ code: 'effect-not-cancellable' })
  expect(await recordTaken({ pool, now: at(2) }, [{ id: write?.call ?? 0, connectionId: connection, listingKeys: [sku], proven: [] }])).toEqual([
    true,
  ])
  expect(await listEffects(pool, { ...filter, state: 'done' }, null)).toMatchObject([
    { id: String(write?.effectId), effect: { intent: { sku, quantity: 12 } } },
  ])
  expect(await one('select idempotency_key as it from effect_numbered($1)', [write?.effectId])).toBe(write?.write.idempotencyKey)
})

it('records calls of several connections at once, but not one whose process was given up for dead', async () => {
  const other = await aConnection(pool)
  const sku = await aSku(pool, [connection, other])
  await count(sku, '9')
  const plans = await planStockPushes(
    { pool, now: at(0) },
    [connection, other].map((connectionId) => ({ connectionId, maxBatch: 10, landing: LANDING })),
  )
  expect(await expireSending({ pool, now: at(LEASE_SECONDS + 1) }, other, LANDING)).toBe(1)
  const calls = [connection, other].map((id) => ({ id: plans.get(id)?.writes[0]?.call ?? 0, connectionId: id, listingKeys: [sku], proven: [] }))
  expect(await recordTaken({ pool, now: at(LEASE_SECONDS + 2) }, calls)).toEqual([true, false])
  const { rows } = await pool.query('select connection_id, state from effects_now where listing_key = $1 order by connection_id = $2', [sku, other])
  expect(rows).toEqual([
    { connection_id: connection, state: 'done' },
    { connection_id: other, state: 'unknown' },
  ])
  expect(await one('select count(*)::int as it from level_calls where connection_id = any($1)', [[connection, other]])).toBe(0)
})

it('is told by one of those who plan at once, and by nobody again before its call is over', async () => {
  const skus: string[] = []
  for (let n = 0; n < 40; n += 1) skus.push(await aSku(pool, [connection]))
  await setStock(
    { pool, actor: 'test', now: at(0) },
    skus.map((sku) => ({ sku, location: 'main', onHand: '6' })),
  )
  const planned = async (): Promise<readonly string[]> => {
    const plans = await Promise.all(Array.from({ length: 4 }, () => planStockPush({ pool, now: at(1) }, connection, 25, LANDING)))
    return plans.flatMap(({ writes }) => writes.map(({ write }) => write.key))
  }
  const told = [...(await planned()), ...(await planned())]
  expect(told.toSorted()).toEqual(skus.toSorted())
  await setStock(
    { pool, actor: 'test', now: at(2) },
    skus.map((sku) => ({ sku, location: 'main', onHand: '5' })),
  )
  expect(await planned()).toEqual([])
  expect(await expireSending({ pool, now: at(LEASE_SECONDS + 2) }, connection, LANDING)).toBe(40)
  expect(await planned()).toEqual([])
})

it('names listings with any text', async () => {
  const names = ['a"b', 'c\\d', 'e,{f}', "g'h", ' NULL ', 'NULL', '中文'].map((name) => `${name}/${connection}`)
  for (const name of names) {
    await aSku(pool, [connection], name)
    await count(name, '3')
  }
  const { writes } = await planStockPush({ pool, now: at(0) }, connection, 10, LANDING)
  expect(writes.map(({ write }) => write.key).toSorted()).toEqual(names.toSorted())
  expect(writes.map(({ write }) => write.quantity)).toEqual(names.map(() => 3))
})
