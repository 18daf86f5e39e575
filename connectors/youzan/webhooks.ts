import type { Delivery, DeliveryContent, Inbound, WebhookRouting } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import type { YouzanConfig, YouzanSecrets } from './manifest.ts'
import { eventSign } from './signing.ts'

/** The channel counts a message as taken when the answer holds the word "success", within five seconds. */
const TAKEN = { status: 200, body: '{"code":0,"msg":"success"}', contentType: 'application/json; charset=utf-8' }

/**
 * `Event-Sign` covers the whole body as it came; the `sign` inside the body does not and is not looked at. A message that
 * comes again, some time out of order, keeps its `msg_id`; those without one are told apart by what they are about and its version.
 */
export function verifyWebhook(inbound: Inbound, secrets: YouzanSecrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  // Secrets come from the database, which the types know nothing of.
  const [id, secret]: readonly (string | undefined)[] = [secrets.clientId, secrets.clientSecret]
  if (!id || !secret) return refuse('No client id and secret are set for this connection.')
  const given = inbound.headers['event-sign'] ?? ''
  if (given === '') return refuse('The message carries no signature.')
  if (!equalText(given.toLowerCase(), eventSign(id, inbound.body, secret))) return refuse('The signature of the message does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const of = (name: string): string => textField(doc, name) ?? ''
  const type = of('type') || (inbound.headers['event-type'] ?? '')
  return {
    deliveryId: of('msg_id') || [type, of('kdt_id'), of('id'), of('version')].join('/'),
    type: of('test') === 'true' ? 'ping' : 'event',
    meta: { type, version: of('version'), kdtId: of('kdt_id') },
    reply: TAKEN,
  }
}

/** An app has one address for all shops; messages of a branch name its head office beside it. */
export const routeWebhook: WebhookRouting<YouzanConfig> = {
  shopsIn: ({ body }) => {
    const doc = parsedOrNothing(Buffer.from(body).toString('utf8'))
    return ['kdt_id', 'root_kdt_id'].flatMap((name) => textField(doc, name) ?? [])
  },
  shopOf: ({ kdtId, nodeKdtId }) => (nodeKdtId === '' ? kdtId : nodeKdtId),
}

/**
 * A message says that an order changed and is hours old at times, so the order is read, its refunds with it. Its number
 * is the `id` of messages about orders; those about refunds name it in `msg`.
 */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const type = meta['type'] ?? ''
  if (!/^(?:youzan_)?trade_/.test(type)) return { records: [], fetch: [] }
  const doc = parseJson(body)
  const message = messageOf(field(doc, 'msg'))
  const order = field(field(message, 'full_order_info'), 'order_info')
  const tid = [textField(message, 'tid'), textField(order, 'tid'), textField(doc, 'id')].find((each) => isOrderNo(each ?? ''))
  if (tid === undefined) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: tid }] }
}

/** "E" and digits; parts of a gift begin with "C". */
export const isOrderNo = (text: string): boolean => /^[A-Z]\d{10,30}$/.test(text)

/** Of older messages URL-encoded JSON, of newer ones an object. */
function messageOf(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return parsedOrNothing(decodeURIComponent(value.replaceAll('+', '%20')))
  } catch {
    return parsedOrNothing(value)
  }
}
