import { registry } from '../../connectors/index.ts'
import { rest } from '../../mappings/rest.ts'
import type { IncomingRaw } from '../../src/normalize/ingest.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { loadConnection } from '../../src/store/deliver/open-connection.ts'
import { overridesOf } from '../../src/store/overrides/load-overrides.ts'
import { testHub, type TestHub } from './builders.ts'

/** A shop whose documents are read by a map in its settings. Its discounts are in two parts; who reads one of them has a bug. */
export const SHOP = 'c_shop'
export const NAMES = ['mapping']

const COUPON = '/discounts/coupon'
export const WRONG = COUPON
export const RIGHT = 'sum(/discounts/coupon + /discounts/platform)'

export const shopMap = (discount: string, statuses: Readonly<Record<string, string>> = { paid: 'to_ship', sent: 'shipped' }) => ({
  mapping: {
    lines: '/items',
    status: '/state',
    statuses,
    timezone: 'UTC',
    taxIncluded: true,
    order: {
      placedAt: { columns: ['/at'] },
      updatedAt: { columns: ['/at'] },
      discount: { columns: [discount] },
      'recipient.name': { columns: ['/to/name'] },
      'recipient.phone': { columns: ['/to/phone'] },
      'recipient.city': { columns: ['/to/city'] },
      'recipient.address': { columns: ['/to/street'] },
    },
    line: {
      channelLineNo: { columns: ['./id'] },
      channelSku: { columns: ['./sku'] },
      title: { columns: ['./name'] },
      quantity: { columns: ['./qty'] },
      unitPrice: { columns: ['./price'] },
    },
    extra: { till: { columns: ['/till'], optional: true } },
  },
})

/** Settings of the shop as the hub stores them: read by the connector's own schema. */
export const shopSettings = (discount: string): Readonly<Record<string, unknown>> =>
  Object(
    registry.get('rest')?.manifest.config.parse({
      url: 'https://shop.example',
      orders: {
        path: 'orders',
        query: { since: '{from}', until: '{to}', page: '{page}' },
        items: '/data',
        paging: { by: 'page', first: 0 },
        id: '/number',
        changed: ['/at'],
        detail: { path: 'orders/{id}' },
      },
      ...shopMap(discount),
    }),
  )

/** Every eleventh order has no part that the bug overlooks. */
export const isHit = (no: number): boolean => no % 11 !== 0

export function shopOrder(no: number, over: Readonly<Record<string, unknown>> = {}): IncomingRaw {
  const at = new Date(Date.UTC(2026, 10, 1) + no * 1000).toISOString()
  const payload = JSON.stringify({
    number: String(no),
    state: 'paid',
    at,
    till: `till ${no % 5}`,
    to: { name: 'Ann Buyer', phone: `+4420${1000000 + no}`, city: 'Leeds', street: `${no} Mill Lane` },
    items: [{ id: '1', sku: 'TEA', name: 'Tea', qty: '2', price: '10.00' }],
    discounts: { coupon: '1.50', platform: isHit(no) ? '0.25' : '0.00' },
    ...over,
  })
  return {
    record: { kind: 'order', externalId: String(no), sourceTime: at, payload },
    source: 'poll',
    receivedAt: at,
    readStartedAt: at,
    authoritative: true,
  }
}

/** A hub whose shop is read with the bug. */
export async function shopHub(databaseUrl: string): Promise<TestHub & { readonly contextOf: () => Promise<ConnectionContext> }> {
  const hub = { ...(await testHub(databaseUrl)), mappings: new Map([['rest', rest]]) }
  await hub.pool.query(`insert into connections (id, channel, name, timezone, currency, config) values ($1, 'rest', 'Shop', 'UTC', 'CNY', $2)`, [
    SHOP,
    JSON.stringify(shopMap(WRONG)),
  ])
  await hub.pool.query(`insert into skus (sku) values ('TEA')`)
  await hub.pool.query(`insert into stock (sku, location, on_hand) values ('TEA', 'main', 1000000)`)
  await hub.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'TEA', 'TEA', 'Tea', 'TEA')`, [SHOP])
  /** As the running hub opens a connection: settings and rules as they stand. */
  const contextOf = async (): Promise<ConnectionContext> => {
    const stored = await loadConnection(hub.pool, SHOP)
    if (!stored) throw new Error('no shop')
    const overrides = overridesOf(stored.overrides)
    const { channel, config, timezone, currency } = stored
    return { connectionId: SHOP, channel, config, timezone, currency, sandbox: false, ...(overrides && { overrides }) }
  }
  return { ...hub, contextOf }
}
