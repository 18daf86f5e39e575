import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { MarketLine, MarketOrder, MarketShipment } from '../stage/market/model.ts'
import { inWindow, numberedPage } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { carrierOf, depart, ship } from '../stage/market/shipping.ts'
import type { Api, Params } from './gateway.ts'
import { notePacked, noteReady, unitsOf, type Unit } from './units.ts'
import { itemViews, orderView, reverseView } from './views.ts'
import { fromStamp, Refusal } from './wire.ts'
import { BY_CHANNEL, PROVIDERS, type LazadaShop } from './words.ts'

const whole = (params: Params, name: string, usual: number, problem: Refusal): number => {
  const value = Number(params[name] ?? usual)
  if (!Number.isInteger(value) || value < 0) throw problem
  return value
}

/** At most 5000 may be skipped; pages begin where a caller says, here always at a whole number of them. */
const list: Api = (shop, params) => {
  const [limit, offset] = [whole(params, 'limit', 100, invalidLimit(params)), whole(params, 'offset', 0, invalidOffset(params))]
  if (limit < 1 || limit > 100) throw invalidLimit(params)
  if (offset > 5000) throw invalidOffset(params)
  const time = (name: string): number | undefined => (params[name] === undefined ? undefined : fromStamp(params[name]))
  const by = time('update_after') === undefined ? 'created' : 'update'
  const [from, to] = [time(`${by === 'update' ? 'update' : 'created'}_after`), time(`${by === 'update' ? 'update' : 'created'}_before`)]
  if (from === undefined) throw new Refusal('17', 'E017: "" Invalid Date Format')
  if (!['created_at', 'updated_at', undefined].includes(params['sort_by'])) throw new Refusal('75', 'E075: Invalid sort filter.')
  if (!['ASC', 'DESC', undefined].includes(params['sort_direction'])) throw new Refusal('74', 'E074: Invalid sort direction.')
  const { status = 'all' } = params
  const found = inWindow(
    shop,
    shop.orders.values(),
    {
      by: params['sort_by'] === 'created_at' ? 'createdAt' : 'modifiedAt',
      from: by === 'update' || params['sort_by'] === 'created_at' ? from : -Infinity,
      ...(to === undefined ? {} : { to }),
      descending: params['sort_direction'] === 'DESC',
    },
    (order) => (by === 'update' || order.createdAt >= from) && (status === 'all' || unitsOf(order).some((unit) => unit.status === status)),
  )
  const { records, total } = numberedPage(shop, found, { page: Math.floor(offset / limit) + 1, size: limit })
  return {
    doc: { data: { count: records.length, countTotal: total, orders: records.map((order) => orderView(shop, order)) } },
    returned: records.map(({ id }) => id),
  }
}
const invalidLimit = ({ limit = '' }: Params): Refusal => new Refusal('19', `E019: "${limit}" Invalid Limit`)
const invalidOffset = ({ offset = '' }: Params): Refusal => new Refusal('14', `E014: "${offset}" Invalid Offset`)

function orderOf(shop: LazadaShop, id: string): MarketOrder {
  const order = shop.orders.get(id)
  if (!order) throw new Refusal('16', `E016: "${id}" Invalid Order ID`)
  return order
}

const one: Api = (shop, { order_id: id = '' }) => ({ doc: { data: orderView(shop, orderOf(shop, id)) }, returned: [id] })
const items: Api = (shop, { order_id: id = '' }) => ({ doc: { data: itemViews(shop, orderOf(shop, id)) }, returned: [id] })

const itemsOfMany: Api = (shop, { order_ids: text = '' }) => {
  if (!/^\[\d+(?:,\s*\d+)*\]$/.test(text)) throw new Refusal('56', 'E056: Invalid OrdersIdList format. Must use array format [1,2]')
  const ids = text.slice(1, -1).split(/,\s*/)
  if (ids.length > 50) throw new Refusal('38', 'E038: Too many orders were requested')
  const orders = ids.map((id) => shop.orders.get(id))
  if (orders.includes(undefined)) throw new Refusal('37', 'E037: One or more order id in the list are incorrect')
  return {
    doc: {
      data: orders.flatMap((order) =>
        order ? [{ order_id: Number(order.id), order_number: Number(order.id), order_items: itemViews(shop, order) }] : [],
      ),
    },
    returned: ids,
  }
}

const reverseList: Api = (shop, params) => {
  const problem = new Refusal('MissingParameter', 'page_no and page_size are mandatory')
  const [page, size] = [whole(params, 'page_no', 0, problem), whole(params, 'page_size', 10, problem)]
  if (page < 1 || size < 1 || size > 100) throw problem
  const of = (name: string): number | undefined => (params[name] === undefined ? undefined : whole(params, name, 0, problem))
  const [from, to, order] = [of('ReverseOrderLineModifiedTimeRangeStart'), of('ReverseOrderLineModifiedTimeRangeEnd'), params['trade_order_id']]
  const window = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), descending: true }
  const found = inWindow(shop, shop.refunds.values(), window, (refund) => order === undefined || refund.order.id === order)
  const { records, total } = numberedPage(shop, found, { page, size })
  return {
    doc: { result: { total, success: true, page_no: page, page_size: size, items: records.map((refund) => reverseView(refund)) } },
    returned: records.map(({ id }) => id),
  }
}

const reverseDetail: Api = (shop, { reverse_order_id: id = '' }) => {
  const refund = shop.refunds.get(id)
  if (!refund) throw new Refusal('105', 'E0105: reverse order id is empty or invalid')
  const { reverse_order_lines: lines, ...head } = reverseView(refund)
  return { doc: { data: { ...head, reverseOrderLineDTOList: lines } }, returned: [id] }
}

const decide: Api = (shop, { reverse_order_id: id = '', agree_cancel: agree = '' }) => {
  const refund = shop.refunds.get(id)
  if (!refund) throw new Refusal('105', 'E0105: reverse order id is empty or invalid')
  if (!/^(?:true|false)$/.test(agree)) throw new Refusal('MissingParameter', 'agree_cancel is mandatory')
  if (decideRefund(shop, refund, agree === 'true' ? 'settle' : 'reject', 'api') !== undefined)
    throw new Refusal('131', 'E0131: no decision for this reverse order')
  return { doc: { data: {} }, returned: [refund.order.id] }
}

/** The body of a request in one parameter, as JSON. */
function requestIn(params: Params, name: string): Readonly<Record<string, unknown>> {
  const doc = parseJson(params[name] ?? '')
  if (typeof doc !== 'object' || doc === null)
    throw new Refusal('MissingParameter', `The input parameter "${name}" that is mandatory for processing this request is not supplied`)
  return asRecord(doc)
}
const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const pack: Api = (shop, params) => {
  const request = requestIn(params, 'packReq')
  const wanted = listed(request['pack_order_list'])
  if (wanted.length > 20) return failed('700022', 'BATCH_SIZE_OUT_OF_LIMIT')
  if (request['delivery_type'] !== 'dropship' || request['shipping_allocate_type'] !== 'TFS') return failed('700004', 'PARAM_ILLEGAL')
  const returned: string[] = []
  const told = wanted.map((each) => {
    const { order_id: id, order_item_list: ids } = asRecord(each)
    const order = shop.orders.get(asText(id) ?? '')
    if (order) returned.push(order.id)
    return {
      order_id: id,
      order_item_list: packItems(
        shop,
        order,
        listed(ids).map((item) => asText(item) ?? ''),
      ),
    }
  })
  return { doc: { result: { data: { pack_order_list: told }, success: true, error_code: null, error_msg: null } }, returned }
}

const failed = (code: string, message: string): ReturnType<Api> => ({
  doc: { result: { data: null, success: false, error_code: code, error_msg: message } },
})

function packItems(shop: LazadaShop, order: MarketOrder | undefined, ids: readonly string[]): readonly unknown[] {
  const refuse = (code: string, msg: string): readonly unknown[] =>
    ids.map((id) => ({
      order_item_id: Number(id),
      item_err_code: code,
      msg,
      tracking_number: null,
      shipment_provider: null,
      package_id: null,
      retry: false,
    }))
  if (!order) return refuse('700021', 'order not found')
  const units = ids.map((id) => unitsOf(order).find((unit) => unit.id === id))
  if (units.includes(undefined) || ids.length === 0) return refuse('700025', 'order item not found')
  const found = units.flatMap((unit) => unit ?? [])
  if (found.some(({ status }) => status !== 'pending')) return refuse('700026', 'item current status not allow to pack')
  const carrier = carrierOf(shop, PROVIDERS[0]?.code)
  const made =
    carrier &&
    ship(shop, order, { lines: counted(found), carrier, tracking: `LEXDO${shop.random.int(1_000_000_000, 9_999_999_999)}`, pending: true, by: 'api' })
  if (made === undefined || typeof made === 'string') return refuse('700031', 'item not ready to fulfill')
  notePacked(made, ids)
  return ids.map((id) => ({
    order_item_id: Number(id),
    item_err_code: '0',
    msg: 'success',
    tracking_number: made.tracking,
    shipment_provider: made.carrier.name,
    package_id: made.id,
    retry: false,
  }))
}

function counted(units: readonly Unit[]): readonly { readonly line: MarketLine; readonly quantity: number }[] {
  const lines = new Map<MarketLine, number>()
  for (const { line } of units) lines.set(line, (lines.get(line) ?? 0) + 1)
  return [...lines].map(([line, quantity]) => ({ line, quantity }))
}

const ready: Api = (shop, params) => {
  const wanted = listed(requestIn(params, 'readyToShipReq')['packages']).map((each) => asText(asRecord(each)['package_id']) ?? '')
  if (wanted.length > 20) return failed('700022', 'BATCH_SIZE_OUT_OF_LIMIT')
  const returned: string[] = []
  const told = wanted.map((id) => {
    const shipment = shop.shipments.get(id)
    if (!shipment) return { package_id: id, item_err_code: '600001', msg: 'package not found', retry: false }
    returned.push(shipment.order.id)
    if (shipment.state !== 'pending' || shipment.order.state === 'closed')
      return { package_id: id, item_err_code: '700000', msg: 'current package status not allow to operation', retry: false }
    leave(shop, shipment)
    return { package_id: id, item_err_code: '0', msg: 'success', retry: false }
  })
  return { doc: { result: { data: { packages: told }, success: true, error_code: null, error_msg: null } }, returned }
}

function leave(shop: LazadaShop, shipment: MarketShipment): void {
  noteReady(shipment)
  depart(shop, shipment, 'api')
}

/** The numbers in "[1,2]", and the order they belong to. */
function unitsIn(shop: LazadaShop, params: Params): { readonly order: MarketOrder; readonly units: readonly Unit[] } {
  const text = params['order_item_ids'] ?? ''
  const ids = /^\[\d+(?:,\s*\d+)*\]$/.test(text) ? text.slice(1, -1).split(/,\s*/) : []
  const order = [...shop.orders.values()].find((each) => unitsOf(each).some((unit) => unit.id === ids[0]))
  const units = order ? unitsOf(order).filter((unit) => ids.includes(unit.id)) : []
  if (!order || units.length !== ids.length) throw new Refusal('20', `E020: ${text} Invalid Order Item ID`, 'ISP')
  return { order, units }
}

/** The older call: units of one order with a carrier by name. */
const packByHand: Api = (shop, params) => {
  const { order, units } = unitsIn(shop, params)
  if (!carrierOf(shop, params['shipping_provider'] ?? '')) throw new Refusal('6', '[3pl not supported, or 3pl is blank!]', 'ISP')
  const told = packItems(
    shop,
    order,
    units.map(({ id }) => id),
  )
  if (told.some((each) => asRecord(each)['item_err_code'] !== '0')) throw new Refusal('63', 'E063: The order item has invalid status', 'ISP')
  return { doc: { data: { order_items: told } }, returned: [order.id] }
}

/** The older call: units with the seller's own number and carrier, whole packages of them. */
const readyByHand: Api = (shop, params) => {
  if (params['delivery_type'] !== 'dropship') throw new Refusal('23', 'E023: Invalid delivery type')
  const { order, units } = unitsIn(shop, params)
  const ids = units.map(({ id }) => id)
  const carrier = carrierOf(shop, params['shipment_provider'] ?? '')
  if (!carrier) throw new Refusal('29', 'E029: Invalid shipment provider')
  const tracking = params['tracking_number'] ?? ''
  if (tracking === '' || order.kind === BY_CHANNEL) throw new Refusal('24', 'E024: Invalid tracking number')
  const packages = new Set(units.flatMap(({ shipment }) => shipment ?? []))
  const isWhole = [...packages].every((shipment) => unitsOf(order).every((unit) => unit.shipment !== shipment || ids.includes(unit.id)))
  if (!isWhole || units.some(({ status }) => status !== 'packed')) throw new Refusal('63', 'E063: The order item has invalid status')
  for (const shipment of packages) {
    shipment.carrier = carrier
    shipment.tracking = tracking
    leave(shop, shipment)
  }
  return {
    doc: {
      data: {
        order_items: units.map((unit) => ({
          order_item_id: Number(unit.id),
          package_id: unit.shipment?.id ?? '',
          tracking_number: tracking,
          shipment_provider: carrier.name,
        })),
      },
    },
    returned: [order.id],
  }
}

const providers: Api = () => ({
  doc: {
    data: {
      shipment_providers: PROVIDERS.map(({ name }, i) => ({
        name,
        cod: 1,
        is_default: i === 0 ? 1 : 0,
        api_integration: 0,
        tracking_code_validation_regex: '',
      })),
    },
  },
})

export const orderApis: Readonly<Record<string, { readonly method: 'GET' | 'POST' | 'ANY'; readonly api: Api }>> = {
  '/orders/get': { method: 'GET', api: list },
  '/order/get': { method: 'GET', api: one },
  '/order/items/get': { method: 'GET', api: items },
  '/orders/items/get': { method: 'GET', api: itemsOfMany },
  '/reverse/getreverseordersforseller': { method: 'ANY', api: reverseList },
  '/order/reverse/return/detail/list': { method: 'GET', api: reverseDetail },
  '/order/reverse/cancel/seller/decide': { method: 'GET', api: decide },
  '/order/fulfill/pack': { method: 'POST', api: pack },
  '/order/package/rts': { method: 'POST', api: ready },
  '/order/pack': { method: 'POST', api: packByHand },
  '/order/rts': { method: 'POST', api: readyByHand },
  '/shipment/providers/get': { method: 'GET', api: providers },
}
