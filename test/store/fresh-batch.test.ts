import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Mapping } from '../../src/core/mapping.ts'
import type { Order, Refund } from '../../src/core/order.ts'
import { ingest, prepareBatch, writeBatch, type PreparedBatch } from '../../src/normalize/ingest.ts'
import { incoming, plainMapping, stockOf, testHub, type PlainDocument, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

/** Two hubs that are given the same: one writes batches straight where it may, the other judges each document. */
let databases: readonly TestDatabase[]
let straight: TestHub
let judged: TestHub

beforeAll(async () => {
  databases = await Promise.all([freshDatabase(), freshDatabase()])
  const [a, b] = await Promise.all(databases.map(async ({ url }) => ({ ...(await testHub(url)), mappings: new Map([['plain', variedMapping]]) })))
  if (!a || !b) throw new Error('There are two.')
  straight = a
  judged = b
  for (const hub of [straight, judged]) for (const sku of ['TEA', 'CUP']) await stockOf(hub.pool, sku, 10_000)
})
afterAll(async () => {
  await straight.close()
  await judged.close()
  await Promise.all(databases.map((database) => database.drop()))
})

/** The plain channel's orders, with whatever an order may have besides, by the digits of their number. */
const variedMapping: Mapping = {
  ...plainMapping,
  map: (raw, context) => {
    const mapped = plainMapping.map({ ...raw, kind: 'order' }, context)
    if (raw.kind === 'refund' && mapped.kind === 'order') return { kind: 'refund', refund: refundOf(mapped.order) }
    return mapped.kind === 'order' ? { kind: 'order', order: varied(mapped.order, Number(/\d+/.exec(mapped.order.channelOrderNo)?.[0])) } : mapped
  },
}

function varied(order: Order, n: number): Order {
  const amount = { minor: 100, currency: 'CNY' }
  const at = '2026-11-02T03:04:05.678+08:00'
  const refund = {
    channelRefundNo: `R${n}`,
    kind: 'refund',
    state: 'done',
    amount,
    at: '2026-11-02T00:00:00Z',
    sourceUpdatedAt: order.sourceUpdatedAt,
    lines: [],
  } as const
  return {
    ...order,
    ...(n % 3 === 0 && { displayNo: `#${n}` }),
    ...(n % 4 === 0 && { shipBy: '9999-12-31T00:00:00Z' }),
    lines: order.lines.map((line) => ({
      ...line,
      ...(n % 5 === 0 && { quantity: '1.250', barcode: '6901234567892', title: 'Tèa\t茶\\N😀', options: 'x' }),
      ...(n % 8 === 2 && { cancelled: '0.5' }),
      ...(n % 8 === 4 && { shipped: '0.25' }),
      ...(n % 8 === 6 && { role: 'service' as const }),
    })),
    ...(n % 7 === 0 && { refunds: [refund], payment: 'partially_refunded' as const }),
    ...(n % 11 === 0 && {
      fulfilment: 'shipped' as const,
      shipments: [{ channelShipmentNo: `P${n}`, trackingNo: `T${n}`, state: 'delivered' as const, at, lines: [] }],
    }),
    ...(n % 13 === 0 && { payment: 'pending' as const, paidAt: undefined, totals: { ...order.totals, paid: { minor: 0, currency: 'CNY' } } }),
    ...(n % 17 === 0 && { recipient: undefined, piiMode: 'none' as const }),
  } as Order
}

const STATUS = ['open', 'open', 'open', 'cancelled', 'shipped', 'cancel-request'] as const
const documentOf = (n: number, prefix: string): PlainDocument => ({
  no: `${prefix}${n}`,
  at: `2026-11-01T01:00:${String(n % 60).padStart(2, '0')}Z`,
  qty: 1 + (n % 3),
  lines: 1 + (n % 4),
  sku: n % 9 === 0 ? 'NOBODY-KNOWS' : n % 2 === 0 ? 'TEA' : 'CUP',
  status: STATUS[n % STATUS.length] ?? 'open',
  ...(n % 19 === 0 && { city: '' }),
})

const refundOf = (order: Order): Refund => ({
  channelRefundNo: `RF-${order.channelOrderNo}`,
  channelOrderNo: order.channelOrderNo,
  kind: 'refund',
  state: 'done',
  amount: { minor: 100, currency: 'CNY' },
  at: '2026-11-02T00:00:00Z',
  sourceUpdatedAt: order.sourceUpdatedAt,
  lines: [],
})

/** Every document, and some that no mapping reads. Numbers go down, so that the order of writing is not that of arrival. */
const documents = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, i) => {
    const doc = documentOf(count - i, prefix)
    const one = incoming(doc)
    return i % 23 === 0 ? { ...one, record: { ...one.record, payload: JSON.stringify(i % 2 === 0 ? { other: i } : { ...doc, boom: true }) } } : one
  })

const judging = (batch: PreparedBatch): PreparedBatch => ({
  ...batch,
  rounds: batch.rounds.map((round) => round.map((raw) => ({ ...raw, isNew: false }))),
})

const OWN = new Set(['key_id', 'row_key', 'body', 'phone', 'phone4', 'email', 'webhook_token'])
const STAMP = /^\d{4}-\d\d-\d\dT/

/** Everything that stands, with what two hubs cannot have in common by names instead: ids, the hub's own clock, sealed bytes. */
async function everything(hub: TestHub): Promise<Readonly<Record<string, readonly string[]>>> {
  const rowsOf = async (table: string) =>
    (await hub.pool.query<{ row: Record<string, unknown> }>(`select to_jsonb(t) as row from ${table} t`)).rows.map(({ row }) => row)
  const tables = (
    await hub.pool.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename !~ 'kysely|raw_events_' order by 1`,
    )
  ).rows
  const names = (rows: readonly Record<string, unknown>[], prefix: string, name: string) =>
    new Map(rows.map((row) => [String(row['id']), `${prefix} ${String(row[name])}`]))
  const orders = names(await rowsOf('orders'), 'order', 'channel_order_no')
  const raws = names(await rowsOf('raw_events'), 'raw', 'external_id')
  const groups = names(await rowsOf('failure_groups'), 'group', 'signature')
  const own = { orders, raw_events: raws, failure_groups: groups }
  const shown = (table: string) => (row: Record<string, unknown>) =>
    JSON.stringify(
      Object.entries(row)
        .filter(([key]) => !OWN.has(key) && key !== 'seq')
        .map(([key, value]) => {
          if (key === 'id') return [key, table in own ? own[table as keyof typeof own].get(String(value)) : '']
          if (key === 'order_id' || key === 'ref' || key === 'subject_id') return [key, orders.get(String(value)) ?? value]
          if (key === 'raw_id') return [key, raws.get(String(value)) ?? value]
          if (key === 'group_id') return [key, groups.get(String(value)) ?? value]
          if (key === 'party_mark') return [key, value !== null] // keyed by each hub's own
          if (typeof value === 'string' && STAMP.test(value) && Math.abs(Date.parse(value) - Date.now()) < 600_000) return [key, 'now']
          return [key, value]
        })
        .toSorted(([a], [b]) => String(a).localeCompare(String(b))),
    )
  const all = await Promise.all(tables.map(async ({ name }) => [name, (await rowsOf(name)).map(shown(name)).toSorted()] as const))
  return Object.fromEntries(all.filter(([name]) => !['data_keys', 'settings'].includes(name)))
}

async function both(docs: ReturnType<typeof documents>) {
  const prepared = await prepareBatch(straight, straight.context, docs)
  const a = await writeBatch(straight, straight.context, prepared)
  const b = await writeBatch(judged, judged.context, judging(await prepareBatch(judged, judged.context, docs)))
  return { a, b, prepared }
}

it('writes the same straight as document by document: every row of every table', async () => {
  const { a, b, prepared } = await both(documents(700, 'A'))
  expect(prepared.rounds.flat().every(({ isNew }) => isNew)).toBe(true)
  expect(a).toEqual(b)
  const [left, right] = [await everything(straight), await everything(judged)]
  for (const table of Object.keys(right)) expect([table, left[table]]).toEqual([table, right[table]])
  for (const table of ['orders', 'order_lines', 'order_facts', 'holds', 'failures', 'refunds', 'stock_ledger', 'order_parties', 'feed'])
    expect([table, left[table]?.length ?? 0]).not.toEqual([table, 0])
  // The transaction's own time, to the microsecond: whether an order is one of this transaction is told by it.
  const times = `select count(*)::int as n from orders where approved_at <> first_seen_at or allocated_at <> first_seen_at or updated_at <> first_seen_at`
  expect((await straight.pool.query(times)).rows).toEqual([{ n: 0 }])
  expect((await straight.pool.query('select 1 from orders where approved_at is not null and allocated_at is not null')).rowCount).toBeGreaterThan(100)
  // The one numbers orders as they come, the other as they are sorted: both ways were really taken.
  const numbered = `select (array_agg(channel_order_no order by id))[1] as first from orders where channel_order_no ~ '^A'`
  expect((await straight.pool.query(numbered)).rows).not.toEqual((await judged.pool.query(numbered)).rows)
})

it('goes on the usual way with what was written straight: changes, repeats, replays of the same', async () => {
  const later = documents(700, 'A').map((one) => ({
    ...one,
    record: { ...one.record, sourceTime: '2026-11-03T00:00:00Z', payload: one.record.payload.replace('"qty":1', '"qty":2') },
  }))
  const { a, b } = await both(later)
  expect(a).toEqual(b)
  expect(a.changed).toBeGreaterThan(100)
  const again = await both(later)
  expect(again.a).toMatchObject({ unchanged: 700, created: 0, changed: 0 })
  const [left, right] = [await everything(straight), await everything(judged)]
  for (const table of Object.keys(right)) expect([table, left[table]]).toEqual([table, right[table]])
})

it('takes part of a batch for new in vain: what stands by now is judged, nothing is doubled', async () => {
  const docs = documents(300, 'B')
  const prepared = await prepareBatch(straight, straight.context, docs)
  await ingest(straight, straight.context, docs.slice(100, 140))
  const result = await writeBatch(straight, straight.context, prepared)
  expect(result.created + result.held + result.unchanged).toBe(300)
  await ingest(judged, judged.context, docs.slice(100, 140))
  await writeBatch(judged, judged.context, judging(await prepareBatch(judged, judged.context, docs)))
  const count = async (hub: TestHub, what: string) => (await hub.pool.query<{ n: number }>(`select count(*)::int as n from ${what}`)).rows[0]?.n
  for (const what of [
    `orders where channel_order_no ~ '^B'`,
    `raw_events where external_id ~ '^B'`,
    `raw_dispositions`,
    'order_lines',
    'feed',
    'holds',
  ])
    expect([what, await count(straight, what)]).toEqual([what, await count(judged, what)])
  expect(await reserved(straight)).toEqual(await reserved(judged))
})

const reserved = async (hub: TestHub) => (await hub.pool.query('select sku, reserved from stock order by sku')).rows

it('writes one order per number when several read the same new documents at once', async () => {
  const docs = documents(400, 'C')
  const prepared = await Promise.all([0, 1, 2, 3].map(() => prepareBatch(straight, straight.context, docs)))
  await Promise.all(prepared.map((batch) => writeBatch(straight, straight.context, batch)))
  await writeBatch(judged, judged.context, judging(await prepareBatch(judged, judged.context, docs)))
  const orders = `select channel_order_no, version, (select count(*)::int from order_lines l where l.order_id = o.id) as lines from orders o where channel_order_no ~ '^C' order by 1`
  expect((await straight.pool.query(orders)).rows).toEqual((await judged.pool.query(orders)).rows)
  expect(await reserved(straight)).toEqual(await reserved(judged))
})

it('holds the one document whose value no column takes, and writes the others', async () => {
  const docs = documents(200, 'D').filter((_, i) => i % 23 !== 0)
  const broken = { ...straight, mappings: new Map([['plain', { ...variedMapping, map: brokenAt('D77') }]]) }
  const result = await ingest(broken, straight.context, docs)
  expect(result).toMatchObject({ created: docs.length - 1, held: 1 })
  const { rows } = await straight.pool.query(`select reason from raw_dispositions d join raw_events r on r.id = d.raw_id where r.external_id = 'D77'`)
  expect(rows).toEqual([{ reason: 'value-refused: The store refused a value of this document.' }])
})

const brokenAt =
  (no: string): Mapping['map'] =>
  (raw, context) => {
    const mapped = variedMapping.map(raw, context)
    return mapped.kind === 'order' && mapped.order.channelOrderNo === no
      ? { kind: 'order', order: { ...mapped.order, placedAt: '2026-02-30T00:00:00Z' } }
      : mapped
  }

it('links refunds that came before their orders, and those that come after them', async () => {
  const refunds = [8, 10, 16].map((n) => {
    const one = incoming(documentOf(n, 'E'))
    return { ...one, record: { ...one.record, kind: 'refund' as const, externalId: `RF-E${n}`, parentId: `E${n}` } }
  })
  for (const hub of [straight, judged]) await ingest(hub, hub.context, refunds.slice(0, 2))
  // None of these brings a refund itself.
  const { a, b } = await both(documents(300, 'E').filter(({ record }) => Number(/\d+/.exec(record.externalId)?.[0]) % 7 > 0))
  expect(a).toEqual(b)
  const { a: late, b: judgedLate } = await both(refunds.slice(2))
  expect(late).toEqual(judgedLate)
  const linked = `select f.channel_refund_no, o.channel_order_no, o.version, o.after_sale from refunds f join orders o on o.id = f.order_id where f.channel_refund_no ~ '^RF-E' order by 1`
  const { rows } = await straight.pool.query(linked)
  expect(rows.map((row) => [row.channel_refund_no, row.channel_order_no])).toEqual([
    ['RF-E10', 'E10'],
    ['RF-E16', 'E16'],
    ['RF-E8', 'E8'],
  ])
  expect(rows).toEqual((await judged.pool.query(linked)).rows)
})
