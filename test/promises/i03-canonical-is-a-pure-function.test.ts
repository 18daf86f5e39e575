import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mappings } from '../../mappings/index.ts'
import type { Mapping } from '../../src/core/mapping.ts'
import { allocate, moneyFromDecimal, moneyFromMinor, moneyToDecimal } from '../../src/core/money.ts'
import { ingest, type IncomingRaw, type IngestDeps } from '../../src/normalize/ingest.ts'
import { emptyCounts, replayHeads } from '../../src/normalize/replay.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { DataKeys } from '../../src/store/envelope.ts'
import { selectHeads } from '../../src/store/replay/select-heads.ts'
import { plainMapping, incoming, stockOf } from '../support/builders.ts'
import { openHub, seeded, shuffled, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub
let deps: IngestDeps

beforeAll(async () => {
  hub = await openHub()
  deps = { ...hub, mappings: new Map([...mappings, ['plain', withRefunds]]) }
  await hub.pool.query(
    `insert into connections (id, channel, name, timezone, currency) values ('c_woo', 'woocommerce', 'woo', 'America/New_York', 'CNY'), ('c_orders_first', 'woocommerce', 'orders first', 'America/New_York', 'CNY'), ('c_vendure', 'vendure', 'vendure', 'UTC', 'EUR')`,
  )
})
afterAll(() => hub.close())

/** Plain orders, and refunds as documents of their own: `{refund, order, at, fen}`. */
const withRefunds: Mapping = {
  ...plainMapping,
  map: (raw, context) => {
    if (raw.kind === 'order') return plainMapping.map(raw, context)
    const doc = z.object({ refund: z.string(), order: z.string(), at: z.string(), fen: z.string() }).parse(raw.doc)
    const amount = moneyFromMinor(doc.fen, 'CNY')
    return {
      kind: 'refund',
      refund: {
        channelRefundNo: doc.refund,
        channelOrderNo: doc.order,
        kind: 'refund',
        state: 'done',
        amount,
        at: doc.at,
        sourceUpdatedAt: doc.at,
        lines: [],
      },
    }
  },
}
/** Two refunds each of some plain orders, in the same second. */
const refunds = (): readonly IncomingRaw[] =>
  Array.from({ length: 60 }, (_, i): IncomingRaw => ({
    ...incoming({ no: `F${i}`, at: '2026-11-02T01:00:00Z' }),
    record: {
      kind: 'refund',
      externalId: `F${i}`,
      sourceTime: '2026-11-02T01:00:00Z',
      payload: JSON.stringify({ refund: `F${i}`, order: `R${Math.floor(i / 2)}`, at: '2026-11-02T01:00:00Z', fen: String(10 + i) }),
    },
  }))

const contexts: Readonly<Record<string, ConnectionContext>> = {
  c_orders_first: {
    connectionId: 'c_orders_first',
    channel: 'woocommerce',
    timezone: 'America/New_York',
    currency: 'CNY',
    config: {},
    sandbox: false,
  },
  c_woo: { connectionId: 'c_woo', channel: 'woocommerce', timezone: 'America/New_York', currency: 'CNY', config: {}, sandbox: false },
  c_vendure: { connectionId: 'c_vendure', channel: 'vendure', timezone: 'UTC', currency: 'EUR', config: {}, sandbox: false },
}

/** The recorded documents of a channel, each under its own file name. */
function fixtures(channel: string): readonly IncomingRaw[] {
  const folder = new URL(`../../connectors/${channel}/fixtures/`, import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
  return files.map((file, i) => ({
    record: {
      kind: file.startsWith('refund-') ? 'refund' : 'order',
      externalId: file,
      payload: readFileSync(new URL(file, folder), 'utf8'),
      sourceTime: `2026-11-01T00:00:${String(i % 60).padStart(2, '0')}Z`,
      ...(file.startsWith('refund-') && { parentId: 'order-partial-refund.json' }),
    },
    source: 'poll',
    receivedAt: '2026-11-02T00:00:00Z',
    readStartedAt: '2026-11-02T00:00:00Z',
    authoritative: true,
  }))
}

const plain = (): readonly IncomingRaw[] =>
  Array.from({ length: 100 }, (_, i) =>
    incoming({
      no: `R${i}`,
      at: '2026-11-01T01:00:00Z',
      total: 100 + i,
      lines: 1 + (i % 4),
      qty: 1 + (i % 3),
      ...(i % 7 === 0 && { status: 'cancelled' as const }),
      ...(i % 5 === 0 && { sku: 'LATE' }),
    }),
  )

/** All of the canonical store that is a function of the documents: not its row ids, versions and clocks. */
const canonical = async (): Promise<readonly string[]> =>
  [
    ...(await texts(`select concat_ws('|', o.connection_id, o.channel_order_no, o.external_id, encode(o.content_hash, 'hex'), o.doc::text, o.source_status, o.payment, o.fulfilment, o.after_sale, o.approval, o.cancelled, o.cancel_requested,
      o.closed, o.reserves, o.currency, o.total_minor, o.paid_minor, o.refunded_minor, o.line_count, o.unit_count, o.placed_at, o.paid_at, o.raw_id, o.source_time,
      (select string_agg((to_jsonb(l) - 'order_id')::text, ';' order by l.line_no) from order_lines l where l.order_id = o.id),
      (select string_agg(h.code || h.detail || h.message, ';' order by h.code, h.detail) from holds h where h.order_id = o.id and h.released_at is null),
      (select string_agg(concat_ws(',', f.code, f.at, f.source, f.ref), ';' order by f.code, f.at, f.ref) from order_facts f where f.order_id = o.id)) as line from orders o`)),
    ...(await texts(`select concat_ws('|', r.connection_id, r.channel_refund_no, r.kind, r.state, r.amount_minor, r.currency, r.detailed, encode(r.content_hash, 'hex'), r.doc::text, o.channel_order_no) as line
      from refunds r left join orders o on o.id = r.order_id`)),
    ...(await texts(`select concat_ws('|', 'stock', sku, location, trim_scale(reserved)) as line from stock where reserved <> 0`)),
    ...(await texts(`select concat_ws('|', 'held', d.raw_id, d.disposition, d.reason) as line from raw_dispositions d`)),
  ].toSorted()
const texts = async (sql: string): Promise<readonly string[]> => (await hub.rows<{ line: string }>(sql)).map((row) => row.line)

/** Clears everything that was derived, keeps the archive and what stands in it. */
const clear = () =>
  hub.pool.query(
    `truncate orders, refunds, failure_groups, feed, stock_ledger, listing_dirty, fetch_queue restart identity cascade; update stock set reserved = 0`,
  )

async function rebuild(on: IngestDeps, batch: number, order: <T>(heads: readonly T[]) => readonly T[]): Promise<void> {
  for (const context of [hub.context, ...Object.values(contexts)]) {
    const heads = order(await selectHeads(hub.pool, { connection: context.connectionId }, null, 10_000))
    for (let from = 0; from < heads.length; from += batch) await replayHeads(on, context, heads.slice(from, from + batch), emptyCounts())
  }
}

describe('I3 the canonical store', () => {
  it('is rebuilt byte for byte from the archive, in any batches, by a process that starts anew', async () => {
    await stockOf(hub.pool, 'TEA', 1000)
    await stockOf(hub.pool, 'LATE', 1000)
    const random = seeded(3)
    for (const context of Object.values(contexts)) {
      // An order mentions its refunds before their own documents come, which may say nothing more but their time.
      const byKind = (a: IncomingRaw, b: IncomingRaw): number =>
        context.connectionId === 'c_orders_first' ? a.record.kind.localeCompare(b.record.kind) : 0
      const recorded = shuffled(fixtures(context.channel), random).toSorted(byKind)
      for (let from = 0; from < recorded.length; from += 9) await ingest(deps, context, recorded.slice(from, from + 9))
    }
    const [early, late] = [refunds().slice(0, 20), refunds().slice(20)]
    await ingest(deps, hub.context, early)
    await ingest(deps, hub.context, [...plain(), ...late.slice(0, 20)])
    await ingest(deps, hub.context, late.slice(20))
    await ingest(
      deps,
      hub.context,
      plain()
        .slice(0, 40)
        .map((raw) => ({
          ...raw,
          record: { ...raw.record, sourceTime: '2026-11-03T01:00:00Z', payload: raw.record.payload.replace('}', ',"note":"changed"}') },
        })),
    )
    const live = await canonical()
    expect(live.length).toBeGreaterThan(200)
    for (const [batch, order] of [
      [500, <T>(heads: readonly T[]) => heads],
      [23, <T>(heads: readonly T[]) => shuffled(heads, random)],
    ] as const) {
      await clear()
      expect(await hub.value('select count(*)::int from orders')).toBe(0)
      await rebuild({ ...deps, keys: new DataKeys(hub.pool, hub.box), now: () => new Date('2027-06-01T00:00:00Z') }, batch, order)
      const again = await canonical()
      expect(again.filter((line) => !live.includes(line))).toEqual([])
      expect(again.length).toBe(live.length)
    }
  }, 60_000)

  it('does not change, grow a version or a feed row when it is replayed as it stands', async () => {
    const state = () =>
      hub.rows(
        `select (select md5(string_agg(o::text, '' order by id)) from orders o) as orders, (select count(*) from order_versions) as versions, (select count(*) from feed) as feed, (select md5(string_agg(s::text, '' order by sku)) from stock s) as stock`,
      )
    await rebuild(deps, 100, (heads) => heads)
    const before = await state()
    await rebuild(deps, 33, (heads) => heads)
    expect(await state()).toEqual(before)
  }, 60_000)
})

describe('I3 money', () => {
  const amount = fc.tuple(fc.constantFrom('CNY', 'USD', 'JPY', 'KWD'), fc.integer({ min: -90_071_992_547_409, max: 90_071_992_547_409 }))

  it('reads and writes every amount exactly', () => {
    fc.assert(
      fc.property(amount, ([currency, minor]) => {
        const text = moneyToDecimal({ minor, currency })
        expect(moneyFromDecimal(text, currency)).toEqual({ minor, currency })
      }),
    )
    // The amounts binary fractions get wrong first.
    for (const text of ['0.07', '0.29', '1.15', '4.35', '8.20', '19.99', '1.10', '64.10', '9007199254740.93'])
      expect(moneyToDecimal(moneyFromDecimal(text, 'CNY'))).toBe(text)
  })

  it('splits without losing or making a cent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 30 }),
        (minor, weights) => {
          expect(allocate({ minor, currency: 'CNY' }, weights).reduce((sum, part) => sum + part.minor, 0)).toBe(minor)
        },
      ),
    )
  })
})
