import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { createJob } from '../../src/store/jobs.ts'
import { incoming } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

/** Two keys with disjoint connections; everything of `mine` exists, `theirs` must not be able to tell. */
let app: HubApp
let mine: string
let theirs: string
let ids: Readonly<Record<string, string>>

const CONNECTION = 'c_mine'
const MARK = 'MINE-ONLY'

beforeAll(async () => {
  app = await hubApp()
  const { pool } = app.hub
  await pool.query(
    `insert into connections (id, channel, name, webhook_token) values ($1, 'plain', 'MINE-ONLY connection', 'MINE-ONLY-token-123456'), ('c_theirs', 'plain', 'theirs', null)`,
    [CONNECTION],
  )
  await ingest(app.hub, { ...app.hub.context, connectionId: CONNECTION }, [incoming({ no: `${MARK}-1`, at: '2026-11-01T01:00:00Z', sku: MARK })])
  await pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title) values ($1, 'L-MINE-ONLY', 'MINE-ONLY', 'MINE-ONLY listing')`,
    [CONNECTION],
  )
  await pool.query(
    `insert into effects (connection_id, kind, idempotency_key, listing_key, intent, state) values ($1, 'shipment', 'e1', 'L-MINE-ONLY', '{"note":"MINE-ONLY"}', 'unknown')`,
    [CONNECTION],
  )
  await pool.query(`insert into files (id, connection_id, sha256, name, size) values ('f_mine', $1, 'x', 'MINE-ONLY.csv', 1)`, [CONNECTION])
  await pool.query(`insert into consumers (name, connections) values ('mine', array['c_mine'])`)
  await pool.query(`insert into skus (sku) values ('ALONE')`)
  await pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'L-ALONE', 'ALONE', 'x', 'ALONE')`, [
    CONNECTION,
  ])
  const job = await createJob(pool, { kind: 'backfill', connectionId: CONNECTION, params: { note: MARK }, createdBy: 'test' })
  const one = async (sql: string): Promise<string> => (await pool.query(sql)).rows[0].id
  await pool.query(
    `insert into drift_notices (connection_id, kind, what, path, detail, count, first_at, last_at) values ($1, 'order', 'value', '/status', 'MINE-ONLY', 1, now(), now())`,
    [CONNECTION],
  )
  ids = {
    order: await one('select id::text from orders'),
    raw: await one('select id::text from raw_events'),
    hold: await one('select id::text from holds'),
    effect: await one('select id::text from effects'),
    failure: await one('select id::text from failure_groups'),
    job: job.id,
    alert: await one(
      `insert into alert_incidents (rule_id, rule, severity, subject, connection_id, facts, since, opened_at, looked_at)
       values ('r_x', '{"name":"MINE-ONLY","built_in":null}', 'info', 'c_mine', 'c_mine', '{}', now(), now(), now()) returning id::text`,
    ),
    incident: await one(
      `insert into stock_incidents (sku, short_most, short_now, causes) values ('ALONE', 1, 1, '[{"code":"sold-beyond","connection_id":"c_mine","order_no":"MINE-ONLY-1"}]') returning id::text`,
    ),
    override: await one(
      `insert into overrides (connection_id, kind, field, from_value, to_value, reason, author, version) values ('c_mine', 'word', 'status', 'MINE-ONLY', 'open', 'x', 'x', 1) returning id::text`,
    ),
  }
  mine = await app.key(
    SCOPES.filter((scope) => scope !== 'admin'),
    [CONNECTION],
  )
  theirs = await app.key(
    SCOPES.filter((scope) => scope !== 'admin'),
    ['c_theirs'],
  )
})
afterAll(() => app.close())

const ID_OF: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/(?:connections|ledger|mappings)/, 'connection'],
  [/^\/v1\/orders|\/orders\//, 'order'],
  [/^\/v1\/effects/, 'effect'],
  [/^\/v1\/failures/, 'failure'],
  [/^\/v1\/jobs/, 'job'],
  [/^\/v1\/stock\/incidents/, 'incident'],
  [/^\/v1\/alerts\/\{id\}/, 'alert'],
  [/^\/v1\/overrides/, 'override'],
]

function address(path: string): string | undefined {
  const kind = ID_OF.find(([start]) => start.test(path))?.[1]
  const id = kind === 'connection' ? CONNECTION : kind === undefined ? undefined : ids[kind]
  const filled = path
    .replace('{id}', id ?? '{id}')
    .replace('{hold_id}', ids['hold'] ?? '')
    .replace('{raw_id}', ids['raw'] ?? '')
    .replace('{name}', 'mine')
    .replace('{sku}', MARK)
    .replace('{day}', '2026-11-01')
    .replace('{job}', ids['job'] ?? '')
    .replace('{version}', '1')
  return filled.includes('{') ? undefined : filled
}

/** A valid body for each route that needs one. */
const BODIES: readonly (readonly [RegExp, unknown])[] = [
  [/\/hold$|\/release$|\/pause$|effects\/.*\/(retry|cancel)$/, { reason: 'because' }],
  [/\/push-again$|overrides.*\/end$/, { reason: 'because' }],
  [/effects\/.*\/correct$/, { carrier: 'SF', reason: 'because' }],
  [/\/mappings\/.*\/publish$/, { reason: 'because' }],
  [/\/mappings\/.*\/rollback$/, { version: 0, reason: 'because' }],
  [/\/mappings\/.*\/draft$/, { rules: [], settings: {} }],
  [/\/mappings\/.*\/dry-runs$/, { last: 1 }],
  [/\/mappings\/.*\/preview$/, { rules: [], settings: {}, entity: 'order/1' }],
  [/\/notes$/, { text: 'because' }],
  [/\/choose$/, { setting: 'locationId', value: '1' }],
  [/\/ledger\/.*\/sign$/, { set_hash: 'a'.repeat(64), note: 'because' }],
  [/\/ledger\/[^/]+$/, { cut_off: '04:00' }],
  [/\/snooze$/, { until: null }],
  [/\/restock$/, { ref: 'r', lines: [{ line_no: 1, quantity: 1 }] }],
  [/\/shipments$/, { carrier: 'SF', tracking_no: 'SF1' }],
  [/recipient$/, { purpose: 'support' }],
  [/cancel-decision$/, { decision: 'reject', reason: 'no' }],
  [/\/backfill$/, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
  [/\/arm$/, { what: ['stock'], preview_hash: 'x' }],
  [/\/disarm$/, { what: ['stock'] }],
  [/consumers\/mine\/ack$/, { seq: 0 }],
  [/consumers\/mine\/acks$/, { items: [{ order_id: '1', version: 1, status: 'accepted' }] }],
  [/consumers\/mine\/orders/, { version: 1, status: 'accepted' }],
]

describe('connection scope', () => {
  it('makes every single thing of another connection a 404, reading or writing', async () => {
    const reached: unknown[] = []
    for (const route of allRoutes.filter((one) => /\{(id|name)\}/.test(one.path) && one.scope !== 'admin')) {
      const path = address(route.path)
      if (path === undefined) continue
      const body = BODIES.find(([form]) => form.test(path))?.[1]
      const query = path.endsWith('arm-preview')
        ? '?what=stock'
        : path.endsWith('/explain')
          ? '?path=totals.total'
          : path.endsWith('/statement')
            ? '?format=xlsx'
            : path.endsWith('/document')
              ? '?entity=order/1'
              : ''
      const answer = await app.call(route.method.toUpperCase(), path + query, {
        key: theirs,
        ...(route.method !== 'get' && route.method !== 'delete' && { body: body ?? {} }),
      })
      if (answer.status !== 404) reached.push([route.method, path, answer.status, answer.text.slice(0, 100)])
    }
    expect(reached).toEqual([])
    const {
      rows: [untouched],
    } = await app.hub.pool.query(
      `select state, (select count(*)::int from holds) as holds, (select count(*)::int from shipments) as shipments, (select count(*)::int from order_acks) as acks from connections where id = $1`,
      [CONNECTION],
    )
    expect(untouched).toEqual({ state: 'active', holds: 1, shipments: 0, acks: 0 })
  })

  it('keeps every list free of another connection, and shows it to its own key', async () => {
    const lists = [
      '/v1/connections',
      '/v1/connections/export',
      '/v1/orders',
      '/v1/orders.ndjson',
      '/v1/changes?after=0',
      '/v1/snapshot',
      '/v1/listings',
      '/v1/effects',
      '/v1/stock/incidents',
      '/v1/alerts',
      '/v1/failures',
      '/v1/overrides',
      '/v1/drift',
      '/v1/listings/suggestions?min=0',
      '/v1/mappings',
      '/v1/jobs',
      '/v1/files',
      `/v1/find?q=${MARK}-1`,
    ]
    for (const path of lists) {
      const foreign = await app.call('GET', path, { key: theirs })
      const own = await app.call('GET', path, { key: mine })
      expect([path, foreign.status, foreign.text.includes(MARK), own.text.includes(MARK)]).toEqual([path, 200, false, true])
    }
    expect((await app.call('GET', '/v1/overview', { key: theirs })).json.counts).toEqual({
      orders: 0,
      open_failures: 0,
      open_effects: 0,
      connections: 1,
    })
    expect((await app.call('GET', '/v1/consumers', { key: theirs })).json.items).toEqual([])
    expect((await app.call('POST', '/v1/orders/find', { key: theirs, body: { ids: [`${MARK}-1`] } })).json).toEqual({
      found: [],
      missing: [`${MARK}-1`],
    })
    expect(
      (await app.call('POST', '/v1/find/ask', { key: theirs, body: { q: `${MARK}-1` } })).json.answers.map(
        (answer: { connection_id: string }) => answer.connection_id,
      ),
    ).toEqual(['c_theirs'])
  })

  it('keeps what concerns the whole hub from keys that see a part of it', async () => {
    const partial = await app.key(['admin'], ['c_theirs'])
    for (const [method, path, body] of [
      ['GET', '/v1/keys'],
      ['GET', '/v1/users'],
      ['GET', '/v1/audit'],
      ['POST', '/v1/keys', { name: 'x', scopes: ['admin'] }],
      ['POST', '/v1/outbound/stop', { reason: 'x' }],
      ['POST', '/v1/outbound/start', { reason: 'x' }],
      ['POST', '/v1/sandbox/remove', {}],
      ['POST', '/v1/skus', { items: [{ sku: 'X' }] }],
      ['POST', '/v1/connections', { channel: 'woocommerce', name: 'x', config: {}, secrets: {}, timezone: 'UTC', currency: 'EUR' }],
    ] as const) {
      expect([path, (await app.call(method, path, { key: partial, ...(body !== undefined && { body }) })).json.code]).toEqual([
        path,
        'connection-scope',
      ])
    }
  })

  it('refuses to name another connection in a body', async () => {
    const post = async (path: string, body: unknown) => (await app.call('POST', path, { key: theirs, body })).status
    expect(await post('/v1/find/fetch', { connection: CONNECTION, external_id: '1' })).toBe(404)
    expect(await post('/v1/listings/bind', [{ connection: CONNECTION, listing_key: 'L-MINE-ONLY', sku: null }])).toBe(404)
    expect(await post('/v1/replays', { filter: { connection: CONNECTION }, dry_run: true })).toBe(404)
    expect(await post('/v1/replays', { filter: { group: ids['failure'] }, dry_run: true })).toBe(404)
    expect(await post('/v1/consumers', { name: 'peek', connections: [CONNECTION] })).toBe(404)
    const all = await app.call('POST', '/v1/consumers', { key: theirs, body: { name: 'own' } })
    expect(all.json.connections).toEqual(['c_theirs'])
    const replay = await app.call('POST', '/v1/replays', { key: theirs, body: { filter: { from: '2026-01-01T00:00:00Z' }, dry_run: true } })
    expect(replay.json.params.filter.scope).toEqual(['c_theirs'])
  })
})
