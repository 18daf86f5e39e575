import readSheets from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { askChannelForDay } from '../../src/activities/ledger-ask.ts'
import type { OpenedConnection } from '../../src/activities/pull.ts'
import type { AnyConnector, Page, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createUser } from '../../src/store/people/users.ts'
import { incoming, type PlainDocument } from '../support/builders.ts'
import { type HubApp, ORIGIN, hubApp } from './hub-app.ts'

/** A shop in Shanghai whose business day begins at four in the morning: the 20th lasts from 20:00 UTC of the 19th to 20:00 UTC of the 20th. */
const SHOP = 'c_shop'
const DAY = '2026-11-20'
let app: HubApp
let key: string
let cookie: string
/** What the channel has by its own word; `listed` only stands in its list of ids. */
let shop: { orders: PlainDocument[]; listed: PlainDocument[]; down: boolean }

beforeAll(async () => {
  app = await hubApp({ now: () => new Date('2026-11-22T10:00:00Z') })
  await app.hub.pool.query(
    `insert into connections (id, channel, name, timezone, created_at) values ($1, 'woocommerce', 'Shop', 'Asia/Shanghai', '2026-01-01')`,
    [SHOP],
  )
  key = await app.key(['orders:read', 'orders:write', 'connections:write', 'feed:read'])
  await createUser(app.hub.pool, { name: 'mei', password: 'Correct horse 42 battery', roles: ['finance'], connections: null, mustChange: false })
  const answer = await app.call('POST', '/v1/session', { body: { name: 'mei', password: 'Correct horse 42 battery' }, headers: { origin: ORIGIN } })
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  await app.call('PATCH', `/v1/ledger/${SHOP}`, { key, body: { cut_off: '04:00' } })
  shop = { orders: [], listed: [], down: false }
})
afterAll(() => app.close())

const recordOf = (doc: PlainDocument): RawRecord => ({ kind: 'order', externalId: doc.no, sourceTime: doc.at, payload: JSON.stringify(doc) })
const context = () => ({ ...app.hub.context, connectionId: SHOP })
const take = (...docs: PlainDocument[]) =>
  ingest(
    app.hub,
    context(),
    docs.map((doc) => incoming(doc)),
  )

function channel(): AnyConnector {
  const base = registry.get('woocommerce')
  if (!base) throw new Error('no connector')
  return {
    ...base,
    async *pullOrders(_call, { window }): AsyncGenerator<Page> {
      if (shop.down) throw new ChannelError({ kind: 'transient', message: 'The channel is away.' })
      const within = shop.orders.filter(({ at }) => window !== undefined && at >= window.from && at < window.to)
      yield { records: within.map(recordOf), cursor: null }
    },
    async *listOrderIds(_call, { from, to }) {
      yield [...shop.orders, ...shop.listed].filter(({ at }) => at >= from && at < to).map(({ no }) => no)
    },
    fetchOrder: async (_call, ids) => shop.listed.filter(({ no }) => ids.includes(no)).map(recordOf),
  }
}

async function asked(): Promise<number> {
  // The channel's answers only: nothing here is sent anywhere.
  const opened = { context: context(), connector: channel(), call: {} } as unknown as OpenedConnection
  return askChannelForDay(
    { ...app.hub, now: () => new Date('2026-11-22T10:00:00Z'), open: async () => opened },
    SHOP,
    DAY,
    new AbortController().signal,
    () => undefined,
  )
}

const day = async () => (await app.call('GET', `/v1/ledger/${SHOP}/${DAY}`, { key })).json
const entries = async (query: string) => (await app.call('GET', `/v1/ledger/${SHOP}/${DAY}/orders?${query}`, { key })).json.items
const order = (no: string, more: Partial<PlainDocument> = {}): PlainDocument => ({
  no,
  at: '2026-11-20T10:00:00Z',
  placed: '2026-11-20T09:00:00Z',
  total: 1000,
  ...more,
})

describe('a business day', () => {
  it('begins at the cut-off by the clock of the shop', async () => {
    const { json } = await app.call('GET', `/v1/ledger?from=${DAY}&to=${DAY}&connection=${SHOP}`, { key })
    expect(json.items).toMatchObject([
      { day: DAY, from: '2026-11-19T20:00:00.000Z', to: '2026-11-20T20:00:00.000Z', state: 'unasked', hub: { orders: 0 } },
    ])
  })

  it('is green when the channel names exactly what the hub has, for exactly as much', async () => {
    const early = order('A-0', { placed: '2026-11-19T19:59:59Z', at: '2026-11-20T01:00:00Z' })
    shop.orders = [early, order('A-1'), order('A-2', { total: 2550 })]
    await take(...shop.orders)
    expect(await asked()).toBe(2)
    const seen = await day()
    expect(seen).toMatchObject({
      state: 'green',
      differences: 0,
      channel: { orders: 2, how: 'documents+list', sums: [{ amount: '35.50', currency: 'CNY' }] },
      hub: { orders: 2, sums: [{ amount: '35.50', currency: 'CNY' }] },
      orders_by_state: { matched: 2 },
    })
    expect(seen.channel.set_hash).toBe(seen.hub.set_hash)
  })

  it('is red when the list names an order that reading did not bring, and reads it again on request', async () => {
    shop.listed = [order('A-3', { total: 300 })]
    await asked()
    expect(await day()).toMatchObject({ state: 'red', differences: 1, orders_by_state: { matched: 2, missing: 1 }, channel: { orders: 3 } })
    expect(await entries('state=different')).toMatchObject([
      { external_id: 'A-3', state: 'missing', order_id: null, channel_total: { amount: '3.00', currency: 'CNY' } },
    ])
    expect((await app.call('POST', `/v1/ledger/${SHOP}/${DAY}/repull`, { key })).json).toEqual({ requested: 1 })
    const { rows } = await app.hub.pool.query(`select external_id, reason from fetch_queue where connection_id = $1`, [SHOP])
    expect(rows).toEqual([{ external_id: 'A-3', reason: 'ledger' }])
    expect(app.told).toContainEqual(['push', [SHOP]])
    await take(...shop.listed)
    expect(await day()).toMatchObject({ state: 'green', orders_by_state: { matched: 3 } })
  })

  it('tells an order that is worth something else, one the channel does not name, one that is out of date, and one that is held', async () => {
    await take(order('A-4', { total: 700 }))
    await app.hub.pool.query(`update orders set first_seen_at = '2026-11-20T10:00:00Z' where connection_id = $1`, [SHOP])
    await ingest(app.hub, context(), [
      incoming(order('A-5'), { record: { kind: 'order', externalId: 'A-5', sourceTime: '2026-11-20T10:00:00Z', payload: '{"nothing":1}' } }),
    ])
    shop.orders = [order('A-1', { total: 1001 }), order('A-2', { total: 2550, at: '2026-11-21T10:00:00Z' }), order('A-5')]
    await asked()
    expect(await day()).toMatchObject({ state: 'red', orders_by_state: { amount: 1, extra: 1, stale: 1, held: 1, matched: 1 } })
    expect((await entries('state=amount'))[0]).toMatchObject({
      external_id: 'A-1',
      channel_total: { amount: '10.01' },
      hub_total: { amount: '10.00' },
    })
    expect((await entries('state=extra'))[0]).toMatchObject({ external_id: 'A-4' })
  })

  it('keeps what was known when the channel cannot be asked, and says so', async () => {
    shop.down = true
    await expect(asked()).rejects.toThrow('away')
    shop.down = false
    expect((await day()).channel).toMatchObject({ fault: 'The channel is away.' })
  })
})

describe('signing off', () => {
  const sign = (body: unknown, as: { readonly key?: string; readonly cookie?: string } = { cookie }) =>
    app.call('POST', `/v1/ledger/${SHOP}/${DAY}/sign`, { ...as, body })

  it('is done by a person, who saw what stands, and says why when it is not green', async () => {
    const { hub } = await day()
    expect((await sign({ set_hash: hub.set_hash }, { key })).json.code).toBe('person-needed')
    expect((await sign({ set_hash: 'a'.repeat(64) })).json.code).toBe('ledger-moved')
    expect((await sign({ set_hash: hub.set_hash })).json.errors?.[0]?.code).toBe('note-missing')
    expect((await sign({ set_hash: hub.set_hash, note: 'A-4 was a test order.' })).status).toBe(201)
    expect(await day()).toMatchObject({ signature: { by: 'mei', state: 'red', note: 'A-4 was a test order.' }, changed_since: 0 })
  })

  it('shows afterwards what changed since: edited, added', async () => {
    await take(order('A-2', { total: 2600, at: '2026-11-21T10:00:00Z' }), order('A-6', { total: 100 }))
    expect((await day()).changed_since).toBe(2)
    expect(await entries('changed=1')).toMatchObject([
      { external_id: 'A-2', signed_version: 1, version: 2, signed_total: { amount: '25.50' }, hub_total: { amount: '26.00' } },
      { external_id: 'A-6', signed_version: null, version: 1 },
    ])
  })

  it('gives a statement to file: a workbook whose numbers are text, and a PDF, in both languages', async () => {
    const file = async (query: string): Promise<Buffer> => {
      const response = await app.fetch(`/v1/ledger/${SHOP}/${DAY}/statement?${query}`, { headers: { cookie } })
      expect([response.status, response.headers.get('content-disposition')]).toEqual([200, expect.stringContaining(`ledger-${SHOP}-${DAY}.`)])
      return Buffer.from(await response.arrayBuffer())
    }
    const sheets = await readSheets(await file('format=xlsx&language=zh-CN'))
    const cells = (sheets[0]?.data ?? []).flat().map(String)
    expect(cells).toContain('完整性对账单 2026-11-20')
    expect(cells.join(' ')).toContain('mei, 2026-11-22')
    const texts = sheets.flatMap((sheet) => sheet.data.flat().map(String))
    expect(texts).toEqual(expect.arrayContaining(['A-4', '10.01 CNY', '25.50 CNY', '26.00 CNY']))
    for (const language of ['en', 'zh-CN']) {
      const pdf = await file(`format=pdf&language=${language}`)
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
      expect(pdf.subarray(-8).toString()).toContain('%%EOF')
    }
  })

  it('waits until the day is over', async () => {
    const answer = await app.call('POST', `/v1/ledger/${SHOP}/2099-01-01/sign`, { cookie, body: { set_hash: 'a'.repeat(64), note: 'early' } })
    expect(answer.json.code).toBe('day-running')
  })
})

it('waits for the consumers: unread and rejected orders keep a day red', async () => {
  const { pool } = app.hub
  shop.orders = [order('A-1'), order('A-2', { total: 2600, at: '2026-11-21T10:00:00Z' }), order('A-4', { total: 700 }), order('A-6', { total: 100 })]
  await pool.query(`delete from raw_heads where external_id = 'A-5'`)
  await asked()
  expect((await day()).state).toBe('green')
  await pool.query(`insert into consumers (name, acked_seq) values ('erp', (select max(seq) - 1 from feed))`)
  expect(await day()).toMatchObject({ state: 'red', consumers: [{ name: 'erp', read: 4, open: 1 }] })
  await pool.query(`update consumers set acked_seq = (select max(seq) from feed)`)
  expect(await day()).toMatchObject({ state: 'green', consumers: [{ read: 5, open: 0 }] })
  const id = (await pool.query(`select id::text from orders where external_id = 'A-1'`)).rows[0].id
  await pool.query(`insert into order_acks (consumer, order_id, version, status, reason) values ('erp', $1, 1, 'rejected', 'no such customer')`, [id])
  expect(await day()).toMatchObject({ state: 'red', consumers: [{ rejected: 1 }] })
})
