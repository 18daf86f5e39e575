import { createHash } from 'node:crypto'
import type { MarketLine, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { goodsGross, payable, skuCode, total } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { long, NO_TIME, stamp, yuan } from './wire.ts'
import { APPLICATION, balanceOf, REMARKS, type JdShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

/** Only what was asked for. */
export function pick(doc: Doc, fields: string): Doc {
  const wanted = new Set(fields.split(',').map((name) => name.trim()))
  return Object.fromEntries(Object.entries(doc).filter(([name]) => wanted.has(name)))
}

export function orderView(shop: JdShop, order: MarketOrder, given: { readonly fields: string; readonly encrypted: boolean }): Doc {
  const state = statusOf(shop.rules, order)
  const own = total(order.lines.map((line) => line.discountMinor + line.sellerShareMinor - line.adjustMinor))
  const balance = balanceOf(order, payable(order))
  const doc = {
    orderId: order.id,
    venderId: shop.settings.venderId,
    orderType: '22',
    payType: order.isCod ? '1-货到付款' : '4-在线支付',
    orderTotalPrice: yuan(goodsGross(order)),
    orderSellerPrice: yuan(goodsGross(order) - own),
    orderPayment: yuan(payable(order) - balance),
    freightPrice: yuan(order.shippingMinor),
    sellerDiscount: yuan(own),
    balanceUsed: yuan(balance),
    taxFee: '0.00',
    serviceFee: yuan(order.otherFeeMinor),
    orderState: state,
    orderStateRemark: REMARKS[state] ?? state,
    orderRemark: order.buyerNote,
    venderRemark: order.sellerNote,
    orderStartTime: stamp(order.createdAt),
    orderEndTime: stamp(order.closedAt ?? order.finishedAt),
    paymentConfirmTime: order.isCod && order.state !== 'finished' ? NO_TIME : stamp(order.paidAt),
    modified: stamp(order.modifiedAt),
    scDT: '',
    consigneeInfo: consignee(order, given.encrypted),
    itemInfoList: order.lines.map(itemView),
    couponDetailList: couponsOf(order),
    waybill: order.shipments.map(({ tracking }) => tracking).join('|'),
    logisticsId: order.shipments.map(({ carrier }) => carrier.code).join('|'),
    parentOrderId: order.seq % 5 === 0 ? String(BigInt(order.id) - 4_034_034_457n) : '0',
    directParentOrderId: '0',
    storeOrder: '',
    returnOrder: '0',
    orderSource: '移动端订单',
    open_id_buyer: `oid-${(order.person * 7919).toString(36)}sandbox`,
  }
  return pick(doc, given.fields)
}

const itemView = (line: MarketLine): Doc => ({
  skuId: line.sku?.id ?? line.item.id,
  outerSkuId: skuCode(line),
  skuName: line.item.title,
  jdPrice: yuan(line.priceMinor),
  giftPoint: '0',
  wareId: line.item.id,
  itemTotal: String(line.quantity),
  productNo: line.item.code,
  newStoreId: '0',
})

/** What the seller changed by hand stands in the sum and not in this list. */
function couponsOf(order: MarketOrder): readonly Doc[] {
  const coupon = (couponType: string, minor: number, skuId = ''): readonly Doc[] =>
    minor <= 0 ? [] : [{ orderId: order.id, skuId, couponType, couponPrice: yuan(minor) }]
  return [
    ...order.lines.flatMap((line) => coupon('30-单品促销优惠', line.discountMinor, line.sku?.id)),
    ...coupon('100-店铺优惠', total(order.lines.map((line) => line.sellerShareMinor))),
    ...coupon('41-京东券优惠', total(order.lines.map((line) => line.channelShareMinor))),
  ]
}

/** Name and street under the channel's key, numbers masked; towns in clear. */
function consignee(order: MarketOrder, encrypted: boolean): Doc {
  const who = personAt(order.person)
  const [name, street] = [`${who.lastName}${who.firstName}`, `${who.city}${who.line1} ${who.line2}`.trim()]
  const phone = encrypted ? `${who.phone.slice(0, 3)}*******${who.phone.slice(-1)}` : who.phone
  const hidden = (text: string): string => (encrypted ? cipher(`${order.person}/${text}`) : text)
  return {
    fullname: hidden(name),
    telephone: phone,
    mobile: phone,
    fullAddress: hidden(street),
    province: who.region === '' ? who.country : who.region,
    city: who.city,
    county: who.postcode,
    town: '',
    provinceId: '1',
    cityId: '72',
    countyId: '2799',
    townId: '0',
    desen_telephone: hash(who.phone, 'hex').slice(0, 34),
    desen_mobile: hash(who.phone, 'hex').slice(0, 34),
  }
}

const hash = (text: string, form: 'hex' | 'base64'): string => createHash('sha384').update(text).digest(form)
const cipher = (text: string): string => `AAS${hash(text, 'base64').slice(3)}`

export const applicationView = (refund: MarketRefund): Doc => ({
  id: long(refund.id),
  buyerId: `jd_${refund.order.person}`,
  buyerName: `j***${refund.order.person % 10}`,
  orderId: long(refund.order.id),
  applyTime: stamp(refund.createdAt),
  checkTime: refund.state === 'requested' ? NO_TIME : stamp(refund.modifiedAt),
  applyRefundSum: refund.minor,
  status: APPLICATION[refund.state],
  checkUserName: '',
  checkRemark: '',
  reason: refund.reason,
  systemId: 1,
  modified: stamp(refund.modifiedAt),
})

export const caseView = (refund: MarketRefund): Doc => ({
  ...(refund.state === 'requested'
    ? {}
    : { afsRefundId: long(refund.id), status: refund.state === 'done' ? 13 : refund.state === 'rejected' ? 14 : 10 }),
  ...(refund.doneAt === undefined ? {} : { completeTime: stamp(refund.doneAt) }),
  refoundAmount: yuan(refund.minor),
  sameOrderServiceBill: {
    serviceId: long(`11${refund.id}`),
    orderId: long(refund.order.id),
    wareId: long(refund.lines[0]?.line.sku?.id ?? '0'),
    wareName: refund.lines[0]?.line.item.title ?? '',
    serviceCount: total(refund.lines.map(({ quantity }) => quantity)),
    afsApplyTime: stamp(refund.createdAt),
    approveTime: refund.state === 'requested' ? NO_TIME : stamp(refund.modifiedAt),
    applyReason: refund.reason,
  },
})
