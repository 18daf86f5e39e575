import { createDecipheriv } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import { isOrderId } from './orders.ts'
import type { KuaishouSecrets } from './manifest.ts'

/** Within three seconds, or the message comes again. */
const TAKEN = { status: 200, body: '{"result":1}', contentType: 'application/json; charset=utf-8' }
/** Base64 as the channel writes it, nothing around it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9+/]{2}==$|^[A-Za-z0-9+/]{3}=$/

const refuse = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })

/**
 * Messages carry no signature: the whole body is AES-CBC under the app's own key, with nothing for a start vector. Who does not have the key
 * can make no document of it, and one of another app names that app. What is inside only ever makes the hub read an order.
 */
export function verifyWebhook(inbound: Inbound, secrets: KuaishouSecrets): Delivery {
  // Secrets come from the database, which the types know nothing of.
  const [key, appKey]: readonly (string | undefined)[] = [secrets.messageKey, secrets.appKey]
  if (!key || !appKey) throw refuse('No message key is set for this connection.')
  const doc = parsedOrNothing(decrypted(Buffer.from(inbound.body).toString('utf8'), key))
  if (typeof doc !== 'object' || doc === null) throw refuse('The message cannot be decrypted with this connection’s key.')
  // The trial of an address says nothing else, not even for which app.
  if (field(doc, 'test') === true && field(doc, 'event') === undefined) return { deliveryId: 'test', type: 'ping', meta: {}, reply: TAKEN }
  if (!equalText(textField(doc, 'appKey') ?? '', appKey)) throw refuse('The message is for another app.')
  const [event, info] = [textField(doc, 'event') ?? '', parsedOrNothing(textField(doc, 'info') ?? '')]
  return {
    deliveryId:
      textField(doc, 'eventId') ?? textField(doc, 'msgId') ?? `${event}/${textField(doc, 'bizId') ?? ''}/${textField(doc, 'createTime') ?? ''}`,
    type: 'event',
    // What is stored stays encrypted, so its numbers go along in clear.
    meta: { event, orderId: textField(info, 'oid') ?? textField(info, 'orderId') ?? '' },
    reply: TAKEN,
  }
}

function decrypted(body: string, key: string): string {
  if (!BASE64.test(body) || !BASE64.test(key)) throw refuse('The message or the key is not in the channel’s form.')
  try {
    const bytes = Buffer.from(key, 'base64')
    const decipher = createDecipheriv(`aes-${bytes.length * 8}-cbc`, bytes, Buffer.alloc(16))
    const clear = Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true }).decode(clear)
  } catch {
    throw refuse('The message cannot be decrypted with this connection’s key.')
  }
}

/** A message says that something changed, often late and twice: the order it names is read, and its after-sales with it. */
export function readWebhook(_body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const [event = '', orderId = ''] = [meta['event'], meta['orderId']]
  if (!/^kwaishop_(?:order|aftersales)_/.test(event)) return { records: [], fetch: [] }
  if (!isOrderId(orderId)) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [{ kind: 'order', externalId: orderId }] }
}
