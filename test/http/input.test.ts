import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { parseStrictJson } from '../../src/http/strict-json.ts'
import { createPool } from '../../src/store/db.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
})
afterAll(() => app.close())

const postStock = (text: string, headers: Record<string, string> = {}) => app.call('POST', '/v1/stock', { key, text, headers })
const item = (extra: string): string => `{"items":[{"sku":"TEA","on_hand":"1"${extra}}]}`

describe('bad input', () => {
  it.each([
    ['no body', '', 'input-invalid'],
    ['null', 'null', 'input-invalid'],
    ['an array for an object', '[]', 'input-invalid'],
    ['an unknown field', item(',"reserved":"0"'), 'input-invalid'],
    ['__proto__', '{"__proto__":{"isAdmin":true},"items":[]}', 'json-key-forbidden'],
    ['constructor', item(',"constructor":{}'), 'json-key-forbidden'],
    ['depth', '['.repeat(50_000), 'json-too-deep'],
    ['duplicate keys', '{"items":[],"items":[]}', 'json-duplicate-key'],
    ['an endless number', item(',"x":1e400'), 'json-number-range'],
    ['an id beyond 2^53', item(',"x":9007199254740993'), 'json-number-range'],
    ['NaN', item(',"x":NaN'), 'json-malformed'],
    ['NUL', item(',"ref":"a\\u0000b"'), 'json-nul'],
    ['half a surrogate pair', item(',"ref":"\\ud800"'), 'json-surrogate'],
    ['a byte order mark', `\ufeff${item('')}`, 'json-malformed'],
    ['text after the value', `${item('')} x`, 'json-malformed'],
    ['a negative count', '{"items":[{"sku":"TEA","on_hand":"-1"}]}', 'input-invalid'],
    ['a fraction as a number', '{"items":[{"sku":"TEA","on_hand":1.5}]}', 'input-invalid'],
    ['a day that does not exist', item(',"as_of":"2025-02-30T00:00:00Z"'), 'input-invalid'],
    ['a time without an offset', item(',"as_of":"2025-02-03T00:00:00"'), 'input-invalid'],
    ['too many items', `{"items":[${Array.from({ length: 1001 }, () => '{"sku":"A","on_hand":"1"}').join(',')}]}`, 'input-invalid'],
  ])('refuses %s', async (_name, text, code) => {
    const answer = await postStock(text)
    expect([answer.status, answer.json.code]).toEqual([400, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.json).toMatchObject({
      type: `urn:problem:channel-hub:${code}`,
      status: 400,
      instance: '/v1/stock',
      retryable: false,
      trace_id: answer.headers.get('x-request-id'),
    })
    expect(answer.text).not.toMatch(/at .*\.ts/)
  })

  it('points at the value', async () => {
    const answer = await postStock('{"items":[{"sku":"TEA","on_hand":"1"},{"sku":"TEA","on_hand":"x","who":1}]}')
    expect(answer.json.errors.map((error: { pointer: string; code: string }) => `${error.pointer} ${error.code}`)).toEqual([
      '/items/1/on_hand invalid-format',
      '/items/1/who unknown-field',
    ])
  })

  it('refuses other media types, charsets, encodings and sizes before parsing', async () => {
    expect((await postStock(item(''), { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await postStock(item(''), { 'content-type': 'application/json; charset=gbk' })).status).toBe(415)
    expect((await postStock(item(''), { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await postStock(`"${'x'.repeat(2_100_000)}"`)).status).toBe(413)
    const bytes = await app.send('/v1/stock', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: new Uint8Array([0x22, 0xc0, 0x80, 0x22]),
    })
    expect(bytes.json.code).toBe('utf8-invalid')
  })

  it.each([
    'limit=0',
    'limit=-1',
    'limit=10abc',
    'limit=1e3',
    'limit=201',
    'limit=1&limit=2',
    'a[]=1',
    'sort=id;drop table orders',
    'placed_from=infinity',
    'placed_from=0357-05-03T16:14:47%2B12:28',
    'placed_to=9999-12-31T00:00:00Z',
    'placed_from=2025-01-01',
    'cancelled=maybe',
    'q=a%00b',
    'nonsense=1',
  ])('refuses the query %s', async (query) => {
    const answer = await app.call('GET', `/v1/orders?${query}`, { key })
    expect([answer.status, answer.json.code]).toEqual([400, 'input-invalid'])
  })

  it.each([
    'x',
    'eyJzIjoiIn0',
    Buffer.from('{"s":"-placed_at","v":"2026-01-01; drop","i":"1"}').toString('base64url'),
    Buffer.from('{"s":"placed_at","v":"2026-01-01 00:00:00+00","i":"1"}').toString('base64url'),
  ])('refuses the forged cursor %s', async (cursor) => {
    const answer = await app.call('GET', `/v1/orders?cursor=${cursor}`, { key })
    expect([answer.status, answer.json.errors[0].code]).toEqual([400, 'cursor-invalid'])
  })

  it('answers 404 to addresses and ids that are none, 405 to other methods', async () => {
    for (const path of [
      '/v1/orders/abc',
      '/v1/orders/0',
      '/v1/orders/99999999999999999999',
      '/v1/orders/..%2fkeys',
      '/v1/orders/%ZZ',
      '/v1/nothing',
      '/v1/connections/%00',
    ]) {
      expect([path, (await app.call('GET', path, { key })).status]).toEqual([path, 404])
    }
    const other = await app.call('DELETE', '/v1/orders', { key })
    expect([other.status, other.json.detail]).toEqual([405, 'Only GET.'])
    expect((await app.call('OPTIONS', '/v1/overview', { key })).status).toBe(405)
    expect((await app.call('HEAD', '/v1/orders', { key })).status).toBe(200)
  })

  it('says 503, not 500, while the database is away', async () => {
    const pool = createPool('postgres://nobody@127.0.0.1:1/none')
    const away = createApp({ ...app.deps, pool, log: { info: () => undefined, warn: () => undefined, error: () => undefined } })
    const answer = await away.request('http://hub.test/v1/orders', { headers: { authorization: `Bearer ${key}` } })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await answer.json()).toMatchObject({ code: 'database-unavailable', retryable: true })
    expect((await away.request('http://hub.test/readyz')).status).toBe(503)
    expect((await away.request('http://hub.test/healthz')).status).toBe(200)
    await pool.end()
  })
})

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    const texts = ['{"a":[1,-2.5e3,true,false,null,"x\\n\\u00e9 \\"q\\" 😀"],"b":{}}', '[]', '"x"', ' [ 1 , 2 ] ', '0', '-0.5', '"\\ud83d\\ude00"']
    for (const text of texts) expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  it('refuses what JSON.parse refuses', () => {
    for (const text of ['{', '[1,]', '{"a":1,}', '01', '1.', '.5', '+1', "'a'", '"\n"', '"\\x"', '{"a" 1}', 'tru', '', '[1 2]', '{a:1}'])
      expect(() => parseStrictJson(text)).toThrow()
  })
})
