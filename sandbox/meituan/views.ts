import type { MarketLine, MarketOrder, MarketRefund, Place } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { goodsGross, grossOf, lineNet, payable, total } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { dayOf, long, seconds, yuan } from './wire.ts'
import { isPickup, type MeituanShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

/** Paid orders of a day in the order they were paid in. */
export function ordersOf(shop: MeituanShop, day: string): readonly MarketOrder[] {
  const paid = [...shop.orders.values()].filter((order) => order.paidAt !== undefined && dayOf(order.paidAt) === day)
  return paid.sort(byPaid)
}

const dayNumber = (ms: number): number => Math.floor((ms + 28_800_000) / 86_400_000)
const paidBefore = (one: MarketOrder, other: MarketOrder): boolean =>
  one.paidAt !== undefined && other.paidAt !== undefined && dayNumber(one.paidAt) === dayNumber(other.paidAt) && byPaid(one, other) < 0
const byPaid = (a: MarketOrder, b: MarketOrder): number => (a.paidAt ?? 0) - (b.paidAt ?? 0) || a.seq - b.seq

/** Which of its day's paid orders it is: counted, as sorting the day for every order shown took seconds. */
function sequenceOf(shop: MeituanShop, order: MarketOrder): number {
  if (order.paidAt === undefined) return 0
  let before = 0
  for (const other of shop.orders.values()) if (paidBefore(other, order)) before += 1
  return before + 1
}

const codeOf = (line: Pick<MarketLine, 'item' | 'sku'>): string => line.sku?.code ?? line.item.code
const ownOff = (line: MarketLine): number => line.discountMinor - line.adjustMinor
const offOf = (line: MarketLine): number => grossOf(line) - lineNet(line)

export function orderView(shop: MeituanShop, order: MarketOrder): Doc {
  const status = statusOf(shop.rules, order)
  const who = personAt(order.person)
  return {
    order_id: long(order.id),
    wm_order_id_view: long(order.id),
    app_poi_code: shop.settings.poi,
    wm_poi_name: shop.settings.name,
    wm_poi_address: '北京市朝阳区望京东路4号',
    wm_poi_phone: '01056520000',
    recipient_name: `${who.lastName}${who.firstName}(先生)`,
    recipient_phone: order.seq % 2 === 0 ? `1381234${String(5000 + (order.person % 1000))}_123456` : who.phone,
    backup_recipient_phone: '[]',
    recipient_address: `${who.line1} ${who.line2}`.trim(),
    shipping_fee: yuan(order.shippingMinor),
    total: yuan(payable(order)),
    original_price: yuan(goodsGross(order) + order.shippingMinor + order.otherFeeMinor),
    caution: order.buyerNote,
    shipper_phone: '',
    status: Number(status),
    city_id: 110100,
    has_invoiced: 0,
    invoice_title: '',
    ctime: seconds(order.createdAt),
    utime: seconds(order.modifiedAt),
    delivery_time: 0,
    is_third_shipping: 0,
    pay_type: 2,
    pick_type: isPickup(order) ? 1 : 0,
    day_seq: sequenceOf(shop, order),
    logistics_code: '0000',
    logistics_status: order.shippedAt === undefined ? null : order.state === 'finished' ? 40 : 20,
    logistics_fetch_time: seconds(order.shippedAt),
    logistics_name: order.shippedAt === undefined ? '' : '商家自配',
    order_send_time: seconds(order.paidAt),
    order_confirm_time: status === '4' || status === '8' ? seconds(order.paidAt) : 0,
    order_cancel_time: status === '9' ? seconds(order.closedAt) : 0,
    order_completed_time: seconds(order.finishedAt),
    package_bag_money: order.otherFeeMinor,
    incmp_code: 0,
    incmp_modules: '',
    detail: JSON.stringify(order.lines.map(lineView)),
    extras: JSON.stringify(extrasOf(order)),
    sku_benefit_detail: JSON.stringify(order.lines.filter((line) => offOf(line) > 0).map(benefitOf)),
  }
}

const lineView = (line: MarketLine): Doc => ({
  app_food_code: line.item.code,
  food_name: line.item.title,
  sku_id: codeOf(line),
  upc: '',
  quantity: line.quantity,
  price: yuan(line.priceMinor - Math.floor(ownOff(line) / line.quantity)),
  original_price: yuan(line.priceMinor).toFixed(2),
  box_num: 0,
  box_price: 0,
  unit: '份',
  food_discount: 1,
  spec: line.sku?.options.map(({ value }) => value).join(',') ?? '',
  weight: 500,
})

function extrasOf(order: MarketOrder): readonly Doc[] {
  const activity = (type: number, remark: string, minor: number, byChannel = false): readonly Doc[] =>
    minor === 0
      ? []
      : [
          {
            act_detail_id: 1000 + type,
            reduce_fee: yuan(minor),
            mt_charge: byChannel ? yuan(minor) : 0,
            poi_charge: byChannel ? 0 : yuan(minor),
            remark,
            type,
          },
        ]
  return [
    ...activity(17, '折扣商品', total(order.lines.map(ownOff))),
    ...activity(2, '满减优惠', total(order.lines.map((line) => line.sellerShareMinor))),
    ...activity(9, '美团红包', total(order.lines.map((line) => line.channelShareMinor)), true),
    // The last one carries figures of the shop alone.
    { avg_send_time: 1913 },
  ]
}

const benefitOf = (line: MarketLine): Doc => ({
  app_food_code: line.item.code,
  name: line.item.title,
  sku_id: codeOf(line),
  count: line.quantity,
  totalOriginPrice: yuan(grossOf(line)),
  totalReducePrice: yuan(offOf(line)),
  totalActivityPrice: yuan(lineNet(line)),
  totalMtCharge: yuan(line.channelShareMinor),
  totalPoiCharge: yuan(offOf(line) - line.channelShareMinor),
})

const ANSWER: Readonly<Record<MarketRefund['state'], number>> = { requested: 0, approved: 2, done: 2, rejected: 1, closed: 7 }

/** A refund of everything is one of the whole order; money without pieces is a difference in weight. */
export function refundView(refund: MarketRefund): Doc {
  const { order } = refund
  const isWhole = refund.minor === payable(order)
  const isWeight = !isWhole && refund.lines.every(({ quantity }) => quantity === 0)
  return {
    wm_order_id_view: long(order.id),
    order_id: long(order.id),
    refund_id: long(refund.id),
    ctime: seconds(refund.createdAt),
    utime: seconds(refund.modifiedAt),
    refund_type: isWhole ? 1 : isWeight ? 3 : 2,
    res_reason: '',
    res_type: ANSWER[refund.state],
    apply_type: 1,
    apply_reason: refund.reason,
    money: yuan(refund.minor),
    pictures: '[]',
    service_type: '0',
    wmAppRetailForOrderPartRefundList: isWhole
      ? []
      : refund.lines.map(({ line, quantity, minor }) => ({
          app_food_code: line.item.code,
          food_name: line.item.title,
          sku_id: codeOf(line),
          count: quantity,
          box_num: 0,
          box_price: 0,
          food_price: yuan(line.priceMinor),
          origin_food_price: yuan(line.priceMinor),
          refund_price: yuan(quantity === 0 ? minor : Math.floor(minor / quantity)),
        })),
  }
}

/** Products with their SKUs as JSON inside a text. */
export function productView(shop: MeituanShop, places: readonly Place[]): Doc {
  const [first] = places
  return {
    app_poi_code: shop.settings.poi,
    app_food_code: first?.item.code ?? '',
    name: first?.item.title ?? '',
    category_name: '默认',
    is_sold_out: first?.item.onSale === true ? 0 : 1,
    price: yuan(first?.item.priceMinor ?? 0),
    skus: JSON.stringify(
      places.map(({ item, sku }) => ({
        sku_id: sku?.code ?? item.code,
        spec: sku?.options.map(({ value }) => value).join(',') ?? '',
        upc: '',
        price: yuan(sku?.priceMinor ?? item.priceMinor).toFixed(2),
        stock: String(sku?.stock ?? item.stock),
      })),
    ),
  }
}
