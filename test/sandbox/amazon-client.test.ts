import { readFileSync } from 'node:fs'
import { ListingsItemsApi, SearchListingsItemsIncludedDataEnum } from '@sp-api-sdk/listings-items-api-2021-08-01'
import { OrdersApi, SearchOrdersIncludedDataEnum } from '@sp-api-sdk/orders-api-2026-01-01'
import { OrdersApi as OrdersApiV0 } from '@sp-api-sdk/orders-api-v0'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAmazon } from '../../sandbox/amazon/index.ts'
import { problemOf } from '../../sandbox/amazon/spec.ts'
import { asList, asRecord, asText } from '../../sandbox/stage/json-input.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'

const SELLER = 'A2SANDBOX00001'
const MARKET = 'ATVPDKIKX0DER'

let sandbox: Sandbox
let sim: MarketSim
let url: string
let options: { readonly headers: Record<string, string> }

/** The form the vendor's guide describes. */
async function login(secret = 'amzn1.oa2-cs.v1.sandbox-secret-0001'): Promise<{ readonly status: number; readonly token: string }> {
  const form = {
    grant_type: 'refresh_token',
    refresh_token: 'Atzr|sandbox-refresh-token-0001',
    client_id: 'amzn1.application-oa2-client.sandbox0001',
  }
  const response = await fetch(`${url}/auth/o2/token`, { method: 'POST', body: new URLSearchParams({ ...form, client_secret: secret }) })
  const doc: unknown = await response.json()
  return { status: response.status, token: String(Reflect.get(Object(doc), 'access_token')) }
}

/** Status and first code of what the client threw. */
async function refusalOf(work: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await work
  } catch (error) {
    const response = Reflect.get(Object(error), 'response')
    const [first] = Object(Reflect.get(Object(Reflect.get(Object(response), 'data')), 'errors'))
    return [Number(Reflect.get(Object(response), 'status')), String(Reflect.get(Object(first), 'code'))]
  }
  throw new Error('The call succeeded where it had to fail.')
}

const file = (name: string): Readonly<Record<string, unknown>> =>
  asRecord(JSON.parse(readFileSync(new URL(`../../sandbox/amazon/${name}`, import.meta.url), 'utf8')))
const operations = asRecord(file('spec.json')['operations'])
const recorded = Object.entries(file('pairs.json')).flatMap(([id, pairs]) => asList(pairs).map((pair, i) => ({ id, i, pair: asRecord(pair) })))

beforeAll(async () => {
  sim = createAmazon()
  sim.control.seedProducts(30)
  sim.control.seedOrders(50, 2)
  sandbox = await start({ shops: [{ name: 'amazon-1', sim }] })
  url = sandbox.shops[0]?.url ?? ''
  options = { headers: { 'x-amz-access-token': (await login()).token } }
})
afterAll(() => sandbox.stop())

describe('the clients generated from the vendor’s models against the simulated region', () => {
  it('read every order over several pages, each once', async () => {
    const api = new OrdersApi(undefined, url)
    const lastUpdatedAfter = new Date(sim.clock.now() - 3 * 86_400_000).toISOString()
    const { Proceeds, Fulfillment } = SearchOrdersIncludedDataEnum
    const [ids, pages]: [string[], number[]] = [[], []]
    let paginationToken: string | undefined
    do {
      const asked = { lastUpdatedAfter, marketplaceIds: [MARKET], maxResultsPerPage: 15, includedData: [Proceeds, Fulfillment] }
      const { data } = await api.searchOrders({ ...asked, ...(paginationToken === undefined ? {} : { paginationToken }) }, options)
      ids.push(...data.orders.map((order) => order.orderId))
      pages.push(data.orders.length)
      paginationToken = data.pagination?.nextToken
    } while (paginationToken !== undefined)
    expect(pages.length).toBeGreaterThan(3)
    expect(ids.sort()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
  })

  it('choose orders by what the older interface lets them, and go on with the token alone', async () => {
    const api = new OrdersApiV0(undefined, url)
    const marketplaceIds = [MARKET]
    const createdAfter = new Date(sim.clock.now() - 5 * 86_400_000).toISOString()
    const ids: string[] = []
    let nextToken: string | undefined
    do {
      const asked =
        nextToken === undefined ? { marketplaceIds, createdAfter, orderStatuses: ['Shipped'], maxResultsPerPage: 5 } : { marketplaceIds, nextToken }
      const { data } = await api.getOrders(asked, options)
      expect(data.payload?.Orders.map((order) => order.OrderStatus).filter((status) => status !== 'Shipped')).toEqual([])
      ids.push(...(data.payload?.Orders ?? []).map((order) => order.AmazonOrderId))
      nextToken = data.payload?.NextToken
    } while (nextToken !== undefined)
    const shipped = sim.ledger.orders().filter(({ status }) => status === 'SHIPPED')
    expect(shipped.length).toBeGreaterThan(5)
    expect(ids.sort()).toEqual(shipped.map(({ orderId }) => orderId).sort())
    const named = await api.getOrders({ marketplaceIds, amazonOrderIds: ids.slice(0, 2) }, options)
    expect(named.data.payload?.Orders.map((order) => order.AmazonOrderId).sort()).toEqual(ids.slice(0, 2))
    expect((await api.getOrders({ marketplaceIds, createdAfter, fulfillmentChannels: ['AFN'] }, options)).data.payload?.Orders).toEqual([])
    expect(await refusalOf(api.getOrders({ marketplaceIds, createdAfter, buyerEmail: 'a@b.c' }, options))).toEqual([400, 'InvalidInput'])
    expect(await refusalOf(api.getOrders({ marketplaceIds, nextToken: 'x.y.z' }, options))).toEqual([400, 'InvalidInput'])
  })

  it('look listings up by their SKUs', async () => {
    const api = new ListingsItemsApi(undefined, url)
    const some = await api.searchListingsItems({ sellerId: SELLER, marketplaceIds: [MARKET], pageSize: 20 }, options)
    const skus = some.data.items.map(({ sku }) => sku).slice(7, 9)
    const asked = { sellerId: SELLER, marketplaceIds: [MARKET], identifiers: skus, identifiersType: 'SKU' as const }
    expect((await api.searchListingsItems(asked, options)).data.items.map(({ sku }) => sku)).toEqual(skus)
    expect(await refusalOf(api.searchListingsItems({ ...asked, identifiersType: 'EAN' }, options))).toEqual([400, 'BAD_REQUEST'])
  })

  it('set a level by SKU and read it back', async () => {
    const api = new ListingsItemsApi(undefined, url)
    const includedData = [SearchListingsItemsIncludedDataEnum.FulfillmentAvailability]
    const { data } = await api.searchListingsItems({ sellerId: SELLER, marketplaceIds: [MARKET], includedData, pageSize: 20 }, options)
    const sku = data.items.find((item) => item.sku.includes('/'))?.sku ?? ''
    const value = [{ fulfillment_channel_code: 'DEFAULT', quantity: 33 }]
    const patches = [{ op: 'merge' as const, path: '/attributes/fulfillment_availability', value }]
    const done = await api.patchListingsItem({ sellerId: SELLER, sku, marketplaceIds: [MARKET], body: { productType: 'PRODUCT', patches } }, options)
    expect([sku, done.data.status, sim.control.stockOf(sku)]).toEqual([expect.stringContaining('/'), 'ACCEPTED', 33])
  })

  it('confirm a package of some pieces; an unknown item and a date in another form are refused', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 3 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const api = new OrdersApiV0(undefined, url)
    const orderItemId = sim.ledger.order(placed.orderId)?.lines[0]?.lineId ?? ''
    const detail = { packageReferenceId: '1', carrierCode: 'UPS', trackingNumber: '1Z1', shipDate: '2026-11-22T06:00:00Z' }
    const confirm = (given: object): Promise<unknown> => {
      const packageDetail = { ...detail, orderItems: [{ orderItemId, quantity: 2 }], ...given }
      return api.confirmShipment({ orderId: placed.orderId, payload: { marketplaceId: MARKET, packageDetail } }, options)
    }
    expect(await confirm({})).toMatchObject({ status: 204 })
    expect(sim.ledger.order(placed.orderId)).toMatchObject({ status: 'PARTIALLY_SHIPPED', lines: [{ shippedQuantity: 2 }] })
    expect(await refusalOf(confirm({ packageReferenceId: '2', orderItems: [{ orderItemId: '1', quantity: 1 }] }))).toEqual([400, 'InvalidInput'])
    expect(await refusalOf(confirm({ packageReferenceId: '3', shipDate: '02/21/2022' }))).toEqual([400, 'InvalidInput'])
    expect(await refusalOf(confirm({ packageReferenceId: 'P-4' }))).toEqual([400, 'InvalidInput'])
  })

  it('are refused with a wrong secret, a wrong token, two bounds at once and one too young, and after too many calls', async () => {
    expect((await login('wrong')).status).toBe(401)
    const api = new OrdersApi(undefined, url)
    const ago = (ms: number): string => new Date(sim.clock.now() - ms).toISOString()
    const wrong = { headers: { 'x-amz-access-token': 'Atza|wrong' } }
    expect(await refusalOf(api.searchOrders({ createdAfter: ago(9e6) }, wrong))).toEqual([403, 'Unauthorized'])
    expect(await refusalOf(api.searchOrders({ createdAfter: ago(9e6), lastUpdatedAfter: ago(9e6) }, options))).toEqual([400, 'InvalidInput'])
    expect(await refusalOf(api.searchOrders({ createdAfter: ago(9e6), createdBefore: ago(60_000) }, options))).toEqual([400, 'InvalidInput'])
    const many = async (): Promise<void> => {
      for (let n = 0; n < 30; n += 1) await api.searchOrders({ createdAfter: ago(9e6), maxResultsPerPage: 1 }, options)
    }
    expect(await refusalOf(many())).toEqual([429, 'QuotaExceeded'])
  })

  it('get the pairs the vendor recorded in his models, as from his static sandbox', async () => {
    const api = new OrdersApi(undefined, `${url}/static`)
    const { Buyer, Recipient, Proceeds, Expense, Promotion, Cancellation, Fulfillment, Packages } = SearchOrdersIncludedDataEnum
    const includedData = [Buyer, Recipient, Proceeds, Expense, Promotion, Cancellation, Fulfillment, Packages]
    const { data } = await api.searchOrders({ createdAfter: '2024-12-25T00:00:00Z', marketplaceIds: ['A1VC38T7YXB528'], includedData }, options)
    expect(data.orders.map((order) => [order.orderId, order.proceeds?.grandTotal])).toEqual([
      ['250-1234567-8901234', { amount: '19940', currencyCode: 'JPY' }],
    ])
    expect(await refusalOf(api.searchOrders({ createdAfter: 'TEST_CASE_400' }, options))).toEqual([400, 'InvalidInput'])
  })

  it.each(recorded)('replays pair $i of $id, whose answer is what its model says', async ({ id, pair }) => {
    const operation = asRecord(operations[id])
    const { body, ...parameters } = asRecord(pair['parameters'])
    const rest = Object.entries(parameters)
    const path = (asText(operation['path']) ?? '').replace(/\{(\w+)\}/g, (_, name: string) => {
      const at = rest.findIndex(([each]) => each === name)
      return at < 0 ? 'X' : String(rest.splice(at, 1)[0]?.[1])
    })
    const query = new URLSearchParams(Object.fromEntries(rest.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)])))
    const method = asText(operation['method']) ?? 'GET'
    const response = await fetch(`${url}/static${path}?${query.toString()}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(response.status).toBe(pair['status'])
    if (response.status === 204) return
    const answer: unknown = await response.json()
    expect(answer).toEqual(pair['answer'])
    const model = asText(operation['answer'])
    if (model !== undefined && response.status === 200) expect(problemOf(model, answer)).toBeUndefined()
  })

  it('would notice an answer that is not what its model says', () => {
    const order = {
      orderId: '1',
      createdTime: '2026-11-22T06:00:00Z',
      lastUpdatedTime: 'today',
      salesChannel: { channelName: 'AMAZON' },
      orderItems: [],
    }
    expect(problemOf('orders.GetOrderResponse', {})).toBe('/order is missing.')
    expect(problemOf('orders.GetOrderResponse', { order })).toBe('/order/lastUpdatedTime: not a time of ISO 8601.')
    const fulfillment = { fulfillmentStatus: 'LOST' }
    expect(problemOf('orders.GetOrderResponse', { order: { ...order, lastUpdatedTime: order.createdTime, fulfillment } })).toContain('LOST')
  })
})
