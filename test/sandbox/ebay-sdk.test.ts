import eBayApi from 'ebay-api'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createEbay } from '../../sandbox/ebay/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'

/** The client most sellers of eBay use in Node drives the simulator: nothing of the hub takes part. */
let sandbox: Sandbox
const SCOPE = ['https://api.ebay.com/oauth/api_scope/sell.fulfillment', 'https://api.ebay.com/oauth/api_scope/sell.inventory']

const line = z.object({ lineItemId: z.string(), sku: z.string(), quantity: z.number() })
const order = z.object({ orderId: z.string(), orderFulfillmentStatus: z.string(), lineItems: z.array(line) })
const page = z.object({ total: z.number(), next: z.string().optional(), orders: z.array(order) })
const parcels = z.object({ fulfillments: z.array(z.object({ lineItems: z.array(line.pick({ lineItemId: true, quantity: true })) })) })
const items = z.object({
  inventoryItems: z.array(z.object({ sku: z.string(), availability: z.object({ shipToLocationAvailability: z.object({ quantity: z.number() }) }) })),
})
const updated = z.object({ responses: z.array(z.object({ statusCode: z.number(), sku: z.string() })) })

/** It knows eBay's own hosts only: each request is sent to the simulator on its way out. */
function clientOf(sim: MarketSim, token: { readonly access: string; readonly refresh?: string }): eBayApi {
  const { clientId = '', clientSecret = '', refreshToken = '' } = sim.credentials
  const api = new eBayApi({ appId: clientId, certId: clientSecret, sandbox: false, scope: SCOPE, autoRefreshToken: true })
  api.req.instance.interceptors.request.use((config) => {
    config.url = (config.url ?? '').replace('https://api.ebay.com', sandbox.shops[0]?.url ?? '')
    return config
  })
  api.OAuth2.setCredentials({
    access_token: token.access,
    refresh_token: token.refresh ?? refreshToken,
    expires_in: 7200,
    refresh_token_expires_in: 47_304_000,
    token_type: 'User Access Token',
  })
  return api
}

async function opened(): Promise<{ readonly sim: MarketSim; readonly api: eBayApi }> {
  const sim = createEbay()
  sandbox = await start({ shops: [{ name: 'ebay-1', sim }] })
  sim.control.seedProducts(12)
  const api = clientOf(sim, { access: '' })
  await api.OAuth2.refreshToken()
  return { sim, api }
}

const done = (what: Done): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}

/** What the client makes of a refusal. */
const refusal = async (work: Promise<unknown>): Promise<readonly unknown[]> => {
  try {
    await work
  } catch (error) {
    const { name, errorCode, meta } = z
      .looseObject({ name: z.string(), errorCode: z.unknown(), meta: z.unknown() })
      .parse({ ...Object(error), name: Reflect.get(Object(error), 'name') })
    return [name, errorCode, Reflect.get(Object(Reflect.get(Object(meta), 'res')), 'status')]
  }
  throw new Error('The call succeeded where it had to fail.')
}

afterEach(() => sandbox.stop())

describe('the de-facto Node client of eBay against the simulated shop', () => {
  it('reads every order over several pages by change time, each once, until there is no next', async () => {
    const { sim, api } = await opened()
    sim.control.seedOrders(47, 0.9)
    const filter = `lastmodifieddate:[${new Date(sim.clock.now() - 2 * 86_400_000).toISOString()}..]`
    const seen: string[] = []
    let pages = 0
    for (let offset = 0, more = true; more; offset += 10) {
      const found = page.parse(await api.sell.fulfillment.getOrders({ filter, limit: 10, offset }))
      seen.push(...found.orders.map(({ orderId }) => orderId))
      pages += 1
      more = found.next !== undefined
      expect(found.total).toBe(47)
    }
    expect(pages).toBe(5)
    expect(seen.toSorted()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .toSorted(),
    )
  })

  it('sets a quantity and reads it back; a SKU nobody listed is refused beside it and changes nothing', async () => {
    const { sim, api } = await opened()
    const { inventoryItems } = items.parse(await api.sell.inventory.getInventoryItems({ limit: 25, offset: 0 }))
    const sku = inventoryItems[0]?.sku ?? ''
    const answer = await api.sell.inventory.bulkUpdatePriceQuantity({
      requests: [
        { sku, shipToLocationAvailability: { quantity: 17 } },
        { sku: 'NOBODY', shipToLocationAvailability: { quantity: 3 } },
      ],
    })
    expect(updated.parse(answer).responses).toEqual([expect.objectContaining({ statusCode: 200, sku }), expect.objectContaining({ statusCode: 404 })])
    const after = items.parse(await api.sell.inventory.getInventoryItems({ limit: 25, offset: 0 })).inventoryItems
    expect(after.find((one) => one.sku === sku)?.availability.shipToLocationAvailability.quantity).toBe(17)
    expect([sim.control.stockOf(sku), sim.ledger.stockWrites().length]).toEqual([17, 1])
  })

  it('sends one unit, then the rest, and each package is there when it is read back', async () => {
    const { sim, api } = await opened()
    const [{ sku } = { sku: '' }] = items.parse(await api.sell.inventory.getInventoryItems({ limit: 1, offset: 0 })).inventoryItems
    sim.control.setStock(sku, 50)
    const id = done(sim.control.shop([{ sku, quantity: 3 }]))
    const lineItemId = sim.ledger.order(id)?.lines[0]?.lineId ?? ''
    const send = (quantity: number, trackingNumber: string): Promise<unknown> =>
      api.sell.fulfillment.createShippingFulfillment(id, { lineItems: [{ lineItemId, quantity }], shippingCarrierCode: 'USPS', trackingNumber })
    await send(1, '9400100000000000000001')
    expect(order.parse(await api.sell.fulfillment.getOrder(id)).orderFulfillmentStatus).toBe('IN_PROGRESS')
    await send(2, '9400100000000000000002')
    expect(order.parse(await api.sell.fulfillment.getOrder(id)).orderFulfillmentStatus).toBe('FULFILLED')
    const { fulfillments } = parcels.parse(await api.sell.fulfillment.getShippingFulfillments(id))
    expect(fulfillments.map(({ lineItems }) => lineItems[0]?.quantity)).toEqual([1, 2])
    expect(sim.ledger.order(id)?.lines[0]?.shippedQuantity).toBe(3)
  })

  it('learns the vendor’s number and status of a refusal: a carrier nobody knows, a line twice, an order that is not there', async () => {
    const { sim, api } = await opened()
    const id = done(sim.control.shop())
    const lineItemId = sim.ledger.order(id)?.lines[0]?.lineId ?? ''
    const send = (orderId: string, carrier: string, lines: number): Promise<unknown> =>
      api.sell.fulfillment.createShippingFulfillment(orderId, {
        lineItems: Array.from({ length: lines }, () => ({ lineItemId, quantity: 1 })),
        shippingCarrierCode: carrier,
        trackingNumber: '9400100000000000000003',
      })
    expect(await refusal(send(id, 'Pigeon', 1))).toEqual(['EBayApiError', 32300, 400])
    expect(await refusal(send(id, 'USPS', 2))).toEqual(['EBayApiError', 32210, 400])
    expect(await refusal(api.sell.fulfillment.getOrder('12-00000-00000'))).toEqual(['EBayApiError', 32100, 400])
    expect(sim.ledger.shipments()).toEqual([])
  })

  it('renews a token that ended by itself; with a refresh token nobody gave it is told invalid_grant', async () => {
    const { sim, api } = await opened()
    const id = done(sim.control.shop())
    sim.control.expireTokens()
    expect(order.parse(await api.sell.fulfillment.getOrder(id)).orderId).toBe(id)
    const stranger = clientOf(sim, { access: 'v^1.1#none', refresh: 'v^1.1#somebody-else' })
    expect((await refusal(stranger.sell.fulfillment.getOrder(id)))[0]).toBe('EBayInvalidGrant')
  })
})
