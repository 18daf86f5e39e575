import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { equalText, hmacHex } from '../../src/kit/sign.ts'
import { read } from './client.ts'
import type { Secrets } from './manifest.ts'

/**
 * Vendure has no webhooks of its own; a plugin of a few lines posts `{ type, at, data }` signed by HMAC-SHA256, hex, in
 * `x-signature` (docs/channels/vendure.md has one). An event only says that something changed.
 */
export function verifyWebhook(inbound: Inbound, secrets: Secrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  if (!secrets.webhookSecret) return refuse('No event secret is set for this connection.')
  const given = inbound.headers['x-signature'] ?? ''
  if (!equalText(given.toLowerCase(), hmacHex('sha256', secrets.webhookSecret, inbound.body))) return refuse("The event's signature is wrong.")
  return {
    deliveryId: createHash('sha256').update(inbound.body).digest('hex'),
    type: 'event',
    meta: {},
    reply: { status: 200, body: 'ok', contentType: 'text/plain' },
  }
}

const event = z.object({
  type: z.string(),
  data: z.union([
    z.object({ id: z.union([z.string(), z.number()]).optional(), orderIds: z.array(z.union([z.string(), z.number()])).optional() }),
    z.array(z.unknown()),
  ]),
})

/** States of a cart on its way through the checkout: not an order yet. */
const CART_EVENTS: ReadonlySet<string> = new Set(['order.Created', 'order.Draft', 'order.AddingItems', 'order.ArrangingPayment'])

/** Orders to fetch: the one an `order.*` event is about, or those in `orderIds` (fulfilment events). */
export function readWebhook(body: string): DeliveryContent {
  const { type, data } = read(event, parseJson(body), 'event')
  if (Array.isArray(data) || CART_EVENTS.has(type)) return { records: [], fetch: [] }
  const own = type.startsWith('order.') && data.id !== undefined ? [data.id] : []
  const ids = [...new Set([...own, ...(data.orderIds ?? [])].map(String))]
  return { records: [], fetch: ids.map((externalId) => ({ kind: 'order' as const, externalId })) }
}
