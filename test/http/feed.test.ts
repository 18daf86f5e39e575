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

const reading = async () => (await app.hub.pool.query(`select 1 from pg_stat_activity where state = 'active' and query like 'with wanted%'`)).rowCount

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end;) if (await holds()) return
  throw new Error('It did not happen.')
}

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

  it('reads ahead for a reader that goes through it, and for nobody else; what it read is soon forgotten', async () => {
    const two = await app.key(['feed:read'], ['c_two'])
    const shown = (page: { items: readonly { order: { display_no: unknown } }[] }) => page.items.map((item) => item.order.display_no)
    const third = async (limit: number, withKey = key, restMs = 0) => {
      await app.hub.pool.query('update orders set display_no = null')
      const first = await changes('limit=4')
      const second = await changes(`after=${first.next_after}&limit=4`)
      await until(async () => (await reading()) === 0)
      await app.hub.pool.query(`update orders set display_no = 'late'`)
      await new Promise((resolve) => setTimeout(resolve, restMs))
      return { after: second.next_after, page: await changes(`after=${second.next_after}&limit=${limit}`, withKey) }
    }
    const old = [null, null, null, null]
    let { after, page } = await third(4)
    // On a slow machine it may have been forgotten before it was asked for.
    for (let tries = 0; tries < 20 && shown(page)[0] !== null; tries += 1) ({ after, page } = await third(4))
    expect(shown(page)).toEqual(old)
    const anew = await changes(`after=${after}&limit=4`)
    expect([shown(anew), numbers(anew)]).toEqual([old.map(() => 'late'), numbers(page)])
    expect(shown((await third(3)).page)).toEqual(['late', 'late', 'late'])
    expect(numbers((await third(4, two)).page).every((no) => no.startsWith('B'))).toBe(true)
    expect(shown((await third(4, key, 600)).page)).toEqual(old.map(() => 'late'))
    await app.hub.pool.query('update orders set display_no = null')
  })

  it('tells a reader that goes through it what changed behind the page that was read ahead', async () => {
    const pages = [await changes('limit=4')]
    for (let page = pages[0]; page.has_more; pages.push(page)) {
      page = await changes(`after=${page.next_after}&limit=4`)
      if (pages.length === 1) await put('A9', 'c_plain', false, '2026-11-01T03:00:00Z', 1700)
    }
    const totals = pages.flatMap((page) => page.items).filter((item) => item.order.channel_order_no === 'A9')
    expect(totals.at(-1)).toMatchObject({ cause: 'changed', order: { doc: { totals: { total: { amount: '17.00' } } } } })
    const seqs: readonly number[] = pages.flatMap((page) => page.items.map((item: { seq: number }) => item.seq))
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
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
