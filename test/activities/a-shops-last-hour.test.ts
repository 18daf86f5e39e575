import { describe, expect, it } from 'vitest'
import { createAmazon } from '../../sandbox/amazon/index.ts'
import { createDouyin } from '../../sandbox/douyin/index.ts'
import { createEbay } from '../../sandbox/ebay/index.ts'
import { createJd } from '../../sandbox/jd/index.ts'
import { createKuaishou } from '../../sandbox/kuaishou/index.ts'
import { createLazada } from '../../sandbox/lazada/index.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { createShopee } from '../../sandbox/shopee/index.ts'
import { createSquare } from '../../sandbox/square/index.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { createTikTokShop } from '../../sandbox/tiktok-shop/index.ts'
import { createXiaohongshu } from '../../sandbox/xiaohongshu/index.ts'
import { createYouzan } from '../../sandbox/youzan/index.ts'
import { openShop, placedId, rounds, type OpenedShop } from './opened-shop.ts'

interface Shop {
  readonly create: () => MarketSim
  readonly config?: Readonly<Record<string, unknown>>
  /** Refunds that the channel tells before the money is back are all told; others only when they are done. */
  readonly refunds?: 'asked' | 'done' | 'elsewhere'
  /** Starts without a token and makes its first one itself. */
  readonly first?: true
}

const small = { pageSize: 20 }
const SHOPS: readonly Shop[] = [
  // The store's limiter paces by the wall clock and the simulator counts by its own: only one of them may be real.
  { create: () => createAmazon({ enforceRates: false }), refunds: 'elsewhere', first: true },
  { create: createDouyin, config: small, first: true },
  { create: createEbay, config: small, refunds: 'done', first: true },
  { create: createJd, config: small },
  { create: createKuaishou, config: small },
  // A country without a minor unit.
  { create: () => createLazada({ country: 'vn' }) },
  { create: createPinduoduo, config: small },
  { create: createShopee, config: small, first: true },
  { create: createSquare, config: small, first: true },
  { create: createTikTokShop, config: small },
  { create: createXiaohongshu, config: small },
  { create: createYouzan, config: small, first: true },
]

const byNo = <T extends { readonly no: string }>(list: readonly T[]): readonly T[] => [...list].toSorted((a, b) => (a.no < b.no ? -1 : 1))

function refundsOf({ sim }: OpenedShop<MarketSim>, told: Shop['refunds'] = 'asked'): readonly { readonly no: string; readonly minor: number }[] {
  if (told === 'asked') return sim.ledger.orders().flatMap(({ refunds }) => refunds.map(({ refundId, minor }) => ({ no: refundId, minor })))
  return [...sim.market.refunds.values()].flatMap(({ id, minor, state }) => (state === 'done' ? [{ no: id, minor }] : []))
}

async function expectAsLedger(shop: OpenedShop<MarketSim>): Promise<void> {
  const stored = await shop.rows(
    `select o.channel_order_no no, o.currency, o.total_minor::int total,
       (select json_agg(json_build_array(l.channel_line_no, l.quantity::int, l.net_minor::int) order by l.line_no) from order_lines l where l.order_id = o.id) lines
     from orders o order by o.channel_order_no collate "C"`,
  )
  const truths = shop.sim.ledger.orders().map(({ number, totalMinor, lines }) => ({
    no: number,
    currency: shop.sim.currency,
    total: totalMinor,
    lines: lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
  }))
  expect(stored).toEqual(byNo(truths))
}

describe.each(SHOPS.map((shop) => ({ ...shop, sim: shop.create() })))('$sim.channel', ({ sim, config, refunds, first }) => {
  it('comes into the store line by line as its ledger has it, with its refunds, and nothing twice; a token that ended is renewed once', async () => {
    sim.control.seedProducts(20)
    sim.control.seedOrders(90, 0.035)
    const shop = await openShop(sim, config)
    try {
      await rounds(shop)
      await expectAsLedger(shop)
      expect(await shop.rows(`select count(*)::int n from raw_dispositions where disposition = 'held'`)).toEqual([{ n: 0 }])
      if (refunds !== 'elsewhere') {
        const truths = refundsOf(shop, refunds)
        expect(truths.length).toBeGreaterThan(0)
        const stored = 'select channel_refund_no no, amount_minor::int minor from refunds order by channel_refund_no collate "C"'
        expect(await shop.rows(stored)).toEqual(byNo(truths))
      }
      const counts = 'select count(*)::int raws, (select count(*)::int from feed) feed from raw_events'
      const before = await shop.rows(counts)
      await rounds(shop)
      expect(await shop.rows(counts)).toEqual(before)

      const renewed = sim.control.renewals()
      expect(renewed > 0).toBe(first === true)
      sim.control.expireTokens()
      const id = placedId(sim.control.shop())
      await rounds(shop)
      expect(await shop.rows(`select count(*)::int n from orders where channel_order_no = '${sim.ledger.order(id)?.number ?? ''}'`)).toEqual([
        { n: 1 },
      ])
      expect(sim.control.renewals()).toBe(renewed + 1)
    } finally {
      await shop.stop()
    }
  })
})
