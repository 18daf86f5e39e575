import type { Context, Hono } from 'hono'
import { toMinor } from '../stage/decimal.ts'
import { asFlag, asList, asNumber, asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import { readPaging } from './list-query.ts'
import type { WooNote, WooOrder } from './model.ts'
import { refundDocument } from './order-document.ts'
import { addNote } from './orders.ts'
import { sendPage } from './paging.ts'
import { parsePhpQuery } from './php-query.ts'
import { refundOrder } from './refunds.ts'
import { findOrder, invalidOrder, orderId } from './routes-orders.ts'
import type { WooShop } from './shop.ts'
import { wpError, wpFail, wpJson } from './wp-response.ts'

/** `/orders/{id}/refunds` and `/orders/{id}/notes`. */
export function orderChildRoutes(app: Hono<WooEnv>, shop: WooShop): void {
  app.get(`${orderId}/refunds`, (c) => withOrder(shop, c, (order) => listRefunds(shop, c, order)))
  app.get(`${orderId}/refunds/:refund{[0-9]+}`, (c) =>
    withOrder(shop, c, (order) => {
      const refund = order.refunds.find((one) => one.id === Number(c.req.param('refund')))
      if (!refund) return wpFail(wpError('woocommerce_rest_shop_order_refund_invalid_id', 'Invalid ID.', 404))
      return wpJson(refundDocument(shop, order, refund, siteUrl(shop, c)))
    }),
  )
  app.post(`${orderId}/refunds`, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return withOrder(shop, c, (order) => createRefund(shop, c, order, input))
  })
  app.get(`${orderId}/notes`, (c) =>
    withOrder(shop, c, (order) => wpJson(order.notes.map((note) => noteDocument(shop, order, note, siteUrl(shop, c))))),
  )
  app.post(`${orderId}/notes`, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return withOrder(shop, c, (order) => createNote(shop, c, order, input))
  })
}

export function withOrder(shop: WooShop, c: Context<WooEnv>, answer: (order: WooOrder) => Response): Response {
  const order = findOrder(shop, c)
  return order ? answer(order) : wpFail(invalidOrder(404))
}

function listRefunds(shop: WooShop, c: Context<WooEnv>, order: WooOrder): Response {
  const paging = readPaging(parsePhpQuery(rawSearch(c)))
  if ('code' in paging) return wpFail(paging)
  const home = siteUrl(shop, c)
  return sendPage({ shop, c, paging, all: order.refunds.toReversed(), render: (refund) => refundDocument(shop, order, refund, home) })
}

function createRefund(shop: WooShop, c: Context<WooEnv>, order: WooOrder, input: Readonly<Record<string, unknown>>): Response {
  const { digits } = shop.settings
  const amount = asText(input['amount'])
  const minorOf = (value: unknown): number | undefined => {
    const text = asText(value)
    return text === undefined ? undefined : toMinor(text, digits)
  }
  const minor = minorOf(amount)
  if (minor !== undefined && minor <= 0) {
    return wpFail(wpError('woocommerce_rest_invalid_order_refund', 'Refund amount must be greater than zero.', 400))
  }
  const lines = asList(input['line_items'])
    .map(asRecord)
    .map((line) => ({
      lineId: asNumber(line['id']) ?? 0,
      quantity: asNumber(line['quantity']) ?? 0,
      totalMinor: minorOf(line['refund_total']) ?? 0,
      taxMinor: refundTax(line['refund_tax'], minorOf),
    }))
  const refund = refundOrder(
    shop,
    order,
    {
      ...(minor === undefined ? {} : { minor }),
      reason: asText(input['reason']) ?? '',
      lines,
      restock: asFlag(input['api_restock']) ?? true,
      throughGateway: asFlag(input['api_refund']) ?? true,
    },
    'api',
  )
  if (!refund) return wpFail(wpError('woocommerce_rest_cannot_create_order_refund', 'Invalid refund amount.', 500))
  return wpJson(refundDocument(shop, order, refund, siteUrl(shop, c)), 201)
}

/** `refund_tax` is a list of {id, refund_total}, one per tax rate. */
function refundTax(value: unknown, minorOf: (value: unknown) => number | undefined): number {
  return asList(value)
    .map(asRecord)
    .reduce((sum, one) => sum + (minorOf(one['refund_total']) ?? 0), 0)
}

function createNote(shop: WooShop, c: Context<WooEnv>, order: WooOrder, input: Readonly<Record<string, unknown>>): Response {
  const text = asText(input['note'])
  if (text === undefined) {
    return wpFail(wpError('rest_missing_callback_param', 'Missing parameter(s): note', 400, { params: ['note'] }))
  }
  const note = addNote(shop, order, { text, toCustomer: asFlag(input['customer_note']) ?? false, author: 'system' })
  shop.ledger.record({ kind: 'order', orderId: String(order.id), change: 'noted', by: 'api', status: order.status })
  return wpJson(noteDocument(shop, order, note, siteUrl(shop, c)), 201)
}

function noteDocument(shop: WooShop, order: WooOrder, note: WooNote, home: string): Record<string, unknown> {
  const up = `${home}/wp-json/wc/v3/orders/${order.id}`
  return {
    id: note.id,
    author: note.author,
    date_created: shop.time.local(note.createdAt),
    date_created_gmt: shop.time.gmt(note.createdAt),
    note: note.text,
    customer_note: note.toCustomer,
    added_by_user: false,
    _links: { self: [{ href: `${up}/notes/${note.id}` }], collection: [{ href: `${up}/notes` }], up: [{ href: up }] },
  }
}
