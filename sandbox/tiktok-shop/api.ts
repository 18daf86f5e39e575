import { createHash } from 'node:crypto'
import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, placeOf, writeStock } from '../stage/market/goods.ts'
import type { MarketOrder, MarketRefund, MarketSku } from '../stage/market/model.ts'
import { cursorPage, inWindow, type Listed, type Window } from '../stage/market/paging.ts'
import { decideRefund } from '../stage/market/refunds.ts'
import { ship } from '../stage/market/shipping.ts'
import { afterSaleView, orderView, piecesOf, productView, stockView, waitingPackage } from './views.ts'
import { TikTokError } from './wire.ts'
import { isCancellation, PROVIDERS, type TikTokShop } from './words.ts'

interface Given {
  readonly query: URLSearchParams
  readonly body: JsonRecord
  /** What stands in the path. */
  readonly id: string
}

/** One call; throws TikTokError. `returned` names the records the answer carries, for the ledger. */
type Api = (shop: TikTokShop, given: Given) => { readonly data: JsonRecord; readonly returned?: readonly string[] }

const wrong = (message: string): TikTokError => new TikTokError(36009004, message, 400)

function windowOf({ query, body }: Given): Window {
  const by = query.get('sort_field') ?? 'create_time'
  if (by !== 'create_time' && by !== 'update_time') throw wrong('Invalid sort_field. The value must be create_time or update_time.')
  const order = query.get('sort_order') ?? 'DESC'
  if (order !== 'ASC' && order !== 'DESC') throw wrong('Invalid sort_order. The value must be ASC or DESC.')
  const filter = ['update_time', 'create_time'].find((name) => body[`${name}_ge`] !== undefined || body[`${name}_lt`] !== undefined) ?? by
  const [from, to] = [asNumber(body[`${filter}_ge`]), asNumber(body[`${filter}_lt`])]
  if (from !== undefined && to !== undefined && from >= to) throw wrong(`Invalid time range: ${filter}_ge must be earlier than ${filter}_lt.`)
  if ([from, to].some((time) => time !== undefined && time > 100_000_000_000)) throw wrong('Invalid time. A Unix timestamp in seconds was expected.')
  return {
    by: by === 'update_time' ? 'modifiedAt' : 'createdAt',
    ...(from === undefined ? {} : { from: from * 1000 }),
    ...(to === undefined ? {} : { to: to * 1000 }),
    closed: false,
    descending: order === 'DESC',
  }
}

function sizeOf(query: URLSearchParams, most: number): number {
  const size = asNumber(query.get('page_size') ?? '')
  if (size === undefined || size < 1 || size > most) throw wrong(`Invalid page_size. The value must be in [1, ${most}].`)
  return size
}

/** A token belongs to the search it was made for. */
function paged<T extends Listed>(shop: TikTokShop, found: readonly T[], given: Given, rule: { readonly window: Window; readonly most: number }) {
  const about = [given.body, given.query.get('sort_field'), given.query.get('sort_order')]
  const stamp = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 12)
  const [cursor = '', mark] = (given.query.get('page_token') ?? '').split('.')
  const page =
    cursor !== '' && mark !== stamp ? undefined : cursorPage(shop, found, { cursor, size: sizeOf(given.query, rule.most), window: rule.window })
  if (!page) throw wrong('Invalid page_token.')
  return { records: page.records, tail: { next_page_token: page.hasMore ? `${page.next}.${stamp}` : '', total_count: found.length } }
}

const searchOrders: Api = (shop, given) => {
  const window = windowOf(given)
  const status = asText(given.body['order_status'])
  const found = inWindow(shop, shop.orders.values(), window, (order) => status === undefined || orderView(shop, order)['status'] === status)
  const { records, tail } = paged(shop, found, given, { window, most: 100 })
  return {
    data: { ...(records.length === 0 ? {} : { orders: records.map((order) => orderView(shop, order)) }), ...tail },
    returned: records.map(({ id }) => id),
  }
}

const ordersById: Api = (shop, { query }) => {
  const ids = (query.get('ids') ?? '').split(',').filter((id) => id !== '')
  if (ids.length < 1 || ids.length > 50) throw wrong('Invalid ids. The number of ids must be in [1, 50].')
  const orders = ids.flatMap((id) => shop.orders.get(id) ?? [])
  return { data: { orders: orders.map((order) => orderView(shop, order)) }, returned: orders.map(({ id }) => id) }
}

const afterSales =
  (member: string, keep: (refund: MarketRefund) => boolean): Api =>
  (shop, given) => {
    const window = windowOf(given)
    const [orders, states] = [asList(given.body['order_ids']), asList(given.body['cancel_status'])]
    const found = inWindow(
      shop,
      shop.refunds.values(),
      window,
      (refund) =>
        keep(refund) &&
        (orders.length === 0 || orders.includes(refund.order.id)) &&
        (states.length === 0 || states.includes(afterSaleView(shop, refund)['cancel_status'])),
    )
    const { records, tail } = paged(shop, found, given, { window, most: 50 })
    return {
      data: { ...(records.length === 0 ? {} : { [member]: records.map((refund) => afterSaleView(shop, refund)) }), ...tail },
      returned: records.map(({ id }) => id),
    }
  }

const decide =
  (decision: 'settle' | 'reject'): Api =>
  (shop, { id, body, query }) => {
    const refund = shop.refunds.get(id)
    if (!refund || !isCancellation(refund)) throw new TikTokError(25021001, 'The cancellation request does not exist.')
    if (decision === 'reject' && (asText(body['reject_reason']) ?? '') === '') throw new TikTokError(25021010, 'Reject reason is required.')
    const key = query.get('idempotency_key') ?? ''
    if (key !== '' && shop.decided.has(key)) return { data: {} }
    if (refund.state !== 'requested') throw new TikTokError(25021020, 'The status of the cancellation request does not allow this action.')
    const why = decideRefund(shop, refund, decision, 'api')
    if (why !== undefined) throw new TikTokError(25021020, why)
    if (key !== '') shop.decided.add(key)
    return { data: {}, returned: [refund.order.id] }
  }

const searchProducts: Api = (shop, { query }) => {
  const size = sizeOf(query, 100)
  const all = [...shop.items.values()]
  const at = Number(query.get('page_token') ?? '0')
  if (!Number.isSafeInteger(at) || at < 0) throw wrong('Invalid page_token.')
  const products = all.slice(at, at + size).map((item) => productView(shop, item))
  return { data: { products, next_page_token: at + size < all.length ? String(at + size) : '', total_count: all.length } }
}

const product: Api = (shop, { id }) => {
  const item = shop.items.get(id)
  if (!item) throw new TikTokError(12052023, 'The product does not exist.')
  return { data: productView(shop, item) }
}

const stock: Api = (shop, { body }) => {
  const [skus, products] = [asList(body['sku_ids']), asList(body['product_ids'])]
  if (skus.length > 600 || products.length > 100 || skus.length + products.length === 0) throw wrong('Invalid sku_ids or product_ids.')
  const inventory = [...shop.items.values()].flatMap((item) => {
    const some = item.skus.filter((sku) => (skus.length > 0 ? skus.includes(sku.id) : products.includes(item.id)))
    return some.length === 0 ? [] : [{ product_id: item.id, skus: some.map((sku) => stockView(shop, sku)) }]
  })
  return { data: { inventory } }
}

/** Levels that are not taken are named in an answer that is a success otherwise. */
const updateStock: Api = (shop, { id, body }) => {
  const item = shop.items.get(id)
  if (!item) throw new TikTokError(12052023, 'The product does not exist.')
  const wanted = asList(body['skus']).map(asRecord)
  if (wanted.length === 0) throw wrong('Invalid skus.')
  const skus = wanted.map((each) => ({ sku: item.skus.find((sku) => sku.id === each['id']), levels: asList(each['inventory']).map(asRecord) }))
  if (skus.some(({ sku }) => !sku)) throw new TikTokError(12052180, 'A SKU is not one of this product.')
  for (const level of skus.flatMap(({ levels }) => levels)) {
    const quantity = level['quantity']
    if (typeof quantity !== 'number' || !Number.isSafeInteger(quantity) || quantity < 0 || quantity > 99_999)
      throw new TikTokError(12052093, 'The quantity is out of range.')
  }
  const errors = skus.flatMap(({ sku, levels }) => (sku ? updateOne(shop, sku, levels) : []))
  return { data: errors.length === 0 ? {} : { errors } }
}

function updateOne(shop: TikTokShop, sku: MarketSku, levels: readonly JsonRecord[]): readonly JsonRecord[] {
  const [level] = levels
  const place = placeOf(shop, sku.code)
  const warehouse = asText(level?.['warehouse_id']) ?? shop.settings.warehouseId
  const isOther = levels.length !== 1 || warehouse !== shop.settings.warehouseId
  if (!place || isOther || isLocked(shop, place)) {
    const [code, message] = isOther ? [12052109, 'The warehouse is not one of this SKU.'] : [12052201, 'The SKU is locked by a campaign.']
    return [
      { code: 12052201, message: 'Inventory update failed.', detail: { sku_id: sku.id, extra_errors: [{ warehouse_id: warehouse, code, message }] } },
    ]
  }
  writeStock(shop, place, asNumber(level?.['quantity']) ?? 0)
  return []
}

const providers: Api = (shop, { id }) => {
  if (id !== shop.settings.deliveryOptionId) throw wrong('Invalid delivery_option_id.')
  return { data: { shipping_providers: PROVIDERS.map(({ code, name }) => ({ id: code, name })) } }
}

function orderOf(shop: TikTokShop, id: string): MarketOrder {
  const order = shop.orders.get(id)
  if (!order) throw new TikTokError(21011001, 'The order does not exist.')
  return order
}

/** The seller's own carrier takes some pieces of an order. */
function send(shop: TikTokShop, order: MarketOrder, wanted: readonly string[], parcel: JsonRecord): string {
  const pieces = piecesOf(shop, order).filter(({ id }) => wanted.includes(id))
  if (pieces.length === 0 || pieces.length !== new Set(wanted).size) throw new TikTokError(21022001, 'An order line item is not one of this order.')
  if (pieces.some(({ shipment, cancelled }) => shipment !== undefined || cancelled))
    throw new TikTokError(21022011, 'The order line item has been shipped or cancelled.')
  const carrier = PROVIDERS.find(({ code }) => code === asText(parcel['shipping_provider_id']))
  if (!carrier) throw new TikTokError(21022021, 'The shipping provider is invalid.')
  const tracking = asText(parcel['tracking_number']) ?? ''
  if (tracking === '') throw new TikTokError(21022022, 'The tracking number is invalid.')
  const lines = order.lines.flatMap((line) => {
    const quantity = pieces.filter((piece) => piece.line === line).length
    return quantity === 0 ? [] : [{ line, quantity }]
  })
  const made = ship(shop, order, { lines, carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw new TikTokError(21022031, `The order status does not allow shipping: ${made}.`)
  shop.packed.set(made.id, wanted)
  return made.id
}

const markShipped: Api = (shop, { id, body }) => {
  const order = orderOf(shop, id)
  if (order.kind === 'platform') throw new TikTokError(21022041, 'The order is shipped by TikTok.')
  const ids = asList(body['order_line_item_ids']).map(String)
  const package_id = send(shop, order, ids, body)
  return { data: { order_id: id, package_id, order_line_item_ids: ids }, returned: [id] }
}

const shipPackage: Api = (shop, { id, body }) => {
  const order = [...shop.orders.values()].find((each) => waitingPackage(each) === id)
  if (!order) throw new TikTokError(21011002, 'The package does not exist.')
  const open = piecesOf(shop, order).filter(({ shipment, cancelled }) => !shipment && !cancelled)
  const own = asRecord(body['self_shipment'])
  if (order.kind === 'platform') {
    if (body['handover_method'] !== 'PICKUP' && body['handover_method'] !== 'DROP_OFF')
      throw new TikTokError(21022051, 'The handover method is invalid.')
    send(
      shop,
      order,
      open.map((piece) => piece.id),
      { shipping_provider_id: PROVIDERS[0].code, tracking_number: `92${shop.nextId('message').padStart(18, '0')}` },
    )
  } else
    send(
      shop,
      order,
      open.map((piece) => piece.id),
      own,
    )
  return { data: {}, returned: [order.id] }
}

const shops: Api = ({ settings }) => ({
  data: {
    shops: [{ id: settings.shopId, name: settings.name, region: 'US', seller_type: 'LOCAL', cipher: settings.shopCipher, code: 'USLC0SANDBOX' }],
  },
})

const webhooks: Api = (shop) => {
  const all = [...shop.webhooks.subscriptions.values()]
  return {
    data: {
      total_count: all.length,
      webhooks: all.map(({ url, topics }) => ({
        event_type: topics[0] ?? '',
        address: url,
        create_time: shop.clock.now(),
        update_time: shop.clock.now(),
      })),
    },
  }
}

function drop(shop: TikTokShop, topic: string): void {
  for (const [id, { topics }] of shop.webhooks.subscriptions) if (topics[0] === topic) shop.webhooks.subscriptions.delete(id)
}

/** One address for each topic of a shop. */
const subscribe: Api = (shop, { body }) => {
  const [topic, url] = [asText(body['event_type']) ?? '', asText(body['address']) ?? '']
  if (!/^[A-Z_]+$/.test(topic) || !URL.canParse(url)) throw wrong('Invalid event_type or address.')
  drop(shop, topic)
  shop.webhooks.add({ url, secret: shop.settings.appSecret, topics: [topic] })
  return { data: {} }
}

const unsubscribe: Api = (shop, { body }) => {
  drop(shop, asText(body['event_type']) ?? '')
  return { data: {} }
}

/** By method and path. Where a later version answers with the same members and more, it is taken too. */
export const APIS: readonly (readonly [method: string, path: RegExp, api: Api])[] = [
  ['GET', /^\/authorization\/202309\/shops$/, shops],
  ['POST', /^\/order\/202309\/orders\/search$/, searchOrders],
  ['GET', /^\/order\/(?:202309|202507)\/orders$/, ordersById],
  ['POST', /^\/return_refund\/(?:202309|202602)\/cancellations\/search$/, afterSales('cancellations', isCancellation)],
  ['POST', /^\/return_refund\/(?:202309|202602)\/returns\/search$/, afterSales('return_orders', (refund) => !isCancellation(refund))],
  ['POST', /^\/return_refund\/202309\/cancellations\/(\d+)\/approve$/, decide('settle')],
  ['POST', /^\/return_refund\/202309\/cancellations\/(\d+)\/reject$/, decide('reject')],
  ['POST', /^\/product\/(?:202309|202502)\/products\/search$/, searchProducts],
  ['GET', /^\/product\/202309\/products\/(\d+)$/, product],
  ['POST', /^\/product\/202309\/inventory\/search$/, stock],
  ['POST', /^\/product\/202309\/products\/(\d+)\/inventory\/update$/, updateStock],
  ['GET', /^\/logistics\/202309\/delivery_options\/(\d+)\/shipping_providers$/, providers],
  ['POST', /^\/fulfillment\/202309\/orders\/(\d+)\/packages$/, markShipped],
  ['POST', /^\/fulfillment\/202309\/packages\/(\d+)\/ship$/, shipPackage],
  ['GET', /^\/event\/202309\/webhooks$/, webhooks],
  ['PUT', /^\/event\/202309\/webhooks$/, subscribe],
  ['DELETE', /^\/event\/202309\/webhooks$/, unsubscribe],
]
