import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { KEY_LIST, type EbaySecrets } from './manifest.ts'
import { challengeAnswer, claimOf, isSigned } from './signing.ts'

/** The token the address answers challenges with: the connection's own secret, or its digest where eBay would not take its form. */
export const verificationToken = (secret: string): string =>
  /^[\w-]{32,80}$/.test(secret) ? secret : createHash('sha256').update(secret, 'utf8').digest('hex')

/** Keys by their id. Nothing at all when any of the list is not one: a damaged list must not half work. */
export function keysOf(secrets: Pick<EbaySecrets, 'notificationKeys'>): ReadonlyMap<string, string> {
  const list = secrets.notificationKeys ?? ''
  if (!KEY_LIST.test(list)) return new Map()
  return new Map(list.split(',').map((each): [string, string] => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]))
}

/**
 * A challenge (GET) is answered for whoever asks; it tells nothing. A notification is signed with a key of eBay's that its header names:
 * only keys of this connection count, and the body is looked at as it came.
 */
export function verifyWebhook(inbound: Inbound, secrets: EbaySecrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  const code = inbound.query['challenge_code']
  if (inbound.method === 'GET' && code !== undefined) {
    const secret = secrets.webhookSecret ?? ''
    if (secret === '' || code.length > 200) return refuse('This connection has no verification token.')
    const challengeResponse = challengeAnswer(code, verificationToken(secret), inbound.url.replace(/[?#].*$/, ''))
    const reply = { status: 200, body: JSON.stringify({ challengeResponse }), contentType: 'application/json' }
    return { deliveryId: `challenge/${code}`, type: 'ping', meta: {}, reply }
  }
  const keys = keysOf(secrets)
  if (keys.size === 0) return refuse('No public key of notifications is set for this connection.')
  const claim = claimOf(inbound.headers['x-ebay-signature'] ?? '')
  if (!claim) return refuse('The notification carries no signature of eBay’s form.')
  const key = keys.get(claim.kid)
  if (key === undefined)
    return refuse(`The notification was signed with a key that is not set here${/^[\w-]{1,64}$/.test(claim.kid) ? ` (${claim.kid})` : ''}.`)
  if (!isSigned(inbound.body, claim, key)) return refuse('The signature of the notification does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const id = textField(field(doc, 'notification'), 'notificationId') ?? createHash('sha256').update(inbound.body).digest('hex')
  const topic = textField(field(doc, 'metadata'), 'topic') ?? ''
  return { deliveryId: id, type: 'event', meta: { topic, kid: claim.kid }, reply: { status: 204, body: '' } }
}

/** A notification names an order, which is read. That a buyer has closed the account names none: what to do is said in the channel's page. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const topic = meta['topic'] ?? ''
  if (!/^ORDER_|^ITEM_MARKED_/.test(topic)) return { records: [], fetch: [] }
  const data = field(field(parseJson(body), 'notification'), 'data')
  const id = textField(data, 'orderId') ?? textField(field(data, 'order'), 'orderId')
  if (id === undefined) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The notification names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: id }] }
}
