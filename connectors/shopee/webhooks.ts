import { createHash } from 'node:crypto'
import type { Delivery, DeliveryContent, Inbound, WebhookRouting } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { equalText } from '../../src/kit/sign.ts'
import type { ShopeeConfig, ShopeeSecrets } from './manifest.ts'
import { signPush } from './signing.ts'

/** Any 2xx with an empty body counts as taken; anything else comes again after 5 minutes, 30 minutes and 3 hours. */
const TAKEN = { status: 200, body: '' } as const
/** The trial of a newly entered address. */
const TRIAL = '0'
/** Messages that must name an order; of the others those that do are worth a look too. */
const ABOUT_ORDERS: ReadonlySet<string> = new Set(['3', '4'])

/** `Authorization` covers the address as entered at Shopee and the body as it came, under the key for pushes. */
export function verifyWebhook(inbound: Inbound, secrets: ShopeeSecrets): Delivery {
  const refuse = (message: string): never => {
    throw new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })
  }
  // Secrets come from the database, which the types know nothing of.
  const keys: readonly (string | undefined)[] = [secrets.pushKey, secrets.partnerKey]
  const key = keys.find((each) => each !== undefined && each !== '')
  if (key === undefined) return refuse('No push key is set for this connection.')
  const given = inbound.headers['authorization'] ?? ''
  if (given === '') return refuse('The message carries no signature.')
  if (!equalText(given, signPush(inbound.url, inbound.body, key))) return refuse('The signature of the message does not match.')
  const doc = parsedOrNothing(Buffer.from(inbound.body).toString('utf8'))
  const code = textField(doc, 'code') ?? ''
  return {
    // Older messages have no number of their own.
    deliveryId: textField(doc, 'msg_id') || createHash('sha256').update(inbound.body).digest('hex'),
    type: code === TRIAL ? 'ping' : 'event',
    meta: { code, shopId: textField(doc, 'shop_id') ?? '' },
    reply: TAKEN,
  }
}

/** An app has one address for all its shops. */
export const routeWebhook: WebhookRouting<ShopeeConfig> = {
  shopsIn: ({ body }) => {
    const shop = textField(parsedOrNothing(Buffer.from(body).toString('utf8')), 'shop_id')
    return shop === undefined ? [] : [shop]
  },
  shopOf: ({ shopId }) => shopId,
}

/** A message only says what happened to which order; the order is read, and its returns with it. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  const data = field(doc, 'data')
  // Fetched again after it was lost, a message carries its content as a text.
  const content = typeof data === 'string' ? parsedOrNothing(data) : data
  const sn = textField(content, 'ordersn') ?? textField(content, 'order_sn') ?? ''
  if (isOrderSn(sn)) return { records: [], fetch: [{ kind: 'order', externalId: sn }] }
  if (ABOUT_ORDERS.has(meta['code'] ?? textField(doc, 'code') ?? ''))
    throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The message names no order.' })
  return { records: [], fetch: [] }
}

/** Date, then letters and digits: "220810QSK8S7BX". */
export const isOrderSn = (text: string): boolean => /^[A-Z0-9]{8,32}$/.test(text)
