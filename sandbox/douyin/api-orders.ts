import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { inWindow, numberedPage, type Listed } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import type { Api } from './gateway.ts'
import { afterSaleView, openText, orderView } from './views.ts'
import type { DouyinShop } from './words.ts'
import { DouyinError, failed, int, invalid, missing } from './wire.ts'

/** How deep lists can be paged. */
const DEEPEST = 50_000
const DAYS_90_MS = 90 * 86_400_000

interface ListRequest {
  readonly page: number
  readonly size: number
  readonly from: number
  readonly to: number
}

function pageOf(
  input: JsonRecord,
  codes: { readonly page: string; readonly size: string; readonly deep: string },
): Pick<ListRequest, 'page' | 'size'> {
  const [page, size] = [asNumber(input['page']) ?? 0, asNumber(input['size']) ?? 10]
  if (page < 0) throw invalid(codes.page, '查询订单列表页数不能小于0')
  if (size > 100 || size < 1) throw invalid(codes.size, '单次查询订单数超过限制')
  if ((page + 1) * size > DEEPEST) throw invalid(codes.deep, '订单查询最多支持查询5万')
  return { page, size }
}

function searchList(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const paging = pageOf(input, { page: '10035', size: '20008', deep: '20013' })
  const byUpdate = input['update_time_start'] !== undefined
  const [from, to] = byUpdate ? [input['update_time_start'], input['update_time_end']] : [input['create_time_start'], input['create_time_end']]
  if (asNumber(from) === undefined || asNumber(to) === undefined) throw invalid('20011', '订单查询开始时间不能为空')
  const oldest = shop.clock.now() - DAYS_90_MS
  if (!byUpdate && (asNumber(from) ?? 0) * 1000 < oldest) throw invalid('20022', '下单开始时间需为最近90天内的时间')
  const found = listed(shop, shop.orders.values(), {
    from: (asNumber(from) ?? 0) * 1000,
    to: (asNumber(to) ?? 0) * 1000,
    by: byUpdate ? 'modifiedAt' : 'createdAt',
    descending: input['order_asc'] !== true,
  }).filter((order) => order.createdAt >= oldest)
  const { records, total } = numberedPage(shop, found, { page: paging.page + 1, size: paging.size })
  return {
    data: { ...paging, total, shop_order_list: records.length === 0 ? null : records.map((order) => orderView(shop, order, false)) },
    returned: records.map(({ id }) => id),
  }
}

const listed = <T extends Listed>(shop: DouyinShop, all: Iterable<T>, window: Parameters<typeof inWindow>[2]): readonly T[] =>
  inWindow(shop, all, window)

function orderDetail(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const id = asText(input['shop_order_id']) ?? ''
  if (id === '') throw missing('20000', '请输入查询订单号')
  const order = shop.orders.get(id)
  if (!order) throw invalid('20014', '查询订单不存在')
  return { data: { shop_order_detail: orderView(shop, order, true) }, returned: [id] }
}

function afterSaleList(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const paging = pageOf(input, { page: '11000', size: '11000', deep: '11000' })
  const [from, to] = [asNumber(input['update_start_time']), asNumber(input['update_end_time'])]
  const [order, one] = [asText(input['order_id']) ?? '', asText(input['aftersale_id']) ?? '']
  const ascending = Array.isArray(input['order_by']) && input['order_by'][0] === 'update_time asc'
  const found = inWindow(
    shop,
    shop.refunds.values(),
    { ...(from === undefined ? {} : { from: from * 1000 }), ...(to === undefined ? {} : { to: to * 1000 }), descending: !ascending },
    (refund) => (order === '' || refund.order.id === order) && (one === '' || refund.id === one),
  )
  const { records, total, hasNext } = numberedPage(shop, found, { page: paging.page + 1, size: paging.size })
  return {
    data: { items: records.map(afterSaleView), has_more: hasNext, total, page: paging.page, size: records.length },
    returned: records.map(({ id }) => id),
  }
}

function afterSaleDetail(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const refund = shop.refunds.get(asText(input['after_sale_id']) ?? '')
  if (!refund) throw invalid('11000', '参数错误，售后单ID错误')
  const view = afterSaleView(refund)
  return { data: { process_info: { after_sale_info: view['aftersale_info'] }, order_info: view['order_info'] }, returned: [refund.id] }
}

/** Money back without goods, for all that are named or for none. */
const AGREE = 201

function operate(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const ids = asList(input['items']).map((each) => asText(asRecord(each)['aftersale_id']) ?? '')
  const all = ids.flatMap((id) => shop.refunds.get(id) ?? [])
  if (ids.length === 0 || ids.length > 20 || all.length !== ids.length)
    throw new DouyinError(20000, '系统错误', 'isp.service-error:10000', '存在无效的售后单')
  if (asNumber(input['type']) !== AGREE || all.some(({ goodsBack }) => goodsBack))
    throw failed('11001', '暂不支持通过OPEN处理，请登录抖店后台人工审核售后单。')
  if (all.some(({ state }) => state !== 'requested')) throw failed('20309541', '售后状态错误')
  for (const refund of all) {
    const reason = decideRefund(shop, refund, 'settle', 'api')
    if (reason !== undefined) throw failed('11005', reason)
  }
  return { data: { items: all.map(({ id }) => ({ aftersale_id: int(id), status_code: 0, status_msg: '' })) }, returned: ids }
}

/** Texts the channel hides are shown in part, at most fifty at a time. */
function batchSensitive(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const all = Array.isArray(input['cipher_infos']) ? input['cipher_infos'] : []
  if (all.length > 50) throw failed('30001', '单次不超过50条')
  const shown = all.map((each: unknown) => {
    const { auth_id, cipher_text } = Object(each)
    const known = shop.orders.has(String(auth_id))
    return { auth_id, cipher_text, decrypt_text: known ? '***' : '', err_no: known ? 0 : 300008, err_msg: known ? '' : '订单不存在' }
  })
  return { data: { decrypt_infos: shown, custom_err: { err_code: 0, err_msg: '' } } }
}

/** Fifty texts at a time, each answered on its own, of orders that were not given up. */
function batchDecrypt(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const all = asList(input['cipher_infos']).map(asRecord)
  if (all.length === 0 || all.length > 50) throw failed('30001', '单次不超过50条')
  const texts = all.map((each) => asText(each['cipher_text']) ?? '')
  if (!mayOpen(shop, texts, shop.settings.decryptsPerDay)) throw failed('300007', '已达到店铺解密上限，请申请解密额度')
  const opened = all.map((each, i) => {
    const [id, text] = [asText(each['auth_id']) ?? '', texts[i] ?? '']
    const order = shop.orders.get(id)
    if (!order) throw invalid('20014', '查询订单不存在')
    const found = order.state === 'cancelled' || order.state === 'closed' ? undefined : openText(shop, order, text)
    return { auth_id: id, cipher_text: text, ...(found ?? { decrypt_text: '' }), err_no: found ? 0 : 300004, err_msg: found ? '' : '解密失败' }
  })
  return { data: { decrypt_infos: opened, custom_err: { err_code: 0, err_msg: '' } } }
}

export const orderApis: Readonly<Record<string, Api>> = {
  'order.searchList': searchList,
  'order.orderDetail': orderDetail,
  'order.batchSensitive': batchSensitive,
  'order.batchDecrypt': batchDecrypt,
  'afterSale.List': afterSaleList,
  'afterSale.Detail': afterSaleDetail,
  'afterSale.operate': operate,
}
