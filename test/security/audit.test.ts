import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { audit, enterInterrupted, verifyAudit } from '../../src/store/people/audit.ts'
import { type HubApp, hubApp } from '../http/hub-app.ts'
import { incoming, stockOf } from '../support/builders.ts'

let app: HubApp
let key: string
let order: string
let raw: string

beforeAll(async () => {
  app = await hubApp()
  const { pool } = app.hub
  key = await app.key(SCOPES)
  await pool.query(`insert into connections (id, channel, name) values ('c_audited', 'medusa', 'first')`)
  await stockOf(pool, 'TEA', 10)
  await ingest(app.hub, app.hub.context, [incoming({ no: 'A-1', at: '2026-11-01T01:00:00Z', sku: 'TEA' })])
  const one = async (sql: string): Promise<string> => (await pool.query(sql)).rows[0].id
  order = await one('select id::text from orders')
  raw = await one('select id::text from raw_events')
})
afterAll(() => app.close())

const entries = async (): Promise<readonly { readonly actor: string; readonly action: string; readonly subject: string | null }[]> =>
  (await app.hub.pool.query('select actor, action, subject from audit_log order by id')).rows

describe('S19 what enters the audit log', () => {
  it('is each change, each view of personal data, each replay and each export, with who and what of', async () => {
    const connection = '/v1/connections/c_audited'
    const calls: readonly (readonly [string, string, unknown, string])[] = [
      ['POST', '/v1/keys', { name: 'ERP', scopes: ['feed:read'] }, 'key.create'],
      ['POST', '/v1/users', { name: 'kim', password: 'A long first secret 1', roles: ['viewer'] }, 'user.create'],
      ['PATCH', '/v1/access-policy', { second_factor_roles: [] }, 'access.policy'],
      ['POST', `/v1/orders/${order}/hold`, { reason: 'look' }, 'order.hold'],
      ['POST', `/v1/orders/${order}/re-emit`, {}, 'order.re-emit'],
      ['POST', '/v1/stock', { items: [{ sku: 'TEA', on_hand: '9' }] }, 'stock.set'],
      ['POST', '/v1/skus', { items: [{ sku: 'NEW', title: 'New' }] }, 'skus.upsert'],
      ['POST', `${connection}/pause`, { reason: 'look' }, 'connection.pause'],
      ['PATCH', connection, { secrets: { apiKey: 'a-new-secret-1' } }, 'connection.change'],
      ['POST', '/v1/replays', { filter: { order_ids: [order] }, dry_run: true }, 'replay.start'],
      ['GET', `/v1/orders/${order}?pii=1&purpose=support`, undefined, 'pii.read'],
      ['GET', `/v1/orders/${order}/raw/${raw}?pii=1&purpose=support`, undefined, 'pii.read'],
      ['GET', '/v1/changes?after=0&pii=1&purpose=fulfilment', undefined, 'pii.read'],
      ['GET', '/v1/orders.ndjson', undefined, 'orders.export'],
      ['GET', '/v1/snapshot', undefined, 'feed.snapshot'],
      ['GET', '/v1/connections/export', undefined, 'connections.export'],
      ['GET', '/v1/audit.csv', undefined, 'audit.export'],
      ['POST', '/v1/outbound/stop', { reason: 'look' }, 'outbound.stop'],
    ]
    const wrong: unknown[] = []
    for (const [method, path, body, action] of calls) {
      const before = (await entries()).length
      const answer = await app.call(method, path, { key, ...(body !== undefined && { body }) })
      const added = (await entries()).slice(before)
      if (
        answer.status >= 300 ||
        added.length !== 1 ||
        added[0]?.action !== action ||
        !added[0].actor.startsWith('key:') ||
        added[0].subject === null
      )
        wrong.push([method, path, answer.status, answer.text.slice(0, 200), added])
    }
    expect(wrong).toEqual([])
    const { rows } = await app.hub.pool.query(`select string_agg(a::text, ' ') as text from audit_log a`)
    for (const hidden of ['A long first secret 1', 'a-new-secret-1']) expect(rows[0].text.includes(hidden)).toBe(false)
  })

  it('is declared by every route that hands out a file or a stream', () => {
    // What is going on is watched as events, not taken away.
    const files = allRoutes.filter((route) => route.produces !== undefined && route.produces !== 'text/event-stream')
    expect(files.length).toBeGreaterThan(6)
    expect(files.filter((route) => route.audit === undefined).map((route) => route.path)).toEqual([])
  })

  it('is not what was refused', async () => {
    const before = (await entries()).length
    expect((await app.call('POST', '/v1/orders/999999/hold', { key, body: { reason: 'x' } })).status).toBe(404)
    expect((await app.call('GET', `/v1/orders/${order}?pii=1`, { key })).status).toBe(400)
    expect((await entries()).length).toBe(before)
  })
})

describe('S19 what was begun', () => {
  const begun = async (): Promise<readonly unknown[]> => (await app.hub.pool.query('select action, subject from audit_begun')).rows
  const hold = (id: string) => app.call('POST', `/v1/orders/${id}/hold`, { key, body: { reason: 'look again' } })
  const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000)

  it('is over once it is entered, and nothing where it was refused', async () => {
    expect((await hold(order)).status).toBe(200)
    expect((await hold('999999')).status).toBe(404)
    expect(await begun()).toEqual([])
  })

  it('enters as interrupted where its entry could not be written, once, and after a while', async () => {
    const { pool } = app.hub
    await pool.query(`create function no_entry() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$;
      create trigger no_entry before insert on audit_log for each row execute function no_entry()`)
    const answer = await hold(order)
    await pool.query('drop trigger no_entry on audit_log; drop function no_entry()')
    expect(answer.status).toBe(500)
    expect(await begun()).toEqual([{ action: 'order.hold', subject: order }])
    expect(await enterInterrupted(pool, inMinutes(14))).toBe(0)
    expect(
      await Promise.all([enterInterrupted(pool, inMinutes(16)), enterInterrupted(pool, inMinutes(16))]).then((found) => found[0] + found[1]),
    ).toBe(1)
    const { rows } = await pool.query('select actor, action, subject, details from audit_log order by id desc limit 1')
    expect(rows[0]).toMatchObject({ action: 'order.hold', subject: order, details: { interrupted: true, begun_at: expect.any(String) } })
    expect(rows[0].actor).toMatch(/^key:/)
    expect(await begun()).toEqual([])
    expect(await verifyAudit(pool)).toMatchObject({ firstBroken: null })
  })
})

describe('S19 the audit log', () => {
  it('can be filtered, and read out as a table that runs nothing', async () => {
    await audit(app.hub.pool, { actor: 'user:=cmd()', action: 'test.entry', subject: '=1+1', details: { x: 1 } }, new Date('2026-11-21T10:00:00Z'))
    const list = async (query: string) =>
      (await app.call('GET', `/v1/audit?${query}`, { key })).json.items.map((row: { action: string }) => row.action)
    expect(await list('action=test.entry')).toEqual(['test.entry'])
    expect(new Set((await list('action=connection.*')).map((action: string) => action.split('.')[0]))).toEqual(new Set(['connection']))
    expect(await list('subject=%3D1%2B1')).toEqual(['test.entry'])
    expect(await list('actor=user:%3Dcmd()')).toEqual(['test.entry'])
    expect(await list('from=2026-11-21T09:59:59Z&to=2026-11-21T10:00:01Z')).toEqual(['test.entry'])
    expect(await list('from=2026-11-21T10:00:00Z&to=2026-11-21T10:00:00Z')).toEqual([])
    expect(await list('action=test.%25')).toEqual([])
    const csv = await app.call('GET', '/v1/audit.csv?action=test.entry', { key })
    expect(csv.text.trim().split('\n')).toHaveLength(2)
    expect(csv.text).toContain(`,user:=cmd(),test.entry,'=1+1,"{""x"":1}"`)
    const first = await app.call('GET', '/v1/audit?limit=3', { key })
    const second = await app.call('GET', `/v1/audit?limit=3&cursor=${first.json.next_cursor}`, { key })
    expect(Number(second.json.items[0].id)).toBeLessThan(Number(first.json.items[2].id))
  })

  it('only grows: the database refuses to change, remove or empty it', async () => {
    const before = await entries()
    for (const statement of [
      `update audit_log set subject = 'x' where id = 1`,
      'delete from audit_log',
      'truncate audit_log',
      'truncate audit_log cascade',
    ])
      await expect(app.hub.pool.query(statement)).rejects.toMatchObject({ code: '42501' })
    expect(await entries()).toEqual(before)
  })

  it('is one chain however many write at once', async () => {
    const before = await verifyAudit(app.hub.pool)
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => audit(app.hub.pool, { actor: 'system', action: 'test.crowd', subject: String(n) }, new Date())),
    )
    const after = await verifyAudit(app.hub.pool, before.head ?? '')
    expect(after).toMatchObject({ entries: before.entries + 40, firstBroken: null, headFound: true })
  })

  it('shows what its owner did in spite of that: an entry changed, taken out, put in, or cut off at the end', async () => {
    const { pool } = app.hub
    const found = (head?: string) => app.call('GET', `/v1/audit/verify${head === undefined ? '' : `?head=${head}`}`, { key })
    const whole = (await found()).json
    expect(whole).toMatchObject({ whole: true, first_broken: null, head_found: null })
    const { rows } = await pool.query<{ id: number }>('select id from audit_log order by id')
    const [middle = 0, last = 0] = [rows[Math.floor(rows.length / 2)]?.id, rows.at(-1)?.id]
    /** Undone again: each harm is looked at by itself. */
    const harmed = async (statement: string, head?: string) => {
      await pool.query(`create table kept_aside as select * from audit_log; alter table audit_log disable trigger user; ${statement}`)
      const seen = (await found(head)).json
      await pool.query(
        `delete from audit_log; insert into audit_log overriding system value select * from kept_aside; drop table kept_aside; alter table audit_log enable trigger user`,
      )
      return seen
    }
    expect(await harmed(`update audit_log set details = '{"x":2}' where id = ${middle}`)).toMatchObject({
      whole: false,
      first_broken: String(middle),
    })
    expect((await harmed(`delete from audit_log where id = ${middle}`)).whole).toBe(false)
    expect((await harmed(`delete from audit_log where id = ${rows[0]?.id}`)).whole).toBe(false)
    expect(
      (await harmed(`insert into audit_log (actor, action, prev_hash, hash) select 'user:x', 'x', hash, hash from audit_log where id = ${last}`))
        .whole,
    ).toBe(false)
    const cut = await harmed(`delete from audit_log where id > ${middle}`, whole.head)
    expect(cut).toMatchObject({ whole: false, first_broken: null, head_found: false })
    expect((await found()).json.whole).toBe(true)
  })
})
