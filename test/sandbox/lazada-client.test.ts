import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLazada } from '../../sandbox/lazada/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'

type Action = (
  appKey: string,
  appSecret: string,
  gateway: string,
  accessToken: string | undefined,
  payload: Readonly<Record<string, unknown>>,
  action: 'GET' | 'POST',
  protocol: 'HTTP',
) => Promise<unknown>

/** The community's client (npm lazada-api), which signs, asks and reads by itself; its actions take the address as a parameter. */
const LazadaAPI: new (
  appKey: string,
  appSecret: string,
  country: 'SINGAPORE',
  accessToken?: string,
) => { readonly client: Readonly<Record<string, Action>> } = createRequire(import.meta.url)('lazada-api')

/** A member by its path: "data.orders.0.order_id". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

let sandbox: Sandbox
let sim: MarketSim
let url: string
/** The answer, or what the client rejects with. */
let ask: (
  name: string,
  payload?: Readonly<Record<string, unknown>>,
  given?: { readonly secret?: string; readonly token?: string },
) => Promise<unknown>

beforeAll(async () => {
  sim = createLazada()
  sim.control.seedProducts(12)
  sim.control.seedOrders(37, 0.5)
  sandbox = await start({ shops: [{ name: 'lazada-1', sim }] })
  url = sandbox.shops[0]?.url ?? ''
  const { appKey = '', appSecret = '', accessToken = '' } = sim.credentials
  const { client } = new LazadaAPI(appKey, appSecret, 'SINGAPORE', accessToken)
  const gateway = `${url.replace('http://', '')}/rest`
  ask = async (name, payload = {}, { secret = appSecret, token = accessToken } = {}) => {
    const action = client[name]
    if (!action) throw new Error(`The client has no ${name}.`)
    // It rejects with the answer itself, which is no Error.
    return action(appKey, secret, gateway, token, payload, 'GET', 'HTTP').catch((error: unknown) => error)
  }
})
afterAll(() => sandbox.stop())

const everything = { update_after: '2020-01-01T00:00:00+08:00', sort_by: 'updated_at', sort_direction: 'ASC' }

describe('lazada-api 2.6.0 against the simulated gateway', () => {
  it('reads every order over four pages, with items for every piece of them', async () => {
    const ids: unknown[] = []
    for (const offset of [0, 10, 20, 30]) {
      const page = await ask('getOrders', { ...everything, limit: 10, offset })
      expect([of(page, 'code'), of(page, 'data.countTotal')]).toEqual(['0', 37])
      ids.push(...list(page, 'data.orders').map((order) => of(order, 'order_id')))
    }
    expect(new Set(ids.map(String))).toEqual(new Set(sim.ledger.orders().map(({ orderId }) => orderId)))
    const items = await ask('getMultipleOrderItems', { order_ids: `[${ids.slice(0, 5).join(', ')}]` })
    for (const order of list(items, 'data')) {
      const truth = sim.ledger.order(String(of(order, 'order_id')))
      const units = list(order, 'order_items')
      expect(units.length).toBe(truth?.lines.reduce((sum, line) => sum + line.quantity, 0))
      const paid = units.reduce<number>((sum, unit) => sum + Math.round(Number(of(unit, 'paid_price')) * 100), 0)
      expect(paid).toBe(truth?.lines.reduce((sum, line) => sum + line.totalMinor, 0))
    }
  })

  it('sets the stock of a SKU by the seller’s code, and is told which of two is not there', async () => {
    const [sku = ''] = sim.ledger.orders()[0]?.lines.map((line) => line.sku) ?? []
    const xml = (...skus: readonly string[]): string =>
      `<Request><Product><Skus>${skus.map((one) => `<Sku><SellerSku>${one}</SellerSku><Quantity>321</Quantity></Sku>`).join('')}</Skus></Product></Request>`
    expect(await ask('updatePriceQuantity', { payload: xml(sku) })).toMatchObject({ code: '0' })
    expect(sim.control.stockOf(sku)).toBe(321)
    expect(await ask('updatePriceQuantity', { payload: xml('no-such-sku') })).toMatchObject({
      code: '501',
      type: 'ISP',
      detail: [{ message: 'SELLER_SKU_NOT_FOUND', seller_sku: 'no-such-sku' }],
    })
  })

  it('packs a part of an order, makes it ready with a number and a carrier, and is refused what has left already', async () => {
    const sku = sim.ledger.orders()[0]?.lines[0]?.sku ?? ''
    sim.control.setStock(sku, 50)
    const done = sim.control.shop([{ sku, quantity: 3 }])
    const id = done.ok ? done.orderId : ''
    const units = list(await ask('getOrderItems', { order_id: id }), 'data').map((unit) => of(unit, 'order_item_id'))
    const some = { delivery_type: 'dropship', order_item_ids: `[${units.slice(0, 2).join(',')}]` }
    expect(await ask('setStatusToPackedByMarketplace', { ...some, shipping_provider: 'nobody' })).toMatchObject({ code: '6' })
    expect(await ask('setStatusToPackedByMarketplace', { ...some, shipping_provider: 'Ninja Van' })).toMatchObject({ code: '0' })
    const ready = { ...some, shipment_provider: 'Ninja Van', tracking_number: 'NV0001' }
    expect(await ask('setStatusToReadyToShip', ready)).toMatchObject({ code: '0' })
    expect(await ask('setStatusToReadyToShip', ready)).toMatchObject({ code: '63' })
    expect(list(await ask('getOrderItems', { order_id: id }), 'data').map((unit) => [of(unit, 'status'), of(unit, 'tracking_code')])).toEqual([
      ['ready_to_ship', 'NV0001'],
      ['ready_to_ship', 'NV0001'],
      ['pending', ''],
    ])
    expect(sim.ledger.order(id)).toMatchObject({ status: 'ready_to_ship, pending', lines: [{ shippedQuantity: 2 }] })
  })

  it('is refused with the wrong secret, a dead token, an order of nobody and a page beyond the limits', async () => {
    expect(await ask('getOrders', everything, { secret: 'wrong' })).toMatchObject({ code: 'IncompleteSignature' })
    expect(await ask('getOrders', everything, { token: 'dead' })).toMatchObject({ code: 'IllegalAccessToken' })
    expect(await ask('getOrder', { order_id: 4711 })).toMatchObject({ code: '16' })
    expect(await ask('getOrders', { ...everything, limit: 101 })).toMatchObject({ code: '19' })
    expect(await ask('getOrders', { ...everything, offset: 5001 })).toMatchObject({ code: '14' })
    expect(await ask('getOrders', { ...everything, update_after: '2020-01-01' })).toMatchObject({ code: '17' })
    expect(await ask('getMultipleOrderItems', { order_ids: `[${Array.from({ length: 51 }, (_, i) => i + 1).join(',')}]` })).toMatchObject({
      code: '38',
    })
  })
})

describe('what that client has no action for', () => {
  it('pushes a message for each piece, whose signature covers key and body', async () => {
    const heard: { readonly authorization: string; readonly body: string }[] = []
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        heard.push({ authorization: request.headers.authorization ?? '', body: Buffer.concat(parts).toString('utf8') })
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    sim.subscribe?.({ url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`, secret: 'unused' })
    const sku = sim.ledger.orders()[0]?.lines[0]?.sku ?? ''
    const done = sim.control.shop([{ sku, quantity: 2 }])
    sim.control.edit(done.ok ? done.orderId : '')
    sim.control.requestCancel(done.ok ? done.orderId : '')
    await sim.control.webhooksSettled?.()
    server.close()
    const { appKey = '', appSecret = '' } = sim.credentials
    for (const { authorization, body } of heard)
      expect(authorization).toBe(
        createHmac('sha256', appSecret)
          .update(appKey + body)
          .digest('hex'),
      )
    const told = heard.map(({ body }): unknown => JSON.parse(body))
    // Placed and paid, two pieces each; the change of a note is told to nobody.
    expect(
      told.map((each) => `${String(of(each, 'message_type'))} ${String(of(each, 'data.order_status') ?? of(each, 'data.reverse_status'))}`).sort(),
    ).toEqual(['0 pending', '0 pending', '0 unpaid', '0 unpaid', '10 REQUEST_INITIATE', '10 REQUEST_INITIATE'])
    expect(new Set(told.map((each) => String(of(each, 'data.trade_order_id')))).size).toBe(1)
  })

  it('renews a token once: the refresh token is spent by it', async () => {
    const { appKey = '', appSecret = '', refreshToken = '' } = sim.credentials
    const path = '/auth/token/refresh'
    const renew = async (): Promise<unknown> => {
      const given: Record<string, string> = {
        app_key: appKey,
        refresh_token: refreshToken,
        sign_method: 'sha256',
        timestamp: String(sim.clock.now()),
      }
      const text = Object.keys(given)
        .sort()
        .map((name) => `${name}${given[name] ?? ''}`)
        .join('')
      const sign = createHmac('sha256', appSecret)
        .update(path + text)
        .digest('hex')
        .toUpperCase()
      return (await fetch(`${url}/rest${path}?${new URLSearchParams({ ...given, sign }).toString()}`)).json()
    }
    const first = await renew()
    expect(first).toMatchObject({ code: '0', expires_in: 2_592_000, country: 'sg' })
    expect(await renew()).toMatchObject({ code: 'IllegalRefreshToken' })
    expect(await ask('getOrders', everything)).toMatchObject({ code: 'IllegalAccessToken' })
    expect(await ask('getOrders', everything, { token: String(of(first, 'access_token')) })).toMatchObject({ code: '0' })
  })
})
