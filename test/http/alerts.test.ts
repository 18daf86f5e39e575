import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { incoming } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
let started = Date.now()
beforeAll(async () => {
  app = await hubApp({ now: () => new Date(started) })
  key = await app.key(['connections:read', 'connections:write', 'orders:read', 'orders:write'])
})
afterAll(() => app.close())

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown) => app.call('POST', path, { key, body })
const patch = (path: string, body: unknown, headers = {}) => app.call('PATCH', path, { key, body, headers })

describe('rules of alerts', () => {
  it('come with the hub: each can be used, and goes by a word in both languages', async () => {
    const { items } = await get('/v1/alerts/rules')
    expect(items.length).toBeGreaterThan(8)
    for (const rule of items) {
      expect([rule.built_in, rule.names?.en?.length > 0, rule.names?.['zh-CN']?.length > 0]).toEqual([rule.built_in, true, true])
      const { json } = await post('/v1/alerts/preview', { scope: rule.scope, condition: rule.condition })
      expect([rule.built_in, json.fault]).toEqual([rule.built_in, null])
    }
  })

  it('are made, changed by version, and removed; a condition that cannot be used is refused with its place', async () => {
    const made = await post('/v1/alerts/rules', {
      name: 'Many failures',
      scope: 'connection',
      condition: 'connection.failing_groups > 3',
      severity: 'warning',
    })
    expect([made.status, made.json.for_minutes, made.json.enabled, made.headers.get('etag')]).toEqual([201, 0, true, '"1"'])
    const at = `/v1/alerts/rules/${made.json.id}`
    expect((await patch(at, { severity: 'urgent' }, { 'if-match': '"1"' })).json).toMatchObject({ severity: 'urgent', version: 2 })
    expect((await patch(at, { severity: 'info' }, { 'if-match': '"1"' })).status).toBe(412)
    const wrong = await patch(at, { condition: 'connection.failing > 3' })
    expect([wrong.status, wrong.json.code, wrong.json.errors]).toEqual([
      422,
      'condition-invalid',
      [
        {
          pointer: '/condition',
          code: 'condition-invalid',
          message: expect.stringContaining('At character 12'),
          params: expect.objectContaining({ character: 12 }),
        },
      ],
    ])
    expect((await patch(at, { scope: 'hub' })).json.code).toBe('condition-invalid')
    expect((await patch(at, { destinations: ['d_none'] })).json.errors[0].pointer).toBe('/destinations/0')
    expect((await patch(at, { name: null })).status).toBe(400)
    expect((await app.call('DELETE', at, { key })).status).toBe(204)
    expect((await patch(at, { enabled: false })).status).toBe(404)
  })

  it('say of what a condition would be true now', async () => {
    await app.hub.pool.query(`update connections set state = 'needs-auth' where id = 'c_plain'`)
    const ask = async (condition: string) => (await post('/v1/alerts/preview', { scope: 'connection', condition })).json
    expect(await ask('connection.state == "needs-auth"')).toEqual({
      fault: null,
      subjects: [{ subject: 'c_plain', connection_id: 'c_plain', facts: { 'connection.state': 'needs-auth' } }],
      looked_at: 1,
    })
    expect((await ask('connection.state == ')).fault).toMatchObject({ from: 20 })
    expect((await ask('1 / connection.faults_in_row > 0')).fault.message).toContain('division by zero')
    await app.hub.pool.query(`update connections set state = 'active'`)
  })
})

const robot = {
  name: 'Duty',
  kind: 'dingtalk',
  config: {},
  secrets: { url: 'https://oapi.dingtalk.com/robot/send?access_token=very-secret', secret: 'SECvery-secret' },
  language: 'zh-CN',
  timezone: 'Asia/Shanghai',
}

describe('destinations', () => {
  it('never give a credential back, keep what is not sent, and are tested with one press', async () => {
    const made = await post('/v1/alerts/destinations', { ...robot, quiet: { from: '22:00', to: '08:30' } })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ quiet: { from: '22:00', to: '08:30' }, secrets_hint: { secret: '••••cret' } })
    const at = `/v1/alerts/destinations/${made.json.id}`
    const changed = await patch(at, { name: 'Night duty', secrets: { secret: '••••cret' }, quiet: null })
    expect(changed.json).toMatchObject({ name: 'Night duty', quiet: null, version: 2, secrets_hint: { secret: '••••cret' } })
    const { rows } = await app.hub.pool.query<{ secrets: Buffer; audit: string }>(
      `select secrets, (select string_agg(a::text, ' ') from audit_log a) || coalesce((select string_agg(i::text, ' ') from idempotency_keys i), '') as audit from alert_destinations`,
    )
    for (const text of [
      made.text,
      changed.text,
      (await app.call('GET', '/v1/alerts/destinations', { key })).text,
      rows[0]?.audit ?? '',
      rows[0]?.secrets.toString('latin1') ?? '',
    ])
      expect(text).not.toContain('very-secret')
    expect((await post(`${at}/test`, {})).json).toEqual({ ok: true, answer: '200 ok' })
    expect(app.told).toContainEqual(['test-destination', made.json.id])
    expect((await post('/v1/alerts/destinations', { ...robot, name: 'Night duty' })).json.code).toBe('destination-exists')
    expect((await app.call('DELETE', at, { key })).status).toBe(204)
    expect((await patch(at, { name: 'x' })).status).toBe(404)
  })

  it('are checked as a whole: addresses, mailboxes, secrets of the right form, no password in the open or at another server', async () => {
    const refused = async (over: object) => {
      const { status, json } = await post('/v1/alerts/destinations', { ...robot, ...over })
      return [status, json.errors?.[0]?.pointer]
    }
    expect(await refused({ secrets: {} })).toEqual([400, '/secrets/url'])
    expect(await refused({ secrets: { url: 'ftp://x.example' } })).toEqual([400, '/secrets/url'])
    expect(await refused({ kind: 'webhook', secrets: { url: 'https://x.example', secret: 'short' } })).toEqual([400, '/secrets/secret'])
    expect(await refused({ timezone: 'Mars/Base' })).toEqual([400, '/timezone'])
    expect(await refused({ quiet: { from: '25:00', to: '08:00' } })).toEqual([400, '/quiet/from'])
    const mail = { host: 'mail.example', port: 465, security: 'tls', user: 'hub', from: 'hub@tea.example', to: ['duty@tea.example'] }
    expect(await refused({ kind: 'email', config: { ...mail, to: ['x'] }, secrets: {} })).toEqual([400, '/config/to/0'])
    expect(await refused({ kind: 'email', config: { ...mail, from: 'a@b.example\r\nBcc: c@d.example' }, secrets: {} })).toEqual([400, '/config/from'])
    expect(await refused({ kind: 'email', config: { ...mail, security: 'none' }, secrets: { password: 'p' } })).toEqual([400, '/config/security'])
    const made = await post('/v1/alerts/destinations', {
      ...robot,
      name: 'Mail',
      kind: 'email',
      config: mail,
      secrets: { password: 'long-password' },
    })
    const elsewhere = await patch(`/v1/alerts/destinations/${made.json.id}`, { config: { ...mail, host: 'evil.example' } })
    expect([elsewhere.status, elsewhere.json.errors[0].pointer]).toEqual([400, '/secrets/password'])
  })
})

describe('what rules found', () => {
  it('is shown to those who see its connection, and snoozed by them', async () => {
    await app.hub.pool.query(`insert into connections (id, channel, name) values ('c_other', 'plain', 'Other') on conflict do nothing`)
    const insert = `insert into alert_incidents (rule_id, rule, severity, subject, connection_id, facts, since, opened_at, looked_at)
      values ('r_x', '{"name":"X","built_in":null}', 'urgent', $1, $2, '{}', now(), now(), now()) returning id::text`
    const { rows } = await app.hub.pool.query<{ id: string }>(insert, ['c_other', 'c_other'])
    await app.hub.pool.query(insert, ['hub', null])
    expect((await get('/v1/alerts?state=open')).items).toHaveLength(2)
    const partial = await app.key(['connections:read', 'orders:write'], ['c_plain'])
    expect((await app.call('GET', '/v1/alerts', { key: partial })).json.items).toEqual([])
    const at = `/v1/alerts/${rows[0]?.id}/snooze`
    const later = new Date(started + 3_600_000).toISOString()
    expect((await app.call('POST', at, { key: partial, body: { until: later } })).status).toBe(404)
    expect((await post(at, { until: new Date(started - 1).toISOString() })).status).toBe(400)
    expect((await post(at, { until: later })).status).toBe(200)
    expect((await get('/v1/alerts')).items.find((one: { subject: string }) => one.subject === 'c_other')).toMatchObject({ snoozed_until: later })
    await app.hub.pool.query('update alert_incidents set closed_at = now()')
    expect((await post(at, { until: null })).json.code).toBe('alert-over')
    const scoped = await app.key(['connections:read', 'connections:write'], ['c_plain'])
    for (const path of ['/v1/alerts/rules', '/v1/alerts/destinations'])
      expect((await app.call('GET', path, { key: scoped })).json.code).toBe('connection-scope')
  })
})

describe('the board', () => {
  it('tells the same numbers as /metrics, and to each caller only of the connections it sees', async () => {
    started = Date.now()
    await ingest(
      app.hub,
      app.hub.context,
      Array.from({ length: 5 }, (_, i) => incoming({ no: `B${i}`, at: '2026-11-01T01:00:00Z' })),
    )
    const board = await get('/v1/board')
    const text = await (await app.fetch('/metrics')).text()
    const told = (name: string): number => Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
    expect(board.rates).toMatchObject({ in: 5, normalised: 5 })
    for (const what of ['in', 'normalised', 'acked', 'fed'])
      expect([what, told(`hub_last_minute{what="${what}"}`)]).toEqual([what, board.rates[what]])
    for (const [what, count] of Object.entries(board.backlog)) expect([what, told(`hub_backlog{what="${what}"}`)]).toEqual([what, count])
    expect(board.nodes.reduce((sum: number, one: { orders: number }) => sum + one.orders, 0)).toBe(5)
    for (const { node, orders, overdue } of board.nodes)
      expect([
        node,
        told(`hub_orders_at_station{station="${node}",what="orders"}`),
        told(`hub_orders_at_station{station="${node}",what="overdue"}`),
      ]).toEqual([node, orders, overdue])
    const other = await app.key(['orders:read'], ['c_other'])
    const theirs = (await app.call('GET', '/v1/board', { key: other })).json
    expect([theirs.rates.in, theirs.nodes, theirs.backlog, theirs.connections.map(({ id }: { id: string }) => id)]).toEqual([
      0,
      [],
      null,
      ['c_other'],
    ])
  })

  it('comes every second as events, read once for all who look', async () => {
    const response = await app.fetch('/v1/board/events', { headers: { authorization: `Bearer ${key}` } })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.getReader()
    const first = new TextDecoder().decode((await reader?.read())?.value)
    expect(first).toMatch(/^event: board\ndata: \{"at":/)
    await reader?.cancel()
  })

  it('counts overdue by deadlines that are set everywhere or for one connection', async () => {
    expect((await get('/v1/board/deadlines')).items).toContainEqual({ connection_id: null, node: 'channel_confirmed', minutes: 30 })
    const set = (connection: string | null, minutes: unknown, by = key) =>
      app.call('PATCH', '/v1/board/deadlines', { key: by, body: { connection, deadlines: [{ node: 'paid', minutes }] } })
    expect((await set('c_plain', 5)).status).toBe(200)
    expect((await get('/v1/board/deadlines')).items).toContainEqual({ connection_id: 'c_plain', node: 'paid', minutes: 5 })
    expect((await set('c_plain', 'unset')).status).toBe(200)
    expect((await get('/v1/board/deadlines')).items.filter((one: { connection_id: string | null }) => one.connection_id !== null)).toEqual([])
    expect((await set('c_none', 5, await app.key(['connections:write'], ['c_plain']))).status).toBe(404)
    expect((await set(null, 5, await app.key(['connections:write'], ['c_plain']))).json.code).toBe('connection-scope')
    expect((await set('c_plain', 0)).status).toBe(400)
  })
})
