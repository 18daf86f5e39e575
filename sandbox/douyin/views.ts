import { personAt } from '../stage/people.ts'
import type { MarketLine, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { channelDiscountOf, goodsGross, grossOf, lineNet, paidOf, payable, skuCode, total } from '../stage/market/sums.ts'
import { afterSaleStatus, afterSaleType, lineStatusesOf, statusesOf, type DouyinShop } from './words.ts'
import { int, seconds } from './wire.ts'

type Doc = Readonly<Record<string, unknown>>

const DAY_MS = 86_400_000

/** An order as lists and the call for one show it; only the latter names single promotions. */
export function orderView(shop: DouyinShop, order: MarketOrder, full: boolean): Doc {
  const [status, main] = statusesOf(order)
  const sellers = total(order.lines.map(bySeller))
  return {
    order_id: order.id,
    order_level: 2,
    shop_id: int(shop.settings.shopId),
    shop_name: shop.settings.name,
    biz: 2,
    order_type: 0,
    ...statusFields(order.strange, status, main),
    pay_type: order.paidAt === undefined ? 0 : 1 + (order.person % 2),
    channel_payment_no: order.paidAt === undefined ? '' : `42000${order.seq}`,
    create_time: seconds(order.createdAt),
    pay_time: seconds(order.paidAt),
    update_time: seconds(order.modifiedAt),
    ship_time: seconds(order.shippedAt),
    finish_time: seconds(order.finishedAt ?? order.closedAt),
    exp_ship_time: order.paidAt === undefined ? 0 : seconds(order.paidAt + 2 * DAY_MS),
    cancel_reason: order.state === 'cancelled' ? '超时未支付' : '',
    order_amount: goodsGross(order) + order.shippingMinor,
    pay_amount: payable(order),
    post_amount: order.shippingMinor,
    post_origin_amount: order.shippingMinor,
    post_promotion_amount: 0,
    packing_amount: order.otherFeeMinor,
    modify_amount: total(order.lines.map((line) => line.adjustMinor)),
    ...promotions(sellers, channelDiscountOf(order)),
    ...receiver(order),
    buyer_words: order.buyerNote,
    seller_words: order.sellerNote,
    seller_remark_stars: order.flag,
    doudian_open_id: `1@#${Buffer.from(`buyer-${order.person}`).toString('base64url')}`,
    order_phase_list: phases(order),
    logistics_info: order.shipments.filter((one) => one.state === 'sent').map((one) => packageView(one)),
    ...(full ? { promotion_detail: promotionDetail(order) } : {}),
    sku_order_list: order.lines.map((line, i) => lineView(order, line, i === 0 ? order.shippingMinor + order.otherFeeMinor : 0)),
  }
}

/** A status no document of the channel names stands in both places. */
const statusFields = (strange: string | undefined, status: string, main: string): Doc => ({
  order_status: strange ?? Number(status),
  main_status: strange ?? Number(main),
})

const bySeller = (line: MarketLine): number => line.discountMinor + line.sellerShareMinor

const promotions = (seller: number, channel: number): Doc => ({
  promotion_amount: seller + channel,
  promotion_shop_amount: seller,
  promotion_platform_amount: channel,
  promotion_talent_amount: 0,
  promotion_pay_amount: 0,
  shop_cost_amount: seller,
  platform_cost_amount: channel,
  only_platform_cost_amount: channel,
  author_cost_amount: 0,
})

const promotionDetail = (order: MarketOrder): Doc => ({
  shop_discount_detail: {
    full_discount_info: order.promotions
      .filter((each) => each.funder === 'seller')
      .map((each) => ({ campaign_id: int(each.id), campaign_type: 100, campaign_name: each.title, campaign_amount: each.minor })),
  },
})

function lineView(order: MarketOrder, line: MarketLine, fees: number): Doc {
  const [status, main] = lineStatusesOf(order, line)
  const refund = order.refunds.findLast((each) => each.lines.some((part) => part.line === line))
  const stand = refund && afterSaleStatus(refund)
  return {
    order_id: line.id,
    parent_order_id: order.id,
    order_level: 3,
    trade_type: order.presale ? 2 : 0,
    ...statusFields(order.strange, status, main),
    product_id: int(line.item.id),
    product_id_str: line.item.id,
    sku_id: int(line.sku?.id ?? '0'),
    code: skuCode(line),
    out_sku_id: '',
    product_name: line.item.title,
    goods_type: 0,
    spec: (line.sku?.options ?? []).map(({ name, value }) => ({ name, value })),
    item_num: line.quantity,
    origin_amount: line.priceMinor,
    sum_amount: grossOf(line),
    order_amount: grossOf(line) + fees,
    post_amount: fees,
    modify_amount: line.adjustMinor,
    pay_amount: lineNet(line) + fees,
    ...promotions(bySeller(line), line.channelShareMinor),
    reduce_stock_type: 1,
    inventory_list: [{ warehouse_id: '', out_warehouse_id: '', inventory_type: 0, count: line.quantity, warehouse_type: 0 }],
    after_sale_info: {
      after_sale_status: stand?.status ?? 0,
      after_sale_type: refund ? afterSaleType(refund) : 0,
      refund_status: stand?.money ?? 0,
    },
    given_product_type: '',
    create_time: seconds(order.createdAt),
    update_time: seconds(order.modifiedAt),
  }
}

const packageView = (one: MarketOrder['shipments'][number]): Doc => ({
  tracking_no: one.tracking,
  company: one.carrier.code,
  company_name: one.carrier.name,
  ship_time: seconds(one.modifiedAt),
  delivery_id: one.id,
  product_info: one.lines.map(({ line, quantity }) => ({
    sku_order_id: line.id,
    product_id: int(line.item.id),
    product_id_str: line.item.id,
    sku_id: int(line.sku?.id ?? '0'),
    outer_sku_id: skuCode(line),
    product_name: line.item.title,
    product_count: quantity,
    price: line.priceMinor,
  })),
})

/** Deposit and rest of a presale, each paid on its own. */
function phases(order: MarketOrder): readonly Doc[] {
  const { presale } = order
  if (!presale) return []
  const phase = (no: number, amount: number, at: number | undefined): Doc => ({
    phase_order_id: `${order.id}${no}`,
    total_phase: 2,
    current_phase: no,
    pay_success: at !== undefined,
    phase_pay_type: at === undefined ? 0 : 1,
    phase_pay_time: seconds(at),
    phase_pay_amount: amount,
  })
  return [
    phase(1, presale.depositMinor, paidOf(order) > 0 ? order.createdAt : undefined),
    phase(2, payable(order) - presale.depositMinor, order.paidAt),
  ]
}

/** A stand-in for the channel's encryption: what it hides cannot be read without a key, and is the same each time. */
const cipher = (mark: string, text: string): string =>
  `${mark}${Buffer.from([...text].reverse().join('')).toString('base64url')}${mark}1${mark}${mark}`

function receiver(order: MarketOrder): Doc {
  const person = personAt(order.person)
  const name = `${person.lastName}${person.firstName}`
  const place = { province: { name: '浙江省', id: '33' }, city: { name: '杭州市', id: '330100' }, town: { name: '余杭区', id: '330110' } }
  return {
    post_receiver: '',
    post_tel: '',
    encrypt_post_receiver: cipher('#', name),
    encrypt_post_tel: cipher('$', person.phone),
    mask_post_receiver: `${name.slice(0, 1)}*`,
    mask_post_tel: '1******4567',
    post_addr: { ...place, street: { name: '五常街道', id: '330110005' }, detail: '', encrypt_detail: cipher('#', `${person.line1}${person.line2}`) },
    mask_post_addr: { ...place, street: { name: '五常街道', id: '330110005' }, detail: '文**路***' },
  }
}

/** What stands behind a text of the order, by the numbers of the kinds: 1 an address, 2 a name, 3 a telephone. Nothing behind those of other orders. */
export function openText(shop: DouyinShop, order: MarketOrder, text: string): Doc | undefined {
  const person = personAt(order.person)
  const name = `${person.lastName}${person.firstName}`
  const street = `${person.line1}${person.line2}`
  if (text === cipher('#', name)) return { data_type: 2, decrypt_text: name }
  if (text === cipher('#', street)) return { data_type: 1, decrypt_text: street }
  if (text !== cipher('$', person.phone)) return undefined
  if (order.person % 2 === 0)
    return { data_type: 3, decrypt_text: person.phone, is_virtual_tel: false, expire_time: 0, phone_no_a: '', phone_no_b: '' }
  // Every other buyer is reached by a number that stands in for theirs, for a week.
  const [a, b] = ['18400913965', String(1000 + order.person)]
  const ends = seconds(shop.clock.now()) + 604_800
  return { data_type: 3, decrypt_text: `${a}-${b}`, is_virtual_tel: true, expire_time: ends, phone_no_a: a, phone_no_b: b }
}

/** Every after-sale is of one sub-order here. */
export function afterSaleView(refund: MarketRefund): Doc {
  const { status, money } = afterSaleStatus(refund)
  const parts = refund.lines
  const goods = refund.minor - refund.feesMinor
  return {
    aftersale_info: {
      aftersale_id: refund.id,
      aftersale_order_type: 1,
      aftersale_type: afterSaleType(refund),
      aftersale_status: status,
      related_id: parts[0]?.line.id ?? '',
      apply_time: seconds(refund.createdAt),
      create_time: seconds(refund.createdAt),
      update_time: seconds(refund.modifiedAt),
      refund_amount: goods,
      refund_post_amount: refund.feesMinor,
      refund_tax_amount: 0,
      aftersale_num: total(parts.map((part) => part.quantity)),
      refund_status: money,
      got_pkg: refund.goodsBack ? 1 : 0,
    },
    order_info: {
      shop_order_id: refund.order.id,
      related_order_info: parts.map(({ line, quantity, minor }) => ({
        sku_order_id: line.id,
        order_status: line.shipped > 0 ? 3 : 2,
        pay_amount: lineNet(line),
        item_num: line.quantity,
        product_name: line.item.title,
        product_id: int(line.item.id),
        shop_sku_code: skuCode(line),
        aftersale_pay_amount: minor,
        aftersale_post_amount: refund.feesMinor,
        aftersale_tax_amount: 0,
        aftersale_item_num: quantity,
      })),
    },
    text_part: { reason_text: refund.reason, aftersale_status_text: '' },
    seller_logs: [],
  }
}
