import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Outcome } from '../../../src/core/connector.ts'
import { planStockPush } from '../../../src/deliver/push-stock.ts'
import { recordStockOutcomes } from '../../../src/deliver/record-levels.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { tidyUp } from '../../../src/store/deliver/care.ts'
import { ON_WIRE } from '../../../src/store/deliver/level-calls.ts'
import { countOutbound } from '../../../src/store/deliver/outbound.ts'
import { saveListings } from '../../../src/store/deliver/save-listings.ts'
import { levelsToVerify, recordVerified } from '../../../src/store/deliver/verify-levels.ts'
import { withTx } from '../../../src/store/db.ts'
import { listEffects, readEffect, type EffectFilter } from '../../../src/store/read/effects.ts'
import { stockPushes } from '../../../src/store/read/stock.ts'
import { aConnection, aSku, at, iso, openDatabase } from './build.ts'

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
const plan = (seconds: number) => planStockPush({ pool, now: at(seconds) }, connection, 10, LANDING)
type Writes = Awaited<ReturnType<typeof plan>>['writes']
const answered = (writes: Writes, seconds: number, outcomes: readonly Outcome[]) =>
  recordStockOutcomes({ pool, now: at(seconds) }, { connectionId: connection, writes, ...LANDING }, outcomes)
const taken = (writes: Writes): readonly Outcome[] => writes.map(({ write: { key } }) => ({ key, status: 'applied' }))
const all = async (filter: Partial<EffectFilter> = {}, visible: readonly string[] | null = null): Promise<readonly string[]> => {
  const ids: string[] = []
  for (let after: string | undefined; ; after = ids.at(-1)) {
    const rows = await listEffects(pool, { connection, kind: 'stock', limit: 2, ...filter, after }, visible)
    ids.push(...rows.slice(0, 2).map(({ id }) => id))
    if (rows.length <= 2) return ids
  }
}

it('keeps what was simply taken in the row of its call, and gives anything else an effect of its own', async () => {
  const [plain, proven, refused, lost] = [
    await aSku(pool, [connection]),
    await aSku(pool, [connection]),
    await aSku(pool, [connection]),
    await aSku(pool, [connection]),
  ]
  for (const sku of [plain, proven, refused, lost]) await count(sku, '9')
  const { writes } = await plan(1)
  const fault = { kind: 'refused' as const, message: 'No such product.' }
  expect(
    await answered(writes, 2, [
      { key: plain, status: 'applied' },
      { key: proven, status: 'applied', proof: { quantity: '9' } },
      { key: refused, status: 'refused', fault },
    ]),
  ).toMatchObject({ done: 2, refused: 1, unknown: 1 })
  const own = await pool.query('select listing_key, state from effects where connection_id = $1 order by 1', [connection])
  expect(own.rows).toEqual([
    { listing_key: proven, state: 'done' },
    { listing_key: refused, state: 'refused' },
    { listing_key: lost, state: 'unknown' },
  ])
  const kept = await pool.query('select listing_keys, levels from told_calls where connection_id = $1', [connection])
  expect(kept.rows).toEqual([{ listing_keys: [plain], levels: 1 }])
  expect(await all()).toEqual(writes.map(({ effectId }) => String(effectId)).toReversed())
  expect((await all({ state: 'done' })).length).toBe(2)
  const byNumber = await readEffect(pool, String(writes.find(({ write }) => write.key === plain)?.effectId), [connection])
  expect(byNumber).toMatchObject({
    connection_id: connection,
    effect: { state: 'done', listing_key: plain, intent: { sku: plain, quantity: 9 }, sent_at: iso(1), settled_at: iso(2) },
  })
  expect(await readEffect(pool, byNumber?.id ?? '', ['another'])).toBeUndefined()
  const attempts = await pool.query('select push_attempts::int as n from listings where connection_id = $1 order by listing_key', [connection])
  expect(attempts.rows.map(({ n }) => n)).toEqual([0, 0, 1, 1])
})

it('lists levels of calls whose numbers lie between each other, page by page and for those who may see them', async () => {
  const other = await aConnection(pool)
  const call = (id: string, numbers: readonly number[]) =>
    pool.query(
      `insert into told_calls (connection_id, created_at, sent_at, settled_at, token, levels, first_id, last_id, effect_ids, listing_keys, skus, quantities)
       select $1, $3, $3, $3, 't', cardinality($2::bigint[]), $2[1], $2[cardinality($2::bigint[])], $2, array_agg('L' || n), array_agg('S' || n), array_agg(n % 7) from unnest($2::int[]) n`,
      [id, numbers, at(0)],
    )
  await call(connection, [900_001, 900_003, 900_009])
  await call(connection, [900_002, 900_004, 900_005, 900_006])
  await call(other, [900_007, 900_008])
  await pool.query(
    `insert into effects (id, connection_id, kind, idempotency_key, listing_key, intent, state) overriding system value values (900010, $1, 'stock', 'k', 'L', '{}', 'refused')`,
    [connection],
  )
  const own = [10, 9, 6, 5, 4, 3, 2, 1].map((n) => String(900_000 + n))
  expect(await all()).toEqual(own)
  expect(await all({ connection: undefined, state: 'done' }, [connection])).toEqual(own.slice(1))
  expect((await all({ connection: undefined, state: 'done' })).slice(0, 4)).toEqual(['900009', '900008', '900007', '900006'])
  expect(await all({ connection: undefined }, [])).toEqual([])
  expect(await readEffect(pool, '900007', null)).toMatchObject({ effect: { listing_key: 'L900007', connection_id: other } })
})

it('shows a listing all levels it was told, the one on the wire first, and forgets them after thirty days', async () => {
  const sku = await aSku(pool, [connection])
  for (const [n, quantity] of ['5', '4', '3'].entries()) {
    await count(sku, quantity)
    const { writes } = await plan(n * 2)
    if (n < 2) await answered(writes, n * 2 + 1, taken(writes))
  }
  expect(await stockPushes(pool, sku, undefined, null)).toMatchObject([
    { quantity: '3', state: 'sending' },
    { quantity: '4', state: 'done', sent_at: iso(2), settled_at: iso(3) },
    { quantity: '5', state: 'done' },
  ])
  expect(await stockPushes(pool, sku, 'another', null)).toEqual([])
  const before = (await countOutbound(pool, at(10))).confirmedLastHour
  await tidyUp(pool, at(29 * 86_400))
  expect((await countOutbound(pool, at(10))).confirmedLastHour).toBe(before)
  await tidyUp(pool, at(30 * 86_400 + 10))
  expect((await stockPushes(pool, sku, undefined, null)).map(({ state }) => state)).toEqual(['sending'])
})

it('takes a listing on the wire for neither drift nor news, although its row says nothing of it', async () => {
  const sku = await aSku(pool, [connection])
  await count(sku, '8')
  const first = await plan(0)
  await answered(first.writes, 1, taken(first.writes))
  const verifiable = () => levelsToVerify(pool, connection, { toldBefore: at(500), seenBefore: at(500) }, { moved: 5, all: 5 })
  expect(await verifiable()).toHaveLength(1)
  await count(sku, '6')
  const { writes } = await plan(100)
  expect(writes).toHaveLength(1)
  const page = [{ key: sku, ids: { product: '7' }, sku, title: sku, quantity: '8', active: true }]
  await saveListings(pool, connection, page, at(101))
  await pool.query('delete from listing_dirty where connection_id = $1', [connection])
  expect(await verifiable()).toEqual([])
  const seen = await withTx(pool, (client) =>
    recordVerified(client, connection, [{ key: sku, quantity: 6 }], { startedAt: at(200), endedAt: at(201) }),
  )
  expect(seen).toEqual([])
  await answered(writes, 202, taken(writes))
  const { rows } = await pool.query('select shown::int, confirmed, desired, push_state from listings where connection_id = $1', [connection])
  expect(rows).toEqual([{ shown: 6, confirmed: 6, desired: 6, push_state: 'idle' }])
})

it('leaves the level of a listing alone that was bound to another SKU while its old level was on the wire', async () => {
  const [sku, other] = [await aSku(pool, [connection]), await aSku(pool, [])]
  await count(sku, '8')
  const { writes } = await plan(0)
  await pool.query('update listings set sku = $2, desired = null where connection_id = $1', [connection, other])
  await answered(writes, 1, taken(writes))
  const { rows } = await pool.query('select desired, confirmed from listings where connection_id = $1', [connection])
  expect(rows).toEqual([{ desired: null, confirmed: 8 }])
})

it('looks up what is on the wire by hashing, whatever the planner believes of a table that is written and emptied all the time', async () => {
  await withTx(pool, async (client) => {
    await client.query(
      `select pg_restore_relation_stats('schemaname', 'public', 'relname', 'level_calls', 'relpages', 10, 'reltuples', 1000000::real)`,
    )
    const { rows } = await client.query<Record<string, string>>(
      `explain select 1 from listings l where (l.connection_id, l.listing_key) not in (${ON_WIRE})`,
    )
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('hashed SubPlan')
    await client.query(`select pg_clear_relation_stats('public', 'level_calls')`)
  })
})
