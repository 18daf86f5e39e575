import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DriftSentinel } from '../../src/normalize/drift/drift-sentinel.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { acknowledgeDrift, listDrift } from '../../src/store/drift/list-drift.ts'
import { incoming, type PlainDocument, type TestHub, testHub } from '../support/builders.ts'
import { type TestDatabase, freshDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub
beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const ME = { actor: 'mei', note: 'A new state.', now: new Date('2026-11-22T10:00:00Z') }
const connect = (id: string) => hub.pool.query(`insert into connections (id, channel, name) values ($1, 'plain', $1)`, [id])

let counter = 0
/** A document as the channel usually sends it, with what a test adds. */
function usual(over: object = {}): PlainDocument {
  counter += 1
  return Object.assign(
    {
      no: `D${counter}`,
      at: '2026-11-01T01:00:00Z',
      total: 1000 + counter,
      status: 'open' as const,
      sub_status: counter % 3 === 0 ? 'PACKED' : 'NEW',
      buyer: { name: '王小明', member_type: 'gold card 13800138000' },
      refunds: [],
      items: [{ sku: 'TEA', qty: 1, weight: 0.5 }],
    },
    over,
  )
}

/** A sentinel that looks at every document. */
async function sentinel(connectionId: string): Promise<{ readonly drift: DriftSentinel; take(docs: readonly PlainDocument[]): Promise<void> }> {
  const drift = new DriftSentinel(hub, 1)
  const context = { ...hub.context, connectionId }
  const take = async (docs: readonly PlainDocument[]): Promise<void> => {
    await ingest(
      { ...hub, drift },
      context,
      docs.map((doc) => incoming(doc)),
    )
    await drift.flush()
  }
  // The first document only makes it read what is known.
  await take([usual()])
  await sleep(50)
  return { drift, take }
}
const many = (count: number, over: object = {}): readonly PlainDocument[] => Array.from({ length: count }, () => usual(over))
const notices = async (connection: string) =>
  (await listDrift(hub.pool, { connection, limit: 100 }, null))
    .map(({ what, path, detail, count, failing, state }) => ({ what, path, detail, count, failing, state }))
    .toReversed()

describe('new things in documents', () => {
  it('are noticed once the documents are known: a member, another type, a word; with samples, and never a value of a person', async () => {
    await connect('c_news')
    const { take } = await sentinel('c_news')
    await take(many(210))
    expect(await notices('c_news')).toEqual([])
    await take(many(60))
    await take([
      usual({ gift: { from: 'Li Lei', words: ['x'] } }),
      usual({ gift: { from: 'Han Meimei' } }),
      usual({ items: [{ sku: 'TEA', qty: 1, weight: '0.5 kg' }] }),
      usual({ sub_status: 'LOST_IN_TRANSIT' }),
      usual({ buyer: { name: '李雷', member_type: 'somebody else' } }),
    ])
    expect(await notices('c_news')).toEqual([
      { what: 'field', path: '/gift', detail: 'object', count: 2, failing: false, state: 'open' },
      { what: 'type', path: '/items/*/weight', detail: 'text', count: 1, failing: false, state: 'open' },
      { what: 'value', path: '/sub_status', detail: 'LOST_IN_TRANSIT', count: 1, failing: false, state: 'open' },
    ])
    const gift = (await listDrift(hub.pool, { connection: 'c_news', limit: 100 }, null)).find(({ path }) => path === '/gift')
    expect(gift?.samples.map(({ entity }) => entity)).toEqual([`order/D${counter - 3}`, `order/D${counter - 4}`])
    expect(gift?.samples.every(({ raw_id, order_id }) => raw_id !== null && order_id !== null)).toBe(true)
    const { rows } = await hub.pool.query(
      `select (select string_agg(s::text, ' ') from drift_shapes s) || (select string_agg(n::text, ' ') from drift_notices n) as text`,
    )
    for (const secret of ['Li Lei', 'Han Meimei', '王小明', '李雷', 'gold', '13800138000', 'somebody', 'TEA'])
      expect(rows[0].text).not.toContain(secret)
  })

  it('are no news when acknowledged; what is inside them is learned quietly; all in sight of the right people only', async () => {
    const open = await listDrift(hub.pool, { connection: 'c_news', state: 'open', limit: 100 }, null)
    const ids = open.map(({ id }) => id)
    expect(await acknowledgeDrift(hub.pool, ids, ME, ['c_other'])).toBe(0)
    expect(await acknowledgeDrift(hub.pool, ids, ME, null)).toBe(3)
    expect(await acknowledgeDrift(hub.pool, ids, ME, null)).toBe(0)
    const { take } = await sentinel('c_news')
    await take([
      usual({ gift: { from: 'x', wrapped: true } }),
      usual({ sub_status: 'LOST_IN_TRANSIT' }),
      usual({ items: [{ sku: 'TEA', qty: 1, weight: '1 kg' }] }),
      usual({ gift: { note: 'x' } }),
    ])
    expect(
      (await listDrift(hub.pool, { connection: 'c_news', limit: 100 }, null)).every(
        ({ state, closed_by, note }) => state === 'acknowledged' && closed_by === 'mei' && note === 'A new state.',
      ),
    ).toBe(true)
    expect((await listDrift(hub.pool, { limit: 100 }, ['c_other'])).length).toBe(0)
  })

  it('are not made of what is usual: null, an empty list filled for the first time, long ids, words the mapping reads, replays', async () => {
    await connect('c_usual')
    const { drift, take } = await sentinel('c_usual')
    await take(many(200))
    await take([
      usual({ sub_status: null }),
      usual({ refunds: [{ id: 1, reason: 'late' }] }),
      usual({ refunds: [{ id: 2, reason: 'late', by: 'x' }] }),
      usual({ status: 'shipped' }),
      usual({ total: 5, note: 'the mapping reads notes' }),
    ])
    await ingest({ ...hub, drift }, { ...hub.context, connectionId: 'c_usual' }, [incoming(usual({ brand_new: 1 }))], { mode: 'replay' })
    await drift.flush()
    expect(await notices('c_usual')).toEqual([])
  })

  it('are noticed first of all in documents that fail, which teach nothing', async () => {
    await connect('c_fail')
    const { drift, take } = await sentinel('c_fail')
    const broken = () => {
      const { no, ...rest } = usual()
      return {
        ...incoming({ ...rest, no }),
        record: { kind: 'order' as const, externalId: no, sourceTime: rest.at, payload: JSON.stringify({ ...rest, number: no }) },
      }
    }
    const context = { ...hub.context, connectionId: 'c_fail' }
    await ingest({ ...hub, drift }, context, [broken()])
    await take(many(200))
    await ingest({ ...hub, drift }, context, [broken(), broken()])
    await drift.flush()
    expect(await notices('c_fail')).toEqual([{ what: 'field', path: '/number', detail: 'text', count: 2, failing: true, state: 'open' }])
  })

  it('are one notice for two workers, and survive a restart', async () => {
    await connect('c_two')
    const one = await sentinel('c_two')
    await one.take(many(200))
    const two = await sentinel('c_two')
    await Promise.all([one.take([usual({ extra: 1 })]), two.take([usual({ extra: 2 })])])
    const after = await sentinel('c_two')
    await after.take([usual({ extra: 3 })])
    expect(await notices('c_two')).toEqual([{ what: 'field', path: '/extra', detail: 'number', count: 3, failing: false, state: 'open' }])
  })

  it('are a hundred at most for a connection whose documents changed altogether', async () => {
    await connect('c_flood')
    const { take } = await sentinel('c_flood')
    await take(many(200))
    await take([
      usual(
        Object.fromEntries(
          Array.from({ length: 130 }, (_, i) => [`x${String.fromCharCode(97 + Math.floor(i / 26))}${String.fromCharCode(97 + (i % 26))}`, 1]),
        ),
      ),
    ])
    expect((await notices('c_flood')).length).toBe(100)
  })
})
