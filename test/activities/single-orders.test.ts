import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAmazon } from '../../sandbox/amazon/index.ts'
import { createDouyin } from '../../sandbox/douyin/index.ts'
import { createEbay } from '../../sandbox/ebay/index.ts'
import { createShopee } from '../../sandbox/shopee/index.ts'
import { createSquare } from '../../sandbox/square/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createTikTokShop } from '../../sandbox/tiktok-shop/index.ts'
import { fetchOrders } from '../../src/activities/fetch.ts'
import { openShop, placedId, rounds, type OpenedShop } from './opened-shop.ts'

/** One shop for the tests of a block; orders are seeded so that those looked at are not alone. */
function shopOf(create: () => MarketSim, config?: Readonly<Record<string, unknown>>): () => OpenedShop<MarketSim> {
  let shop: OpenedShop<MarketSim> | undefined
  beforeAll(async () => {
    const sim = create()
    sim.control.seedProducts(20)
    sim.control.seedOrders(30, 0.02)
    shop = await openShop(sim, config)
  })
  afterAll(() => shop?.stop())
  return () => {
    if (!shop) throw new Error('There is no shop.')
    return shop
  }
}

describe.each([createDouyin, createShopee])('what a message names (%o)', (create) => {
  const shopNow = shopOf(create, { pageSize: 20 })

  it('is brought with its after-sales, and what the poll brings later is the same', async () => {
    const shop = shopNow()
    const id = placedId(shop.sim.control.shop())
    shop.sim.control.refund(id, 50)
    await fetchOrders(shop.deps, await shop.connection(), [id])
    const stored = `select o.payment, r.amount_minor::int minor, r.state from orders o join refunds r on r.order_id = o.id where o.channel_order_no = '${id}'`
    expect(await shop.rows(stored)).toEqual([{ payment: 'partially_refunded', minor: 50, state: 'done' }])
    const versions = `select count(*)::int n from order_versions v join orders o on o.id = v.order_id where o.channel_order_no = '${id}'`
    const before = await shop.rows(versions)
    await rounds(shop)
    expect(await shop.rows(versions)).toEqual(before)
    expect(await shop.rows(stored)).toHaveLength(1)
  })
})

describe('Amazon', () => {
  const shopNow = shopOf(() => createAmazon({ enforceRates: false }))

  it('tells what went back within the order, and gives a token for an hour', async () => {
    const shop = shopNow()
    const { control, clock } = shop.sim
    const id = placedId(control.shop())
    control.ship(id)
    control.refund(id, 25)
    await rounds(shop)
    const refunds = `select o.channel_order_no no, r.amount_minor::int minor from refunds r join orders o on o.id = r.order_id where r.channel_refund_no like 'amzn1:%'`
    expect(await shop.rows(`${refunds} and o.channel_order_no = '${id}'`)).toEqual([{ no: id, minor: 25 }])
    expect(control.renewals()).toBe(1)
    clock.advance(3_700_000)
    const later = placedId(control.shop())
    await rounds(shop)
    expect(await shop.rows(`select count(*)::int n from orders where channel_order_no = '${later}'`)).toEqual([{ n: 1 }])
    expect(control.renewals()).toBe(2)
  })
})

describe('eBay', () => {
  const shopNow = shopOf(createEbay, { pageSize: 20 })

  it('tells how many pieces left by hand, and that an order was cancelled, its money given back', async () => {
    const shop = shopNow()
    const { control, ledger } = shop.sim
    control.addItem({ title: 'Tray', sku: 'TRAY', priceMinor: 1200, stock: 50 })
    const [parted, cancelled] = [placedId(control.shop([{ sku: 'TRAY', quantity: 3 }])), placedId(control.shop([{ sku: 'TRAY', quantity: 2 }]))]
    await rounds(shop)
    control.ship(parted, { lines: [{ lineId: ledger.order(parted)?.lines[0]?.lineId ?? '', quantity: 2 }] })
    control.requestCancel(cancelled)
    await rounds(shop)
    const sent = `select o.fulfilment, l.quantity::int quantity, l.shipped::int shipped from orders o join order_lines l on l.order_id = o.id where o.channel_order_no = '${parted}'`
    expect(await shop.rows(sent)).toEqual([{ fulfilment: 'partial', quantity: 3, shipped: 2 }])
    const holds = `select code from holds h join orders o on o.id = h.order_id where o.channel_order_no = '${cancelled}' and h.released_at is null and h.code <> 'sku-unbound'`
    expect(await shop.rows(holds)).toEqual([{ code: 'cancel-requested' }])
    control.decideRefunds(cancelled, 'settle')
    await rounds(shop)
    const back = `select payment, refunded_minor::int back, cancelled from orders where channel_order_no = '${cancelled}'`
    expect(await shop.rows(back)).toEqual([{ payment: 'refunded', back: 2400, cancelled: true }])
  })
})

describe('Square', () => {
  const shopNow = shopOf(createSquare, { pageSize: 20 })

  it('tells a return as a refund of its sale, by the sale or by the list of refunds', async () => {
    const shop = shopNow()
    const id = placedId(shop.sim.control.shop())
    await rounds(shop)
    shop.sim.control.refund(id)
    await rounds(shop)
    const total = shop.sim.ledger.order(id)?.totalMinor
    const stored = `select o.payment, o.refunded_minor::int back, r.amount_minor::int amount, r.state from orders o join refunds r on r.order_id = o.id where o.channel_order_no = '${id}'`
    expect(await shop.rows(stored)).toEqual([{ payment: 'refunded', back: total, amount: total, state: 'done' }])
  })
})

describe('TikTok Shop', () => {
  const shopNow = shopOf(createTikTokShop, { pageSize: 20 })

  it('tells a cancellation as a refund of its order, and a return by the line its pieces belong to', async () => {
    const shop = shopNow()
    const { control, clock, ledger } = shop.sim
    const [cancelled, returned] = [placedId(control.shop()), placedId(control.shop())]
    await rounds(shop)
    control.ship(returned)
    clock.advance(2000)
    for (const id of [cancelled, returned]) control.refund(id)
    await rounds(shop)
    const stored = (id: string) =>
      shop.rows(
        `select o.payment, r.kind, r.state, r.amount_minor::int amount from orders o join refunds r on r.order_id = o.id where o.channel_order_no = '${id}'`,
      )
    const [wanted, back] = [ledger.order(cancelled)?.totalMinor, ledger.order(returned)?.refundedMinor]
    expect(await stored(cancelled)).toEqual([{ payment: 'refunded', kind: 'cancellation', state: 'done', amount: wanted }])
    expect(await stored(returned)).toEqual([{ payment: 'paid', kind: 'return', state: 'done', amount: back }])
  })
})
