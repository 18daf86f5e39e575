import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createShopify, type ShopifySim } from '../../sandbox/shopify/index.ts'
import { InboxDrain } from '../../src/activities/receive.ts'
import { createHookDoor } from '../../src/app/hook-door.ts'
import { createApp } from '../../src/http/app.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { type RunningServer, serveApp } from '../../src/http/serve.ts'
import { createHookSink } from '../../src/intake/receive-hook.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { eraseDue } from '../../src/store/privacy/due.ts'
import { type Answer, type HubApp, hubApp } from '../http/hub-app.ts'
import { incoming } from '../support/builders.ts'

const TOKEN = 'shopify-door'.padEnd(32, '0')
let app: HubApp
let sim: ShopifySim
let server: RunningServer
let drain: InboxDrain
let key: string
let url: string

beforeAll(async () => {
  app = await hubApp()
  sim = createShopify()
  const { pool, box, keys } = app.hub
  await pool.query(
    `insert into connections (id, channel, name, secrets, webhook_token, currency) values ('c_shop', 'shopify', 'Shop', $1, $2, 'USD')`,
    [sealSecrets(box, 'c_shop', { clientId: 'sandbox-client', clientSecret: sim.credentials.clientSecret }), TOKEN],
  )
  const now = (): Date => new Date()
  const sink = createHookSink({ pool, keys, now })
  server = await serveApp(createApp({ ...app.deps, hooks: createHookDoor({ pool, box, registry, sink, now }) }), { host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${server.port}/hooks/${TOKEN}`
  const contextOf = async () => ({ connectionId: 'c_shop', channel: 'shopify', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false })
  drain = new InboxDrain({ ...app.hub, mappings, registry, contextOf, log: { warn: () => undefined } })
  key = await app.key(SCOPES)
})
afterAll(async () => {
  await server.stop()
  await app.close()
})

const take = (no: string, status: 'open' | 'shipped') =>
  ingest(app.hub, { ...app.hub.context, connectionId: 'c_shop' }, [
    incoming({ no, at: `2026-11-0${status === 'shipped' ? 2 : 1}T01:00:00Z`, status }),
  ])
/** As the shop sends it; answers what the hub said, and lets the hub read it. */
async function sent(topic: string, orders: readonly number[] = []): Promise<number> {
  const status = await sim.control.sendTopic(topic, url, orders)
  while ((await drain.pass()) > 0);
  return status
}
const requests = async (): Promise<readonly { readonly id: string; readonly ask: string; readonly state: string }[]> =>
  (await app.call('GET', '/v1/privacy/requests', { key })).json.items
const decide = (id: string, what: string, body: unknown = {}, as = key): Promise<Answer> =>
  app.call('POST', `/v1/privacy/requests/${id}/${what}`, { key: as, body })
const erased = async (): Promise<readonly string[]> =>
  (await app.hub.pool.query<{ no: string }>('select channel_order_no as no from erasures order by 1')).rows.map(({ no }) => no)
/** Hook documents of this topic that a key still opens. */
const sealed = async (): Promise<number> =>
  (await app.hub.pool.query(`select count(*)::int as n from raw_events where kind = 'hook' and row_key is not null`)).rows[0].n

describe('what Shopify asks about personal data', () => {
  it('erasing a customer: taken at the door, erased when a person says so, and what is under way follows by itself', async () => {
    for (const no of ['1001', '1002', '1003']) await take(no, 'shipped')
    await take('1004', 'open')
    expect(await sent('customers/redact', [1001, 1004, 9_999_999])).toBe(200)
    const [request] = await requests()
    expect(request).toMatchObject({ ask: 'erase', state: 'open', connection_id: 'c_shop', reference: null })
    expect(JSON.stringify(request)).not.toContain('shopper1')
    const id = request?.id ?? ''
    expect((await app.call('GET', `/v1/privacy/requests/${id}`, { key })).json.orders).toMatchObject([
      { channel_order_no: '1001', result: 'would-erase' },
      { channel_order_no: '1004', result: 'open' },
    ])
    expect(await erased()).toEqual([])
    // Two people at once: one decides.
    const both = await Promise.all([decide(id, 'confirm'), decide(id, 'confirm')])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 200)?.json).toMatchObject({ erased: 1, request: { state: 'confirmed', erased: 1 } })
    expect(await erased()).toEqual(['1001'])
    await eraseDue(app.hub.pool, new Date())
    expect((await requests())[0]).toMatchObject({ id, state: 'confirmed' })
    await take('1004', 'shipped')
    await eraseDue(app.hub.pool, new Date())
    expect(await requests()).toMatchObject([{ id, state: 'done', erased: 2, decided_by: expect.stringMatching(/^key:/) }])
    expect(await erased()).toEqual(['1001', '1004'])
    expect(await sealed()).toBe(0)
    const { rows } = await app.hub.pool.query(`select details from audit_log where action = 'privacy.request' and subject = $1`, [
      `channel-request/${id}`,
    ])
    expect(rows[0]?.details).toMatchObject({ ask: 'erase', connection: 'c_shop', erased: 1 })
    expect(await app.call('GET', `/v1/privacy/erasures?reference=channel-request/${id}`, { key })).toMatchObject({ json: { items: [{}, {}] } })
  })

  it('is one request however often it comes, and none without its signature', async () => {
    const before = (await requests()).length
    const body = JSON.stringify({ shop_id: 1, customer: { id: 1 }, orders_to_redact: [1002] })
    const post = (signature: string) =>
      fetch(url, { method: 'POST', body, headers: { 'x-shopify-topic': 'customers/redact', 'x-shopify-event-id': 'e-1', 'x-shopify-hmac-sha256': signature } }) // prettier-ignore
    const signature = createHmac('sha256', sim.credentials.clientSecret).update(body).digest('base64')
    for (const one of [signature, signature]) expect((await post(one)).status).toBe(200)
    expect((await post(createHmac('sha256', 'other').update(body).digest('base64'))).status).toBe(401)
    while ((await drain.pass()) > 0);
    const [request] = await requests()
    expect((await requests()).length).toBe(before + 1)
    const id = request?.id ?? ''
    expect((await decide(id, 'dismiss', {})).status).toBe(400)
    expect((await decide(id, 'dismiss', { reason: 'Not our customer.' })).status).toBe(200)
    expect((await decide(id, 'confirm')).json.code).toBe('request-decided')
    expect(await erased()).not.toContain('1002')
  })

  it('asking for data ends when a person handed them out; the end of a shop erases all of it, once its time is kept or somebody confirms', async () => {
    expect(await sent('customers/data_request', [1002])).toBe(200)
    const asked = (await requests()).find(({ ask }) => ask === 'export')
    expect(asked).toMatchObject({ reference: '9999', state: 'open' })
    const { json } = await app.call('GET', `/v1/privacy/requests/${asked?.id}`, { key })
    expect(json.orders.map((one: { channel_order_no: string }) => one.channel_order_no)).toEqual(['1002'])
    expect((await decide(asked?.id ?? '', 'confirm')).json).toMatchObject({ erased: 0, request: { state: 'done' } })
    expect(await sent('shop/redact')).toBe(200)
    await eraseDue(app.hub.pool, new Date())
    expect((await requests()).find(({ ask }) => ask === 'erase-all')?.state).toBe('open')
    await app.hub.pool.query(`update connections set pii_days = 3650 where id = 'c_shop'`)
    await eraseDue(app.hub.pool, new Date())
    expect((await requests()).find(({ ask }) => ask === 'erase-all')).toMatchObject({ state: 'done', decided_by: 'retention' })
    expect(await erased()).toEqual(['1001', '1002', '1003', '1004'])
  })

  it('is nobody else’s: not of other connections, not without the right', async () => {
    const [request] = await requests()
    const elsewhere = await app.key(['privacy'], ['c_plain'])
    expect((await app.call('GET', '/v1/privacy/requests', { key: elsewhere })).json.items).toEqual([])
    expect((await decide(request?.id ?? '', 'confirm', {}, elsewhere)).status).toBe(404)
    expect((await decide(request?.id ?? '', 'confirm', {}, await app.key(['orders:read', 'orders:write']))).status).toBe(403)
  })
})
