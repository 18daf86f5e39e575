import { createHash, randomUUID } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookState } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText, hmacBase64 } from '../../src/kit/sign.ts'
import { read, write } from './client.ts'
import { TOPICS, type SquareCall, type SquareSecrets } from './manifest.ts'

/**
 * Signature = base64(HMAC-SHA256(address as subscribed + raw body, key of the subscription)). Source: WebhooksHelper of Square's SDKs.
 * The event has an id of its own, which every repetition keeps.
 */
export function verifyWebhook(inbound: Inbound, secrets: SquareSecrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  const { signatureKey } = secrets
  if (signatureKey === undefined || signatureKey === '') return refuse('No signature key is set for this connection.')
  const given = inbound.headers['x-square-hmacsha256-signature'] ?? ''
  if (given === '') return refuse('The delivery carries no signature.')
  const signed = Buffer.concat([Buffer.from(inbound.url, 'utf8'), inbound.body])
  if (!equalText(given, hmacBase64('sha256', signatureKey, signed))) return refuse('The signature of the delivery does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const type = textField(doc, 'type') ?? ''
  return {
    deliveryId: textField(doc, 'event_id') ?? createHash('sha256').update(inbound.body).digest('hex'),
    type: type === 'webhooks.test_notification' ? 'ping' : 'event',
    meta: { type, merchant: textField(doc, 'merchant_id') ?? '', retry: inbound.headers['square-retry-number'] ?? '' },
    reply: { status: 200, body: '' },
  }
}

/** Events only say which order changed; of refunds it is the return, whose sale is read with it. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  const type = textField(doc, 'type') ?? meta['type'] ?? ''
  if (!/^(?:order|refund)\./.test(type)) return { records: [], fetch: [] }
  const object = field(field(doc, 'data'), 'object')
  const inner = typeof object === 'object' && object !== null ? Object.values(object) : []
  const ids = inner.flatMap((each: unknown) => textField(each, 'order_id') ?? [])
  if (ids.length === 0) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The delivery names no order.' })
  return { records: [], fetch: ids.map((externalId) => ({ kind: 'order', externalId })) }
}

interface Hook {
  readonly id: string
  readonly enabled: boolean
  readonly topics: readonly string[]
  readonly url: string
  /** Shown when a subscription is made or read by its id. */
  readonly key: string | undefined
}

/**
 * One subscription for this address. Square switches one off that was not answered for weeks, and gives each a signature key
 * nobody chooses: when a new one had to be made, its key has to be entered here before deliveries pass.
 */
export async function ensureWebhooks(call: SquareCall, target: { readonly url: string }): Promise<WebhookState> {
  const not = (detail: string): WebhookState => ({ healthy: false, detail, topics: [], ids: [], repaired: false })
  const own = 'Subscriptions belong to the application: enter its own access token beside the seller’s grant, or subscribe by hand.'
  if (call.secrets.accessToken === undefined) return not(own)
  try {
    // The seller's grant does not reach them.
    return await ensured({ ...call, secrets: { ...call.secrets, refreshToken: undefined } }, target.url)
  } catch (error) {
    if (faultOf(error).kind !== 'unauthorized') throw error
    return not('Square did not take the application’s own access token for subscriptions.')
  }
}

async function ensured(call: SquareCall, url: string): Promise<WebhookState> {
  const [first, ...strays] = (await subscriptions(call)).filter((each) => each.url === url)
  for (const stray of strays) await write(call, { method: 'DELETE', path: `webhooks/subscriptions/${stray.id}` })
  const isRight = first !== undefined && first.enabled && TOPICS.every((topic) => first.topics.includes(topic))
  const hook = isRight ? await shown(call, first.id) : first ? await repaired(call, first) : await made(call, url)
  const { signatureKey } = call.secrets
  const fits = hook.key === undefined ? (signatureKey ?? '') !== '' : hook.key === signatureKey
  return {
    healthy: fits,
    detail: fits ? 'The subscription stands.' : 'The subscription stands, but its signature key is not the one entered here. Copy it from Square.',
    topics: [...TOPICS],
    ids: [hook.id],
    repaired: !isRight || strays.length > 0,
  }
}

const hookOf = (doc: unknown): Hook => ({
  id: textField(doc, 'id') ?? '',
  enabled: field(doc, 'enabled') !== false,
  topics: listField(doc, 'event_types').flatMap((each) => (typeof each === 'string' ? [each] : [])),
  url: textField(doc, 'notification_url') ?? '',
  key: textField(doc, 'signature_key'),
})

async function subscriptions(call: SquareCall): Promise<readonly Hook[]> {
  const all: Hook[] = []
  for (let cursor = ''; ;) {
    const query = new URLSearchParams({ include_disabled: 'true', ...(cursor === '' ? {} : { cursor }) })
    const { doc } = await read(call, { method: 'GET', path: `webhooks/subscriptions?${query.toString()}` })
    all.push(...listField(doc, 'subscriptions').map(hookOf))
    const next = textField(doc, 'cursor') ?? ''
    if (next === '' || next === cursor) return all
    cursor = next
  }
}

const oneOf = (doc: unknown): Hook => hookOf(field(doc, 'subscription'))

const shown = async (call: SquareCall, id: string): Promise<Hook> =>
  oneOf((await read(call, { method: 'GET', path: `webhooks/subscriptions/${id}` })).doc)

async function repaired(call: SquareCall, hook: Hook): Promise<Hook> {
  const topics = [...new Set([...hook.topics, ...TOPICS])]
  await write(call, { method: 'PUT', path: `webhooks/subscriptions/${hook.id}`, body: { subscription: { enabled: true, event_types: topics } } })
  return shown(call, hook.id)
}

/** The key of idempotency is new each time: a subscription that vanished must not come back as the answer of its first making. */
async function made(call: SquareCall, url: string): Promise<Hook> {
  const subscription = { name: 'Channel Hub', event_types: [...TOPICS], notification_url: url, api_version: call.config.apiVersion }
  const body = { idempotency_key: randomUUID(), subscription }
  return oneOf((await write(call, { method: 'POST', path: 'webhooks/subscriptions', body })).doc)
}
