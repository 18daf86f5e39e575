import { personAt } from '../stage/people.ts'
import type { MarketItem, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { lineNet, skuCode, total } from '../stage/market/sums.ts'
import { handlingWay, refundStatus, type KuaishouShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

/** An order as lists show it; `totalFee` is without the postage. */
export function orderView(shop: KuaishouShop, order: MarketOrder): Doc {
  const [line] = order.lines
  if (!line) throw new Error('An order has a line.')
  const net = lineNet(line)
  const last = order.refunds.at(-1)
  return {
    orderBaseInfo: {
      oid: Number(order.id),
      status: Number(statusOf(shop.rules, order)),
      createTime: order.createdAt,
      payTime: order.paidAt ?? 0,
      sendTime: order.shippedAt ?? 0,
      recvTime: order.finishedAt ?? 0,
      refundTime: 0,
      updateTime: order.modifiedAt,
      totalFee: net,
      discountFee: line.priceMinor * line.quantity - net,
      expressFee: order.shippingMinor,
      payType: 1,
      payChannel: 'WECHAT',
      buyerOpenId: `f1b68e8f2a4995ed${String(order.person).padStart(16, '0')}`,
      buyerNick: `买家${order.person}`,
      sellerOpenId: 'f1b68e8f2a4995ed14bf57245903fd9a',
      sellerNick: shop.settings.name,
      remark: order.buyerNote,
      activityType: 0,
      cpsType: 0,
      coType: 0,
      preSale: 0,
      riskCode: 0,
      disableDeliveryReasonCode: [],
      enableSplitDeliveryOrder: line.quantity > 1,
      validPromiseShipmentTimeStamp: (order.paidAt ?? order.createdAt) + 172_800_000,
      promiseTimeStampOfDelivery: 172_800,
      commentStatus: 0,
    },
    orderItemInfo: {
      orderItemId: Number(order.id) + 1,
      itemId: Number(line.item.id),
      relItemId: 0,
      skuId: Number(line.sku?.id ?? 0),
      relSkuId: 0,
      itemTitle: line.item.title,
      skuDesc: line.sku?.options.map(({ value }) => value).join(' ') ?? '',
      skuNick: skuCode(line),
      goodsCode: '',
      num: line.quantity,
      originalPrice: line.priceMinor,
      price: line.priceMinor,
      discountFee: line.priceMinor * line.quantity - net,
      itemType: 1,
    },
    orderRefundList: last
      ? [{ refundId: Number(last.id), refundStatus: refundStatus(last), handlingWay: handlingWay(last), specialRefundType: 0 }]
      : [],
    orderLogisticsInfo: order.shipments
      .filter(({ state }) => state === 'sent')
      .map(({ id, tracking, carrier }) => ({ logisticsId: Number(id), expressNo: tracking, expressCode: Number(carrier.code) })),
    orderAddress: address(order),
    orderDeliveryInfo: {
      deliveryNum: line.shipped,
      deliveryStatus: line.shipped === 0 ? 0 : line.shipped < line.quantity ? 10 : 40,
      splitDeliveryOrder: order.shipments.length > 1,
      enableAppendPackage: line.shipped >= line.quantity,
      maxPackageNum: 10,
      packageNum: order.shipments.length,
      totalPackageNum: order.shipments.length,
      openAddressId: `oaid-${order.person * 7919}`,
    },
    orderNote: {
      orderNoteInfo:
        order.sellerNote === '' ? [] : [{ note: order.sellerNote, createTime: order.modifiedAt, operatorName: '客服', flagTagCode: 'RED' }],
    },
    orderCpsInfo: { distributorId: 0, distributorName: '' },
    subOrderInfo: [],
  }
}

/** The same for the call for one order, where after-sales have another name. */
export function detailView(shop: KuaishouShop, order: MarketOrder): Doc {
  const { orderRefundList, ...rest } = orderView(shop, order)
  return { ...rest, orderDetailRefundList: orderRefundList }
}

/** Names, numbers and streets are encrypted and masked; province, city and district are not. */
function address(order: MarketOrder): Doc {
  const person = personAt(order.person)
  const name = `${person.lastName}${person.firstName}`
  return {
    province: '浙江省',
    provinceCode: 330_000,
    city: '杭州市',
    cityCode: 330_100,
    district: '余杭区',
    districtCode: 330_110,
    town: '',
    townCode: 0,
    encryptedConsignee: cipher(name),
    encryptedMobile: cipher(person.phone),
    encryptedAddress: cipher(person.line1),
    desensitiseConsignee: `${[...name][0] ?? ''}**`,
    desensitiseMobile: '1**********',
    desensitiseAddress: '***',
  }
}

const cipher = (text: string): string => `##${Buffer.from(`sandbox-key:${text}`).toString('base64')}#1#`

/** The text behind one of the three an order shows; nothing behind those of other orders. */
export function openText(order: MarketOrder, text: string): string | undefined {
  const person = personAt(order.person)
  return [`${person.lastName}${person.firstName}`, person.phone, person.line1].find((clear) => cipher(clear) === text)
}

export const refundView = (shop: KuaishouShop, refund: MarketRefund): Doc => ({
  refundId: Number(refund.id),
  oid: Number(refund.order.id),
  sellerId: shop.settings.sellerId,
  refundFee: refund.minor,
  status: refundStatus(refund),
  handlingWay: handlingWay(refund),
  refundType: 1,
  refundReason: 5,
  refundReasonDesc: refund.reason,
  refundDesc: '',
  negotiateStatus: refund.state === 'requested' ? 1 : 2,
  skuId: Number(refund.order.lines[0]?.sku?.id ?? 0),
  itemId: Number(refund.order.lines[0]?.item.id ?? 0),
  skuNick: refund.order.lines[0] ? skuCode(refund.order.lines[0]) : '',
  receiptStatus: refund.goodsBack ? 2 : 1,
  createTime: refund.createdAt,
  submitTime: refund.createdAt,
  updateTime: refund.modifiedAt,
  negotiateUpdateTime: refund.modifiedAt,
  endTime: refund.doneAt ?? 0,
  expireTime: 0,
})

export const refundDetail = (shop: KuaishouShop, refund: MarketRefund): Doc => ({
  ...refundView(shop, refund),
  productNum: total(refund.lines.map(({ quantity }) => quantity)),
})

const skus = (item: MarketItem): readonly Doc[] =>
  item.skus.map((sku) => ({
    kwaiSkuId: Number(sku.id),
    kwaiItemId: Number(item.id),
    relSkuId: 0,
    skuNick: sku.code,
    skuStock: sku.stock,
    reserveStock: 0,
    skuSalePrice: sku.priceMinor,
    specification: sku.options.map(({ value }) => value).join(' '),
    gtinCode: '',
    isValid: 1,
    updateTime: item.modifiedAt,
  }))

const itemView = (item: MarketItem): Doc => ({
  title: item.title,
  price: item.priceMinor,
  itemStatus: 1,
  shelfStatus: item.onSale ? 1 : 2,
  onOfflineStatus: item.onSale ? 1 : 2,
  multipleStock: false,
  createTime: item.createdAt,
  updateTime: item.modifiedAt,
})

export const itemRow = (item: MarketItem): Doc => ({ kwaiItemId: Number(item.id), ...itemView(item), skuList: skus(item) })
export const itemDetail = (item: MarketItem): Doc => ({ itemId: Number(item.id), ...itemView(item), skuInfos: skus(item) })
