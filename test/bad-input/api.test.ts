import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { type RunningServer, serveApp } from '../../src/http/serve.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { type Answer, type HubApp, hubApp } from '../http/hub-app.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { type Refusal, expectRefusal } from './problem.ts'
import { sendRaw } from './raw-http.ts'
import { stateOf } from './state.ts'

let app: HubApp
let key: string
let server: RunningServer
let order: string

beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await app.hub.pool.query(`insert into connections (id, channel, name) values ('c_other', 'plain', 'other')`)
  await ingest(app.hub, app.hub.context, [incoming({ no: 'A-1', at: '2026-11-01T01:00:00Z' })])
  await stockOf(app.hub.pool, 'TEA', 5)
  order = (await app.hub.pool.query('select id::text from orders')).rows[0].id
  server = await serveApp(createApp(app.deps), { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.stop()
  await app.close()
})

/** One request and how it is refused: 400 `input-invalid` unless it says otherwise. */
interface Ask extends Partial<Refusal> {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

const send = (ask: Ask, as = key): Promise<Answer> => {
  const content = ask.bytes ?? ask.text ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body))
  return app.send(ask.path, {
    method: ask.method ?? (content === undefined ? 'GET' : 'POST'),
    headers: { authorization: `Bearer ${as}`, ...(content !== undefined && { 'content-type': 'application/json' }), ...ask.headers },
    ...(content !== undefined && { body: content }),
  })
}

const stock = (item: string): string => `{"items":[{"sku":"TEA","on_hand":"1"${item}}]}`
const post = (path: string, ...texts: readonly string[]): readonly Ask[] => texts.map((text) => ({ path, text }))
const orders = (...queries: readonly string[]): readonly Ask[] => queries.map((query) => ({ path: `/v1/orders?${query}` }))
const cursor = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const all = (asks: readonly Ask[], refusal: Partial<Refusal>): readonly Ask[] => asks.map((ask) => ({ ...ask, ...refusal }))
const bytes = (...values: readonly number[]): Uint8Array<ArrayBuffer> => new Uint8Array([0x22, ...values, 0x22])
const parcel = (tracking: unknown): Ask => ({ path: `/v1/orders/1/shipments`, body: { carrier: 'SF', tracking_no: tracking } })
const connection = (over: object): Ask => ({
  path: '/v1/connections',
  body: {
    channel: 'woocommerce',
    name: 'Shop',
    config: { url: 'https://shop.example' },
    secrets: { consumerKey: 'ck_1', consumerSecret: 'cs_1' },
    timezone: 'UTC',
    currency: 'EUR',
    ...over,
  },
})
const person = (over: object): Ask => ({ path: '/v1/users', body: { name: 'Mei', password: 'Long enough 123', roles: ['viewer'], ...over } })
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i + 1))
const HIDDEN = ['\u202e', '\u200b', '\u2066', '\ufeff', '\u0085']
const JSON_TEXT = stock('')

/** What is refused, by the number it has in the catalogue. */
const CASES: readonly (readonly [name: string, asks: readonly Ask[]])[] = [
  [
    'B-A 1 no body',
    [
      { path: '/v1/stock', method: 'POST', pointer: '/items' },
      { path: '/v1/stock', text: '' },
    ],
  ],
  ['B-A 2 null', all(post('/v1/stock', 'null'), { pointer: '/' })],
  [
    'B-A 3 an array for an object, and the other way round',
    [...all(post('/v1/stock', '[]'), { pointer: '/' }), { path: '/v1/listings/bind', text: '{}' }],
  ],
  [
    'B-A 4 fields that are not the caller’s to set',
    [
      { ...person({ id: 'u_0000000000' }), pointer: '/id' },
      { ...person({ tenant_id: 1, role: 'admin' }), pointer: '/role' },
      { ...person({ must_change: false, created_at: '2020-01-01T00:00:00Z' }), pointer: '/must_change' },
      { path: '/v1/keys', body: { name: 'x', scopes: ['orders:read'], secret: 'chosen' }, pointer: '/secret' },
      { ...connection({ state: 'active', armed_stock: true }), pointer: '/armed_stock' },
    ],
  ],
  [
    'B-A 5 __proto__ and constructor keys',
    all(post('/v1/stock', '{"__proto__":{"isAdmin":true},"items":[]}', stock(',"constructor":{"prototype":{"isAdmin":true}}'), '{"prototype":1}'), {
      code: 'json-key-forbidden',
    }),
  ],
  ['B-A 6 nesting 100,000 deep', all(post('/v1/stock', '{"a":'.repeat(100_000)), { code: 'json-too-deep' })],
  [
    'B-A 7 ten megabytes of [',
    [
      { path: '/v1/stock', text: '['.repeat(10_000_000), status: 413, code: 'body-too-large' },
      { path: '/v1/stock', text: '['.repeat(2_000_000), code: 'json-too-deep' },
    ],
  ],
  ['B-A 8 duplicate keys', all(post('/v1/stock', '{"items":[],"items":[]}', stock(',"sku":"TEA"')), { code: 'json-duplicate-key' })],
  ['B-A 9 a number beyond every double', all(post('/v1/stock', stock(',"x":1e400'), stock(',"x":-1e999')), { code: 'json-number-range' })],
  [
    'B-A 10 an id above 2^53 as a number',
    all(post('/v1/stock', stock(',"x":9007199254740993'), '{"seq":123456789012345678}'), { code: 'json-number-range' }),
  ],
  ['B-A 12 NUL in a text', all(post('/v1/stock', stock(',"ref":"a\\u0000b"'), '{"\\u0000":1}'), { code: 'json-nul' })],
  ['B-A 13 half a surrogate pair', all(post('/v1/stock', stock(',"ref":"\\ud800"'), stock(',"ref":"\\udc00\\ud800"')), { code: 'json-surrogate' })],
  [
    'B-A 14 bytes that are not UTF-8',
    [bytes(0xc0, 0x80), bytes(0xe0, 0x80, 0xaf), bytes(0xff), bytes(0xed, 0xa0, 0x80), bytes(0xe4, 0xb8)].map((given) => ({
      path: '/v1/stock',
      bytes: given,
      code: 'utf8-invalid',
    })),
  ],
  ['B-A 15 a byte order mark', all(post('/v1/stock', `\ufeff${JSON_TEXT}`), { code: 'json-malformed' })],
  [
    'B-A 16 names that hide or turn text',
    HIDDEN.flatMap((mark) => [
      { ...person({ name: `ad${mark}min` }), pointer: '/name' },
      { ...connection({ name: `Shop${mark}` }), pointer: '/name' },
      { path: '/v1/keys', body: { name: `ERP${mark}`, scopes: ['orders:read'] }, pointer: '/name' },
      { path: '/v1/skus', body: { items: [{ sku: `TEA${mark}` }] }, pointer: '/items/0/sku' },
    ]),
  ],
  [
    'B-A 18 another media type',
    ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/jsonp', ''].map(
      (type) => ({
        path: '/v1/stock',
        text: JSON_TEXT,
        headers: { 'content-type': type },
        status: 415,
        code: 'media-type-unsupported',
      }),
    ),
  ],
  [
    'B-A 19 another charset',
    ['gbk', '"gb18030"', 'utf-16', 'latin1'].map((charset) => ({
      path: '/v1/stock',
      text: JSON_TEXT,
      headers: { 'content-type': `application/json; charset=${charset}` },
      status: 415,
      code: 'charset-unsupported',
    })),
  ],
  [
    'B-A 20 a gzip bomb',
    ['gzip', 'deflate', 'br', 'gzip, gzip'].map((encoding) => ({
      path: '/v1/stock',
      bytes: new Uint8Array(gzipSync(Buffer.alloc(20_000_000))),
      headers: { 'content-encoding': encoding },
      status: 415,
      code: 'encoding-unsupported',
    })),
  ],
  [
    'B-A 25 limits that are none',
    all(orders('limit=0', 'limit=-1', 'limit=1000000000', 'limit=10abc', 'limit=1e3', 'limit=', 'limit=%2010', 'limit=0x10', 'limit=1.5'), {
      pointer: '?limit',
    }),
  ],
  [
    'B-A 26 forged cursors and those of other lists',
    [
      'x',
      '%00',
      cursor('{"s":""}'),
      cursor({ s: '-placed_at', v: '2026-01-01; drop', i: '1' }),
      cursor({ s: '-placed_at', v: '2026-01-01 00:00:00+00', i: '1 or 1=1' }),
      cursor({ s: 'effects', v: '', i: '1' }),
      cursor({ s: '-placed_at', v: '2026-01-01T00:00:00Z', i: '1' }),
      cursor({ s: '-placed_at', v: '2026-01-01 00:00:00+00', i: '1', scope: null }),
      'A'.repeat(1300),
    ].map((text) => ({ path: `/v1/orders?cursor=${text}`, pointer: '?cursor' })),
  ],
  [
    'B-A 27 times that are none, and ranges turned round',
    [
      ...all(orders('placed_from=2026-02-01T00:00:00Z&placed_to=2026-01-01T00:00:00Z'), { pointer: '?placed_to' }),
      ...all(orders('updated_since=2999-01-01T00:00:00Z', 'updated_since=9999-12-31T23:59:59Z', 'updated_since=infinity', 'updated_since=now'), {
        pointer: '?updated_since',
      }),
      ...all(orders('placed_from=2025-02-30T00:00:00Z', 'placed_from=2025-01-01T00:00:00', 'placed_from=2025-01-01', 'placed_from=1735689600'), {
        pointer: '?placed_from',
      }),
      { path: '/v1/connections/c_plain/backfill', body: { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, pointer: '/to' },
      { path: '/v1/connections/c_plain/backfill', body: { from: '2999-02-01T00:00:00Z', to: '2999-03-01T00:00:00Z' }, pointer: '/from' },
    ],
  ],
  [
    'B-A 28 injections into sort and filter',
    orders(
      'sort=id;drop table orders',
      'sort=-placed_at%27--',
      "payment=paid' or '1'='1",
      'payment[$gt]=',
      'connection[$ne]=x',
      'state=open%00',
      'order=desc',
    ),
  ],
  [
    'B-A 29 parameters given twice or as lists',
    orders('limit=1&limit=2', 'payment=paid&payment=paid', 'a[]=1', 'sort[]=placed_at', 'sort=placed_at,-placed_at'),
  ],
  [
    'B-A 35 integers beyond their column',
    [
      { path: '/v1/connections/c_plain', method: 'PATCH', body: { stock_buffer: 2_147_483_648 }, pointer: '/stock_buffer' },
      { path: '/v1/connections/c_plain', method: 'PATCH', body: { poll_seconds: 9_007_199_254_740_991 }, pointer: '/poll_seconds' },
      { path: '/v1/consumers/erp/orders/1/ack', body: { version: 2_147_483_648, status: 'accepted' }, pointer: '/version' },
      { path: '/v1/changes?after=9223372036854775808', pointer: '?after' },
      { path: '/v1/orders/9223372036854775808', status: 404, code: 'not-found' },
      { path: '/v1/replays', body: { filter: { order_ids: ['9223372036854775808'] }, dry_run: true }, pointer: '/filter/order_ids/0' },
    ],
  ],
  [
    'B-A 36 a thousand and one items',
    [
      { path: '/v1/orders/find', body: { ids: many(1001) }, pointer: '/ids' },
      { path: '/v1/stock', body: { items: many(1001).map((sku) => ({ sku, on_hand: '1' })) }, pointer: '/items' },
      { path: '/v1/skus', body: { items: many(1001).map((sku) => ({ sku })) }, pointer: '/items' },
      {
        path: '/v1/consumers/erp/acks',
        body: { items: many(1001).map((id) => ({ order_id: id, version: 1, status: 'accepted' })) },
        pointer: '/items',
      },
      {
        path: '/v1/shipments',
        body: { items: many(1001).map((no) => ({ connection: 'c_plain', channel_order_no: no, carrier: 'SF', tracking_no: no })) },
      },
      { path: '/v1/listings/bind', body: many(1001).map((no) => ({ connection: 'c_plain', listing_key: no, sku: null })) },
    ],
  ],
  [
    'B-A 37 a replay of ten years, or of a range that is none',
    [
      { path: '/v1/replays', body: { filter: { from: '2016-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, dry_run: true }, pointer: '/filter/to' },
      { path: '/v1/replays', body: { filter: { from: '2016-01-01T00:00:00Z' }, dry_run: true }, pointer: '/filter/to' },
      { path: '/v1/replays', body: { filter: { to: '2026-01-01T00:00:00Z' }, dry_run: true }, pointer: '/filter/from' },
      { path: '/v1/replays', body: { filter: { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, dry_run: true }, pointer: '/filter/to' },
      { path: '/v1/replays', body: { filter: {}, dry_run: true }, pointer: '/filter' },
    ],
  ],
  [
    'B-A 38 stock that is negative, half a piece as a number, or huge',
    ['"-1"', '-1', '1.5', '"1e3"', '"1,5"', '"1.1234567"', '"9999999999999"', '1000000000000', 'true', '""', '"１２"'].map((value) => ({
      path: '/v1/stock',
      text: `{"items":[{"sku":"TEA","on_hand":${value}}]}`,
      pointer: '/items/0/on_hand',
    })),
  ],
  [
    'B-A 39 tracking numbers with line breaks or markup',
    ['SF1\nSF2', 'SF1\r\nSet-Cookie: a=b', '<b>SF1</b>', '"><script>alert(1)</script>', "SF1' or 1=1", 'SF\u202e1', ' ', ''].map((text) => ({
      ...parcel(text),
      pointer: '/tracking_no',
    })),
  ],
  [
    'B-A 40 currencies and decimals that are none',
    [
      ...['XXX', 'XTS', 'EURO', 'eur', '€', 'ABC'].map((currency) => ({ ...connection({ currency }), pointer: '/currency' })),
      ...['1.123456789', '1,234.50', '1 234', '١٢', '+1', '.5', '5.'].map((value) => ({
        path: '/v1/stock/movements',
        body: { items: [{ sku: 'TEA', delta: value, ref: 'r' }] },
        pointer: '/items/0/delta',
      })),
    ],
  ],
]

describe('bad requests are refused, and nothing is stored', () => {
  it.each(CASES)('%s', async (_name, asks) => {
    const before = await stateOf(app.hub.pool)
    for (const ask of asks) expectRefusal(await send(ask), { status: 400, code: 'input-invalid', ...ask })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined()
  })
})

describe('bytes no client would send', () => {
  /** The refusals of the server itself are problem documents like all others. */
  const refused = async (pieces: readonly string[], status: number, code: string): Promise<void> => {
    const answer = await sendRaw(server.port, pieces)
    expect([answer.status, answer.body === '' ? answer.head : JSON.parse(answer.body)]).toMatchObject([
      status,
      { status, code, type: `urn:problem:channel-hub:${code}` },
    ])
    expect(answer.head.toLowerCase()).toContain('content-type: application/problem+json')
  }
  const head = (line: string, ...headers: readonly string[]): string => [`${line} HTTP/1.1`, 'Host: hub.test', ...headers, '', ''].join('\r\n')

  it.each([
    [
      'B-A 21 Content-Length beside Transfer-Encoding',
      [head('POST /v1/stock', 'Content-Length: 4', 'Transfer-Encoding: chunked', `Content-Type: application/json`), '0\r\n\r\n'],
      400,
      'request-malformed',
    ],
    ['B-A 22 a header of 20 kB', [head('GET /v1/orders', `X-Long: ${'a'.repeat(20_000)}`)], 431, 'headers-too-large'],
    ['B-A 23 no Host', ['GET /v1/orders HTTP/1.1\r\nConnection: close\r\n\r\n'], 400, 'request-malformed'],
  ])('%s', async (_name, pieces, status, code) => {
    const before = await stateOf(app.hub.pool)
    await refused(pieces, status, code)
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-A 24 paths with %ZZ, %00 and ..%2f', async () => {
    const paths = [
      '/v1/orders/%ZZ',
      '/v1/orders/%00',
      '/v1/orders/..%2fkeys',
      '/v1/orders/..%5ckeys',
      '/v1/orders/%c0%ae%c0%ae',
      '/v1/jobs/..%2f..%2fetc%2fpasswd',
      '/v1/stock/%ff/why',
    ]
    for (const path of paths) {
      const answer = await sendRaw(server.port, [head(`GET ${path}`, `Authorization: Bearer ${key}`, 'Connection: close')])
      expect([path, answer.status]).toEqual([path, 404])
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not-found' })
    }
    // Dots are resolved before anything is routed: what is asked for is the route they lead to, with its own rights.
    const climbed = await sendRaw(server.port, [head('GET /v1/orders/../keys', 'Connection: close')])
    expect(climbed.status).toBe(401)
  })

  it('B-A 33 HEAD, OPTIONS, TRACE, PUT and PATCH on every route', async () => {
    const before = await stateOf(app.hub.pool)
    const paths = [...new Set(allRoutes.map((route) => route.path))]
    const odd: unknown[] = []
    for (const path of paths) {
      const methods = new Set(allRoutes.filter((route) => route.path === path).map((route) => route.method.toUpperCase()))
      const at = path
        .replace('{name}', 'erp')
        .replace('{sku}', 'TEA')
        .replaceAll(/\{\w+\}/g, '1')
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'PROPFIND']) {
        if (methods.has(method) || (method === 'HEAD' && methods.has('GET'))) continue
        const answer = await app.send(at, { method, headers: { authorization: `Bearer ${key}` } })
        if (answer.status !== 405) odd.push([method, at, answer.status])
      }
      const traced = await sendRaw(server.port, [head(`TRACE ${at}`, 'X-Secret: tell', `Authorization: Bearer ${key}`, 'Connection: close')])
      if (traced.status !== 405 || traced.body.includes('X-Secret')) odd.push(['TRACE', at, traced.status])
    }
    expect(odd).toEqual([])
    for (const path of ['/v1/orders', '/v1/orders.ndjson', '/v1/snapshot', '/v1/connections']) {
      const answer = await app.send(path, { method: 'HEAD', headers: { authorization: `Bearer ${key}` } })
      expect([path, answer.status, answer.text]).toEqual([path, 200, ''])
      expect((await app.send(path, { method: 'HEAD' })).status).toBe(401)
    }
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })
})

describe('requests that are well-formed and still wrong', () => {
  it('B-A 11 NaN and Infinity are refused, minus zero is zero', async () => {
    for (const value of ['NaN', 'Infinity', '-Infinity', '-', '00', '-01'])
      expectRefusal(await send({ path: '/v1/stock', text: `{"items":[{"sku":"TEA","on_hand":${value}}]}` }), { status: 400, code: 'json-malformed' })
    const answer = await send({ path: '/v1/stock', text: '{"items":[{"sku":"NOT-THERE","on_hand":-0}]}' })
    expect([answer.status, answer.text.includes('-0'), answer.json.items[0].result]).toEqual([200, false, 'unknown-sku'])
  })

  it('B-A 17 composed and decomposed accents are one SKU', async () => {
    const [composed, decomposed] = ['CAF\u00c9', 'CAFE\u0301']
    expectRefusal(await send({ path: '/v1/skus', body: { items: [{ sku: composed }, { sku: decomposed }] } }), {
      status: 400,
      code: 'input-invalid',
      pointer: '/items/1/sku',
    })
    expect((await send({ path: '/v1/skus', body: { items: [{ sku: decomposed }] } })).json).toMatchObject({ created: 1 })
    expect((await send({ path: '/v1/skus', body: { items: [{ sku: composed }] } })).json).toMatchObject({ created: 0 })
    const counted = await send({ path: '/v1/stock', body: { items: [{ sku: decomposed, on_hand: '3' }] } })
    expect(counted.json.items[0]).toMatchObject({ sku: composed, result: 'set' })
    expect((await send({ path: `/v1/stock/${encodeURIComponent(decomposed)}/why` })).json.sku).toBe(composed)
  })

  it('B-A 30 an id of another scope is as unknown as one that does not exist', async () => {
    const stranger = await app.key(
      SCOPES.filter((scope) => scope !== 'admin'),
      ['c_other'],
    )
    const said = async (id: string): Promise<unknown> => {
      const answer = await send({ path: `/v1/orders/${id}` }, stranger)
      expectRefusal(answer, { status: 404, code: 'not-found' })
      const { trace_id: _trace, instance: _instance, ...rest } = answer.json
      return rest
    }
    expect(await said(order)).toEqual(await said('999999999'))
    expect((await send({ path: `/v1/orders/${order}` })).status).toBe(200)
  })

  it('B-A 31 an Idempotency-Key of another request, of 5 kB, and of two requests at once', async () => {
    const move = (delta: string, idempotencyKey: string): Promise<Answer> =>
      send({
        path: '/v1/stock/movements',
        body: { items: [{ sku: 'TEA', delta, ref: `ref-${idempotencyKey.slice(0, 40)}` }] },
        headers: { 'idempotency-key': idempotencyKey },
      })
    expect((await move('1', 'once')).status).toBe(200)
    const before = await stateOf(app.hub.pool)
    expectRefusal(await move('2', 'once'), { status: 422, code: 'idempotency-key-reused' })
    for (const text of ['k'.repeat(5000), 'a b', 'ключ', '']) {
      const answer = await app.send('/v1/stock/movements', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': Buffer.from(text).toString('latin1') },
        body: JSON.stringify({ items: [{ sku: 'TEA', delta: '1', ref: 'r' }] }),
      })
      expectRefusal(answer, { status: 400, code: 'idempotency-key-invalid' })
    }
    expect(await stateOf(app.hub.pool)).toEqual(before)
    const holds = async (): Promise<number> =>
      (await app.hub.pool.query('select count(*)::int as n from holds where order_id = $1', [order])).rows[0].n
    const had = await holds()
    const hold = (): Promise<Answer> =>
      send({ path: `/v1/orders/${order}/hold`, body: { reason: 'twice at once' }, headers: { 'idempotency-key': 'at-once' } })
    const answers = await Promise.all(Array.from({ length: 8 }, hold))
    expect(answers.filter((answer) => answer.status !== 200).map((answer) => answer.json.code)).toEqual(
      answers.filter((answer) => answer.status !== 200).map(() => 'idempotency-in-flight'),
    )
    expect(await holds()).toBe(had + 1)
  })

  it('B-A 32 an If-Match that is stale or was never given out', async () => {
    const before = await stateOf(app.hub.pool)
    for (const tag of ['"999999"', 'W/"999999"', '"x"', '1', '""', '"1", "2"']) {
      expectRefusal(await send({ path: `/v1/orders/${order}/hold`, body: { reason: 'x' }, headers: { 'if-match': tag } }), {
        status: 412,
        code: 'version-stale',
      })
      expectRefusal(await send({ path: '/v1/connections/c_other', method: 'PATCH', body: { name: 'x' }, headers: { 'if-match': tag } }), {
        status: 400,
        code: 'input-invalid',
        pointer: '/channel',
      })
    }
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-A 34 texts too long for an index: refused at the door, held from a channel', async () => {
    const before = await stateOf(app.hub.pool)
    const long = Array.from({ length: 9000 }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('')
    const asks: readonly Ask[] = [
      { ...person({ name: long }), pointer: '/name' },
      { ...connection({ name: long }), pointer: '/name' },
      { path: '/v1/skus', body: { items: [{ sku: long }] }, pointer: '/items/0/sku' },
      { path: '/v1/consumers', body: { name: long }, pointer: '/name' },
      { path: '/v1/stock/movements', body: { items: [{ sku: 'TEA', delta: '1', ref: long }] }, pointer: '/items/0/ref' },
    ]
    for (const ask of asks) expectRefusal(await send(ask), { status: 400, code: 'input-invalid', ...ask })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    const from = (no: string, sku: string) => incoming({ no, at: '2026-11-02T01:00:00Z', sku })
    const result = await ingest(app.hub, app.hub.context, [from('B-1', 'TEA'), from(long, 'TEA'), from('B-2', long), from('B-3', 'TEA')])
    expect(result).toMatchObject({ created: 2, held: 2 })
    const again = await ingest(app.hub, app.hub.context, [from(long, 'TEA'), from('B-2', long)])
    expect(again).toMatchObject({ created: 0, held: 0, unchanged: 2 })
    const { rows } = await app.hub.pool.query(`select reason from raw_dispositions where disposition = 'held' order by raw_id`)
    expect(rows.map((row: { reason: string }) => row.reason.split(':')[0])).toEqual(['id-too-long', 'value-refused'])
  })
})
