import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import type { MarketOrder } from '../stage/market/model.ts'
import { cursorPage, inWindow, type Window } from '../stage/market/paging.ts'
import { ship } from '../stage/market/shipping.ts'
import { changed, statusOf } from '../stage/market/shop.ts'
import { WechatError } from '../wechat-shop/door.ts'
import { amountOf, COMPANIES, describe, parcelOf, tradeNo, type MiniShop, type Parcel } from './words.ts'

interface Answer {
  readonly doc: JsonRecord
  readonly returned?: readonly string[]
}
type Api = (shop: MiniShop, input: JsonRecord) => Answer

const seconds = (ms: number): number => Math.floor(ms / 1000)

function view(shop: MiniShop, order: MarketOrder): JsonRecord {
  const parcels = [...(shop.parcels.get(order.id) ?? []), ...order.shipments.filter(({ state }) => state === 'sent').map(parcelOf)]
  const isFinished = order.state === 'shipped' || order.state === 'finished'
  return {
    transaction_id: order.id,
    merchant_id: shop.settings.mchId,
    sub_merchant_id: '',
    merchant_trade_no: tradeNo(order),
    description: describe(order),
    paid_amount: amountOf(order),
    openid: shop.openidOf(order.person),
    trade_create_time: seconds(order.createdAt),
    pay_time: seconds(order.paidAt ?? order.createdAt),
    order_state: Number(statusOf(shop.rules, order)),
    in_complaint: false,
    shipping: {
      delivery_mode: parcels.length > 1 || (parcels.length > 0 && !isFinished) ? 2 : 1,
      logistics_type: 1,
      finish_shipping: isFinished,
      goods_desc: describe(order),
      finish_shipping_count: isFinished ? 1 : 0,
      shipping_list: parcels.map((parcel) => ({
        tracking_no: parcel.tracking,
        express_company: parcel.company,
        goods_desc: describe(order),
        upload_time: seconds(parcel.at),
        contact: {},
      })),
    },
  }
}

const isPaid = (order: MarketOrder): boolean => order.paidAt !== undefined

function orderList(shop: MiniShop, input: JsonRecord): Answer {
  const range = asRecord(input['pay_time_range'])
  const [from, to, size] = [
    asNumber(range['begin_time']) ?? 0,
    asNumber(range['end_time']) ?? seconds(shop.clock.now()),
    asNumber(input['page_size']) ?? 10,
  ]
  if (size < 1 || size > 100 || to < from) throw new WechatError(10060012, '参数错误')
  // By time of payment, which here is that of placing.
  const window: Window = { by: 'createdAt', from: from * 1000, to: to * 1000 + 999 }
  const found = inWindow(shop, shop.orders.values(), window, isPaid)
  const page = cursorPage(shop, found, { cursor: asText(input['last_index']) ?? '', size, window })
  if (!page) throw new WechatError(10060012, '参数错误 last_index')
  return {
    doc: { order_list: page.records.map((order) => view(shop, order)), has_more: page.hasMore, last_index: page.next },
    returned: page.records.map((order) => order.id),
  }
}

function orderGet(shop: MiniShop, input: JsonRecord): Answer {
  const order = orderOf(shop, {
    transaction: asText(input['transaction_id']),
    mchId: asText(input['merchant_id']),
    trade: asText(input['merchant_trade_no']),
  })
  return { doc: { order: view(shop, order) }, returned: [order.id] }
}

function orderOf(
  shop: MiniShop,
  by: { readonly transaction: string | undefined; readonly mchId: string | undefined; readonly trade: string | undefined },
): MarketOrder {
  const own = by.mchId === shop.settings.mchId ? [...shop.orders.values()].find((order) => tradeNo(order) === by.trade) : undefined
  const order = by.transaction === undefined ? own : shop.orders.get(by.transaction)
  if (!order || !isPaid(order)) throw new WechatError(10060001, '支付单不存在')
  return order
}

/** Complete payments are told anew once; parcels of split ones gather until the last. */
function upload(shop: MiniShop, input: JsonRecord): Answer {
  const key = asRecord(input['order_key'])
  const order = orderOf(shop, { transaction: asText(key['transaction_id']), mchId: asText(key['mchid']), trade: asText(key['out_trade_no']) })
  const parcels = asList(input['shipping_list']).map((each) => parcelIn(shop, asRecord(each)))
  const isSplit = asNumber(input['delivery_mode']) === 2
  const told = shop.parcels.get(order.id) ?? []
  if (asRecord(input['payer'])['openid'] !== shop.openidOf(order.person)) throw new WechatError(10060031, '支付单不属于 openid 所指定的用户')
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00$/.test(asText(input['upload_time']) ?? '')) throw new WechatError(268485216, '上传时间非法')
  if (order.state === 'closed') throw new WechatError(10060004, '支付单处于不可发货的状态')
  if (parcels.length === 0 || parcels.length + told.length > 15 || (!isSplit && parcels.length > 1))
    throw new WechatError(10060024, '物流信息列表太长')
  if (isSplit && typeof input['is_all_delivered'] !== 'boolean') throw new WechatError(10060007, '分拆发货模式下必须填写 is_all_delivered')
  if (order.state === 'shipped' || order.state === 'finished') {
    if (shop.retold.has(order.id)) throw new WechatError(10060003, '支付单已使用重新发货机会')
    shop.retold.add(order.id)
    return { doc: {}, returned: [order.id] }
  }
  const isLast = !isSplit || input['is_all_delivered'] === true
  shop.parcels.set(order.id, [...told, ...(isLast ? parcels.slice(0, -1) : parcels)])
  const last = parcels.at(-1)
  if (!isLast || !last) {
    changed(shop, order, { change: 'status', by: 'api', topic: 'part-shipped' })
    return { doc: {}, returned: [order.id] }
  }
  const carrier = COMPANIES.find((each) => each.code === last.company) ?? COMPANIES[0]
  const made = ship(shop, order, { carrier, tracking: last.tracking, by: 'api' })
  if (typeof made === 'string') throw new WechatError(10060004, made)
  return { doc: {}, returned: [order.id] }
}

function parcelIn(shop: MiniShop, input: JsonRecord): Parcel {
  const [tracking, company] = [asText(input['tracking_no']) ?? '', asText(input['express_company']) ?? '']
  const contact = asRecord(input['contact'])
  if (tracking === '' || !COMPANIES.some((each) => each.code === company)) throw new WechatError(10060012, '参数错误')
  if ((asText(input['item_desc']) ?? '') === '') throw new WechatError(10060008, '商品描述 item_desc 字段不能为空')
  if (company === 'SF' && contact['consignor_contact'] === undefined && contact['receiver_contact'] === undefined)
    throw new WechatError(10060012, '联系方式必填')
  return { tracking, company, at: shop.stamp() }
}

/** By the path behind the host. */
export const APIS: Readonly<Record<string, Api>> = {
  'wxa/sec/order/get_order_list': orderList,
  'wxa/sec/order/get_order': orderGet,
  'wxa/sec/order/upload_shipping_info': upload,
  'wxa/sec/order/is_trade_managed': () => ({ doc: { is_trade_managed: true } }),
  'cgi-bin/express/delivery/open_msg/get_delivery_list': () => ({
    doc: { delivery_list: COMPANIES.map(({ code, name }) => ({ delivery_id: code, delivery_name: name })), count: COMPANIES.length },
  }),
}
