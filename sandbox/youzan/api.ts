import { asList, asNumber, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, listingId, writeStock } from '../stage/market/goods.ts'
import type { MarketItem } from '../stage/market/model.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, ship } from '../stage/market/shipping.ts'
import { unsent } from '../stage/market/sums.ts'
import { detailView, itemDetail, itemRow, listView, openText, refundDetail, refundView } from './views.ts'
import { fromStamp, GatewayError, ServiceError } from './wire.ts'
import { COMPANIES, type YouzanShop } from './words.ts'

/** One interface; throws GatewayError or ServiceError. `returned` names the records the answer carries, for the ledger. */
type Api = (shop: YouzanShop, body: JsonRecord) => { readonly data: unknown; readonly returned?: readonly string[] }

const DAY_MS = 86_400_000

function whole(body: JsonRecord, name: string, usual: number): number {
  const value = body[name] === undefined ? usual : asNumber(body[name])
  if (value === undefined || !Number.isInteger(value)) throw new GatewayError(5001, '系统异常')
  return value
}

/** A time with its clock, or the gateway cannot make a date of it. */
function timeOf(body: JsonRecord, name: string): number | undefined {
  if (body[name] === undefined) return undefined
  const ms = fromStamp(asText(body[name]) ?? '')
  if (ms === undefined) throw new GatewayError(5001, '系统异常')
  return ms
}

const sold: Api = (shop, body) => {
  const [from, to] = [timeOf(body, 'start_update'), timeOf(body, 'end_update')]
  const [page, size] = [whole(body, 'page_no', 1), whole(body, 'page_size', 20)]
  if (size > 100) throw new ServiceError(5000, '每页最多显示100条数据')
  if (page < 1 || page > 100) throw new ServiceError(5000, '页码最大不能超过100')
  // A time without its other half counts for nothing.
  const isWindow = from !== undefined && to !== undefined
  if (isWindow && from > to) throw new ServiceError(5000, '开始时间不能大于结束时间')
  if (isWindow && to - from > 92 * DAY_MS) throw new ServiceError(5000, '时间跨度不能大于3个月')
  if (to !== undefined && to > shop.clock.now() + 7 * DAY_MS) throw new ServiceError(106_000_003, '结束时间不能超过当前日期后7天')
  const node = asText(body['node_kdt_id']) ?? shop.settings.kdtId
  const window = isWindow ? { from, to } : {}
  const found = inWindow(shop, shop.orders.values(), { ...window, descending: true }, () => node === shop.settings.kdtId)
  const { records, total } = numberedPage(shop, found, { page, size })
  return {
    data: { total_results: total, full_order_info_list: records.map((order) => listView(shop, order)) },
    returned: records.map(({ id }) => id),
  }
}

const trade: Api = (shop, body) => {
  const tid = asText(body['tid']) ?? ''
  if (!/^[EC]\d{10,}$/.test(tid)) throw new ServiceError(106_000_004, '订单号非法')
  // Parts of a gift are shown as the order they belong to.
  const order = shop.orders.get(tid.replace(/^C/, 'E'))
  if (!order) throw new ServiceError(5000, 'trade not found', { delivery_order: [], refund_order: [], full_order_info: { orders: [] } })
  return { data: detailView(shop, order), returned: [order.id] }
}

const refunds: Api = (shop, body) => {
  const [page, size] = [whole(body, 'page_no', 1), whole(body, 'page_size', 20)]
  if (page > 100) throw new ServiceError(5000, '查询页数超过100')
  if (page * size > 3000) throw new ServiceError(5000, '超过ES搜索最大深度')
  const seconds = (name: string): number | undefined => (body[name] === undefined ? undefined : whole(body, name, 0) * 1000)
  const [from, to] = [seconds('update_time_start'), seconds('update_time_end')]
  const found = inWindow(shop, shop.refunds.values(), {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    descending: true,
  })
  const { records, total } = numberedPage(shop, found, { page, size })
  return { data: { total, refunds: records.map((refund) => refundView(shop, refund)) }, returned: records.map(({ id }) => id) }
}

const refund: Api = (shop, body) => {
  const found = shop.refunds.get(asText(body['refund_id']) ?? '')
  if (!found) throw new ServiceError(103_011_024, '退款记录不存在')
  return { data: refundDetail(shop, found), returned: [found.id] }
}

/** With the version of the request as it stands; another one was made for another state of it. */
const decide =
  (decision: 'settle' | 'reject'): Api =>
  (shop, body) => {
    const found = shop.refunds.get(asText(body['refund_id']) ?? '')
    if (!found) throw new ServiceError(103_011_024, '退款记录不存在')
    if (body['version'] !== found.modifiedAt) throw new ServiceError(103_010_039, '退款版本号错误')
    if (decideRefund(shop, found, decision, 'api') !== undefined) throw new ServiceError(102_010_002, '操作过期，请刷新后确认最新退款状态')
    return { data: { is_success: true }, returned: [found.id] }
  }

const items =
  (onSale: boolean): Api =>
  (shop, body) => {
    const [page, size] = [whole(body, 'page_no', 1), whole(body, 'page_size', 20)]
    if (page > 100 || size >= 200 || page * size >= 4000) throw new ServiceError(121_000_100, '分页参数错误')
    const all = [...shop.items.values()].filter((item) => item.onSale === onSale && item.modifiedAt >= (asNumber(body['update_time_start']) ?? 0))
    if (body['order_by'] === 'update_time:asc') all.sort((a, b) => a.modifiedAt - b.modifiedAt || a.seq - b.seq)
    const shown = all.slice((page - 1) * size, page * size)
    return { data: { count: all.length, items: shown.map(itemRow) }, returned: shown.map(({ id }) => id) }
  }

function itemOf(shop: YouzanShop, body: JsonRecord, code: number): MarketItem {
  const item = shop.items.get(asText(body['item_id']) ?? '')
  if (!item) throw new ServiceError(code, '商品不存在')
  return item
}

const item: Api = (shop, body) => {
  const found = itemOf(shop, body, 122_001_001)
  return { data: itemDetail(shop, found), returned: [found.id] }
}

const quantity: Api = (shop, body) => {
  const found = itemOf(shop, body, 123_005_001)
  const id = asText(body['sku_id']) ?? '0'
  const sku = found.skus.find((each) => each.id === id)
  if (!sku && (id !== '0' || found.skus.length > 0)) throw new ServiceError(123_004_002, 'SKU不存在')
  if (isLocked(shop, { item: found, sku })) throw new ServiceError(123_003_023, '开启了库存同步，修改库存不生效')
  const [level, type] = [whole(body, 'quantity', -1), whole(body, 'type', 0)]
  if (type === 0 && level < 0) throw new ServiceError(123_001_000, '库存不能为负数')
  writeStock(shop, { item: found, sku }, level, type === 1 ? 'delta' : 'set')
  return { data: { is_success: true }, returned: [listingId({ item: found, sku })] }
}

const express: Api = () => ({ data: { allExpress: COMPANIES.map(({ code, name }) => ({ id: Number(code), name, display: 1 })) } })

const confirm: Api = (shop, body) => {
  const order = shop.orders.get(asText(body['tid']) ?? '')
  if (!order) throw new ServiceError(105_000_016, '该订单不存在!')
  const tracking = asText(body['out_sid']) ?? ''
  if (!/^[A-Za-z0-9-]+$/.test(tracking)) throw new ServiceError(105_000_003, '快递单号只能包含字母、数字或中划线!')
  const carrier = carrierOf(shop, asText(body['out_stype']) ?? '')
  if (!carrier) throw new ServiceError(105_000_004, '物流公司不存在')
  const oids = (asText(body['oids']) ?? '').split(',').filter((oid) => oid !== '')
  if (oids.some((oid) => !/^\d+$/.test(oid))) throw new ServiceError(102_599_996, 'oids 必须是数字')
  const lines = oids.length === 0 ? order.lines.filter((line) => unsent(line) > 0) : order.lines.filter((line) => oids.includes(line.id))
  if (lines.length === 0 || lines.length < oids.length || order.kind === 'pickup') throw new ServiceError(102_570_020, '订单没有可发货的商品')
  if (lines.some((line) => unsent(line) === 0)) throw new ServiceError(102_570_007, '不能重复提交已发过货的商品')
  const made = ship(shop, order, { lines: lines.map((line) => ({ line, quantity: unsent(line) })), carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw new ServiceError(102_570_003, '订单只有在待发货的状态下才允许发货')
  return { data: { is_success: true }, returned: [order.id] }
}

/** Ten thousand texts at once, none of them empty; each clear text under what was sent. */
const decrypt: Api = (shop, body) => {
  const sources = asList(body['sources']).map((each) => asText(each) ?? '')
  if (sources.length === 0 || sources.length > 10_000 || sources.includes('')) throw new ServiceError(10_500, '系统异常')
  if (!mayOpen(shop, sources, shop.settings.decryptsPerDay)) throw new ServiceError(141_502_012, '解密次数超过店铺当日上限')
  const clear = sources.map((text) => [text, openText(text)] as const)
  if (clear.some(([, text]) => text === undefined)) throw new ServiceError(141_502_001, '解密失败')
  return { data: Object.fromEntries(clear) }
}

const shopOf: Api = (shop) => ({ data: { id: Number(shop.settings.kdtId), name: shop.settings.name } })

/** By name and version, as they stand in the address. */
export const APIS: Readonly<Record<string, Api>> = {
  'youzan.trades.sold.get/4.0.4': sold,
  'youzan.trade.get/4.0.2': trade,
  'youzan.trade.refund.search/3.0.1': refunds,
  'youzan.trade.refund.get/3.0.1': refund,
  'youzan.trade.refund.agree/3.0.1': decide('settle'),
  'youzan.trade.refund.refuse/3.0.0': decide('reject'),
  'youzan.items.onsale.get/3.0.0': items(true),
  'youzan.items.inventory.get/3.0.0': items(false),
  'youzan.item.detail.get/1.0.1': item,
  'youzan.item.quantity.update/3.0.0': quantity,
  'youzan.logistics.express.get/3.0.0': express,
  'youzan.logistics.online.confirm/3.0.0': confirm,
  'youzan.shop.get/3.0.0': shopOf,
  'youzan.cloud.secret.decrypt.batch/1.0.0': decrypt,
}
