import { personAt } from '../stage/people.ts'
import type { MarketItem, MarketLine, MarketOrder, MarketRefund, MarketSku } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { discountOf, goodsGross, lineNet, payable, refundedOf, skuCode, total } from '../stage/market/sums.ts'
import { afterOwn, orderCut, REFUND_NUMBERS, REFUND_STATUS, shares, STATUS_WORDS, type YouzanShop } from './words.ts'
import { NEVER, stamp, yuan } from './wire.ts'

type Doc = Readonly<Record<string, unknown>>

/** The element of a list: everything but packages, refunds and the names of reductions. */
export const listView = (shop: YouzanShop, order: MarketOrder): Doc => ({ full_order_info: fullOrder(shop, order) })

/** The answer of the call for one order. */
export const detailView = (shop: YouzanShop, order: MarketOrder): Doc => ({
  full_order_info: fullOrder(shop, order),
  order_promotion: promotions(order),
  refund_order: order.refunds.map((refund) => ({
    refund_id: refund.id,
    refund_type: 1,
    refund_state: REFUND_NUMBERS[refund.state],
    refund_fee: yuan(refund.minor),
    refund_time: stamp(refund.createdAt),
    oids: refund.lines.map(({ line }) => ({ oid: line.id })),
  })),
  delivery_order: order.shipments.map((shipment) => ({
    pk_id: 0,
    express_state: shipment.state === 'sent' ? 1 : 0,
    express_type: 1,
    oids: shipment.lines.map(({ line }) => ({ oid: line.id })),
    dists: [{ dist_id: shipment.id, express_info: { express_id: Number(shipment.carrier.code), express_no: shipment.tracking } }],
  })),
})

function fullOrder(shop: YouzanShop, order: MarketOrder): Doc {
  const postage = shares(order.shippingMinor, order.lines.map(lineNet))
  return {
    child_info: { child_orders: [] },
    remark_info: { buyer_message: order.buyerNote, star: order.flag, trade_memo: order.sellerNote },
    address_info: address(order),
    pay_info: {
      outer_transactions: order.paidAt === undefined ? [] : [`42000${order.seq}`],
      transaction: order.paidAt === undefined ? [] : [`2506${order.seq}`],
      phase_payments: stages(order),
      total_fee: yuan(goodsGross(order)),
      post_fee: yuan(order.shippingMinor),
      payment: yuan(payable(order)),
    },
    buyer_info: { yz_open_id: `yzOpen${order.person * 7919}`, buyer_phone: cipher(personAt(order.person).phone), fans_type: 0, fans_id: 0 },
    orders: order.lines.map((line, i) => lineView(order, line, postage[i] ?? 0)),
    source_info: {
      is_offline_order: order.kind === 'pos',
      source: { platform: order.kind === 'pos' ? 'other' : 'wx', wx_entrance: order.kind === 'pos' ? '' : 'merchant_xcx' },
      order_mark: order.kind === 'pos' ? 'retail_ipad_cashier' : 'wx_shop',
      book_key: `book-${order.seq}`,
      biz_source: '',
    },
    order_info: infoOf(shop, order),
  }
}

function infoOf(shop: YouzanShop, order: MarketOrder): Doc {
  const status = statusOf(shop.rules, order)
  const time = (ms: number | undefined): string => (ms === undefined ? '' : stamp(ms))
  return {
    tid: order.id,
    status,
    status_str: STATUS_WORDS[status] ?? status,
    type: order.kind === 'pos' ? 61 : 0,
    express_type: order.kind === 'pickup' ? 1 : 0,
    team_type: 7,
    is_retail_order: order.kind === 'pos',
    pay_type: order.isCod ? 9 : order.paidAt === undefined ? 0 : 10,
    pay_type_str: order.isCod ? 'CODPAY' : order.paidAt === undefined ? 'DEFAULT' : 'WEIXIN_DAIXIAO',
    close_type: order.state === 'cancelled' ? 4 : order.state === 'closed' ? 2 : 0,
    refund_state: refundState(order),
    created: stamp(order.createdAt),
    update_time: stamp(order.modifiedAt),
    expired_time: stamp(order.createdAt + 3_600_000),
    pay_time: time(order.paidAt),
    // Stamped once everything has left.
    consign_time: order.state === 'part-shipped' ? '' : time(order.shippedAt),
    success_time: order.finishedAt === undefined ? NEVER : stamp(order.finishedAt),
    confirm_time: '',
    shop_name: shop.settings.name,
    node_kdt_id: Number(shop.settings.kdtId),
    root_kdt_id: Number(shop.settings.kdtId),
    offline_id: order.kind === 'pos' || order.kind === 'pickup' ? Number(shop.settings.kdtId) : 0,
    order_tags: {
      is_payed: order.paidAt !== undefined,
      is_refund: order.refunds.length > 0,
      is_offline_order: order.kind === 'pos',
      is_down_payment_pre: order.presale !== undefined,
    },
    order_extra: { is_from_cart: 'false' },
  }
}

/** A presale is paid in two stages; the number of a payment shows which of them are. */
function stages(order: MarketOrder): readonly Doc[] {
  if (!order.presale) return []
  const { depositMinor, restPaid } = order.presale
  const stage = (phase: number, minor: number, isPaid: boolean): Doc => ({
    phase,
    pay_start_time: stamp(order.createdAt),
    pay_end_time: stamp(order.createdAt + 3_600_000),
    real_price: yuan(minor),
    inner_transaction_no: isPaid ? `2507${order.seq}${phase}` : '',
    outer_transaction_no: isPaid ? `42001${order.seq}${phase}` : '',
  })
  return [stage(1, depositMinor, true), stage(2, payable(order) - depositMinor, restPaid)]
}

function refundState(order: MarketOrder): number {
  const back = refundedOf(order)
  return back === 0 ? 0 : back >= payable(order) ? 12 : 2
}

function lineView(order: MarketOrder, line: MarketLine, postage: number): Doc {
  return {
    oid: line.id,
    item_type: 0,
    item_id: Number(line.item.id),
    sku_id: line.sku ? Number(line.sku.id) : 0,
    title: line.item.title,
    num: line.quantity,
    price: yuan(line.priceMinor),
    discount_price: yuan(Math.round(afterOwn(line) / line.quantity)),
    total_fee: yuan(afterOwn(line)),
    // What is left of it, its share of the postage on top.
    payment: yuan(lineNet(line) + postage),
    outer_item_id: line.item.code,
    outer_sku_id: line.sku ? skuCode(line) : '',
    sku_properties_name: line.sku
      ? JSON.stringify(line.sku.options.map(({ name, value }, i) => ({ k: name, k_id: i + 1, v: value, v_id: i + 137 })))
      : '',
    is_present: false,
    buyer_messages: '',
    item_tags: { is_deliver_goods: order.shipments.some((each) => each.state === 'sent' && each.lines.some((part) => part.line === line)) },
  }
}

/** Reductions of items by their line, those of the order by name, and what the seller typed in. */
function promotions(order: MarketOrder): Doc {
  const view = (each: MarketOrder['promotions'][number]): Doc => ({
    promotion_id: Number(each.id),
    promotion_type: each.lineId === undefined ? 'coupon' : 'timelimitedDiscount',
    promotion_type_name: each.lineId === undefined ? '优惠卡券' : '限时折扣',
    promotion_title: each.title,
    discount_fee: yuan(each.minor),
    ...(each.lineId === undefined ? { sub_promotion_type: 'card', coupon_id: `C${each.id}` } : {}),
  })
  const adjust = total(order.lines.map((line) => line.adjustMinor))
  return {
    item: order.promotions
      .filter((each) => each.lineId !== undefined)
      .map((each) => ({ oid: each.lineId, is_present: false, promotions: [view(each)] })),
    order: order.promotions.filter((each) => each.lineId === undefined).map(view),
    item_discount_fee: yuan(discountOf(order) - orderCut(order)),
    order_discount_fee: yuan(orderCut(order) + adjust),
    adjust_fee: yuan(adjust),
  }
}

/** Names, numbers and streets are encrypted with the shop's own key; province, city and district are not. */
function address(order: MarketOrder): Doc {
  const person = personAt(order.person)
  const place = {
    id: 58_039_430,
    name: '黄龙万科店',
    province: '浙江省',
    city: '杭州市',
    county: '西湖区',
    address_detail: '文三路 1 号',
    user_time: '09月18日 08:01-09:01',
  }
  return {
    receiver_name: cipher(`${person.lastName}${person.firstName}`),
    receiver_tel: cipher(person.phone),
    delivery_province: '浙江省',
    delivery_city: '杭州市',
    delivery_district: '余杭区',
    delivery_address: cipher(person.line1),
    delivery_postal_code: '',
    address_extra: '{"areaCode":"330110"}',
    self_fetch_info: order.kind === 'pickup' ? JSON.stringify(place) : '',
  }
}

const cipher = (text: string): string => `$${Buffer.from(`sandbox-key:${text}`).toString('base64')}$1$`

/** The text behind one of this shop's ciphertexts; undefined behind another shop's. What is none is handed back as it came. */
export function openText(text: string): string | undefined {
  const [, sealed] = /^\$(.+)\$1\$$/.exec(text) ?? []
  if (sealed === undefined) return text
  const [, clear] = /^sandbox-key:(.*)$/su.exec(Buffer.from(sealed, 'base64').toString()) ?? []
  return clear
}

/** As a search shows a refund: without its lines. */
export const refundView = (shop: YouzanShop, refund: MarketRefund): Doc => ({
  refund_id: refund.id,
  tid: refund.order.id,
  kdt_id: Number(shop.settings.kdtId),
  node_kdt_id: Number(shop.settings.kdtId),
  status: REFUND_STATUS[refund.state],
  refund_type: 'BUYER_APPLY_REFUND',
  return_goods: refund.goodsBack,
  reason: refund.goodsBack ? 103 : 51,
  refund_fee: yuan(refund.minor),
  cs_status: 1,
  delivery_status: refund.order.shippedAt === undefined ? 1 : 2,
  created: stamp(refund.createdAt),
  modified: stamp(refund.modifiedAt),
})

export const refundDetail = (shop: YouzanShop, refund: MarketRefund): Doc => ({
  ...refundView(shop, refund),
  version: refund.modifiedAt,
  demand: refund.goodsBack ? 2 : 1,
  desc: refund.reason,
  oid: refund.lines[0]?.line.id ?? '',
  item_num: refund.lines[0]?.quantity ?? 0,
  ...(refund.doneAt === undefined ? {} : { refund_success_time: stamp(refund.doneAt) }),
})

export const itemRow = (item: MarketItem): Doc => ({
  item_id: Number(item.id),
  alias: `alias${item.seq}`,
  title: item.title,
  item_no: item.code,
  item_type: 0,
  price: item.priceMinor,
  quantity: item.stock,
  created_time: stamp(item.createdAt),
  update_time: stamp(item.modifiedAt),
})

export const itemDetail = (shop: YouzanShop, item: MarketItem): Doc => ({
  kdt_id: Number(shop.settings.kdtId),
  item_id: Number(item.id),
  item_no: item.code,
  item_barcode: '',
  title: item.title,
  is_display: item.onSale ? 1 : 0,
  quantity: item.stock,
  item_price_param: { price: item.priceMinor },
  sku_list: item.skus.map(skuView),
})

const skuView = (sku: MarketSku): Doc => ({
  sku_id: Number(sku.id),
  sku_no: sku.code,
  sku_barcode: '',
  price: sku.priceMinor,
  stock_num: sku.stock,
  quantity: sku.stock,
  sku_props: sku.options.map(({ name, value }, i) => ({ prop_name_id: i + 1, prop_name: name, prop_value_id: i + 137, prop_value_name: value })),
})
