import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['connections:read'])
  await app.hub.pool.query(`insert into connections (id, channel, name, created_at) values ('c_shop', 'push', 'Shop', now() - interval '1 year')`)
})
afterAll(() => app.close())

const shop = async () => (await app.call('GET', '/v1/connections/c_shop', { key })).json
/** One order every so many minutes from one time to another, hours ago. */
const orders = (from: number, to: number, everyMinutes: number) =>
  app.hub.pool.query(
    `insert into orders (connection_id, channel, channel_order_no, external_id, version, raw_id, mapping, source_time, authoritative, read_started_at, content_hash, doc, source_status, payment,
       fulfilment, after_sale, cancelled, cancel_requested, closed, reserves, currency, total_minor, paid_minor, refunded_minor, line_count, unit_count, placed_at)
     select 'c_shop', 'push', 'o' || at, 'o' || at, 1, 1, 'push@1', at, true, at, 'x', '{}', 'open', 'paid', 'shipped', 'none', false, false, true, false, 'CNY', 100, 100, 0, 1, 1, at
     from generate_series(now() - make_interval(hours => $1), now() - make_interval(hours => $2), make_interval(mins => $3)) at on conflict do nothing`,
    [from, to, everyMinutes],
  )

it('has no habit to judge by while the connection is young', async () => {
  await orders(30, 12, 10)
  expect((await shop()).silence).toMatchObject({ expected: null, silent: false })
})

it('calls a quiet night quiet and a silence a silence, by the same hours of past weeks', async () => {
  // Each week: busy up to the same hour at which this week went quiet, nothing in the twelve hours after it.
  for (const week of [1, 2, 3]) await orders(week * 168 + 40, week * 168 + 12, 10)
  const night = await shop()
  expect(night.silence).toMatchObject({ silent: false })
  expect(night.silence.expected).toBeLessThanOrEqual(1)
  // The same twelve hours, but every week they were busy.
  for (const week of [1, 2, 3]) await orders(week * 168 + 12, week * 168, 20)
  const silent = await shop()
  expect(silent.silence).toMatchObject({ silent: true })
  expect(silent.silence.expected).toBeGreaterThan(30)
  expect(silent.health).toMatchObject({ kind: 'attention', code: 'silent' })
})

it('is over with the next order', async () => {
  await orders(1, 0, 10)
  expect((await shop()).silence).toMatchObject({ silent: false })
})

it('says what waits and how long that takes at the present pace', async () => {
  expect((await shop()).backlog).toMatchObject({ documents: 0, fetches: 0, writes: 0, drain_seconds: 0 })
  await app.hub.pool.query(
    `insert into fetch_queue (connection_id, kind, external_id, reason) select 'c_shop', 'order', n::text, 'test' from generate_series(1, 50) n`,
  )
  expect((await shop()).backlog).toMatchObject({ fetches: 50, drain_seconds: null })
  await app.hub.pool.query(
    `insert into raw_dispositions (raw_id, connection_id, disposition) select n, 'c_shop', 'applied' from generate_series(1, 300) n`,
  )
  expect((await shop()).backlog).toMatchObject({ fetches: 50, per_minute: 30, drain_seconds: 100 })
})

it('says what is new in its documents until a person takes it for known, once and in their name', async () => {
  const { rows } = await app.hub.pool.query(
    `insert into drift_notices (connection_id, kind, what, path, detail, count, first_at, last_at) values ('c_shop', 'order', 'value', '/status', 'PRE_SALE', 1, now(), now()) returning id::text`,
  )
  expect((await shop()).news).toBe(1)
  const fixer = await app.key(['failures:read', 'replay'])
  const acknowledge = () => app.call('POST', '/v1/drift/acknowledge', { key: fixer, body: { ids: [rows[0].id], note: 'Pre-sales begin.' } })
  expect((await app.call('POST', '/v1/drift/acknowledge', { key, body: { ids: [rows[0].id] } })).json.code).toBe('scope-missing')
  expect((await acknowledge()).json).toEqual({ acknowledged: 1 })
  expect((await acknowledge()).json).toEqual({ acknowledged: 0 })
  expect((await shop()).news).toBe(0)
  const [kept] = (await app.call('GET', '/v1/drift?state=acknowledged', { key: fixer })).json.items
  expect(kept).toMatchObject({ path: '/status', detail: 'PRE_SALE', note: 'Pre-sales begin.', closed_by: expect.stringContaining('key') })
})
