import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookState } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { asList, field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import { read, write } from './client.ts'
import { isId, TOPICS, type TikTokCall, type TikTokConfig, type TikTokSecrets } from './manifest.ts'
import { signDelivery } from './signing.ts'

const OK = { status: 200, body: '{"code":0,"message":"success"}', contentType: 'application/json' } as const
const PATH = '/event/202309/webhooks'

/** `Authorization` = hex HMAC-SHA256(app key + the body as it came, app secret). Every notification has an id that repetitions keep. */
export function verifyWebhook(inbound: Inbound, secrets: TikTokSecrets, _now?: Date, config?: Pick<TikTokConfig, 'shopId'>): Delivery {
  const { appKey, appSecret } = secrets
  if (!appKey || !appSecret) throw refused('This connection has no app key and secret.')
  const given = inbound.headers['authorization'] ?? ''
  if (given === '') throw refused('The delivery carries no signature.')
  if (!equalText(given, signDelivery(appKey, inbound.body, appSecret))) throw refused('The signature of the delivery does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const [type, shop] = [textField(doc, 'type') ?? '', textField(doc, 'shop_id') ?? '']
  const isOther = config !== undefined && config.shopId !== '' && shop !== '' && shop !== config.shopId
  return {
    deliveryId: textField(doc, 'tts_notification_id') || createHash('sha256').update(inbound.body).digest('hex'),
    // One app serves many shops, and all of its deliveries may come to one address.
    type: isOther ? 'ping' : 'event',
    meta: { type, topic: TOPICS.get(type) ?? '', shop },
    reply: OK,
  }
}

const refused = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature', message })

/** A notification only says what happened to which order; it is read, and its after-sales with it. Of other topics nothing is wanted. */
export function readWebhook(body: string, _meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  const type = textField(doc, 'type') ?? ''
  if (!TOPICS.has(type)) return { records: [], fetch: [] }
  const data = field(doc, 'data')
  const packed = listField(data, 'package_list').flatMap((each) => asList(field(each, 'order_id_list')).map(String))
  const ids = [textField(data, 'order_id') ?? '', ...packed].filter(isId)
  if (ids.length === 0) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The delivery names no order.' })
  return { records: [], fetch: [...new Set(ids)].map((externalId) => ({ kind: 'order', externalId })) }
}

/** A shop has one address for each topic: those that point elsewhere are turned here, others of ours that are not wanted are removed. */
export async function ensureWebhooks(call: TikTokCall, target: { readonly url: string }): Promise<WebhookState> {
  const { data } = await read(call, { method: 'GET', path: PATH })
  const standing = listField(data, 'webhooks').map((each) => ({ topic: textField(each, 'event_type') ?? '', url: textField(each, 'address') ?? '' }))
  const topics = [...TOPICS.values()]
  const missing = topics.filter((topic) => !standing.some((each) => each.topic === topic && each.url === target.url))
  const strays = standing.filter(({ topic, url }) => url === target.url && !topics.includes(topic))
  for (const event_type of missing) await write(call, { method: 'PUT', path: PATH, body: { event_type, address: target.url } })
  for (const { topic } of strays) await write(call, { method: 'DELETE', path: PATH, body: { event_type: topic } })
  return { healthy: true, detail: 'Every topic points to this hub.', topics, ids: topics, repaired: missing.length > 0 || strays.length > 0 }
}
