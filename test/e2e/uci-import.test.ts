import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importStore, type ImportStore } from '../volume/import-store.ts'
import { uciFile } from '../volume/uci-rows.ts'
import { poundsOf, sumOf, uciInvoices, type Invoice } from '../volume/uci-sums.ts'

const DATA = uciFile()
/** The first weeks of the file; `npm run test:volume` reads the whole year. */
const ROWS = 40_000

let store: ImportStore
let home: string
let file: string
let known: ReadonlyMap<string, Invoice>

beforeAll(async () => {
  if (DATA === undefined) return
  home = await mkdtemp(join(tmpdir(), 'hub-uci-'))
  file = join(home, 'first-weeks.csv')
  await writeFile(file, await firstLines(DATA, ROWS + 1))
  known = await uciInvoices(DATA, ROWS)
  store = await importStore()
})
afterAll(async () => {
  if (DATA === undefined) return
  await store?.close()
  await rm(home, { recursive: true, force: true })
})

/** No text of the file holds a line feed, so lines are rows. */
async function firstLines(path: string, count: number): Promise<string> {
  const input = createReadStream(path).pipe(createGunzip())
  const lines: string[] = []
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    lines.push(line)
    if (lines.length === count) break
  }
  input.destroy()
  return `${lines.join('\n')}\n`
}

describe.skipIf(DATA === undefined)(
  `UCI Online Retail, its first ${ROWS} rows through the import${DATA === undefined ? ' (skipped: the data set is not here, set HUB_TEST_DATA)' : ''}`,
  () => {
    it('adds up exactly as the file does, every row in one disposition', async () => {
      const report = await store.import(file)
      const all = sumOf(known)
      expect(all.rows).toBe(ROWS)
      expect(report).toMatchObject({ rows: ROWS, documents: all.documents, appended: all.documents, unchanged: 0, rowsToldOf: ROWS, heldBy: [] })
      expect(report.sums).toEqual([
        {
          currency: 'GBP',
          exact: poundsOf(all.thousandths),
          rounded: poundsOf(all.minor * 10),
          rounding: poundsOf(all.thousandths - all.minor * 10),
        },
      ])
      const kinds = (['cancellation', 'ignored', 'order'] as const).map((kind) => ({ kind, ...sumOf(known, kind) }))
      expect(kinds.every(({ documents }) => documents > 0)).toBe(true)
      expect(report.totals.map(({ as, documents, rows, exact }) => [as, documents, rows, exact])).toEqual(
        kinds.map(({ kind, documents, rows, thousandths }) => [kind, documents, rows, poundsOf(thousandths)]),
      )
    })

    it('stands in the store with the same sums, invoice by invoice, and nothing is reserved', async () => {
      const orders = sumOf(known, 'order')
      expect(
        await store.one('select count(*) n, sum(total_minor) total, sum(line_count) lines, count(*) filter (where reserves) reserving from orders'),
      ).toEqual({
        n: String(orders.documents),
        total: String(orders.minor),
        lines: String(orders.rows),
        reserving: '0',
      })
      const { pairs } = await store.one(
        `select string_agg(channel_order_no || '=' || total_minor, ' ' order by channel_order_no collate "C") pairs from orders`,
      )
      const expected = [...known].filter(([, invoice]) => invoice.kind === 'order').map(([no, invoice]) => `${no}=${invoice.minor}`)
      expect(pairs).toBe(expected.toSorted().join(' '))
      const back = sumOf(known, 'cancellation')
      expect(await store.one(`select count(*) n, sum(amount_minor) back from refunds where kind = 'cancellation'`)).toEqual({
        n: String(back.documents),
        back: String(-back.minor),
      })
      // Invoice 536409 sells the same article on two identical lines.
      const twins = `select count(*) n from order_lines l join orders o on o.id = l.order_id where o.channel_order_no = '536409' and l.channel_sku = '21866' and l.quantity = 1`
      expect(await store.one(twins)).toEqual({ n: '2' })
    })

    it('changes nothing when the same file is imported again', async () => {
      const standing = 'select count(*) n, max(version) v, (select count(*) from raw_events) raws, (select count(*) from feed) feed from orders'
      const before = await store.one(standing)
      expect(await store.import(file)).toMatchObject({ rows: ROWS, appended: 0, unchanged: sumOf(known).documents })
      expect(await store.one(standing)).toEqual(before)
    })
  },
)
