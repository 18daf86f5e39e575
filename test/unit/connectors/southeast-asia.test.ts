import { describe, expect, it } from 'vitest'
import { lazada } from '../../../connectors/lazada/index.ts'
import { shopee } from '../../../connectors/shopee/index.ts'
import { tiktokShop } from '../../../connectors/tiktok-shop/index.ts'
import type { AnyConnector, HttpRequest, Outcome } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../../src/kit/call.ts'
import { faultOfWrite } from '../../../src/kit/http-faults.ts'

interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}
interface Answered {
  readonly status?: number
  readonly doc: unknown
}
const SETTINGS = {
  shopee: {
    connector: shopee,
    config: { partnerId: '1', shopId: '2' },
    secrets: { partnerKey: 'k', refreshToken: 'r' },
  },
  lazada: {
    connector: lazada,
    config: { country: 'sg', sellerId: '9' },
    secrets: { appKey: 'a', appSecret: 'b', accessToken: 'c' },
  },
  tiktok: {
    connector: tiktokShop,
    config: { shopCipher: 'c', shopId: '2' },
    secrets: { appKey: 'a', appSecret: 'b', refreshToken: 'r' },
  },
} as const

/** A channel of prepared answers, read as the hub's client reads them. */
function door(channel: keyof typeof SETTINGS, answer: (asked: Asked, nth: number) => Answered, config: object = {}) {
  const given = SETTINGS[channel]
  const connector: AnyConnector = given.connector as never
  const asked: Asked[] = []
  const http = (request: HttpRequest) => {
    const signed = request.sign?.({ method: request.method, url: request.url, body: request.body ?? '' })
    const url = new URL(signed?.url ?? request.url)
    const now = { path: url.pathname, query: url.searchParams, body: signed?.body ?? request.body ?? '' }
    asked.push(now)
    const { status = 200, doc } = answer(now, asked.length)
    const body = JSON.stringify(doc)
    const fault = connector.classify?.(status, body, {})
    if (!fault) return Promise.resolve({ status, headers: {}, body })
    return Promise.reject(new ChannelError(request.idempotent === false ? faultOfWrite(fault) : fault))
  }
  const call = createCall({
    connector,
    connectionId: 'c_1',
    config: { ...given.config, ...config },
    secrets: given.secrets,
    http: http as never,
    tokens: memoryTokens({ access: 't', refresh: 'r' }),
    now: () => new Date('2026-11-22T04:00:00Z'),
    signal: new AbortController().signal,
  })
  return { call, asked, connector }
}

const level = { key: 'k', ids: { item: '1', model: '2', sku: '2' }, sku: 'S', quantity: 3, idempotencyKey: 'i' }
const setLevel = async ({ connector, call }: ReturnType<typeof door>, given: object = {}): Promise<readonly Outcome[] | undefined> =>
  connector.pushInventory?.(call, [{ ...level, ...given }])

describe('a write that broke behind the gateway', () => {
  it.each([
    ['shopee', 502, { error: 'bad_gateway', message: 'upstream', request_id: '1' }],
    ['shopee', 500, { error: 'error_unknown', message: 'upstream', request_id: '1' }],
    ['lazada', 504, { code: '504', type: 'ISV', message: 'upstream', request_id: '1' }],
  ] as const)('is in doubt at %s whatever its word (HTTP %i)', async (channel, status, doc) => {
    expect(await setLevel(door(channel, () => ({ status, doc })))).toMatchObject([{ key: 'k', status: 'unknown', fault: { kind: 'in-doubt' } }])
  })

  it.each([
    ['shopee', { error: 'error_unknown', message: 'no', request_id: '1' }],
    ['lazada', { code: '504', type: 'ISV', message: 'no', request_id: '1' }],
  ] as const)('and refused where %s itself says so', async (channel, doc) => {
    expect(await setLevel(door(channel, () => ({ doc })))).toMatchObject([{ key: 'k', status: 'refused' }])
  })
})

const decision = { key: 'd', channelOrderNo: '7', orderId: '7', requestId: '5', decision: 'accept', reason: '' } as const
const reverseOrder = {
  reverse_order_id: '5',
  trade_order_id: '7',
  request_type: 'CANCEL',
  reverseOrderLineDTOList: [{ reverse_status: 'CANCEL_INIT' }],
}
const internal = { code: '106', type: 'ISP', message: 'E0106: ROC internal error', request_id: '1' }

describe('“ROC internal error” of Lazada', () => {
  it('leaves a cancellation in doubt: the money may have been given back', async () => {
    const { call, connector } = door('lazada', ({ path }) => ({
      doc: path.endsWith('/decide') ? internal : { code: '0', data: reverseOrder, request_id: '1' },
    }))
    expect(await connector.decideCancel?.(call, decision)).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt', code: '106' } })
  })

  it('does not mean that there is no such request', async () => {
    const { call, connector, asked } = door('lazada', () => ({ doc: internal }))
    await expect(connector.decideCancel?.(call, decision)).rejects.toMatchObject({ fault: { kind: 'transient', code: '106' } })
    expect(asked.filter(({ path }) => path.endsWith('/decide'))).toEqual([])
  })
})

const found = (response: unknown): Answered => ({ doc: { error: '', message: '', request_id: '1', response } })
const notFound: Answered = { doc: { error: 'error_item_not_found', message: 'Item not found.', request_id: '1' } }
const base = (id: string, places: readonly string[] = ['SGZ']) => ({
  item_id: Number(id),
  item_name: `Item ${id}`,
  item_status: 'NORMAL',
  has_model: false,
  stock_info_v2: { seller_stock: places.map((location_id, i) => ({ location_id, stock: 5 + i })) },
})
const listingsOf = async ({ connector, call }: ReturnType<typeof door>) => {
  const all: string[] = []
  for await (const page of connector.pullListings?.(call, undefined) ?? []) all.push(...page.listings.map(({ key }) => key))
  return all
}

describe('items of Shopee', () => {
  it('that are gone do not hide those that were asked for beside them', async () => {
    const shop = door('shopee', ({ path, query }) => {
      if (path.endsWith('get_item_list'))
        return found({ item: [{ item_id: 1 }, { item_id: 2 }, { item_id: 3 }], has_next_page: false, total_count: 3 })
      const ids = (query.get('item_id_list') ?? '').split(',')
      return ids.includes('2') ? notFound : found({ item_list: ids.map((id) => base(id)) })
    })
    expect(await listingsOf(shop)).toEqual(['1', '3'])
    const asked = ['1', '2'].map((item) => ({ key: item, ids: { item, model: '0' }, sku: '' }))
    expect(await shop.connector.readInventory?.(shop.call, asked)).toEqual([
      { key: '1', quantity: 5 },
      { key: '2', quantity: undefined },
    ])
  })

  it('are not lost with an answer that carries none', async () => {
    const shop = door('shopee', ({ path }) =>
      path.endsWith('get_item_list')
        ? found({ item: [{ item_id: 1 }], has_next_page: false, total_count: 1 })
        : { doc: { error: '', request_id: '1' } },
    )
    await expect(listingsOf(shop)).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  })

  it('that move up while the list is paged are listed all the same', async () => {
    let items = Array.from({ length: 120 }, (_, i) => String(i + 1))
    const shop = door('shopee', ({ path, query }, nth) => {
      if (!path.endsWith('get_item_list')) return found({ item_list: (query.get('item_id_list') ?? '').split(',').map((id) => base(id)) })
      if (nth > 1) items = items.filter((id) => !['3', '7'].includes(id))
      const offset = Number(query.get('offset'))
      const shown = items.slice(offset, offset + 50).map((id) => ({ item_id: Number(id) }))
      const next = offset + shown.length
      return found({
        item: shown,
        total_count: items.length,
        has_next_page: next < items.length,
        ...(next < items.length ? { next_offset: next } : {}),
      })
    })
    expect(new Set(await listingsOf(shop)).size).toBe(120)
  })

  it('in several warehouses show and take a level only where one is named', async () => {
    const answer = ({ path, body }: Asked): Answered => {
      if (path.endsWith('get_item_list')) return found({ item: [{ item_id: 1 }], has_next_page: false, total_count: 1 })
      if (path.endsWith('update_stock')) return found({ success_list: [{ model_id: 0 }], failure_list: [], body })
      return found({ item_list: [base('1', ['SGZ', 'MYZ'])] })
    }
    const read = async ({ connector, call }: ReturnType<typeof door>) => {
      for await (const { listings } of connector.pullListings?.(call, undefined) ?? []) return listings[0]
      return undefined
    }
    const unnamed = door('shopee', answer)
    const listing = await read(unnamed)
    expect(listing).not.toHaveProperty('quantity')
    expect(await setLevel(unnamed, { ids: listing?.ids })).toMatchObject([{ status: 'refused', fault: { code: 'several-warehouses' } }])
    expect(unnamed.asked.filter(({ path }) => path.endsWith('update_stock'))).toEqual([])
    const named = door('shopee', answer, { locationId: 'MYZ' })
    expect(await read(named)).toMatchObject({ quantity: '6' })
    expect(await setLevel(named, { ids: listing?.ids })).toMatchObject([{ status: 'applied' }])
    expect(named.asked.at(-1)?.body).toContain('[{"location_id":"MYZ","stock":3}]')
  })
})

it('a return the list of Shopee shows and the detail does not is kept as listed', async () => {
  const entry = { return_sn: '2206', order_sn: '220810QSK8S7BX', status: 'REFUND_PAID', update_time: 1763784000, refund_amount: 5 }
  const { connector, call } = door('shopee', ({ path }) => {
    if (path.endsWith('get_return_list')) return found({ return: [entry], more: false })
    if (path.endsWith('get_return_detail')) return { doc: { error: 'error_not_found', message: '', request_id: '1' } }
    return found({ order_list: [] })
  })
  const window = { from: '2025-11-22T03:00:00Z', to: '2025-11-22T05:00:00Z' }
  const records = []
  for await (const page of connector.pullOrders?.(call, { stream: 'refunds', window }) ?? []) records.push(...page.records)
  expect(records).toMatchObject([{ kind: 'refund', externalId: '2206', parentId: '220810QSK8S7BX', sourceTime: '2025-11-22T04:00:00Z' }])
})

it('a parcel that is gone does not hide the others of its order at Shopee', async () => {
  const parcel = (number: string) => ({ package_number: number, logistics_status: 'LOGISTICS_PICKUP_DONE' })
  const { connector, call } = door('shopee', ({ path, query }) => {
    if (path.endsWith('get_order_detail'))
      return found({ order_list: [{ order_sn: '220810QSK8S7BX', order_status: 'SHIPPED', package_list: [parcel('A'), parcel('B')] }] })
    const numbers = (query.get('package_number_list') ?? '').split(',')
    if (numbers.includes('B')) return { doc: { error: 'package_not_exist', message: '', request_id: '1' } }
    return found({
      package_list: numbers.map((number) => ({ package_number: number, tracking_number: `T${number}`, fulfillment_status: 'LOGISTICS_PICKUP_DONE' })),
    })
  })
  expect(await connector.readShipments?.(call, '220810QSK8S7BX')).toMatchObject([
    { channelShipmentNo: 'A', trackingNo: 'TA' },
    { channelShipmentNo: 'B' },
  ])
})

describe('a cancellation TikTok Shop shows as decided', () => {
  const asked = (cancel_id: string, cancel_status: string, update_time: number) => ({
    ...{ cancel_id, cancel_status, update_time },
    ...{ order_id: '7', cancel_type: 'BUYER_CANCEL' },
  })
  const shop = (...cancellations: readonly object[]) => door('tiktok', () => ({ doc: { code: 0, data: { cancellations } } }))
  const decide = ({ connector, call }: ReturnType<typeof door>, wanted: 'accept' | 'reject') =>
    connector.decideCancel?.(call, { key: 'd', channelOrderNo: '7', orderId: '7', decision: wanted, reason: '' })

  it('is what was wanted by the last word on it: the buyer may have been turned down before', async () => {
    const twice = shop(asked('11', 'CANCELLATION_REQUEST_COMPLETE', 200), asked('10', 'CANCELLATION_REQUEST_CANCEL', 100))
    expect(await decide(twice, 'accept')).toMatchObject({ status: 'unchanged' })
    expect(await decide(twice, 'reject')).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
    const back = shop(asked('11', 'CANCELLATION_REQUEST_CANCEL', 200), asked('10', 'CANCELLATION_REQUEST_COMPLETE', 100))
    expect(await decide(back, 'reject')).toMatchObject({ status: 'unchanged' })
  })
})

it('orders TikTok Shop sends in another order than the one asked for are all read', async () => {
  const at = (id: string, update_time: number) => ({ id, update_time })
  const rest = [at('3', 1763784020), at('2', 1763784010), at('1', 1763784001)]
  const { connector, call } = door('tiktok', ({ query, body }) => {
    const { update_time_ge: from } = JSON.parse(body) as { readonly update_time_ge: number }
    const left = rest.filter(({ update_time }) => update_time >= from)
    const begin = Number(query.get('page_token') ?? 0)
    const more = begin + 2 < left.length ? { next_page_token: String(begin + 2) } : {}
    return { doc: { code: 0, data: { orders: left.slice(begin, begin + 2), ...more } } }
  })
  const window = { from: '2025-11-22T04:00:00Z', to: '2025-11-22T05:00:00Z' }
  const ids = new Set<string>()
  for await (const page of connector.pullOrders?.(call, { stream: 'orders', window }) ?? [])
    for (const { externalId } of page.records) ids.add(externalId)
  expect([...ids].toSorted()).toEqual(['1', '2', '3'])
})

it('pieces of TikTok Shop without a word of their own have that of their order, and are not sent again', async () => {
  const order = {
    id: '7',
    status: 'IN_TRANSIT',
    shipping_type: 'SELLER',
    line_items: [{ id: '71', sku_id: '5', tracking_number: 'OLD', package_id: '9' }],
  }
  const { connector, call, asked } = door('tiktok', () => ({ doc: { code: 0, data: { orders: [order] } } }))
  const parcel = {
    ...{ key: 'p', channelOrderNo: '7', orderId: '7', carrier: { code: 'SF', name: 'SF' }, trackingNo: 'NEW' },
    ...{ lines: [{ channelLineNo: '71', quantity: 1 }], last: true, shippedAt: '2026-11-22T04:00:00Z', idempotencyKey: 'i', notifyBuyer: false },
  }
  expect(await connector.pushShipment?.(call, parcel)).toMatchObject({ status: 'refused', fault: { code: 'nothing-left' } })
  expect(asked).toHaveLength(1)
})

it('a package that names nothing is refused by Lazada, and not taken for one that left before', async () => {
  const items = [{ order_item_id: '71', sku_id: '5', item_price: '9.00', status: 'pending' }]
  const { connector, call, asked } = door('lazada', () => ({ doc: { code: '0', data: items, request_id: '1' } }))
  const parcel = {
    ...{ key: 'p', channelOrderNo: '7', orderId: '7', carrier: { code: 'SF', name: 'SF' }, trackingNo: 'NEW', lines: [] },
    ...{ last: true, shippedAt: '2026-11-22T04:00:00Z', idempotencyKey: 'i', notifyBuyer: false },
  }
  expect(await connector.pushShipment?.(call, parcel)).toMatchObject({ status: 'refused', fault: { code: 'quantity-not-whole' } })
  expect(asked).toHaveLength(1)
})

it('a list of Shopee that promises more behind empty pages is not taken for read', async () => {
  const { connector, call } = door('shopee', (_, nth) =>
    found({ order_list: nth === 1 ? [{ order_sn: '220810QSK8S7BX' }] : [], more: true, next_cursor: String(nth) }),
  )
  const window = { from: '2025-11-22T03:00:00Z', to: '2025-11-22T05:00:00Z' }
  const pages = connector.pullOrders?.(call, { stream: 'orders', window })[Symbol.asyncIterator]()
  await expect(pages?.next()).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
})
