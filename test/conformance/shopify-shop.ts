import { shopify } from '../../connectors/shopify/index.ts'
import type { Config, Secrets, ShopifyCall } from '../../connectors/shopify/manifest.ts'
import { createShopify, type ShopifyOptions, type ShopifySim } from '../../sandbox/shopify/index.ts'
import type { InventoryWrite, PullRequest, ShipmentWrite } from '../../src/core/connector.ts'
import { faultOf as faultOfShop, pagesOf, shopUnderTest } from './shop-under-test.ts'

export { idsOf, recordsOf } from './shop-under-test.ts'

export async function testShop(options: ShopifyOptions = {}) {
  const shop = await shopUnderTest(shopify, createShopify({ webhookDelayMs: 0, ...options }))
  // With the token that was copied by hand, where a test says nothing else.
  const usual = { clientId: undefined, accessToken: shop.sim.accessToken }
  return {
    ...shop,
    call: (config: Partial<Config> = {}, secrets: Partial<Secrets> = {}) => shop.call({ config, secrets: { ...usual, ...secrets } }),
  }
}
export type TestShop = Awaited<ReturnType<typeof testShop>>

export const pages = (call: ShopifyCall, request: PullRequest) => pagesOf(shopify, call, request)

/** The last `days` days up to a minute from now. */
export function lastDays(sim: ShopifySim, days: number): PullRequest {
  const now = sim.clock.now()
  return { stream: 'orders', window: { from: new Date(now - days * 86_400_000).toISOString(), to: new Date(now + 60_000).toISOString() } }
}

export const faultOf = (work: Promise<unknown>) => faultOfShop(work, ['shpat_', 'shpss_'])

export function placed(sim: ShopifySim, input: Parameters<ShopifySim['control']['placeOrder']>[0]): string {
  const done = sim.control.placeOrder(input)
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}

/** A write of `quantity` for the listing of a SKU. */
export async function levelOf(call: ShopifyCall, sku: string, quantity: number): Promise<InventoryWrite> {
  for await (const page of shopify.pullListings(call, undefined)) {
    const listing = page.listings.find((one) => one.sku === sku)
    if (listing) return { key: listing.key, ids: listing.ids, sku, quantity, idempotencyKey: `key-${sku}-${quantity}` }
  }
  throw new Error(`No listing ${sku}.`)
}

export const parcel = (orderId: string, lines: ShipmentWrite['lines'], change: Partial<ShipmentWrite> = {}): ShipmentWrite => ({
  key: 'p1',
  channelOrderNo: orderId,
  orderId,
  carrier: { code: 'UPS', name: 'UPS' },
  trackingNo: '1Z999',
  lines,
  last: false,
  shippedAt: '2026-11-22T08:00:00Z',
  idempotencyKey: 'ship-1',
  notifyBuyer: false,
  ...change,
})
