import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hubUnderTest, type HubUnderTest } from '../e2e/hub-under-test.ts'
import { shopProcess, type ShopProcess } from './shop-process.ts'
import { uciFile } from './uci-rows.ts'
import { poundsOf, sumOf, uciInvoices, type Invoice } from './uci-sums.ts'

const DATA = uciFile()
const RANGE = { from: '2010-12-01T00:00:00Z', to: '2012-01-01T00:00:00Z' }

interface JobView {
  readonly id: string
  readonly state: string
  readonly message?: string | null
  readonly done: number
  readonly result: { readonly created: number; readonly changed: number; readonly held: number }
}

let hub: HubUnderTest
let shop: ShopProcess
let pool: pg.Pool
let connection: string
let sales: ReadonlyMap<string, Invoice>
let peakRss = 0
let peakHeap = 0

beforeAll(async () => {
  if (DATA === undefined) return
  const invoices = await uciInvoices(DATA)
  sales = new Map([...invoices].filter(([, invoice]) => invoice.kind === 'order'))
  shop = await shopProcess(DATA)
  hub = await hubUnderTest([])
  pool = new pg.Pool({ connectionString: hub.databaseUrl, max: 1 })
  const made = await hub.call('POST', '/v1/connections', {
    channel: 'woocommerce',
    name: 'British shop',
    config: { url: shop.url, timezone: 'Europe/London' },
    secrets: { consumerKey: 'ck_sandbox', consumerSecret: 'cs_sandbox' },
    timezone: 'Europe/London',
    currency: 'GBP',
    start_from: new Date().toISOString(),
  })
  connection = String(made['id'])
}, 600_000)
afterAll(async () => {
  if (DATA === undefined) return
  await pool?.end()
  await hub?.stop()
  await shop?.stop()
})

/** Runs the whole range as one job and says how long it took and how much memory this process, the hub's, ever had. */
async function backfill(label: string): Promise<JobView> {
  const started = performance.now()
  const { id } = await hub.call<JobView>('POST', `/v1/connections/${connection}/backfill`, RANGE)
  const job = await hub.until(
    async () => {
      const { rss, heapUsed } = process.memoryUsage()
      peakRss = Math.max(peakRss, rss)
      peakHeap = Math.max(peakHeap, heapUsed)
      return hub.call<JobView>('GET', `/v1/jobs/${id}`)
    },
    (view) => view.state === 'done' || view.state === 'failed',
    1500,
  )
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(
    `${label}: ${job.done} orders read in ${seconds.toFixed(1)} s; peak ${Math.round(peakRss / 1e6)} MB RSS, ${Math.round(peakHeap / 1e6)} MB heap\n`,
  )
  return job
}

const one = async (sql: string, values: readonly unknown[] = []): Promise<Readonly<Record<string, string>>> => {
  const { rows } = await pool.query<Record<string, unknown>>(sql, [...values])
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, String(value)]))
}

/** What was read, counted page by page: each page begins at the last second of the one before, so a few orders are read twice. */
const pagesOf = ({ id }: JobView): Promise<Readonly<Record<string, string>>> =>
  one('select sum(seen) seen, sum(appended) appended, sum(unchanged) unchanged from pull_pages where connection_id = $1 and stream = $2', [
    connection,
    `backfill/${id}`,
  ])

/** Everything a second reading could disturb. */
const STANDING = `select count(*) n, sum(version) versions, sum(total_minor) total, (select count(*) from order_lines) lines, (select count(*) from order_versions) kept,
  (select count(*) from raw_events) raws, (select count(*) from raw_dispositions) dispositions, (select count(*) from feed) feed, (select count(*) from failures) failures from orders`

interface Found {
  readonly no: string
  readonly total: string
  readonly net: string
  readonly lines: string
  readonly at: string
  readonly digest: string
}

/** Each order as the hub keeps it, in the terms of the file. */
const STORED = `select o.display_no as no, o.total_minor::text as total, sum(l.net_minor)::text as net, count(*)::text as lines,
  to_char(o.placed_at at time zone 'Europe/London', 'YYYY-MM-DD HH24:MI:SS') as at,
  md5(string_agg(l.channel_sku || '|' || trim_scale(l.quantity)::text || '|' || l.net_minor || '|' || l.title, E'\\n' order by l.line_no)) as digest
  from orders o join order_lines l on l.order_id = o.id group by o.id`

describe.skipIf(DATA === undefined)(
  `UCI Online Retail through a WooCommerce shop${DATA === undefined ? ' (skipped: the data set is not here, set HUB_TEST_DATA)' : ''}`,
  () => {
    it('reads every sales invoice in one backfill, nothing held', { timeout: 1_600_000 }, async () => {
      expect(sumOf(sales)).toEqual({ documents: 20_725, rows: 531_282, thousandths: 10_655_622_484, minor: 1_065_562_248 })
      const job = await backfill('backfill')
      expect(job).toMatchObject({ state: 'done', result: { created: 20_725, changed: 0, held: 0 } })
      expect(await pagesOf(job)).toEqual({ seen: String(job.done), appended: '20725', unchanged: String(job.done - 20_725) })
      expect(await one('select count(*) n from failures')).toEqual({ n: '0' })
    })

    it('stands with the totals of the file, to the penny', async () => {
      expect(
        await one('select count(*) n, sum(total_minor) total, sum(line_count) lines, min(currency) low, max(currency) high from orders'),
      ).toEqual({
        n: '20725',
        total: '1065562248',
        lines: '531282',
        low: 'GBP',
        high: 'GBP',
      })
      expect(await one('select count(*) n, sum(net_minor) net from order_lines')).toEqual({ n: '531282', net: '1065562248' })
      expect(await one(`select count(*) n, count(distinct raw_id) raws from raw_dispositions where disposition = 'applied'`)).toEqual({
        n: '20725',
        raws: '20725',
      })
      expect(await one('select count(*) filter (where reserves) reserving, count(*) filter (where not closed) open from orders')).toEqual({
        reserving: '0',
        open: '0',
      })
      expect(await one('select count(*) n from raw_events')).toEqual({ n: '20725' })
    })

    it('agrees with the file invoice by invoice: total, moment, and every line in its place', { timeout: 120_000 }, async () => {
      const { rows } = await pool.query<Found>(STORED)
      expect(rows).toHaveLength(sales.size)
      const differing = rows.filter((row) => {
        const invoice = sales.get(row.no)
        const known = invoice && [String(invoice.minor), String(invoice.minor), String(invoice.rows), invoice.at, invoice.digest]
        return JSON.stringify([row.total, row.net, row.lines, row.at, row.digest]) !== JSON.stringify(known)
      })
      expect(differing.slice(0, 3)).toEqual([])
      expect(new Set(rows.map((row) => row.no)).size).toBe(sales.size)
    })

    it('keeps genuine duplicate lines, the largest invoice whole and invoices that cost nothing', async () => {
      // Invoice 536409 sells the same article on two identical lines.
      const twin = `select count(*) n, sum(l.quantity) q from order_lines l join orders o on o.id = l.order_id where o.display_no = '536409' and l.channel_sku = '21866' and l.quantity = 1`
      expect(await one(twin)).toEqual({ n: '2', q: '2' })
      const free = [...sales.values()].filter((invoice) => invoice.thousandths === 0).length
      expect(free).toBe(766)
      expect(await one('select count(*) n from orders where total_minor = 0')).toEqual({ n: String(free) })
      const { found } = await hub.call<{ found: readonly { order: { id: string } }[] }>('POST', '/v1/orders/find', { ids: ['573585'] })
      const largest = await hub.call<{ doc: { lines: readonly unknown[]; totals: { total: { amount: string } } } }>(
        'GET',
        `/v1/orders/${found[0]?.order.id ?? ''}`,
      )
      expect(largest.doc.lines).toHaveLength(1114)
      expect(largest.doc.totals.total.amount).toBe(poundsOf(sales.get('573585')?.thousandths ?? 0))
    })

    it('is 0.004 short of the exact sum, and that is four lines of a tenth of a penny, still readable as received', async () => {
      const { thousandths, minor } = sumOf(sales)
      expect(poundsOf(thousandths - minor * 10)).toBe('0.004')
      const fine = [...sales].filter(([, invoice]) => invoice.thousandths !== invoice.minor * 10).map(([no]) => no)
      expect(fine).toEqual(['550193', '561226', '568200', '568375'])
      const { rows } = await pool.query<{ id: string; raw_id: string }>('select id::text, raw_id::text from orders where display_no = any($1)', [
        fine,
      ])
      expect(rows).toHaveLength(4)
      for (const { id, raw_id } of rows) {
        const { text } = await hub.call<{ text: string }>('GET', `/v1/orders/${id}/raw/${raw_id}`)
        expect(text.match(/"price":0\.001\b/g) ?? []).toHaveLength(1)
      }
    })

    it('changes nothing when the same year is read again', { timeout: 1_600_000 }, async () => {
      const before = await one(STANDING)
      const job = await backfill('the same again')
      expect(job).toMatchObject({ state: 'done', result: { created: 0, changed: 0, held: 0 } })
      expect(job.done).toBeGreaterThanOrEqual(20_725)
      expect(await pagesOf(job)).toEqual({ seen: String(job.done), appended: '0', unchanged: String(job.done) })
      expect(await one(STANDING)).toEqual(before)
      expect(peakHeap).toBeLessThan(800_000_000)
    })
  },
)
