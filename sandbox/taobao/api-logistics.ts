import type { Api } from './gateway.ts'
import { invalid, need, type Params } from './lists.ts'
import { COMPANIES, type Company, type TopLine, type TopTrade } from './model.ts'
import { CLOSED, consign, depart } from './operations.ts'
import type { TaobaoShop } from './shop.ts'
import { pick, shippingView } from './trade-view.ts'
import { refuse } from './wire.ts'

function companies(_shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const all = COMPANIES.map((each) => pick({ id: each.id, code: each.code, name: each.name, reg_mail_no: each.mailNo.source }, fields))
  return { doc: { logistics_companies: { logistics_company: all } } }
}

function orders(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const tid = params.get('tid') ?? ''
  const found = shop.shippings.filter((each) => tid === '' || each.tid === tid)
  const doc = {
    total_results: found.length,
    ...(found.length === 0 ? {} : { shippings: { shipping: found.map((each) => shippingView(shop, each, fields)) } }),
  }
  return { doc, returned: found.map((each) => each.orderCode) }
}

interface Sending {
  readonly trade: TopTrade
  readonly lines: readonly TopLine[]
  readonly split: boolean
}

function sendingOf(shop: TaobaoShop, params: Params): Sending {
  const trade = shop.trades.get(need(params, 'tid'))
  if (!trade) throw refuse('isv.logistics-offline-service-error:B01', '订单不存在')
  if (CLOSED.has(trade.status)) throw refuse('isv.logistics-offline-service-error:B02', '订单已关闭，不能发货')
  const split = params.get('is_split') === '1'
  const subs = (params.get('sub_tid') ?? '').split(',').filter((id) => id !== '')
  if (split !== subs.length > 0) throw invalid('sub_tid', '拆单发货必须同时传入sub_tid与is_split=1')
  const open = trade.lines.filter((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
  const lines = split ? trade.lines.filter((line) => subs.includes(line.oid)) : open
  if (lines.length !== (split ? subs.length : open.length)) throw refuse('isv.logistics-offline-service-error:B03', '子订单不属于该交易')
  if (lines.length === 0 || lines.some((line) => line.status !== 'WAIT_SELLER_SEND_GOODS')) {
    const paid = trade.status === 'WAIT_BUYER_PAY' ? '订单未付款' : '订单已经发货'
    throw refuse('isv.logistics-offline-service-error:B04', paid)
  }
  return { trade, lines, split }
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
  const { trade, lines, split } = sendingOf(shop, params)
  if (trade.type === 'cod') throw refuse('isv.logistics-offline-service-error:B05', '货到付款订单不支持自己联系物流发货')
  consign(shop, trade, { lines, split, company: company.name, outSid, by: 'api' })
  return { doc: { shipping: { is_success: true } }, returned: [trade.tid] }
}

/** Without a number the trade does not move until it is confirmed. */
function online(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const company = companyOf(params)
  const { trade, lines, split } = sendingOf(shop, params)
  const outSid = params.get('out_sid') ?? ''
  consign(shop, trade, {
    lines,
    split,
    company: company.name,
    outSid: outSid === '' ? '' : numberOf(company, outSid),
    pending: outSid === '',
    by: 'api',
  })
  return { doc: { shipping: { is_success: true } }, returned: [trade.tid] }
}

function confirm(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const tid = need(params, 'tid')
  const outSid = need(params, 'out_sid')
  const trade = shop.trades.get(tid)
  const waiting = shop.shippings.find((each) => each.tid === tid && !each.confirmed)
  if (!trade || !waiting) throw refuse('isv.logistics-online-service-error:B06', '没有待确认的物流订单')
  waiting.outSid = outSid
  depart(shop, trade, waiting, 'api')
  return { doc: { shipping: { is_success: true } }, returned: [tid] }
}

export const logisticsApis: Readonly<Record<string, Api>> = {
  'taobao.logistics.companies.get': companies,
  'taobao.logistics.orders.get': orders,
  'taobao.logistics.offline.send': offline,
  'taobao.logistics.online.send': online,
  'taobao.logistics.online.confirm': confirm,
}
