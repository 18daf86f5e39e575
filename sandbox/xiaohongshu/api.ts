import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, listingId, writeStock } from '../stage/market/goods.ts'
import type { MarketItem, MarketOrder, MarketRefund, MarketSku } from '../stage/market/model.ts'
import { inWindow, numberedPage, type NumberedPage, type Window } from '../stage/market/paging.ts'
import { mayOpen } from '../stage/market/openings.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, correct, ship } from '../stage/market/shipping.ts'
import { statusOf } from '../stage/market/shop.ts'
import { total, unsent } from '../stage/market/sums.ts'
import { openedView, orderRow, orderView, receiverView, refundRow, refundView, skuRow } from './views.ts'
import { Refusal } from './wire.ts'
import { COMPANIES, type XiaohongshuShop } from './words.ts'

/** One interface; throws Refusal. `returned` names the records the answer carries, for the ledger. */
interface Api {
  readonly isWrite?: boolean
  /** The whole answer of a service is handed through. */
  readonly isWrapped?: boolean
  readonly run: (shop: XiaohongshuShop, given: JsonRecord) => { readonly data: unknown; readonly returned?: readonly string[] }
}

const invalid = (name: string): Refusal => new Refusal(-2_000_400, `参数错误:${name}`)

function whole(given: JsonRecord, name: string, usual?: number): number {
  const value = given[name] === undefined ? usual : asNumber(given[name])
  if (value === undefined || !Number.isInteger(value)) throw invalid(name)
  return value
}

function need(given: JsonRecord, name: string): string {
  const value = given[name]
  if (typeof value !== 'string' || value === '') throw invalid(name)
  return value
}

/** By creation a day at most, by change half an hour. `unit` is what the times are told in, in milliseconds. */
function windowOf(given: JsonRecord, unit: number): Window {
  const type = whole(given, 'timeType')
  const [from, to] = [whole(given, 'startTime') * unit, whole(given, 'endTime') * unit]
  if (type !== 1 && type !== 2) throw invalid('timeType')
  if (to <= from || from < 1_500_000_000_000) throw invalid('endTime')
  if (to - from > (type === 1 ? 86_400_000 : 1_800_000)) throw new Refusal(-2_000_400, '时间范围超过限制')
  return { from, to, by: type === 1 ? 'createdAt' : 'modifiedAt', descending: true }
}

function pageOf<T>(
  shop: XiaohongshuShop,
  given: JsonRecord,
  found: readonly T[],
  limits: { readonly pages: number; readonly records: number },
): NumberedPage<T> {
  const [page, size] = [whole(given, 'pageNo', 1), whole(given, 'pageSize', 50)]
  if (size < 1 || size > 100) throw invalid('pageSize')
  if (page < 1 || page > limits.pages || page * size > limits.records) throw invalid('pageNo')
  return numberedPage(shop, found, { page, size })
}

const orders: Api['run'] = (shop, given) => {
  const found = inWindow(shop, shop.orders.values(), windowOf(given, 1000))
  const page = pageOf(shop, given, found, { pages: 100, records: 10_000 })
  return {
    data: {
      total: page.total,
      pageNo: whole(given, 'pageNo', 1),
      pageSize: whole(given, 'pageSize', 50),
      maxPageNo: page.pages,
      orderList: page.records.map((order) => orderRow(shop, order)),
    },
    returned: page.records.map(({ id }) => id),
  }
}

function orderOf(shop: XiaohongshuShop, given: JsonRecord): MarketOrder {
  const order = shop.orders.get(need(given, 'orderId'))
  if (!order) throw new Refusal(-2_000_101, '包裹不存在')
  return order
}

const detail: Api['run'] = (shop, given) => {
  const order = orderOf(shop, given)
  return { data: orderView(shop, order), returned: [order.id] }
}

const refunds: Api['run'] = (shop, given) => {
  const orderId = asText(given['orderId'])
  const window = orderId === undefined ? windowOf(given, 1) : { descending: true }
  const found = inWindow(shop, shop.refunds.values(), window, (refund) => orderId === undefined || refund.order.id === orderId)
  const page = pageOf(shop, given, found, { pages: 50_000, records: 50_000 })
  return {
    data: {
      afterSaleBasicInfos: page.records.map(refundRow),
      totalCount: page.total,
      pageNo: whole(given, 'pageNo', 1),
      pageSize: whole(given, 'pageSize', 50),
      maxPageNo: page.pages,
    },
    returned: page.records.map(({ id }) => id),
  }
}

function oneRefund(shop: XiaohongshuShop, given: JsonRecord): MarketRefund {
  const found = shop.refunds.get(need(given, 'returnsId'))
  if (!found) throw new Refusal(-2_000_101, '售后单不存在')
  return found
}

const refund: Api['run'] = (shop, given) => {
  const found = oneRefund(shop, given)
  return { data: { afterSaleInfo: refundView(found), logisticsInfo: {} }, returned: [found.id] }
}

/** 1: the money goes back at once, which is not for goods that come back. */
const audit: Api['run'] = (shop, given) => {
  const found = oneRefund(shop, given)
  if (whole(given, 'action') !== 1) throw invalid('action')
  if (found.goodsBack || found.state !== 'requested') throw new Refusal(-2_000_400, '当前售后状态不支持该操作')
  if (decideRefund(shop, found, 'settle', 'api') !== undefined) throw new Refusal(-2_000_400, '当前售后状态不支持该操作')
  return { data: '', returned: [found.id] }
}

interface Sellable {
  readonly item: MarketItem
  readonly sku: MarketSku
}
const sellable = (shop: XiaohongshuShop): readonly Sellable[] => [...shop.items.values()].flatMap((item) => item.skus.map((sku) => ({ item, sku })))

const skus: Api['run'] = (shop, given) => {
  const page = pageOf(shop, given, sellable(shop), { pages: 100_000, records: 10_000_000 })
  return {
    data: { data: page.records.map(skuRow), pageNO: whole(given, 'pageNo', 1), pageSize: whole(given, 'pageSize', 50), total: page.total },
    returned: page.records.map(({ sku }) => sku.id),
  }
}

function skuOf(shop: XiaohongshuShop, given: JsonRecord): Sellable {
  const id = need(given, 'skuId')
  const found = sellable(shop).find(({ sku }) => sku.id === id)
  if (!found) throw new Refusal(-9003, '规格不存在')
  return found
}

/** Pieces of unpaid orders are in the whole and cannot be sold. */
function levels(shop: XiaohongshuShop, { sku }: Sellable): Readonly<Record<string, number>> {
  const unpaid = [...shop.orders.values()].filter(({ state }) => state === 'unpaid').flatMap(({ lines }) => lines)
  const held = total(unpaid.map((line) => (line.sku === sku && !line.taken ? line.quantity : 0)))
  return {
    available: sku.stock - held,
    total: sku.stock,
    occupiedQuantity: held,
    productChannelQuantity: 0,
    productChannelOccupiedQuantity: 0,
    activityChannelQuantity: 0,
    activityChannelOccupiedQuantity: 0,
  }
}

const stock: Api['run'] = (shop, given) => {
  const found = skuOf(shop, given)
  return {
    data: {
      response: { success: true, msg: '成功', code: 0 },
      apiVersion: 'V1',
      skuStockInfo: { skuId: found.sku.id, skuStockInfo: levels(shop, found) },
      skuStockInfoWithWhcode: [],
    },
    returned: [listingId(found)],
  }
}

const setStock: Api['run'] = (shop, given) => {
  const found = skuOf(shop, given)
  const qty = whole(given, 'qty')
  if (qty < 0) throw invalid('qty')
  if (isLocked(shop, found)) throw new Refusal(-9020, '商品参加活动，库存不可修改')
  // Pieces of unpaid orders cannot be taken away.
  const held = levels(shop, found)['occupiedQuantity'] ?? 0
  writeStock(shop, found, Math.max(qty, held), 'set')
  return {
    data: {
      skuId: found.sku.id,
      apiVersion: 'V1',
      skuStock: levels(shop, found),
      skuStockInfoWithWhcode: [],
      response: qty < held ? { success: true, message: '同步成功，但有占用库存未扣减', code: -9028 } : { success: true, message: '', code: 0 },
    },
    returned: [listingId(found)],
  }
}

const companies: Api['run'] = () => ({
  data: {
    expressCompanyInfos: COMPANIES.map(({ code, name }, i) => ({
      expressCompanyId: i + 1,
      expressCompanyCode: code,
      expressCompanyName: name,
      comment: '',
    })),
  },
})

function expressOf(
  shop: XiaohongshuShop,
  given: JsonRecord,
): { readonly carrier: { readonly code: string; readonly name: string }; readonly tracking: string } {
  const carrier = COMPANIES.some(({ code }) => code === given['expressCompanyCode']) ? carrierOf(shop, need(given, 'expressCompanyCode')) : undefined
  if (!carrier) throw new Refusal(-2_000_400, '快递公司编码不存在')
  return { carrier, tracking: need(given, 'expressNo') }
}

/** All of it, or with `unpack` all pieces of the named SKUs. */
const deliver: Api['run'] = (shop, given) => {
  const order = orderOf(shop, given)
  const express = expressOf(shop, given)
  const isPart = given['unpack'] === true
  if (!isPart && order.shipments.length > 0) throw new Refusal(-2_000_400, '订单状态不支持发货')
  const named = isPart ? asList(given['skuIdList']).map((id) => order.lines.find((line) => line.id === id)) : order.lines
  if (named.length === 0) throw invalid('skuIdList')
  const lines = named.map((line) => {
    if (!line) throw invalid('skuIdList')
    return { line, quantity: unsent(line) }
  })
  const made = ship(shop, order, { lines: isPart ? lines : lines.filter(({ quantity }) => quantity > 0), ...express, by: 'api' })
  if (typeof made === 'string') throw new Refusal(-2_000_400, '订单状态不支持发货')
  return { data: '', returned: [order.id] }
}

const relabel: Api['run'] = (shop, given) => {
  const order = orderOf(shop, given)
  const index = given['deliveryOrderIndex'] === undefined ? undefined : whole(given, 'deliveryOrderIndex')
  const old = asText(given['oldExpressNo'])
  const shipment = order.shipments.find(({ tracking }, i) => (index === undefined || i + 1 === index) && (old === undefined || tracking === old))
  if (!shipment) throw new Refusal(-2_000_400, '订单未发货')
  correct(shop, shipment, { ...expressOf(shop, given), by: 'api' })
  return { data: '', returned: [order.id] }
}

/** Sealed, and only of orders that wait to be sent. */
const receivers: Api['run'] = (shop, given) => {
  const queries = asList(given['receiverQueries']).map(asRecord)
  if (queries.length === 0) throw invalid('receiverQueries')
  if (typeof given['isReturn'] !== 'boolean') throw invalid('isReturn')
  const receiverInfos = queries.flatMap((query) => {
    const order = shop.orders.get(need(query, 'orderId'))
    return order && ['4', '5'].includes(statusOf(shop.rules, order)) ? [receiverView(shop, order, need(query, 'openAddressId'))] : []
  })
  return { data: { receiverInfos } }
}

/** A hundred texts at a time; the day's quota counts orders, each once. */
const decrypt: Api['run'] = (shop, given) => {
  const infos = asList(given['baseInfos']).map(asRecord)
  if (infos.length === 0 || infos.length > 100) throw invalid('baseInfos')
  if (!['1', '2', '3', '4'].includes(need(given, 'actionType'))) throw invalid('actionType')
  need(given, 'appUserId')
  const tags = infos.map((info) => need(info, 'dataTag'))
  if (!mayOpen(shop, tags, shop.settings.decryptsPerDay)) throw new Refusal(100_016, '店铺当日解密次数已用完')
  return { data: { dataInfoList: infos.map((info, i) => openedView(shop, shop.orders.get(tags[i] ?? ''), need(info, 'encryptedData'))) } }
}

export const APIS: Readonly<Record<string, Api>> = {
  'order.getOrderList': { run: orders },
  'order.getOrderDetail': { run: detail },
  'order.getOrderReceiverInfo': { run: receivers },
  'data.batchDecrypt': { run: decrypt },
  'order.orderDeliver': { run: deliver, isWrite: true },
  'order.modifyOrderExpressInfo': { run: relabel, isWrite: true },
  'afterSale.listAfterSaleInfos': { run: refunds, isWrapped: true },
  'afterSale.getAfterSaleInfo': { run: refund, isWrapped: true },
  'afterSale.auditReturns': { run: audit, isWrite: true },
  'product.getDetailSkuList': { run: skus },
  'inventory.getSkuStockV2': { run: stock, isWrapped: true },
  'inventory.syncSkuStock': { run: setStock, isWrite: true },
  'common.getExpressCompanyList': { run: companies },
}
