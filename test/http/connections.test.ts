import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChannelError } from '../../src/core/fault.ts'
import type { Inbound } from '../../src/core/connector.ts'
import { openSecrets } from '../../src/store/connection-secrets.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
const delivered: Inbound[] = []
let hookFails: Error | undefined
const wooSecrets = { consumerKey: 'ck_1234567890abcdef1234', consumerSecret: 'cs_abcdefabcdefabcdefWXYZ', webhookSecret: 'hook-secret-long-enough' }
const woo = {
  channel: 'woocommerce',
  name: 'EU shop',
  config: { url: 'https://shop.example' },
  secrets: wooSecrets,
  timezone: 'Europe/Berlin',
  currency: 'EUR',
}

beforeAll(async () => {
  app = await hubApp({
    hooks: {
      acceptForApp: () => Promise.resolve(undefined),
      accept: async (_connection, inbound) => {
        if (hookFails) throw hookFails
        delivered.push(inbound)
        return { status: 200, body: 'success', contentType: 'text/plain' }
      },
    },
  })
  key = await app.key(['admin'])
})
afterAll(() => app.close())

/** Each name is a shop of its own. */
const create = async (over: { readonly name?: string } & Readonly<Record<string, unknown>> = {}) =>
  app.call('POST', '/v1/connections', { key, body: { ...woo, config: { url: `https://${over.name ?? 'shop'}.example` }, ...over } })

describe('connections', () => {
  it('describe every channel as a form in two languages', async () => {
    const channels = (await app.call('GET', '/v1/channels', { key })).json
    expect(channels.map((channel: { id: string }) => channel.id)).toEqual([...app.deps.registry.keys()])
    const wooChannel = channels.find((channel: { id: string }) => channel.id === 'woocommerce')
    expect(wooChannel).toMatchObject({
      title: { en: expect.any(String), zh: expect.any(String) },
      config_schema: { type: 'object' },
      secrets_schema: { type: 'object' },
    })
    for (const field of Object.values(wooChannel.config_schema.properties))
      expect(field).toMatchObject({ 'x-title': { en: expect.any(String), zh: expect.any(String) } })
  })

  it('are stored reading only, their credentials sealed and shown by their last characters', async () => {
    const made = await create()
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"'])
    expect(made.json).toMatchObject({
      state: 'active',
      armed_stock: false,
      armed_shipments: false,
      health: { kind: 'waiting', code: 'first-pull' },
      secrets_hint: { consumerSecret: '••••WXYZ' },
      sandbox: false,
    })
    expect(made.text).not.toContain('cs_abc')
    const {
      rows: [row],
    } = await app.hub.pool.query('select secrets, secrets_hint::text, config::text from connections where id = $1', [made.json.id])
    expect(openSecrets(app.hub.box, made.json.id, row.secrets)).toMatchObject(wooSecrets)
    expect(row.secrets.toString('latin1') + row.secrets_hint + row.config).not.toContain('cs_abc')
    expect(app.told).toContainEqual(['changed', made.json.id])
    expect(made.json.webhook.url).toMatch(/^http:\/\/hub\.test\/hooks\/[\w-]{32}$/)
    expect((await create()).json.code).toBe('connection-exists')
  })

  it('point at what is wrong without repeating a credential', async () => {
    const bad = await create({ name: 'bad', config: { url: 'not a url', unknown: 1 }, timezone: 'Europe/Berlin' })
    expect(bad.status).toBe(400)
    expect(bad.json.errors[0].pointer).toMatch(/^\/config/)
    const secret = await create({ name: 'bad', secrets: { ...wooSecrets, consumerSecret: '' } })
    expect(secret.json.errors[0].pointer).toBe('/secrets/consumerSecret')
    expect(secret.text).not.toContain('ck_1234')
    expect((await create({ name: 'bad', timezone: 'Mars/Base' })).json.code).toBe('timezone-unknown')
    expect((await create({ name: 'bad', channel: 'taobaoo' })).json.errors[0].code).toBe('channel-unknown')
    expect((await create({ name: 'bad', currency: 'eur' })).status).toBe(400)
    expect((await create({ name: 'bad', state: 'active' })).json.errors[0].code).toBe('unknown-field')
  })

  it('change only what was sent: a hint never overwrites the secret, a stale version is refused', async () => {
    const { json: made } = await create({ name: 'second' })
    const patch = (body: object, match = `"${made.version}"`) =>
      app.call('PATCH', `/v1/connections/${made.id}`, { key, body, headers: { 'if-match': match } })
    const changed = await patch({
      name: 'renamed',
      secrets: { ...made.secrets_hint, consumerKey: '  ck_new_new_new_new_9999\n' },
      stock_buffer: 2,
      stock_share: '0.5',
    })
    expect(changed.json).toMatchObject({
      name: 'renamed',
      version: 2,
      stock_buffer: 2,
      stock_share: '0.5',
      secrets_hint: { consumerKey: '••••9999', consumerSecret: '••••WXYZ' },
    })
    const {
      rows: [row],
    } = await app.hub.pool.query('select secrets from connections where id = $1', [made.id])
    expect(openSecrets(app.hub.box, made.id, row.secrets)).toEqual({ ...wooSecrets, consumerKey: 'ck_new_new_new_new_9999' })
    const stale = await patch({ name: 'again' })
    expect([stale.status, stale.json.code]).toEqual([412, 'version-stale'])
    expect((await patch({ stock_share: '1.5' }, '*')).status).toBe(400)
  })

  it('send stored credentials nowhere else: another address takes them again', async () => {
    const { json: made } = await create({ name: 'moving' })
    const elsewhere = { url: 'https://evil.example' }
    const patch = (body: object) => app.call('PATCH', `/v1/connections/${made.id}`, { key, body })
    expect((await patch({ config: elsewhere })).json).toMatchObject({ status: 422, code: 'secrets-required' })
    expect((await patch({ config: elsewhere, secrets: { consumerKey: 'ck_other_other_other_1' } })).json.code).toBe('secrets-required')
    const check = (body: object) =>
      app.call('POST', '/v1/connections/check', { key, body: { channel: 'woocommerce', connection: made.id, secrets: {}, ...body } })
    expect((await check({ config: elsewhere })).json.code).toBe('secrets-required')
    expect((await check({ config: made.config, secrets: made.secrets_hint })).json.ok).toBe(true)
    expect(app.told.at(-1)).toMatchObject(['check', { connectionId: made.id, secrets: {}, currency: 'EUR' }])
    expect((await patch({ config: elsewhere, secrets: wooSecrets })).json.config.url).toContain('evil.example')
  })

  it('pause, resume, pull, backfill and leave', async () => {
    const { json: made } = await create({ name: 'third' })
    const post = (what: string, body: object = {}) => app.call('POST', `/v1/connections/${made.id}/${what}`, { key, body })
    expect((await post('pause', { reason: 'stocktaking' })).json).toMatchObject({
      state: 'paused',
      health: { kind: 'paused', params: { reason: 'stocktaking' } },
    })
    expect((await post('pull')).json.code).toBe('connection-not-active')
    expect((await post('resume')).json).toMatchObject({ state: 'active' })
    expect((await post('pull')).status).toBe(202)
    expect(app.told).toContainEqual(['pull', made.id])
    const job = await post('backfill', { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00+08:00' })
    expect([job.status, job.json.kind, job.json.state]).toEqual([202, 'backfill', 'planned'])
    expect(app.told).toContainEqual(['job:backfill', job.json.id])
    expect((await post('backfill', { from: '2016-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' })).json.errors[0].code).toBe('range-invalid')
    expect((await app.call('GET', `/v1/jobs/${job.json.id}`, { key })).json).toMatchObject({
      connection_id: made.id,
      params: { from: '2026-01-01T00:00:00.000Z' },
    })
    expect((await app.call('POST', `/v1/jobs/${job.json.id}/cancel`, { key })).json.state).toBe('cancelled')
    expect((await app.call('POST', `/v1/jobs/${job.json.id}/cancel`, { key })).status).toBe(409)
    expect((await app.call('DELETE', `/v1/connections/${made.id}`, { key })).status).toBe(204)
    expect((await app.call('GET', `/v1/connections/${made.id}`, { key })).status).toBe(404)
    const {
      rows: [row],
    } = await app.hub.pool.query('select secrets, webhook_token from connections where id = $1', [made.id])
    expect(row).toEqual({ secrets: null, webhook_token: null })
  })

  it('report what stops them', async () => {
    const { json: made } = await create({ name: 'fourth' })
    const health = async () => (await app.call('GET', `/v1/connections/${made.id}`, { key })).json.health
    const stream = (text: string, values: unknown[] = []) =>
      app.hub.pool.query(`update streams set ${text} where connection_id = '${made.id}'`, values)
    await stream(`last_success_at = now()`)
    expect(await health()).toMatchObject({ kind: 'ok' })
    const quota = async () => (await app.call('GET', `/v1/connections/${made.id}`, { key })).json.quota.used_ratio
    expect(await quota()).toBeNull()
    await app.hub.pool.query(
      `insert into rate_limits (key, tat, blocked_until) select 'woocommerce/' || $2 || '/' || $1, now(), now() + interval '1 minute'`,
      [made.id, app.deps.registry.get('woocommerce')?.manifest.limits[0]?.id],
    )
    expect(await quota()).toBe(1)
    await stream(`last_success_at = now() - interval '3 hours'`)
    expect(await health()).toMatchObject({ kind: 'late', code: 'behind' })
    await stream(`faults_in_row = 3, last_fault = '{"kind":"transient","code":"503"}'`)
    expect(await health()).toMatchObject({ kind: 'failed', code: 'pull-failing', params: { code: '503' } })
    await app.hub.pool.query(`update connections set state = 'needs-auth' where id = $1`, [made.id])
    expect(await health()).toMatchObject({ kind: 'failed', code: 'needs-auth' })
  })

  it('are carried to another hub without credentials', async () => {
    const bundle = (await app.call('GET', '/v1/connections/export', { key })).json
    expect(JSON.stringify(bundle)).not.toMatch(/ck_|cs_|••••/)
    const other = await hubApp()
    const admin = await other.key(['admin'])
    const files = [...bundle.connections, { ...bundle.connections[0], name: 'odd', channel: 'nope' }]
    const imported = (await other.call('POST', '/v1/connections/import', { key: admin, body: { connections: files } })).json
    expect(imported.items.filter((item: { result: string }) => item.result === 'created')).toHaveLength(
      bundle.connections.filter((item: { channel: string }) => item.channel !== 'plain').length,
    )
    expect(imported.items.at(-1)).toMatchObject({ name: 'odd', result: 'refused' })
    const again = (await other.call('POST', '/v1/connections/import', { key: admin, body: { connections: bundle.connections.slice(-1) } })).json
    expect(again.items[0].result).toBe('exists')
    await other.close()
  })
})

describe('webhook door', () => {
  it('hands over the bytes as they came, with the public address, and answers in the channel’s words', async () => {
    const { json: made } = await create({ name: 'hooked' })
    const path = new URL(made.webhook.url).pathname
    const body = new Uint8Array([0xff, 0x00, 0x7b, 0x0a])
    const response = await app.fetch(`${path}?topic=a`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'X-Signature': 'abc' },
    })
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([200, 'success', 'text/plain'])
    const inbound = delivered.at(-1)
    expect(inbound).toMatchObject({ method: 'POST', url: `http://hub.test${path}?topic=a`, query: { topic: 'a' } })
    expect(inbound?.headers['x-signature']).toBe('abc')
    expect([...(inbound?.body ?? [])]).toEqual([...body])
    expect((await app.fetch(path)).status).toBe(200)
  })

  it('answers 404 to unknown addresses, 401 to bad signatures, 413 to floods and 5xx when it could not store', async () => {
    const {
      rows: [{ token }],
    } = await app.hub.pool.query(`select webhook_token as token from connections where name = 'hooked'`)
    expect((await app.fetch('/hooks/abc')).status).toBe(404)
    expect((await app.fetch(`/hooks/${'a'.repeat(32)}`, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await app.fetch(`/hooks/${token}`, { method: 'POST', body: 'x'.repeat(2_100_000) })).status).toBe(413)
    hookFails = new ChannelError({ kind: 'unauthorized', message: 'signature' })
    expect((await app.fetch(`/hooks/${token}`, { method: 'POST', body: '{}' })).status).toBe(401)
    hookFails = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
    expect((await app.fetch(`/hooks/${token}`, { method: 'POST', body: '{}' })).status).toBe(503)
    hookFails = undefined
  })
})
