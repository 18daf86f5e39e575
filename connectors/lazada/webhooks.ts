import type { Delivery, DeliveryContent, Inbound, WebhookRouting } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import type { LazadaConfig, LazadaSecrets } from './manifest.ts'
import { isOrderId } from './orders.ts'
import { pushSignature } from './signing.ts'

/** The channel looks at the status alone, and waits half a second for it. */
const TAKEN = { status: 200, body: '{"code":"0"}', contentType: 'application/json' } as const

/** Messages about orders (0) and about what goes back of them (10); all others are answered and left. */
const ABOUT_ORDERS: ReadonlySet<string> = new Set(['0', '10'])

/**
 * `Authorization` covers the app key and the whole body as it came. Messages carry no number of their own: one about the same
 * state of the same item is the same; its `timestamp` is that of the sending, which a repeat does not keep.
 */
export function verifyWebhook(inbound: Inbound, secrets: LazadaSecrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  // Secrets come from the database, which the types know nothing of.
  const [key, secret]: readonly (string | undefined)[] = [secrets.appKey, secrets.appSecret]
  if (!key || !secret) return refuse('No app key and secret are set for this connection.')
  const given = inbound.headers['authorization'] ?? ''
  if (given === '') return refuse('The message carries no signature.')
  if (!equalText(given, pushSignature(key, inbound.body, secret))) return refuse('The signature of the message does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const [seller, type, data] = [textField(doc, 'seller_id') ?? '', textField(doc, 'message_type') ?? '', field(doc, 'data')]
  const about = ['trade_order_id', 'trade_order_line_id', 'reverse_order_line_id', 'order_status', 'reverse_status', 'status_update_time'].map(
    (name) => textField(data, name) ?? '',
  )
  return {
    deliveryId: (about[0] ?? '') === '' ? given : [seller, type, ...about].join('/'),
    type: 'event',
    meta: { type, sellerId: seller },
    reply: TAKEN,
  }
}

/** An app has one address for the shops of all its sellers. */
export const routeWebhook: WebhookRouting<LazadaConfig> = {
  shopsIn: ({ body }) => [textField(parsedOrNothing(Buffer.from(body).toString('utf8')), 'seller_id') ?? ''].filter((id) => id !== ''),
  shopOf: ({ sellerId }) => sellerId,
}

/** A message says that something happened to an item of an order; the order is read, and what went back with it. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  if (!ABOUT_ORDERS.has(meta['type'] ?? '')) return { records: [], fetch: [] }
  const id = textField(field(parseJson(body), 'data'), 'trade_order_id') ?? ''
  if (!isOrderId(id)) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: id }] }
}
