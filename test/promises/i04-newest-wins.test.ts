import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest, joinBatches, prepareBatch, writeBatch, type IncomingRaw } from '../../src/normalize/ingest.ts'
import { incoming, stockOf, type PlainDocument } from '../support/builders.ts'
import { openHub, seeded, shuffled, type PromiseHub } from './open-hub.ts'

let hub: PromiseHub
const DAY = Date.parse('2026-11-01T00:00:00Z')
const ORDERS = 150

beforeAll(async () => {
  hub = await openHub()
  await stockOf(hub.pool, 'TEA', 1_000_000)
})
afterAll(() => hub.close())

const second = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString()
const instant = (ms: number): string => new Date(ms).toISOString()

interface History {
  readonly no: string
  /** What the order was after each edit, and when the edit happened (ms). The channel tells whole seconds only. */
  readonly edits: readonly { readonly at: number; readonly document: PlainDocument }[]
}

/** Edits of which about a third share their second with the one before. */
function history(no: string, random: () => number): History {
  let at = DAY + Math.floor(random() * 1000)
  const edits = Array.from({ length: 2 + Math.floor(random() * 4) }, (_, n) => {
    at += random() < 0.35 ? 5 : 1000 + Math.floor(random() * 5000)
    return { at, document: { no, at: second(at), total: 1000 + n, note: `edit ${n}` } }
  })
  return { no, edits }
}

const asHook = ({ at, document }: History['edits'][number]): IncomingRaw =>
  incoming(document, { source: 'hook', authoritative: false, readStartedAt: instant(at + 50), receivedAt: instant(at + 50) })
const stateAt = ({ edits }: History, at: number): PlainDocument | undefined => edits.findLast((edit) => edit.at <= at)?.document
const asRead = (of: History, at: number, source: 'poll' | 'fetch' = 'poll'): readonly IncomingRaw[] => {
  const document = stateAt(of, at)
  return document ? [incoming(document, { source, readStartedAt: instant(at), receivedAt: instant(at) })] : []
}

/** A webhook per edit, some twice, and a few polls, some of them between two edits of one second; in any order. */
function arrivals(of: History, random: () => number): readonly IncomingRaw[] {
  const twice = of.edits.filter(() => random() < 0.3)
  const readAt = [DAY + random() * 25_000, DAY + random() * 25_000, ...of.edits.filter(() => random() < 0.3).map((edit) => edit.at + 2)]
  return shuffled([...of.edits.map(asHook), ...twice.map(asHook), ...readAt.flatMap((at) => asRead(of, at))], random)
}

interface Standing {
  readonly no: string
  readonly key: readonly [string, boolean, string]
  readonly note: string
}
const standing = async (): Promise<ReadonlyMap<string, Standing>> => {
  const rows = await hub.rows<Standing>(
    `select channel_order_no as no, json_build_array(source_time, authoritative, read_started_at) as key, doc -> 'extra' ->> 'note' as note from orders`,
  )
  return new Map(rows.map((row) => [row.no, row]))
}
const canonical = async (): Promise<readonly string[]> =>
  (
    await hub.rows<{ line: string }>(
      `select concat_ws(' ', channel_order_no, doc -> 'extra' ->> 'note', md5(doc::text), encode(content_hash, 'hex'), total_minor, payment, fulfilment) as line from orders order by 1`,
    )
  ).map((row) => row.line)
/** Applies one list per order, one document of each at a time. */
async function apply(lists: readonly (readonly IncomingRaw[])[], after: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (let step = 0; step < Math.max(...lists.map((list) => list.length)); step += 1) {
    await ingest(
      hub,
      hub.context,
      lists.flatMap((list) => list[step] ?? []),
    )
    await after()
  }
}
const latest = (of: History): string => of.edits.at(-1)?.document.note ?? ''

describe('I4 newest wins', () => {
  const random = seeded(4)
  const histories = Array.from({ length: ORDERS }, (_, i) => history(`O${i}`, random))
  const steps = histories.map((of) => arrivals(of, random))

  it('never goes back, whatever order the documents arrive in', async () => {
    let before = await standing()
    await apply(steps, async () => {
      const now = await standing()
      const backwards = [...before]
        .filter(([no, was]) => JSON.stringify(now.get(no)?.key) < JSON.stringify(was.key))
        .map(([no, was]) => ({ no, was: was.key, is: now.get(no)?.key }))
      expect(backwards).toEqual([])
      before = now
    })
    expect(before.size).toBe(ORDERS)
  })

  it('is right, or has asked the channel, or stands on a read the next poll repeats', async () => {
    const now = await standing()
    const asked = new Set((await hub.rows<{ external_id: string }>('select external_id from fetch_queue')).map((row) => row.external_id))
    const lost = histories.filter((of) => {
      const is = now.get(of.no)
      const racingRead = is?.key[1] === true && Date.parse(is.key[0]) === Date.parse(of.edits.at(-1)?.document.at ?? '')
      return is?.note !== latest(of) && !asked.has(of.no) && !racingRead
    })
    expect(lost.map((of) => ({ no: of.no, is: now.get(of.no), want: latest(of) }))).toEqual([])
    expect(asked.size).toBeGreaterThan(ORDERS / 10) // the histories do contain ties
  })

  it('agrees with the channel once the fetches and the next poll are in, and late documents change nothing then', async () => {
    const end = DAY + 60_000
    await ingest(
      hub,
      hub.context,
      histories.flatMap((of) => asRead(of, end, 'fetch')),
    )
    const settled = await canonical()
    const now = await standing()
    expect(histories.filter((of) => now.get(of.no)?.note !== latest(of)).map((of) => of.no)).toEqual([])
    await apply(steps.map((list) => shuffled(list, random)))
    expect((await canonical()).filter((line) => !settled.includes(line))).toEqual([])
  })

  it('ends in the same bytes when everything archived is applied anew in another order and the channel is asked again', async () => {
    const live = await canonical()
    const raws = await hub.rows<{
      id: number
      source: 'poll' | 'hook' | 'fetch'
      authoritative: boolean
      read: string
      received: string
      source_time: string
      kind: string
      external_id: string
      key_id: number
      row_key: Buffer
      body: Buffer
    }>(
      'select id, source, authoritative, read_started_at as read, received_at as received, source_time, kind, external_id, key_id, row_key, body from raw_events',
    )
    await hub.pool.query(
      `truncate orders, refunds, raw_heads, raw_dispositions, feed, stock_ledger, fetch_queue restart identity cascade; update stock set reserved = 0`,
    )
    const documents = await Promise.all(
      raws.map(async (raw) => ({
        record: {
          kind: 'order' as const,
          externalId: raw.external_id,
          sourceTime: raw.source_time,
          payload: await hub.keys.open({ keyId: raw.key_id, rowKey: raw.row_key, body: raw.body }, `raw|c_plain|order|${raw.external_id}`),
        },
        source: raw.source,
        receivedAt: raw.received,
        readStartedAt: raw.read,
        authoritative: raw.authoritative,
        archivedRawId: raw.id,
      })),
    )
    await ingest(hub, hub.context, shuffled(documents, random))
    await ingest(
      hub,
      hub.context,
      histories.flatMap((of) => asRead(of, DAY + 60_000, 'fetch')),
    )
    expect((await canonical()).filter((line) => !live.includes(line))).toEqual([])
  })
})

describe('I4 a tie of two webhook bodies', () => {
  const at = '2026-11-02T03:00:00Z'
  const hook = (total: number): IncomingRaw => incoming({ no: 'TIE', at, total }, { source: 'hook', authoritative: false })

  it('keeps what is there and asks the channel, whose word then stands', async () => {
    await ingest(hub, hub.context, [hook(1000)])
    await ingest(hub, hub.context, [hook(1500)])
    expect(await hub.value(`select total_minor from orders where channel_order_no = 'TIE'`)).toBe(1000)
    expect(await hub.rows(`select reason from fetch_queue where external_id = 'TIE'`)).toEqual([{ reason: 'tie' }])
    await ingest(hub, hub.context, [incoming({ no: 'TIE', at, total: 1500 }, { source: 'fetch' })])
    await ingest(hub, hub.context, [hook(1000)])
    expect(await hub.value(`select total_minor from orders where channel_order_no = 'TIE'`)).toBe(1500)
  })
})

describe('I4 a read that confirms a webhook body', () => {
  it('stands against a read that began before it and comes in late', async () => {
    const at = '2026-11-02T04:00:00Z'
    const [before, after] = [
      { no: 'CONFIRMED', at, total: 1000 },
      { no: 'CONFIRMED', at, total: 1500 },
    ]
    await ingest(hub, hub.context, [incoming(after, { source: 'hook', authoritative: false, readStartedAt: '2026-11-02T04:00:00.900Z' })])
    const archived = await hub.value('select count(*)::int from raw_events')
    await ingest(hub, hub.context, [incoming(after, { source: 'fetch', readStartedAt: '2026-11-02T04:00:10.000Z' })])
    expect(await hub.value('select count(*)::int from raw_events')).toBe(archived) // known already: counted, not stored
    await ingest(hub, hub.context, [incoming(before, { readStartedAt: '2026-11-02T04:00:00.500Z' })])
    expect(await hub.value(`select total_minor from orders where channel_order_no = 'CONFIRMED'`)).toBe(1500)
  })
})

describe('I4 one read that names an order twice', () => {
  it('keeps the change although the version we have is named beside it', async () => {
    const known = { no: 'TWICE', at: '2026-11-02T03:00:00Z', total: 1000 }
    const changed = { ...known, at: '2026-11-02T03:05:00Z', total: 2000 }
    await ingest(hub, hub.context, [incoming(known)])
    await ingest(hub, hub.context, [incoming(known), incoming(changed)])
    expect(await hub.value(`select total_minor from orders where channel_order_no = 'TWICE'`)).toBe(2000)
  })
})

describe('I4 a batch that is prepared while the one before it is written', () => {
  it('brings an order back to what it was, although that is what still stands when it is looked at', async () => {
    const first = { no: 'BACK', at: '2026-11-02T03:00:00Z', total: 1000 }
    const { record } = incoming(first)
    await ingest(hub, hub.context, [incoming(first)])
    const changed = await prepareBatch(hub, hub.context, [incoming({ ...first, at: '2026-11-02T03:05:00Z', total: 2000 })])
    const undone = incoming(first, { record: { ...record, sourceTime: '2026-11-02T03:06:00Z' } })
    const back = await prepareBatch(hub, hub.context, [undone], { unsettled: (entity) => changed.entities.get(entity) })
    const again = await prepareBatch(hub, hub.context, [undone], { unsettled: (entity) => back.entities.get(entity) })
    expect(again).toMatchObject({ seen: 1, unchanged: 1, rounds: [] })
    await writeBatch(hub, hub.context, joinBatches(joinBatches(changed, back), again))
    expect(await hub.value(`select total_minor from orders where channel_order_no = 'BACK'`)).toBe(1000)
    expect(await hub.value(`select count(*)::int from raw_events where external_id = 'BACK'`)).toBe(3)
  })
})
