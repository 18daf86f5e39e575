import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookState } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText, hmacBase64, hmacHex } from '../../src/kit/sign.ts'
import { hasGrant, read, write } from './client.ts'
import { TOPIC, type LoyverseCall, type LoyverseConfig, type LoyverseSecrets } from './manifest.ts'
import { nextOf, recordsIn } from './orders.ts'

/** HMAC-SHA1 of the raw body under the app's secret, as base64; clients that write it in hexadecimal digits exist. */
export function verifyWebhook(inbound: Inbound, secrets: LoyverseSecrets, _now: Date, config?: LoyverseConfig): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  const { clientSecret } = secrets
  if (clientSecret === undefined || clientSecret === '') return refuse('No client secret is set for this connection.')
  const given = inbound.headers['x-loyverse-signature'] ?? ''
  if (given === '') return refuse('The delivery carries no signature.')
  const made = [hmacBase64('sha1', clientSecret, inbound.body), hmacHex('sha1', clientSecret, inbound.body)]
  if (!made.some((one) => equalText(one, given))) return refuse('The signature of the delivery does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  return {
    deliveryId: createHash('sha256').update(inbound.body).digest('hex'),
    type: 'event',
    meta: { type: textField(doc, 'type') ?? '', ...(config === undefined ? {} : { store: config.storeId }) },
    reply: { status: 200, body: '' },
  }
}

/** Notices carry the receipts themselves, of all stores of the account. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  if ((textField(doc, 'type') ?? meta['type']) !== TOPIC) return { records: [], fetch: [] }
  return { records: recordsIn({ body, doc }, meta['store']), fetch: [] }
}

interface Hook {
  readonly id: string
  readonly url: string
  readonly type: string
  readonly enabled: boolean
}

const hookOf = (doc: unknown): Hook => ({
  id: textField(doc, 'id') ?? '',
  url: textField(doc, 'url') ?? '',
  type: textField(doc, 'type') ?? '',
  enabled: textField(doc, 'status') === 'ENABLED',
})

/** One subscription for this address, made with the seller's grant: what a personal token subscribes to comes without a signature. */
export async function ensureWebhooks(call: LoyverseCall, target: { readonly url: string }): Promise<WebhookState> {
  if (!hasGrant(call)) {
    const detail = 'Notices of a personal token are not signed and would be refused: enter an app’s client id, secret and refresh token.'
    return { healthy: false, detail, topics: [], ids: [], repaired: false }
  }
  const own = (await subscriptions(call)).filter(({ url }) => url === target.url)
  const [right] = own.filter(({ type, enabled }) => type === TOPIC && enabled)
  const strays = own.filter((hook) => hook !== right)
  for (const { id } of strays) await write(call, { method: 'DELETE', path: `webhooks/${encodeURIComponent(id)}` })
  const id = right?.id ?? (await made(call, target.url))
  return { healthy: true, detail: 'The subscription stands.', topics: [TOPIC], ids: [id], repaired: right === undefined || strays.length > 0 }
}

async function made(call: LoyverseCall, url: string): Promise<string> {
  const { doc } = await write(call, { method: 'POST', path: 'webhooks', body: { url, type: TOPIC, status: 'ENABLED' } })
  const id = textField(doc, 'id')
  if (id === undefined) throw unreadable('The answer does not name the subscription.')
  return id
}

async function subscriptions(call: LoyverseCall): Promise<readonly Hook[]> {
  const all: Hook[] = []
  for (let cursor: string | undefined; ;) {
    const { doc } = await read(call, 'webhooks', cursor === undefined ? {} : { cursor })
    if (!Array.isArray(field(doc, 'webhooks'))) throw unreadable('The answer holds no list of subscriptions.')
    all.push(...listField(doc, 'webhooks').map(hookOf))
    cursor = nextOf(doc, cursor)
    if (cursor === undefined) return all
  }
}
