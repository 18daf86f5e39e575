import type { Context, Hono } from 'hono'
import { asList, asNumber, asRecord, asText, isRecord, parseJson } from '../stage/json-input.ts'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import { readPaging, selectOrders } from './list-query.ts'
import type { WooOrder } from './model.ts'
import { coreStatuses } from './model.ts'
import type { View } from './order-document.ts'
import { orderDocument } from './order-document.ts'
import type { OrderEdit } from './orders.ts'
import { changeStatus, CheckoutRefused, editOrder, placeOrder } from './orders.ts'
import type { OddPage } from './paging.ts'
import { sendPage } from './paging.ts'
import { parsePhpQuery } from './php-query.ts'
import type { WooShop } from './shop.ts'
import type { WpError } from './wp-response.ts'
import { errorBody, invalidParam, wpError, wpFail, wpJson } from './wp-response.ts'

export const orderId = '/wp-json/wc/v3/orders/:id{[0-9]+}'

/** `/orders`: list, read, create, change, batch and trash. */
export function orderRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  const [select, odd] = [cachedSelect(shop), oddPages(shop)]
  app.get('/wp-json/wc/v3/orders', (c) => listOrders(shop, c, select, odd))
  app.post('/wp-json/wc/v3/orders', async (c) => createOrder(shop, c, parseJson(await c.req.text())))
  app.on(['POST', 'PUT', 'PATCH'], '/wp-json/wc/v3/orders/batch', async (c) => batchOrders(shop, c, parseJson(await c.req.text())))
  app.get(orderId, (c) => {
    const order = findOrder(shop, c)
    if (!order) return wpFail(invalidOrder(404))
    c.set('returned', [String(order.id)])
    return wpJson(orderDocument(shop, order, viewOf(shop, c)))
  })
  app.on(['PUT', 'POST', 'PATCH'], orderId, async (c) => {
    const result = updateOrder(shop, Number(c.req.param('id')), parseJson(await c.req.text()))
    if ('code' in result) return wpFail(result)
    c.set('returned', [String(result.id)])
    return wpJson(orderDocument(shop, result, viewOf(shop, c)))
  })
  app.delete(orderId, (c) => trashOrder(shop, c))
}

export function findOrder(shop: WooShop, c: Context<WooEnv>): WooOrder | undefined {
  return shop.orders.get(Number(c.req.param('id')))
}

export const invalidOrder = (status: 400 | 404): WpError => wpError('woocommerce_rest_shop_order_invalid_id', 'Invalid ID.', status)

export function viewOf(shop: WooShop, c: Context<WooEnv>): View {
  const places = asNumber(parsePhpQuery(rawSearch(c)).get('dp'))
  const home = siteUrl(shop, c)
  return places === undefined ? { home } : { home, places }
}

type Select = (query: ReadonlyMap<string, string>) => readonly WooOrder[] | WpError

/** Pages of one list are cut from one sorted selection until something in the shop changes. */
function cachedSelect(shop: WooShop): Select {
  const cache = new Map<string, readonly WooOrder[]>()
  let revision = -1
  return (query) => {
    if (shop.settings.listLagMs > 0) return selectOrders(shop, query)
    if (revision !== shop.revision || cache.size > 50) cache.clear()
    revision = shop.revision
    const kept = [...query].filter(([name]) => !/^(page|per_page|offset|dp|oauth_|consumer_)/.test(name))
    const key = JSON.stringify(kept.toSorted(([a], [b]) => a.localeCompare(b)))
    const hit = cache.get(key)
    if (hit) return hit
    const found = selectOrders(shop, query)
    if ('code' in found) return found
    cache.set(key, found)
    return found
  }
}

/** The second list somebody asks for has a page without records before its first. */
function oddPages(shop: WooShop): (query: ReadonlyMap<string, string>, page: number) => OddPage {
  let [lists, hollow]: [number, string | undefined] = [0, undefined]
  return (query, page) => {
    const { oddPaging } = shop.settings
    if (oddPaging !== 'empty-middle') {
      ;[lists, hollow] = [0, undefined]
      return oddPaging === 'repeat' ? 'repeat' : 'none'
    }
    const key = JSON.stringify([...query].filter(([name]) => !/^(page|oauth_|consumer_)/.test(name)))
    if (page === 1 && (lists += 1) === 2) hollow = key
    return key === hollow ? 'shifted' : 'none'
  }
}

function listOrders(shop: WooShop, c: Context<WooEnv>, select: Select, odd: ReturnType<typeof oddPages>): Response {
  const query = parsePhpQuery(rawSearch(c))
  const paging = readPaging(query)
  if ('code' in paging) return wpFail(paging)
  const found = select(query)
  if ('code' in found) return wpFail(found)
  const view = viewOf(shop, c)
  return sendPage({ shop, c, paging, all: found, odd: odd(query, paging.page), render: (order) => orderDocument(shop, order, view) })
}

function createOrder(shop: WooShop, c: Context<WooEnv>, input: unknown): Response {
  const body = asRecord(input)
  try {
    const status = asText(body['status']) ?? (body['set_paid'] === true ? 'processing' : 'pending')
    const lines = asList(body['line_items'])
      .map(asRecord)
      .map((line) => ({
        productId: asNumber(line['product_id']) ?? 0,
        variationId: asNumber(line['variation_id']) ?? 0,
        quantity: asNumber(line['quantity']) ?? 1,
        name: asText(line['name']) ?? `Product ${asText(line['product_id'])}`,
      }))
    const order = placeOrder(shop, { status, lines, customerNote: asText(body['customer_note']) ?? '' }, 'api')
    return wpJson(orderDocument(shop, order, viewOf(shop, c)), 201, { location: `${siteUrl(shop, c)}/wp-json/wc/v3/orders/${order.id}` })
  } catch (error) {
    if (error instanceof CheckoutRefused) return wpFail(wpError('woocommerce_rest_invalid_product_id', error.message, 400))
    throw error
  }
}

function updateOrder(shop: WooShop, id: number, input: unknown): WooOrder | WpError {
  const order = shop.orders.get(id)
  if (!order) return invalidOrder(400)
  const body = asRecord(input)
  const status = asText(body['status'])
  const known = [...coreStatuses, ...shop.settings.extraStatuses]
  if (status !== undefined && !known.includes(status)) return invalidParam({ status: `status is not one of ${known.join(', ')}.` })
  const edit: OrderEdit = {
    ...(typeof body['customer_note'] === 'string' ? { customerNote: body['customer_note'] } : {}),
    ...(Array.isArray(body['meta_data']) ? { meta: metaFrom(body['meta_data']) } : {}),
  }
  if (Object.keys(edit).length > 0) editOrder(shop, order, edit, 'api')
  if (typeof body['transaction_id'] === 'string') order.transactionId = body['transaction_id']
  if (body['set_paid'] === true && order.paidAt === null) changeStatus(shop, order, 'processing', 'api')
  if (status !== undefined) changeStatus(shop, order, status, 'api')
  return order
}

function metaFrom(list: readonly unknown[]): { key: string; value: unknown }[] {
  return list.filter(isRecord).flatMap((one) => (typeof one['key'] === 'string' ? [{ key: one['key'], value: one['value'] }] : []))
}

function batchOrders(shop: WooShop, c: Context<WooEnv>, input: unknown): Response {
  const updates = asList(asRecord(input)['update'])
  if (updates.length > 100) return wpFail(tooMany)
  const view = viewOf(shop, c)
  const update = updates.map((item) => {
    const id = asNumber(asRecord(item)['id']) ?? 0
    const result = updateOrder(shop, id, item)
    return 'code' in result ? { id, error: errorBody(result) } : orderDocument(shop, result, view)
  })
  return wpJson({ update })
}

export const tooMany: WpError = wpError('woocommerce_rest_request_entity_too_large', 'Unable to accept more than 100 items for this request.', 413)

function trashOrder(shop: WooShop, c: Context<WooEnv>): Response {
  const order = findOrder(shop, c)
  if (!order) return wpFail(invalidOrder(404))
  const document = orderDocument(shop, order, viewOf(shop, c))
  removeOrder(shop, order, 'api', c.req.query('force') === 'true')
  return wpJson(document)
}

/** Trash keeps the record under status `trash`; a forced delete forgets it. */
export function removeOrder(shop: WooShop, order: WooOrder, by: 'api' | 'seller', force: boolean): void {
  order.status = 'trash'
  order.modifiedAt = shop.second()
  if (force) shop.orders.delete(order.id)
  shop.revision += 1
  shop.ledger.record({ kind: 'order', orderId: String(order.id), change: 'deleted', by, status: 'trash' })
  shop.emit({ topic: 'order.deleted', order })
}
