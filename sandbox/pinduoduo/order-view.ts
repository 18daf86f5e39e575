import type { MarketLine, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import { goodsGross, payable, skuCode } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { COMPANIES } from './companies.ts'
import { bare, plainYuan, stamp, stampOrNothing, yuan } from './wire.ts'
import { changeOf, orderStatus, platformOf, sellerOf, type PddShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

/** Lists and the call for one order show the same. */
export function orderView(shop: PddShop, order: MarketOrder): Doc {
  const isHeld = !shop.cleared.has(order.id)
  const forming = order.kind === 'forming' && isHeld
  const reviewed = order.kind === 'review' && isHeld
  const isCancelled = order.state === 'cancelled'
  const hasMoney = order.paidAt !== undefined
  const [refundStatus, afterSales] = refundWords(order)
  const sent = order.shipments.find((each) => each.state === 'sent')
  return {
    order_sn: order.id,
    order_status: order.strange ?? Number(orderStatus(order)),
    refund_status: refundStatus,
    after_sales_status: afterSales,
    confirm_status: isCancelled ? 2 : hasMoney && !forming ? 1 : 0,
    group_status: isCancelled ? 2 : hasMoney && !forming ? 1 : 0,
    risk_control_status: reviewed ? 1 : 0,
    trade_type: order.presale ? 1 : 0,
    is_lucky_flag: 1,
    is_pre_sale: 0,
    is_stock_out: 0,
    stock_out_handle_status: -1,
    created_time: stamp(order.createdAt),
    pay_time: stampOrNothing(order.paidAt),
    confirm_time: stampOrNothing(forming ? undefined : order.paidAt),
    shipping_time: stampOrNothing(order.shippedAt),
    receive_time: stampOrNothing(order.finishedAt),
    updated_at: stamp(order.modifiedAt),
    last_ship_time: hasMoney ? stamp((order.paidAt ?? 0) + 172_800_000) : '',
    goods_amount: yuan(goodsGross(order) - changeOf(order)),
    order_change_amount: yuan(changeOf(order)),
    discount_amount: yuan(platformOf(order) + sellerOf(order)),
    platform_discount: yuan(platformOf(order)),
    seller_discount: yuan(sellerOf(order)),
    capital_free_discount: yuan(0),
    postage: yuan(order.shippingMinor),
    pay_amount: yuan(payable(order)),
    service_fee_detail: order.otherFeeMinor === 0 ? [] : [{ service_fee: yuan(order.otherFeeMinor), service_name: 'sf_express_fee' }],
    pay_type: '',
    pay_no: '',
    ...receiver(order, order.state === 'to-ship' && !reviewed && !forming),
    buyer_memo: order.buyerNote,
    remark: order.sellerNote === '' ? null : order.sellerNote,
    remark_tag: order.flag,
    logistics_id: COMPANIES.find(({ code }) => code === sent?.carrier.code)?.id ?? 0,
    tracking_number: sent?.tracking ?? '',
    extra_delivery_list: (shop.extras.get(order.id) ?? []).map(({ company, tracking }) => ({ logistics_id: company.id, tracking_number: tracking })),
    gift_list: [],
    order_tag_list: [{ name: 'no_trace_delivery', value: 0 }],
    step_order_info: order.presale ? step(order) : null,
    item_list: order.lines.map(lineView),
  }
}

const step = (order: MarketOrder): Doc => ({
  advanced_paid_fee: yuan(order.presale?.depositMinor ?? 0),
  step_discount_amount: yuan(0),
  step_paid_fee: yuan(order.paidAt === undefined ? (order.presale?.depositMinor ?? 0) : payable(order)),
  step_trade_status: order.presale?.restPaid ? 2 : 1,
})

const lineView = (line: MarketLine): Doc => ({
  goods_id: line.item.id,
  sku_id: line.sku?.id ?? '0',
  goods_name: line.item.title,
  goods_spec: line.sku?.options.map(({ value }) => value).join(',') ?? '',
  goods_price: yuan(line.priceMinor),
  goods_count: line.quantity,
  goods_img: 'https://img.example/1.jpeg',
  outer_goods_id: line.item.code,
  outer_id: skuCode(line),
})

/** `refund_status` and `after_sales_status`: all money back goes before what is open, and that before what has ended. */
function refundWords(order: MarketOrder): readonly [number, number] {
  if (order.state === 'closed') return [4, 10]
  const open = openRefunds(order).at(-1)
  if (open) return open.state === 'requested' ? [2, open.goodsBack ? 3 : 2] : open.goodsBack ? [2, 7] : [3, 4]
  const last = order.refunds.at(-1)
  if (!last) return [1, 0]
  if (last.state === 'rejected') return [1, 9]
  if (last.state === 'closed') return [1, 11]
  return [order.shippedAt === undefined ? 1 : 4, 10]
}

const veiled = (order: MarketOrder, text: string): string => Buffer.from(`${order.person}/${text}`).toString('base64url')
const cipherOf = (order: MarketOrder, mark: string, text: string): string =>
  `${mark}AgAAAAB${veiled(order, text)}=${mark}${veiled(order, text).slice(0, 6)}${mark}2${mark}${mark}`

/** What stands behind a text the order shows, by the numbers of the kinds: 5 a name, 6 a telephone, 8 a street. Nothing behind those of other orders. */
export function openText(order: MarketOrder, text: string): Doc | undefined {
  const person = personAt(order.person)
  if (text === cipherOf(order, '~', person.lastName)) return { data_type: 5, decrypted_data: `${person.lastName}${person.firstName}` }
  if (text === cipherOf(order, '~', person.line1)) return { data_type: 8, decrypted_data: `${person.line1}${person.line2}` }
  if (text !== cipherOf(order, '$', person.phone)) return undefined
  // Every other buyer is reached by a number that stands in for theirs.
  return order.person % 2 === 0
    ? { data_type: 6, decrypted_data: person.phone, virtual_number_type: 0, virtual_identify_number: '' }
    : { data_type: 6, decrypted_data: '17300001111', virtual_number_type: 1, virtual_identify_number: String(1000 + order.person) }
}

/** Encrypted while it waits for sending and nobody reviews it; afterwards only the mask is left. */
function receiver(order: MarketOrder, isShown: boolean): Doc {
  const person = personAt(order.person)
  const cipher = (mark: string, text: string): string => (isShown ? cipherOf(order, mark, text) : '')
  return {
    country: '中国',
    province: '浙江省',
    city: '杭州市',
    town: '余杭区',
    receiver_name: cipher('~', person.lastName),
    receiver_name_mask: `${person.lastName.slice(0, 1)}*`,
    receiver_phone: cipher('$', person.phone),
    receiver_phone_mask: '1**********',
    receiver_address: cipher('~', person.line1),
    receiver_address_mask: '文*路***号',
    open_address_id_2: `OA${veiled(order, person.line1).slice(0, 12)}`,
  }
}

const AFTER_SALES = { requested: 2, approved: 4, done: 10, rejected: 9, closed: 11 } as const

/** Every after-sales document is of one SKU; all of its values are texts but the numbers of the channel itself. */
export function refundView(refund: MarketRefund): Doc {
  const { order } = refund
  const line = refund.lines[0]?.line
  const status =
    refund.goodsBack && refund.state === 'requested' ? 3 : refund.goodsBack && refund.state === 'approved' ? 7 : AFTER_SALES[refund.state]
  return {
    id: bare(refund.id),
    order_sn: order.id,
    after_sales_type: refund.goodsBack ? 3 : 2,
    after_sales_status: status,
    after_sale_reason: refund.reason,
    created_time: stamp(refund.createdAt),
    updated_time: stamp(refund.modifiedAt),
    confirm_time: stampOrNothing(order.paidAt),
    refund_amount: plainYuan(refund.minor),
    order_amount: plainYuan(payable(order)),
    goods_id: bare(line?.item.id ?? '0'),
    goods_name: line?.item.title ?? '',
    goods_number: String(refund.lines[0]?.quantity ?? 0),
    sku_id: line?.sku?.id ?? '0',
    outer_goods_id: line?.item.code ?? '',
    outer_id: line ? skuCode(line) : '',
    tracking_number: '',
    dispute_refund_status: 0,
  }
}
