import { describe, expect, it } from 'vitest'
import { amazon } from '../../../connectors/amazon/index.ts'
import { ebay } from '../../../connectors/ebay/index.ts'
import { rest } from '../../../connectors/rest/index.ts'
import type { AnyConnector, Call, HttpRequest } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../../src/kit/call.ts'

interface Door {
  readonly call: Call<never, never>
  /** Paths and credentials of the calls, in their order. */
  readonly asked: { readonly path: string; readonly authorization: string }[]
}

/** A channel of prepared answers; what its classify reads as a fault is thrown as one, as the hub's client does. */
function door(connector: AnyConnector, settings: object, secrets: object, answer: (path: string, nth: number) => string): Door {
  const asked: { readonly path: string; readonly authorization: string }[] = []
  const http = (request: HttpRequest) => {
    const signed = request.sign?.({ method: request.method, url: request.url, body: request.body ?? '' })
    const url = new URL(signed?.url ?? request.url)
    asked.push({ path: url.pathname, authorization: signed?.headers?.['authorization'] ?? '' })
    const body = answer(url.pathname, asked.length)
    const fault = connector.classify?.(200, body, {})
    return fault ? Promise.reject(new ChannelError(fault)) : Promise.resolve({ status: 200, headers: {}, body })
  }
  const call = createCall({
    connector,
    connectionId: 'c_1',
    config: settings,
    secrets,
    http: http as never,
    tokens: memoryTokens({ token: 'old' }),
    now: () => new Date('2026-11-22T04:00:00Z'),
    signal: new AbortController().signal,
  })
  return { call: call as never, asked }
}

const level = { key: 'k', ids: { item: '1', offer: '9', sku: 'S', network: 'DEFAULT' }, sku: 'S', quantity: 0, idempotencyKey: 'i' }
const app = { clientId: 'a', clientSecret: 'b', refreshToken: 'r' }

describe('a level whose answer is lost', () => {
  it.each([
    ['eBay', ebay, {}, '{"responses":[{"sku":"S","statusCode":}]}'],
    ['Amazon', amazon, { region: 'eu', sellerId: 'A1SELLER1234', marketplaceIds: 'A1PA6795UKMFR9' }, '{"status":,"sku":"S"}'],
  ] as const)('behind JSON that cannot be read is in doubt at %s', async (_, connector, settings, text) => {
    const { call } = door(connector, settings, app, () => text)
    expect(await connector.pushInventory(call, [level])).toMatchObject([{ key: 'k', status: 'unknown', fault: { kind: 'in-doubt' } }])
  })

  it('behind an accident of eBay’s own is in doubt, and not refused', async () => {
    const text = '{"responses":[{"sku":"S","offerId":"9","statusCode":500,"errors":[{"errorId":25001}]}]}'
    const { call } = door(ebay, {}, app, () => text)
    expect(await ebay.pushInventory(call, [level])).toMatchObject([{ key: 'k', status: 'unknown', fault: { kind: 'in-doubt', code: '25001' } }])
  })
})

const settings = {
  url: 'https://shop.example/api/v1',
  pageSize: 2,
  auth: { type: 'oauth2', path: 'token' },
  errors: { code: '/error', inBody: true, kinds: { EXPIRED: 'unauthorized' } },
  orders: {
    path: 'orders',
    query: { since: '{from}', until: '{to}', page: '{page}' },
    items: '/data',
    paging: { by: 'page' },
    id: '/id',
    changed: ['/changed'],
    detail: { path: 'orders/{id}' },
  },
  listings: {
    path: 'goods',
    query: { page: '{page}' },
    items: '/data',
    paging: { by: 'page' },
    ids: { good: '/id', kind: '/kind' },
    sku: '/sku',
    title: '/sku',
  },
  stock: {
    write: [
      {
        path: 'goods/{good}/stock/{kind}',
        body: { left: '{quantity:number}' },
        answer: { items: '/data', id: '/id', item: 'good', quantity: '/left' },
      },
    ],
    read: [{ path: 'goods/{good}', items: '', item: 'good', id: '/id', quantity: '/left' }],
  },
  mapping: {
    lines: '/lines',
    status: '/status',
    statuses: { NEW: 'to_ship' },
    order: { placedAt: { columns: ['/created'] }, total: { columns: ['/total'] }, currency: { const: 'EUR' } },
    line: { channelSku: { columns: ['./sku'] }, quantity: { columns: ['./qty'] }, gross: { columns: ['./sum'] } },
  },
}
const own = { clientId: 'me', clientSecret: 's' }
const good = { key: 'k', ids: { good: '7', kind: 'a' }, sku: 'S' }

describe('a channel described by settings', () => {
  it('renews a token that an answer under 200 calls ended', async () => {
    const { call, asked } = door(rest, settings, own, (path, nth) =>
      path.endsWith('/token') ? '{"access_token":"new"}' : nth === 1 ? '{"error":"EXPIRED"}' : '{"id":"5","changed":"2026-11-22T01:00:00Z"}',
    )
    expect((await rest.fetchOrder(call, ['5'])).map(({ externalId }) => externalId)).toEqual(['5'])
    expect(asked.map(({ path }) => path)).toEqual(['/api/v1/orders/5', '/api/v1/token', '/api/v1/orders/5'])
    expect(asked.at(-1)?.authorization).toBe('Bearer new')
  })

  it('is not asked above its base address, nor at the address of a whole list', async () => {
    const { call, asked } = door(rest, settings, own, () => '{}')
    expect(await rest.fetchOrder(call, ['..', '.', ''])).toEqual([])
    expect(await rest.findOrders(call, '..')).toEqual([])
    const writes = [{ good: '..', kind: 'a' }, { good: '7' }].map((ids, i) => ({ key: `k${i}`, ids, sku: 'S', quantity: 1, idempotencyKey: `i${i}` }))
    expect((await rest.pushInventory(call, writes)).map((each) => ('fault' in each ? each.fault.code : each.status))).toEqual([
      'listing-ids',
      'listing-ids',
    ])
    expect(await rest.readInventory(call, [{ ...good, ids: { good: '..' } }])).toEqual([{ key: 'k', quantity: undefined }])
    expect(asked).toEqual([])
  })

  it('shows no level where the text of one is empty: that is not zero', async () => {
    const { call } = door(rest, settings, own, (path) => (path.includes('/stock') ? '{"data":[{"id":"7","left":""}]}' : '{"id":"7","left":""}'))
    expect(await rest.readInventory(call, [good])).toEqual([{ key: 'k', quantity: undefined }])
    expect(await rest.pushInventory(call, [{ ...good, quantity: 0, idempotencyKey: 'i' }])).toMatchObject([{ key: 'k', status: 'unknown' }])
  })

  it('ends when a list of goods is the same page for ever', async () => {
    const { call, asked } = door(rest, settings, own, (_, nth) => (nth > 20 ? '{"data":[]}' : '{"data":[{"id":"1","sku":"A"},{"id":"2","sku":"B"}]}'))
    const read = async (): Promise<void> => {
      for await (const page of rest.pullListings(call, undefined)) expect(page.listings).toHaveLength(2)
    }
    await expect(read()).rejects.toMatchObject({ fault: { kind: 'unreadable', code: 'page-repeated' } })
    expect(asked).toHaveLength(2)
  })

  it('knows no meaning of an error code that only every object has', async () => {
    const { call } = door(rest, settings, own, () => '{"error":"constructor"}')
    await expect(rest.fetchOrder(call, ['5'])).rejects.toMatchObject({ fault: { kind: 'refused', code: 'constructor' } })
  })
})
