import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextPosition, positionOf } from '../../../src/kit/pages-by-time.ts'

interface Row {
  readonly id: string
  /** Microseconds since the epoch; the shop shows milliseconds. */
  readonly us: number
}
const EPOCH = '2026-11-22T00:00:00.000Z'
const BASE_US = Date.parse(EPOCH) * 1000
const shown = (row: Row): string => new Date(Math.floor(row.us / 1000)).toISOString()

/** What a shop answers: rows beyond `after` but those named, in order of time, `skip` of them left out. */
function ask(rows: readonly Row[], position: ReturnType<typeof positionOf>, size: number): readonly Row[] {
  const afterUs = Date.parse(position.after) * 1000
  const seen = new Set(position.seen)
  const sorted = rows.filter((row) => row.us > afterUs && !seen.has(row.id)).sort((a, b) => a.us - b.us || (a.id < b.id ? -1 : 1))
  return sorted.slice(position.skip, position.skip + size)
}

function walk(rows: readonly Row[], size: number, between: (rows: readonly Row[], page: number) => readonly Row[]): readonly string[] {
  const found: string[] = []
  let table = rows
  let position = positionOf(undefined, EPOCH)
  for (let page = 0; page < 200; page++) {
    const got = ask(table, position, size)
    found.push(...got.map((row) => row.id))
    position = positionOf(
      nextPosition(
        position,
        got.map((row) => ({ id: row.id, at: shown(row) })),
      ).cursor,
      EPOCH,
    )
    if (got.length < size) return found
    table = between(table, page)
  }
  throw new Error('The walk never ends.')
}

/** Few instants, so that most orders tie; a third of them within one shown millisecond. */
const rowsOf = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 5 }).map((s) => s * 1_000_000),
      fc.integer({ min: 0, max: 3 }).map((ms) => ms * 1000),
      fc.integer({ min: 0, max: 4000 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((times) => times.map((us, i): Row => ({ id: `o${i}`, us: BASE_US + us })))

it('hands out every order and comes to an end, however many share an instant', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 1, max: 7 }), (rows, size) => {
      const found = walk(rows, size, (table) => table)
      expect(new Set(found)).toEqual(new Set(rows.map((row) => row.id)))
    }),
    { numRuns: 500 },
  )
})

it('misses no order that stands still while others leave the window', () => {
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(59), { maxLength: 10 }), (rows, size, leaving) => {
      const gone = new Set<string>()
      const found = walk(rows, size, (table, page) => {
        const victim = table[leaving[page] ?? -1]
        if (victim) gone.add(victim.id)
        return table.filter((row) => row !== victim)
      })
      expect(rows.filter((row) => !gone.has(row.id) && !found.includes(row.id))).toEqual([])
    }),
    { numRuns: 500 },
  )
})
