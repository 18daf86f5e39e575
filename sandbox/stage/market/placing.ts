import type { CartLine } from '../shop-control.ts'
import { placeOf, places, seedItems, stockOf } from './goods.ts'
import type { MarketLine, MarketOrder, MarketPromotion, Place } from './model.ts'
import { takeUnits } from './operations.ts'
import { changed, type MarketShop } from './shop.ts'
import { ownNet, spread, total } from './sums.ts'

/** A precise order. */
export interface PlaceInput {
  readonly lines: readonly CartLine[]
  readonly person?: number
  /** The channel's own kind of order, free text. */
  readonly kind?: string
  readonly shippingMinor?: number
  readonly otherFeeMinor?: number
  /** Off each line by a promotion of its item, at most its price. */
  readonly lineDiscountMinor?: number
  /** Off the whole order at the seller's cost, spread over its lines. */
  readonly orderDiscountMinor?: number
  /** Off the whole order at the channel's cost. */
  readonly channelDiscountMinor?: number
  readonly promotionName?: string
  /** The seller's change of the first line's price; negative makes it cheaper. */
  readonly adjustMinor?: number
  /** A presale with this deposit; only the deposit is paid. */
  readonly depositMinor?: number
  /** Waits for sending at once; it is paid at the door. */
  readonly cod?: boolean
  readonly unpaid?: boolean
  readonly buyerNote?: string
}

type Goods = Place & { readonly quantity: number }

/** Why not, as a sentence, when a code is not known or the shelf is too empty. Paid at once unless it is said otherwise. */
export function placeOrder(shop: MarketShop, input: PlaceInput): MarketOrder | string {
  const goods: Goods[] = []
  for (const { sku, quantity } of input.lines) {
    const place = placeOf(shop, sku)
    if (!place) return `No item ${sku}.`
    if (!shop.quiet && stockOf(place) < quantity) return `Only ${stockOf(place)} of ${sku} are left.`
    goods.push({ ...place, quantity })
  }
  if (goods.length === 0) return 'An empty cart.'
  if (shop.rules.oneItemPerOrder === true && goods.length > 1) return 'An order of this channel holds one item.'
  const order = newOrder(shop, goods, input)
  shop.orders.set(order.id, order)
  if (order.isCod || shop.rules.stockLeavesAt !== 'paying') takeUnits(shop, order)
  changed(shop, order, { change: 'placed', by: 'shopper', topic: 'placed' })
  if (!order.isCod && input.unpaid !== true && !order.presale) pay(shop, order)
  return order
}

/** Money arrives: of a presale the rest of it. Why not, as a sentence, when it cannot. */
export function pay(shop: MarketShop, order: MarketOrder): string | undefined {
  if (order.state !== 'unpaid') return 'The order is not waiting for money.'
  const short = order.lines.find((line) => !line.taken && !shop.quiet && stockOf(line) < line.quantity)
  if (short) return `Only ${stockOf(short)} of ${short.item.title} are left.`
  takeUnits(shop, order)
  if (order.presale) order.presale.restPaid = true
  order.state = 'to-ship'
  order.paidAt = shop.stamp()
  changed(shop, order, { change: 'status', by: 'shopper', topic: 'paid' })
  return undefined
}

function newOrder(shop: MarketShop, goods: readonly Goods[], input: PlaceInput): MarketOrder {
  const id = shop.nextId('order')
  const lines = linesOf(shop, id, goods, input)
  const at = shop.stamp()
  return {
    id,
    number: shop.rules.numberOf?.(id, at) ?? id,
    seq: shop.nextSeq(),
    kind: input.kind ?? '',
    state: input.cod === true ? 'to-ship' : 'unpaid',
    strange: undefined,
    isCod: input.cod === true,
    presale: input.depositMinor === undefined ? undefined : { depositMinor: input.depositMinor, restPaid: false },
    person: input.person ?? shop.random.int(1, 500),
    lines,
    promotions: promotionsOf(shop, lines, input),
    shippingMinor: input.shippingMinor ?? 0,
    otherFeeMinor: input.otherFeeMinor ?? 0,
    createdAt: at,
    paidAt: undefined,
    shippedAt: undefined,
    finishedAt: undefined,
    closedAt: undefined,
    modifiedAt: at,
    visibleAt: at,
    buyerNote: input.buyerNote ?? '',
    sellerNote: '',
    flag: 0,
    refunds: [],
    shipments: [],
  }
}

function linesOf(shop: MarketShop, orderId: string, goods: readonly Goods[], input: PlaceInput): readonly MarketLine[] {
  const drafts = goods.map(({ item, sku, quantity }, i): MarketLine => {
    const priceMinor = sku?.priceMinor ?? item.priceMinor
    const discountMinor = Math.min(input.lineDiscountMinor ?? 0, priceMinor * quantity)
    return {
      id: shop.rules.lineIdOf?.({ item, sku }) ?? (goods.length === 1 && shop.rules.soleLineId === 'order' ? orderId : shop.nextId('line')),
      item,
      sku,
      priceMinor,
      quantity,
      discountMinor,
      adjustMinor: i === 0 ? Math.max(input.adjustMinor ?? 0, discountMinor - priceMinor * quantity) : 0,
      sellerShareMinor: 0,
      channelShareMinor: 0,
      shipped: 0,
      refunded: 0,
      closed: false,
      taken: false,
    }
  })
  const weights = drafts.map(ownNet)
  const bySeller = spread(input.orderDiscountMinor ?? 0, weights)
  const byChannel = spread(
    input.channelDiscountMinor ?? 0,
    weights.map((weight, i) => weight - (bySeller[i] ?? 0)),
  )
  return drafts.map((line, i) => ({ ...line, sellerShareMinor: bySeller[i] ?? 0, channelShareMinor: byChannel[i] ?? 0 }))
}

function promotionsOf(shop: MarketShop, lines: readonly MarketLine[], input: PlaceInput): readonly MarketPromotion[] {
  const whole = (funder: MarketPromotion['funder'], title: string, minor: number): readonly MarketPromotion[] =>
    minor === 0 ? [] : [{ id: shop.nextId('promotion'), title, funder, minor, lineId: undefined }]
  return [
    ...lines
      .filter((line) => line.discountMinor > 0)
      .map((line): MarketPromotion => ({
        id: shop.nextId('promotion'),
        title: '限时打折',
        funder: 'seller',
        minor: line.discountMinor,
        lineId: line.id,
      })),
    ...whole('seller', input.promotionName ?? '店铺优惠券', total(lines.map((line) => line.sellerShareMinor))),
    ...whole('channel', '平台红包', total(lines.map((line) => line.channelShareMinor))),
  ]
}

/** A cart somebody might fill from what is on sale; its reductions leave something to pay. */
export function randomCart(shop: MarketShop): PlaceInput {
  const { random } = shop
  const { channelDiscount = 0, cod = 0 } = shop.rules.chances ?? {}
  if (shop.items.size === 0) seedItems(shop, 12)
  const all = places(shop).filter(({ item }) => item.onSale)
  const free = all.filter((place) => stockOf(place) > 3)
  const chosen = new Set(
    Array.from({ length: shop.rules.oneItemPerOrder === true ? 1 : random.int(1, 4) }, () => random.pick(free.length > 0 ? free : all)),
  )
  const lines = [...chosen].map((place) => ({ place, quantity: random.int(1, 3) }))
  const gross = total(lines.map(({ place, quantity }) => (place.sku?.priceMinor ?? place.item.priceMinor) * quantity))
  const off = (most: number): number => Math.max(1, Math.min(random.int(1, most), Math.floor(gross / 4)))
  return {
    lines: lines.map(({ place, quantity }) => ({ sku: place.code, quantity })),
    shippingMinor: random.pick([0, 0, 600]),
    ...(random.chance(0.2) ? { orderDiscountMinor: off(500) } : {}),
    ...(channelDiscount > 0 && random.chance(channelDiscount) ? { channelDiscountMinor: off(300) } : {}),
    ...(random.chance(0.1) ? { lineDiscountMinor: random.int(1, 50) } : {}),
    ...(random.chance(0.1) ? { adjustMinor: -random.int(1, 30) } : {}),
    ...(random.chance(0.1) ? { buyerNote: '请发顺丰，谢谢' } : {}),
    ...(cod > 0 && random.chance(cod) ? { cod: true } : {}),
  }
}
