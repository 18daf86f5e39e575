import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookRouting } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { parseJson } from '../../src/kit/json.ts'
import { asList, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import type { DouyinConfig, DouyinSecrets } from './manifest.ts'

/** What the channel wants to hear; anything else and it sends again. */
const OK = { status: 200, body: '{"code":0,"msg":"success"}', contentType: 'application/json' } as const
/** The trial of a newly entered address. */
const TRIAL = '0'

/** Several messages come in one body; `event-sign` = md5(app key + the body as it came + app secret). */
export function verifyWebhook(inbound: Inbound, secrets: DouyinSecrets): Delivery {
  const { appKey, appSecret } = secrets
  if (!appKey || !appSecret) throw refused('This connection has no app key and secret.')
  const given = inbound.headers['event-sign'] ?? ''
  if (given === '') throw refused('The delivery carries no signature.')
  const body = Buffer.from(inbound.body)
  if (!equalText(given, signatureOf(appKey, body, appSecret))) throw refused('The signature of the delivery does not match.')
  const tags = asList(parsedOrNothing(body.toString('utf8'))).map((message) => textField(message, 'tag') ?? '')
  return {
    deliveryId: createHash('sha256').update(body).digest('hex'),
    type: tags.length > 0 && tags.every((tag) => tag === TRIAL) ? 'ping' : 'event',
    meta: { tags: [...new Set(tags)].sort().join(',').slice(0, 200) },
    reply: OK,
  }
}

/** The bytes as they came: a body that is no UTF-8 must not be repaired before it is checked. */
const signatureOf = (appKey: string, body: Buffer, appSecret: string): string =>
  md5Hex(Buffer.concat([Buffer.from(appKey, 'utf8'), body, Buffer.from(appSecret, 'utf8')])).toLowerCase()

/** An app has one address; a body may hold messages of several of its shops, each named inside its content. */
export const routeWebhook: WebhookRouting<DouyinConfig> = {
  shopsIn: ({ body }) =>
    asList(parsedOrNothing(Buffer.from(body).toString('utf8'))).flatMap((message) => textField(contentOf(message), 'shop_id') ?? []),
  shopOf: ({ shopId }) => shopId,
}

/**
 * A message only says what happened to which order (`p_id`); the order is read, and its after-sales with it. `meta.shop` is
 * whose copy of a body for several shops this is.
 */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const messages = parseJson(body)
  if (!Array.isArray(messages)) throw new ChannelError({ kind: 'unreadable', code: 'no-list', message: 'The delivery is no list of messages.' })
  const { shop } = meta
  const ids = messages
    .filter((message: unknown) => /^[12]\d\d$/.test(textField(message, 'tag') ?? ''))
    .map((message: unknown) => contentOf(message))
    .filter((content) => shop === undefined || (textField(content, 'shop_id') ?? shop) === shop)
    .flatMap(orderOf)
  return { records: [], fetch: [...new Set(ids)].map((externalId) => ({ kind: 'order', externalId })) }
}

/** The content is JSON inside a text; of one that is not, nothing can be learned and the poll brings the order. */
const contentOf = (message: unknown): unknown => parsedOrNothing(textField(message, 'data') ?? '')

function orderOf(content: unknown): readonly string[] {
  const id = textField(content, 'p_id') ?? ''
  return /^[1-9]\d{0,19}$/.test(id) ? [id] : []
}

const refused = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature', message })
