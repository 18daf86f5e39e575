import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEbay } from '../../sandbox/ebay/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'

/** A member by its path: "orders.0.orderId". */
const of = (doc: unknown, path: string): unknown => path.split('.').reduce<unknown>((value, name) => Reflect.get(Object(value), name), doc)
const text = (doc: unknown, path: string): string => String(of(doc, path))
const list = (doc: unknown, path: string): readonly unknown[] => {
  const value = of(doc, path)
  return Array.isArray(value) ? value : []
}

interface Told {
  readonly status: number
  readonly location: string
  readonly doc: unknown
}

/** A client as the vendor's pages write one: a token bought with the refresh token, JSON with a bearer, XML with a header of its own. */
class Client {
  readonly base: string
  token = ''
  constructor(base: string) {
    this.base = base
  }
  async buy(form: Readonly<Record<string, string>>, app = 'Sandbox-ChannelH-PRD-0123456789ab-0001:PRD-sandbox-cert-0001-0123'): Promise<Told> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(app).toString('base64')}`,
    }
    const response = await fetch(`${this.base}/identity/v1/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
    const doc: unknown = await response.json()
    if (response.status === 200) this.token = text(doc, 'access_token')
    return { status: response.status, location: '', doc }
  }
  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Told> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${this.base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const answer = await response.text()
    return { status: response.status, location: response.headers.get('location') ?? '', doc: answer === '' ? undefined : JSON.parse(answer) }
  }
  orders(filter: string, rest: Readonly<Record<string, string>> = {}): Promise<Told> {
    return this.call('GET', `/sell/fulfillment/v1/order?${new URLSearchParams({ filter, ...rest }).toString()}`)
  }
  async xml(name: string, inside: string, token = this.token): Promise<string> {
    const headers = {
      'content-type': 'text/xml',
      'x-ebay-api-call-name': name,
      'x-ebay-api-siteid': '0',
      'x-ebay-api-compatibility-level': '1423',
      'x-ebay-api-iaf-token': token,
    }
    const body = `<?xml version="1.0" encoding="utf-8"?><${name}Request xmlns="urn:ebay:apis:eBLBaseComponents">${inside}</${name}Request>`
    const response = await fetch(`${this.base}/ws/api.dll`, { method: 'POST', headers, body })
    if (response.status !== 200) throw new Error(`The Trading API answered ${response.status}.`)
    return response.text()
  }
}

const SCOPE = 'https://api.ebay.com/oauth/api_scope/sell.fulfillment'
const stamp = (ms: number): string => new Date(ms).toISOString()
let sandbox: Sandbox
let sim: MarketSim
let client: Client

beforeAll(async () => {
  sim = createEbay()
  sim.control.seedProducts(12)
  sim.control.seedOrders(130, 0.9)
  sandbox = await start({ shops: [{ name: 'ebay-1', sim }] })
  client = new Client(sandbox.shops[0]?.url ?? '')
  await client.buy({ grant_type: 'refresh_token', refresh_token: sim.credentials['refreshToken'] ?? '', scope: SCOPE })
})
afterAll(() => sandbox.stop())

const errorIds = ({ status, doc }: Told): readonly unknown[] => [status, ...list(doc, 'errors').map((each) => of(each, 'errorId'))]

describe('a client written after the vendor’s pages against the simulated eBay', () => {
  it('reads every order over several pages, each once, until there is no next', async () => {
    const filter = `lastmodifieddate:[${stamp(sim.clock.now() - 3 * 86_400_000)}..]`
    const found: string[] = []
    let pages = 0
    for (let offset = 0; ; offset += 30) {
      const { doc } = await client.orders(filter, { limit: '30', offset: String(offset) })
      found.push(...list(doc, 'orders').map((each) => text(each, 'orderId')))
      pages += 1
      if (of(doc, 'next') === undefined) break
    }
    expect(pages).toBe(5)
    expect([...new Set(found)].sort()).toEqual(
      sim.ledger
        .orders()
        .map(({ orderId }) => orderId)
        .sort(),
    )
  })

  it('chooses by state and by creation, without a filter gets the last ninety days, and follows the address of the next page', async () => {
    const idsOf = (doc: unknown): readonly string[] => list(doc, 'orders').map((each) => text(each, 'orderId'))
    const all = await client.call('GET', '/sell/fulfillment/v1/order?limit=200')
    expect([all.status, idsOf(all.doc).length]).toEqual([200, 130])
    const filter = `creationdate:[${stamp(sim.clock.now() - 86_400_000)}..],orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}`
    const found: string[] = []
    for (
      let { doc } = await client.orders(filter, { limit: '10' });
      ;
      doc = (await client.call('GET', text(doc, 'next').slice(client.base.length))).doc
    ) {
      expect(list(doc, 'orders').filter((each) => text(each, 'orderFulfillmentStatus') === 'NOT_STARTED')).toEqual([])
      found.push(...idsOf(doc))
      if (of(doc, 'next') === undefined) break
    }
    const begun = list(all.doc, 'orders').filter((each) => text(each, 'orderFulfillmentStatus') !== 'NOT_STARTED')
    expect(begun.length).toBeGreaterThan(10)
    expect(found.sort()).toEqual(begun.map((each) => text(each, 'orderId')).sort())
    expect(errorIds(await client.orders('orderfulfillmentstatus:{LOST}'))).toEqual([400, 30800])
  })

  it('is told what is wrong with its range, its pages and its ids', async () => {
    const now = sim.clock.now()
    const range = (from: number, to: number): string => `lastmodifieddate:[${stamp(from)}..${stamp(to)}]`
    expect(errorIds(await client.orders(range(now - 1000, now + 60_000)))).toEqual([400, 30850])
    expect(errorIds(await client.orders(range(now - 1000, now - 2000)))).toEqual([400, 30840])
    expect(errorIds(await client.orders('lastmodifieddate:[yesterday..]'))).toEqual([400, 30810])
    expect(errorIds(await client.orders('moddate:[x..]'))).toEqual([400, 30700])
    expect(errorIds(await client.orders(range(now - 1000, now - 500), { limit: '201' }))).toEqual([400, 31100])
    const ids = Array.from({ length: 51 }, (_, i) => `12-00001-${i}`).join(',')
    expect(errorIds(await client.call('GET', `/sell/fulfillment/v1/order?orderIds=${ids}`))).toEqual([400, 30900])
    expect(errorIds(await client.call('GET', '/sell/fulfillment/v1/order/99-00000-00000'))).toEqual([400, 32100])
  })

  it('sends a part of a line, and is refused a number without a carrier and more than there is', async () => {
    sim.control.addItem({ title: 'Tray', sku: 'TRAY', priceMinor: 1200, stock: 50 })
    const done = sim.control.shop([{ sku: 'TRAY', quantity: 3 }])
    const id = done.ok ? done.orderId : ''
    const path = `/sell/fulfillment/v1/order/${id}/shipping_fulfillment`
    const lineItemId = sim.ledger.order(id)?.lines[0]?.lineId
    const parcel = { lineItems: [{ lineItemId, quantity: 1 }], shippingCarrierCode: 'USPS', trackingNumber: '9405509699937003457459' }
    expect(await client.call('POST', path, parcel)).toMatchObject({
      status: 201,
      location: expect.stringMatching(/\/shipping_fulfillment\/9405509699937003457459$/),
    })
    expect(await client.call('GET', path)).toMatchObject({ doc: { total: 1, fulfillments: [{ lineItems: [{ lineItemId, quantity: 1 }] }] } })
    expect((await client.call('GET', `/sell/fulfillment/v1/order/${id}`)).doc).toMatchObject({ orderFulfillmentStatus: 'IN_PROGRESS' })
    expect(errorIds(await client.call('POST', path, { ...parcel, shippingCarrierCode: undefined }))).toEqual([400, 32300])
    expect(errorIds(await client.call('POST', path, { ...parcel, lineItems: [{ lineItemId, quantity: 3 }] }))).toEqual([400, 32600])
  })

  it('sets levels by the API a listing was made with, and no other', async () => {
    const selling = await client.xml('GetMyeBaySelling', '<ActiveList><Include>true</Include></ActiveList>')
    const items = [...selling.matchAll(/<Item><ItemID>(\d+)<\/ItemID><Title>[^<]*<\/Title><SKU>([^<]*)<\/SKU>/g)]
    const [managed, older] = [items.find(([, id]) => Number(id) % 2 === 0), items.find(([, id]) => Number(id) % 2 === 1)]
    const revise = (item: readonly string[] | undefined, quantity: number): Promise<string> =>
      client.xml('ReviseInventoryStatus', `<InventoryStatus><ItemID>${item?.[1] ?? ''}</ItemID><Quantity>${quantity}</Quantity></InventoryStatus>`)
    expect(await revise(older, 17)).toContain('<Ack>Success</Ack>')
    expect(sim.control.stockOf(older?.[2] ?? '')).toBe(17)
    expect(await revise(managed, 17)).toMatch(/<Ack>Failure<\/Ack>.*<ErrorCode>21919474<\/ErrorCode>/)
    const update = (sku: string, quantity: number): Promise<Told> =>
      client.call('POST', '/sell/inventory/v1/bulk_update_price_quantity', { requests: [{ sku, shipToLocationAvailability: { quantity } }] })
    expect(await update(managed?.[2] ?? '', 23)).toMatchObject({ status: 200, doc: { responses: [{ statusCode: 200 }] } })
    expect(sim.control.stockOf(managed?.[2] ?? '')).toBe(23)
    expect(await update(older?.[2] ?? '', 23)).toMatchObject({ status: 207, doc: { responses: [{ statusCode: 404, errors: [{ errorId: 25702 }] }] } })
  })

  it('is sent away with a wrong token, by JSON and by XML, and by the token door', async () => {
    const stranger = new Client(client.base)
    expect(errorIds(await stranger.orders(`lastmodifieddate:[${stamp(0)}..]`))).toEqual([401, 1001])
    expect(await stranger.xml('GetItem', '<ItemID>1</ItemID>', 'wrong')).toContain('<ErrorCode>21917053</ErrorCode>')
    const buy = (form: Readonly<Record<string, string>>, app?: string): Promise<Told> => stranger.buy({ scope: SCOPE, ...form }, app)
    expect(await buy({ grant_type: 'refresh_token', refresh_token: 'wrong' })).toMatchObject({ status: 400, doc: { error: 'invalid_grant' } })
    expect(await buy({ grant_type: 'refresh_token', refresh_token: 'wrong' }, 'a:b')).toMatchObject({ status: 401, doc: { error: 'invalid_client' } })
    sim.control.expireTokens()
    expect(errorIds(await client.orders(`lastmodifieddate:[${stamp(sim.clock.now() - 1000)}..]`))).toEqual([401, 1001])
    expect((await client.buy({ grant_type: 'refresh_token', refresh_token: sim.credentials['refreshToken'] ?? '', scope: SCOPE })).status).toBe(200)
    expect((await client.orders(`lastmodifieddate:[${stamp(sim.clock.now() - 1000)}..]`)).status).toBe(200)
  })
})
