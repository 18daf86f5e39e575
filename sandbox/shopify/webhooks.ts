import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { toDecimal } from '../stage/decimal.ts'
import type { JsonRecord } from '../stage/json-input.ts'
import type { ShopifyOrder, ShopifySubscription } from './model.ts'
import type { ShopifyEvent, ShopifyShop } from './shop.ts'
import { financialStatus, totalOf } from './shop.ts'

export interface WebhookTrouble {
  readonly drop?: number
  readonly duplicate?: number
  /** Extra milliseconds before a delivery, drawn up to this much. */
  readonly delayMs?: number
}

export interface ShopifyWebhooks {
  trouble: WebhookTrouble
  /** Waits until nothing is under way. */
  settled(): Promise<void>
  /** Sends a topic that belongs to no order: privacy requests, the end of an installation. */
  send(topic: string, url: string, body: JsonRecord): Promise<number>
  stop(): void
}

/** A subscription made by the API is removed after so many failures in a row. */
const allowedFailures = 8
const timeoutMs = 5000

const topicOf = (event: ShopifyEvent): string => event.toUpperCase().replace('/', '_')

/** Sends what subscribers asked for; the payload is the one of the moment it happened. */
export function createWebhooks(shop: ShopifyShop): ShopifyWebhooks {
  const running = new Set<Promise<void>>()
  const stopped = new AbortController()
  const self: ShopifyWebhooks = {
    trouble: {},
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
    send: (topic, url, body) => post(url, headersOf(shop, { topic, event: randomUUID(), text: JSON.stringify(body) }), JSON.stringify(body)),
    stop: () => stopped.abort(),
  }
  const later = async (
    hook: ShopifySubscription,
    given: { readonly topic: string; readonly event: string; readonly text: string; readonly order: string },
  ): Promise<void> => {
    const { drop = 0, duplicate = 0, delayMs = 0 } = self.trouble
    const wait = shop.settings.webhookDelayMs + (delayMs > 0 ? shop.random.int(0, delayMs) : 0)
    await sleep(wait, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
    if (stopped.signal.aborted || !shop.subscriptions.has(hook.id)) return
    const fact = { kind: 'webhook', webhookId: hook.id, topic: given.topic, resourceId: given.order } as const
    if (shop.random.chance(drop)) return shop.ledger.record({ ...fact, outcome: 'dropped', httpStatus: 0 })
    for (let n = shop.random.chance(duplicate) ? 2 : 1; n > 0; n -= 1) {
      const httpStatus = await post(hook.uri, headersOf(shop, given), given.text)
      const accepted = httpStatus >= 200 && httpStatus < 300
      hook.failures = accepted ? 0 : hook.failures + 1
      if (hook.failures >= allowedFailures) shop.subscriptions.delete(hook.id)
      shop.ledger.record({ ...fact, outcome: accepted ? 'delivered' : 'failed', httpStatus })
    }
  }
  shop.listeners.push((event, order, part) => {
    for (const hook of shop.subscriptions.values()) {
      if (hook.topic !== topicOf(event)) continue
      const text = JSON.stringify(only(payload(shop, event, { order, part }), hook.includeFields))
      const task = later(hook, { topic: event, event: randomUUID(), text, order: order.id })
      running.add(task)
      void task.finally(() => running.delete(task))
    }
  })
  return self
}

/** Shaped like the retired REST API: numbers for ids, decimal texts for money, the shop's clock. */
function payload(shop: ShopifyShop, event: ShopifyEvent, { order, part }: { readonly order: ShopifyOrder; readonly part: string }): JsonRecord {
  const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}+00:00`
  if (event === 'orders/delete') return { id: Number(order.id) }
  if (!event.startsWith('orders/')) {
    const type = event.startsWith('refunds') ? 'Refund' : 'Fulfillment'
    return { id: Number(part), admin_graphql_api_id: `gid://shopify/${type}/${part}`, order_id: Number(order.id), created_at: time(order.updatedAt) }
  }
  return {
    id: Number(order.id),
    admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
    name: `#${order.number}`,
    order_number: order.number,
    created_at: time(order.createdAt),
    updated_at: time(order.updatedAt),
    cancelled_at: order.cancelledAt === undefined ? null : time(order.cancelledAt),
    financial_status: financialStatus(order, shop.settings).toLowerCase(),
    fulfillment_status: null,
    currency: shop.settings.currency,
    total_price: toDecimal(totalOf(order, shop.settings), shop.settings.digits),
    line_items: order.lines.map((line) => ({ id: Number(line.id), sku: line.variant.sku, quantity: line.quantity })),
  }
}

const only = (body: JsonRecord, fields: readonly string[]): JsonRecord =>
  fields.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)))

function headersOf(
  shop: ShopifyShop,
  { topic, event, text }: { readonly topic: string; readonly event: string; readonly text: string },
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Shopify-Captain-Hook',
    'x-shopify-topic': topic,
    'x-shopify-shop-domain': 'sandbox.myshopify.com',
    'x-shopify-api-version': '2026-10',
    'x-shopify-webhook-id': randomUUID(),
    'x-shopify-event-id': event,
    'x-shopify-triggered-at': new Date(shop.clock.now()).toISOString(),
    'x-shopify-hmac-sha256': webhookSignature(text, shop.settings.clientSecret),
  }
}

/** Base64 of HMAC-SHA256 over the raw body. */
export const webhookSignature = (body: string, secret: string): string => createHmac('sha256', secret).update(body, 'utf8').digest('base64')

/** The status, or 0 when nobody answered in five seconds. Redirects are not followed. */
async function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}
