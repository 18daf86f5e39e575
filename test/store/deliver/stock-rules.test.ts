import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applyChange, previewChange, type RuleChange } from '../../../src/deliver/edit-rules.ts'
import { endCalls } from '../../../src/store/deliver/level-calls.ts'
import { planStockPush } from '../../../src/deliver/push-stock.ts'
import { passRuleTime } from '../../../src/deliver/rule-clock.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import type { RuleDraft } from '../../../src/store/deliver/write-rules.ts'
import { upsertSkus } from '../../../src/store/edit/skus.ts'
import { readRules, readRuleState } from '../../../src/store/read/stock-rules.ts'
import { aConnection, aSku, at, iso, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())
// Rules hold for all goods: each test has the set to itself.
beforeEach(async () => {
  await pool.query('delete from listings')
  const rules = await readRules(pool)
  if (rules.length > 0) await change(0, { remove: rules.map(({ id }) => id) })
  await pool.query(`update stock_rule_state set effective_at = $1, next_at = null`, [at(0)])
  await pool.query('delete from listing_dirty')
})

const rule = (given: Partial<RuleDraft> = {}): RuleDraft => ({
  ...{
    id: null,
    name: 'rule',
    plan: null,
    connection_id: null,
    category: null,
    skus: null,
    starts_at: null,
    ends_at: null,
    enabled: true,
    reason: '',
  },
  ...{ share: null, quota: null, priority: null, maximum: null, buffer: null, locations: null, exclusive: false, stop: null, at_hand: null },
  ...given,
})

/** As a person does it: looks at the preview, then applies exactly that. */
async function change(seconds: number, given: Partial<RuleChange>): Promise<{ readonly version: number; readonly marked: number }> {
  const request = { change: { put: [], remove: [], restore: null, ...given }, at: undefined, now: at(seconds) }
  const { hash } = await previewChange(pool, request)
  return applyChange(pool, { ...request, previewHash: hash, confirmZero: true, actor: 'test', reason: 'because' })
}

const count = (sku: string, onHand: string, location = 'main') => setStock({ pool, actor: 'test', now: at(0) }, [{ sku, location, onHand }])
const levels = async (connection: string, seconds = 0): Promise<Readonly<Record<string, number>>> => {
  const plan = await planStockPush({ pool, now: at(seconds) }, connection, 100, { skewSeconds: 10, tMaxSeconds: 50 })
  const calls = plan.writes.flatMap(({ call }) => call ?? [])
  await endCalls(pool, calls, [], at(seconds))
  return Object.fromEntries(plan.writes.map(({ write }) => [write.key, write.quantity]))
}

describe('rules in force', () => {
  it('decide the level of their listings, leave the others alone, and are taken back by undoing', async () => {
    const [one_, two] = [await aConnection(pool, { share: 0.5 }), await aConnection(pool)]
    const [tea, cup] = [await aSku(pool, [one_, two], 'TEA-1'), await aSku(pool, [one_, two], 'CUP-1')]
    await count(tea, '100')
    await count(cup, '40')
    expect([await levels(one_), await levels(two)]).toEqual([
      { 'TEA-1': 50, 'CUP-1': 20 },
      { 'TEA-1': 100, 'CUP-1': 40 },
    ])
    const { version, marked } = await change(1, { put: [rule({ skus: ['TEA-*'], maximum: 30 }), rule({ connection_id: two, buffer: 5 })] })
    expect(marked).toBe(3)
    expect([await levels(one_, 2), await levels(two, 2)]).toEqual([{ 'TEA-1': 30 }, { 'TEA-1': 30, 'CUP-1': 35 }])
    const [first] = await readRules(pool)
    await change(3, { put: [{ ...rule({ skus: ['TEA-*'], stop: true }), id: first?.id ?? 0 }] })
    expect([await levels(one_, 4), await levels(two, 4)]).toEqual([{ 'TEA-1': 0 }, { 'TEA-1': 0 }])
    await change(5, { restore: version })
    expect((await levels(one_, 6))['TEA-1']).toBe(30)
    await change(7, { restore: version - 1 })
    expect(await readRules(pool)).toEqual([])
    expect([await levels(one_, 8), await levels(two, 8)]).toEqual([{ 'TEA-1': 50 }, { 'TEA-1': 100, 'CUP-1': 40 }])
    await change(9, { restore: version })
    expect((await readRules(pool)).map(({ maximum, buffer }) => [maximum, buffer])).toEqual([
      [30, null],
      [null, 5],
    ])
  })

  it('follow the category of a SKU, also when it changes', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection], 'MUG-1')
    await count(sku, '10')
    await change(0, { put: [rule({ category: 'cups/*', share: '0.5' })] })
    expect(await levels(connection)).toEqual({ 'MUG-1': 10 })
    await upsertSkus(pool, [{ sku, category: 'cups/large' }])
    expect(await levels(connection)).toEqual({ 'MUG-1': 5 })
    await upsertSkus(pool, [{ sku, category: 'cups/large', title: 'Mug' }])
    expect(await levels(connection)).toEqual({})
  })

  it('keep a listing to what is here although its SKU sells ahead, bundles too', async () => {
    const [presale, here] = [await aConnection(pool), await aConnection(pool)]
    const sku = await aSku(pool, [presale, here], 'PEN-1')
    const box = await aSku(pool, [presale, here], 'BOX-1')
    await pool.query('insert into bundle_parts (bundle, sku, quantity) values ($1, $2, 4)', [box, sku])
    await count(sku, '9')
    await pool.query('update skus set sells_ahead = true where sku = $1', [sku])
    await pool.query(`insert into arrivals (ref, sku, location, quantity) values ('pens', $1, 'main', 20)`, [sku])
    expect([await levels(presale), await levels(here)]).toEqual([
      { 'PEN-1': 29, 'BOX-1': 7 },
      { 'PEN-1': 29, 'BOX-1': 7 },
    ])
    await change(1, { put: [rule({ at_hand: true }), rule({ connection_id: presale, at_hand: false })] })
    expect([await levels(presale, 2), await levels(here, 2)]).toEqual([
      { 'PEN-1': 29, 'BOX-1': 7 },
      { 'PEN-1': 9, 'BOX-1': 2 },
    ])
    // What listings under quota have is nobody else's.
    await pool.query(`insert into escrows (connection_id, listing_key, sku, units) values ('elsewhere', 'PEN-1', $1, 6)`, [sku])
    await pool.query('insert into listing_dirty (connection_id, listing_key) select connection_id, listing_key from listings on conflict do nothing')
    expect([await levels(presale, 3), await levels(here, 3)]).toEqual([
      { 'PEN-1': 23, 'BOX-1': 5 },
      { 'PEN-1': 3, 'BOX-1': 0 },
    ])
    await pool.query(`delete from escrows where connection_id = 'elsewhere'`)
    await pool.query(`delete from bundle_parts where bundle = $1`, [box])
  })

  it('feed a listing from its own locations only', async () => {
    const [online, counter] = [await aConnection(pool), await aConnection(pool)]
    const sku = await aSku(pool, [online, counter], 'BAG-1')
    await pool.query(`insert into locations (id, name) values ('r-shop', 'Shop'), ('r-loft', 'Loft') on conflict do nothing`)
    await count(sku, '30')
    await count(sku, '7', 'r-shop')
    await count(sku, '2', 'r-loft')
    await change(0, { put: [rule({ connection_id: counter, locations: ['r-loft', 'r-shop'] })] })
    expect([await levels(online), await levels(counter)]).toEqual([{ 'BAG-1': 39 }, { 'BAG-1': 9 }])
    await pool.query(`update stock set held = 1 where sku = $1 and location = 'r-loft'`, [sku])
    await count(sku, '10', 'r-shop')
    expect(await levels(counter)).toEqual({ 'BAG-1': 11 })
  })

  it('give the last pieces to the highest priority alone', async () => {
    const all = [await aConnection(pool), await aConnection(pool), await aConnection(pool)]
    const [own, market] = all
    const sku = await aSku(pool, all, 'LAST-1')
    await change(0, { put: [rule({ connection_id: own ?? '', priority: 2 }), rule({ connection_id: market ?? '', priority: 1 })] })
    const shown = async (pieces: string): Promise<readonly (number | undefined)[]> => {
      await count(sku, pieces)
      const said = []
      for (const connection of all) said.push((await levels(connection))[sku])
      return said
    }
    expect(await shown('3')).toEqual([3, 3, 3])
    expect(await shown('2')).toEqual([2, 2, 0])
    expect(await shown('1')).toEqual([1, 0, 0])
    expect(await shown('0')).toEqual([0, 0, 0])
  })

  it('take effect between two looks at a warm cache, whoever changed them', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '10')
    await levels(connection)
    await pool.query(`insert into stock_rules (name, maximum, enabled, author) values ('by hand', 4, true, 'test')`)
    await count(sku, '11')
    expect(await levels(connection)).toEqual({ [sku]: 11 })
    await pool.query('update stock_rule_state set version = version + 1')
    await count(sku, '12')
    expect(await levels(connection)).toEqual({ [sku]: 4 })
  })
})

describe('a plan with dates', () => {
  it('begins and ends by itself: its listings are told anew at both moments, no others, and once', async () => {
    const connection = await aConnection(pool)
    const [tea] = [await aSku(pool, [connection], 'D11-TEA'), await aSku(pool, [connection], 'D11-CUP')]
    await count(tea, '100')
    await count('D11-CUP', '50')
    await levels(connection)
    await change(10, { put: [rule({ plan: 'Double 11', skus: ['D11-TEA'], quota: 80, starts_at: iso(100), ends_at: iso(200) })] })
    expect((await readRuleState(pool)).next_at).toBe(iso(100))
    expect(await levels(connection, 99)).toEqual({})
    expect(await passRuleTime(pool, at(99))).toBe(0)
    // Two workers at the same moment: one of them marks.
    const marked = await Promise.all([passRuleTime(pool, at(100)), passRuleTime(pool, at(100))])
    expect(marked.toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(await levels(connection, 100)).toEqual({ 'D11-TEA': 80 })
    await count(tea, '90')
    expect(await levels(connection, 150)).toEqual({ 'D11-TEA': 80 })
    expect(await passRuleTime(pool, at(199))).toBe(0)
    expect(await passRuleTime(pool, at(260))).toBe(1)
    expect(await levels(connection, 260)).toEqual({ 'D11-TEA': 90 })
    expect((await readRuleState(pool)).next_at).toBeNull()
  })

  it('is not begun by a worker whose clock runs ahead of the others: what is in force moves with the marks', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '100')
    await change(10, { put: [rule({ maximum: 5, starts_at: iso(100) })] })
    expect(await levels(connection, 500)).toEqual({ [sku]: 100 })
    await passRuleTime(pool, at(101))
    expect(await levels(connection, 0)).toEqual({ [sku]: 5 })
  })
})

describe('preview and applying', () => {
  it('says what every listing would show then, the rule that does it, totals and exposure, and stores nothing', async () => {
    const [a, b] = [await aConnection(pool), await aConnection(pool)]
    const sku = await aSku(pool, [a, b], 'SEEN-1')
    await count(sku, '60')
    const draft = rule({ name: 'Day of sales', connection_id: b, share: '0.25', starts_at: iso(1000) })
    const request = (moment: number) => ({ change: { put: [draft], remove: [], restore: null }, at: iso(moment), now: at(0) })
    const later = await previewChange(pool, request(1000))
    expect(later.items.map(({ listing, before, after, by }) => [listing.connection_id, before, after, by.map(({ rule: name }) => name)])).toEqual([
      [a, 60, 60, []],
      [b, 60, 15, ['Day of sales']],
    ])
    expect(later.totals).toEqual({
      ...{ listings: 2, changed: 1, lower: 1, raise: 0, zero: 0 },
      ...{ published_before: 120, published_after: 75, exposure_before: 60, exposure_after: 15 },
    })
    expect((await previewChange(pool, request(999))).totals.changed).toBe(0)
    expect(await readRules(pool)).toEqual([])
    expect((await one<{ n: number }>(pool, 'select count(*)::int n from stock_rule_changes where version > $1', [later.version])).n).toBe(0)
  })

  it('is refused once rules or listings are others than previewed, not because stock has moved', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '60')
    const request = { change: { put: [rule({ maximum: 10 })], remove: [], restore: null }, at: undefined, now: at(0) }
    const apply = (previewHash: string | undefined) => applyChange(pool, { ...request, previewHash, confirmZero: false, actor: 'test', reason: '' })
    const { hash } = await previewChange(pool, request)
    await expect(apply(undefined)).rejects.toMatchObject({ code: 'preview-required' })
    await aSku(pool, [connection])
    await expect(apply(hash)).rejects.toMatchObject({ code: 'preview-outdated' })
    const again = await previewChange(pool, request)
    await count(sku, '61')
    await apply(again.hash)
    await expect(apply(again.hash)).rejects.toMatchObject({ code: 'preview-outdated' })
  })

  it('wants to be told twice before it shows nothing, and needs no preview for what stays switched off', async () => {
    const connection = await aConnection(pool)
    const sku = await aSku(pool, [connection])
    await count(sku, '60')
    const stop = { change: { put: [rule({ stop: true })], remove: [], restore: null }, at: undefined, now: at(0) }
    const { hash, totals } = await previewChange(pool, stop)
    expect(totals.zero).toBe(1)
    await expect(applyChange(pool, { ...stop, previewHash: hash, confirmZero: false, actor: 'test', reason: '' })).rejects.toMatchObject({
      code: 'zero-not-confirmed',
    })
    const draft = { ...stop, change: { ...stop.change, put: [rule({ stop: true, enabled: false })] } }
    const { marked } = await applyChange(pool, { ...draft, previewHash: undefined, confirmZero: false, actor: 'test', reason: '' })
    expect(marked).toBe(0)
    expect(await levels(connection)).toEqual({ [sku]: 60 })
  })
})
