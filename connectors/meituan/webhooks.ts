import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookRouting } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { equalText } from '../../src/kit/sign.ts'
import { manifest, type MeituanConfig, type MeituanSecrets } from './manifest.ts'
import { isOrderId } from './orders.ts'
import { signParameters } from './signing.ts'

type Parameters = Readonly<Record<string, string>>

const OK = { status: 200, body: '{"data":"ok"}', contentType: 'application/json;charset=utf-8' } as const
const MAX_AGE_SECONDS = manifest.capabilities.verifyWebhook.maxAgeSeconds

const refused = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })

/**
 * Deliveries are GETs or form POSTs with the signature of every call, over the address they were sent to. Their values are URL-encoded
 * once more than the form asks for, and signed without any encoding. A request without a single parameter is the trial of a new address.
 */
export function verifyWebhook(inbound: Inbound, secrets: MeituanSecrets, now: Date): Delivery {
  // Secrets come from the database, which the types know nothing of.
  const [appId, secret]: readonly (string | undefined)[] = [secrets.appId, secrets.appSecret]
  if (!appId || !secret) throw refused('This connection has no app id and secret.')
  const sent = parametersOf(inbound)
  if (Object.keys(sent).length === 0) return { deliveryId: 'trial', type: 'ping', meta: {}, reply: OK }
  const given = sent['sig'] ?? ''
  if (!/^[0-9a-fA-F]{32}$/.test(given)) throw refused('The delivery carries no signature.')
  const read = [opened(sent), sent].find((each) => equalText(given.toLowerCase(), signParameters(inbound.url, each, secret).signature))
  if (!read) throw refused('The signature of the delivery does not match.')
  if (read['app_id'] !== appId) throw refused('The delivery is for another app.')
  const seconds = Number(read['timestamp'] ?? Number.NaN)
  if (!(Math.abs(now.getTime() / 1000 - seconds) <= MAX_AGE_SECONDS)) throw refused('The time the delivery was signed at is over.')
  const orderId = read['order_id'] ?? read['wm_order_id_view'] ?? ''
  return {
    deliveryId: createHash('sha256')
      .update(signParameters(inbound.url, read, '').stringToSign)
      .digest('hex'),
    type: 'event',
    meta: {
      topic: topicOf(read),
      ...(isOrderId(orderId) ? { orderId } : {}),
      ...(read['app_poi_code'] === undefined ? {} : { shop: read['app_poi_code'] }),
    },
    reply: OK,
  }
}

const parametersOf = ({ query, body }: Pick<Inbound, 'query' | 'body'>): Parameters => {
  const text = Buffer.from(body).toString('utf8')
  return { ...query, ...(text === '' ? {} : Object.fromEntries(new URLSearchParams(text))) }
}

function opened(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value.replaceAll('+', '%20'))]
      } catch {
        return [name, value]
      }
    }),
  )
}

/** Each kind of message has an address of its own at the channel and no name; what it carries tells them apart. */
const topicOf = (parameters: Parameters): string =>
  parameters['refund_id'] !== undefined
    ? 'refund'
    : parameters['logistics_status'] !== undefined && parameters['status'] === undefined
      ? 'delivery'
      : 'order'

/** An app has one set of addresses for all its shops; messages about a step of an order do not name theirs. */
export const routeWebhook: WebhookRouting<MeituanConfig> = {
  shopsIn: (inbound) => [opened(parametersOf(inbound))['app_poi_code'] ?? []].flat(),
  shopOf: ({ shopId }) => shopId,
}

/** Whatever happened to an order: it is read, its refunds with it. */
export function readWebhook(_body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const { orderId } = meta
  if (orderId === undefined) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: orderId }] }
}
