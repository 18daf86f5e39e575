import { createHash } from 'node:crypto'
import type { MarketItem, MarketLine, MarketOrder, MarketRefund, MarketSku } from '../stage/market/model.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import { statusOf } from '../stage/market/shop.ts'
import { channelDiscountOf, lineNet, payable, skuCode, total } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { yuan } from './wire.ts'
import { afterSaleStatus, refundStatus, returnType, type XiaohongshuShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

const before = (line: MarketLine): number => line.priceMinor * line.quantity + Math.max(0, line.adjustMinor)
/** What the seller took off, its changes of the price among it. */
const sellerOff = (line: MarketLine): number => before(line) - lineNet(line) - line.channelShareMinor

/** An order as lists show it: neither goods nor money. */
export function orderRow(shop: XiaohongshuShop, order: MarketOrder): Doc {
  return {
    orderId: order.id,
    orderType: order.presale ? 2 : 1,
    orderStatus: Number(statusOf(shop.rules, order)),
    orderAfterSalesStatus: afterSaleStatus(order),
    cancelStatus: order.shippedAt === undefined && openRefunds(order).length > 0 ? 1 : 0,
    createdTime: order.createdAt,
    paidTime: order.paidAt ?? 0,
    updateTime: order.modifiedAt,
    deliveryTime: order.shippedAt ?? 0,
    cancelTime: order.closedAt ?? 0,
    finishTime: order.finishedAt ?? 0,
    promiseLastDeliveryTime: (order.paidAt ?? order.createdAt) + 172_800_000,
    planInfoId: '',
    planInfoName: '',
    receiverCountryId: '1',
    receiverCountryName: '中国',
    receiverProvinceId: '310000',
    receiverProvinceName: '上海市',
    receiverCityId: '310100',
    receiverCityName: '上海市',
    receiverDistrictId: '310101',
    receiverDistrictName: '黄浦区',
    customerRemark: order.buyerNote,
    sellerRemark: order.sellerNote,
    sellerRemarkFlag: 1,
    originalOrderId: '',
    logistics: 'red_auto',
    orderTagList: [],
  }
}

/** The whole of it, without names, numbers and streets. */
export function orderView(shop: XiaohongshuShop, order: MarketOrder): Doc {
  const sent = order.shipments.filter(({ state }) => state === 'sent')
  const isSplit = sent.length > 1 || (sent.length === 1 && sent[0]?.lines.length !== order.lines.length)
  return {
    ...orderRow(shop, order),
    skuList: order.lines.map((line) => skuView(order, line)),
    totalNetWeightAmount: 500,
    totalPayAmount: payable(order),
    totalShippingFree: order.shippingMinor,
    unpack: isSplit,
    expressTrackingNo: isSplit ? '' : (sent[0]?.tracking ?? ''),
    expressCompanyCode: isSplit ? '' : (sent[0]?.carrier.code ?? ''),
    receiverName: '',
    receiverPhone: '',
    receiverAddress: '',
    openAddressId: addressIdOf(order),
    simpleDeliveryOrderList: isSplit ? deliveries(order, sent) : [],
    totalDepositAmount: 0,
    totalMerchantDiscount: total(order.lines.map(sellerOff)),
    totalRedDiscount: channelDiscountOf(order),
    merchantActualReceiveAmount: payable(order) + channelDiscountOf(order),
    totalChangePriceAmount: 0,
    paymentType: 1,
    shopId: shop.settings.sellerId,
    shopName: shop.settings.name,
    whcode: 'CPartner',
    userId: `5f0000000000000${String(order.person).padStart(9, '0')}`,
    logisticsMode: 1,
    outPromotionAmount: 0,
    outTradeNo: '',
  }
}

const addressIdOf = (order: MarketOrder): string => `oaid${order.person * 7919}`

const KINDS = { address: 1, name: 2, phone: 3 } as const

/** A text sealed for one order: a part to search by, a part that only the platform opens, and what kind of text it is. */
function cipher(order: MarketOrder, kind: keyof typeof KINDS, clear: string): string {
  const sealed = (salt: string): string => createHash('sha256').update(`${salt}:${clear}`).digest('base64')
  return `#${sealed('index')}#${sealed(order.id)}#${KINDS[kind]}##`
}

/** Only of an order that waits to be sent, and for the address it shows now. */
export function receiverView(shop: XiaohongshuShop, order: MarketOrder, openAddressId: string): Doc {
  const matched = openAddressId === addressIdOf(order)
  if (!matched) return { orderId: order.id, matched }
  const { receiverProvinceName, receiverCityName, receiverDistrictName } = orderRow(shop, order)
  const person = personAt(order.person)
  return {
    orderId: order.id,
    matched,
    receiverProvinceName,
    receiverCityName,
    receiverDistrictName,
    receiverTownName: '',
    receiverName: cipher(order, 'name', `${person.lastName}${person.firstName}`),
    receiverPhone: cipher(order, 'phone', person.phone),
    receiverAddress: cipher(order, 'address', person.line1),
    location: '',
  }
}

/** What the platform makes of a sealed text under the number of an order; every other buyer's phone has a number that stands in for it. */
export function openedView(shop: XiaohongshuShop, order: MarketOrder | undefined, text: string): Doc {
  const beside = { dataTag: order?.id ?? '', encryptedData: text, decryptedData: '', errorCode: 0, errorMsg: '', virtualNumberFlag: false }
  const person = order && personAt(order.person)
  if (!order || !person) return { ...beside, errorCode: 100_017, errorMsg: '解密失败' }
  if (text === cipher(order, 'name', `${person.lastName}${person.firstName}`))
    return { ...beside, decryptedData: `${person.lastName}${person.firstName}` }
  if (text === cipher(order, 'address', person.line1)) return { ...beside, decryptedData: person.line1 }
  if (text !== cipher(order, 'phone', person.phone)) return { ...beside, errorCode: 100_017, errorMsg: '解密失败' }
  if (order.person % 2 === 0) return { ...beside, decryptedData: person.phone }
  const [virtualPhoneNumber, virtualExtendNumber] = ['17280000000', String(1000 + (order.person % 9000))]
  return {
    ...beside,
    decryptedData: `${virtualPhoneNumber}-${virtualExtendNumber}`,
    virtualNumberFlag: true,
    virtualNumber: `${virtualPhoneNumber}-${virtualExtendNumber}`,
    virtualPhoneNumber,
    virtualExtendNumber,
    expireAt: shop.clock.now() + 604_800_000,
  }
}

/** Of a split order the parts that left, and the rest under no number. */
function deliveries(order: MarketOrder, sent: MarketOrder['shipments']): readonly Doc[] {
  const rest = order.lines.filter((line) => line.shipped === 0)
  return [
    ...sent.map((each, i) => ({
      deliveryOrderIndex: i + 1,
      status: 6,
      expressTrackingNo: each.tracking,
      expressCompanyCode: each.carrier.code,
      skuIdList: each.lines.map(({ line }) => line.id),
    })),
    ...(rest.length === 0
      ? []
      : [{ deliveryOrderIndex: sent.length + 1, status: 4, expressTrackingNo: '', expressCompanyCode: '', skuIdList: rest.map(({ id }) => id) }]),
  ]
}

function skuView(order: MarketOrder, line: MarketLine): Doc {
  return {
    skuId: line.id,
    skuName: line.item.title,
    erpcode: skuCode(line),
    skuSpec: line.sku?.options.map(({ value }) => value).join(' ') ?? '',
    skuImage: '//qimg.example/1.jpg',
    skuQuantity: line.quantity,
    skuDetailList: [],
    totalPaidAmount: lineNet(line),
    totalMerchantDiscount: sellerOff(line),
    totalRedDiscount: line.channelShareMinor,
    totalTaxAmount: 0,
    totalNetWeight: 500,
    skuTag: 0,
    isChannel: false,
    deliveryMode: 0,
    kolId: '',
    kolName: '',
    skuAfterSaleStatus: order.refunds.some(({ lines }) => lines.some((part) => part.line === line)) ? afterSaleStatus(order) : 1,
    itemId: line.item.id,
    itemName: line.item.title,
  }
}

export const refundRow = (refund: MarketRefund): Doc => ({
  returnsId: refund.id,
  returnType: returnType(refund),
  reasonId: 3,
  reasonNameZh: refund.reason,
  status: refundStatus(refund),
  userId: `5f0000000000000${String(refund.order.person).padStart(9, '0')}`,
  orderId: refund.order.id,
  applyTime: refund.createdAt,
  updatedAt: refund.modifiedAt,
  expireTime: -1,
  desc: '',
  returnsTag: 0,
  expectedRefundAmountYuan: yuan(refund.minor),
})

export const refundView = (refund: MarketRefund): Doc => ({
  ...refundRow(refund),
  proofPhotos: [],
  supportCarriageInsurance: false,
  openAddressId: addressIdOf(refund.order),
  skus: refund.lines.map(({ line, quantity, minor }) => ({
    skuId: line.id,
    skuName: line.item.title,
    image: '//qimg.example/1.jpg',
    price: yuan(line.priceMinor),
    boughtCount: line.quantity,
    appliedCount: quantity,
    appliedTotalAmountYuan: yuan(minor),
    barcode: '',
    variants: [],
    skuERPCode: skuCode(line),
  })),
  exchangeSKUs: [],
  closeReasonZh: '',
  appliedShipFeeAmountYuan: yuan(refund.feesMinor),
  appliedSkusAmountYuan: yuan(refund.minor - refund.feesMinor),
  refundAmountYuan: refund.state === 'done' ? yuan(refund.minor) : 0,
  refundStatus: refund.state === 'done' ? 2 : refund.state === 'approved' ? 1 : 101,
  cargoStatus: 0,
  refundTime: refund.doneAt ?? 0,
})

export const skuRow = ({ item, sku }: { readonly item: MarketItem; readonly sku: MarketSku }): Doc => ({
  item: { id: item.id, name: item.title, brandId: 1, categoryId: '5a1', images: [], createTime: item.createdAt, updateTime: item.modifiedAt },
  sku: {
    id: sku.id,
    itemId: item.id,
    price: sku.priceMinor,
    originalPrice: sku.priceMinor,
    stock: sku.stock,
    variants: sku.options.map(({ name, value }) => ({ name, value })),
    buyable: item.onSale,
    erpCode: sku.code,
    barcode: '',
    createTime: item.createdAt,
    updateTime: item.modifiedAt,
  },
})
