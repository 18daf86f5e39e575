import type { MarketRefund } from '../stage/market/model.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, ship } from '../stage/market/shipping.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { Api, Params } from './gateway.ts'
import { applicationView, caseView, orderView } from './views.ts'
import { fromStamp, invalid, long } from './wire.ts'
import { isCase, isKnown } from './words.ts'

const DAY_MS = 86_400_000
const MONTH_MS = 31 * DAY_MS
/** By change time the lists reach back this far. */
const REACH_MS = 92 * DAY_MS

const done = { success: true, chineseErrCode: '成功', englishErrCode: 'success', numberCode: 0 }
const failed = (message: string, numberCode: number) => ({ success: false, chineseErrCode: message, englishErrCode: String(numberCode), numberCode })

export function need(params: Params, name: string): string {
  const value = params[name] ?? ''
  if (value === '') throw invalid(name)
  return value
}

export function whole(params: Params, name: string, range: readonly [number, number], usual?: number): number {
  const text = params[name] ?? ''
  if (text === '' && usual !== undefined) return usual
  const value = Number(text === '' ? Number.NaN : text)
  if (!Number.isInteger(value) || value < range[0] || value > range[1]) throw invalid(name)
  return value
}

function time(params: Params, name: string): number {
  const ms = fromStamp(need(params, name))
  if (ms === undefined) throw invalid(name)
  return ms
}

const search =
  (encrypted: boolean): Api =>
  (shop, params) => {
    const fields = need(params, 'optional_fields')
    const states = new Set(need(params, 'order_state').split(','))
    const [from, to] = [time(params, 'start_date'), time(params, 'end_date')]
    const [page, size] = [whole(params, 'page', [1, 10_000]), whole(params, 'page_size', [1, 100])]
    if (to - from > MONTH_MS) return { doc: { searchorderinfo_result: { apiResult: failed('开始时间和结束时间，不得相差超过1个月', 10_300_010) } } }
    const by = params['dateType'] === '1' ? 'createdAt' : 'modifiedAt'
    const oldest = shop.clock.now() - REACH_MS
    const found = inWindow(
      shop,
      shop.orders.values(),
      { by, from, to, descending: params['sortType'] === '1' },
      (order) => isKnown(order) && states.has(statusOf(shop.rules, order)) && (by === 'createdAt' || order.modifiedAt >= oldest),
    )
    const { records, total } = numberedPage(shop, found, { page, size })
    const orderInfoList = records.map((order) => orderView(shop, order, { fields, encrypted }))
    return { doc: { searchorderinfo_result: { apiResult: done, orderTotal: total, orderInfoList } }, returned: records.map(({ id }) => id) }
  }

const get =
  (encrypted: boolean): Api =>
  (shop, params) => {
    const fields = need(params, 'optional_fields')
    const order = shop.orders.get(need(params, 'order_id'))
    if (!order || !isKnown(order)) return { doc: { orderDetailInfo: { apiResult: failed('订单不存在', 10_300_013) } } }
    return { doc: { orderDetailInfo: { apiResult: done, orderInfo: orderView(shop, order, { fields, encrypted }) } }, returned: [order.id] }
  }

/** One call names every number of the order; what it does not name is sent all the same. */
const shipment: Api = (shop, params) => {
  const refuse = (message: string, code: number) => ({ doc: { sopjosshipment_result: { ...failed(message, code), errorCode: String(code) } } })
  const order = shop.orders.get(need(params, 'orderId'))
  const [companies, groups] = [need(params, 'logiCoprId').split('|'), need(params, 'logiNo').split('|')]
  if (!order || !isKnown(order)) return refuse('订单不存在', 10_400_001)
  if (companies.length !== groups.length) return refuse('物流公司与运单号数量不一致', 10_400_002)
  const carrier = carrierOf(shop, companies[0])
  if (!carrier || companies.some((code) => !carrierOf(shop, code))) return refuse('物流公司ID不正确', 10_400_003)
  if (statusOf(shop.rules, order) !== 'WAIT_SELLER_STOCK_OUT') return refuse('订单状态不允许出库', 10_400_004)
  const made = ship(shop, order, { carrier, tracking: groups.join('|'), by: 'api' })
  return typeof made === 'string' ? refuse('订单状态不允许出库', 10_400_004) : { doc: { sopjosshipment_result: done }, returned: [order.id] }
}

const applications: Api = (shop, params) => {
  const [page, size] = [whole(params, 'pageIndex', [1, 100]), whole(params, 'pageSize', [1, 50])]
  const by = ['modified', 'applyTime', 'checkTime'].find((name) => (params[`${name}Start`] ?? '') !== '')
  const window = by === undefined ? {} : { from: time(params, `${by}Start`), to: time(params, `${by}End`) }
  const ids = new Set((params['ids'] ?? '').split(',').filter((id) => id !== ''))
  const wanted = ({ id, order }: MarketRefund): boolean => (ids.size === 0 || ids.has(id)) && [undefined, '', order.id].includes(params['orderId'])
  const found = inWindow(
    shop,
    shop.refunds.values(),
    { ...window, by: by === 'applyTime' ? 'createdAt' : 'modifiedAt', descending: true },
    (refund) => !isCase(refund) && wanted(refund) && [undefined, '', String(applicationView(refund)['status'])].includes(params['status']),
  )
  const { records, total } = numberedPage(shop, found, { page, size })
  return {
    doc: { queryResult: { success: true, errorCode: '', totalCount: total, result: records.map(applicationView) } },
    returned: records.map(({ id }) => id),
  }
}

/** The seller's word; the channel's finance follows it at once here. */
const reply: Api = (shop, params) => {
  const refund = shop.refunds.get(need(params, 'id'))
  const approve = need(params, 'status') === '1'
  const refuse = (message: string, code: string) => ({ doc: { replyResult: { success: false, errorCode: code, errorMsg: message } } })
  if (!refund || isCase(refund)) return refuse('退款申请单不存在', '10500001')
  const problem = decideRefund(shop, refund, approve ? 'settle' : 'reject', 'api')
  return problem === undefined
    ? { doc: { replyResult: { success: true, errorCode: '', errorMsg: '' } }, returned: [refund.id] }
    : refuse(problem, '10500002')
}

const cases: Api = (shop, params) => {
  const [page, size] = [whole(params, 'pageNumber', [1, 100], 1), whole(params, 'pageSize', [1, 50], 10)]
  const by = ['applyTime', 'approveTime'].find((name) => (params[`${name}Begin`] ?? '') !== '')
  const orderId = params['orderId'] ?? ''
  if (by === undefined && orderId === '') throw invalid('applyTimeBegin')
  const window = by === undefined ? {} : { from: time(params, `${by}Begin`), to: time(params, `${by}End`) }
  const longest = (by === 'approveTime' ? 10 : 7) * DAY_MS
  if (window.from !== undefined && window.to - window.from > longest)
    return { doc: { pageResult: { success: false, code: '10001', message: `时间跨度不能超过${longest / DAY_MS}天` } } }
  const found = inWindow(
    shop,
    shop.refunds.values(),
    { ...window, by: by === 'approveTime' ? 'modifiedAt' : 'createdAt' },
    (refund) => isCase(refund) && (orderId === '' || refund.order.id === orderId) && (by !== 'approveTime' || refund.state !== 'requested'),
  )
  const { records, total } = numberedPage(shop, found, { page, size })
  return {
    doc: { pageResult: { success: true, code: '00000', totalCount: total, pageNumber: page, pageSize: size, data: records.map(caseView) } },
    returned: records.map(({ id }) => id),
  }
}

const carriers: Api = (shop) => ({
  doc: {
    StandardGenericResponse: { resultCode: 0, result: { carrierList: shop.rules.carriers.map(({ code, name }) => ({ id: long(code), name })) } },
  },
})

export const orderApis: Readonly<Record<string, Api>> = {
  'jingdong.pop.order.enSearch': search(true),
  'jingdong.pop.order.search': search(false),
  'jingdong.pop.order.enGet': get(true),
  'jingdong.pop.order.get': get(false),
  'jingdong.pop.order.shipment': shipment,
  'jingdong.pop.afs.soa.refundapply.queryPageList': applications,
  'jingdong.pop.afs.soa.refundapply.replyRefund': reply,
  'jingdong.asc.serviceAndRefund.view': cases,
  'jingdong.fce.alpha.getVenderCarrier': carriers,
}
