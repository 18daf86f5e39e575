import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, listingId, stockOf, writeStock } from '../stage/market/goods.ts'
import type { MarketLine, MarketOrder } from '../stage/market/model.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { cursorPage, inWindow } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, correct, ship } from '../stage/market/shipping.ts'
import { unsent } from '../stage/market/sums.ts'
import { detailView, itemDetail, itemRow, openText, orderView, refundDetail, refundView } from './views.ts'
import { Refusal } from './wire.ts'
import { handlingWay, refundStatus, type KuaishouShop } from './words.ts'

/** One interface; throws Refusal. `returned` names the records the answer carries, for the ledger. */
interface Api {
  readonly verb: 'GET' | 'POST'
  readonly run: (
    shop: KuaishouShop,
    param: JsonRecord,
  ) => { readonly data: unknown; readonly beside?: Readonly<Record<string, unknown>>; readonly returned?: readonly string[] }
}

const DAY_MS = 86_400_000

function whole(param: JsonRecord, name: string, usual?: number): number {
  const value = param[name] === undefined ? usual : asNumber(param[name])
  if (value === undefined || !Number.isInteger(value)) throw new Refusal(2001, `${name}无效`, '2001')
  return value
}

/** Ids are numbers of 64 bits; a text is another type. */
function idOf(param: JsonRecord, name: string): string {
  if (typeof param[name] !== 'number') throw new Refusal(2001, `${name}无效`, '2001')
  return String(param[name])
}

function windowOf(shop: KuaishouShop, param: JsonRecord, longest: { readonly ms: number; readonly code: number }): { from: number; to: number } {
  const [from, to] = [whole(param, 'beginTime'), whole(param, 'endTime')]
  if (to <= from) throw new Refusal(2001, 'endTime无效', '2001')
  if (to - from > longest.ms)
    throw new Refusal(longest.code, longest.code === 300_004 ? 'SEARCH TIME RANGE EXPAND 7 DAYS' : 'SEARCH TIME RANGE EXPAND LIMIT')
  if (from < shop.clock.now() - 90 * DAY_MS - 60_000) throw new Refusal(300_005, 'CAN NOT SEARCH BEFORE 90 DAYS')
  return { from, to }
}

const by = (param: JsonRecord): 'modifiedAt' | 'createdAt' => (whole(param, 'queryType', 1) === 2 ? 'modifiedAt' : 'createdAt')
const descending = (param: JsonRecord): boolean => whole(param, 'sort', 1) === 1

const orders: Api['run'] = (shop, param) => {
  const size = whole(param, 'pageSize', 50)
  if (size < 1 || size > 50) throw new Refusal(2001, 'pageSize无效', '2001')
  const window = { ...windowOf(shop, param, { ms: 7 * DAY_MS, code: 300_004 }), by: by(param), descending: descending(param) }
  const page = cursorPage(shop, inWindow(shop, shop.orders.values(), window), { cursor: asText(param['cursor']) ?? '', size, window })
  if (!page) throw new Refusal(2001, 'cursor无效', '2001')
  const list = page.records.map((order) => orderView(shop, order))
  return {
    data: { cursor: page.hasMore ? page.next : 'nomore', orderList: list, pageSize: size, beginTime: window.from, endTime: window.to },
    returned: page.records.map(({ id }) => id),
  }
}

function orderOf(shop: KuaishouShop, param: JsonRecord, name: string): MarketOrder {
  const order = shop.orders.get(idOf(param, name))
  if (!order) throw new Refusal(21, 'order operation reject')
  return order
}

const detail: Api['run'] = (shop, param) => {
  const order = orderOf(shop, param, 'oid')
  return { data: detailView(shop, order), returned: [order.id] }
}

/** Of one order all of them, whatever the window; else by time. Both cursor and page number are looked at. */
const refunds: Api['run'] = (shop, param) => {
  const size = whole(param, 'pageSize', 20)
  if (size < 1 || size > 100 || whole(param, 'currentPage', 1) < 1) throw new Refusal(2001, 'pageSize无效', '2001')
  if (![8, 9].includes(whole(param, 'type'))) throw new Refusal(300_002, 'REFUND ORDER TYPE IS ERROR')
  const orderId = param['orderId'] === undefined ? undefined : idOf(param, 'orderId')
  const range = orderId === undefined ? windowOf(shop, param, { ms: DAY_MS, code: 300_019 }) : {}
  const window = { ...range, by: by(param), descending: descending(param) }
  const found = inWindow(shop, shop.refunds.values(), window, (refund) => orderId === undefined || refund.order.id === orderId)
  const page = cursorPage(shop, found, { cursor: asText(param['pcursor']) ?? '', size, window })
  if (!page) throw new Refusal(2001, 'pcursor无效', '2001')
  return {
    data: {
      currentPage: whole(param, 'currentPage', 1),
      pageSize: size,
      totalPage: Math.ceil(found.length / size),
      totalSize: found.length,
      pcursor: page.hasMore ? page.next : 'nomore',
      refundOrderInfoList: page.records.map((refund) => refundView(shop, refund)),
    },
    returned: page.records.map(({ id }) => id),
  }
}

const refund: Api['run'] = (shop, param) => {
  const found = shop.refunds.get(idOf(param, 'refundId'))
  if (!found) throw new Refusal(300_011, 'REFUND ORDER NOT FOUND')
  return { data: refundDetail(shop, found), returned: [found.id] }
}

/** The caller says what it saw: another amount or state was meant for something else. */
const approve: Api['run'] = (shop, param) => {
  const found = shop.refunds.get(idOf(param, 'refundId'))
  if (!found) throw new Refusal(300_011, 'REFUND ORDER NOT FOUND')
  if (whole(param, 'status') !== refundStatus(found)) throw new Refusal(300_014, 'REFUND ORDER UPDATED')
  if (whole(param, 'refundAmount') !== found.minor || whole(param, 'refundHandingWay') !== handlingWay(found))
    throw new Refusal(300_008, 'HANDING WAY ERROR')
  if (decideRefund(shop, found, 'settle', 'api') !== undefined) throw new Refusal(300_010, 'REFUND ORDER STATUS ERROR')
  return { data: true, returned: [found.id] }
}

const items: Api['run'] = (shop, param) => {
  const [page, size] = [whole(param, 'pageNumber', 1), whole(param, 'pageSize', 100)]
  if (size < 10 || size > 100 || page < 1) throw new Refusal(2001, 'pageSize无效', '2001')
  const all = [...shop.items.values()]
  const shown = all.slice((page - 1) * size, page * size)
  return {
    data: { totalItemCount: all.length, totalPage: Math.ceil(all.length / size), currentPageNumber: page, pageSize: size, items: shown.map(itemRow) },
    returned: shown.map(({ id }) => id),
  }
}

const item: Api['run'] = (shop, param) => {
  const found = shop.items.get(idOf(param, 'kwaiItemId'))
  if (!found) throw new Refusal(21, '商品不存在')
  return { data: itemDetail(found), returned: [found.id] }
}

/** Only ever more or less, by more than nothing; never below what is there. */
const stock: Api['run'] = (shop, param) => {
  const found = shop.items.get(idOf(param, 'kwaiItemId'))
  const sku = found?.skus.find((each) => each.id === idOf(param, 'skuId'))
  if (!found || !sku) throw new Refusal(21, '商品不存在')
  const [change, type] = [whole(param, 'skuChangeStock'), whole(param, 'changeType')]
  if (change <= 0 || change >= 9_999_999 || (type !== 1 && type !== 2)) throw new Refusal(2001, 'skuChangeStock无效', '2001')
  const place = { item: found, sku }
  if (isLocked(shop, place) || (type === 2 && stockOf(place) < change)) throw new Refusal(21, '当前库存不足，请减少预留数量')
  writeStock(shop, place, type === 1 ? change : -change, 'delta')
  return { data: true, returned: [listingId(place)] }
}

type Lines = readonly { readonly line: MarketLine; readonly quantity: number }[]

function deliver(shop: KuaishouShop, order: MarketOrder, given: { readonly param: JsonRecord; readonly lines: Lines }): void {
  const { param, lines } = given
  const carrier = carrierOf(shop, asText(param['expressCode']) ?? '')
  const tracking = asText(param['expressNo']) ?? ''
  if (!carrier || typeof param['expressCode'] !== 'number') throw new Refusal(11, '物流公司编码错误')
  if (tracking === '') throw new Refusal(11, '运单号和物流公司不匹配')
  const made = ship(shop, order, { lines, carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw new Refusal(21, '订单状态不允许发货')
}

/** The whole order; the same number once more is no mistake. */
const plain: Api['run'] = (shop, param) => {
  const order = orderOf(shop, param, 'orderId')
  if (order.shipments.some(({ tracking }) => tracking === asText(param['expressNo']))) return { data: true, returned: [order.id] }
  if (order.shipments.length > 0) throw new Refusal(21, '订单状态不允许发货')
  deliver(shop, order, { param, lines: order.lines.map((line) => ({ line, quantity: unsent(line) })) })
  return { data: true, returned: [order.id] }
}

const split: Api['run'] = (shop, param) => {
  const order = orderOf(shop, param, 'mainOrderId')
  const confirmed = new Map(asList(param['deliveryStatus']).map((each) => [asText(asRecord(each)['oid']), asRecord(each)['confirmDeliveryStatus']]))
  for (const each of asList(param['deliveryItemInfoList']).map(asRecord)) {
    const lines = asList(each['deliveryGoodsInfoList']).map((one) => {
      const [piece, line] = [asRecord(one), order.lines.find(({ id }) => id === asText(asRecord(one)['oid']))]
      if (!line) throw new Refusal(21, 'order operation reject')
      const quantity = whole(piece, 'deliveryNum')
      const isAll = line.shipped + quantity >= line.quantity
      if (confirmed.get(line.id) !== (isAll ? 40 : 10)) throw new Refusal(2001, 'deliveryStatus无效', '2001')
      return { line, quantity }
    })
    deliver(shop, order, { param: each, lines })
  }
  return { data: true, returned: [order.id] }
}

/** Another package for what has left as a whole. */
const append: Api['run'] = (shop, param) => {
  const order = orderOf(shop, param, 'oid')
  const carrier = carrierOf(shop, asText(param['expressCode']) ?? '')
  if (!carrier) throw new Refusal(11, '物流公司编码错误')
  const [line] = order.lines
  if (!line || unsent(line) > 0 || order.shipments.length === 0) throw new Refusal(21, '订单状态不允许追加包裹')
  const now = shop.stamp()
  const shipment = {
    id: shop.nextId('shipment'),
    order,
    carrier,
    tracking: asText(param['expressNo']) ?? '',
    state: 'sent' as const,
    lines: [],
    createdAt: now,
    modifiedAt: now,
  }
  order.shipments.push(shipment)
  shop.shipments.set(shipment.id, shipment)
  correct(shop, shipment, { by: 'api' })
  return { data: true, returned: [order.id] }
}

const relabel: Api['run'] = (shop, param) => {
  const order = orderOf(shop, param, 'orderId')
  const shipment = order.shipments.find(({ id }) => id === idOf(param, 'logisticsId'))
  const carrier = carrierOf(shop, asText(param['expressCode']) ?? '')
  if (!shipment || !carrier) throw new Refusal(21, '包裹不存在')
  correct(shop, shipment, { carrier, tracking: asText(param['expressNo']) ?? '', by: 'api' })
  return { data: true, returned: [order.id] }
}

/** A hundred texts at a time, each with the number of its order and answered on its own. */
const decrypt: Api['run'] = (shop, param) => {
  const list = asList(param['batchDecryptList']).map(asRecord)
  if (list.length === 0 || list.length > 100) throw new Refusal(2001, 'batchDecryptList无效', '2001')
  const texts = list.map((each) => asText(each['encryptedData']) ?? '')
  if (!mayOpen(shop, texts, shop.settings.decryptsPerDay)) throw new Refusal(21, '店铺解密额度不足，请前往快手小店后台申请')
  const opened = list.map((each, i) => {
    const [id, text] = [asText(each['bizId']) ?? '', texts[i] ?? '']
    const order = shop.orders.get(id)
    const clear = order ? openText(order, text) : undefined
    return {
      bizId: id,
      encryptedData: text,
      decryptedData: clear ?? '',
      errorCode: clear === undefined ? 802_003 : 1,
      errorMsg: clear === undefined ? '解密失败' : 'SUCCESS',
    }
  })
  return { data: null, beside: { batchDecryptResultList: opened } }
}

export const APIS: Readonly<Record<string, Api>> = {
  'open.order.cursor.list': { verb: 'GET', run: orders },
  'open.order.detail': { verb: 'GET', run: detail },
  'open.order.decrypt.batch': { verb: 'POST', run: decrypt },
  'open.seller.order.refund.pcursor.list': { verb: 'GET', run: refunds },
  'open.seller.order.refund.detail': { verb: 'GET', run: refund },
  'open.seller.order.refund.approve': { verb: 'POST', run: approve },
  'open.item.list.get': { verb: 'GET', run: items },
  'open.item.get': { verb: 'GET', run: item },
  'open.item.sku.stock.update': { verb: 'POST', run: stock },
  'open.seller.order.goods.deliver': { verb: 'POST', run: plain },
  'open.order.goods.split.deliver': { verb: 'POST', run: split },
  'open.seller.order.goods.logistics.append': { verb: 'POST', run: append },
  'open.seller.order.logistics.update': { verb: 'POST', run: relabel },
}
