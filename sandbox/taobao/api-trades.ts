import { changedIn, need, type Params } from './lists.ts'
import type { Api } from './gateway.ts'
import { openReceiver, refundView, tradeView } from './trade-view.ts'
import { refuse } from './wire.ts'
import { tradeStatus, tradeType, type TaobaoShop } from './words.ts'

/** What is meant where no type is named; "guarantee_trade" stands for fixed prices and auctions. */
const USUAL_TYPES = ['guarantee_trade', 'auto_delivery', 'ec', 'cod', 'step']

function typesOf(params: Params): ReadonlySet<string> {
  const named = (params.get('type') ?? '').split(',').filter((type) => type !== '')
  const types = new Set(named.length === 0 ? USUAL_TYPES : named)
  if (types.has('guarantee_trade')) for (const type of ['fixed', 'auction']) types.add(type)
  return types
}

const list = <T>(name: string, records: readonly T[], view: (one: T) => unknown): Readonly<Record<string, unknown>> =>
  records.length === 0 ? {} : { [`${name}s`]: { [name]: records.map(view) } }

function increment(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const types = typesOf(params)
  const status = params.get('status') ?? ''
  const { records, head } = changedIn(
    shop,
    shop.orders.values(),
    params,
    (one) => types.has(tradeType(one)) && (status === '' || tradeStatus(shop, one) === status),
  )
  const doc = { ...head, ...list('trade', records, (trade) => tradeView(shop, trade, { fields, full: false, oaid: true })) }
  return { doc, returned: records.map((trade) => trade.id) }
}

function fullinfo(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const trade = shop.orders.get(need(params, 'tid'))
  if (!trade) throw refuse('isv.trade-not-exist', '交易不存在')
  return { doc: { trade: tradeView(shop, trade, { fields, full: true, oaid: params.has('include_oaid') }) }, returned: [trade.id] }
}

function refunds(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const fields = need(params, 'fields')
  const types = typesOf(params)
  const { records, head } = changedIn(shop, shop.refunds.values(), params, (one) => types.has(tradeType(one.order)))
  return { doc: { ...head, ...list('refund', records, (refund) => refundView(refund, fields)) }, returned: records.map((refund) => refund.id) }
}

function refund(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const found = shop.refunds.get(need(params, 'refund_id'))
  if (!found) throw refuse('isv.refund-not-exist', '退款不存在')
  return { doc: { refund: refundView(found, need(params, 'fields')) }, returned: [found.id] }
}

/** Whole recipients for ids; numbers are stand-ins that end after a month. An id of another week no longer fits its trade. */
function decrypt(shop: TaobaoShop, params: Params): ReturnType<Api> {
  const queries: unknown = JSON.parse(need(params, 'query_list'))
  if (!Array.isArray(queries) || queries.length === 0 || queries.length > 20) throw refuse('isv.invalid-parameter:query_list', '解密请求最多20个')
  const receivers = queries.map((query: Readonly<Record<string, unknown>>) => {
    const trade = shop.orders.get(String(query['tid']))
    if (!trade) throw refuse('isv.trade-not-exist', '交易不存在')
    if (!/^[12]\d{3}$/.test(String(query['scene']))) throw refuse('isv.invalid-parameter:scene', '解密场景错误')
    return openReceiver(shop, trade, String(query['oaid']))
  })
  return { doc: { receiver_list: { receiver: receivers } } }
}

export const tradeApis: Readonly<Record<string, Api>> = {
  'taobao.trades.sold.increment.get': increment,
  'taobao.trade.fullinfo.get': fullinfo,
  'taobao.refunds.receive.get': refunds,
  'taobao.refund.get': refund,
  'taobao.top.oaid.decrypt': decrypt,
}
