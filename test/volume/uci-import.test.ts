import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importStore, type ImportStore } from './import-store.ts'
import { uciFile } from './uci-rows.ts'

const DATA = uciFile()

let store: ImportStore

beforeAll(async () => {
  if (DATA !== undefined) store = await importStore()
})
afterAll(() => store?.close())

describe.skipIf(DATA === undefined)(
  `UCI Online Retail through the import${DATA === undefined ? ' (skipped: the data set is not here, set HUB_TEST_DATA)' : ''}`,
  () => {
    it('adds up exactly: every row in one disposition, money to the tenth of a penny', { timeout: 900_000 }, async () => {
      const report = await store.import(DATA ?? '')
      expect(report).toMatchObject({ rows: 541_909, documents: 25_900, appended: 25_900, unchanged: 0, rowsToldOf: 541_909, heldBy: [] })
      expect(report.sums).toEqual([{ currency: 'GBP', exact: '9747747.934', rounded: '9747747.93', rounding: '0.004' }])
      expect(report.totals.map(({ as, rule, documents, rows, exact, rounding }) => [as, rule, documents, rows, exact, rounding])).toEqual([
        ['adjustment', 'bad-debt-adjustment', 3, 3, '-11062.06', '0'],
        ['cancellation', 'cancelled-invoice', 3836, 9288, '-896812.49', '0'],
        ['ignored', 'stock-adjustment', 1336, 1336, '0', '0'],
        ['order', '', 20_725, 531_282, '10655622.484', '0.004'],
      ])
      expect(report.totals.reduce((sum, total) => sum + total.rows, 0)).toBe(541_909)
    })
    it(
      'stands in the store with the same sums, nothing reserved, the largest invoice whole and duplicate lines kept',
      { timeout: 60_000 },
      async () => {
        expect(
          await store.one(
            `select count(*) n, sum(total_minor) total, sum(line_count) lines, count(*) filter (where reserves) reserving, count(*) filter (where not closed) open from orders`,
          ),
        ).toEqual({ n: '20725', total: '1065562248', lines: '531282', reserving: '0', open: '0' })
        expect(await store.one(`select count(*) n, sum(amount_minor) back from refunds where kind = 'cancellation'`)).toEqual({
          n: '3836',
          back: '89681249',
        })
        expect(await store.one(`select count(*) n, sum(amount_minor) back from refunds where kind = 'adjustment'`)).toEqual({
          n: '3',
          back: '1106206',
        })
        expect(await store.one(`select line_count n from orders where channel_order_no = '573585'`)).toEqual({ n: '1114' })
        expect(
          await store.one(`select count(*) n, count(distinct raw_id) raws from raw_dispositions where disposition in ('applied', 'ignored')`),
        ).toEqual({ n: '25900', raws: '25900' })
        expect(await store.one(`select count(*) n from raw_dispositions where disposition = 'ignored'`)).toEqual({ n: '1336' })
        // Invoice 536409 sells the same article on two identical lines.
        expect(
          await store.one(
            `select count(*) n, sum(quantity) q from order_lines l join orders o on o.id = l.order_id where o.channel_order_no = '536409' and l.channel_sku = '21866' and l.quantity = 1`,
          ),
        ).toEqual({ n: '2', q: '2' })
      },
    )
    it('changes nothing when the same file is imported again, and never held the file in memory', { timeout: 900_000 }, async () => {
      const before = await store.one(
        'select count(*) n, max(version) v, (select count(*) from raw_events) raws, (select count(*) from feed) feed from orders',
      )
      expect(await store.import(DATA ?? '')).toMatchObject({ rows: 541_909, appended: 0, unchanged: 25_900 })
      expect(
        await store.one('select count(*) n, max(version) v, (select count(*) from raw_events) raws, (select count(*) from feed) feed from orders'),
      ).toEqual(before)
      expect(store.peakBytes()).toBeLessThan(700_000_000)
    })
  },
)
