import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { copyAll, CopyRows, type Cell } from '../../src/store/copy.ts'
import { createPool, isDataError } from '../../src/store/db.ts'
import { freshDatabase } from '../support/db.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool
let client: pg.PoolClient

beforeAll(async () => {
  database = await freshDatabase()
  pool = createPool(database.url, { max: 2 })
  client = await pool.connect()
})
afterAll(async () => {
  client.release()
  await pool.end()
  await database.drop()
})

const ROWS: readonly (readonly Cell[])[] = [
  [1, 'plain', Buffer.from([0, 255, 92, 10])],
  [-2_147_483_648, 'Zürich 天猫 😀\\N\t\n', undefined],
  [undefined, '', Buffer.alloc(0)],
  [2_147_483_647, undefined, randomBytes(700_000)],
  [0, `${'Ü'.repeat(300)} and more`, null],
  ...Array.from({ length: 3000 }, (_, n) => [n, 'x'.repeat(n % 500), randomBytes(n % 300)] as const),
]

const filled = (table: string, rows: readonly (readonly Cell[])[]): CopyRows => {
  const copy = new CopyRows(table, { n: 'int4', t: 'raw', b: 'raw' })
  for (const row of rows) copy.push(row)
  return copy
}

it('brings every cell of every table as it was, in one message with the statements around', async () => {
  await client.query('create temp table a (at serial, n int4, t text, b bytea); create temp table c (at serial, n int4, t text, b bytea)')
  const results = await copyAll(client, [filled('a', ROWS.slice(0, 3)), filled('c', []), filled('c', ROWS)], {
    first: 'select 1 as one;',
    last: 'select count(*)::int as n from c',
  })
  expect(results.at(0)?.rows).toEqual([{ one: 1 }])
  expect(results.at(-1)?.rows).toEqual([{ n: ROWS.length }])
  const { rows } = await client.query<{ n: number | null; t: string | null; b: Buffer | null }>('select n, t, b from c order by at')
  expect((await client.query('select count(*)::int as n from a')).rows).toEqual([{ n: 3 }])
  await client.query('drop table a, c')
  expect(rows.map(({ n, t, b }) => [n, t, b?.toString('hex')])).toEqual(
    ROWS.map(([n, t, b]) => [n ?? null, t ?? null, Buffer.isBuffer(b) ? b.toString('hex') : undefined]),
  )
})

it('says so when a table does not take the rows; nothing after it is done, and the session goes on', async () => {
  await client.query('create temp table c (n int4 check (n > 0), t text, b bytea); create temp table d (n int4, t text, b bytea)')
  const rows = Array.from({ length: 2000 }, (): readonly Cell[] => [-1, 'x', Buffer.alloc(500)])
  await expect(copyAll(client, [filled('c', rows), filled('d', rows)], { last: 'select 1' })).rejects.toMatchObject({ code: '23514' })
  expect((await client.query('select (select count(*) from c)::int as c, (select count(*) from d)::int as d')).rows).toEqual([{ c: 0, d: 0 }])
  await client.query('drop table c, d')
})

it('writes on what was sent only: a session that takes its rows late gets its own', async () => {
  const other = await pool.connect()
  const of = (letter: string): readonly (readonly Cell[])[] => Array.from({ length: 5000 }, (_, n) => [n, letter.repeat(2000), undefined])
  const wrong = `select count(*)::int as n, count(*) filter (where t <> repeat($1, 2000))::int as wrong from c`
  try {
    for (const session of [client, other]) await session.query('create temp table c (n int4, t text, b bytea)')
    await copyAll(other, [filled('c', of('z'))]) // leaves chunks to write again
    const late = copyAll(client, [filled('c', of('a'))], { first: 'select pg_sleep(0.3);' })
    await other.query('truncate c')
    for (const letter of ['x', 'y']) await copyAll(other, [filled('c', of(letter).slice(0, 2500))])
    await late
    expect((await client.query(wrong, ['a'])).rows).toEqual([{ n: 5000, wrong: 0 }])
    expect((await other.query(wrong, ['x'])).rows).toEqual([{ n: 5000, wrong: 2500 }])
  } finally {
    for (const session of [client, other]) await session.query('drop table c')
    other.release()
  }
})

it('leaves NUL out of texts and writes half a surrogate pair as the replacement character', async () => {
  await client.query('create temp table c (n int4, t text, b bytea)')
  await copyAll(client, [
    filled('c', [
      [1, 'a\0b', undefined],
      [2, `x\uD800y${'z'.repeat(60)}\0`, undefined],
    ]),
  ])
  const { rows } = await client.query<{ t: string }>('select t from c order by n')
  await client.query('drop table c')
  expect(rows.map(({ t }) => t)).toEqual(['ab', `x\uFFFDy${'z'.repeat(60)}`])
})

const two = (value: number): string => String(value).padStart(2, '0')
const zone = fc.oneof(
  fc.constantFrom('', 'Z', 'z', '+08', '-0330', '+05:45', '-12:00'),
  fc.tuple(fc.constantFrom('+', '-'), fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 59 })).map(([s, h, m]) => `${s}${two(h)}:${two(m)}`),
)
const fraction = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 999_999 }).chain((n) => fc.constantFrom(`.${n}`, `.${String(n).padStart(6, '0')}`, '.5', '.123')),
)
const time = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 }), fc.constantFrom('T', ' '))
  .chain(([year, month, day, between]) =>
    fc
      .tuple(fc.integer({ min: 0, max: 25 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), fraction, zone)
      .map(([h, m, s, f, z]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}${between}${two(h)}:${two(m)}:${two(s)}${f}${z}`),
  )
const usualTime = fc
  .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true })
  .chain((at) => fc.constantFrom(at.toISOString(), `${at.toISOString().slice(0, 19)}Z`))
const decimal = fc.oneof(
  fc.integer({ min: -100_000, max: 100_000 }).map(String),
  fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.stringMatching(/^\d{0,20}$/)).map(([n, f]) => `${n}.${f}`),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map(String),
  fc.stringMatching(/^[+-]?\d{0,9}\.?\d{0,9}([eE][+-]?\d{1,2})?$/),
  fc.constantFrom('0', '00', '0.00', '-0', '-0.000', '10000', '1.', '.5', '', '.', '+', 'NaN', '1e5', '12.30e-3', '1,5'),
)

/** What the database makes of the same text; undefined where it refuses it. */
async function asRead(type: string, text: string): Promise<string | undefined> {
  return client.query<{ v: string }>(`select $1::text::${type}::text as v`, [text]).then(
    ({ rows }) => rows[0]?.v,
    () => undefined,
  )
}

async function asCopied(type: 'time' | 'numeric', text: string): Promise<string | undefined> {
  try {
    const copy = new CopyRows('v', { v: type })
    copy.push([text])
    await copyAll(client, [copy], { first: 'truncate v;' })
  } catch (error) {
    if (isDataError(error)) return undefined
    throw error
  }
  return (await client.query<{ v: string }>('select v::text as v from v')).rows[0]?.v
}

it('writes times as the database would read their text, and refuses those it refuses', async () => {
  await client.query('drop table if exists v; create temp table v (v timestamptz)')
  await fc.assert(
    fc.asyncProperty(fc.oneof(time, usualTime), async (text) => {
      expect([text, await asCopied('time', text)]).toEqual([text, await asRead('timestamptz', text)])
    }),
    { numRuns: 250 },
  )
  const odd = ['2000-02-29', '1900-02-29T00:00:00Z', '9999-12-31T23:59:59.999999Z', '0001-01-01T00:00:00Z', 'nonsense', '']
  // Twice each: the last one is remembered.
  for (const text of odd.flatMap((one) => [one, one])) expect([text, await asCopied('time', text)]).toEqual([text, await asRead('timestamptz', text)])
})

it('writes decimals as the database would read their text, with their places behind the point', async () => {
  await client.query('drop table if exists v; create temp table v (v numeric)')
  await fc.assert(
    fc.asyncProperty(decimal, async (text) => {
      expect([text, await asCopied('numeric', text)]).toEqual([text, text === 'NaN' ? undefined : await asRead('numeric', text)])
    }),
    { numRuns: 250 },
  )
})

it('refuses numbers that are no whole ones of their size, as values that are to blame', () => {
  for (const [type, value] of [
    ['int4', 1.5],
    ['int4', 2 ** 31],
    ['int8', 2 ** 53],
    ['int8', Number.NaN],
  ] as const) {
    const copy = new CopyRows('c', { n: type })
    let said: unknown
    try {
      copy.push([value])
    } catch (error) {
      said = error
    }
    expect(isDataError(said)).toBe(true)
  }
})
