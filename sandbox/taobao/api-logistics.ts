import type { MarketLine, MarketOrder } from '../stage/market/model.ts'
import { depart, ship } from '../stage/market/shipping.ts'
import { lineState, unsent } from '../stage/market/sums.ts'
import type { Api } from './gateway.ts'
import { invalid, need, type Params } from './lists.ts'
import { COMPANIES, type Company } from './companies.ts'
import { pick, shippingView } from './trade-view.ts'
import { refuse } from './wire.ts'
import type { TaobaoShop } from './words.ts'

function companies(_shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const all = COMPANIES.map((each) => pick({ id: each.id, code: each.code, name: each.name, reg_mail_no: each.mailNo.source }, fields))
  return { doc: { logistics_companies: { logistics_company: all } } }
}

function orders(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const tid = params.get('tid') ?? ''
  const found = [...shop.shipments.values()].filter((each) => tid === '' || each.order.id === tid)
  const doc = {
    total_results: found.length,
    ...(found.length === 0 ? {} : { shippings: { shipping: found.map((each) => shippingView(shop, each, fields)) } }),
  }
  return { doc, returned: found.map((each) => each.id) }
}

interface Sending {
  readonly trade: MarketOrder
  readonly lines: readonly MarketLine[]
}

function sendingOf(shop: TaobaoShop, params: Params): Sending {
  const trade = shop.orders.get(need(params, 'tid'))
  if (!trade) throw refuse('isv.logistics-offline-service-error:B01', '订单不存在')
  if (trade.state === 'cancelled' || trade.state === 'closed') throw refuse('isv.logistics-offline-service-error:B02', '订单已关闭，不能发货')
  const split = params.get('is_split') === '1'
  const subs = (params.get('sub_tid') ?? '').split(',').filter((id) => id !== '')
  if (split !== subs.length > 0) throw invalid('sub_tid', '拆单发货必须同时传入sub_tid与is_split=1')
  const waits = (line: MarketLine): boolean => lineState(trade, line) === 'to-ship'
  const open = trade.lines.filter(waits)
  const lines = split ? trade.lines.filter((line) => subs.includes(line.id)) : open
  if (lines.length !== (split ? subs.length : open.length)) throw refuse('isv.logistics-offline-service-error:B03', '子订单不属于该交易')
  if (lines.length === 0 || !lines.every(waits)) {
    const paid = trade.state === 'unpaid' ? '订单未付款' : '订单已经发货'
    throw refuse('isv.logistics-offline-service-error:B04', paid)
  }
  return { trade, lines }
}

function companyOf(params: Params): Company {
  const company = COMPANIES.find((each) => each.code === need(params, 'company_code'))
  if (!company) throw refuse('isv.logistics-offline-service-error:B27', '物流公司代码不存在')
  return company
}

function numberOf(company: Company, text: string): string {
  if (!company.mailNo.test(text)) throw refuse('isv.logistics-offline-service-error:B60', '运单号不符合规则')
  return text
}

function offline(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const company = companyOf(params)
  const outSid = numberOf(company, need(params, 'out_sid'))
  const sending = sendingOf(shop, params)
  if (sending.trade.isCod) throw refuse('isv.logistics-offline-service-error:B05', '货到付款订单不支持自己联系物流发货')
  return send(shop, sending, company, outSid)
}

/** Without a number the trade does not move until it is confirmed. */
function online(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const company = companyOf(params)
  const sending = sendingOf(shop, params)
  const outSid = params.get('out_sid') ?? ''
  return send(shop, sending, company, outSid === '' ? '' : numberOf(company, outSid))
}

function send(shop: TaobaoShop, { trade, lines }: Sending, company: Company, outSid: string): ReturnType<Api> {
  const parcel = { lines: lines.map((line) => ({ line, quantity: unsent(line) })), carrier: company, tracking: outSid, pending: outSid === '' }
  const made = ship(shop, trade, { ...parcel, by: 'api' })
  if (typeof made === 'string') throw refuse('isv.logistics-offline-service-error:B04', made)
  return { doc: { shipping: { is_success: true } }, returned: [trade.id] }
}

function confirm(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const tid = need(params, 'tid')
  const outSid = need(params, 'out_sid')
  const trade = shop.orders.get(tid)
  const waiting = trade?.shipments.find((each) => each.state === 'pending')
  if (!waiting) throw refuse('isv.logistics-online-service-error:B06', '没有待确认的物流订单')
  waiting.tracking = outSid
  depart(shop, waiting, 'api')
  return { doc: { shipping: { is_success: true } }, returned: [tid] }
}

export const logisticsApis: Readonly<Record<string, Api>> = {
  'taobao.logistics.companies.get': companies,
  'taobao.logistics.orders.get': orders,
  'taobao.logistics.offline.send': offline,
  'taobao.logistics.online.send': online,
  'taobao.logistics.online.confirm': confirm,
}
