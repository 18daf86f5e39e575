import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { createJob } from '../../src/store/jobs.ts'
import { createUser } from '../../src/store/people/users.ts'
import { stateOf } from '../bad-input/state.ts'
import { type Answer, type Given, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { incoming, stockOf } from '../support/builders.ts'

/**
 * One hub serves one company, so what is kept apart are connections: two keys and two people, each limited to one of two
 * connections that sell the same goods. Whatever the one does, it learns nothing of the other and changes nothing there.
 */
const SIDES = ['QUARTZ', 'ONYX'] as const
type Side = (typeof SIDES)[number]
const PASSWORD = 'Correct horse 42 battery'

let app: HubApp
const ids: Record<Side, Readonly<Record<string, string>>> = { QUARTZ: {}, ONYX: {} }
const callers: { readonly name: string; readonly side: Side; readonly as: Given }[] = []

const connectionOf = (side: Side): string => `c_${side.toLowerCase()}`
const other = (side: Side): Side => (side === 'QUARTZ' ? 'ONYX' : 'QUARTZ')

beforeAll(async () => {
  app = await hubApp()
  const { pool } = app.hub
  await stockOf(pool, 'SHARED', 100)
  for (const side of SIDES) ids[side] = await seed(side)
  for (const side of SIDES) {
    const connections = [connectionOf(side)]
    callers.push({ name: `a key of ${side}`, side, as: { key: await app.key([...SCOPES], connections) } })
    await createUser(pool, { name: `person-${side}`, password: PASSWORD, roles: ['ops', 'support', 'finance'], connections, mustChange: false })
    const signedIn = await app.call('POST', '/v1/session', { body: { name: `person-${side}`, password: PASSWORD }, headers: { origin: ORIGIN } })
    callers.push({ name: `a person of ${side}`, side, as: { cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' } })
  }
})
afterAll(() => app.close())

/** Something of everything there is on one connection, each with its mark. */
async function seed(side: Side): Promise<Readonly<Record<string, string>>> {
  const { pool } = app.hub
  const id = connectionOf(side)
  await pool.query(`insert into connections (id, channel, name, webhook_token) values ($1, 'plain', $2 || '-name', $2 || '-token-1234567890')`, [
    id,
    side,
  ])
  await pool.query(`insert into streams (connection_id, stream, watermark) values ($1, 'orders', now())`, [id])
  await pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'L-SHARED', 'SHARED', $2 || '-listing', 'SHARED')`,
    [id, side],
  )
  await ingest(app.hub, { ...app.hub.context, connectionId: id }, [
    incoming({ no: `${side}-1`, at: '2026-11-01T01:00:00Z', sku: 'SHARED', note: `${side}-note` }),
    incoming({ no: `${side}-2`, at: '2026-11-01T01:00:00Z', sku: `${side}-UNBOUND` }),
  ])
  const one = async (sql: string): Promise<string> => (await pool.query(sql, [id])).rows[0].id
  await pool.query(
    `insert into effects (connection_id, kind, idempotency_key, listing_key, intent, state) values ($1, 'stock', $2, 'L-SHARED', json_build_object('quantity', '1', 'note', $2::text), 'unknown')`,
    [id, `${side}-effect`],
  )
  await pool.query(`insert into files (id, connection_id, sha256, name, size) values ('f_' || lower($2), $1, 'x', $2 || '.csv', 1)`, [id, side])
  await pool.query(`insert into consumers (name, connections) values (lower($2), array[$1])`, [id, side])
  const job = await createJob(pool, { kind: 'backfill', connectionId: id, params: { note: `${side}-job` }, createdBy: `${side}-actor` })
  await pool.query(`insert into job_items (job_id, item, outcome) values ($1, $2, 'created')`, [job.id, `${side}-item`])
  const alone = side === 'QUARTZ' ? 'ALONE-1' : 'ALONE-2'
  await pool.query('insert into skus (sku) values ($1)', [alone])
  await pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'L-ALONE', 'ALONE', 'x', $2)`, [id, alone])
  await pool.query(
    `insert into stock_incidents (sku, short_most, short_now, causes) values ('SHARED', 1, 1, json_build_array(json_build_object('code', 'sold-beyond', 'connection_id', $1::text, 'order_no', $2 || '-9')))
     on conflict (sku) where closed_at is null do update set causes = (stock_incidents.causes::jsonb || excluded.causes::jsonb)::json`,
    [id, side],
  )
  return {
    incident: (await pool.query(`insert into stock_incidents (sku, short_most, short_now) values ($1, 1, 1) returning id::text`, [alone])).rows[0].id,
    connection: id,
    order: await one('select id::text from orders where connection_id = $1 order by id limit 1'),
    raw: await one('select raw_id::text as id from orders where connection_id = $1 order by id limit 1'),
    hold: await one('select h.id::text from holds h join orders o on o.id = h.order_id where o.connection_id = $1 limit 1'),
    effect: await one('select id::text from effects where connection_id = $1'),
    failure: await one('select id::text from failure_groups where connection_id = $1 limit 1'),
    job: job.id,
    request: (
      await pool.query(
        `insert into privacy_requests (connection_id, delivery, raw_id, ask, reference, external_ids, received_at, due_at) values ($1, 'd', 0, 'erase', $2, '{}', now(), now()) returning id::text`,
        [id, `${side}-request`],
      )
    ).rows[0].id,
    override: (
      await pool.query(
        `insert into overrides (connection_id, kind, field, from_value, to_value, reason, author, version) values ($1, 'word', 'status', $2, 'open', 'x', 'x', 1) returning id::text`,
        [id, `${side}-word`],
      )
    ).rows[0].id,
    consumer: side.toLowerCase(),
  }
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/connections\//, 'connection'],
  [/\/orders\/\{id\}/, 'order'],
  [/^\/v1\/effects\//, 'effect'],
  [/^\/v1\/failures\//, 'failure'],
  [/^\/v1\/jobs\//, 'job'],
  [/^\/v1\/stock\/incidents\//, 'incident'],
  [/^\/v1\/overrides\//, 'override'],
  [/^\/v1\/ledger\//, 'connection'],
  [/^\/v1\/mappings\//, 'connection'],
  [/^\/v1\/privacy\/retention\//, 'connection'],
  [/^\/v1\/privacy\/requests\//, 'request'],
]

/** A route's address with one side's things in it. */
function address(path: string, side: Side): string {
  const kind = KINDS.find(([form]) => form.test(path))?.[1] ?? 'order'
  return path
    .replace('{id}', ids[side][kind] ?? '')
    .replace('{hold_id}', ids[side]['hold'] ?? '')
    .replace('{raw_id}', ids[side]['raw'] ?? '')
    .replace('{name}', ids[side]['consumer'] ?? '')
    .replace('{sku}', 'SHARED')
    .replace('{day}', '2026-11-01')
    .replace('{job}', ids[side]['job'] ?? '')
    .replace('{version}', '1')
}

/** A request each route would take, so that nothing but the scope refuses it. */
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
  [/\/snooze$/, { until: null }],
  [/\/dismiss$/, { reason: 'because' }],
  [/\/retention\/[^/]+$/, { days: 30 }],
  [/\/restock$/, { ref: 'r', lines: [{ line_no: 1, quantity: 1 }] }],
  [/\/ledger\/.*\/sign$/, { set_hash: 'a'.repeat(64), note: 'because' }],
  [/\/ledger\/[^/]+$/, { cut_off: '04:00' }],
  [/\/shipments$/, { carrier: 'SF', tracking_no: 'SF1' }],
  [/\/recipient$/, { purpose: 'support' }],
  [/cancel-decision$/, { decision: 'reject', reason: 'no' }],
  [/\/backfill$/, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }],
  [/\/arm$/, { what: ['stock'], preview_hash: 'x' }],
  [/\/disarm$/, { what: ['stock'] }],
  [/consumers\/\{name\}\/ack$/, { seq: 0 }],
  [/consumers\/\{name\}\/acks$/, { items: [{ order_id: '1', version: 1, status: 'accepted' }] }],
  [/consumers\/\{name\}\/orders/, { version: 1, status: 'accepted' }],
]
/** What a route cannot be asked without. */
const NEEDED: readonly (readonly [RegExp, string])[] = [
  [/arm-preview$/, '?what=stock'],
  [/\/explain$/, '?path=number'],
  [/\/statement$/, '?format=xlsx'],
  [/\/document$/, '?entity=order/1'],
]
const QUERIES: readonly (readonly [RegExp, readonly string[]])[] = [
  ...NEEDED.map(([form, query]) => [form, [query]] as const),
  [/\/find$/, ['?q=QUARTZ-1', '?q=ONYX-1', '?q=SHARED']],
  [/\/changes$/, ['?after=0', '?after=0&pii=1&purpose=test']],
  [/\/snapshot$/, ['', '?pii=1&purpose=test']],
  [/orders\.ndjson$/, ['', '?format=csv']],
  [/\/v1\/jobs\/\{id\}$/, ['?items=1']],
  [/\/stock\/\{sku\}\/why$/, ['', '?connection=c_quartz', '?connection=c_onyx']],
  [/\/v1\/(orders|listings|effects|failures|overrides|jobs|files|stock)$/, ['', '?connection=c_quartz', '?connection=c_onyx']],
]

const scoped = (path: string): boolean => /\{(id|name)\}/.test(path) && !/^\/v1\/(keys|users|locations|arrivals|suppliers|supply-orders)\//.test(path)
const ask = (caller: Given, method: string, path: string, query = ''): Promise<Answer> => {
  const body = BODIES.find(([form]) => form.test(path))?.[1]
  return app.call(method.toUpperCase(), query, { ...caller, ...(method !== 'get' && method !== 'delete' && { body: body ?? {} }) })
}

describe('S2 what belongs to another connection', () => {
  it('does not exist: every route with an id answers 404 to both sides, and nothing changes', async () => {
    const before = await stateOf(app.hub.pool)
    const reached: unknown[] = []
    for (const { name, side, as } of callers) {
      // Only administrators erase: these people have no right to it at all.
      for (const route of allRoutes.filter((one) => scoped(one.path) && (one.scope !== 'privacy' || as.key !== undefined))) {
        const path = address(route.path, other(side)) + (NEEDED.find(([form]) => form.test(route.path))?.[1] ?? '')
        const answer = await ask(as, route.method, route.path, path)
        if (answer.status !== 404) reached.push([name, route.method, path, answer.status])
      }
    }
    expect(reached).toEqual([])
    const { sessions: _sessions, ...after } = await stateOf(app.hub.pool)
    const { sessions: _before, ...was } = before
    expect(after).toEqual(was)
  })

  it('is in no answer: everything that can be read shows both sides their own and nothing else', async () => {
    const leaks: unknown[] = []
    const own = new Set<string>()
    for (const { name, side, as } of callers) {
      for (const route of allRoutes.filter((one) => one.method === 'get' && !one.path.endsWith('/events'))) {
        for (const query of QUERIES.find(([form]) => form.test(route.path))?.[1] ?? ['']) {
          const path = address(route.path, side) + query
          const { status, text } = await app.call('GET', path, as)
          if (text.toLowerCase().includes(other(side).toLowerCase())) leaks.push([name, path, status])
          if (status === 200 && text.toLowerCase().includes(side.toLowerCase())) own.add(route.path)
        }
      }
    }
    expect(leaks).toEqual([])
    // The search was not for something that is never shown.
    expect([...own].toSorted()).toEqual(
      expect.arrayContaining([
        '/v1/changes',
        '/v1/connections',
        '/v1/connections/export',
        '/v1/consumers',
        '/v1/effects',
        '/v1/failures',
        '/v1/files',
        '/v1/find',
        '/v1/jobs',
        '/v1/jobs/{id}',
        '/v1/listings',
        '/v1/mappings/{id}',
        '/v1/orders',
        '/v1/orders.ndjson',
        '/v1/orders/{id}',
        '/v1/overrides',
        '/v1/snapshot',
        '/v1/stock',
        '/v1/stock/incidents',
      ]),
    )
  })

  it('cannot be named in a body either', async () => {
    const before = await stateOf(app.hub.pool)
    const reached: unknown[] = []
    for (const { name, side, as } of callers) {
      const theirs = ids[other(side)]
      const connection = theirs['connection'] ?? ''
      const asks: readonly (readonly [string, unknown])[] = [
        ['/v1/find/fetch', { connection, external_id: '1' }],
        ['/v1/find/ask', { q: '1', connection }],
        ['/v1/listings/bind', [{ connection, listing_key: 'L-SHARED', sku: null }]],
        ['/v1/replays', { filter: { connection }, dry_run: false }],
        ['/v1/replays', { filter: { group: theirs['failure'] }, dry_run: false }],
        ['/v1/overrides', { kind: 'carrier', connection, from: 'UPS', to: 'SF', reason: 'because' }],
        ['/v1/consumers', { name: `peek-${side.toLowerCase()}`, connections: [connection] }],
        ['/v1/connections/check', { channel: 'plain', connection, config: {}, secrets: {} }],
      ]
      for (const [path, body] of asks) {
        const { status } = await app.call('POST', path, { ...as, body })
        if (status !== 404) reached.push([name, path, status])
      }
      const shipped = await app.call('POST', '/v1/shipments', {
        ...as,
        body: { items: [{ connection, channel_order_no: `${other(side)}-1`, carrier: 'SF', tracking_no: 'SF1' }] },
      })
      if (shipped.json.items[0].result !== 'refused') reached.push([name, '/v1/shipments', shipped.json.items[0]])
      const found = await app.call('POST', '/v1/orders/find', { ...as, body: { ids: [`${other(side)}-1`, theirs['order']] } })
      if (found.json.found.length > 0) reached.push([name, '/v1/orders/find', found.json.found])
    }
    expect(reached).toEqual([])
    const keep = ({ orders, holds, shipments, listings, effects, consumers, jobs }: Readonly<Record<string, string>>) => ({
      orders,
      holds,
      shipments,
      listings,
      effects,
      consumers,
      jobs,
    })
    expect(keep(await stateOf(app.hub.pool))).toEqual(keep(before))
  })

  it('is left out of a replay by ids, of a page by a borrowed cursor, and of answers kept under the same Idempotency-Key', async () => {
    for (const { side, as } of callers) {
      const replay = await app.call('POST', '/v1/replays', { ...as, body: { filter: { order_ids: [ids[other(side)]['order']] }, dry_run: true } })
      expect([replay.status, replay.json.params.filter.scope]).toEqual([202, [connectionOf(side)]])
      const all = await app.key(['orders:read'])
      const first = await app.call('GET', '/v1/orders?limit=1', { key: all })
      const next = await app.call('GET', `/v1/orders?limit=10&cursor=${first.json.next_cursor}`, as)
      expect([next.status, next.text.includes(other(side))]).toEqual([200, false])
    }
    const find = (as: Given, side: Side): Promise<Answer> =>
      app.call('POST', '/v1/orders/find', {
        ...as,
        body: { ids: [`${side}-1`] },
        headers: { 'idempotency-key': 'the-same-for-all' },
      })
    const [quartz, , onyx] = callers
    if (quartz === undefined || onyx === undefined) throw new Error('two callers were made')
    expect((await find(quartz.as, 'QUARTZ')).json.found).toHaveLength(1)
    const stranger = await find(onyx.as, 'QUARTZ')
    expect([stranger.status, stranger.headers.get('idempotency-replayed'), stranger.json.found]).toEqual([200, null, []])
  })

  it('includes what all connections share: only callers who see them all may change it', async () => {
    const reached: unknown[] = []
    for (const { name, as } of callers) {
      for (const [method, path, body] of [
        ['GET', '/v1/keys'],
        ['POST', '/v1/keys', { name: 'x', scopes: ['admin'] }],
        ['GET', '/v1/users'],
        ['POST', '/v1/users', { name: 'x', password: PASSWORD, roles: ['admin'] }],
        ['GET', '/v1/audit'],
        ['POST', '/v1/outbound/stop', { reason: 'x' }],
        ['POST', '/v1/outbound/start', { reason: 'x' }],
        ['POST', '/v1/sandbox/remove', {}],
        ['POST', '/v1/skus', { items: [{ sku: 'X' }] }],
        ['POST', '/v1/stock', { items: [{ sku: 'SHARED', on_hand: '0' }] }],
        ['POST', '/v1/stock/movements', { items: [{ sku: 'SHARED', delta: '-1', ref: 'x' }] }],
        ['POST', '/v1/connections', { channel: 'plain', name: 'x', config: {}, secrets: {}, timezone: 'UTC', currency: 'EUR' }],
        ['POST', '/v1/connections/import', { connections: [] }],
      ] as const) {
        const { status, json } = await app.call(method, path, { ...as, ...(body !== undefined && { body }) })
        if (status !== 403 || !['connection-scope', 'scope-missing'].includes(json.code)) reached.push([name, method, path, status])
      }
    }
    expect(reached).toEqual([])
  })
})
