import { createServer } from 'node:http'
import { SquareClient, SquareError, WebhooksHelper } from 'square'
import { afterEach, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createSquare } from '../../sandbox/square/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'

/** The vendor's own client drives the simulator: nothing of the hub takes part. */
let sandbox: Sandbox
const LOCATION = 'LSANDBOX0001AB'
const APP = { clientId: 'sandbox-sq0idb-client0001', clientSecret: 'sandbox-sq0csb-secret0001' }

const clientOf = (token: string): SquareClient => new SquareClient({ token, environment: sandbox.shops[0]?.url ?? '', maxRetries: 0 })

async function opened(): Promise<{ readonly sim: MarketSim; readonly client: SquareClient }> {
  const sim = createSquare()
  sandbox = await start({ shops: [{ name: 'square-1', sim }] })
  sim.control.seedProducts(12)
  const { accessToken } = await clientOf('').oAuth.obtainToken({ ...APP, grantType: 'refresh_token', refreshToken: 'EQAAsandboxRefreshToken0001' })
  return { sim, client: clientOf(accessToken ?? '') }
}

const done = (what: Done): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}
const refusal = async (work: PromiseLike<unknown>): Promise<Readonly<Record<string, unknown>>> => {
  try {
    await work
  } catch (error) {
    if (error instanceof SquareError) return { status: error.statusCode, ...error.errors[0] }
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}
const updated = (sim: MarketSim) => ({
  filter: { dateTimeFilter: { updatedAt: { startAt: new Date(sim.clock.now() - 3 * 86_400_000).toISOString() } } },
  sort: { sortField: 'UPDATED_AT', sortOrder: 'ASC' } as const,
})

describe('Square’s own client', () => {
  afterEach(() => sandbox.stop())

  it('reads sales and returns over more than three pages, each once, amounts as whole minor units', async () => {
    const { sim, client } = await opened()
    sim.control.seedOrders(45, 2)
    const seen: { readonly id: string; readonly total: bigint; readonly returns: boolean }[] = []
    const query = updated(sim)
    let [pages, cursor]: [number, string | undefined] = [0, undefined]
    do {
      const page: Awaited<ReturnType<typeof client.orders.search>> = await client.orders.search({
        locationIds: [LOCATION],
        limit: 10,
        query,
        ...(cursor === undefined ? {} : { cursor }),
      })
      for (const order of page.orders ?? [])
        seen.push({ id: order.id ?? '', total: order.totalMoney?.amount ?? -1n, returns: (order.returns ?? []).length > 0 })
      cursor = page.cursor
      pages += 1
    } while (cursor !== undefined)
    expect(pages).toBeGreaterThan(3)
    const sales = seen.filter((order) => !order.returns)
    expect(sales.map(({ id }) => id).sort()).toEqual([...sim.market.orders.keys()].sort())
    for (const { id, total } of sales) expect(Number(total)).toBe(sim.ledger.order(id)?.totalMinor)
    expect(seen.length - sales.length).toBe(sim.market.refunds.size)
  })

  it('lists the catalogue, sets a level and reads it back', async () => {
    const { sim, client } = await opened()
    const skus: string[] = []
    for await (const object of await client.catalog.list({ types: 'ITEM' }))
      if (object.type === 'ITEM')
        for (const variation of object.itemData?.variations ?? []) if (variation.type === 'ITEM_VARIATION') skus.push(variation.id ?? '')
    expect(skus.length).toBe(12)
    const count = {
      catalogObjectId: skus[0] ?? '',
      locationId: LOCATION,
      state: 'IN_STOCK',
      quantity: '7',
      occurredAt: new Date(sim.clock.now()).toISOString(),
    } as const
    const change = { idempotencyKey: 'set-1', changes: [{ type: 'PHYSICAL_COUNT', physicalCount: count } as const] }
    const first = await client.inventory.batchCreateChanges(change)
    expect(first.counts?.map((one) => one.quantity)).toEqual(['7'])
    // The same key and body once more: the same answer, nothing done.
    await client.inventory.batchCreateChanges(change)
    expect(sim.ledger.stockWrites().length).toBe(1)
    const again = { ...change, changes: [{ type: 'PHYSICAL_COUNT', physicalCount: { ...count, quantity: '8' } } as const] }
    expect(await refusal(client.inventory.batchCreateChanges(again))).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_REUSED' })
    const old = { ...count, occurredAt: new Date(sim.clock.now() - 90_000_000).toISOString() }
    const late = { idempotencyKey: 'set-2', changes: [{ type: 'PHYSICAL_COUNT', physicalCount: old } as const] }
    expect(await refusal(client.inventory.batchCreateChanges(late))).toMatchObject({ code: 'INVALID_TIME' })
    const read: string[] = []
    for await (const one of await client.inventory.batchGetCounts({ catalogObjectIds: [skus[0] ?? ''], locationIds: [LOCATION] }))
      read.push(one.quantity ?? '')
    expect(read).toEqual(['7'])
  })

  it('completes one fulfilment of two with its parcel, and is refused a version that is over', async () => {
    const { sim, client } = await opened()
    const [a, b] = [...sim.market.items.values()].map((item) => item.skus[0]?.code ?? '')
    const id = done(
      sim.control.placeOrder({
        lines: [
          { sku: a ?? '', quantity: 2 },
          { sku: b ?? '', quantity: 1 },
        ],
      }),
    )
    await sim.levers?.['split-order']?.({ orderId: id }, sim)
    const { order } = await client.orders.get({ orderId: id })
    expect(order?.fulfillments?.map((each) => [each.state, each.lineItemApplication, each.entries?.length])).toEqual([
      ['PROPOSED', 'ENTRY_LIST', 1],
      ['PROPOSED', 'ENTRY_LIST', 1],
    ])
    const parcel = {
      uid: order?.fulfillments?.[0]?.uid ?? '',
      state: 'COMPLETED',
      shipmentDetails: { carrier: 'DPD', trackingNumber: '15501234567890' },
    } as const
    const version = order?.version ?? 0
    const update = { orderId: id, idempotencyKey: 'ship-1', order: { locationId: LOCATION, version, fulfillments: [parcel] } }
    const after = await client.orders.update(update)
    expect(after.order?.fulfillments?.map((each) => [each.state, each.shipmentDetails?.trackingNumber])).toEqual([
      ['COMPLETED', '15501234567890'],
      ['PROPOSED', undefined],
    ])
    expect([after.order?.state, sim.ledger.shipments().length]).toEqual(['OPEN', 1])
    expect(await refusal(client.orders.update({ ...update, idempotencyKey: 'ship-2' }))).toMatchObject({
      status: 400,
      category: 'INVALID_REQUEST_ERROR',
      code: 'VERSION_MISMATCH',
      field: 'order.version',
    })
  })

  it('is told what Square’s document does not allow', async () => {
    const { sim, client } = await opened()
    const ask = (given: object) => refusal(client.orders.search({ locationIds: [LOCATION], ...given }))
    expect(await ask({ locationIds: ['LOTHER'] })).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect(await ask({ query: { ...updated(sim), sort: { sortField: 'CREATED_AT' } } })).toMatchObject({
      code: 'BAD_REQUEST',
      field: 'query.sort.sort_field',
    })
    expect(await ask({ cursor: 'nonsense' })).toMatchObject({ code: 'INVALID_CURSOR' })
    const raw = (path: string, body: unknown): Promise<Response> =>
      client.fetch(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    const told = async (body: unknown): Promise<unknown> => (await raw('/v2/inventory/changes/batch-create', body)).json()
    expect(await told({ changes: [] })).toMatchObject({ errors: [{ code: 'MISSING_REQUIRED_PARAMETER', field: 'idempotency_key' }] })
    expect(await told({ idempotency_key: 'x', changes: [{ type: 'GUESS' }] })).toMatchObject({
      errors: [{ code: 'INVALID_ENUM_VALUE', field: 'changes[0].type' }],
    })
    expect(await told({ idempotency_key: 'x', wishes: [] })).toMatchObject({ errors: [{ code: 'UNKNOWN_BODY_PARAMETER', field: 'wishes' }] })
  })

  it('is turned away with a wrong token, and after the seller took the authorisation back', async () => {
    const { sim, client } = await opened()
    expect(await refusal(clientOf('EAAAwrong').locations.list())).toMatchObject({
      status: 401,
      category: 'AUTHENTICATION_ERROR',
      code: 'UNAUTHORIZED',
    })
    expect((await client.locations.list()).locations?.map((each) => each.id)).toEqual([LOCATION])
    sim.control.revoke(true)
    expect(await refusal(client.locations.list())).toMatchObject({ status: 401 })
    const renew = client.oAuth.obtainToken({ ...APP, grantType: 'refresh_token', refreshToken: 'EQAAsandboxRefreshToken0001' })
    expect(await refusal(renew)).toMatchObject({ status: 401, code: 'ACCESS_TOKEN_REVOKED' })
  })

  it('subscribes with the application’s own token, and its helper agrees with the signature', async () => {
    const { sim, client } = await opened()
    const heard: { readonly body: string; readonly signature: string }[] = []
    const door = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        heard.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['x-square-hmacsha256-signature']) })
        response.end()
      })
    })
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
    try {
      const address = door.address()
      const notificationUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`
      const subscription = { name: 'trial', eventTypes: ['order.created', 'order.updated'], notificationUrl, apiVersion: '2025-08-20' }
      expect(await refusal(client.webhooks.subscriptions.create({ subscription }))).toMatchObject({ status: 401 })
      const made = await clientOf('EAAAsandboxApplicationToken0001').webhooks.subscriptions.create({ idempotencyKey: 'hook-1', subscription })
      const id = done(sim.control.shop())
      await sim.control.webhooksSettled?.()
      expect(heard.map(({ body }) => JSON.parse(body).type)).toEqual(['order.created', 'order.updated'])
      expect(heard[0]?.body).toContain(id)
      const signatureKey = made.subscription?.signatureKey ?? ''
      for (const { body, signature } of heard) {
        const given = { requestBody: body, signatureHeader: signature, signatureKey, notificationUrl }
        expect(await WebhooksHelper.verifySignature(given)).toBe(true)
        expect(await WebhooksHelper.verifySignature({ ...given, requestBody: `${body} ` })).toBe(false)
      }
    } finally {
      door.close()
    }
  })
})
