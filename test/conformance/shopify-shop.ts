import { expect } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import { manifest, type Config, type Secrets, type ShopifyCall } from '../../connectors/shopify/manifest.ts'
import { start } from '../../sandbox/server.ts'
import { createShopify, type ShopifyOptions, type ShopifySim } from '../../sandbox/shopify/index.ts'
import type { InventoryWrite, Page, PullRequest, RawRecord, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

export interface TestShop {
  readonly sim: ShopifySim
  readonly url: string
  call(change?: Partial<Config>, secrets?: Partial<Secrets>): ShopifyCall
  stop(): Promise<void>
}

/** A simulated shop and a way to call it through the real HTTP door, without pacing by calls. */
export async function testShop(options: ShopifyOptions = {}): Promise<TestShop> {
  const sim = createShopify({ webhookDelayMs: 0, ...options })
  const sandbox = await start({ shops: [{ name: 'shopify-1', sim }] })
  const url = `${sandbox.url}/shopify-1`
  const { host } = new URL(url)
  const agents = createAgents({ allowPrivate: [host] })
  const now = (): Date => new Date(sim.clock.now())
  const { signal } = new AbortController()
  return {
    sim,
    url,
    call(change = {}, secrets = {}) {
      const config = manifest.config.parse({ url, ...change })
      const http = createHttp({
        connector: { manifest: { ...manifest, limits: [] }, classify: (...answer) => shopify.classify?.(...answer) },
        connectionId: 'c_1',
        hosts: manifest.hosts(config),
        limiter: memoryLimiter(() => Date.now()),
        allowPrivate: [host],
        agents,
        now,
        signal,
      })
      const tokens = memoryTokens()
      const call: ShopifyCall = {
        connectionId: 'c_1',
        config,
        now,
        signal,
        secrets: { accessToken: sim.accessToken, clientSecret: sim.credentials.clientSecret, ...secrets },
        http,
        tokens: () => tokens.read(),
        renew: (stale) => tokens.renew(stale, () => shopify.refreshToken(call)),
      }
      return call
    },
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

export async function pages(call: ShopifyCall, request: PullRequest): Promise<readonly Page[]> {
  const found: Page[] = []
  for await (const page of shopify.pullOrders(call, request)) {
    found.push(page)
    if (found.length > 500) throw new Error('The pull does not end.')
  }
  return found
}

export const recordsOf = (found: readonly Page[]): readonly RawRecord[] => found.flatMap((page) => page.records)
export const idsOf = (records: readonly RawRecord[]): readonly string[] => [...new Set(records.map((record) => record.externalId))].sort()

/** The last `days` days up to a minute from now. */
export function lastDays(sim: ShopifySim, days: number): PullRequest {
  const now = sim.clock.now()
  return { stream: 'orders', window: { from: new Date(now - days * 86_400_000).toISOString(), to: new Date(now + 60_000).toISOString() } }
}

/** The fault of a failed call, after checking that it tells no secret. */
export const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => Promise.reject(new Error('The call succeeded.')),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
      const told = `${JSON.stringify(error.fault)} ${String(error.cause)}`
      for (const secret of ['shpat_', 'shpss_']) expect(told).not.toContain(secret)
      return error.fault
    },
  )

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
