import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { coverShortages } from '../../../src/deliver/cover-shortages.ts'
import { applyChange, previewChange, ruleFaults, type RuleChange } from '../../../src/deliver/edit-rules.ts'
import { passRuleTime } from '../../../src/deliver/rule-clock.ts'
import { loadScales } from '../../../src/deliver/rule-scales.ts'
import { createShipment } from '../../../src/deliver/shipments.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { setBundle } from '../../../src/store/deliver/bundles.ts'
import type { RuleDraft } from '../../../src/store/deliver/write-rules.ts'
import { ruleFor } from '../../../src/deliver/rules.ts'
import { listOffers } from '../../../src/store/read/pushed-orders.ts'
import { readRules, readRuleState } from '../../../src/store/read/stock-rules.ts'
import { breakFunctions } from '../../support/slips.ts'
import { stockWorld, wrongBooks, type StockWorld, type WorldOrder } from './stock-world.ts'

const T0 = Date.parse('2026-11-10T08:00:00Z')
const at = (seconds: number): Date => new Date(T0 + seconds * 1000)
const OTHERS = ['c_plain', 'c_third'] as const
let world: StockWorld

beforeAll(async () => {
  world = await stockWorld()
  await world.pool.query(
    `insert into connections (id, channel, name) values ('c_own', 'plain', 'Own'), ('c_third', 'plain', 'Third');
     insert into locations (id, name, priority) values ('east', 'East', 5), ('far', 'Far', 50); insert into skus (sku) values ('SET')`,
  )
  await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '2' }, { sku: 'B', quantity: '1' }]) // prettier-ignore
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.pool.query(
    `truncate orders, raw_heads, stock_ledger, listings, listing_dirty restart identity cascade; delete from stock; delete from stock_rules; delete from skus where sku not in ('A', 'B', 'C', 'SET');
     update stock_rule_state set version = version + 1, effective_at = '${at(0).toISOString()}', next_at = null; update locations set sellable = true`,
  )
})

const rule = (given: Partial<RuleDraft> = {}): RuleDraft => ({
  ...{
    id: null,
    name: 'rule',
    plan: null,
    connection_id: 'c_own',
    category: null,
    skus: null,
    starts_at: null,
    ends_at: null,
    enabled: true,
    reason: '',
  },
  ...{ share: null, quota: null, priority: null, maximum: null, buffer: null, locations: ['east'], exclusive: true, stop: null, at_hand: null },
  ...given,
})
async function change(seconds: number, given: Partial<RuleChange>): Promise<number> {
  const request = { change: { put: [], remove: [], restore: null, ...given }, at: undefined, now: at(seconds) }
  const { hash } = await previewChange(world.pool, request)
  return (await applyChange(world.pool, { ...request, previewHash: hash, confirmZero: true, actor: 'test', reason: '' })).marked
}
const count = (sku: string, location: string, onHand: number) =>
  setStock({ pool: world.pool, actor: 'test', now: new Date() }, [{ sku, location, onHand: String(onHand) }])
const holds = async () =>
  (
    await world.rows<{ no: string }>(
      `select o.connection_id || '/' || o.channel_order_no as no from holds h join orders o on o.id = h.order_id where h.code = 'stock-short' and h.released_at is null order by 1`,
    )
  ).map(({ no }) => no)
const BASE = { stock_share: '1', stock_buffer: 0 }
const pools = async (sku: string) => {
  const scales = await loadScales(world.pool, {}, [sku])
  return ['c_own', ...OTHERS].map((id) => scales.of(id, sku, BASE).pool)
}
const order = (no: string, quantity: number, more: Partial<WorldOrder> = {}): WorldOrder => ({ no, lines: [{ sku: 'A', quantity }], ...more })

describe('a place that is kept for one connection', () => {
  beforeEach(async () => {
    await count('A', 'main', 3)
    await count('A', 'east', 10)
    await change(1, { put: [rule()] })
  })

  it('is sold by it alone: its orders take there and nowhere else, what others lack is held although it has plenty', async () => {
    expect(await pools('A')).toEqual(['10', '3', '3'])
    await world.takeAt('c_own', order('1', 4))
    await world.take(order('2', 2))
    expect(await world.shelves()).toEqual({ 'A@east': '10/4', 'A@main': '3/2' })
    await world.takeAt('c_third', order('3', 4))
    expect(await world.shelves()).toEqual({ 'A@east': '10/4', 'A@main': '3/6' })
    expect(await holds()).toEqual(['c_third/3'])
    expect(await pools('A')).toEqual(['6', '0', '0'])
    const offered = async (id: string) => (await listOffers(world.pool, id, { sku: 'A', limit: 1 }, null)).map(({ available }) => available)
    expect([await offered('c_own'), await offered('c_third')]).toEqual([['6'], ['0']])
    // Its own goods do not cover what others owe, nor theirs what it owes.
    expect(await coverShortages({ pool: world.pool, now: at(2) })).toBe(0)
    await world.takeAt('c_own', order('4', 8))
    expect(await holds()).toEqual(['c_own/4', 'c_third/3'])
    expect(await world.shelves()).toEqual({ 'A@east': '10/12', 'A@main': '3/6' })
    await count('A', 'far', 50)
    expect(await coverShortages({ pool: world.pool, now: at(3) })).toBe(1)
    expect(await holds()).toEqual(['c_own/4'])
    expect(await pools('A')).toEqual(['0', '47', '47'])
    await count('A', 'east', 12)
    expect(await coverShortages({ pool: world.pool, now: at(4) })).toBe(1)
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('keeps its goods from bundles of others, and gives them to its own', async () => {
    await count('B', 'main', 9)
    await count('B', 'east', 2)
    expect(await pools('SET')).toEqual(['2', '1', '1'])
    await world.take({ no: '1', lines: [{ sku: 'SET', quantity: 1 }] })
    await world.takeAt('c_own', { no: '2', lines: [{ sku: 'SET', quantity: 2 }] })
    expect(await world.shelves()).toEqual({ 'A@east': '10/4', 'A@main': '3/2', 'B@east': '2/2', 'B@main': '9/1' })
    expect(await holds()).toEqual([])
  })

  it('gives them to an order of another connection whose channel names that place, which is short where that place is', async () => {
    await count('A', 'far', 50)
    const names = (no: string, quantity: number, place: string): WorldOrder => order(no, quantity, { places: [place] })
    world.bind({ W1: 'main', W2: 'east' })
    try {
      await world.takeAt('c_third', names('1', 7, 'W2'))
      expect(await world.shelves()).toEqual({ 'A@east': '10/7', 'A@far': '50/0', 'A@main': '3/0' })
      expect(await pools('A')).toEqual(['3', '53', '53'])
      // The owner's order finds what is left; the next one of the channel's word is short there, and the owner's after it too, while others have plenty.
      await world.takeAt('c_own', order('2', 3))
      expect(await holds()).toEqual([])
      await world.takeAt('c_third', names('3', 1, 'W2'), names('4', 4, 'W1'))
      expect(await holds()).toEqual(['c_third/3', 'c_third/4'])
      await world.takeAt('c_own', order('5', 1))
      expect(await holds()).toEqual(['c_own/5', 'c_third/3', 'c_third/4'])
      await world.takeAt('c_plain', order('6', 20))
      expect(await world.shelves()).toEqual({ 'A@east': '10/12', 'A@far': '50/20', 'A@main': '3/4' })
      expect(await holds()).toEqual(['c_own/5', 'c_third/3', 'c_third/4'])
      expect(await coverShortages({ pool: world.pool, now: at(2) })).toBe(0)
      await count('A', 'main', 4)
      await count('A', 'east', 11)
      expect(await coverShortages({ pool: world.pool, now: at(3) })).toBe(2)
      expect(await holds()).toEqual(['c_own/5'])
      expect(await wrongBooks(world.pool)).toEqual([])
    } finally {
      world.bind()
    }
  })

  it('takes each line of an order of two bound places from its own, the kept one too', async () => {
    world.bind({ W1: 'main', W2: 'east' })
    try {
      await world.takeAt('c_third', { no: '1', lines: [{ sku: 'A', quantity: 4, place: 'W1' }, { sku: 'A', quantity: 11, place: 'W2' }] }) // prettier-ignore
      expect(await world.shelves()).toEqual({ 'A@east': '10/11', 'A@main': '3/4' })
      expect(await holds()).toEqual(['c_third/1'])
      expect(
        await world.rows(`select a.line_no, trim_scale(a.missing)::text as missing from stock_awaited((select id from orders)) a order by 1`),
      ).toEqual([
        { line_no: 1, missing: '1' },
        { line_no: 2, missing: '1' },
      ])
      await count('A', 'main', 40)
      expect(await coverShortages({ pool: world.pool, now: at(2) })).toBe(0)
      await count('A', 'east', 11)
      expect(await coverShortages({ pool: world.pool, now: at(3) })).toBe(1)
      expect(await wrongBooks(world.pool)).toEqual([])
    } finally {
      world.bind()
    }
  })

  it('keeps nothing from orders that had goods there before', async () => {
    await world.takeAt('c_own', order('1', 2))
    const [stored] = await readRules(world.pool)
    await change(2, { put: [{ ...rule(), id: stored?.id ?? 0, enabled: false }] })
    await world.take(order('2', 9))
    expect(await world.shelves()).toEqual({ 'A@east': '10/10', 'A@main': '3/1' })
    await change(3, { put: [{ ...rule(), id: stored?.id ?? 0 }] })
    await world.take(order('2', 9, { payment: 'partially_paid' }))
    expect(await world.shelves()).toEqual({ 'A@east': '10/10', 'A@main': '3/1' })
    await world.take(order('2', 10))
    expect(await world.shelves()).toEqual({ 'A@east': '10/10', 'A@main': '3/2' })
    expect(await holds()).toEqual([])
    await world.take(order('2', 10, { cancelled: true }))
    expect(await world.shelves()).toEqual({ 'A@east': '10/2', 'A@main': '3/0' })
    expect(await wrongBooks(world.pool)).toEqual([])
  })

  it('marks the listings of everybody when it begins', async () => {
    await world.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku, bound) values ('c_plain', 'L-A', 'A', 'A', 'A', 'code'), ('c_third', 'L-SET', 'SET', 'SET', 'SET', 'code'), ('c_third', 'L-C', 'C', 'C', 'C', 'code')`) // prettier-ignore
    await change(4, { remove: (await readRules(world.pool)).map(({ id }) => id) })
    expect(await change(5, { put: [rule({ skus: ['A'] })] })).toBe(2)
  })

  it('is asked for with sense: locations and a connection, one set for all who share it, and a place left for the others', async () => {
    const faults = async (...put: readonly RuleDraft[]) =>
      (await ruleFaults(world.pool, { change: { put, remove: [], restore: null }, at: undefined, now: at(6) })).map(({ code }) => code)
    expect(await faults(rule({ connection_id: null }))).toEqual(['exclusive-alone'])
    expect(await faults(rule({ connection_id: 'c_third', locations: ['east', 'far'] }))).toEqual(['exclusive-overlap'])
    expect(await faults(rule({ connection_id: 'c_third' }), rule({ connection_id: 'c_third', locations: ['far'] }))).toEqual([])
    expect(await faults(rule({ locations: ['main', 'far'] }))).toEqual(['exclusive-all'])
    await world.pool.query(`update connections set stock_mode = 'quota' where id = 'c_third'`)
    expect(await faults(rule({ connection_id: 'c_third' }))).toEqual(['exclusive-quota'])
    await world.pool.query(`update connections set stock_mode = 'shared'`)
  })
})

it('an order of a connection with locations takes its goods there, others take them too, and plain goods at main stay where they were', async () => {
  await world.pool.query(`delete from bundle_parts; update locations set sellable = false where id <> 'main'`)
  await count('A', 'main', 5)
  await world.takeAt('c_own', order('0', 2))
  expect(await world.rows(`select location from order_lines`)).toEqual([{ location: 'main' }])
  await world.pool.query(`update locations set sellable = true`)
  await setBundle(world.pool, 'SET', [{ sku: 'A', quantity: '2' }, { sku: 'B', quantity: '1' }]) // prettier-ignore
  await count('A', 'far', 4)
  await change(1, { put: [rule({ locations: ['far'], exclusive: false })] })
  await world.takeAt('c_own', order('0', 2, { payment: 'partially_paid' }), order('1', 3))
  expect(await world.shelves()).toEqual({ 'A@far': '4/3', 'A@main': '5/2' })
  await world.take(order('2', 4))
  expect(await world.shelves()).toEqual({ 'A@far': '4/4', 'A@main': '5/5' })
  await world.takeAt('c_own', order('3', 1))
  expect(await holds()).toEqual(['c_own/3'])
  expect(await wrongBooks(world.pool)).toEqual([])
})

it('the database and the hub choose the same rule for every listing', async () => {
  await world.pool.query(`insert into skus (sku, category) values ('TEA-1', 'drinks/tea'), ('TEA-1_%', 'drinks'), ('CUP-22', null)`)
  const roll = dice(21)
  const pick = <T>(...some: readonly T[]): T | undefined => some[roll(some.length)]
  const names = ['TEA-1', 'TEA-1_%', 'CUP-22']
  let ruled = 0
  for (let round = 0; round < 40; round += 1) {
    const moments = [null, at(-10).toISOString(), at(0).toISOString(), at(5).toISOString()]
    await world.pool.query('delete from stock_rules')
    for (let i = 0; i < 6; i += 1)
      await world.pool.query(
        `insert into stock_rules (name, author, connection_id, category, skus, locations, exclusive, starts_at, ends_at, enabled) values ('r', 'test', $1, $2, $3, $4, $5, $6, $7, $8)`,
        [pick(null, 'c_own', 'c_third'), pick(null, null, 'drinks*', 'drinks/tea'), pick(null, ['TEA-*'], ['TEA-1', '*'], ['TEA-1_%'], ['*-1', 'CUP-*'], ['TEA-?']), [`p${i}`], roll(2) === 0, pick(...moments.slice(0, 3)), pick(null, null, at(9).toISOString()), roll(6) > 0], // prettier-ignore
      )
    await world.pool.query(`update stock_rule_state set effective_at = $1`, [at(pick(0, 1) ?? 0)])
    const rules = await readRules(world.pool)
    const { effective_at: moment } = await readRuleState(world.pool)
    const rows = await world.rows<{ key: string; says: string }>(
      `select connection_id || ' ' || name as key, array_to_string(locations, '|') || exclusive as says from stock_rule_places($1, $2)`,
      [['c_own', 'c_third', 'c_plain'], names],
    )
    const said = new Map(rows.map(({ key, says }) => [key, says]))
    for (const connectionId of ['c_own', 'c_third', 'c_plain'])
      for (const sku of names) {
        const category = sku === 'TEA-1' ? 'drinks/tea' : sku === 'TEA-1_%' ? 'drinks' : null
        const { locations, exclusive } = ruleFor({ connectionId, sku, category }, rules, moment, BASE)
        const wanted = locations === null ? undefined : `${locations.join('|')}${exclusive}`
        expect(said.get(`${connectionId} ${sku}`), `${round} ${connectionId} ${sku}`).toBe(wanted)
        if (wanted !== undefined) ruled += 1
      }
  }
  expect(ruled).toBeGreaterThan(100)
})

/** The same numbers for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

/** What orders of others have of the goods at the kept place. */
const foreign = async (): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (
      await world.rows<{ key: string; q: number }>(
        `select x.order_id || '/' || x.sku as key, sum(x.quantity)::float8 as q from line_stock x join orders o on o.id = x.order_id where x.location = 'east' and o.connection_id <> 'c_own' and x.sku <> 'C' group by 1`,
      )
    ).map(({ key, q }) => [key, q]),
  )

/** The database's own word on what is open to each connection, beside what levels are worked out from. */
async function disagreeing(): Promise<readonly unknown[]> {
  const odd: unknown[] = []
  for (const sku of ['A', 'C', 'SET']) {
    const scales = await loadScales(world.pool, {}, [sku])
    for (const id of ['c_own', ...OTHERS]) {
      const { pool } = scales.of(id, sku, BASE)
      const [row] = await world.rows<{ n: string }>(
        `select trim_scale(min(case when p.per = 1 then greatest(0, t.n) else floor(greatest(0, t.n) / p.per) end))::text as n
         from (select coalesce(b.sku, $2::text) as part, coalesce(b.quantity, 1) as per from (select 1) o left join bundle_parts b on b.bundle = $2) p
         cross join lateral stock_allowed(array[$1::text], array[$2::text], array[p.part]) a
         cross join lateral (select coalesce(sum(s.on_hand - s.reserved - s.safety - s.held), 0) as n from stock s where s.sku = p.part and s.location = any(a.debts)) t`,
        [id, sku],
      )
      if (pool !== null && Number(pool) !== Number(row?.n)) odd.push([id, sku, pool, row?.n])
    }
  }
  return odd
}

interface Told {
  /** The first thing that was wrong. */
  readonly wrong?: string
  readonly orders: readonly (readonly [string, WorldOrder])[]
  /** Pieces at the kept place that others took while it was not kept, and orders of others while it was. */
  readonly taken: number
  readonly denied: number
}

/** Thirty moments of three connections, in ten of which a place is kept for one of them. */
async function history(seed: number): Promise<Told> {
  const roll = dice(seed)
  const orders = new Map<string, WorldOrder>()
  const told = (taken: number, denied: number, wrong?: string): Told => ({ taken, denied, orders: [...orders].map(([key, one]) => [key.split('|')[0] ?? '', one] as const), ...(wrong !== undefined && { wrong }) }) // prettier-ignore
  const [begins, ends] = [at(110 + seed * 10_000), at(150 + seed * 10_000)]
  let [taken, denied] = [0, 0]
  await change(seed * 10_000, { put: [rule({ skus: ['A', 'B', 'SET'], starts_at: begins.toISOString(), ends_at: ends.toISOString() })] })
  for (let step = 0; step < 30; step += 1) {
    const now = at(90 + step * 3 + seed * 10_000)
    await passRuleTime(world.pool, now)
    const inForce = now >= begins && now < ends
    // Enough for everybody lies where only one may take it.
    if (inForce && step % 4 === 0) for (const part of ['A', 'B']) await count(part, 'east', 15)
    const before = await foreign()
    const connection = ['c_own', ...OTHERS][roll(3)] ?? 'c_own'
    const sku = ['A', 'B', 'C', 'SET'][roll(4)] ?? 'A'
    const known = [...orders.entries()][roll(Math.max(1, orders.size))]
    const what = roll(8)
    if (what < 3) {
      const fresh = Array.from({ length: 1 + roll(3) }, (_, n): WorldOrder => ({ no: `${seed}-${step}-${n}`, lines: [{ sku, quantity: 1 + roll(3) }, { sku: 'A', quantity: 1 }] })) // prettier-ignore
      for (const one of fresh) orders.set(`${connection}|${one.no}`, one)
      await world.takeAt(connection, ...fresh)
    } else if (what < 6 && known) {
      const [key, one] = known
      const next: WorldOrder = what === 3 ? { ...one, cancelled: true } : what === 4 ? { ...one, lines: one.lines.map((line) => ({ ...line, quantity: line.quantity + roll(2) })) } : { ...one, fulfilment: 'shipped' } // prettier-ignore
      orders.set(key, next)
      await world.takeAt(key.split('|')[0] ?? '', next)
    } else if (what === 6 && known) {
      const orderId = await world.idOf(known[1].no)
      await createShipment({ pool: world.pool, actor: 'test', now, orderId, carrier: 'SF', trackingNo: `${seed}/${step}`, force: true, forceReason: 'x', source: 'api', lines: [{ lineNo: 1, quantity: '1' }] }).catch(() => undefined) // prettier-ignore
    } else await count(['A', 'B', 'C'][roll(3)] ?? 'A', ['main', 'east', 'far'][roll(3)] ?? 'main', roll(15))
    const odd = [
      ...(await wrongBooks(world.pool)),
      ...(await world.rows('select code from failure_groups')),
      ...(step % 3 === 0 ? await disagreeing() : []),
    ]
    if (odd.length > 0) return told(taken, denied, `${seed}/${step} ${what}: ${JSON.stringify(odd)}`)
    for (const [key, q] of await foreign()) {
      if (q <= (before.get(key) ?? 0)) continue
      if (inForce) return told(taken, denied, `${seed}/${step} ${what}: ${key} took of a kept place`)
      taken += 1
    }
    if (inForce && what < 3 && connection !== 'c_own') denied += 1
  }
  await passRuleTime(world.pool, at(9_000 + seed * 10_000))
  return told(taken, denied)
}

it('whatever happens in whatever order, rules beginning and ending at night: no piece of a kept place goes to others, and all sums agree', async () => {
  const told = [await history(3), await history(8)]
  expect(told.flatMap(({ wrong }) => wrong ?? [])).toEqual([])
  // The place was worth keeping: at other times others did take goods there.
  const sum = (of: 'taken' | 'denied'): number => told.reduce((all, one) => all + one[of], 0)
  expect(sum('taken')).toBeGreaterThan(2)
  expect(sum('denied')).toBeGreaterThan(2)
  // Written once more, after every rule has ended: nothing is reserved twice.
  const sums = () =>
    world.rows('select sku, trim_scale(sum(on_hand))::text as on_hand, trim_scale(sum(reserved))::text as reserved from stock group by 1 order by 1')
  const before = await sums()
  await world.pool.query(`update orders set content_hash = '\\x00'`)
  for (const [connection, one] of told.flatMap(({ orders }) => orders)) await world.takeAt(connection, one)
  expect(await sums()).toEqual(before)
  expect(await wrongBooks(world.pool)).toEqual([])
}, 120_000)

// prettier-ignore
const SLIPS: readonly (readonly [string, string, string])[] = [
  ['orders of others may take what lies there', '(m.wanted is null or x.id = any(m.wanted)) and (m.alone or y.open) as fits', '(m.wanted is null or x.id = any(m.wanted)) as fits'],
  ['what others lack is owed there', 'order by (sells and fits) desc, fits desc, shares desc, known desc, sells desc, n limit 1) as home', 'order by n limit 1) as home'],
  ['debts of others count there', 'case when m.alone then x.id = any(m.wanted) else y.open end as shares', 'true as shares'],
  ['goods in bundles are kept from nobody', 'not exists (select 1 from taken t where t.part = k.part and t.location = x.id)', 'not exists (select 1 from taken t where t.part = k.part and t.location = x.id and k.name = k.part)'],
]
it.each(SLIPS)(
  'those histories see functions in which %s',
  async (_name, find, put) => {
    const mend = await breakFunctions(world.pool, [{ find, put }])
    try {
      expect((await history(3)).wrong ?? (await history(8)).wrong).toBeDefined()
    } finally {
      await mend()
    }
  },
  60_000,
)
