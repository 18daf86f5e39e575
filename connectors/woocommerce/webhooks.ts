import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookState } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { asList, field, textField } from '../../src/kit/read.ts'
import { equalText, hmacBase64 } from '../../src/kit/sign.ts'
import { sendJson } from './client.ts'
import { TOPICS, type WooCall, type WooSecrets } from './manifest.ts'
import { orderRecord } from './orders.ts'
import { entryOf } from './pages.ts'

const OK = { status: 200, body: '' } as const

/**
 * Signature = base64(HMAC-SHA256(raw body, secret)). Creating a webhook makes the shop post an unsigned form
 * `webhook_id=N`, which is answered and forgotten; any other unsigned request is refused.
 */
export function verifyWebhook(inbound: Inbound, secrets: WooSecrets): Delivery {
  const secret = secrets.webhookSecret ?? ''
  const body = Buffer.from(inbound.body)
  if (secret === '') throw refused('This connection has no webhook secret.')
  const signature = inbound.headers['x-wc-webhook-signature']
  if (signature === undefined || signature === '') {
    const ping = /^webhook_id=(\d{1,20})$/.exec(body.toString('latin1'))
    if (inbound.method === 'POST' && ping) return { deliveryId: `ping-${ping[1] ?? ''}`, type: 'ping', meta: {}, reply: OK }
    throw refused('The delivery carries no signature.')
  }
  if (!equalText(signature, hmacBase64('sha256', secret, body))) throw refused('The signature of the delivery does not match.')
  const topic = inbound.headers['x-wc-webhook-topic'] ?? ''
  return {
    // The shop's own delivery id is a hash of webhook and second, shared by two deliveries of one second.
    deliveryId: createHash('sha256').update(topic).update('\n').update(body).digest('hex'),
    type: 'event',
    meta: { topic, webhookId: inbound.headers['x-wc-webhook-id'] ?? '', delivery: inbound.headers['x-wc-webhook-delivery-id'] ?? '' },
    reply: OK,
  }
}

/** The body is the order as the REST API shows it, or `{"id": N}` once it was deleted; other topics carry nothing for us. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  if (!(meta['topic'] ?? '').startsWith('order.')) return { records: [], fetch: [] }
  const id = textField(doc, 'id')
  if (id === undefined) {
    const code = textField(doc, 'code')
    const why = code?.startsWith('woocommerce_rest_cannot') ? 'The user who owns the webhook may not read orders.' : 'The delivery names no order.'
    throw new ChannelError({ kind: 'unreadable', code: code ?? 'no-order', message: why })
  }
  // The topic is not covered by the signature; what the body holds decides.
  if (field(doc, 'line_items') === undefined) return { records: [], fetch: [{ kind: 'order', externalId: id }] }
  return { records: [orderRecord(entryOf(doc, body))], fetch: [] }
}

interface Hook {
  readonly id: string
  readonly name: string
  readonly topic: string
  readonly status: string
  readonly url: string
}

/**
 * Our webhooks are known by their name, which ends in a fingerprint of the secret: the API never shows the secret, and a
 * rotated one must reach the shop. After five failures in a row WooCommerce disables a webhook; here it is woken up.
 * A webhook somebody paused is left alone and reported.
 */
export async function ensureWebhooks(call: WooCall, target: { readonly url: string; readonly secret: string }): Promise<WebhookState> {
  const ours = (await allHooks(call)).filter((hook) => hook.name.startsWith(prefixOf(call)) || hook.url === target.url)
  const kept: Hook[] = []
  let repaired = false
  for (const topic of TOPICS) {
    const [first, ...extra] = ours.filter((hook) => hook.topic === topic)
    const wanted = { name: nameOf(call, topic, target.secret), topic, url: target.url }
    const hook = first ? await repair(call, first, { ...wanted, secret: target.secret }) : await create(call, { ...wanted, secret: target.secret })
    repaired ||= hook !== first || extra.length > 0
    kept.push(hook)
    for (const stray of extra) await remove(call, stray)
  }
  for (const stray of ours.filter((hook) => !TOPICS.some((topic) => topic === hook.topic) && hook.name.startsWith(prefixOf(call)))) {
    await remove(call, stray)
    repaired = true
  }
  const sleeping = kept.filter((hook) => hook.status !== 'active')
  return {
    healthy: sleeping.length === 0,
    detail:
      sleeping.length === 0
        ? `${kept.length} webhooks are active.`
        : `Not active: ${sleeping.map((hook) => `${hook.topic} (${hook.status})`).join(', ')}.`,
    topics: kept.filter((hook) => hook.status === 'active').map((hook) => hook.topic),
    ids: kept.map((hook) => hook.id),
    repaired,
  }
}

async function allHooks(call: WooCall): Promise<readonly Hook[]> {
  const hooks: Hook[] = []
  for (let page = 1; page <= 20; page++) {
    const { doc } = await sendJson(call, { path: 'webhooks', query: { per_page: 100, page, status: 'all' } })
    const list = asList(doc)
    hooks.push(...list.map(hookOf))
    if (list.length < 100) break
  }
  return hooks
}

const hookOf = (doc: unknown): Hook => ({
  id: textField(doc, 'id') ?? '',
  name: textField(doc, 'name') ?? '',
  topic: textField(doc, 'topic') ?? '',
  status: textField(doc, 'status') ?? '',
  url: textField(doc, 'delivery_url') ?? '',
})

interface Wanted {
  readonly name: string
  readonly topic: string
  readonly url: string
  readonly secret: string
}

/** The very same object when nothing had to be changed. */
async function repair(call: WooCall, hook: Hook, wanted: Wanted): Promise<Hook> {
  const change = {
    ...(hook.name === wanted.name ? {} : { name: wanted.name, secret: wanted.secret }),
    ...(hook.url === wanted.url ? {} : { delivery_url: wanted.url }),
    ...(hook.status === 'disabled' ? { status: 'active' } : {}),
  }
  if (Object.keys(change).length === 0) return hook
  const { doc } = await sendJson(call, { method: 'PUT', path: `webhooks/${hook.id}`, body: change, idempotent: true })
  return hookOf(doc)
}

/** A doubled webhook after an unanswered try is removed by the next round. */
async function create(call: WooCall, wanted: Wanted): Promise<Hook> {
  const body = { name: wanted.name, topic: wanted.topic, delivery_url: wanted.url, secret: wanted.secret, status: 'active' }
  const { doc } = await sendJson(call, { method: 'POST', path: 'webhooks', body, idempotent: false })
  return hookOf(doc)
}

const remove = (call: WooCall, hook: Hook): Promise<unknown> =>
  sendJson(call, { method: 'DELETE', path: `webhooks/${hook.id}`, query: { force: true }, accept: [404], idempotent: true })

const prefixOf = (call: WooCall): string => `Channel Hub ${call.connectionId} `
const nameOf = (call: WooCall, topic: string, secret: string): string =>
  `${prefixOf(call)}${topic} ${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`

const refused = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature', message })
