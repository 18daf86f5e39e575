import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { files } from '../../mappings/files.ts'
import { openImport } from '../../src/app/files.ts'
import type { RawRecord } from '../../src/core/connector.ts'
import { importFile } from '../../src/intake/files/import-file.ts'
import type { ImportReport } from '../../src/intake/files/import-file.ts'
import { pathSource } from '../../src/kit/files/source.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys, SecretBox } from '../../src/store/envelope.ts'
import { freshDatabase } from '../support/db.ts'
import type { TestDatabase } from '../support/db.ts'

/** UCI "Online Retail" as CSV (541,909 rows); HUB_TEST_DATA names the file or the folder that holds it. */
const DATA = [process.env['HUB_TEST_DATA'], '../shared/data'].flatMap((place) => (place === undefined ? [] : [resolve(place), resolve(place, 'uci-online-retail.csv.gz')])).find((path) => path.endsWith('.gz') && existsSync(path))
const context = { connectionId: 'c_uci', channel: 'files', timezone: 'Europe/London', currency: 'GBP', config: { fieldMap: 'uci-online-retail' }, sandbox: false }

let database: TestDatabase
let pool: pg.Pool
let peakBytes = 0

beforeAll(async () => {
  if (DATA === undefined) return
  database = await freshDatabase()
  pool = createPool(database.url)
  await pool.query(`insert into connections (id, channel, name, timezone) values ('c_uci', 'files', 'UCI', 'Europe/London')`)
})
afterAll(async () => {
  if (DATA === undefined) return
  await pool.end()
  await database.drop()
})

async function imported(): Promise<ImportReport & { readonly rowsToldOf: number; readonly seconds: number }> {
  const box = new SecretBox(randomBytes(32))
  const deps = { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['files', files]]), now: () => new Date() }
  const started = Date.now()
  const receivedAt = new Date(started).toISOString()
  const file = await openImport(pathSource(DATA ?? ''), context)
  let rowsToldOf = 0
  const report = await importFile({
    read: file.read,
    append: async (records: readonly RawRecord[]) => {
      const result = await ingest(deps, context, records.map((record) => ({ record, source: 'file', receivedAt, readStartedAt: receivedAt, authoritative: true })))
      peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed)
      return { appended: result.seen - result.unchanged, unchanged: result.unchanged }
    },
    onRow: () => rowsToldOf++,
  })
  return { ...report, rowsToldOf, seconds: (Date.now() - started) / 1000 }
}

const one = async (sql: string): Promise<Record<string, string>> => {
  const { rows } = await pool.query(sql)
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, String(value)]))
}

describe.skipIf(DATA === undefined)(`UCI Online Retail through the import${DATA === undefined ? ' (skipped: the data set is not here, set HUB_TEST_DATA)' : ''}`, () => {
  it('adds up exactly: every row in one disposition, money to the tenth of a penny', { timeout: 300_000 }, async () => {
    const report = await imported()
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
  it('stands in the store with the same sums, nothing reserved, the largest invoice whole and duplicate lines kept', { timeout: 60_000 }, async () => {
    expect(await one(`select count(*) n, sum(total_minor) total, sum(line_count) lines, count(*) filter (where reserves) reserving, count(*) filter (where not closed) open from orders`)).toEqual({ n: '20725', total: '1065562248', lines: '531282', reserving: '0', open: '0' })
    expect(await one(`select count(*) n, sum(amount_minor) back from refunds where kind = 'cancellation'`)).toEqual({ n: '3836', back: '89681249' })
    expect(await one(`select count(*) n, sum(amount_minor) back from refunds where kind = 'adjustment'`)).toEqual({ n: '3', back: '1106206' })
    expect(await one(`select line_count n from orders where channel_order_no = '573585'`)).toEqual({ n: '1114' })
    expect(await one(`select count(*) n, count(distinct raw_id) raws from raw_dispositions where disposition in ('applied', 'ignored')`)).toEqual({ n: '25900', raws: '25900' })
    expect(await one(`select count(*) n from raw_dispositions where disposition = 'ignored'`)).toEqual({ n: '1336' })
    // Invoice 536409 sells the same article on two identical lines.
    expect(await one(`select count(*) n, sum(quantity) q from order_lines l join orders o on o.id = l.order_id where o.channel_order_no = '536409' and l.channel_sku = '21866' and l.quantity = 1`)).toEqual({ n: '2', q: '2' })
  })
  it('changes nothing when the same file is imported again, and never held the file in memory', { timeout: 300_000 }, async () => {
    const before = await one('select count(*) n, max(version) v, (select count(*) from raw_events) raws, (select count(*) from feed) feed from orders')
    expect(await imported()).toMatchObject({ rows: 541_909, appended: 0, unchanged: 25_900 })
    expect(await one('select count(*) n, max(version) v, (select count(*) from raw_events) raws, (select count(*) from feed) feed from orders')).toEqual(before)
    expect(peakBytes).toBeLessThan(700_000_000)
  })
})
