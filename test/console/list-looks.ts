import type { Page } from 'playwright-core'
import type { ListPlace } from './look-times.ts'

/** One thing a person does with a long list. */
export interface Look extends ListPlace {
  readonly page: string
  readonly name: string
  /** Opens the page, changes its address, or asks for more rows. */
  readonly kind: 'first' | 'turn' | 'next'
  /** Where the page stands before its address changes. */
  readonly from?: string
  readonly to: string
}

type Words = Readonly<Record<string, string>>
const address = (path: string, words: Words): string => {
  const text = new URLSearchParams(words).toString()
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`
}

/** The looks at one page: itself, each change of its address by name, and the next rows of it and of some of these. */
const looksAt = (
  page: string,
  path: string,
  place: ListPlace,
  changes: Readonly<Record<string, Words>>,
  more: readonly string[] | undefined,
): readonly Look[] => [
  { page, name: 'first row', kind: 'first', to: path, ...place },
  ...Object.entries(changes).map(([name, words]): Look => ({ page, name, kind: 'turn', from: path, to: address(path, words), ...place })),
  ...(more === undefined ? [] : [{ page, name: 'next rows', kind: 'next', to: path, ...place } as const]),
  ...(more ?? []).map((name): Look => ({ page, name: `${name}: next rows`, kind: 'next', to: address(path, changes[name] ?? {}), ...place })),
]

const items = async (page: Page, hub: string, path: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const body: unknown = await (await page.request.get(`${hub}${path}`)).json()
  return typeof body === 'object' && body !== null && 'items' in body && Array.isArray(body.items) ? body.items : []
}
/** A member that is a text, else nothing. */
const word = (one: Readonly<Record<string, unknown>> | undefined, name: string): string => {
  const value = one?.[name]
  return typeof value === 'string' ? value : ''
}
/** A SKU of an order's first line. */
const soldSku = async (page: Page, hub: string, order: string): Promise<string> => {
  const body: unknown = await (await page.request.get(`${hub}/v1/orders/${order}`)).json()
  const lines = typeof body === 'object' && body !== null && 'lines' in body && Array.isArray(body.lines) ? body.lines : []
  return word(lines[0], 'sku')
}
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)
const DAY_MS = 86_400_000

/** Looks at every long list, with words that occur in this hub. */
export async function listLooks(page: Page, hub: string): Promise<readonly Look[]> {
  const [connection] = await items(page, hub, '/v1/connections')
  const [newest] = await items(page, hub, '/v1/orders?limit=1')
  const [oldest] = await items(page, hub, '/v1/orders?limit=1&sort=placed_at')
  const groups = await items(page, hub, '/v1/failures?limit=50&status=open')
  if (connection === undefined || newest === undefined || oldest === undefined) throw new Error('This hub holds no orders.')
  const from = Date.parse(word(oldest, 'placed_at'))
  const old = dayOf(from + (Date.parse(word(newest, 'placed_at')) - from) / 10)
  const [deep] = await items(page, hub, `/v1/orders?limit=1&placed_to=${old}T00:00:00Z`)
  const id = word(connection, 'id')
  const sku = await soldSku(page, hub, word(newest, 'id'))
  const orders = { rows: '.order-rows .orow:not(.head)', region: '.orders-list', asks: 'limit=100' }
  const table = (asks: string): ListPlace => ({ rows: 'main table.grid tbody tr', region: 'main section.card', asks })
  const filters = {
    ...Object.fromEntries(['open', 'held', 'to_ship', 'shipped', 'cancelled', 'closed'].map((state) => [`state ${state}`, { state }])),
    'one connection': { connection: id },
    paid: { payment: 'paid' },
    refunded: { payment: 'refunded' },
    'partially refunded, delivered': { payment: 'partially_refunded', fulfilment: 'delivered' },
    'in transit': { fulfilment: 'in_transit' },
    'after-sale requested': { after_sale: 'requested' },
    'approval held': { approval: 'held' },
    'long ago': { to: old },
    'one day long ago': { from: old, to: old },
    'one SKU': { sku },
    'search a number': { q: word(deep, 'channel_order_no') },
    'search its beginning': { q: word(deep, 'channel_order_no').slice(0, -2) },
    'search a SKU': { q: sku },
    'search nothing there': { q: 'no-such-order' },
  }
  return [
    ...looksAt('orders', '/orders', orders, filters, ['long ago', 'state to_ship']),
    {
      page: 'orders',
      name: 'counts of the states',
      kind: 'turn',
      from: '/orders',
      to: address('/orders', { connection: id }),
      rows: '.tabs .c',
      region: '.orders-top',
      asks: '/v1/orders/counts',
    },
    {
      page: 'orders',
      name: 'counts under a rare filter',
      kind: 'turn',
      from: '/orders',
      to: address('/orders', { after_sale: 'in_progress' }),
      rows: '.tabs .c',
      region: '.orders-top',
      asks: '/v1/orders/counts',
    },
    ...looksAt('board', '/board', { rows: '.board-table tbody tr', region: '.board', asks: '/v1/board/events' }, {}, undefined),
    ...looksAt(
      'failures',
      '/failures',
      { rows: '.group-line', region: 'main', asks: '/v1/failures?' },
      { resolved: { status: 'resolved' }, 'one connection': { connection: id } },
      undefined,
    ),
    ...(groups.length < 2
      ? []
      : [
          {
            page: 'failures',
            name: 'another cause',
            kind: 'turn',
            from: address('/failures', { group: word(groups[0], 'id') }),
            to: address('/failures', { group: word(groups[1], 'id') }),
            rows: '.group-line',
            region: 'main',
            asks: `/v1/failures/${word(groups[1], 'id')}`,
          } as const,
        ]),
    ...looksAt(
      'stock',
      '/stock',
      { rows: '.matrix .mrow:not(.head)', region: 'main', asks: '/v1/stock?' },
      { 'search a SKU': { q: sku }, 'search a word': { q: 'product' } },
      [],
    ),
    ...looksAt(
      'effects',
      '/effects',
      table('/v1/effects?'),
      Object.fromEntries([
        ...['unknown', 'refused', 'pending', 'done'].map((state) => [`state ${state}`, { state }] as const),
        ['shipments', { kind: 'shipment' }],
        ['cancellations', { kind: 'cancel' }],
        ['one connection', { connection: id }],
      ]),
      [],
    ),
    ...looksAt('completeness', '/ledger', table('/v1/ledger?'), { 'ten days before': { to: dayOf(Date.now() - 10 * DAY_MS) } }, undefined),
    {
      page: 'completeness',
      name: 'one day',
      kind: 'turn',
      from: '/ledger',
      to: address('/ledger', { open: `${id}/${dayOf(Date.now() - DAY_MS)}` }),
      rows: 'main table.grid tbody tr',
      region: 'main',
      asks: `/v1/ledger/${id}/`,
    },
    ...looksAt(
      'audit',
      '/settings?tab=audit',
      table('/v1/audit?'),
      { 'about orders': { kind: 'order' }, 'one person': { actor: 'user:admin' }, 'one day': { from: old, to: old }, 'one subject': { subject: id } },
      [],
    ),
    ...looksAt('skus', '/listings?tab=skus', table('/v1/skus?'), { 'search a SKU': { q: sku } }, undefined),
    ...looksAt('connections', '/connections', { rows: 'main a[href^="/connections/"]', region: 'main', asks: '/v1/connections' }, {}, undefined),
  ]
}
