import { prorate } from '../stage/decimal.ts'
import { goodsName, goodsSku } from '../stage/goods.ts'
import type { CartLine } from '../stage/shop-control.ts'
import type { TopItem, TopLine, TopPromotion, TopSku, TopTrade } from './model.ts'
import { closeUnpaid, consign, finish, leftOf, makeRefund, moveStock, pay, stockOf } from './operations.ts'
import { touch, type TaobaoShop } from './shop.ts'

export interface TradeInput {
  readonly lines: readonly CartLine[]
  readonly person?: number
  readonly type?: string
  readonly postMinor?: number
  readonly codFeeMinor?: number
  /** Off each line by a promotion of its item. */
  readonly lineDiscountMinor?: number
  /** Off the whole trade, spread over its lines. */
  readonly orderDiscountMinor?: number
  readonly promotionName?: string
  /** The seller's change of the first line's price; negative makes it cheaper. */
  readonly adjustMinor?: number
  /** A presale with this deposit; only the deposit is paid. */
  readonly depositMinor?: number
  readonly unpaid?: boolean
  readonly buyerMessage?: string
  /** The shelf is left alone and nobody is told. */
  readonly quiet?: boolean
}

export function addItem(
  shop: TaobaoShop,
  input: { readonly title: string; readonly sku: string; readonly priceMinor: number; readonly stock: number },
): TopItem {
  const item: TopItem = {
    numIid: shop.nextId('item'),
    title: input.title,
    outerId: input.sku,
    priceMinor: input.priceMinor,
    num: input.stock,
    status: 'onsale',
    skus: [],
    modifiedAt: shop.clock.now(),
  }
  shop.items.set(item.numIid, item)
  return item
}

const COLOURS = ['红色', '黑色', '青花#cln#大']

/** Every third item has variants; `count` counts what can be sold. */
export function seedItems(shop: TaobaoShop, count: number): void {
  const { random } = shop
  for (let n = sellable(shop).length; n < count;) {
    const item = addItem(shop, { title: goodsName(n), sku: goodsSku(n), priceMinor: random.int(100, 20_000), stock: random.int(20, 200) })
    const variants = n % 3 === 2 ? Math.min(3, count - n) : 0
    if (variants === 0) {
      n += 1
      continue
    }
    const skus = Array.from({ length: variants }, (_, i): TopSku => {
      const colour = COLOURS[i % COLOURS.length] ?? ''
      return {
        skuId: shop.nextId('sku'),
        outerId: goodsSku(n + i),
        properties: `1627207:2834${i}:颜色分类:${colour}`,
        priceMinor: item.priceMinor + i * 100,
        quantity: random.int(20, 200),
      }
    })
    shop.items.set(item.numIid, {
      ...item,
      outerId: `ITEM-${n}`,
      num: skus.reduce((sum, sku) => sum + sku.quantity, 0),
      skus,
      status: n % 15 === 14 ? 'instock' : 'onsale',
    })
    n += variants
  }
}

interface Place {
  readonly item: TopItem
  readonly sku: TopSku | undefined
  readonly code: string
}

/** Everything that can be sold: items without variants, and the variants of the others. */
export const sellable = (shop: TaobaoShop): readonly Place[] =>
  [...shop.items.values()].flatMap((item): readonly Place[] =>
    item.skus.length === 0 ? [{ item, sku: undefined, code: item.outerId }] : item.skus.map((sku) => ({ item, sku, code: sku.outerId })),
  )

/** Undefined when a merchant code is not known; every line has enough stock. */
export function placeTrade(shop: TaobaoShop, input: TradeInput): TopTrade | string {
  const places = new Map(sellable(shop).map((place) => [place.code, place]))
  const drafts = input.lines.map((line) => ({ place: places.get(line.sku), num: line.quantity }))
  const missing = drafts.findIndex(({ place }) => !place)
  if (missing !== -1) return `No item ${input.lines[missing]?.sku ?? ''}.`
  const tid = shop.nextId('trade')
  const goods = drafts.flatMap(({ place, num }) => (place ? [{ ...place, num }] : []))
  const short = goods.find(({ item, sku, num }) => input.quiet !== true && stockOf(item, sku) < num)
  if (short) return `Only ${stockOf(short.item, short.sku)} of ${short.code} are left.`
  const lines = linesOf(shop, tid, goods, input)
  const trade: TopTrade = {
    tid,
    type: input.type ?? (input.depositMinor === undefined ? 'fixed' : 'step'),
    status: 'WAIT_BUYER_PAY',
    step: input.depositMinor === undefined ? undefined : { status: 'FRONT_PAID_FINAL_NOPAID', depositMinor: input.depositMinor },
    person: input.person ?? shop.random.int(1, 500),
    lines,
    promotions: promotionsOf(lines, input),
    postMinor: input.postMinor ?? 0,
    codFeeMinor: input.codFeeMinor ?? 0,
    createdAt: Math.floor(shop.clock.now() / 1000) * 1000,
    payAt: undefined,
    consignedAt: undefined,
    endAt: undefined,
    modifiedAt: 0,
    visibleAt: 0,
    buyerMessage: input.buyerMessage ?? '',
    sellerMemo: '',
    sellerFlag: 0,
  }
  shop.trades.set(tid, trade)
  if (input.quiet !== true)
    for (const { item, sku, num } of goods) moveStock(shop, item, sku, { to: stockOf(item, sku) - num, cause: 'sold', by: 'shopper' })
  touch(shop, trade, { change: 'placed', by: 'shopper', topic: 'TradeCreate' })
  if (trade.type === 'cod') openCod(trade)
  else if (input.unpaid !== true && !trade.step) pay(shop, trade)
  return trade
}

/** Cash on delivery waits for sending at once; it is paid at the door. */
function openCod(trade: TopTrade): void {
  trade.status = 'WAIT_SELLER_SEND_GOODS'
  for (const line of trade.lines) line.status = trade.status
}

interface Goods {
  readonly item: TopItem
  readonly sku: TopSku | undefined
  readonly num: number
}

function linesOf(shop: TaobaoShop, tid: string, goods: readonly Goods[], input: TradeInput): readonly TopLine[] {
  const own = goods.map(({ item, sku, num }, i) => {
    const gross = (sku?.priceMinor ?? item.priceMinor) * num
    const discountMinor = Math.min(input.lineDiscountMinor ?? 0, gross)
    const adjustMinor = i === 0 ? Math.max(input.adjustMinor ?? 0, discountMinor - gross) : 0
    return { gross, discountMinor, adjustMinor, left: gross - discountMinor + adjustMinor }
  })
  const whole = own.reduce((sum, each) => sum + each.left, 0)
  let off = Math.min(input.orderDiscountMinor ?? 0, whole)
  const total = off
  return goods.map(({ item, sku, num }, i) => {
    const mine = own[i] ?? { discountMinor: 0, adjustMinor: 0, left: 0 }
    const isLast = i === goods.length - 1
    const partMinor = Math.min(mine.left, isLast ? off : Math.min(off, prorate(total, mine.left, whole)))
    off -= partMinor
    return {
      // The only line of a trade has the number of the trade.
      oid: goods.length === 1 ? tid : shop.nextId('trade'),
      item,
      sku,
      priceMinor: sku?.priceMinor ?? item.priceMinor,
      num,
      discountMinor: mine.discountMinor,
      adjustMinor: mine.adjustMinor,
      partMinor,
      status: 'WAIT_BUYER_PAY',
      refundStatus: 'NO_REFUND',
      refundId: '',
      company: '',
      invoice: '',
      consignedAt: undefined,
    }
  })
}

function promotionsOf(lines: readonly TopLine[], input: TradeInput): readonly TopPromotion[] {
  const own = lines
    .filter((line) => line.discountMinor > 0)
    .map((line): TopPromotion => ({ name: '限时打折', id: `limitdiscount-${line.oid.slice(-6)}`, minor: line.discountMinor, oid: line.oid }))
  const shared = lines.reduce((sum, line) => sum + line.partMinor, 0)
  return shared === 0 ? own : [...own, { name: input.promotionName ?? '店铺优惠券', id: 'shopbonus-123024_211143', minor: shared, oid: undefined }]
}

/** A cart somebody might fill from what is on sale. */
export function randomCart(shop: TaobaoShop): TradeInput {
  const { random } = shop
  if (shop.items.size === 0) seedItems(shop, 12)
  const all = sellable(shop).filter(({ item }) => item.status === 'onsale')
  const free = all.filter(({ item, sku }) => stockOf(item, sku) > 3)
  const chosen = new Set(Array.from({ length: random.int(1, 4) }, () => random.pick(free.length > 0 ? free : all)))
  return {
    lines: [...chosen].map(({ code }) => ({ sku: code, quantity: random.int(1, 3) })),
    postMinor: random.pick([0, 0, 600]),
    ...(random.chance(0.2) ? { orderDiscountMinor: random.int(1, 500) } : {}),
    ...(random.chance(0.1) ? { lineDiscountMinor: random.int(1, 90) } : {}),
    ...(random.chance(0.1) ? { adjustMinor: -random.int(1, 50) } : {}),
    ...(random.chance(0.1) ? { buyerMessage: '请发顺丰，谢谢' } : {}),
  }
}

/** History: finished or closed when old, waiting when young; the shelf is left as it is. */
export function seedTrades(shop: TaobaoShop, count: number, spreadDays = 30): void {
  if (shop.items.size === 0) seedItems(shop, 50)
  const span = spreadDays * 86_400_000
  const { permitted } = shop
  shop.permitted = false
  for (let n = 0; n < count; n += 1) {
    const age = Math.floor((span * (count - n)) / count)
    // Back and forth: a clock that somebody shifted or froze is left as it was.
    shop.clock.advance(-age)
    const trade = placeTrade(shop, { ...randomCart(shop), quiet: true, unpaid: shop.random.chance(0.08) })
    if (typeof trade !== 'string') grow(shop, trade, age)
    shop.clock.advance(age)
  }
  shop.permitted = permitted
}

function grow(shop: TaobaoShop, trade: TopTrade, age: number): void {
  const old = age > 3 * 86_400_000
  if (trade.status === 'WAIT_BUYER_PAY') return old ? undoStock(shop, trade, () => closeUnpaid(shop, trade, 'shopper')) : undefined
  if (shop.random.chance(0.06)) return undoStock(shop, trade, () => refundWhole(shop, trade))
  if (!old) return undefined
  consign(shop, trade, {
    lines: trade.lines,
    company: '顺丰速运',
    outSid: `SF${shop.random.int(1_000_000_000_000, 9_999_999_999_999)}`,
    split: false,
    by: 'seller',
  })
  finish(shop, trade)
}

/** Closing puts goods back that were never taken off. */
function undoStock(shop: TaobaoShop, trade: TopTrade, close: () => void): void {
  const before = trade.lines.map((line) => stockOf(line.item, line.sku))
  close()
  trade.lines.forEach((line, i) => moveStock(shop, line.item, line.sku, { to: before[i] ?? 0, cause: 'sold', by: 'shopper' }))
}

/** All lines, the postage with the last of them when nothing was sent. */
export function refundWhole(shop: TaobaoShop, trade: TopTrade): void {
  const open = trade.lines.filter((line) => leftOf(shop, line) > 0)
  open.forEach((line, i) => {
    const postage = i === open.length - 1 && trade.consignedAt === undefined ? trade.postMinor + trade.codFeeMinor : 0
    makeRefund(shop, trade, { line, minor: leftOf(shop, line) + postage, status: 'SUCCESS', reason: '不想要了', by: 'seller' })
  })
}
