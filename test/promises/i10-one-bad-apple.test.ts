import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pullRound, type PullBudget, type PullDeps } from '../../src/activities/pull.ts'
import { pushStock } from '../../src/activities/push.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { ingest, type IncomingRaw } from '../../src/normalize/ingest.ts'
import { ackOrders } from '../../src/store/deliver/ack-orders.ts'
import { createConsumer } from '../../src/store/edit/consumers.ts'
import { readFeed } from '../../src/store/read/feed.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { breakInserts, drainAll, openHub, type PromiseHub } from './open-hub.ts'
import { PlainChannel } from './plain-channel.ts'

let hub: PromiseHub

beforeAll(async () => {
  hub = await openHub()
  await stockOf(hub.pool, 'TEA', 1000)
})
afterAll(() => hub.close())

const at = '2026-11-01T01:00:00Z'
const raw = (externalId: string, payload: string): IncomingRaw => ({
  ...incoming({ no: externalId, at }),
  record: { kind: 'order', externalId, sourceTime: at, payload },
})
const applied = (pattern: string) => hub.value<number>(`select count(*)::int from orders where channel_order_no ~ $1`, [pattern])
const budget = (): PullBudget => ({ signal: new AbortController().signal, budgetMs: 5000, heartbeat: () => undefined })

/** One of each way a document can be bad. */
const bad = (): readonly IncomingRaw[] => [
  raw('bad-1', 'not json'),
  raw('bad-2', '{"oops":1}'),
  raw('bad-3', '{"no":"bad-3","boom":true}'),
  raw('bad-4', `{"no":"bad-4","at":"${at}","qty":"many"}`),
  raw('bad-5', '{"no":"bad-5","at":"never"}'),
  raw('bad-6', `{"no":"bad-6","at":"${at}","lines":{}}`),
  raw('bad-7', 'null'),
  raw('bad-8', `{"no":"bad-8","at":"${at}","total":1e300}`),
]

describe('I10 a bad record', () => {
  it('is held by itself and lets its page through, wherever it stands in it', async () => {
    const good = Array.from({ length: 40 }, (_, i) => incoming({ no: `G${i}`, at }))
    const page = good.flatMap((one, i) => (i % 5 === 0 ? [one, ...bad().slice(i / 5, i / 5 + 1)] : [one]))
    await ingest(hub, hub.context, page)
    expect(await applied('^G[0-9]+$')).toBe(40)
    const outcome = await hub.rows<{ external_id: string; disposition: string }>(
      `select r.external_id, d.disposition from raw_events r join raw_dispositions d on d.raw_id = r.id where r.external_id like 'bad-%' order by 1`,
    )
    expect(outcome).toHaveLength(8)
    expect(outcome.filter((row) => row.disposition !== 'held' && row.disposition !== 'applied')).toEqual([])
    expect(outcome.filter((row) => row.disposition === 'held').length).toBeGreaterThanOrEqual(5)
  })

  it('in a webhook leaves the deliveries beside it alone, even one that cannot be decrypted', async () => {
    const shard = (body: string): number => createHash('sha256').update(body).digest().readUInt16BE(0) % 16
    const bodies = Array.from({ length: 400 }, (_, i) => JSON.stringify({ no: `H${i}`, at }))
      .filter((body) => shard(body) === 3)
      .slice(0, 12)
    for (const body of [...bodies.slice(0, 6), 'no json', '{"broken', ...bodies.slice(6)]) await hub.deliver(body)
    await hub.pool.query(`update raw_events set body = body || '\\x00'::bytea where id = (select min(raw_id) from inbox where shard = 3)`)
    await drainAll(hub)
    expect(await applied('^H[0-9]+$')).toBe(11)
    expect(await hub.value('select count(*)::int from inbox')).toBe(0)
    expect(await hub.value(`select count(*)::int from failures where subject_kind = 'webhook' and resolved_at is null`)).toBe(3)
  })

  it('is never given up: what failed while the database was full is applied when there is room again', async () => {
    const repair = await breakInserts(hub.pool, 'orders')
    await hub.deliver(JSON.stringify({ no: 'V1', at }))
    for (let pass = 0; pass < 12; pass += 1) await hub.drain.pass()
    await repair()
    await hub.pool.query(`update inbox set at = at - interval '2 minutes'`) // a minute and more later
    await drainAll(hub)
    expect(await applied('^V1$')).toBe(1)
  })
})

describe('I10 a bad shop', () => {
  const shops = (): { readonly deps: PullDeps; readonly good: PlainChannel; readonly broken: PlainChannel } => {
    const [good, broken] = [new PlainChannel(), new PlainChannel()]
    const open = async (id: string) => (id === 'c_bad' ? broken : good).open(await hub.contextOf(id))
    return { deps: { ...hub, open }, good, broken }
  }
  beforeAll(
    async () =>
      void (await hub.pool.query(
        `insert into connections (id, channel, name, armed_stock) values ('c_bad', 'plain', 'bad', true), ('c_good', 'plain', 'good', true)`,
      )),
  )

  it('that errs, answers nonsense or never ends does not hold up another', async () => {
    const { deps, good, broken } = shops()
    let release = (): void => undefined
    broken.put(...Array.from({ length: 50 }, (_, i) => ({ no: `B${i}`, at: new Date().toISOString() })))
    good.put(...Array.from({ length: 50 }, (_, i) => ({ no: `W${i}`, at: new Date().toISOString() })))
    await new Promise((resolve) => setTimeout(resolve, 5))
    const hang = new Promise<void>((resolve) => (release = resolve))
    let page = 0
    broken.beforePage = () => ((page += 1) < 3 ? undefined : hang)
    const stuck = pullRound(deps, 'c_bad', budget(), true)
    expect(await pullRound(deps, 'c_good', budget(), true)).toMatchObject({ seen: 50, created: 50 })
    release()
    await stuck
    broken.beforePage = () => {
      throw new ChannelError({ kind: 'unauthorized', message: 'The key was withdrawn.' })
    }
    good.put({ no: 'W50', at: new Date().toISOString() })
    await new Promise((resolve) => setTimeout(resolve, 5))
    const [wrong, right] = await Promise.allSettled([pullRound(deps, 'c_bad', budget(), true), pullRound(deps, 'c_good', budget(), true)])
    expect(wrong.status).toBe('rejected')
    expect(right).toMatchObject({ status: 'fulfilled', value: { created: 1 } })
  })

  it('that was removed with deliveries waiting does not hold up the inbox', async () => {
    await hub.sink.accept({
      connectionId: 'c_gone',
      deliveryId: 'g1',
      meta: {},
      body: Buffer.from('{"no":"Z1"}'),
      receivedAt: new Date().toISOString(),
    })
    await hub.deliver(JSON.stringify({ no: 'Z2', at }))
    await drainAll(hub)
    expect(await applied('^Z2$')).toBe(1)
    expect(await hub.rows(`select disposition, reason from raw_dispositions where connection_id = 'c_gone'`)).toEqual([
      { disposition: 'ignored', reason: 'connection-removed' },
    ])
    expect(await hub.value('select count(*)::int from inbox')).toBe(0)
  })

  it('that refuses one level takes the others of the batch', async () => {
    const { deps, good } = shops()
    for (const sku of ['A', 'B', 'C']) {
      await hub.pool.query('insert into skus (sku) values ($1)', [sku])
      await hub.pool.query(
        `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound) values ('c_good', $1, $1, $1, $1, 'code')`,
        [sku],
      )
      await setStock({ pool: hub.pool, actor: 'test', now: new Date() }, [{ sku, location: 'main', onHand: '5' }])
    }
    good.aroundWrite = (_take, writes) =>
      writes.map(({ key }) =>
        key === 'B'
          ? { key, status: 'refused', fault: { kind: 'refused', code: 'not-managed', message: 'Not managed.' } }
          : { key, status: 'applied' },
      )
    expect(await pushStock(deps, 'c_good', new AbortController().signal)).toMatchObject({ done: 2, refused: 1, unknown: 0 })
  })
})

describe('I10 a bad consumer', () => {
  it('that rejects everything or never reads changes nothing for the others', async () => {
    for (const name of ['bad', 'idle', 'good']) await createConsumer(hub.pool, { name, connections: null, include_sandbox: false })
    const orders = await hub.rows<{ id: string; version: number }>('select id::text, version from orders order by id limit 20')
    await ackOrders(
      hub.pool,
      'bad',
      orders.map(({ id, version }) => ({ orderId: id, version, status: 'rejected', code: 'no', reason: 'Never.' })),
      null,
      new Date(),
    )
    const results = await ackOrders(
      hub.pool,
      'good',
      orders.map(({ id, version }) => ({ orderId: id, version, status: 'accepted', reference: `E${id}` })),
      null,
      new Date(),
    )
    expect(new Set(results.map((row) => row.result))).toEqual(new Set(['stored']))
    expect(await hub.value(`select count(*)::int from order_acks where consumer = 'good' and status = 'accepted'`)).toBe(orders.length)
    expect(
      await hub.value(
        `select count(*)::int from failures f join failure_groups g on g.id = f.group_id where f.subject_kind = 'ack' and f.resolved_at is null`,
      ),
    ).toBe(orders.length)
    const last = await hub.value<number>('select max(seq) from feed')
    await ingest(hub, hub.context, [incoming({ no: 'AFTER', at })])
    expect((await readFeed(hub.pool, { after: last, limit: 10, visible: null, connections: null, includeSandbox: false })).items).toHaveLength(1)
  })
})
