import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { ShopeeSDK } from '@congminh1254/shopee-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createShopee } from '../../sandbox/shopee/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'

/** The community's client, generated from the platform's own pages, drives the simulator: nothing of the hub takes part. */
let sandbox: Sandbox
afterEach(() => sandbox.stop())

const SHOP = 226_242_306
const CODE = '73616e64626f782d636f64652d303031'

const clientOf = (key = 'sandbox-shopee-partner-key-0001'): ShopeeSDK =>
  new ShopeeSDK({ partner_id: 2_001_887, partner_key: key, base_url: `${sandbox.shops[0]?.url ?? ''}/api/v2`, shop_id: SHOP })

async function opened(options: Parameters<typeof createShopee>[0] = {}): Promise<{ readonly sim: MarketSim; readonly client: ShopeeSDK }> {
  const sim = createShopee(options)
  sandbox = await start({ shops: [{ name: 'shopee-1', sim }] })
  sim.control.seedProducts(12)
  const client = clientOf()
  await client.authenticateWithCode(CODE, SHOP)
  return { sim, client }
}

const done = (what: Done): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}

/** The platform's words in what the client throws. */
async function refusal(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work
  } catch (error) {
    const data: unknown = Reflect.get(Object(error), 'data')
    if (data !== undefined) return data
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}

const lastDays = (sim: MarketSim, days: number) => {
  const now = Math.floor(sim.clock.now() / 1000)
  return { time_range_field: 'update_time', time_from: now - days * 86_400, time_to: now + 60 }
}
/** Each number once, however many pages there are. */
async function allOrders(sim: MarketSim, client: ShopeeSDK, size: number): Promise<{ readonly ids: readonly string[]; readonly pages: number }> {
  const ids: string[] = []
  let [cursor, pages] = ['', 0]
  for (;;) {
    const { response } = await client.order.getOrderList({ ...lastDays(sim, 3), page_size: size, cursor })
    ids.push(...(response?.order_list ?? []).map((order) => order.order_sn ?? ''))
    pages += 1
    if (response?.more !== true) return { ids, pages }
    cursor = response.next_cursor ?? ''
  }
}

describe('the client of Shopee', () => {
  it('reads orders over more than three pages, each once, with what the buyer paid to the cent', async () => {
    const { sim, client } = await opened()
    sim.control.seedOrders(45, 2)
    const { ids, pages } = await allOrders(sim, client, 10)
    expect(pages).toBeGreaterThan(3)
    expect([...ids].sort()).toEqual([...sim.market.orders.keys()].sort())
    const { response } = await client.order.getOrderDetail({
      order_sn_list: ids.slice(0, 40),
      response_optional_fields: 'item_list,total_amount,pay_time',
    })
    expect(response?.order_list).toHaveLength(40)
    for (const order of response?.order_list ?? []) {
      const truth = sim.ledger.order(order.order_sn ?? '')
      expect(order.item_list?.map((line) => line.model_quantity_purchased)).toEqual(truth?.lines.map((line) => line.quantity))
      if (order.total_amount !== undefined) expect(Math.round(order.total_amount * 100)).toBe(truth?.totalMinor)
      // What was not asked for is not sent.
      expect(order.recipient_address).toBeUndefined()
    }
    const paid = (response?.order_list ?? []).filter((order) => order.total_amount !== undefined).map((order) => order.order_sn ?? '')
    const escrows = await client.payment.getEscrowDetailBatch({ order_sn_list: paid.slice(0, 20) })
    for (const { escrow_detail: one } of escrows.response ?? [])
      expect(Math.round((one?.buyer_payment_info?.buyer_total_amount ?? 0) * 100)).toBe(sim.ledger.order(one?.order_sn ?? '')?.totalMinor)
  })

  it('is refused windows of more than fifteen days, pages of more than a hundred, more than fifty orders and a call made five minutes ago', async () => {
    const { sim, client } = await opened()
    expect(await refusal(client.order.getOrderList({ ...lastDays(sim, 16), page_size: 10 }))).toMatchObject({
      error: 'order.order_list_invalid_time',
    })
    expect(await refusal(client.order.getOrderList({ ...lastDays(sim, 1), page_size: 101 }))).toMatchObject({ error: 'error_param' })
    const many = Array.from({ length: 51 }, (_, i) => `26112201SBX${i}`)
    expect(await refusal(client.order.getOrderDetail({ order_sn_list: many }))).toMatchObject({ error: 'error_param' })
    expect(await refusal(client.order.getOrderDetail({ order_sn_list: ['26112201SBX'] }))).toMatchObject({ error: 'error_not_found' })
    sim.clock.shift(302_000)
    expect(await refusal(client.order.getOrderList({ ...lastDays(sim, 1), page_size: 10 }))).toMatchObject({ message: 'Invalid timestamp' })
  })

  it('lists items with their models, sets a level and reads it back, and is told which of two was not taken', async () => {
    const { sim, client } = await opened()
    const { response } = await client.product.getItemList({ offset: 0, page_size: 50, item_status: 'NORMAL' })
    const ids = (response?.item ?? []).map((item) => item.item_id ?? 0)
    const info = await client.product.getItemBaseInfo({ item_id_list: ids })
    const item = info.response?.item_list?.find((one) => one.has_model)?.item_id ?? 0
    const models = (await client.product.getModelList({ item_id: item })).response?.model ?? []
    expect(models.length).toBeGreaterThan(1)
    const [first, second] = models
    sim.control.refuseStock(second?.model_sku ?? '')
    const level = (model_id: number | undefined, stock: number) => ({ model_id: model_id ?? 0, seller_stock: [{ stock }] })
    const set = await client.product.updateStock({ item_id: item, stock_list: [level(first?.model_id, 7), level(second?.model_id, 8)] })
    expect(set.response).toMatchObject({ success_list: [{ model_id: first?.model_id, stock: 7 }], failure_list: [{ model_id: second?.model_id }] })
    expect(sim.control.stockOf(first?.model_sku ?? '')).toBe(7)
    const again = (await client.product.getModelList({ item_id: item })).response?.model.find((one) => one.model_id === first?.model_id)
    expect(again?.stock_info_v2?.seller_stock?.[0]?.stock).toBe(7)
    expect(await refusal(client.product.updateStock({ item_id: 1, stock_list: [level(0, 1)] }))).toMatchObject({
      error: 'product.error_item_not_found',
    })
  })

  it('splits an order, sends its parcels one by one, and is refused what a parcel does not allow', async () => {
    const { sim, client } = await opened({ splitPieces: false })
    const [a, b] = [...sim.market.items.values()].filter((item) => item.skus.length === 0)
    const lines = [a, b].map((item) => ({ sku: item?.code ?? '', quantity: 2 }))
    const order_sn = done(sim.control.placeOrder({ lines }))
    const piece = (item: typeof a, model_quantity?: number) => ({
      ...{ item_id: Number(item?.id), model_id: 0, order_item_id: Number(item?.id), promotion_group_id: 0 },
      ...(model_quantity === undefined ? {} : { model_quantity }),
    })
    const split = (...parcels: readonly (readonly ReturnType<typeof piece>[])[]) =>
      client.order.splitOrder({ order_sn, package_list: parcels.map((items) => ({ item_list: [...items] })) })
    expect(await refusal(split([piece(a)], [piece(a)]))).toMatchObject({ error: 'logistics.error_param' })
    expect(await refusal(split([piece(a, 1)], [piece(a, 1), piece(b)]))).toMatchObject({ message: 'This order can not be splited.' })
    const made = (await split([piece(a)], [piece(b)])).response?.package_list ?? []
    expect(made.map((one) => one.item_list?.map((item) => [item.item_id, item.model_quantity]))).toEqual([[[Number(a?.id), 2]], [[Number(b?.id), 2]]])
    expect(await refusal(split([piece(a)], [piece(b)]))).toMatchObject({ message: 'Order has been splitted.' })
    expect(await refusal(client.logistics.shipOrder({ order_sn, non_integrated: { tracking_number: 'SG1' } }))).toMatchObject({
      error: 'logistics.ship_order_need_pacakge_number',
    })
    const [first, second] = made.map((one) => one.package_number ?? '')
    const needed = await client.logistics.getShippingParameter({ order_sn, package_number: first ?? '' })
    expect(needed.response?.info_needed).toEqual({ non_integrated: ['tracking_no'] })
    const ship = (package_number: string | undefined, tracking_number: string) =>
      client.logistics.shipOrder({ order_sn, package_number: package_number ?? '', non_integrated: { tracking_number } })
    await ship(first, 'SG0001')
    expect(sim.ledger.order(order_sn)?.lines.map((line) => line.shippedQuantity)).toEqual([2, 0])
    expect(await refusal(ship(first, 'SG0001'))).toMatchObject({ error: 'logistics.error_param' })
    expect(
      await refusal(
        client.logistics.shipOrder({ order_sn, package_number: second ?? '', pickup: { address_id: 1 }, non_integrated: { tracking_number: 'x' } }),
      ),
    ).toMatchObject({ error: 'logistics.ship_order_only_support_one_type' })
    await ship(second, 'SG0002')
    expect((await client.logistics.getTrackingNumber({ order_sn, package_number: second ?? '' })).response?.tracking_number).toBe('SG0002')
    const shown = await client.order.getPackageDetail({ package_number_list: [first ?? '', second ?? ''] })
    expect(shown.response?.package_list?.map((one) => [one.fulfillment_status, one.tracking_number])).toEqual([
      ['LOGISTICS_PICKUP_DONE', 'SG0001'],
      ['LOGISTICS_PICKUP_DONE', 'SG0002'],
    ])
    expect(sim.ledger.order(order_sn)?.status).toBe('SHIPPED')
  })

  it('is refused a wrong key, renews a token that ended by itself, and can spend a code and a refresh token once', async () => {
    const { sim, client } = await opened()
    const wrong = clientOf('wrong-key')
    expect(await refusal(wrong.auth.getAccessToken(CODE, SHOP))).toMatchObject({ error: 'error_sign' })
    expect(await refusal(clientOf().auth.getAccessToken(CODE, SHOP))).toMatchObject({ error: 'invalid_code' })
    const before = await client.getAuthToken()
    sim.control.expireTokens()
    expect((await client.shop.getShopInfo()).shop_name).toBe('Sandbox Shopee')
    const after = await client.getAuthToken()
    expect(after?.access_token).not.toBe(before?.access_token)
    expect(after?.expire_in).toBe(14_400)
    expect(await refusal(client.auth.getRefreshToken(before?.refresh_token ?? '', SHOP))).toMatchObject({ error: 'error_auth' })
    sim.control.revoke(true)
    // Its own renewing fails too, and that is what it tells.
    expect(await refusal(client.shop.getShopInfo())).toMatchObject({ error: 'error_auth' })
  })

  it('answers a request to cancel, and sees a return of goods that had left', async () => {
    const { sim, client } = await opened()
    const order_sn = done(sim.control.placeOrder({ lines: [{ sku: [...sim.market.items.values()][0]?.code ?? '', quantity: 1 }] }))
    expect(await refusal(client.order.handleBuyerCancellation({ order_sn, operation: 'ACCEPT' }))).toMatchObject({ error: 'order.error_param' })
    sim.control.requestCancel(order_sn)
    await client.order.handleBuyerCancellation({ order_sn, operation: 'REJECT' })
    expect(sim.ledger.order(order_sn)?.status).toBe('READY_TO_SHIP')
    sim.control.ship(order_sn)
    sim.clock.advance(5000)
    sim.control.requestRefund(order_sn, 1)
    const now = Math.floor(sim.clock.now() / 1000)
    const { response } = await client.returns.getReturnList({ page_no: 0, page_size: 10, update_time_from: now - 60, update_time_to: now })
    expect(response?.return?.map((one) => [one.order_sn, one.status, one.needs_logistics])).toEqual([[order_sn, 'REQUESTED', true]])
  })

  it('is told what happens under the key for pushes, over address and body', async () => {
    const heard: { readonly authorization: string; readonly body: string }[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString('utf8')))
      request.on('end', () => {
        heard.push({ authorization: request.headers.authorization ?? '', body })
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hooks/shopee`
    try {
      const { sim } = await opened()
      sim.subscribe?.({ url, secret: '' })
      const id = done(sim.control.shop())
      sim.control.ship(id)
      await sim.control.webhooksSettled?.()
      for (const { authorization, body } of heard)
        expect(authorization).toBe(createHmac('sha256', 'sandbox-shopee-push-key-0001').update(`${url}|${body}`).digest('hex'))
      const codes = heard.map(({ body }) => Reflect.get(Object(JSON.parse(body)), 'code') as unknown)
      expect(new Set(codes)).toEqual(new Set([3, 4]))
    } finally {
      server.close()
    }
  })
})
