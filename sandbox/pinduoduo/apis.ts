import { asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import { isLocked, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder, Place } from '../stage/market/model.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { ship } from '../stage/market/shipping.ts'
import { changed } from '../stage/market/shop.ts'
import { COMPANIES, type Company } from './companies.ts'
import { openText, orderView, refundView } from './order-view.ts'
import { changeWindow, invalid, need, type Params, whole } from './params.ts'
import { bare, refuse, stamp } from './wire.ts'
import { orderStatus, type Extra, type PddShop } from './words.ts'

/** What stands under the root of an answer, and ids of the records it carries, for the ledger. Throws PddError. */
export interface Result {
  readonly root: string
  readonly doc: Readonly<Record<string, unknown>>
  readonly returned?: readonly string[]
}
type Api = (shop: PddShop, params: Params) => Result

/** Three months. */
const KEPT_MS = 90 * 86_400_000

const time: Api = (shop) => ({ root: 'time_get_response', doc: { time: stamp(shop.clock.now()) } })

const mall: Api = (shop) => ({ root: 'mall_info_get_response', doc: { mall_id: shop.settings.mallId, mall_name: shop.settings.name } })

function refresh(shop: PddShop, params: Params): Result {
  const pair = shop.access.renew(need(params, 'refresh_token'))
  if (!pair) throw refuse('10020', 'refresh_token已过期或授权已取消')
  const seconds = Math.floor(pair.endsAt / 1000)
  const doc = {
    access_token: pair.token,
    refresh_token: pair.refresh,
    expires_in: seconds - Math.floor(shop.clock.now() / 1000),
    expires_at: seconds,
    refresh_token_expires_in: 2_592_000,
    owner_id: String(shop.settings.mallId),
    owner_name: shop.settings.name,
    scope: ['pdd.order.number.list.increment.get'],
  }
  return { root: 'pop_auth_token_refresh_response', doc }
}

function orders(shop: PddShop, params: Params): Result {
  const [status, refunds] = [whole(params, 'order_status', [1, 5]), whole(params, 'refund_status', [1, 5])]
  whole(params, 'is_lucky_flag', [0, 2])
  const keep = (order: MarketOrder): boolean => {
    const view = orderView(shop, order)
    return (status === 5 || view['order_status'] === status) && (refunds === 5 || view['refund_status'] === refunds)
  }
  const { records, total, hasNext } = page(shop, params, inWindow(shop, shop.orders.values(), { ...windowOf(shop, params), descending: true }, keep))
  const head = params.get('use_has_next') === 'true' ? { has_next: hasNext } : { total_count: total }
  return {
    root: 'order_sn_increment_get_response',
    doc: { ...head, order_sn_list: records.map((order) => orderView(shop, order)) },
    returned: records.map(({ id }) => id),
  }
}

function refunds(shop: PddShop, params: Params): Result {
  const [status, type] = [whole(params, 'after_sales_status', [0, 33]), whole(params, 'after_sales_type', [1, 9])]
  const sn = params.get('order_sn')
  const found = sn
    ? [...shop.refunds.values()].filter(({ order }) => order.id === sn)
    : inWindow(shop, shop.refunds.values(), { ...windowOf(shop, params), descending: true }, (one) => {
        const view = refundView(one)
        return (status === 1 || view['after_sales_status'] === status) && (type === 1 || view['after_sales_type'] === type)
      })
  const { records, total } = page(shop, params, found)
  return {
    root: 'refund_increment_get_response',
    doc: { total_count: total, refund_list: records.map(refundView) },
    returned: records.map(({ id }) => id),
  }
}

/** The seller agrees: what was not sent is paid back at once. */
function agree(shop: PddShop, params: Params): Result {
  const request = asRecord(parseJson(need(params, 'request')))
  const [id, sn] = [asText(request['after_sales_id']) ?? '', asText(request['order_sn'])]
  const refund = shop.refunds.get(id)
  if (!refund || refund.order.id !== sn) throw refuse('46001', '售后单不存在')
  const why = refund.state === 'requested' ? decideRefund(shop, refund, refund.goodsBack ? 'approve' : 'settle', 'api') : '售后单状态已变更'
  if (why !== undefined) throw refuse('46002', why)
  return { root: 'response', doc: { result: { succ: true, message: '退款操作成功', after_sales_id: bare(id), order_sn: sn } }, returned: [id] }
}

const windowOf = (shop: PddShop, params: Params): { readonly from: number; readonly to: number } => {
  const { from, to } = changeWindow(params)
  return { from: Math.max(from, shop.clock.now() - KEPT_MS), to }
}

const page = <T>(shop: PddShop, params: Params, found: readonly T[]): ReturnType<typeof numberedPage<T>> =>
  numberedPage(shop, found, { page: whole(params, 'page', [1, 1_000_000], 1), size: whole(params, 'page_size', [1, 100], 100) })

function orderOf(shop: PddShop, params: Params): MarketOrder {
  const order = shop.orders.get(need(params, 'order_sn'))
  if (!order) throw refuse('45001', '订单不属于当前店铺或订单不存在')
  return order
}

function order(shop: PddShop, params: Params): Result {
  const one = orderOf(shop, params)
  return { root: 'order_info_get_response', doc: { order_info: { ...orderView(shop, one), store_info: null } }, returned: [one.id] }
}

/** Each text on its own: those of other orders, of what has left or is under review are not opened. */
function decrypt(shop: PddShop, params: Params): Result {
  const list = asList(parseJson(need(params, 'data_list'))).map(asRecord)
  if (list.length === 0 || list.length > 100) throw invalid('data_list')
  const texts = list.map((each) => asText(each['encrypted_data']) ?? '')
  if (!mayOpen(shop, texts, shop.settings.decryptsPerDay)) throw refuse('51005', '店铺当日解密次数已达上限')
  const opened = list.map((each, i) => {
    const [tag, text] = [asText(each['data_tag']) ?? '', texts[i] ?? '']
    const one = shop.orders.get(tag)
    const isShown = one !== undefined && Object.values(orderView(shop, one)).includes(text)
    const found = isShown ? openText(one, text) : undefined
    return {
      data_tag: tag,
      encrypted_data: text,
      ...(found ?? { decrypted_data: '', data_type: 0 }),
      error_code: found ? 0 : 10,
      error_msg: found ? '' : '解密失败',
    }
  })
  return { root: 'open_decrypt_batch_response', doc: { data_decrypt_list: opened } }
}

function goods(shop: PddShop, params: Params): Result {
  const { records, total } = page(shop, params, [...shop.items.values()])
  const shown = records.map((item) => ({
    goods_id: bare(item.id),
    goods_name: item.title,
    goods_quantity: item.stock,
    goods_reserve_quantity: 0,
    is_more_sku: item.skus.length > 1 ? 1 : 0,
    is_onsale: item.onSale ? 1 : 0,
    sku_list: item.skus.map((sku) => ({
      sku_id: bare(sku.id),
      spec: sku.options.map(({ value }) => value).join(','),
      sku_quantity: sku.stock,
      reserve_quantity: 0,
      outer_id: sku.code,
      outer_goods_id: item.code,
      is_sku_onsale: 1,
    })),
  }))
  return { root: 'goods_list_get_response', doc: { total_count: total, goods_list: shown }, returned: records.map(({ id }) => id) }
}

function placeOf(shop: PddShop, params: Params): Place {
  const item = shop.items.get(need(params, 'goods_id'))
  const id = params.get('sku_id') ?? ''
  const sku = item?.skus.find((each) => (id === '' ? each.code === params.get('outer_id') : each.id === id))
  if (!item || !sku) throw refuse('40001', '商品或sku不存在')
  return { item, sku, code: sku.code }
}

function sku(shop: PddShop, params: Params): Result {
  const { item, sku: one } = placeOf(shop, params)
  const doc = {
    goods_id: bare(item.id),
    sku_id: bare(one?.id ?? '0'),
    quantity: one?.stock ?? 0,
    reserve_quantity: 0,
    out_sku_sn: one?.code ?? '',
    is_onsale: 1,
    multi_price: one?.priceMinor ?? 0,
    single_price: (one?.priceMinor ?? 0) + 100,
  }
  return { root: 'goods_sku_get_response', doc, returned: [item.id] }
}

function quantity(shop: PddShop, params: Params): Result {
  const place = placeOf(shop, params)
  const type = whole(params, 'update_type', [1, 2], 1)
  const value = whole(params, 'quantity', [type === 1 ? 0 : -1e9, 1e9])
  if (isLocked(shop, place)) throw refuse('40010', '商品在资源位上，不能减少库存')
  const was = place.sku?.stock ?? 0
  if (type === 2 && was + value < 0) throw refuse('40011', '库存不足')
  writeStock(shop, place, value, type === 1 ? 'set' : 'delta')
  return { root: 'goods_quantity_update_response', doc: { is_success: true }, returned: [place.item.id] }
}

const companies: Api = () => ({
  root: 'logistics_companies_get_response',
  doc: { logistics_companies: COMPANIES.map(({ id, code, name, available }) => ({ id, code, logistics_company: name, available })) },
})

function companyOf(id: number): Company {
  const company = COMPANIES.find((each) => each.id === id)
  if (company?.available !== 1) throw refuse('45010', '快递公司不支持')
  return company
}

function trackingOf(text: string): string {
  if (!/^[A-Za-z0-9-]{6,30}$/.test(text)) throw refuse('45011', '快递单号格式不正确')
  return text
}

function send(shop: PddShop, params: Params): Result {
  const one = orderOf(shop, params)
  const carrier = companyOf(whole(params, 'logistics_id', [1, 1e9]))
  const tracking = trackingOf(need(params, 'tracking_number'))
  if (params.get('redelivery_type') === '2') throw invalid('the sandbox does not change what was sent')
  if (one.paidAt === undefined || orderView(shop, one)['group_status'] !== 1) throw refuse('45012', '订单未成团，不能发货')
  if (orderView(shop, one)['risk_control_status'] === 1) throw refuse('45013', '审核中的订单不能发货')
  if (one.state === 'closed') throw refuse('45014', '订单已退款，不能发货')
  const made = ship(shop, one, { carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw refuse('45015', '只有待发货订单可以发货')
  return { root: 'logistics_online_send_response', doc: { is_success: true }, returned: [one.id] }
}

/** Numbers for the buyer to see; one that is known already stays as it is. */
function extra(shop: PddShop, params: Params): Result {
  const one = orderOf(shop, params)
  whole(params, 'extra_track_type', [1, 3], 1)
  if (!['2', '3'].includes(orderStatus(one))) throw refuse('45016', '订单未发货，不能上传额外运单')
  const given = asList(parseJson(need(params, 'extra_track_list'))).map((each): Extra => {
    const track = asRecord(each)
    return { company: companyOf(asNumber(track['shipping_id']) ?? 0), tracking: trackingOf(asText(track['tracking_number']) ?? '') }
  })
  if (given.length === 0) throw invalid('extra_track_list')
  const known = shop.extras.get(one.id) ?? []
  const fresh = given.filter(({ tracking }) => !known.some((each) => each.tracking === tracking))
  shop.extras.set(one.id, [...known, ...fresh])
  for (const { company, tracking } of fresh) note(shop, one, company, tracking)
  if (fresh.length > 0) changed(shop, one, { change: 'edited', by: 'api', topic: 'edited' })
  return { root: 'upload_extra_logistics_response', doc: { success: true }, returned: [one.id] }
}

const note = (shop: PddShop, one: MarketOrder, company: Company, tracking: string): void =>
  shop.ledger.record({
    kind: 'shipment',
    orderId: one.id,
    shipmentId: tracking,
    action: 'created',
    status: 'sent',
    carrier: company.name,
    trackingNumber: tracking,
    lines: [],
    by: 'api',
  })

/** Calls that need no seller. */
export const openApis: Readonly<Record<string, Api>> = {
  'pdd.time.get': time,
  'pdd.pop.auth.token.refresh': refresh,
  'pdd.logistics.companies.get': companies,
}

export const sellerApis: Readonly<Record<string, Api>> = {
  'pdd.mall.info.get': mall,
  'pdd.order.number.list.increment.get': orders,
  'pdd.order.information.get': order,
  'pdd.refund.list.increment.get': refunds,
  'pdd.refund.agree': agree,
  'pdd.open.decrypt.batch': decrypt,
  'pdd.goods.list.get': goods,
  'pdd.goods.skus.get': sku,
  'pdd.goods.quantity.update': quantity,
  'pdd.logistics.online.send': send,
  'pdd.order.upload.extra.logistics': extra,
}
