import { personAt } from '../stage/people.ts'
import type { MarketItem, MarketLine, MarketOrder, MarketRefund, MarketSku } from '../stage/market/model.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import { statusOf } from '../stage/market/shop.ts'
import { channelDiscountOf, discountOf, goodsGross, lineNet, ownNet, payable, sellerShareOf, total } from '../stage/market/sums.ts'
import { openidOf, REFUND_STATUS, type WechatShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

const seconds = (ms: number | undefined): number => (ms === undefined ? 0 : Math.floor(ms / 1000))

export function orderView(shop: WechatShop, order: MarketOrder): Doc {
  const open = openRefunds(order)
  return {
    order_id: order.id,
    openid: openidOf(order.person),
    unionid: '',
    status: Number(statusOf(shop.rules, order)),
    create_time: seconds(order.createdAt),
    update_time: seconds(order.modifiedAt),
    is_present: false,
    order_detail: {
      product_infos: order.lines.map((line) => productInfo(order, line, open)),
      pay_info: order.paidAt === undefined ? {} : { pay_time: seconds(order.paidAt), transaction_id: `42000${order.id}`, payment_method: 1 },
      price_info: priceInfo(order),
      delivery_info: deliveryInfo(order),
      coupon_info: {},
      ext_info: {
        customer_notes: order.buyerNote,
        merchant_notes: order.sellerNote,
        confirm_receipt_time: seconds(order.finishedAt),
        order_scene: 1,
      },
      commission_infos: [],
      settle_info: {},
      ...(order.state === 'closed'
        ? { refund_info: { refund_freight: total(order.refunds.map((one) => (one.state === 'done' ? one.feesMinor : 0))) } }
        : {}),
    },
    aftersale_detail: {
      on_aftersale_order_cnt: open.length,
      aftersale_order_list: order.refunds.map((refund) => ({ aftersale_order_id: refund.id })),
    },
  }
}

function productInfo(order: MarketOrder, line: MarketLine, open: readonly MarketRefund[]): Doc {
  const asked = open.flatMap((refund) => refund.lines).filter((part) => part.line === line)
  const merchant = line.discountMinor + line.sellerShareMinor
  return {
    product_id: line.item.id,
    sku_id: line.sku?.id ?? '0',
    thumb_img: '',
    sku_cnt: line.quantity,
    sale_price: line.priceMinor,
    market_price: line.priceMinor,
    title: line.item.title,
    sku_code: line.sku?.code ?? line.item.code,
    sku_attrs: (line.sku?.options ?? []).map(({ name, value }) => ({ attr_key: name, attr_value: value })),
    real_price: lineNet(line),
    is_discounted: merchant > 0,
    estimate_price: lineNet(line) - line.adjustMinor,
    is_change_price: line.adjustMinor !== 0,
    ...(line.adjustMinor === 0 ? {} : { change_price: ownNet(line) - line.sellerShareMinor - line.channelShareMinor }),
    merchant_discounted_price: merchant,
    cash_coupon_discounted_price: line.channelShareMinor,
    finder_discounted_price: 0,
    on_aftersale_sku_cnt: total(asked.map((part) => part.quantity)),
    finish_aftersale_sku_cnt: line.refunded,
    delivery_deadline: seconds((order.paidAt ?? order.createdAt) + 172_800_000),
    product_unique_id: `${order.id}${line.item.id.slice(-4)}`,
  }
}

/** What the buyer pays = original price − reductions by the seller, the channel and by hand. */
function priceInfo(order: MarketOrder): Doc {
  const byHand = -total(order.lines.map((line) => line.adjustMinor))
  const merchant = discountOf(order) - channelDiscountOf(order) - byHand
  return {
    product_price: goodsGross(order),
    order_price: payable(order),
    freight: order.shippingMinor,
    discounted_price: merchant,
    merchant_discounted_price: merchant,
    is_discounted: sellerShareOf(order) > 0,
    original_order_price: goodsGross(order) + order.shippingMinor,
    estimate_product_price: payable(order) - order.shippingMinor,
    change_down_price: byHand,
    change_freight: 0,
    is_change_freight: false,
    use_deduction: false,
    deduction_price: 0,
    cash_coupon_discounted_price: channelDiscountOf(order),
    finder_discounted_price: 0,
    merchant_receieve_price: payable(order) + channelDiscountOf(order),
  }
}

function deliveryInfo(order: MarketOrder): Doc {
  const person = personAt(order.person)
  const inChina = person.country === 'CN'
  return {
    deliver_method: 0,
    ship_done_time: order.state === 'shipped' || order.state === 'finished' ? seconds(order.shippedAt) : 0,
    address_info: {
      user_name: `${person.lastName.slice(0, 1)}*`,
      postal_code: '',
      province_name: inChina ? '浙江省' : '上海市',
      city_name: inChina ? '杭州市' : '上海市',
      county_name: inChina ? '余杭区' : '徐汇区',
      detail_info: '***',
      tel_number: '138****0000',
      house_number: '',
      use_tel_number: 0,
      hash_code: `addr${(order.person * 7919).toString(36)}`,
    },
    delivery_product_info: order.shipments
      .filter((shipment) => shipment.state === 'sent')
      .map((shipment) => ({
        waybill_id: shipment.tracking,
        delivery_id: shipment.carrier.code,
        delivery_name: shipment.carrier.name,
        delivery_time: seconds(shipment.createdAt),
        deliver_type: 1,
        product_infos: shipment.lines.map(({ line, quantity }) => ({ product_id: line.item.id, sku_id: line.sku?.id ?? '0', product_cnt: quantity })),
      })),
  }
}

/** The recipient whole. Of every other buyer the number stays masked, and one that stands in for it comes beside it, for a month. */
export function decodedView(shop: WechatShop, order: MarketOrder): Doc {
  const person = personAt(order.person)
  const hasStandIn = order.person % 2 === 1
  const { address_info } = deliveryInfo(order)
  return {
    address_info: {
      ...Object(address_info),
      user_name: `${person.lastName}${person.firstName}`,
      detail_info: person.line1,
      house_number: person.line2,
      ...(hasStandIn ? {} : { tel_number: person.phone }),
    },
    ...(hasStandIn
      ? {
          virtual_number_info: {
            virtual_number: '18600000000',
            extension: String(1000 + order.person),
            expiration: seconds(shop.clock.now()) + 2_592_000,
          },
        }
      : {}),
  }
}

/** Every refund is about one product. */
export function refundView(refund: MarketRefund): Doc {
  const [part] = refund.lines
  return {
    after_sale_order_id: refund.id,
    status: refund.state === 'done' && refund.goodsBack ? 'MERCHANT_RETURN_SUCCESS' : REFUND_STATUS[refund.state],
    openid: openidOf(refund.order.person),
    order_id: refund.order.id,
    product_info: { product_id: part?.line.item.id ?? '', sku_id: part?.line.sku?.id ?? '0', count: part?.quantity ?? 0 },
    details: { desc: '', receive_product: refund.goodsBack, cancel_time: 0, prove_imgs: [], tel_number: '138****0000' },
    refund_info: { amount: refund.minor, refund_reason: 1 },
    return_info: {},
    merchant_upload_info: {},
    create_time: seconds(refund.createdAt),
    update_time: seconds(refund.modifiedAt),
    reason: 'NO_LONGER_WANT',
    reason_text: refund.reason,
    type: refund.goodsBack ? 'RETURN' : 'REFUND',
  }
}

/** On sale, or only as a draft. */
export function productView(item: MarketItem): Doc {
  const doc = {
    product_id: item.id,
    out_product_id: '',
    title: item.title,
    spu_code: item.code,
    status: item.onSale ? 5 : 11,
    edit_status: 1,
    min_price: item.priceMinor,
    skus: item.skus.map(skuView),
  }
  return item.onSale ? { product: doc, edit_product: doc } : { edit_product: doc }
}

const skuView = (sku: MarketSku): Doc => ({
  sku_id: sku.id,
  out_sku_id: '',
  sku_code: sku.code,
  sale_price: sku.priceMinor,
  market_price: sku.priceMinor,
  stock_num: sku.stock,
  sku_attrs: sku.options.map(({ name, value }) => ({ attr_key: name, attr_value: value })),
})
