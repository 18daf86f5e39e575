import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest, prepareBatch } from '../../src/normalize/ingest.ts'
import { incoming, stockOf, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await stockOf(hub.pool, 'TEA', 100)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const order = async (no: string) => (await hub.pool.query('select * from orders where channel_order_no = $1', [no])).rows[0]
const dispositions = async (no: string) =>
  (
    await hub.pool.query(`select d.disposition from raw_events r join raw_dispositions d on d.raw_id = r.id where r.external_id = $1 order by r.id`, [
      no,
    ])
  ).rows.map((row) => row.disposition)
const reserved = async (sku: string) => Number((await hub.pool.query('select reserved from stock where sku = $1', [sku])).rows[0]?.reserved)

describe('ingest', () => {
  it('stores an order once, with lines, facts, reservation and a feed row', async () => {
    const result = await ingest(hub, hub.context, [incoming({ no: 'A1', at: '2026-11-01T01:00:00Z', qty: 3 })])
    expect(result).toMatchObject({ created: 1, changed: 0, held: 0, movedStock: true })
    const row = await order('A1')
    expect(row).toMatchObject({ version: 1, payment: 'paid', approval: 'approved', total_minor: 1000, mapping: 'plain@1' })
    expect(await reserved('TEA')).toBe(3)
    const facts = await hub.pool.query('select code from order_timeline where order_id = $1 order by code', [row.id])
    expect(facts.rows.map((f) => f.code)).toEqual(['allocated', 'approved', 'ingested', 'normalised', 'paid', 'placed', 'validated'])
    expect((await hub.pool.query(`select cause from feed where order_id = $1`, [row.id])).rows).toEqual([{ cause: 'created' }])
  })

  it('maps the parsed document it is given, and lets go of it when it is told to', async () => {
    const parsed = (no: string) => {
      const given = incoming({ no, at: '2026-11-01T01:00:00Z', qty: 2 })
      return { ...given, record: { ...given.record, doc: JSON.parse(given.record.payload) as unknown, payload: 'no JSON' } }
    }
    const [kept, taken] = [parsed('A1b'), parsed('A1b')]
    const before = await prepareBatch(hub, hub.context, [kept])
    const after = await prepareBatch(hub, hub.context, [taken], { takeDocs: true })
    expect(after.rounds[0]?.[0]?.result).toMatchObject({ kind: 'order', order: { channelOrderNo: 'A1b' } })
    const docOf = (batch: typeof before) => batch.rounds.flat().map(({ result }) => (result.kind === 'order' ? result.order.doc : result.kind))
    expect(docOf(after)).toEqual(docOf(before))
    expect([kept.record.doc, taken.record.doc]).toEqual([expect.objectContaining({ no: 'A1b' }), undefined])
  })

  it('counts a re-read of what it has and stores nothing', async () => {
    const doc = { no: 'A2', at: '2026-11-01T01:00:00Z' }
    await ingest(hub, hub.context, [incoming(doc)])
    const before = await hub.pool.query('select (select count(*) from raw_events) r, (select count(*) from feed) f')
    const again = await ingest(hub, hub.context, [incoming(doc)])
    expect(again).toMatchObject({ created: 0, changed: 0, unchanged: 1 })
    expect((await hub.pool.query('select (select count(*) from raw_events) r, (select count(*) from feed) f')).rows).toEqual(before.rows)
  })

  it('keeps the newer order when an older document arrives late, and says superseded', async () => {
    await ingest(hub, hub.context, [incoming({ no: 'A3', at: '2026-11-01T02:00:00Z', total: 2000 })])
    await ingest(hub, hub.context, [incoming({ no: 'A3', at: '2026-11-01T01:00:00Z', total: 1000 }, { source: 'hook', authoritative: false })])
    expect(await order('A3')).toMatchObject({ total_minor: 2000, version: 1 })
    expect(await dispositions('A3')).toEqual(['applied', 'superseded'])
  })

  it('keeps what is there when two hook bodies share a second, and asks the channel', async () => {
    const at = '2026-11-01T03:00:00Z'
    await ingest(hub, hub.context, [incoming({ no: 'A4', at, total: 1000 }, { source: 'hook', authoritative: false })])
    await ingest(hub, hub.context, [incoming({ no: 'A4', at, total: 1500 }, { source: 'hook', authoritative: false })])
    expect(await order('A4')).toMatchObject({ total_minor: 1000 })
    expect((await hub.pool.query(`select reason from fetch_queue where external_id = 'A4'`)).rows).toEqual([{ reason: 'tie' }])
    await ingest(hub, hub.context, [incoming({ no: 'A4', at, total: 1500 }, { source: 'fetch', authoritative: true })])
    expect(await order('A4')).toMatchObject({ total_minor: 1500, version: 2 })
  })

  it('keeps A → B → A as three versions', async () => {
    for (const [i, total] of [1000, 1100, 1000].entries())
      await ingest(hub, hub.context, [incoming({ no: 'A5', at: `2026-11-01T0${i + 1}:00:00Z`, total })])
    expect(await order('A5')).toMatchObject({ version: 3, total_minor: 1000 })
  })

  it('holds a poisoned document and lets the rest of the page through', async () => {
    const poisoned = { ...incoming({ no: 'A6', at: '2026-11-01T01:00:00Z' }) }
    const result = await ingest(hub, hub.context, [
      { ...poisoned, record: { ...poisoned.record, externalId: 'P1', payload: '{"oops":1}' } },
      { ...poisoned, record: { ...poisoned.record, externalId: 'P2', payload: '{"no":"P2","boom":true}' } },
      {
        ...poisoned,
        record: { ...poisoned.record, externalId: 'P3', payload: '{"no":"P3","at":"infinitely late"}', sourceTime: '2026-11-01T01:00:00Z' },
      },
      incoming({ no: 'A6', at: '2026-11-01T01:00:00Z' }),
    ])
    expect(result.created).toBeGreaterThanOrEqual(1)
    expect(await order('A6')).toBeDefined()
    expect(await dispositions('P1')).toEqual(['held'])
    expect(await dispositions('P2')).toEqual(['held'])
    const groups = await hub.pool.query(`select code from failure_groups where operation = 'normalise' order by code`)
    expect(groups.rows.map((g) => g.code)).toEqual(expect.arrayContaining(['mapping-crashed', 'order-unreadable']))
  })

  it('isolates a value the database refuses by halving the batch', async () => {
    const bad = incoming({ no: 'A7-bad', at: '2026-11-01T01:00:00Z', qty: Number.NaN })
    await ingest(hub, hub.context, [
      ...Array.from({ length: 5 }, (_, i) => incoming({ no: `A7-${i}`, at: '2026-11-01T01:00:00Z' })),
      { ...bad, record: { ...bad.record, payload: '{"no":"A7-bad","at":"2026-11-01T01:00:00Z","qty":"many"}' } },
    ])
    for (let i = 0; i < 5; i += 1) expect(await order(`A7-${i}`)).toBeDefined()
    expect(await order('A7-bad')).toBeUndefined()
    expect(await dispositions('A7-bad')).toEqual(['held'])
  })

  it('holds an order with an unbound SKU under one group, and heals when it is bound and read again', async () => {
    await ingest(
      hub,
      hub.context,
      [1, 2, 3].map((i) => incoming({ no: `A8-${i}`, at: '2026-11-01T01:00:00Z', sku: 'NEW-1' })),
    )
    const groups = await hub.pool.query(
      `select g.id, count(*)::int as n from failure_groups g join failures f on f.group_id = g.id where g.subject = 'NEW-1' and f.resolved_at is null group by 1`,
    )
    expect(groups.rows).toMatchObject([{ n: 3 }])
    expect(await order('A8-1')).toMatchObject({ approval: 'held' })
    await stockOf(hub.pool, 'NEW-1', 10)
    const raws = await hub.pool.query(`select raw_id from orders where channel_order_no like 'A8-%' order by 1`)
    await ingest(
      hub,
      hub.context,
      raws.rows.map((row, i) => incoming({ no: `A8-${i + 1}`, at: '2026-11-01T01:00:00Z', sku: 'NEW-1' }, { archivedRawId: row.raw_id })),
      { mode: 'replay' },
    )
    expect(await order('A8-1')).toMatchObject({ approval: 'approved', version: 2 })
    expect(await reserved('NEW-1')).toBe(3)
    expect(
      (
        await hub.pool.query(
          `select count(*)::int as n from failures f join failure_groups g on g.id = f.group_id where g.subject = 'NEW-1' and f.resolved_at is null`,
        )
      ).rows,
    ).toEqual([{ n: 0 }])
  })

  it('gives the reservation back when the order is cancelled', async () => {
    const before = await reserved('TEA')
    await ingest(hub, hub.context, [incoming({ no: 'A9', at: '2026-11-01T01:00:00Z', qty: 4 })])
    expect(await reserved('TEA')).toBe(before + 4)
    await ingest(hub, hub.context, [incoming({ no: 'A9', at: '2026-11-01T02:00:00Z', qty: 4, status: 'cancelled' })])
    expect(await reserved('TEA')).toBe(before)
  })

  it('holds an order whose buyer asks to cancel', async () => {
    await ingest(hub, hub.context, [incoming({ no: 'A10', at: '2026-11-01T01:00:00Z', status: 'cancel-request' })])
    const holds = await hub.pool.query(`select h.code from holds h join orders o on o.id = h.order_id where o.channel_order_no = 'A10'`)
    expect(holds.rows).toEqual([{ code: 'cancel-requested' }])
  })

  it('ends with one order and no deadlock when overlapping batches run at once', async () => {
    const numbers = Array.from({ length: 60 }, (_, i) => `C${i}`)
    const batches = Array.from({ length: 12 }, (_, b) =>
      numbers
        .toSorted(() => (b % 2 ? 1 : -1))
        .map((no, i) =>
          incoming(
            { no, at: `2026-11-01T01:00:${String((b * 7 + i) % 60).padStart(2, '0')}Z`, total: 1000 + b },
            { source: 'hook', authoritative: b % 3 === 0 },
          ),
        ),
    )
    await Promise.all(batches.map((batch) => ingest(hub, hub.context, batch)))
    const rows = await hub.pool.query(`select count(*)::int as n from orders where channel_order_no ~ '^C[0-9]+$'`)
    expect(rows.rows).toEqual([{ n: 60 }])
    const wrong = await hub.pool.query(
      `select o.channel_order_no from orders o where o.channel_order_no ~ '^C[0-9]+$' and o.source_time < (select max(source_time) from raw_events r where r.external_id = o.channel_order_no)`,
    )
    expect(wrong.rows).toEqual([])
  })

  it('never writes personal data in clear', async () => {
    const dump = await hub.pool.query(`select string_agg(o.doc::text, '') as docs from orders o`)
    expect(dump.rows[0].docs).not.toContain('王小明')
    expect(dump.rows[0].docs).not.toContain('13800138000')
    expect(dump.rows[0].docs).toContain('138****8000')
  })
})
