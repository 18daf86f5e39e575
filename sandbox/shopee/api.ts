import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, listingId, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder } from '../stage/market/model.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { decideRefund, openRefunds } from '../stage/market/refunds.ts'
import { carrierOf, ship } from '../stage/market/shipping.ts'
import { statusOf } from '../stage/market/shop.ts'
import { escrowView, itemView, modelsView, orderView, packageView, parcelsOf, returnView, type Parcel } from './views.ts'
import { notFound, ShopeeError, wrong } from './wire.ts'
import { hasEscrow, isCancellation, type ShopeeShop } from './words.ts'

/** What a call asked: parameters of the address, and the body where it has one. */
export interface Asked {
  readonly query: URLSearchParams
  readonly body: JsonRecord
}
/** One interface; throws ShopeeError. `returned` names the records the answer carries, for the ledger. */
type Api = (shop: ShopeeShop, asked: Asked) => { readonly response: unknown; readonly returned?: readonly string[]; readonly plain?: true }

const FIFTEEN_DAYS = 15 * 86_400

function whole(query: URLSearchParams, name: string, usual?: number): number {
  const text = query.get(name)
  const value = text === null ? usual : Number(text)
  if (value === undefined || !Number.isInteger(value)) throw wrong(`${name} is required and must be an integer`)
  return value
}

function sizeOf(query: URLSearchParams, most = 100): number {
  const size = whole(query, 'page_size')
  if (size < 1 || size > most) throw wrong(`page_size must be ${most} or less`)
  return size
}

const orderList: Api = (shop, { query }) => {
  const by = query.get('time_range_field')
  if (by !== 'create_time' && by !== 'update_time') throw wrong('time_range_field is invalid')
  const [from, to, size] = [whole(query, 'time_from'), whole(query, 'time_to'), sizeOf(query)]
  if (from > to || to - from > FIFTEEN_DAYS)
    throw new ShopeeError('order.order_list_invalid_time', 'Start time must be earlier than end time and diff in 15days.')
  const status = query.get('order_status')
  const window = { from: from * 1000, to: to * 1000 + 999, by: by === 'create_time' ? 'createdAt' : 'modifiedAt' } as const
  const found = inWindow(shop, shop.orders.values(), window, (order) => status === null || statusOf(shop.rules, order) === status)
  // A count of entries: whoever leaves the list meanwhile pulls those behind over a page's end.
  const cursor = query.get('cursor') ?? ''
  if (!/^\d*$/.test(cursor) || Number(cursor) % size !== 0) throw wrong('cursor is invalid')
  const page = numberedPage(shop, found, { page: Number(cursor) / size + 1, size })
  const isAsked = query.get('response_optional_fields') === 'order_status'
  return {
    response: {
      more: page.hasNext,
      next_cursor: page.hasNext ? String(Number(cursor) + size) : '',
      order_list: page.records.map((order) => ({ order_sn: order.id, ...(isAsked ? { order_status: statusOf(shop.rules, order) } : {}) })),
    },
    returned: page.records.map(({ id }) => id),
  }
}

function listOf(text: string | null, name: string, most = 50): readonly string[] {
  const ids = (text ?? '').split(',').filter((id) => id !== '')
  if (ids.length === 0 || ids.length > most) throw wrong(`${name} limit [1,${most}]`)
  return ids
}

const orderDetail: Api = (shop, { query }) => {
  // A client may name the numbers one by one as well.
  const ids = listOf(query.getAll('order_sn_list').join(','), 'order_sn_list')
  const found = ids.flatMap((id) => shop.orders.get(id) ?? [])
  if (found.length === 0) throw notFound('the order is not found')
  const wanted = new Set(query.getAll('response_optional_fields').join(',').split(','))
  return { response: { order_list: found.map((order) => orderView(shop, order, wanted)) }, returned: found.map(({ id }) => id) }
}

const packageDetail: Api = (shop, { query }) => {
  const numbers = new Set(listOf(query.getAll('package_number_list').join(','), 'package_number_list'))
  const found = [...shop.orders.values()].flatMap((order) =>
    parcelsOf(shop, order).flatMap((parcel) => (numbers.has(parcel.number) ? [packageView(order, parcel)] : [])),
  )
  return { response: { package_list: found } }
}

const escrows: Api = (shop, { body }) => {
  const ids = asList(body['order_sn_list']).flatMap((id) => asText(id) ?? [])
  if (ids.length === 0 || ids.length > 50) throw wrong('order_sn_list limit [1,50]')
  const found = ids.flatMap((id) => shop.orders.get(id) ?? []).filter(hasEscrow)
  if (found.length === 0) throw new ShopeeError('order_not_found', 'The order SN is invalid.')
  return { response: found.map((order) => ({ escrow_detail: escrowView(order) })) }
}

const returnList: Api = (shop, { query }) => {
  const [page, size] = [whole(query, 'page_no', 0), sizeOf(query)]
  const given = (name: string): number | undefined => (query.has(name) ? whole(query, name) : undefined)
  const [from, to] = [given('update_time_from'), given('update_time_to')]
  if (from !== undefined && to !== undefined && (from > to || to - from > FIFTEEN_DAYS)) throw wrong('the time range must be within 15 days')
  const window = { ...(from === undefined ? {} : { from: from * 1000 }), ...(to === undefined ? {} : { to: to * 1000 + 999 }) }
  const found = inWindow(shop, shop.refunds.values(), window, (refund) => !isCancellation(refund))
  const { records, hasNext } = numberedPage(shop, found, { page: page + 1, size })
  return { response: { more: hasNext, return: records.map((refund) => returnView(shop, refund)) }, returned: records.map(({ id }) => id) }
}

const returnDetail: Api = (shop, { query }) => {
  const refund = shop.refunds.get(query.get('return_sn') ?? '')
  if (!refund || isCancellation(refund)) throw notFound('the return is not found')
  return { response: returnView(shop, refund), returned: [refund.id] }
}

function orderOf(shop: ShopeeShop, id: string | null | undefined): MarketOrder {
  const order = shop.orders.get(id ?? '')
  if (!order) throw new ShopeeError('logistics.invalid_error', 'The order is not exist.')
  return order
}

const cancellation: Api = (shop, { body }) => {
  const order = orderOf(shop, asText(body['order_sn']))
  const decision = ({ ACCEPT: 'settle', REJECT: 'reject' } as const)[asText(body['operation']) ?? '']
  if (!decision) throw wrong('operation is invalid')
  if (statusOf(shop.rules, order) !== 'IN_CANCEL') throw new ShopeeError('order.error_param', 'The order is not in cancellation.')
  for (const refund of openRefunds(order)) decideRefund(shop, refund, decision, 'api')
  return { response: { update_time: Math.floor(order.modifiedAt / 1000) }, returned: [order.id] }
}

/** The parcel that is meant: by its number where the order was split, and only there. */
function parcelOf(shop: ShopeeShop, order: MarketOrder, number: string | undefined): Parcel {
  const all = parcelsOf(shop, order)
  if (number === undefined && all.length > 1)
    throw new ShopeeError('logistics.ship_order_need_pacakge_number', 'Please request with package_number for this split order.')
  if (number !== undefined && all.length === 1)
    throw new ShopeeError('logistics.ship_order_not_need_pacakge_number', 'Please don’t request with package_number for this unsplit order.')
  const found = number === undefined ? all[0] : all.find((parcel) => parcel.number === number)
  if (!found) throw new ShopeeError('logistics.package_not_exist', 'The package is not exist.')
  if (found.status !== 'LOGISTICS_READY' || statusOf(shop.rules, order) === 'IN_CANCEL')
    throw new ShopeeError('logistics.error_param', 'The order status is not ready to ship.')
  return found
}

const WAYS = ['pickup', 'dropoff', 'non_integrated'] as const
const wayOf = (order: MarketOrder): (typeof WAYS)[number] => WAYS.find((way) => way === order.kind) ?? 'non_integrated'

const shippingParameter: Api = (shop, { query }) => {
  const order = orderOf(shop, query.get('order_sn'))
  parcelOf(shop, order, query.get('package_number') ?? undefined)
  const slot = { date: Math.floor(shop.clock.now() / 1000), pickup_time_id: '1660123200_1', flags: ['recommended'] }
  const address = {
    address_id: 234,
    region: 'SG',
    zipcode: '068902',
    address_flag: ['pickup_address'],
    time_slot_list: [{ ...slot, pickup_time_id: '0', flags: [] }, slot],
  }
  const way = wayOf(order)
  const needed = { pickup: ['address_id', 'pickup_time_id'], dropoff: [], non_integrated: ['tracking_no'] }[way]
  return { response: { info_needed: { [way]: needed }, ...(way === 'pickup' ? { pickup: { address_list: [address] } } : {}) } }
}

const shipOrder: Api = (shop, { body }) => {
  const order = orderOf(shop, asText(body['order_sn']))
  const parcel = parcelOf(shop, order, asText(body['package_number']))
  const given = WAYS.filter((way) => body[way] !== undefined)
  if (given.length !== 1)
    throw new ShopeeError(
      'logistics.ship_order_only_support_one_type',
      'Please select just one way to ship order: pickup or dropoff or non_integrated.',
    )
  const way = wayOf(order)
  if (given[0] !== way)
    throw new ShopeeError(`logistics.ship_order_unsupport_${given[0] ?? ''}`, `This order does not support ship with ${given[0] ?? ''}.`)
  const detail = asRecord(body[way])
  if (way === 'pickup' && (asNumber(detail['address_id']) !== 234 || asText(detail['pickup_time_id']) === undefined))
    throw new ShopeeError('logistics.ship_order_need_address_pickup_time', 'Parameter address_id and pickup_time_id are required.')
  const tracking = way === 'non_integrated' ? (asText(detail['tracking_number']) ?? '') : `SPXSG${shop.random.int(100_000_000, 999_999_999)}`
  if (tracking === '') throw new ShopeeError('logistics.ship_order_need_tracking_number', 'Parameter tracking_number can not be null.')
  const carrier = carrierOf(shop, undefined) ?? { code: '0', name: '' }
  const made = ship(shop, order, { lines: parcel.lines, carrier, tracking, by: 'api', ...(way === 'non_integrated' ? {} : { pending: true }) })
  if (typeof made === 'string') throw new ShopeeError('logistics.error_param', 'The order status is not ready to ship.')
  shop.numbers.set(made.id, parcel.number)
  const waiting = shop.splits.get(order.id)
  if (waiting)
    shop.splits.set(
      order.id,
      waiting.filter(({ number }) => number !== parcel.number),
    )
  return { response: {}, returned: [order.id] }
}

/** Every item in one of the parcels, whole unless the shop may split pieces. */
const splitOrder: Api = (shop, { body }) => {
  const order = orderOf(shop, asText(body['order_sn']))
  const refuse = (message: string): ShopeeError => new ShopeeError('logistics.error_param', message)
  const [only, ...others] = parcelsOf(shop, order)
  if (!only || others.length > 0 || only.status !== 'LOGISTICS_READY') throw refuse('Order has been splitted.')
  const wanted = asList(body['package_list']).map((one) => asList(asRecord(one)['item_list']).map(asRecord))
  if (wanted.length < 2 || wanted.length > 5) throw refuse('Order is not splittable.')
  const parcels = wanted.map((items, i) => ({
    number: `OFG${String(order.seq).padStart(12, '0')}5${i}`,
    lines: items.map((given) => {
      const model = asText(given['model_id']) ?? String(asNumber(given['model_id']) ?? 0)
      const own = only.lines.find(({ line }) => line.item.id === String(given['item_id']) && (line.sku?.id ?? '0') === model)
      if (!own) throw new ShopeeError('logistics.error_item_not_found', 'Can not find the item.')
      const quantity = asNumber(given['model_quantity'])
      if (quantity !== undefined && quantity !== own.quantity && !shop.settings.splitPieces) throw refuse('This order can not be splited.')
      return { line: own.line, quantity: quantity ?? own.quantity }
    }),
  }))
  for (const { line, quantity } of only.lines) {
    const split = parcels.flatMap(({ lines }) => lines).reduce((sum, part) => sum + (part.line === line ? part.quantity : 0), 0)
    if (split !== quantity) throw refuse('Items of the parcels must be all items of the order.')
  }
  shop.splits.set(order.id, parcels)
  const made = parcelsOf(shop, order).map((parcel) => ({ package_number: parcel.number, item_list: Object(packageView(order, parcel)).item_list }))
  return { response: { order_sn: order.id, package_list: made }, returned: [order.id] }
}

const trackingNumber: Api = (shop, { query }) => {
  const order = orderOf(shop, query.get('order_sn'))
  const number = query.get('package_number')
  const parcel = parcelsOf(shop, order).find((each) => number === null || each.number === number)
  if (!parcel) throw new ShopeeError('logistics.package_not_exist', 'The package is not exist.')
  return { response: { tracking_number: parcel.shipment?.tracking ?? '', hint: '' } }
}

const itemList: Api = (shop, { query }) => {
  const [offset, size] = [whole(query, 'offset'), sizeOf(query)]
  const statuses = query.getAll('item_status')
  if (statuses.length === 0) throw wrong('item_status is required')
  const all = [...shop.items.values()].filter((item) => statuses.includes(item.onSale ? 'NORMAL' : 'UNLIST'))
  const shown = all.slice(offset, offset + size)
  const more = offset + size < all.length
  return {
    response: {
      item: shown.map((item) => ({
        item_id: Number(item.id),
        item_status: item.onSale ? 'NORMAL' : 'UNLIST',
        update_time: Math.floor(item.modifiedAt / 1000),
      })),
      total_count: all.length,
      has_next_page: more,
      ...(more ? { next_offset: offset + size } : {}),
    },
    returned: shown.map(({ id }) => id),
  }
}

const itemInfo: Api = (shop, { query }) => {
  const found = listOf(query.getAll('item_id_list').join(','), 'item_id_list').flatMap((id) => shop.items.get(id) ?? [])
  if (found.length === 0) throw new ShopeeError('product.error_item_not_found', 'Item_id is not found.')
  return { response: { item_list: found.map(itemView) }, returned: found.map(({ id }) => id) }
}

const modelList: Api = (shop, { query }) => {
  const item = shop.items.get(query.get('item_id') ?? '')
  if (!item) throw new ShopeeError('product.error_item_not_found', 'Item_id is not found.')
  return { response: modelsView(item), returned: [item.id] }
}

const updateStock: Api = (shop, { body }) => {
  const item = shop.items.get(String(body['item_id']))
  if (!item) throw new ShopeeError('product.error_item_not_found', 'Item_id is not found.')
  const list = asList(body['stock_list']).map(asRecord)
  if (list.length < 1 || list.length > 50) throw new ShopeeError('error_param', 'stock_list length should be between 1 to 50.')
  const [taken, failed]: [object[], object[]] = [[], []]
  for (const one of list) {
    const model = asNumber(one['model_id']) ?? 0
    const stock = asNumber(asRecord(asList(one['seller_stock'])[0])['stock'])
    if (stock === undefined || !Number.isInteger(stock) || stock < 0) throw new ShopeeError('error_param', 'stock is invalid.')
    const sku = item.skus.find(({ id }) => id === String(model))
    const isKnown = item.skus.length === 0 ? model === 0 : sku !== undefined
    if (!isKnown) failed.push({ model_id: model, failed_reason: 'Model_id is not found.' })
    else if (isLocked(shop, { item, sku })) failed.push({ model_id: model, failed_reason: 'Stock should be larger than or equal to reserved stock.' })
    else {
      writeStock(shop, { item, sku }, stock)
      taken.push({ model_id: model, location_id: 'SGZ', stock })
    }
  }
  return { response: { success_list: taken, failure_list: failed }, returned: [listingId({ item, sku: undefined })] }
}

const shopInfo: Api = (shop) => ({
  response: { shop_name: shop.settings.name, region: 'SG', status: 'NORMAL', expire_time: Math.floor(shop.clock.now() / 1000) + 300 * 86_400 },
  plain: true,
})

/** By method and path behind `/api/v2/`. */
export const APIS: Readonly<Record<string, Api>> = {
  'GET order/get_order_list': orderList,
  'GET order/get_order_detail': orderDetail,
  'GET order/get_package_detail': packageDetail,
  'POST order/split_order': splitOrder,
  'POST order/handle_buyer_cancellation': cancellation,
  'POST payment/get_escrow_detail_batch': escrows,
  'GET returns/get_return_list': returnList,
  'GET returns/get_return_detail': returnDetail,
  'GET logistics/get_shipping_parameter': shippingParameter,
  'POST logistics/ship_order': shipOrder,
  'GET logistics/get_tracking_number': trackingNumber,
  'GET product/get_item_list': itemList,
  'GET product/get_item_base_info': itemInfo,
  'GET product/get_model_list': modelList,
  'POST product/update_stock': updateStock,
  'GET shop/get_shop_info': shopInfo,
}
