import { createAdminApiClient } from '@shopify/admin-api-client'
import { afterEach, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createShopify, type ShopifyOptions, type ShopifySim } from '../../sandbox/shopify/index.ts'
import { webhookSignature } from '../../sandbox/shopify/webhooks.ts'

/** The vendor's own client drives the simulator: nothing of the hub takes part. */
let sandbox: Sandbox

async function opened(options: ShopifyOptions = {}): Promise<{ readonly sim: ShopifySim; readonly client: ReturnType<typeof clientOf> }> {
  const sim = createShopify(options)
  sandbox = await start({ shops: [{ name: 'shop', sim }] })
  return { sim, client: clientOf(sim.accessToken) }
}

/** The client speaks https to a myshopify.com address only; its requests are turned to the simulator on the way out. */
const clientOf = (accessToken: string, apiVersion = '2026-10', seen: Headers[] = []) =>
  createAdminApiClient({
    storeDomain: 'sandbox.myshopify.com',
    apiVersion,
    accessToken,
    retries: 0,
    customFetchApi: (url, init) => {
      seen.push(new Headers(init?.headers))
      const { pathname } = new URL(String(url))
      return fetch(`${sandbox.url}/shop${pathname}`, init)
    },
  })

interface Listed {
  readonly orders: {
    readonly edges: readonly { readonly node: { readonly name: string } }[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
  }
}
type Answer = Awaited<ReturnType<typeof list>>
const list = (client: ReturnType<typeof clientOf>, after: string | null) => client.request<Listed>(LIST, { variables: { first: 10, after } })

const LIST = `query ($first: Int!, $after: String) {
  orders(first: $first, after: $after, sortKey: ID) { edges { cursor node { id name } } pageInfo { hasNextPage endCursor } }
}`
const OPEN = `query ($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: 5) { edges { node { id lineItems(first: 5) { edges { node { id remainingQuantity } } } } } }
    fulfillments(first: 5) { id status totalQuantity trackingInfo(first: 1) { number } }
  }
}`
const FULFILL = `mutation ($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}`
const ITEMS = 'query { productVariants(first: 5) { nodes { sku inventoryItem { id } } } locations(first: 1) { nodes { id } } }'
const SET = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes { name delta } } userErrors { code field } }
}`

describe("Shopify's own client", () => {
  afterEach(() => sandbox.stop())

  it('reads orders over more than three pages, each once, with the token and version it was given', async () => {
    const { sim } = await opened()
    sim.control.seedProducts(5)
    sim.control.seedOrders(35, 2)
    const seen: Headers[] = []
    const client = clientOf(sim.accessToken, '2026-07', seen)
    const names: string[] = []
    let pages = 0
    for (let after: string | null = null; ; pages += 1) {
      const { data, errors, extensions }: Answer = await list(client, after)
      expect(errors).toBeUndefined()
      expect(extensions).toMatchObject({
        cost: { requestedQueryCost: expect.any(Number), throttleStatus: { currentlyAvailable: expect.any(Number) } },
      })
      names.push(...(data?.orders.edges ?? []).map((edge) => edge.node.name))
      if (!data?.orders.pageInfo.hasNextPage) break
      after = data.orders.pageInfo.endCursor
    }
    expect(pages).toBe(3)
    expect(new Set(names).size).toBe(35)
    expect(seen[0]?.get('x-shopify-access-token')).toBe(sim.accessToken)
  })

  it('searches in its own words: several terms, one or another, none of these, words without a name', async () => {
    const { sim, client } = await opened()
    sim.control.addVariant({ name: 'Cup', sku: 'CUP', price: 1000, stock: 50 })
    sim.control.addVariant({ name: 'Tea pot', sku: 'POT', price: 3000, stock: 50 })
    const placed = ['CUP', 'POT', 'CUP'].map((sku) => sim.control.placeOrder({ lines: [{ sku, quantity: 1 }] }))
    const [first = '', second = '', third = ''] = placed.map((one) => (one.ok ? one.orderId : ''))
    sim.control.cancelOrder(third)
    const found = async (query: string): Promise<readonly string[]> => {
      const answer = await client.request(
        `query Found($q: String) { all: orders(first: 9, query: $q, sortKey: ID) { ...ids } ordersCount(query: $q) { count } } fragment ids on OrderConnection { nodes { id } }`,
        { variables: { q: query } },
      )
      expect([answer.errors, answer.data?.ordersCount.count]).toEqual([undefined, answer.data?.all.nodes.length])
      return answer.data?.all.nodes.map((one: { readonly id: string }) => one.id.replace(/.*\//, ''))
    }
    expect(await found('')).toEqual([first, second, third])
    expect(await found('sku:CUP -status:cancelled')).toEqual([first])
    expect(await found('sku:CUP AND NOT status:cancelled')).toEqual([first])
    expect(await found('(sku:POT OR status:cancelled) AND fulfillment_status:unshipped')).toEqual([second, third])
    expect(await found(`sku:POT,NONE created_at:>='2020-01-01'`)).toEqual([second])
    expect(await found('teapot')).toEqual([])
    expect(await found('"tea pot"')).toEqual([second])
    expect(await found(`id:${second}`)).toEqual([second])
    expect(await found('-color:blue ) sku:POT (')).toEqual([second])
    const variants = await client.request('query ($q: String) { productVariants(first: 5, query: $q) { nodes { sku } } }', {
      variables: { q: 'sku:POT' },
    })
    expect(variants.data?.productVariants.nodes).toEqual([{ sku: 'POT' }])
  })

  it('sets a level, once per key, and is told why one is refused', async () => {
    const { sim, client } = await opened()
    sim.control.addVariant({ name: 'Cup', sku: 'CUP', price: 1000, stock: 5 })
    const { data } = await client.request(ITEMS)
    const at = { inventoryItemId: data.productVariants.nodes[0].inventoryItem.id, locationId: data.locations.nodes[0].id }
    const set = (quantity: number, changeFromQuantity: number | null, key: string) =>
      client.request(SET, {
        variables: { input: { name: 'available', reason: 'correction', quantities: [{ ...at, quantity, changeFromQuantity }] }, key },
      })
    expect((await set(8, 5, 'k1')).data.inventorySetQuantities).toEqual({
      inventoryAdjustmentGroup: { changes: [{ name: 'available', delta: 3 }] },
      userErrors: [],
    })
    expect(sim.control.stockOf('CUP')).toBe(8)
    expect((await set(8, 5, 'k1')).data.inventorySetQuantities.userErrors).toEqual([])
    expect((await set(9, 5, 'k2')).data.inventorySetQuantities.userErrors).toMatchObject([{ code: 'CHANGE_FROM_QUANTITY_STALE' }])
    expect((await set(9, null, 'k1')).data.inventorySetQuantities.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' }])
    expect(sim.control.stockOf('CUP')).toBe(8)
    const bare = SET.replace(' @idempotent(key: $key)', '').replace(', $key: String!', '')
    const without = await client.request(bare, { variables: { input: { name: 'available', reason: 'correction', quantities: [] } } })
    expect(without.errors?.graphQLErrors?.[0]?.message).toContain('@idempotent')
  })

  it('sends a part of an order, then is refused more than is left', async () => {
    const { sim, client } = await opened()
    sim.control.addVariant({ name: 'Cup', sku: 'CUP', price: 1000, stock: 5 })
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 3 }] })
    const id = `gid://shopify/Order/${placed.ok ? placed.orderId : ''}`
    const before = (await client.request(OPEN, { variables: { id } })).data.order
    const source = before.fulfillmentOrders.edges[0].node
    const send = (quantity: number) =>
      client.request(FULFILL, {
        variables: {
          fulfillment: {
            lineItemsByFulfillmentOrder: [
              { fulfillmentOrderId: source.id, fulfillmentOrderLineItems: [{ id: source.lineItems.edges[0].node.id, quantity }] },
            ],
            trackingInfo: { company: 'UPS', number: '1Z1' },
          },
        },
      })
    expect((await send(2)).data.fulfillmentCreate).toMatchObject({ fulfillment: { status: 'SUCCESS' }, userErrors: [] })
    expect((await send(2)).data.fulfillmentCreate).toMatchObject({
      fulfillment: null,
      userErrors: [{ message: expect.stringContaining('quantity') }],
    })
    const after = (await client.request(OPEN, { variables: { id } })).data.order
    expect(after.fulfillments).toMatchObject([{ totalQuantity: 2, trackingInfo: [{ number: '1Z1' }] }])
    expect(after.fulfillmentOrders.edges[0].node.lineItems.edges[0].node.remainingQuantity).toBe(1)
    expect(sim.ledger.shipments()).toHaveLength(1)
  })

  it('is told what is wrong: a token, a field, an address, a page too large, too many points', async () => {
    const { client } = await opened({ points: { maximum: 900, restoreRate: 1, perQuery: 1000 } })
    expect((await clientOf('shpat_wrong').request(LIST, { variables: { first: 1 } })).errors?.networkStatusCode).toBe(401)
    expect((await clientOf('shpat_wrong', '2024-01').request('query { shop { name } }')).errors?.networkStatusCode).toBe(404)
    const codeOf = async (query: string, variables = {}): Promise<unknown> =>
      (await client.request(query, { variables })).errors?.graphQLErrors?.[0]?.extensions?.['code']
    expect(await codeOf('query { shop { colour } }')).toBe('undefinedField')
    expect(await codeOf(LIST, { first: 251 })).toBe('BAD_REQUEST')
    const dear = 'query { orders(first: 250) { nodes { lineItems(first: 5) { edges { node { id } } } } } }'
    expect(await codeOf(dear)).toBe('MAX_COST_EXCEEDED')
    expect(await codeOf(dear.replace('250', '160'))).toBe('THROTTLED')
  })
})

describe('deliveries of the simulated shop', () => {
  it('carry the signature of the documented example', () => {
    expect(webhookSignature('{"foo": "bar"}', 'test_secret_key')).toBe('B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=')
  })
})
