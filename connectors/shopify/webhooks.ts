import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, DeliveryContent, Inbound, WebhookState } from '../../src/core/connector.ts'
import type { PrivacyNotice } from '../../src/core/webhook.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, textField } from '../../src/kit/read.ts'
import { equalText, hmacBase64 } from '../../src/kit/sign.ts'
import { mutate, query, readUserErrors, refusalOf } from './client.ts'
import { RESUBSCRIBE, SUBSCRIBE, SUBSCRIPTIONS, UNSUBSCRIBE } from './documents.ts'
import { shortId } from './ids.ts'
import { TOPICS, type Secrets, type ShopifyCall } from './manifest.ts'

/** Webhooks carry `X-Shopify-…`, the newer events `shopify-…`; header names are lower-case here. */
const headerOf = (inbound: Inbound, name: string): string => inbound.headers[`x-shopify-${name}`] ?? inbound.headers[`shopify-${name}`] ?? ''

/**
 * Signature = base64(HMAC-SHA256(raw body, client secret)). The headers are not signed: the topic only chooses which member
 * names the order. A retry carries the payload and the address of its first sending, hours old at times, so a delivery is
 * taken as a notice and the order is read. The three privacy topics become requests that a person confirms.
 */
export function verifyWebhook(inbound: Inbound, secrets: Secrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  const known = [secrets.clientSecret, secrets.previousClientSecret].flatMap((secret) => (secret ? [secret] : []))
  if (known.length === 0) return refuse('No client secret is set for this connection.')
  const given = headerOf(inbound, 'hmac-sha256')
  if (given === '') return refuse('The delivery carries no signature.')
  if (!known.some((secret) => equalText(given, hmacBase64('sha256', secret, inbound.body))))
    return refuse('The signature of the delivery does not match.')
  const topic = headerOf(inbound, 'topic') || [headerOf(inbound, 'handle'), headerOf(inbound, 'action')].filter((part) => part !== '').join('/')
  const event = headerOf(inbound, 'event-id') || headerOf(inbound, 'webhook-id') || createHash('sha256').update(inbound.body).digest('hex')
  return {
    // One event may be told under several topics, each a delivery of its own.
    deliveryId: `${topic}/${event}`,
    type: 'event',
    meta: {
      topic,
      event,
      resource: headerOf(inbound, 'resource-id'),
      triggeredAt: headerOf(inbound, 'triggered-at'),
      apiVersion: headerOf(inbound, 'api-version'),
    },
    reply: { status: 200, body: '' },
  }
}

/** Bodies are shaped like the old REST API: an order has its own `id`, its refunds and fulfilments name it in `order_id`. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const topic = (meta['topic'] ?? '').toLowerCase()
  const doc = parseJson(body)
  const privacy = readPrivacy(topic, doc)
  if (privacy) return { records: [], fetch: [], privacy }
  const isPart = topic.startsWith('refunds') || topic.startsWith('fulfillments')
  if (!topic.startsWith('order') && !isPart) return { records: [], fetch: [] }
  const nested = topic.startsWith('orders') ? (field(doc, 'order_edit') ?? doc) : doc
  const id = (isPart ? undefined : textField(nested, 'id')) ?? textField(nested, 'order_id') ?? shortId(meta['resource'] ?? '')
  // `orders/edited` names the edit in `id` and the order in `order_id`.
  const order = textField(nested, 'order_id') ?? id
  if (!/^\d{1,20}$/.test(order)) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The delivery names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: order }] }
}

/**
 * The three topics every app of Shopify's store has to answer (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance): what is held of
 * a customer, its erasure, and, two days after an app was removed, the erasure of all of a shop. Orders are named by number; none means that
 * there is none to erase.
 */
function readPrivacy(topic: string, doc: unknown): PrivacyNotice | undefined {
  const orders = (name: string): readonly string[] => {
    const listed = field(doc, name)
    return Array.isArray(listed) ? listed.map(String).filter((id) => /^\d{1,20}$/.test(id)) : []
  }
  if (topic === 'customers/redact') return { ask: 'erase', orders: orders('orders_to_redact') }
  if (topic === 'shop/redact') return { ask: 'erase-all', orders: [] }
  if (topic !== 'customers/data_request') return undefined
  const reference = textField(field(doc, 'data_request'), 'id')
  return { ask: 'export', orders: orders('orders_requested'), ...(reference !== undefined && { reference }) }
}

/** What a delivery needs to say: which order. Less of the buyer travels and less is stored. */
const FIELDS = ['id', 'admin_graphql_api_id', 'order_id', 'updated_at']

const subscription = z.object({ id: z.string(), topic: z.string(), uri: z.string(), format: z.string(), includeFields: z.array(z.string()) })
type Subscription = z.output<typeof subscription>
const page = z.object({
  webhookSubscriptions: z.object({ nodes: z.array(subscription), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }) }),
})

/**
 * Shopify drops a subscription after eight failed deliveries in a row, without a word: what is missing is made again, what
 * points elsewhere is turned here. The app's client secret signs, whatever `target.secret` says. Subscriptions of other
 * addresses are somebody else's.
 */
export async function ensureWebhooks(call: ShopifyCall, target: { readonly url: string; readonly secret: string }): Promise<WebhookState> {
  if (call.secrets.clientSecret === undefined) {
    return {
      healthy: false,
      detail: 'Without the client secret webhooks cannot be checked; orders are polled.',
      topics: [],
      ids: [],
      repaired: false,
    }
  }
  const ours = (await subscriptions(call)).filter((each) => each.uri === target.url || isOldAddress(each.uri, target.url))
  const ids: string[] = []
  let repaired = false
  for (const topic of TOPICS) {
    const [first, ...strays] = ours.filter((each) => each.topic === topic)
    const { id, changed } = await stand(call, { topic, url: target.url }, first)
    if (id !== undefined) ids.push(id)
    repaired ||= changed || strays.length > 0
    for (const stray of strays) await remove(call, stray)
  }
  for (const stray of ours.filter((each) => !TOPICS.some((topic) => topic === each.topic))) {
    await remove(call, stray)
    repaired = true
  }
  return { healthy: true, detail: `${TOPICS.length} subscriptions stand.`, topics: [...TOPICS], ids, repaired }
}

/** The same door (the last step of the path is the connection's own) under an address the hub had before. */
const isOldAddress = (uri: string, url: string): boolean => {
  const door = url.split('/').at(-1) ?? ''
  return door.length >= 16 && URL.canParse(uri) && new URL(uri).pathname.endsWith(`/hooks/${door}`)
}

const isRight = (one: Subscription, url: string): boolean =>
  one.uri === url && one.format === 'JSON' && FIELDS.every((name) => one.includeFields.includes(name))

async function subscriptions(call: ShopifyCall): Promise<readonly Subscription[]> {
  const all: Subscription[] = []
  for (let after: string | null = null; ;) {
    const { data } = await query(call, SUBSCRIPTIONS, { after })
    const { nodes, pageInfo }: z.output<typeof page>['webhookSubscriptions'] = readAnswer(page, data, 'subscriptions').webhookSubscriptions
    all.push(...nodes)
    if (!pageInfo.hasNextPage || !pageInfo.endCursor || pageInfo.endCursor === after) return all
    after = pageInfo.endCursor
  }
}

interface Standing {
  /** Undefined for a subscription of the app's own settings: it delivers here, and the API does not show it. */
  readonly id: string | undefined
  readonly changed: boolean
}

/** A subscription as wanted, made or turned where that was needed. */
async function stand(
  call: ShopifyCall,
  wanted: { readonly topic: string; readonly url: string },
  first: Subscription | undefined,
): Promise<Standing> {
  if (first && isRight(first, wanted.url)) return { id: first.id, changed: false }
  const input = { uri: wanted.url, format: 'JSON', includeFields: FIELDS }
  if (first) {
    check((await mutate(call, RESUBSCRIBE, { id: first.id, subscription: input })).data, 'webhookSubscriptionUpdate')
    return { id: first.id, changed: true }
  }
  const { data } = await mutate(call, SUBSCRIBE, { topic: wanted.topic, subscription: input })
  const [error] = readUserErrors(field(field(data, 'webhookSubscriptionCreate'), 'userErrors'))
  if (error && /already been taken/i.test(error.message)) return { id: undefined, changed: false }
  const made = check(data, 'webhookSubscriptionCreate')
  return { id: textField(field(made, 'webhookSubscription'), 'id') ?? '', changed: true }
}

const remove = async (call: ShopifyCall, stray: Subscription): Promise<unknown> =>
  check((await mutate(call, UNSUBSCRIBE, { id: stray.id })).data, 'webhookSubscriptionDelete')

/** A refused subscription is a matter of settings: an address that is not https, a topic the app may not have. */
function check(data: unknown, mutation: string): unknown {
  const payload = field(data, mutation)
  const [error] = readUserErrors(field(payload, 'userErrors'))
  if (error) throw new ChannelError({ ...refusalOf(error), kind: 'misconfigured' })
  return payload
}
