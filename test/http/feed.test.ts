import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
const put = (no: string, connection = 'c_plain', sandbox = false, at = '2026-11-01T01:00:00Z', total = 1000) =>
  ingest(app.hub, { ...app.hub.context, connectionId: connection, sandbox }, [incoming({ no, at, total })])
const changes = async (query: string, withKey = key) => (await app.call('GET', `/v1/changes?${query}`, { key: withKey })).json
const numbers = (page: { items: readonly { order: { channel_order_no: string } }[] }): string[] =>
  page.items.map((item) => item.order.channel_order_no)
const idOf = async (no: string): Promise<string> =>
  (await app.hub.pool.query('select id::text from orders where channel_order_no = $1', [no])).rows[0].id

beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await stockOf(app.hub.pool, 'TEA', 1000)
  await app.hub.pool.query(
    `insert into connections (id, channel, name, sandbox) values ('c_two', 'plain', 'two', false), ('c_sand', 'plain', 'sand', true)`,
  )
  for (let i = 0; i < 12; i += 1) {
    await put(`A${i}`)
    await put(`S${i}`, 'c_sand', true)
    if (i % 3 === 0) await put(`B${i}`, 'c_two')
  }
})
afterAll(() => app.close())

async function drain(query: string, limit: number, withKey = key): Promise<{ readonly seen: string[]; readonly last: number }> {
  const seen: string[] = []
  let after = 0
  for (;;) {
    const page = await changes(`${query}&after=${after}&limit=${limit}`, withKey)
    seen.push(...numbers(page))
    after = page.next_after
    if (!page.has_more) return { seen, last: after }
  }
}

describe('changes feed', () => {
  it('gives every change once in order, whatever the page size, and passes over what is not for the reader', async () => {
    const last = Number((await app.hub.pool.query('select max(seq) as last from feed')).rows[0].last)
    for (const limit of [1, 2, 5, 500]) {
      const { seen, last: end } = await drain('x=1'.slice(3), limit)
      expect([limit, seen.length, new Set(seen).size, end]).toEqual([limit, 16, 16, last])
    }
    expect((await changes(`after=${last}`)).items).toEqual([])
  })

  it('keeps sandbox data from readers that did not ask', async () => {
    expect((await drain('', 100)).seen.some((no) => no.startsWith('S'))).toBe(false)
    expect((await drain('include_sandbox=1', 100)).seen.filter((no) => no.startsWith('S'))).toHaveLength(12)
    await app.call('POST', '/v1/consumers', { key, body: { name: 'plain-erp' } })
    expect((await drain('consumer=plain-erp&include_sandbox=1', 100)).seen.some((no) => no.startsWith('S'))).toBe(false)
  })

  it('shows an order as it is now, with refunds, shipments, holds and the whole document, personal data masked', async () => {
    await put('A0', 'c_plain', false, '2026-11-01T02:00:00Z', 1500)
    const page = await changes('after=0&limit=500')
    const item = page.items.findLast((one: { order: { channel_order_no: string } }) => one.order.channel_order_no === 'A0')
    expect(item).toMatchObject({
      kind: 'order',
      cause: 'changed',
      version: 2,
      order: {
        version: 2,
        payment: 'paid',
        holds: [],
        refunds: [],
        shipments: [],
        doc: { totals: { total: { amount: '15.00' } }, lines: [{ sku: 'TEA' }] },
      },
    })
    expect(JSON.stringify(page)).not.toContain('13800138000')
    const clear = await changes('after=0&limit=500&pii=1&purpose=fulfilment')
    expect(clear.items[0].pii.recipient).toMatchObject({ name: '王小明', address: '文三路 100 号' })
  })

  it('limits a key to its connections', async () => {
    const two = await app.key(['feed:read'], ['c_two'])
    expect((await drain('', 3, two)).seen).toEqual(['B0', 'B3', 'B6', 'B9'])
  })

  it('never skips a change while many writers commit', async () => {
    const from = (await drain('', 500)).last
    const seen: string[] = []
    let after = from
    let writing = true
    const reader = (async () => {
      for (;;) {
        const over = !writing
        const page = await changes(`after=${after}&limit=3`)
        seen.push(...numbers(page))
        after = page.next_after
        if (over && !page.has_more) return
      }
    })()
    await Promise.all(
      Array.from({ length: 4 }, async (_, w) => {
        for (let i = 0; i < 8; i += 1) await put(`W${w}-${i}`)
      }),
    )
    writing = false
    await reader
    expect(seen.toSorted()).toEqual(Array.from({ length: 32 }, (_, i) => `W${Math.floor(i / 8)}-${i % 8}`).toSorted())
  })

  it('puts an order in once more when asked', async () => {
    const { last } = await drain('', 500)
    expect((await app.call('POST', `/v1/orders/${await idOf('A1')}/re-emit`, { key })).json).toEqual({ version: 1 })
    expect((await changes(`after=${last}`)).items).toMatchObject([{ cause: 're-emit', order: { channel_order_no: 'A1' } }])
  })
})

describe('consumers', () => {
  it('go on where they acknowledged, never backwards, never ahead of the feed', async () => {
    await app.call('POST', '/v1/consumers', { key, body: { name: 'erp', connections: ['c_plain'] } })
    const first = await changes('consumer=erp&limit=4')
    expect(numbers(first)).toEqual(['A0', 'A1', 'A2', 'A3'])
    const ack = (seq: number) => app.call('POST', '/v1/consumers/erp/ack', { key, body: { seq } })
    expect((await ack(first.next_after)).json).toEqual({ acked_seq: first.next_after })
    expect((await ack(1)).json).toEqual({ acked_seq: first.next_after })
    expect((await ack(1_000_000)).json.code).toBe('position-ahead')
    expect(numbers(await changes('consumer=erp&limit=2'))).toEqual(['A4', 'A5'])
    const [mine] = (await app.call('GET', '/v1/consumers', { key })).json.items
    expect(mine).toMatchObject({ name: 'erp', acked_seq: first.next_after, include_sandbox: false })
    expect(mine.lag).toBeGreaterThan(0)
    expect((await app.call('GET', '/v1/changes?consumer=nobody', { key })).status).toBe(404)
    expect((await app.call('POST', '/v1/consumers', { key, body: { name: 'erp', connections: ['c_two'] } })).status).toBe(409)
  })

  it('turn a rejected order into a failure with their reason, and an accepted one into its number', async () => {
    const id = await idOf('A2')
    const ack = (body: object) => app.call('POST', `/v1/consumers/erp/orders/${id}/ack`, { key, body })
    expect((await ack({ version: 1, status: 'rejected' })).json.errors[0].pointer).toBe('/reason')
    expect((await ack({ version: 9, status: 'accepted' })).json.code).toBe('version-ahead')
    expect((await ack({ version: 1, status: 'rejected', code: 'TAX-7', reason: 'No tax code for "Tea"' })).json).toEqual({
      order_id: id,
      result: 'stored',
    })
    const [group] = (await app.call('GET', '/v1/failures?operation=acknowledge', { key })).json.items
    expect(group).toMatchObject({
      operation: 'acknowledge',
      code: 'TAX-7',
      status: 'open',
      count: 1,
      orders: 1,
      money: [{ amount: '10.00', currency: 'CNY' }],
    })
    expect((await app.call('GET', `/v1/orders/${id}`, { key })).json).toMatchObject({
      label: { code: 'erp-rejected' },
      acks: [{ consumer: 'erp', status: 'rejected' }],
    })
    expect((await app.call('GET', `/v1/failures/${group.id}`, { key })).json.items).toMatchObject([{ subject_kind: 'ack', channel_order_no: 'A2' }])
    await ack({ version: 1, status: 'accepted', reference: 'SO-1001' })
    expect((await app.call('GET', `/v1/failures/${group.id}`, { key })).json).toMatchObject({ status: 'resolved', count: 0 })
    const order = (await app.call('GET', `/v1/orders/${id}`, { key })).json
    expect(order.label).toEqual({ code: 'to-ship', params: { released: 'yes' } })
    expect(order.nodes[7]).toMatchObject({ code: 'released', state: 'done' })
    expect((await app.call('GET', '/v1/find?q=SO-1001', { key })).json.orders).toMatchObject([{ channel_order_no: 'A2' }])
  })

  it('acknowledge in batches, each with its own answer', async () => {
    const items = [
      { order_id: await idOf('A3'), version: 1, status: 'accepted', reference: 'SO-2' },
      { order_id: '999999', version: 1, status: 'accepted' },
      { order_id: await idOf('A0'), version: 7, status: 'accepted' },
    ]
    const { json } = await app.call('POST', '/v1/consumers/erp/acks', { key, body: { items } })
    expect(new Map(json.items.map((item: { order_id: string; result: string }) => [item.order_id, item.result]))).toEqual(
      new Map([
        [await idOf('A0'), 'version-ahead'],
        [await idOf('A3'), 'stored'],
        ['999999', 'unknown-order'],
      ]),
    )
  })
})

describe('snapshot', () => {
  it('stands for one feed position: what is at or before it is inside, the feed after it has the rest', async () => {
    const response = await app.fetch('/v1/snapshot', { headers: { authorization: `Bearer ${key}` } })
    await put('LATER')
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const [{ feed_position: position }] = lines
    const inside = lines.filter((line) => line.kind === 'order').map((line) => line.order.channel_order_no)
    expect(lines.at(-1)).toEqual({ end: true, orders: inside.length, refunds: 0 })
    expect(new Set(inside).size).toBe(inside.length)
    expect(inside).toContain('A0')
    expect(inside.some((no: string) => no.startsWith('S'))).toBe(false)
    expect(inside.includes('LATER')).toBe(false)
    expect(numbers(await changes(`after=${position}`))).toEqual(['LATER'])
  })

  it('gives its database session back when the reader goes away', async () => {
    const response = await app.fetch('/v1/snapshot', { headers: { authorization: `Bearer ${key}` } })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await app.fetch('/v1/snapshot', { method: 'HEAD', headers: { authorization: `Bearer ${key}` } })
    await expect
      .poll(
        async () =>
          (
            await app.hub.pool.query(
              `select count(*)::int n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
            )
          ).rows[0].n,
      )
      .toBe(0)
  })
})
