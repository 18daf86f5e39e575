import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { rest } from '../../connectors/rest/index.ts'
import { manifest, type RestCall } from '../../connectors/rest/manifest.ts'
import { rest as mapping } from '../../mappings/rest.ts'
import type { Inbound, Page, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

const START = Date.parse('2026-11-20T08:00:00Z')
const WINDOW = { from: '2026-11-20T07:00:00Z', to: '2026-11-20T12:00:00Z' }

interface Sold {
  readonly no: string
  at: number
}

/** A small shop of somebody's own: one list in every way of paging, tokens that die, and one call for packages. */
interface Shop {
  readonly url: string
  readonly orders: Sold[]
  readonly bought: string[]
  readonly told: unknown[]
  /** Runs before every list. */
  between: () => void
  stop(): Promise<void>
}

const open: Shop[] = []
afterEach(async () => {
  for (const shop of open.splice(0)) await shop.stop()
})

const documentOf = ({ no, at }: Sold) => ({
  nr: no,
  status: 'NEW',
  created: Math.floor(START / 1000),
  changed: Math.floor(at / 1000),
  total: '30.00',
  items: [{ pos: 1, art: 'A-1', text: 'Mug', qty: 3, sum: '30.00' }],
})

async function openShop(count: number): Promise<Shop> {
  const orders = Array.from({ length: count }, (_, i) => ({ no: `N${100 + i}`, at: START + i * 1000 }))
  const [bought, told]: [string[], unknown[]] = [[], []]
  const shop = { orders, bought, told, between: () => undefined as void }
  const answer = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://shop')
      if (url.pathname === '/api/token') {
        const id = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()
        if (id !== 'me:secret-1' || !body.includes('grant_type=client_credentials')) return answer(response, 401, { error: 'invalid_client' })
        bought.push(`t${bought.length + 1}`)
        return answer(response, 200, { access_token: bought.at(-1), token_type: 'Bearer', expires_in: 3600 })
      }
      const isKnown =
        request.headers.authorization === `Bearer ${bought.at(-1) ?? ''}` ||
        request.headers['x-key'] === 'k-1' ||
        url.searchParams.get('key') === 'k-1'
      if (!isKnown) return answer(response, 401, { error: { code: 'TOKEN_EXPIRED' } })
      const one = /^\/api\/orders\/(\w+)$/.exec(url.pathname)
      if (one) {
        const found = orders.find(({ no }) => no === one[1])
        return found ? answer(response, 200, { data: documentOf(found) }) : answer(response, 200, { error: { code: 'NO_ORDER' } })
      }
      const shipped = /^\/api\/orders\/(\w+)\/packages$/.exec(url.pathname)
      if (shipped && request.method === 'POST') {
        told.push(JSON.parse(body))
        return answer(response, 200, { ok: true })
      }
      if (shipped) return answer(response, 200, { packages: told.map((each, i) => ({ id: i + 1, nr: Object(each)['number'] })) })
      shop.between()
      return list(url, response)
    })
  })
  const list = (url: URL, response: ServerResponse) => {
    const [from, to] = [Number(url.searchParams.get('since')), Number(url.searchParams.get('until'))]
    const found = orders.filter(({ at }) => at / 1000 >= from && at / 1000 <= to).sort((a, b) => a.at - b.at)
    const size = Number(url.searchParams.get('size'))
    const cursor = url.searchParams.get('after')
    const start = url.searchParams.has('offset')
      ? Number(url.searchParams.get('offset'))
      : cursor
        ? Number(cursor.slice(1))
        : Number(url.searchParams.get('page') ?? '0') * size
    const more = start + size < found.length
    const next = new URL(url)
    next.searchParams.set('after', `c${start + size}`)
    const headers = more ? { link: `<${next.pathname}${next.search}>; rel="next", </api/orders>; rel="first"` } : {}
    return answer(
      response,
      200,
      { data: found.slice(start, start + size).map(documentOf), next: more ? `c${start + size}` : null, total: found.length },
      headers,
    )
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/api`
  const made: Shop = Object.assign(shop, {
    url,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  open.push(made)
  return made
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts).toString('utf8')
}

/** How a stranger would write that shop down. */
const settingsOf = (url: string, change: Readonly<Record<string, unknown>> = {}) => ({
  url,
  pageSize: 10,
  auth: { type: 'oauth2', path: 'token' },
  errors: { code: '/error/code', inBody: true, kinds: { NO_ORDER: 'missing' } },
  orders: ordersBy({ by: 'page', first: 0 }, { page: '{page}' }),
  shipping: {
    path: 'orders/{orderId}/packages',
    body: { number: '{trackingNo}', by: '{carrier}' },
    partial: false,
    carriers: { SF: 'SFEX' },
    read: { path: 'orders/{orderId}/packages', items: '/packages', id: '/id', trackingNo: '/nr' },
  },
  mapping: {
    lines: '/items',
    status: '/status',
    statuses: { NEW: 'to_ship' },
    timezone: 'UTC',
    order: {
      placedAt: { columns: ['/created'], convert: [{ op: 'date', formats: ['unix-seconds'] }] },
      total: { columns: ['/total'] },
      currency: { const: 'EUR' },
    },
    line: {
      channelLineNo: { columns: ['./pos'] },
      channelSku: { columns: ['./art'] },
      title: { columns: ['./text'] },
      quantity: { columns: ['./qty'] },
      gross: { columns: ['./sum'] },
    },
  },
  ...change,
})

const ordersBy = (paging: Readonly<Record<string, unknown>>, query: Readonly<Record<string, string>>) => ({
  path: 'orders',
  query: { since: '{from}', until: '{to}', size: '{limit}', ...query },
  items: '/data',
  paging,
  count: { pointer: '/total' },
  id: '/nr',
  changed: ['/changed'],
  clock: { format: 'seconds' },
  window: { clock: { format: 'seconds' }, to: 'inclusive' },
  detail: { path: 'orders/{id}', item: '/data' },
})

function callOf(
  config: { readonly url: string },
  secrets: Readonly<Record<string, string>> = { clientId: 'me', clientSecret: 'secret-1' },
): RestCall {
  const signal = new AbortController().signal
  const now = (): Date => new Date(START)
  const http = createHttp({
    connector: { manifest: { ...manifest, limits: [] }, classify: rest.classify! },
    connectionId: 'c_9',
    hosts: [config.url],
    limiter: memoryLimiter(Date.now),
    allowPrivate: [new URL(config.url).host],
    now,
    signal,
  })
  return createCall({ connector: rest as never, connectionId: 'c_9', config, secrets, http, tokens: memoryTokens(), now, signal }) as RestCall
}

async function pull(call: RestCall): Promise<readonly Page[]> {
  const pages: Page[] = []
  for await (const page of rest.pullOrders(call, { stream: 'orders', window: WINDOW })) pages.push(page)
  return pages
}
const ids = (records: readonly RawRecord[]): readonly string[] => [...new Set(records.map(({ externalId }) => externalId))].sort()

const WAYS = {
  page: ordersBy({ by: 'page', first: 0 }, { page: '{page}' }),
  offset: ordersBy({ by: 'offset' }, { offset: '{offset}' }),
  cursor: ordersBy({ by: 'cursor', next: '/next' }, { after: '{cursor}' }),
  link: ordersBy({ by: 'link' }, {}),
  changed: ordersBy({ by: 'changed', first: 0 }, { page: '{page}' }),
} as const

describe('a channel described by settings', () => {
  it.each(Object.entries(WAYS))('is read whole when it pages by %s, from any page on', async (_, orders) => {
    const shop = await openShop(37)
    const call = callOf(settingsOf(shop.url, { orders }))
    const pages = await pull(call)
    const all = shop.orders.map(({ no }) => no)
    expect(ids(pages.flatMap(({ records }) => records))).toEqual(all)
    expect(pages.length).toBeGreaterThan(3)
    for (const [i, page] of pages.entries()) {
      if (page.cursor === null) continue
      const rest_: RawRecord[] = []
      for await (const later of rest.pullOrders(call, { stream: 'orders', window: WINDOW, after: page.cursor })) rest_.push(...later.records)
      expect(ids([...pages.slice(0, i + 1).flatMap(({ records }) => records), ...rest_])).toEqual(all)
    }
    expect(shop.bought).toHaveLength(1)
  })

  it.each(['page', 'changed'] as const)('hides no order behind those that leave the window while it is paged by %s', async (way) => {
    const shop = await openShop(37)
    let left = 3
    shop.between = () => {
      // Changed long after the window: out of sight, and everybody behind moves forward.
      if (left-- > 0) shop.orders[left]!.at = Date.parse('2026-11-21T00:00:00Z')
    }
    const found = ids((await pull(callOf(settingsOf(shop.url, { orders: WAYS[way] })))).flatMap(({ records }) => records))
    expect(shop.orders.filter(({ no, at }) => at < Date.parse(WINDOW.to) && !found.includes(no))).toEqual([])
  })

  it('buys a token anew, once, when the one it has is refused, and says so when the client is', async () => {
    const shop = await openShop(3)
    const call = callOf(settingsOf(shop.url))
    await pull(call)
    shop.bought.push('somebody-else')
    expect(ids(await rest.fetchOrder(call, ['N100', 'N999']))).toEqual(['N100'])
    expect(shop.bought).toHaveLength(3)
    const wrong = callOf(settingsOf(shop.url), { clientId: 'me', clientSecret: 'no' })
    await expect(pull(wrong)).rejects.toMatchObject({ fault: { kind: 'unauthorized', code: 'invalid_client' } })
  })

  it.each([
    [{ type: 'header', name: 'X-Key' }, 'header'],
    [{ type: 'query', name: 'key' }, 'query'],
  ])('signs in by %j', async (auth) => {
    const shop = await openShop(12)
    expect(await pull(callOf(settingsOf(shop.url, { auth, orders: WAYS.link }), { token: 'k-1' }))).toHaveLength(2)
    await expect(pull(callOf(settingsOf(shop.url, { auth }), { token: 'k-2' }))).rejects.toMatchObject({ fault: { kind: 'unauthorized' } })
    await expect(pull(callOf(settingsOf(shop.url, { auth }), {}))).rejects.toMatchObject({
      fault: { kind: 'misconfigured', code: 'credential-missing' },
    })
  })

  it('maps its documents by pointers and its statuses by the table', async () => {
    const shop = await openShop(1)
    const config = manifest.config.parse(settingsOf(shop.url))
    const context = { connectionId: 'c_9', timezone: 'UTC', currency: 'EUR', config: { ...config } }
    const [record] = await rest.fetchOrder(callOf(settingsOf(shop.url)), ['N100'])
    expect(mapping.map({ kind: 'order', externalId: 'N100', doc: record?.doc }, context)).toMatchObject({
      kind: 'order',
      order: {
        payment: 'paid',
        placedAt: '2026-11-20T08:00:00Z',
        totals: { total: { minor: 3000, currency: 'EUR' } },
        lines: [{ channelLineNo: '1', channelSku: 'A-1', quantity: '3', net: { minor: 3000 } }],
      },
    })
  })

  it('takes a sale that hands over an order placed elsewhere for that, once it is done there', async () => {
    const { mapping: usual } = settingsOf('http://127.0.0.1')
    const order = { ...usual.order, pickupOf: { columns: ['/collects'] } }
    const config = manifest.config.parse(
      settingsOf('http://127.0.0.1', { mapping: { ...usual, statuses: { NEW: 'to_ship', DONE: 'completed', VOID: 'cancelled' }, order } }),
    )
    const context = { connectionId: 'c_9', timezone: 'UTC', currency: 'EUR', config: { ...config } }
    const ruleOf = (change: object): string => {
      const mapped = mapping.map({ kind: 'order', externalId: 'N1', doc: { ...documentOf({ no: 'N1', at: START }), ...change } }, context)
      return mapped.kind === 'ignore' ? mapped.rule : mapped.kind
    }
    expect(ruleOf({ status: 'DONE', collects: '001001' })).toBe('collected:001001')
    expect(ruleOf({ status: 'NEW', collects: '001001' })).toBe('pickup-not-yet')
    expect(ruleOf({ status: 'VOID', collects: '001001' })).toBe('pickup-cancelled')
    expect(ruleOf({ status: 'DONE' })).toBe('order')
  })

  it('tells of goods that were collected by a call of its own, with the last piece where it names no lines', async () => {
    const shop = await openShop(1)
    const { shipping } = settingsOf(shop.url)
    const collected = { method: 'POST', path: 'orders/{orderId}/packages', body: { collected: '{package}' } }
    const call = callOf(
      settingsOf(shop.url, {
        shipping: { ...shipping, partial: true, body: { ...shipping.body, all: { $each: 'lines', line: '{line}' } }, collected },
      }),
    )
    const parcel = {
      key: 'pickup/T1',
      channelOrderNo: 'N100',
      orderId: 'N100',
      carrier: { code: 'PICKUP', name: 'Collected by the buyer' },
      trackingNo: '',
      lines: [{ channelLineNo: '1', quantity: 1 }],
      shippedAt: '2026-11-20T09:00:00Z',
      idempotencyKey: 'k',
      notifyBuyer: false,
    }
    expect(await rest.pushShipment(call, { ...parcel, last: false })).toMatchObject({ status: 'unchanged' })
    expect(shop.told).toEqual([])
    expect(await rest.pushShipment(call, { ...parcel, last: true })).toMatchObject({ status: 'applied' })
    expect(shop.told).toEqual([{ collected: 'pickup/T1' }])
    expect(await rest.pushShipment(callOf(settingsOf(shop.url)), { ...parcel, last: true })).toMatchObject({
      status: 'refused',
      fault: { code: 'no-pickup' },
    })
  })

  it('sends a package once, under its own word for the carrier, and refuses parts where the channel takes none', async () => {
    const shop = await openShop(1)
    const call = callOf(settingsOf(shop.url))
    const whole = {
      key: 'p1',
      channelOrderNo: 'N100',
      orderId: 'N100',
      carrier: { code: 'SF', name: 'SF Express' },
      trackingNo: 'SF1',
      lines: [{ channelLineNo: '1', quantity: 3 }],
      last: true,
      shippedAt: '2026-11-20T09:00:00Z',
      idempotencyKey: 'k',
      notifyBuyer: false,
    }
    expect(await rest.pushShipment(call, { ...whole, last: false })).toMatchObject({ status: 'refused', fault: { code: 'whole-orders-only' } })
    expect(await rest.pushShipment(call, { ...whole, carrier: { code: 'XX', name: 'X' } })).toMatchObject({
      status: 'refused',
      fault: { code: 'carrier-unknown' },
    })
    expect(await rest.pushShipment(call, whole)).toMatchObject({ status: 'applied' })
    expect(await rest.pushShipment(call, whole)).toMatchObject({ status: 'unchanged' })
    expect(shop.told).toEqual([{ number: 'SF1', by: 'SFEX' }])
  })

  it('takes deliveries signed by the header, algorithm and form it describes, and nothing else', () => {
    const webhook = { signature: { header: 'X-Sign', algorithm: 'hmac-sha1', encoding: 'hex', prefix: 'sha1=' }, idHeader: 'X-Id', id: '/order/nr' }
    const config = manifest.config.parse(settingsOf('https://shop.example', { webhook }))
    const body = Buffer.from('{"order":{"nr":"N7"}}')
    const sign = (key: string): string => `sha1=${createHmac('sha1', key).update(body).digest('hex')}`
    const inbound = (signature: string): Inbound => ({
      method: 'POST',
      url: 'https://hub.example/h',
      headers: { 'x-sign': signature, 'x-id': 'd-1' },
      query: {},
      body,
    })
    const delivery = rest.verifyWebhook(inbound(sign('s3')), { webhookSecret: 's3' }, new Date(START), config)
    expect(delivery.deliveryId).toBe('d-1')
    expect(rest.readWebhook(body.toString(), delivery.meta)).toEqual({ records: [], fetch: [{ kind: 'order', externalId: 'N7' }] })
    for (const bad of [sign('s4'), sign('s3').slice(5), ''])
      expect(() => rest.verifyWebhook(inbound(bad), { webhookSecret: 's3' }, new Date(START), config)).toThrow(ChannelError)
    expect(() => rest.verifyWebhook(inbound(sign('s3')), { webhookSecret: 's3' }, new Date(START))).toThrow(ChannelError)
  })
})

describe('the settings', () => {
  const issues = (change: Readonly<Record<string, unknown>>): readonly string[] => {
    const result = manifest.config.safeParse(settingsOf('https://shop.example', change))
    return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
  }
  const base = settingsOf('https://shop.example')

  it.each([
    [
      'a placeholder nobody fills',
      { orders: { ...base.orders, query: { ...base.orders.query, x: '{seite}' } } },
      /orders\/query: \{seite\} is not known here/,
    ],
    ['a window nobody asks for', { orders: { ...base.orders, query: { page: '{page}' } } }, /orders\/query: Nothing asks for \{from\}/],
    ['paging without its parameter', { orders: { ...base.orders, paging: { by: 'cursor', next: '/next' } } }, /Nothing asks for \{cursor\}/],
    ['a detail without its id', { orders: { ...base.orders, detail: { path: 'orders' } } }, /orders\/detail\/path: Say where the id goes/],
    ['a path out of the base', { orders: { ...base.orders, path: '../admin' } }, /orders\/path/],
    [
      'a column that is no pointer',
      { mapping: { ...base.mapping, line: { ...base.mapping.line, title: { columns: ['text'] } } } },
      /mapping\/line\/title: "text" is no pointer/,
    ],
    ['an order without its time', { mapping: { ...base.mapping, order: {} } }, /mapping\/order\/placedAt: Say where the order time comes from/],
    ['a status that means nothing', { mapping: { ...base.mapping, statuses: { NEW: 'fresh' } } }, /mapping\/statuses\/NEW/],
    ['stock without listings', { stock: { write: [{ path: 'stock', body: {} }] } }, /listings: Stock is written to listings/],
    ['parts without their lines', { shipping: { ...base.shipping, partial: true } }, /shipping\/body: Parts of an order need their lines/],
    ['credentials in clear', { url: 'http://shop.example' }, /url: Credentials would travel in clear/],
    ['personal data in the open', { mapping: { ...base.mapping, extra: { mail: { columns: ['/buyer/email'] } } } }, /holds personal data/],
  ])('refuse %s and name the place', (_, change, wanted) => {
    expect(issues(change).join('\n')).toMatch(wanted)
  })

  it('of WooCommerce written as data are sound, and are what the recorded documents are mapped by', () => {
    const read = (path: string): Record<string, unknown> =>
      JSON.parse(readFileSync(new URL(`../../connectors/rest/${path}`, import.meta.url), 'utf8')) as Record<string, unknown>
    const example = read('examples/woocommerce.json')
    expect(manifest.config.safeParse(example).error?.issues).toBeUndefined()
    expect(read('fixtures/context.json')['config']).toEqual({ mapping: example['mapping'] })
  })
})
