import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, MarketLine, MarketOrder, MarketSku } from '../stage/market/model.ts'
import { cursorPage, inWindow, type CursorPage, type Listed, type Window } from '../stage/market/paging.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { decideRefund, type Decision } from '../stage/market/refunds.ts'
import { ship } from '../stage/market/shipping.ts'
import { WechatError } from './door.ts'
import { decodedView, orderView, productView, refundView } from './views.ts'
import { COMPANIES, type WechatShop } from './words.ts'

const invalid = (why: string): WechatError => new WechatError(40097, `invalid args, ${why}`)

export interface Answer {
  readonly doc: JsonRecord
  readonly returned?: readonly string[]
}
type Api = (shop: WechatShop, input: JsonRecord) => Answer

const WEEK_S = 7 * 86_400
const DAY_S = 86_400

function whole(input: JsonRecord, name: string, usual: number, range: readonly [number, number]): number {
  const value = input[name] === undefined ? usual : asNumber(input[name])
  if (value === undefined || !Number.isInteger(value) || value < range[0] || value > range[1])
    throw invalid(`${name}: between ${range[0]} and ${range[1]}`)
  return value
}

/** The rest of a list behind its key; a key of another list is refused. */
function behind<T extends Listed>(
  shop: WechatShop,
  found: readonly T[],
  given: { readonly input: JsonRecord; readonly size: number; readonly window: Window },
): CursorPage<T> {
  const page = cursorPage(shop, found, { cursor: asText(given.input['next_key']) ?? '', size: given.size, window: given.window })
  if (!page) throw new WechatError(606006, 'next_key 与其他参数不匹配')
  return page
}

function orderList(shop: WechatShop, input: JsonRecord): Answer {
  const [byUpdate, byCreate] = [asRecord(input['update_time_range']), asRecord(input['create_time_range'])]
  const range = byUpdate['start_time'] === undefined ? byCreate : byUpdate
  const [from, to] = [asNumber(range['start_time']), asNumber(range['end_time'])]
  if (from === undefined || to === undefined || to < from) throw invalid('create_time_range or update_time_range is needed')
  if (to - from > WEEK_S) throw invalid('time range: at most 7 days')
  const window: Window = { by: range === byUpdate ? 'modifiedAt' : 'createdAt', from: from * 1000, to: to * 1000 + 999 }
  const status = asText(input['status'])
  const found = inWindow(shop, shop.orders.values(), window, (order) => status === undefined || String(orderView(shop, order)['status']) === status)
  const { records, hasMore, next } = behind(shop, found, { input, size: whole(input, 'page_size', 10, [1, 100]), window })
  const ids = records.map((order) => order.id)
  return { doc: { order_id_list: ids, has_more: hasMore, next_key: next }, returned: ids }
}

function orderGet(shop: WechatShop, input: JsonRecord): Answer {
  const order = orderOf(shop, input)
  return { doc: { order: orderView(shop, order) }, returned: [order.id] }
}

function orderOf(shop: WechatShop, input: JsonRecord): MarketOrder {
  const order = shop.orders.get(asText(input['order_id']) ?? '')
  if (!order) throw new WechatError(100002, '订单不存在，请检查订单号与 token 是否正确')
  return order
}

/** Of paid orders alone, each counted once a day. */
function decode(shop: WechatShop, input: JsonRecord): Answer {
  const order = orderOf(shop, input)
  if (order.paidAt === undefined) throw new WechatError(101100, ', 订单状态错误，不允许执行此操作')
  if (!mayOpen(shop, [order.id], shop.settings.decodesPerDay)) throw new WechatError(100105, ', 订单信息解密次数已达当日上限')
  return { doc: decodedView(shop, order), returned: [order.id] }
}

function refundList(shop: WechatShop, input: JsonRecord): Answer {
  const byUpdate = input['begin_update_time'] !== undefined
  const [from, to] = byUpdate
    ? [asNumber(input['begin_update_time']), asNumber(input['end_update_time'])]
    : [asNumber(input['begin_create_time']), asNumber(input['end_create_time'])]
  if (from === undefined || to === undefined || to < from || to - from > DAY_S) throw new WechatError(10020004, '非法的时间区间，不得大于24小时')
  const window: Window = { by: byUpdate ? 'modifiedAt' : 'createdAt', from: from * 1000, to: to * 1000 + 999 }
  const { records, hasMore, next } = behind(shop, inWindow(shop, shop.refunds.values(), window), { input, size: 20, window })
  const ids = records.map((refund) => refund.id)
  return { doc: { after_sale_order_id_list: ids, has_more: hasMore, next_key: next }, returned: ids }
}

function refundGet(shop: WechatShop, input: JsonRecord): Answer {
  const refund = shop.refunds.get(asText(input['after_sale_order_id']) ?? '')
  if (!refund) throw new WechatError(100002, '售后单不存在')
  return { doc: { after_sale_order: refundView(refund) }, returned: [refund.id] }
}

function productList(shop: WechatShop, input: JsonRecord): Answer {
  const window: Window = { by: 'createdAt' }
  const found = inWindow(shop, shop.items.values(), window)
  const { records, next } = behind(shop, found, { input, size: whole(input, 'page_size', 10, [1, 30]), window })
  const ids = records.map((item) => item.id)
  return { doc: { product_ids: ids, total_num: found.length, next_key: next }, returned: ids }
}

function itemOf(shop: WechatShop, input: JsonRecord): MarketItem {
  const item = shop.items.get(asText(input['product_id']) ?? '')
  if (!item) throw new WechatError(10020052, '商品不存在')
  return item
}

function skuOf(item: MarketItem, input: JsonRecord): MarketSku {
  const sku = item.skus.find((each) => each.id === asText(input['sku_id']))
  if (!sku) throw new WechatError(10020051, '参数错误，请开发者按照文档传参')
  return sku
}

function stockGet(shop: WechatShop, input: JsonRecord): Answer {
  const { stock } = skuOf(itemOf(shop, input), input)
  return { doc: { data: { normal_stock_num: stock, limited_discount_stock_num: 0, warehouse_stocks: [], total_stock_num: stock } } }
}

function stockUpdate(shop: WechatShop, input: JsonRecord): Answer {
  const item = itemOf(shop, input)
  const sku = skuOf(item, input)
  const [type, number] = [asNumber(input['diff_type']), asNumber(input['num'])]
  if (number === undefined || !Number.isInteger(number) || number < 0 || number > 10_000_000) throw invalid('num')
  if (type !== 1 && type !== 2 && type !== 3) throw invalid('diff_type')
  if (isLocked(shop, { item, sku })) throw new WechatError(10020217, '当前商品草稿状态为审核中，不允许直接更新库存')
  if (type === 2 && number > sku.stock) throw new WechatError(10020219, '库存不足以减扣')
  writeStock(shop, { item, sku }, type === 2 ? -number : number, type === 3 ? 'set' : 'delta')
  return { doc: {}, returned: [`${item.id}:${sku.id}`] }
}

/** Everything is looked at before anything leaves. */
function send(shop: WechatShop, input: JsonRecord): Answer {
  const order = orderOf(shop, input)
  if (order.state !== 'to-ship' && order.state !== 'part-shipped') throw new WechatError(101100, ', 订单状态错误，不允许执行此操作')
  const parcels = asList(input['delivery_list']).map((each) => parcelOf(order, asRecord(each)))
  if (parcels.length === 0) throw invalid('delivery_list')
  for (const parcel of parcels) {
    const made = ship(shop, order, { ...parcel, by: 'api' })
    if (typeof made === 'string') throw new WechatError(101100, `, 发货数量错误：${made}`)
  }
  return { doc: {}, returned: [order.id] }
}

function parcelOf(order: MarketOrder, input: JsonRecord) {
  const carrier = COMPANIES.find((each) => each.code === asText(input['delivery_id']))
  const tracking = asText(input['waybill_id']) ?? ''
  if (!carrier || tracking === '') throw invalid('delivery_id or waybill_id')
  const lines = asList(input['product_infos'])
    .map(asRecord)
    .map((each) => ({ line: lineOf(order, each), quantity: asNumber(each['product_cnt']) ?? 0 }))
  if (lines.length === 0) throw invalid('product_infos')
  return { carrier, tracking, lines }
}

function lineOf(order: MarketOrder, input: JsonRecord): MarketLine {
  const line = order.lines.find((each) => each.item.id === asText(input['product_id']) && each.sku?.id === asText(input['sku_id']))
  if (!line) throw new WechatError(606031, ', 发货请求里product_id或sku_id填写不正确')
  return line
}

/** Only a request that waits can be answered. */
const decide =
  (decision: Decision): Api =>
  (shop, input) => {
    const refund = shop.refunds.get(asText(input['after_sale_order_id']) ?? '')
    if (!refund) throw new WechatError(100002, '售后单不存在')
    if (decision === 'reject' && (asText(input['reject_reason']) ?? '') === '') throw invalid('reject_reason')
    const refusal = refund.state === 'requested' ? decideRefund(shop, refund, decision, 'api') : 'not open'
    if (refusal !== undefined) throw new WechatError(10021041, '当前售后单不支持此操作，请检查售后单状态')
    return { doc: {}, returned: [refund.id] }
  }

const companies: Api = () => ({ doc: { company_list: COMPANIES.map(({ code, name }) => ({ delivery_id: code, delivery_name: name })) } })

/** By the path below `/channels/ec/`. */
export const APIS: Readonly<Record<string, Api>> = {
  'order/list/get': orderList,
  'order/get': orderGet,
  'order/sensitiveinfo/decode': decode,
  'aftersale/getaftersalelist': refundList,
  'aftersale/getaftersaleorder': refundGet,
  'aftersale/acceptapply': decide('settle'),
  'aftersale/rejectapply': decide('reject'),
  'product/list/get': productList,
  'product/get': (shop, input) => ({ doc: productView(itemOf(shop, input)) }),
  'product/stock/get': stockGet,
  'product/stock/update': stockUpdate,
  'order/delivery/send': send,
  'order/deliverycompanylist/get': companies,
}
