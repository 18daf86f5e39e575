import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { InboxDrain } from '../../src/activities/receive.ts'
import { createHookDoor } from '../../src/app/hook-door.ts'
import { createApp } from '../../src/http/app.ts'
import { type RunningServer, serveApp } from '../../src/http/serve.ts'
import { createHookSink } from '../../src/intake/receive-hook.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { hmacBase64, hmacHex } from '../../src/kit/sign.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { type Refusal, expectRefusal } from './problem.ts'
import { sendRaw } from './raw-http.ts'
import { stateOf } from './state.ts'

const SECRET = 'woo-webhook-secret'
const OTHER = 'other-webhook-secret'
const token = (name: string): string => name.padEnd(32, '0')

let app: HubApp
let hub: ReturnType<typeof createApp>
let server: RunningServer
let drain: InboxDrain

beforeAll(async () => {
  app = await hubApp()
  const { pool, box, keys } = app.hub
  const connect = (id: string, channel: string, secret: string, state = 'active') =>
    pool.query(`insert into connections (id, channel, name, state, secrets, webhook_token, currency) values ($1, $2, $1, $3, $4, $5, 'USD')`, [
      id,
      channel,
      state,
      sealSecrets(box, id, { consumerKey: 'ck_1', consumerSecret: 'cs_1', apiKey: 'k', clientId: 'yz', clientSecret: secret, webhookSecret: secret }),
      state === 'removed' ? null : token(id),
    ])
  await connect('c_woo', 'woocommerce', SECRET)
  await connect('c_else', 'woocommerce', OTHER)
  await connect('c_paused', 'woocommerce', SECRET, 'paused')
  await connect('c_vendure', 'vendure', SECRET)
  await connect('c_youzan', 'youzan', SECRET)
  const now = (): Date => new Date()
  const sink = createHookSink({ pool, keys, now })
  hub = createApp({ ...app.deps, hooks: createHookDoor({ pool, box, registry, sink, now }) })
  server = await serveApp(hub, { host: '127.0.0.1', port: 0 })
  const contextOf = async (connectionId: string) => {
    const { rows } = await pool.query<{ channel: string }>('select channel from connections where id = $1', [connectionId])
    return { connectionId, channel: rows[0]?.channel ?? '', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
  }
  drain = new InboxDrain({ ...app.hub, mappings, registry, contextOf, log: { warn: () => undefined } })
})
afterAll(async () => {
  await server.stop()
  await app.close()
})

const recorded = readFileSync(new URL('../../connectors/woocommerce/fixtures/order-727-documentation.json', import.meta.url), 'utf8')
const order = (over: Readonly<Record<string, unknown>> = {}): string => JSON.stringify({ ...JSON.parse(recorded), ...over })
const signed = (body: string | Uint8Array, secret = SECRET): string => hmacBase64('sha256', secret, body)

interface Sent {
  readonly to?: string
  readonly method?: string
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** Undefined = the right one, null = none. */
  readonly signature?: string | null
  readonly headers?: Readonly<Record<string, string>>
}

async function deliver({ to = 'c_woo', method = 'POST', body = '', signature, headers = {} }: Sent): Promise<Answer> {
  const sign = signature === undefined ? signed(body) : signature
  const response = await hub.request(`${ORIGIN}/hooks/${token(to)}${headers['query'] ?? ''}`, {
    method,
    headers: { 'x-wc-webhook-topic': 'order.updated', ...(sign !== null && { 'x-wc-webhook-signature': sign }), ...headers },
    ...(method !== 'GET' && method !== 'HEAD' && { body }),
  })
  const text = await response.text()
  const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== ''
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

const UNSIGNED: Refusal = { status: 401, code: 'signature-invalid' }

/** Every delivery is refused in the same way, and nothing of it stays. */
async function expectRefused(sent: readonly Sent[], refusal: Refusal = UNSIGNED): Promise<void> {
  const before = await stateOf(app.hub.pool)
  for (const one of sent) expectRefusal(await deliver(one), refusal)
  expect(await stateOf(app.hub.pool)).toEqual(before)
}

/** Taken at the door, and after reading held or ignored with this reason: never a 5xx, never lost. */
async function expectSettled(sent: Sent, disposition: string, reason: RegExp): Promise<void> {
  expect((await deliver(sent)).status).toBe(200)
  const {
    rows: [raw],
  } = await app.hub.pool.query(`select max(id) as id from raw_events where kind = 'hook'`)
  while ((await drain.pass()) > 0);
  const { rows } = await app.hub.pool.query('select disposition, reason from raw_dispositions where raw_id = $1', [raw.id])
  expect([rows[0]?.disposition, rows[0]?.reason ?? '']).toEqual([disposition, expect.stringMatching(reason)])
  expect((await app.hub.pool.query('select count(*)::int as n from inbox')).rows[0].n).toBe(0)
}
const stored = async (): Promise<number> => (await app.hub.pool.query(`select count(*)::int as n from raw_events where kind = 'hook'`)).rows[0].n

describe('bad deliveries', () => {
  it('B-W 41 an empty body: refused without a signature, held with one', async () => {
    await expectRefused([
      { body: '', signature: null },
      { body: '', signature: '' },
    ])
    await expectSettled({ body: '' }, 'held', /^unreadable/)
  })

  it('B-W 42 a signature over JSON that was parsed and written again', async () => {
    const body = recorded
    await expectRefused([
      { body, signature: signed(JSON.stringify(JSON.parse(body))) },
      { body: `${body} `, signature: signed(body) },
    ])
  })

  it('B-W 43 two signature headers', async () => {
    const body = order()
    await expectRefused([{ body, signature: `${signed(body)}, ${signed(body)}` }])
    const twice = [
      'POST',
      ` /hooks/${token('c_woo')} HTTP/1.1\r\nHost: hub.test\r\nX-WC-Webhook-Topic: order.updated\r\nContent-Length: 2\r\nConnection: close\r\n`,
    ]
    const answer = await sendRaw(server.port, [
      `${twice.join('')}X-WC-Webhook-Signature: ${signed('{}')}\r\nX-WC-Webhook-Signature: ${signed('{}', OTHER)}\r\n\r\n{}`,
    ])
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'signature-invalid'])
  })

  it('B-W 44 a signature of the wrong length', async () => {
    const body = order()
    const right = signed(body)
    await expectRefused(['x', right.slice(0, -1), `${right}=`, `${right} x`, 'A'.repeat(5000), '='].map((signature) => ({ body, signature })))
    await expectRefused(
      ['', '0', 'f'.repeat(63), 'f'.repeat(65)].map((signature) => ({ to: 'c_vendure', body, headers: { 'x-signature': signature } })),
    )
  })

  it('B-W 45 a signature in another alphabet', async () => {
    const body = Array.from({ length: 50 }, (_, i) => order({ id: i })).find((text) => /[+/]/.test(signed(text))) ?? ''
    const right = signed(body)
    await expectRefused(
      [
        right.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
        hmacHex('sha256', SECRET, body),
        right.toLowerCase(),
        encodeURIComponent(right),
      ].map((signature) => ({ body, signature })),
    )
    await expectRefused([{ to: 'c_vendure', body, headers: { 'x-signature': signed(body) } }])
  })

  it('B-W 46 change times in milliseconds, negative, of the year 9999: ordered by arrival, so that they win over nothing for ever', async () => {
    const at = (modified: unknown, status = 'processing', id = 4600): string => order({ id, number: String(id), date_modified_gmt: modified, status })
    for (const [i, when] of ['1763712000000', '-1', '+275760-09-13T00:00:00', '2026-02-30T00:00:00', '', null].entries()) {
      expect((await deliver({ body: at(when, 'processing', 4601 + i) })).status).toBe(200)
    }
    expect((await deliver({ body: at('9999-12-31T23:59:59') })).status).toBe(200)
    while ((await drain.pass()) > 0);
    const heads = await app.hub.pool.query(
      `select external_id from raw_heads where source_time > now() + interval '2 days' or source_time < '1970-01-01'`,
    )
    expect(heads.rows).toEqual([])
    expect((await deliver({ body: at(new Date(Date.now() + 60_000).toISOString().slice(0, 19), 'completed') })).status).toBe(200)
    while ((await drain.pass()) > 0);
    const { rows } = await app.hub.pool.query(`select source_status from orders where connection_id = 'c_woo' and channel_order_no = '4600'`)
    expect(rows).toEqual([{ source_status: 'completed' }])
    const open = await app.hub.pool.query(
      `select r.id from raw_events r left join raw_dispositions d on d.raw_id = r.id where d.raw_id is null and r.connection_id = 'c_woo'`,
    )
    expect(open.rows).toEqual([])
  })

  it('B-W 47 a topic nobody subscribed to is ignored, with the reason', async () => {
    await expectSettled({ body: order({ id: 4700 }), headers: { 'x-wc-webhook-topic': 'product.deleted' } }, 'ignored', /^topic-not-needed$/)
    await expectSettled({ body: order({ id: 4701 }), headers: { 'x-wc-webhook-topic': `'; drop table orders --` } }, 'ignored', /^topic-not-needed$/)
  })

  it('B-W 48 an unknown shop, and the signature of another one', async () => {
    await expectRefused(
      [
        { to: 'c_nobody', body: order() },
        { to: '../v1', body: order() },
      ],
      { status: 404, code: 'not-found' },
    )
    const body = order()
    await expectRefused([
      { to: 'c_else', body, signature: signed(body) },
      { body, signature: signed(body, OTHER) },
    ])
  })

  it('B-W 49 a removed connection is unknown; a paused one keeps what comes', async () => {
    await app.hub.pool.query(`insert into connections (id, channel, name, state) values ('c_gone', 'woocommerce', 'gone', 'removed')`)
    await expectRefused([{ to: 'c_gone', body: order() }], { status: 404, code: 'not-found' })
    const had = await stored()
    expect((await deliver({ to: 'c_paused', body: order({ id: 4900 }) })).status).toBe(200)
    expect(await stored()).toBe(had + 1)
    await expectRefused([{ to: 'c_paused', body: order(), signature: 'x' }])
  })

  it('B-W 50 a delivery id used again with another body: both are kept, the newer one stands', async () => {
    const headers = { 'x-wc-webhook-delivery-id': 'same' }
    const body = (status: string, second: number): string =>
      order({ id: 5000, number: '5000', status, date_modified_gmt: `2026-11-20T08:00:0${second}` })
    const had = await stored()
    expect((await deliver({ body: body('completed', 2), headers })).status).toBe(200)
    expect((await deliver({ body: body('processing', 1), headers })).status).toBe(200)
    expect(await stored()).toBe(had + 2)
    while ((await drain.pass()) > 0);
    expect((await app.hub.pool.query(`select source_status from orders where channel_order_no = '5000'`)).rows).toEqual([
      { source_status: 'completed' },
    ])
  })

  it('B-W 51 a form-encoded body: the channel’s own test is answered and forgotten, others are refused or held', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await expectRefused([
      { body: 'webhook_id=1&order=2', signature: null, headers },
      { body: 'data=%7B%7D&sign=abc&type=pdd', signature: null, headers },
      { body: 'webhook_id=1', signature: 'x', headers },
      { body: 'webhook_id=1;', signature: null, headers },
    ])
    await expectSettled({ body: 'data=%7B%7D&sign=abc', headers }, 'held', /^unreadable/)
  })

  it('B-W 52 an XML body', async () => {
    const body = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><order>&e;</order>'
    await expectRefused([{ body, signature: null, headers: { 'content-type': 'application/xml' } }])
    await expectSettled({ body, headers: { 'content-type': 'application/xml' } }, 'held', /^unreadable/)
    expect((await app.hub.pool.query(`select string_agg(message, ' ') as text from failures`)).rows[0].text).not.toContain('root:')
  })

  it('B-W 53 a GET that asks for its echo', async () => {
    const script = '<script>alert(1)</script>'
    const before = await stateOf(app.hub.pool)
    for (const to of ['c_woo', 'c_vendure']) {
      const response = await hub.request(`${ORIGIN}/hooks/${token(to)}?echostr=${encodeURIComponent(script)}&challenge=${script}&hub.challenge=1`)
      const text = await response.text()
      expect([response.status, text.includes('alert(1)'), JSON.parse(text).code]).toEqual([401, false, 'signature-invalid'])
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('an id of the delivery that no table can hold, among deliveries of others: all are kept', async () => {
    const message = (id: string): Sent => {
      const body = JSON.stringify({ type: 'trade_TradePaid', kdt_id: 160, msg_id: id, id: 'E2025', version: 1, msg: '%7B%7D' })
      return { to: 'c_youzan', body, signature: null, headers: { 'event-sign': md5Hex(`yz${body}${SECRET}`) } }
    }
    const long = Array.from({ length: 800 }, (_, i) => hmacHex('sha256', 'long', String(i))).join('')
    const had = await stored()
    const sent: readonly Sent[] = [
      { body: order({ id: 5300, number: '5300' }) },
      message('a\u0000b'),
      message(long),
      message('\ud800'),
      { body: order({ id: 5301, number: '5301' }) },
    ]
    expect((await Promise.all(sent.map((one) => deliver(one)))).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await stored()).toBe(had + sent.length)
    while ((await drain.pass()) > 0);
    expect((await app.hub.pool.query('select count(*)::int as n from inbox')).rows[0].n).toBe(0)
  })

  it('B-W 54 bodies of more than 2 MB and of 20 MB', async () => {
    await expectRefused(
      [2 * 1024 * 1024 + 1, 20_000_000].map((size) => ({ body: new Uint8Array(size).fill(0x20) })),
      { status: 413, code: 'body-too-large' },
    )
    const head = `POST /hooks/${token('c_woo')} HTTP/1.1\r\nHost: hub.test\r\n`
    const before = await stateOf(app.hub.pool)
    const declared = await sendRaw(server.port, [`${head}Content-Length: 20000000\r\nConnection: close\r\n\r\n`])
    expect([declared.status, JSON.parse(declared.body).code]).toEqual([413, 'body-too-large'])
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
    const chunked = await sendRaw(server.port, [
      `${head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
      ...Array.from({ length: 40 }, () => chunk),
      '0\r\n\r\n',
    ])
    expect([chunked.status, JSON.parse(chunked.body).code]).toEqual([413, 'body-too-large'])
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-W 55 a signature behind the body, as a chunk trailer, counts for nothing', async () => {
    const body = order({ id: 5500 })
    const chunked = (headers: string, trailers: string): readonly string[] => [
      `POST /hooks/${token('c_woo')} HTTP/1.1\r\nHost: hub.test\r\nTransfer-Encoding: chunked\r\nX-WC-Webhook-Topic: order.updated\r\nConnection: close\r\n${headers}\r\n`,
      `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n${trailers}\r\n`,
    ]
    const signature = `X-WC-Webhook-Signature: ${signed(body)}\r\n`
    const before = await stateOf(app.hub.pool)
    const behind = await sendRaw(server.port, chunked('Trailer: X-WC-Webhook-Signature\r\n', signature))
    expect([behind.status, JSON.parse(behind.body).code]).toEqual([401, 'signature-invalid'])
    // A trailer that would change how the message is framed is refused by the parser itself.
    const framed = await sendRaw(server.port, chunked('', `Content-Length: 5\r\n${signature}`))
    expect([400, 401]).toContain(framed.status)
    const metrics = await (await hub.request(`${ORIGIN}/metrics`)).text()
    expect(metrics).not.toMatch(/hub_http_request_seconds_count\{[^}]*status="5/)
    expect(await stateOf(app.hub.pool)).toEqual(before)
    expect((await sendRaw(server.port, chunked(signature, 'X-Other: 1\r\n'))).status).toBe(200)
  })

  it('B-W 56 a test event of the channel is answered and leaves nothing', async () => {
    const before = await stateOf(app.hub.pool)
    const answer = await deliver({ body: 'webhook_id=42', signature: null, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })
})
