import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest, type IncomingRaw } from '../../src/normalize/ingest.ts'
import { incoming, stockOf, type PlainDocument } from '../support/builders.ts'
import { openHub, seeded, shuffled, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub

beforeAll(async () => {
  hub = await openHub()
  await stockOf(hub.pool, 'TEA', 10_000)
})
afterAll(() => hub.close())

/** The same order under an id of its own, as a channel that names it differently in its list, its webhook and its export. */
const under = (id: string, document: PlainDocument, over: Partial<IncomingRaw> = {}): IncomingRaw => {
  const raw = incoming(document, over)
  return { ...raw, record: { ...raw.record, externalId: id } }
}
const sources = ['poll', 'hook', 'backfill', 'file', 'fetch'] as const

it('I5 ends with one order each when ten writers bring the same orders at once', async () => {
  const random = seeded(5)
  const numbers = Array.from({ length: 40 }, (_, i) => `N${i}`)
  await Promise.all(
    Array.from({ length: 10 }, (_, writer) =>
      ingest(
        hub,
        hub.context,
        shuffled(numbers, random).map((no) =>
          incoming(
            { no, at: `2026-11-01T01:00:${String(writer).padStart(2, '0')}Z`, total: 1000 + writer },
            { source: sources[writer % 5] ?? 'poll' },
          ),
        ),
      ),
    ),
  )
  expect(await hub.rows(`select count(*)::int as orders, count(distinct channel_order_no)::int as numbers from orders`)).toEqual([
    { orders: 40, numbers: 40 },
  ])
  expect(await hub.value('select count(*)::int from order_lines')).toBe(40)
  expect(await hub.value(`select reserved::int from stock where sku = 'TEA'`)).toBe(40)
})

it('I5 knows an order by its number, under whatever id its document came, all at once', async () => {
  for (let round = 0; round < 20; round += 1) {
    const no = `M${round}`
    await Promise.all(sources.map((source) => ingest(hub, hub.context, [under(`${source}-${no}`, { no, at: '2026-11-01T01:00:00Z' }, { source })])))
  }
  const twice = await hub.rows(`select channel_order_no from orders where channel_order_no ~ '^M[0-9]+$' group by 1 having count(*) <> 1`)
  expect(twice).toEqual([])
  expect(await hub.value(`select count(*)::int from orders where channel_order_no ~ '^M[0-9]+$'`)).toBe(20)
})

it('I5 takes two documents of one number in one batch without stopping the batch', async () => {
  const document = { no: 'K1', at: '2026-11-01T01:00:00Z' }
  await ingest(hub, hub.context, [under('k-a', document), under('k-b', { ...document, total: 1200 }), incoming({ no: 'K2', at: document.at })])
  expect(
    await hub.rows(`select channel_order_no as no, count(*)::int as n from orders where channel_order_no like 'K%' group by 1 order by 1`),
  ).toEqual([
    { no: 'K1', n: 1 },
    { no: 'K2', n: 1 },
  ])
})

it('I5 keeps equal numbers of different connections apart', async () => {
  await hub.pool.query(`insert into connections (id, channel, name) values ('c_other', 'plain', 'other')`)
  await ingest(hub, { ...hub.context, connectionId: 'c_other' }, [incoming({ no: 'N1', at: '2026-11-01T01:00:00Z' })])
  expect(await hub.value(`select count(*)::int from orders where channel_order_no = 'N1'`)).toBe(2)
})
