import type { Context, Hono } from 'hono'
import { asList, asNumber, asRecord, asText, isRecord, parseJson } from '../stage/json-input.ts'
import type { Actor } from '../stage/ledger.ts'
import type { WooEnv } from './env.ts'
import type { WooFulfilment, WooMeta, WooOrder, WooTracking } from './model.ts'
import { editOrder } from './orders.ts'
import { withOrder } from './routes-order-children.ts'
import { orderId } from './routes-orders.ts'
import type { WooShop } from './shop.ts'
import { fulfilledItems } from './shop.ts'
import type { WpError } from './wp-response.ts'
import { noRoute, wpError, wpFail, wpJson } from './wp-response.ts'

/** Core fulfilments (a feature that is off by default) and the Shipment Tracking plugin's own namespace. */
export function shipmentRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  const path = `${orderId}/fulfillments`
  const one = `${path}/:fulfilment{[0-9]+}`
  const guarded = (c: Context<WooEnv>, answer: (order: WooOrder) => Response): Response =>
    shop.settings.fulfilments ? withOrder(shop, c, answer) : wpFail(noRoute)
  app.get(path, (c) => guarded(c, (order) => wpJson(alive(order).map((each) => fulfilmentDocument(shop, order, each)))))
  app.post(path, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return guarded(c, (order) => {
      const made = fulfil(shop, order, input, 'api')
      return 'code' in made ? wpFail(made) : wpJson(fulfilmentDocument(shop, order, made), 201)
    })
  })
  app.get(one, (c) => guarded(c, (order) => withFulfilment(c, order, (each) => wpJson(fulfilmentDocument(shop, order, each)))))
  app.get(`${one}/metadata`, (c) => guarded(c, (order) => withFulfilment(c, order, (each) => wpJson(each.meta))))
  app.on(['PUT', 'PATCH'], one, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return guarded(c, (order) => withFulfilment(c, order, (each) => changeFulfilment(shop, order, each, input)))
  })
  app.delete(one, (c) => guarded(c, (order) => withFulfilment(c, order, (each) => deleteFulfilment(shop, order, each))))
  trackingRoutes(app, shop)
}

const alive = (order: WooOrder): WooFulfilment[] => order.fulfilments.filter((one) => one.deletedAt === null)

function withFulfilment(c: Context<WooEnv>, order: WooOrder, answer: (one: WooFulfilment) => Response): Response {
  const found = alive(order).find((one) => one.id === Number(c.req.param('fulfilment')))
  return found ? answer(found) : wpFail(wpError('woocommerce_rest_fulfillment_invalid_id', 'Invalid fulfillment ID.', 404))
}

/** Creates a fulfilment; an error where the wire shape or the quantities do not hold. */
export function fulfil(shop: WooShop, order: WooOrder, input: Readonly<Record<string, unknown>>, by: Actor): WooFulfilment | WpError {
  if (!Array.isArray(input['meta_data'])) {
    return wpError('rest_missing_callback_param', 'Missing parameter(s): meta_data', 400, { params: ['meta_data'] })
  }
  const meta = readMeta(shop, input['meta_data'])
  const refusal = checkItems(order, meta, undefined)
  if (refusal) return refusal
  const made: WooFulfilment = {
    id: shop.nextId('fulfilment'),
    status: asText(input['status']) ?? 'unfulfilled',
    meta,
    updatedAt: shop.second(),
    deletedAt: null,
  }
  order.fulfilments.push(made)
  recordShipment(shop, order, made, 'created', by)
  return made
}

function readMeta(shop: WooShop, list: readonly unknown[]): WooMeta[] {
  return list.filter(isRecord).map((one) => ({ id: shop.nextId('meta'), key: asText(one['key']) ?? '', value: one['value'] }))
}

function checkItems(order: WooOrder, meta: readonly WooMeta[], except: WooFulfilment | undefined): WpError | undefined {
  const items = fulfilledItems(meta)
  const bad = (message: string): WpError => wpError('woocommerce_fulfillment_error', message, 400)
  if (items.length === 0) return bad('The fulfillment should contain at least one item.')
  for (const { itemId, quantity } of items) {
    const line = order.lines.find((one) => one.id === itemId)
    if (!line) return bad('Invalid item.')
    if (!Number.isInteger(quantity) || quantity <= 0) return bad('Invalid item quantity.')
    const others = alive(order)
      .filter((one) => one !== except)
      .flatMap((one) => fulfilledItems(one.meta))
    const taken = others.filter((one) => one.itemId === itemId).reduce((sum, one) => sum + one.quantity, 0)
    if (taken + quantity > line.quantity) return bad('The quantity of an item exceeds what is left to fulfill.')
  }
  return undefined
}

function changeFulfilment(shop: WooShop, order: WooOrder, one: WooFulfilment, input: Readonly<Record<string, unknown>>): Response {
  const meta = Array.isArray(input['meta_data']) ? readMeta(shop, input['meta_data']) : one.meta
  const refusal = checkItems(order, meta, one)
  if (refusal) return wpFail(refusal)
  one.meta = meta
  one.status = asText(input['status']) ?? one.status
  one.updatedAt = shop.second()
  recordShipment(shop, order, one, 'updated', 'api')
  return wpJson(fulfilmentDocument(shop, order, one))
}

function deleteFulfilment(shop: WooShop, order: WooOrder, one: WooFulfilment): Response {
  one.deletedAt = shop.second()
  recordShipment(shop, order, one, 'deleted', 'api')
  return wpJson({ message: 'Fulfillment deleted successfully.' })
}

function recordShipment(shop: WooShop, order: WooOrder, one: WooFulfilment, action: 'created' | 'updated' | 'deleted', by: Actor): void {
  const text = (key: string): string => asText(one.meta.find((each) => each.key === key)?.value) ?? ''
  shop.revision += 1
  shop.ledger.record({
    kind: 'shipment',
    orderId: String(order.id),
    shipmentId: String(one.id),
    action,
    status: one.status,
    by,
    carrier: text('_shipping_provider') || text('_shipment_provider'),
    trackingNumber: text('_tracking_number'),
    lines: fulfilledItems(one.meta).map(({ itemId, quantity }) => ({ lineId: String(itemId), quantity })),
  })
}

function fulfilmentDocument(shop: WooShop, order: WooOrder, one: WooFulfilment): Record<string, unknown> {
  const local = (at: number): string => shop.time.gmt(at).replace('T', ' ')
  return {
    id: one.id,
    entity_type: 'WC_Order',
    entity_id: String(order.id),
    status: one.status,
    is_fulfilled: one.status === 'fulfilled',
    date_updated: local(one.updatedAt),
    date_deleted: one.deletedAt === null ? null : local(one.deletedAt),
    meta_data: one.meta,
  }
}

function trackingRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  const path = '/wp-json/wc-shipment-tracking/v3/orders/:id{[0-9]+}/shipment-trackings'
  const guarded = (c: Context<WooEnv>, answer: (order: WooOrder) => Response): Response =>
    shop.settings.shipmentTracking ? withOrder(shop, c, answer) : wpFail(noRoute)
  app.get(path, (c) => guarded(c, (order) => wpJson(order.trackings.map(trackingDocument))))
  app.post(path, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return guarded(c, (order) => wpJson(trackingDocument(addTracking(shop, order, input)), 201))
  })
  app.get(`${path}/:tracking{[0-9a-f]+}`, (c) => guarded(c, (order) => wpFailOr(order, c.req.param('tracking') ?? '')))
  app.delete(`${path}/:tracking{[0-9a-f]+}`, (c) =>
    guarded(c, (order) => {
      const answer = wpFailOr(order, c.req.param('tracking') ?? '')
      order.trackings = order.trackings.filter((one) => one.id !== c.req.param('tracking'))
      return answer
    }),
  )
}

function wpFailOr(order: WooOrder, id: string): Response {
  const found = order.trackings.find((one) => one.id === id)
  return found
    ? wpJson(trackingDocument(found))
    : wpFail(wpError('woocommerce_rest_order_shipment_tracking_invalid_id', 'Invalid shipment tracking ID.', 404))
}

function addTracking(shop: WooShop, order: WooOrder, input: Readonly<Record<string, unknown>>): WooTracking {
  const tracking: WooTracking = {
    id: shop.random.hex(32),
    provider: asText(input['custom_tracking_provider']) ?? asText(input['tracking_provider']) ?? '',
    link: asText(input['custom_tracking_link']) ?? '',
    number: asText(input['tracking_number']) ?? '',
    dateShipped: (asText(input['date_shipped']) ?? shop.time.local(shop.second())).slice(0, 10),
  }
  order.trackings = [...order.trackings, tracking]
  editOrder(shop, order, { meta: [{ key: '_wc_shipment_tracking_items', value: order.trackings.map(trackingDocument) }] }, 'api')
  const lines = asList(input['products_list'])
    .map(asRecord)
    .map((one) => ({ lineId: asText(one['item_id']) ?? '', quantity: asNumber(one['qty']) ?? 0 }))
  shop.ledger.record({
    kind: 'shipment',
    orderId: String(order.id),
    shipmentId: tracking.id,
    action: 'created',
    status: 'fulfilled',
    by: 'api',
    carrier: tracking.provider,
    trackingNumber: tracking.number,
    lines,
  })
  return tracking
}

function trackingDocument(one: WooTracking): Record<string, unknown> {
  return {
    tracking_id: one.id,
    tracking_provider: one.provider,
    tracking_link: one.link,
    tracking_number: one.number,
    date_shipped: one.dateShipped,
  }
}
