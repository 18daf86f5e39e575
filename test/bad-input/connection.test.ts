import { type Server, createServer } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createChannels } from '../../src/activities/connection-call.ts'
import { addressCheck } from '../../src/app/address-check.ts'
import { createControl } from '../../src/app/control.ts'
import { createApp } from '../../src/http/app.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'
import { openSecrets } from '../../src/store/connection-secrets.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from '../http/hub-app.ts'
import { type Refusal, expectRefusal } from './problem.ts'
import { stateOf } from './state.ts'

let app: HubApp
let hub: ReturnType<typeof createApp>
let key: string
/** Something that listens inside the network: nothing may ever reach it. */
let inside: Server
let reached = 0
let port = 0
let closeChannels: () => void

beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  inside = createServer((_request, response) => {
    reached += 1
    response.end('{"secret":"of the inside"}')
  })
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  const address = inside.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  const channels = createChannels({ pool: app.hub.pool, box: app.hub.box, registry, now: () => new Date(), allowPrivate: [] })
  closeChannels = () => channels.close()
  const idle = async (): Promise<void> => undefined
  const workflows = { ensure: idle, wakePull: idle, wakePush: idle, startJob: idle, cancelJob: idle }
  const control = createControl({ ...app.hub, mappings, registry, channels, workflows, allowPrivate: [] })
  hub = createApp({ ...app.deps, control, refusesAddress: addressCheck([]) })
})
afterAll(async () => {
  closeChannels()
  inside.closeAllConnections()
  inside.close()
  await app.close()
})
afterEach(() => {
  if (reached > 0) throw new Error('Something inside the network was reached.')
})

const secrets = { consumerKey: 'ck_1234567890abcdef1234', consumerSecret: 'cs_abcdefabcdefabcdefWXYZ' }
const shop = { channel: 'woocommerce', name: 'Shop', config: { url: 'https://shop.example' }, secrets, timezone: 'UTC', currency: 'EUR' }

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await hub.request(`${ORIGIN}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) }
}
const INVALID: Refusal = { status: 400, code: 'input-invalid' }

/** Adding and trying a connection with these settings are both refused, and nothing is stored. */
async function expectRefused(overs: readonly object[], refusal: Refusal = INVALID, paths: readonly string[] = ['/v1/connections']): Promise<void> {
  const before = await stateOf(app.hub.pool)
  for (const over of overs)
    for (const path of paths) expectRefusal(await send('POST', path, path.endsWith('check') ? tried(over) : { ...shop, ...over }), refusal)
  expect(await stateOf(app.hub.pool)).toEqual(before)
}
const tried = (over: object): object => {
  const { name: _name, ...rest } = { ...shop, ...over }
  return rest
}
const urls = (texts: readonly string[]): readonly object[] => texts.map((url) => ({ config: { url } }))
const add = async (over: object = {}): Promise<Answer> => send('POST', '/v1/connections', { ...shop, ...over })

describe('connections that cannot be', () => {
  it('B-C 83 addresses inside the network, in every spelling', async () => {
    const hosts = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `2130706433:${port}`,
      `0x7f000001:${port}`,
      `0177.0.0.1:${port}`,
      `127.1:${port}`,
      `[::1]:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      `[::]:${port}`,
      '169.254.169.254',
      '100.100.100.200',
      '[64:ff9b::7f00:1]',
      '[fd00::1]',
      `①②⑦.0.0.1:${port}`,
      `127.0.0.1.:${port}`,
      `localhost.:${port}`,
      '10.1.2.3',
      '192.168.0.1',
      '172.20.0.1',
    ]
    await expectRefused(urls(hosts.map((host) => `http://${host}/`)), { ...INVALID, pointer: '/config/url' }, [
      '/v1/connections',
      '/v1/connections/check',
    ])
    await expectRefused(
      urls(hosts.map((host) => `http://${host}/`)).map((over) => ({
        ...over,
        channel: 'vendure',
        secrets: { username: 'u', password: 'p', apiKey: 'k' },
      })),
      { ...INVALID, pointer: '/config/url' },
    )
  })

  it('B-C 84 a redirect to the inside is not followed', async () => {
    const redirecting = createServer((_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end())
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve))
    const address = redirecting.address()
    const outer = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
    const channels = createChannels({ pool: app.hub.pool, box: app.hub.box, registry, now: () => new Date(), allowPrivate: [outer] })
    const trial = channels.openTrial(
      { connectionId: 'trial', channel: 'woocommerce', config: { url: `http://${outer}`, auth: 'basic' }, secrets, timezone: 'UTC', currency: 'EUR' },
      new AbortController().signal,
    )
    const outcome = await trial.connector.check(trial.call).catch((error: unknown) => error)
    expect(outcome instanceof ChannelError ? outcome.fault.kind : outcome).toEqual(
      outcome instanceof ChannelError ? 'misconfigured' : expect.arrayContaining([expect.objectContaining({ ok: false })]),
    )
    channels.close()
    redirecting.close()
  })

  it('B-C 85 a name that resolves to the outside first and to the inside when it is called', async () => {
    let asked = 0
    const rebinding: LookupFunction = (_host, options, answer) => {
      asked += 1
      if (options.all === true) answer(null, [{ address: '127.0.0.1', family: 4 }])
      else answer(null, '127.0.0.1', 4)
    }
    const { woocommerce } = Object.fromEntries(registry)
    if (woocommerce === undefined) throw new Error('the registry has no WooCommerce')
    const url = `http://rebound.example:${port}/`
    expect(addressCheck([])(url)).toBeUndefined()
    const http = createHttp({
      connector: woocommerce,
      connectionId: 'c',
      hosts: [url],
      limiter: memoryLimiter(() => 0),
      allowPrivate: [],
      now: () => new Date(),
      signal: new AbortController().signal,
      agentOptions: { lookup: rebinding },
    })
    const fault = await http({ method: 'GET', url, timeoutMs: 2000 }).catch((error: unknown) => (error instanceof ChannelError ? error.fault : error))
    expect(fault).toMatchObject({ kind: 'misconfigured', code: 'private-address' })
    expect(asked).toBeGreaterThan(0)
  })

  it('B-C 86 other protocols, a user name in the address, line breaks, ports of databases', async () => {
    await expectRefused(
      urls([
        'file:///etc/passwd',
        'gopher://shop.example/',
        'ftp://shop.example/',
        'javascript:alert(1)',
        'https://user:pass@shop.example/',
        'https://shop.example\r\nX-Injected: 1',
        'https://shop.example\\@127.0.0.1/',
        'https://shop.example:22/',
        'https://shop.example:5432/',
        'https://',
        'shop.example',
        '',
      ]),
      { ...INVALID, pointer: '/config/url' },
      ['/v1/connections', '/v1/connections/check'],
    )
  })

  it('B-C 87 a credential pasted with blanks and line breaks is stored without them', async () => {
    const made = await add({
      name: 'pasted',
      config: { url: 'https://pasted.example' },
      secrets: { consumerKey: ' \tck_pasted_1234567\r\n', consumerSecret: '\n cs_pasted_7654321 ' },
    })
    expect(made.status).toBe(201)
    const { rows } = await app.hub.pool.query('select secrets from connections where id = $1', [made.json.id])
    expect(openSecrets(app.hub.box, made.json.id, rows[0].secrets)).toEqual({ consumerKey: 'ck_pasted_1234567', consumerSecret: 'cs_pasted_7654321' })
    for (const blank of ['', ' \r\n'])
      await expectRefused([{ secrets: { ...secrets, consumerSecret: blank } }], { ...INVALID, pointer: '/secrets/consumerSecret' })
  })

  it('B-C 88 a hint that came back never stands for the credential', async () => {
    const made = await add({ name: 'hinted', config: { url: 'https://hinted.example' } })
    for (const echoed of [made.json.secrets_hint, { consumerKey: '****', consumerSecret: '••••' }, { consumerKey: '', consumerSecret: null }]) {
      expect((await send('PATCH', `/v1/connections/${made.json.id}`, { secrets: echoed })).status).toBe(200)
      const { rows } = await app.hub.pool.query('select secrets from connections where id = $1', [made.json.id])
      expect(openSecrets(app.hub.box, made.json.id, rows[0].secrets)).toEqual(secrets)
    }
    await expectRefused(
      [{ secrets: { ...secrets, consumerSecret: made.json.secrets_hint.consumerSecret } }, { secrets: { ...secrets, consumerSecret: '********' } }],
      {
        ...INVALID,
        pointer: '/secrets/consumerSecret',
      },
    )
  })

  it('B-C 89 an address where something else answers (another region, another program): the check says so and stores nothing', async () => {
    const before = await stateOf(app.hub.pool)
    const pages: readonly (readonly [number, string, string])[] = [
      [200, 'text/html', '<!doctype html><title>Welcome</title>'],
      [404, 'application/json', '{"code":"rest_no_route"}'],
      [200, 'application/json', '{"region":"eu","error":"wrong endpoint"}'],
      [302, 'text/plain', ''],
    ]
    for (const [status, type, body] of pages) {
      const other = createServer((_request, response) =>
        response.writeHead(status, { 'content-type': type, ...(status === 302 && { location: 'https://eu.example/' }) }).end(body),
      )
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const address = other.address()
      const at = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
      const channels = createChannels({ pool: app.hub.pool, box: app.hub.box, registry, now: () => new Date(), allowPrivate: [at] })
      const idle = async (): Promise<void> => undefined
      const control = createControl({
        ...app.hub,
        allowPrivate: [],
        mappings,
        registry,
        channels,
        workflows: { ensure: idle, wakePull: idle, wakePush: idle, startJob: idle, cancelJob: idle },
      })
      const report = await control.checkConnection({
        channel: 'woocommerce',
        config: { url: `http://${at}` },
        secrets,
        timezone: 'UTC',
        currency: 'EUR',
      })
      expect([status, type, report.ok, JSON.stringify(report).includes('Welcome')]).toEqual([status, type, false, false])
      channels.close()
      other.close()
    }
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-C 90 polling intervals of nothing and of thirty years', async () => {
    const before = await stateOf(app.hub.pool)
    for (const seconds of [0, -1, 9, 1.5, 86_401, 1_000_000_000, '60', true])
      expectRefusal(await send('PATCH', '/v1/connections/c_plain', { poll_seconds: seconds }), { ...INVALID, pointer: '/poll_seconds' })
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-C 91 time zones nobody knows', async () => {
    await expectRefused(
      ['Mars/Base', 'GMT+25', "UTC'; drop table orders", '../../etc/localtime', 'Europe', 'x'.repeat(60)].map((timezone) => ({ timezone })),
      { status: 400, code: 'timezone-unknown', pointer: '/timezone' },
    )
    await expectRefused([{ timezone: '' }, { timezone: 'UTC\n' }, { timezone: 'x'.repeat(61) }], { ...INVALID, pointer: '/timezone' })
  })

  it('B-C 92 a second connection to the same shop', async () => {
    const made = await add({ name: 'twin', config: { url: 'https://twin.example/shop' } })
    expect(made.status).toBe(201)
    const again = [
      'https://twin.example/shop',
      'https://TWIN.example/shop/',
      'http://www.twin.example/shop',
      'https://twin.example/shop/wp-json/wc/v3',
    ]
    await expectRefused(
      again.map((url) => ({ name: 'twin two', config: { url, pageSize: 50 } })),
      { status: 409, code: 'connection-exists' },
    )
    const moved = await add({ name: 'elsewhere', config: { url: 'https://twin.example/other' } })
    expect(moved.status).toBe(201)
    const before = await stateOf(app.hub.pool)
    expectRefusal(await send('PATCH', `/v1/connections/${moved.json.id}`, { config: { url: again[0] }, secrets }), {
      status: 409,
      code: 'connection-exists',
    })
    const imported = await send('POST', '/v1/connections/import', {
      connections: [{ channel: 'woocommerce', name: 'third', config: { url: again[0] }, timezone: 'UTC', currency: 'EUR' }],
    })
    expect(imported.json.items).toMatchObject([{ result: 'exists', id: null }])
    const { audit_log: _log, ...after } = await stateOf(app.hub.pool)
    const { audit_log: _before, ...was } = before
    expect(after).toEqual(was)
    expect((await send('PATCH', `/v1/connections/${made.json.id}`, { config: { url: again[0], pageSize: 20 } })).status).toBe(200)
  })

  it('B-C 93 a listing bound to a SKU that is not there (there are no chains of mappings, so no cycles)', async () => {
    await app.hub.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title) values ('c_plain', 'L-1', 'A', 'A')`)
    const before = await stateOf(app.hub.pool)
    expectRefusal(await send('POST', '/v1/listings/bind', [{ connection: 'c_plain', listing_key: 'L-1', sku: 'DELETED' }]), {
      status: 422,
      code: 'sku-unknown',
    })
    expectRefusal(await send('POST', '/v1/listings/bind', [{ connection: 'c_plain', listing_key: 'L-2', sku: null }]), {
      status: 422,
      code: 'listing-unknown',
    })
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-C 94 names with markup, and names that turn the line round', async () => {
    const names = [
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      'Shop \u202egnp.exe',
      '\u2067Shop',
      'Shop\u0007',
      'Shop\nSecond line',
      ' ',
    ]
    await expectRefused(
      names.map((name) => ({ name })),
      { ...INVALID, pointer: '/name' },
    )
    const before = await stateOf(app.hub.pool)
    for (const name of names)
      expectRefusal(await send('PATCH', '/v1/connections/c_plain', { name }), { status: 400, code: 'input-invalid', pointer: '/name' })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    expect((await add({ name: 'متجر 商店 Café & Söhne', config: { url: 'https://names.example' } })).status).toBe(201)
  })

  it('B-C 95 ten thousand connections at once are refused; a hub that has them goes on answering', async () => {
    const portable = { channel: 'woocommerce', config: {}, timezone: 'UTC', currency: 'EUR' }
    const before = await stateOf(app.hub.pool)
    const bundle = { connections: Array.from({ length: 10_000 }, (_, i) => ({ ...portable, name: `n${i}` })) }
    expectRefusal(await send('POST', '/v1/connections/import', bundle), { ...INVALID, pointer: '/connections' })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    await app.hub.pool.query(
      `insert into connections (id, channel, name, config) select 'c_many' || i, 'woocommerce', 'many ' || i, json_build_object('url', 'https://many' || i || '.example') from generate_series(1, 10000) i`,
    )
    const listed = await send('GET', '/v1/connections')
    expect([listed.status, listed.json.items.length > 10_000]).toEqual([200, true])
    expect((await send('GET', '/v1/overview')).json.counts.connections).toBeGreaterThan(10_000)
    expect((await add({ name: 'one more', config: { url: 'https://one-more.example' } })).status).toBe(201)
    expectRefusal(await add({ name: 'yet another', config: { url: 'https://many7777.example' } }), { status: 409, code: 'connection-exists' })
  })
})
