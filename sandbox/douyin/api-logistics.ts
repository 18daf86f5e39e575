import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { ship, type ShipRefusal } from '../stage/market/shipping.ts'
import type { MarketLine, MarketOrder, MarketShipment } from '../stage/market/model.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import type { Api } from './gateway.ts'
import { COMPANIES, type DouyinShop } from './words.ts'
import { failed, invalid, missing } from './wire.ts'

type Company = (typeof COMPANIES)[number]

const companies: Api = () => ({ data: COMPANIES.map(({ id, code, name }) => ({ id, code, name })) })

function orderOf(shop: DouyinShop, id: string | undefined): MarketOrder {
  const order = shop.orders.get(id ?? '')
  if (!order) throw invalid('60033', '未查询到此订单')
  if (order.state === 'unpaid') throw failed('60137', '订单未支付，禁止发货。')
  if (order.kind === 'held') throw failed('60109', '订单正在风控审核中，风控审核时效1~2小时，请等待订单变为“备货中”状态后重试。')
  return order
}

function companyOf(pack: JsonRecord): { readonly company: Company; readonly tracking: string } {
  const code = asText(pack['company_code']) ?? ''
  if (code === '') throw missing('60011', '物流公司Code不能为空')
  const company = COMPANIES.find((each) => each.code === code)
  if (!company) throw failed('60018', '暂不支持该物流公司或物流商已失效，请检查。')
  const tracking = asText(pack['logistics_code']) ?? ''
  if (!company.number.test(tracking)) throw invalid('60017', '物流单号不符合规则')
  return { company, tracking }
}

interface Parcel {
  readonly company: Company
  readonly tracking: string
  readonly lines?: readonly { readonly line: MarketLine; readonly quantity: number }[]
}

const REFUSED: Readonly<Record<ShipRefusal, readonly [string, string]>> = {
  unpaid: ['60137', '订单未支付，禁止发货。'],
  ended: ['60113', '订单已完结，禁止发货。'],
  'nothing-left': ['60110', '订单已发货，不允许再次执行发货。'],
  'too-much': ['70023', '已发货，请检查订单状态'],
  'in-parts': ['70023', '已发货，请检查订单状态'],
}

/** Refuses while a refund is asked for, unless the caller rejects it with the same breath. */
function send(shop: DouyinShop, order: MarketOrder, parcel: Parcel, input: JsonRecord): MarketShipment {
  const rejects = input['is_refund_reject'] === true || input['is_reject_refund'] === true
  const wanted = parcel.lines?.map(({ line }) => line)
  const asked = openRefunds(order).some((refund) => refund.lines.some(({ line }) => !wanted || wanted.includes(line)))
  if (asked && !rejects) throw failed('60040', '发货订单中有退款申请需要处理，请先处理。')
  if (order.state === 'cancelled') throw failed('60021', '订单已取消，禁止发货。')
  if (order.state === 'closed') throw failed('60068', '该订单已售前退款成功，不能发货。')
  const made = ship(shop, order, { carrier: parcel.company, tracking: parcel.tracking, ...(parcel.lines ? { lines: parcel.lines } : {}), by: 'api' })
  if (typeof made === 'string') throw failed(...REFUSED[made])
  return made
}

/** The whole order in one package; one of which something has left is not whole any more. */
function add(shop: DouyinShop, input: JsonRecord): ReturnType<Api> {
  const order = orderOf(shop, asText(input['order_id']))
  const parcel = companyOf(input)
  if (order.shippedAt !== undefined) throw failed('60110', '订单已发货，不允许再次执行发货。')
  send(shop, order, parcel, input)
  return { data: {}, returned: [order.id] }
}

function linesOf(order: MarketOrder, given: unknown): NonNullable<Parcel['lines']> {
  const lines = asList(given)
    .map(asRecord)
    .map((each) => {
      const line = order.lines.find((one) => one.id === asText(each['shipped_order_id']))
      if (!line) throw failed('60102', '商品单不存在，请仔细检查后重试')
      return { line, quantity: asNumber(each['shipped_num']) ?? line.quantity - line.shipped }
    })
  if (lines.length === 0) throw failed('60036', '发货信息为空。')
  return lines
}

/** The answer of the first time again, and nothing is done. */
function once(shop: DouyinShop, input: JsonRecord, run: () => ReturnType<Api>): ReturnType<Api> {
  const key = asText(input['request_id']) ?? ''
  if (key === '') throw missing('50050', '发货请求id不能为空，请检查requestId')
  const before = shop.answered.get(key)
  if (before !== undefined) return { data: before }
  const done = run()
  shop.answered.set(key, done.data)
  return done
}

/** One order in several packages: all of them or none. */
const addMultiPack: Api = (shop, input) =>
  once(shop, input, () => {
    const order = orderOf(shop, asText(input['order_id']))
    const packs = asList(input['pack_list'])
      .map(asRecord)
      .map((pack) => ({ ...companyOf(pack), lines: linesOf(order, pack['shipped_order_info']) }))
    if (packs.length === 0) throw failed('60036', '发货信息为空。')
    const pack_list = packs.map((parcel) => ({
      pack_id: send(shop, order, parcel, input).id,
      logistics_code: parcel.tracking,
      shipped_order_info: parcel.lines.map(({ line, quantity }) => ({ shipped_order_id: line.id, shipped_num: quantity })),
    }))
    return { data: { pack_list }, returned: [order.id] }
  })

/** Several orders of one recipient in one package; here one at a time. */
const addSinglePack: Api = (shop, input) =>
  once(shop, input, () => {
    const order = orderOf(shop, asText(asList(input['order_id_list'])[0]))
    const made = send(shop, order, { ...companyOf(input), lines: linesOf(order, input['shipped_order_info']) }, input)
    return { data: { pack_id: made.id }, returned: [order.id] }
  })

export const logisticsApis: Readonly<Record<string, Api>> = {
  'order.logisticsCompanyList': companies,
  'order.logisticsAdd': add,
  'order.logisticsAddMultiPack': addMultiPack,
  'order.logisticsAddSinglePack': addSinglePack,
}
