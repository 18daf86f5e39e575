import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import { decryptPush, pushSignature, xmlText } from '../../src/kit/wechat-crypto.ts'
import { MAX_AGE_SECONDS, type WechatSecrets } from './manifest.ts'

const TAKEN = { status: 200, body: 'success', contentType: 'text/plain; charset=utf-8' }

const refuse = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })

/**
 * The trial of an address (GET with `echostr`) and messages in JSON or XML. Where an EncodingAESKey is set only encrypted ones pass: what
 * they hold is then known to come from somebody with the key, and for this shop. Without one the signature covers the time alone, which is
 * why a message never is more than the number of an order to be read.
 */
export function verifyWebhook(inbound: Inbound, secrets: WechatSecrets, now: Date): Delivery {
  // Secrets come from the database, which the types know nothing of.
  const [token, key, appId]: readonly (string | undefined)[] = [secrets.pushToken, secrets.encodingAesKey, secrets.appId]
  const { query } = inbound
  if (!token || !appId) throw refuse('No token of the message push is set for this connection.')
  const [timestamp = '', nonce = ''] = [query['timestamp'], query['nonce']]
  if (!/^\d{10}$/.test(timestamp) || nonce === '') throw refuse('The message carries no time and nonce.')
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > MAX_AGE_SECONDS) throw refuse('The time the message was signed at is over.')
  if (inbound.method === 'GET') {
    check(query['signature'], [token, timestamp, nonce])
    const echo = query['echostr'] ?? ''
    return { deliveryId: `${timestamp}/${nonce}`, type: 'ping', meta: {}, reply: { ...TAKEN, body: echo } }
  }
  const body = Buffer.from(inbound.body).toString('utf8')
  const text = key || query['encrypt_type'] === 'aes' ? decrypted(inbound, { body, token, key: key ?? '', appId }) : body
  if (text === body) check(query['signature'], [token, timestamp, nonce])
  return deliveryOf(text)
}

/** `msg_signature` covers what is encrypted; the other one is not looked at. White space around it changes nothing. */
function decrypted(inbound: Inbound, given: { readonly body: string; readonly token: string; readonly key: string; readonly appId: string }): string {
  const { query } = inbound
  const encrypt = memberOf(given.body, 'Encrypt') ?? ''
  if (encrypt === '') throw refuse('The message is not encrypted, though this connection has an EncodingAESKey.')
  if (given.key === '') throw refuse('The message is encrypted, and no EncodingAESKey is set for this connection.')
  check(query['msg_signature'], [given.token, query['timestamp'] ?? '', query['nonce'] ?? '', encrypt])
  const message = decryptPush(encrypt, given.key)
  if (!equalText(message.receiver, given.appId)) throw refuse('The message is for another shop.')
  return message.text
}

function check(claimed: string | undefined, parts: readonly string[]): void {
  if (claimed === undefined || !equalText(claimed, pushSignature(parts))) throw refuse('The signature of the message does not match.')
}

/** A member of a message in either dress. */
function memberOf(text: string, name: string): string | undefined {
  return text.trimStart().startsWith('<') ? xmlText(text, name) : textField(parsedOrNothing(text), name)
}

/** Repeated messages are the same text under another nonce. Its numbers go into `meta`: what is stored may be encrypted. */
function deliveryOf(text: string): Delivery {
  const isXml = text.trimStart().startsWith('<')
  const doc = isXml ? undefined : parsedOrNothing(text)
  const inner = (container: string, name: string): string =>
    (isXml ? xmlText(xmlBlock(text, container), name) : textField(field(doc, container), name)) ?? ''
  const meta = {
    event: memberOf(text, 'Event') ?? '',
    orderId: inner('order_info', 'order_id') || inner('finder_shop_aftersale_status_update', 'order_id'),
    refundId: inner('finder_shop_aftersale_status_update', 'after_sale_order_id'),
  }
  return { deliveryId: createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32), type: 'event', meta, reply: TAKEN }
}

const xmlBlock = (xml: string, name: string): string => new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? ''

/** A message says that something changed: the order it names is read, and its refunds with it. */
export function readWebhook(_body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const [event = '', orderId = ''] = [meta['event'], meta['orderId']]
  if (!/^channels_ec_(?:order|aftersale)_/.test(event)) return { records: [], fetch: [] }
  if (!/^\d{5,20}$/.test(orderId)) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: orderId }] }
}
