import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { equalText, hmacHex } from '../../src/kit/sign.ts'
import type { Secrets } from './manifest.ts'

/**
 * Medusa has no webhooks of its own; a subscriber of a few lines posts `{ type, at, data }` signed by HMAC-SHA256, hex, in
 * `x-signature` (docs/channels/medusa.md has one). An event only says that something changed.
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

/** Orders to fetch: the one an `order.*` event names, the `order_id` of others, and those the subscriber looked up (`orderIds`). */
export function readWebhook(body: string): DeliveryContent {
  const doc = parseJson(body)
  const [type, data] = [textField(doc, 'type'), field(doc, 'data')]
  if (type === undefined || typeof data !== 'object') throw unreadable('The event has no type or no data.')
  const events = Array.isArray(data) ? data : [data]
  const ids = events.flatMap((event: unknown) => {
    const own = type.startsWith('order.') ? textField(event, 'id') : undefined
    return [textField(event, 'order_id') ?? own, ...listField(event, 'orderIds').map((id) => (typeof id === 'string' ? id : undefined))]
  })
  const orders = [...new Set([...ids, ...listField(doc, 'orderIds')])].filter((id): id is string => typeof id === 'string' && /^order_\w+$/.test(id))
  return { records: [], fetch: orders.map((externalId) => ({ kind: 'order', externalId })) }
}
