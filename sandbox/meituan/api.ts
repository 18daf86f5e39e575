import { asList, asRecord, asText, parseJson } from '../stage/json-input.ts'
import { places, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder, Place } from '../stage/market/model.ts'
import { decideRefund, openRefunds } from '../stage/market/refunds.ts'
import { carrierOf, correct, ship } from '../stage/market/shipping.ts'
import { changed, statusOf } from '../stage/market/shop.ts'
import { orderView, ordersOf, productView, refundView } from './views.ts'
import { dayOf, long, MeituanError } from './wire.ts'
import type { MeituanShop } from './words.ts'

export interface Answered {
  readonly doc: unknown
  readonly returned?: readonly string[]
}
type Parameters = ReadonlyMap<string, string>
interface Api {
  readonly method: 'GET' | 'POST'
  readonly run: (shop: MeituanShop, given: Parameters) => Answered
}

const OK = { data: 'ok' } as const

function need(given: Parameters, name: string): string {
  const value = given.get(name) ?? ''
  if (value === '') throw new MeituanError(701, `缺少参数，数据不完整:${name}`)
  return value
}

function whole(given: Parameters, name: string): number {
  const value = Number(need(given, name))
  if (!Number.isInteger(value) || value < 0) throw new MeituanError(705, `参数格式错误:${name}`)
  return value
}

function ownShop(shop: MeituanShop, given: Parameters): void {
  if (need(given, 'app_poi_code') !== shop.settings.poi) throw new MeituanError(803, '不存在此门店')
}

function orderOf(shop: MeituanShop, given: Parameters, name = 'order_id'): MarketOrder {
  const order = shop.orders.get(need(given, name))
  if (!order) throw new MeituanError(806, '不存在此订单')
  return order
}

const daySeq: Api['run'] = (shop, given) => {
  ownShop(shop, given)
  return { doc: { data: { result: 'ok', day_seq: ordersOf(shop, dayOf(shop.clock.now())).length } } }
}

const idsByDaySeq: Api['run'] = (shop, given) => {
  ownShop(shop, given)
  const [from, to] = [whole(given, 'day_seq_start'), whole(given, 'day_seq_end')]
  if (!/^\d{8}$/.test(need(given, 'date_time')) || from < 1 || to < from || to - from >= 100) throw new MeituanError(705, '参数格式错误')
  const ids = ordersOf(shop, need(given, 'date_time'))
    .slice(from - 1, to)
    .map(({ id }) => id)
  return { doc: { data: { result: 'ok', order_ids: ids.map(long) } }, returned: ids }
}

const refunds: Api['run'] = (shop, given) => {
  const order = orderOf(shop, given, 'wm_order_id_view')
  const type = given.get('refund_type')
  const found = order.refunds.map(refundView).filter((each) => type === undefined || String(each['refund_type']) === type)
  return { doc: { data: found }, returned: [order.id] }
}

/** Steps of an order: the gateway refuses what does not follow from where it stands. */
const step =
  (states: readonly string[], done: (shop: MeituanShop, order: MarketOrder) => void): Api['run'] =>
  (shop, given) => {
    const order = orderOf(shop, given)
    if (!states.includes(statusOf(shop.rules, order))) throw new MeituanError(808, '操作失败，订单状态已变更')
    done(shop, order)
    return { doc: OK, returned: [order.id] }
  }

const confirm = step(['2'], (shop, order) => {
  shop.accepted.add(order.id)
  changed(shop, order, { change: 'status', by: 'api', topic: 'status' })
})

const answerRefund =
  (decision: 'settle' | 'reject'): Api['run'] =>
  (shop, given) => {
    const order = orderOf(shop, given)
    need(given, 'reason')
    const [open] = openRefunds(order)
    if (!open) throw new MeituanError(808, '操作失败，没有待处理的退款')
    const problem = decideRefund(shop, open, decision, 'api')
    if (problem !== undefined) throw new MeituanError(808, problem)
    return { doc: OK, returned: [order.id] }
  }

/** The number of a delivery is never shown again; told anew it replaces what was told. */
const sync: Api['run'] = (shop, given) => {
  const order = orderOf(shop, given)
  const carrier = carrierOf(shop, need(given, 'logistics_provider_code'))
  if (!carrier) throw new MeituanError(705, '参数格式错误:logistics_provider_code')
  if (statusOf(shop.rules, order) !== '4') throw new MeituanError(808, '操作失败，订单状态已变更')
  if (whole(given, 'logistics_status') !== 20) return { doc: OK, returned: [order.id] }
  const tracking = given.get('third_carrier_order_id') ?? ''
  const [earlier] = order.shipments
  if (earlier) {
    if (earlier.tracking !== tracking) correct(shop, earlier, { carrier, tracking, by: 'api' })
    return { doc: OK, returned: [order.id] }
  }
  const made = ship(shop, order, { carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw new MeituanError(808, made)
  return { doc: OK, returned: [order.id] }
}

const productsOf = (shop: MeituanShop): readonly (readonly Place[])[] => {
  const all = places(shop)
  return [...new Set(all.map(({ item }) => item.id))].map((id) => all.filter(({ item }) => item.id === id))
}

const retailList: Api['run'] = (shop, given) => {
  ownShop(shop, given)
  const [offset, limit] = [whole(given, 'offset'), whole(given, 'limit')]
  if (limit < 1 || limit > 200) throw new MeituanError(705, '参数格式错误:limit')
  const all = productsOf(shop)
  return { doc: { data: all.slice(offset, offset + limit).map((each) => productView(shop, each)), extra_info: { total_count: all.length } } }
}

const retailGet: Api['run'] = (shop, given) => {
  ownShop(shop, given)
  const code = given.get('app_food_code') ?? need(given, 'app_spu_code')
  const found = productsOf(shop).find(([first]) => first?.item.code === code)
  if (!found) throw new MeituanError(805, '不存在此菜品')
  return { doc: { data: productView(shop, found) } }
}

/** Each SKU for itself; "*" is not sold out ever, which this shop does not know. */
const skuStock: Api['run'] = (shop, given) => {
  ownShop(shop, given)
  const foods = asList(parseJson(need(given, 'food_data'))).map(asRecord)
  if (foods.length === 0 || foods.length > 200) throw new MeituanError(705, '参数格式错误:food_data')
  const all = foods.flatMap((food) => asList(food['skus']).map((sku) => ({ product: asText(food['app_food_code']) ?? '', sku: asRecord(sku) })))
  if (all.some(({ sku }) => !/^\d+$/.test(asText(sku['stock']) ?? ''))) throw new MeituanError(705, '参数格式错误:stock')
  const failed = all.flatMap(({ product, sku }) => {
    const id = asText(sku['sku_id']) ?? ''
    const place = places(shop).find(({ item, code }) => item.code === product && code === id)
    const problem = !place
      ? { code: 1015, msg: '不存在此菜品sku' }
      : writeStock(shop, place, Number(sku['stock'])) === 'refused'
        ? { code: 1032, msg: '活动商品不允许修改' }
        : undefined
    return problem ? [{ app_food_code: product, sku_id: id, ...problem }] : []
  })
  if (failed.length === 0) return { doc: { data: 'ok', result_code: 1 } }
  return { doc: { data: failed.length === all.length ? 'ng' : 'ok', result_code: failed.length === all.length ? 3 : 2, error_list: failed } }
}

/** By the path behind `api/v1`. */
export const APIS: Readonly<Record<string, Api>> = {
  'order/getOrderDaySeq': { method: 'GET', run: daySeq },
  'ecommerce/order/getOrderIdByDaySeq': { method: 'GET', run: idsByDaySeq },
  'order/getOrderDetail': {
    method: 'GET',
    run: (shop, given) => {
      const order = orderOf(shop, given)
      return { doc: { data: orderView(shop, order) }, returned: [order.id] }
    },
  },
  'ecommerce/order/getOrderRefundDetail': { method: 'GET', run: refunds },
  'order/confirm': { method: 'GET', run: confirm },
  'order/preparationMealComplete': { method: 'GET', run: step(['4'], (shop, order) => void shop.ready.add(order.id)) },
  'order/refund/agree': { method: 'GET', run: answerRefund('settle') },
  'order/refund/reject': { method: 'GET', run: answerRefund('reject') },
  'ecommerce/order/logistics/sync': { method: 'POST', run: sync },
  'retail/list': { method: 'GET', run: retailList },
  'retail/get': { method: 'GET', run: retailGet },
  'retail/sku/stock': { method: 'POST', run: skuStock },
}
export const WRITES = /(?:order\/(?:confirm|preparationMealComplete|refund\/\w+)|logistics\/sync|sku\/stock)$/
