import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { isPayNotice, openPayResource, PAY_NOTICE_SECONDS, payNoticeText } from '../../src/kit/wechatpay.ts'
import type { MiniSecrets } from './manifest.ts'

const refuse = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature-invalid', message })

/**
 * A notice of WeChat Pay. The signature covers time, nonce and the whole body; what was paid is opened to know that it is this app's, and
 * only the number of the payment is kept of it. The same notice keeps its id however often it comes.
 */
export function verifyWebhook(inbound: Inbound, secrets: MiniSecrets, now: Date): Delivery {
  // Secrets come from the database, which the types know nothing of.
  const [keys, apiV3Key, appId]: readonly (string | undefined)[] = [secrets.platformKey, secrets.apiV3Key, secrets.appId]
  if (!keys || !apiV3Key || !appId) throw refuse('No platform key and APIv3 key of WeChat Pay are set for this connection.')
  const header = (name: string): string => inbound.headers[`wechatpay-${name}`] ?? ''
  const [timestamp, nonce] = [header('timestamp'), header('nonce')]
  if (!/^\d{10}$/.test(timestamp) || nonce === '') throw refuse('The notice carries no time and nonce.')
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > PAY_NOTICE_SECONDS) throw refuse('The time the notice was signed at is over.')
  const body = Buffer.from(inbound.body).toString('utf8')
  if (!isPayNotice({ text: payNoticeText(timestamp, nonce, body), signature: header('signature'), keys }))
    throw refuse('The signature of the notice does not match.')
  const doc = parsedOrNothing(body)
  const resource = field(doc, 'resource')
  const of = (name: string): string => textField(resource, name) ?? ''
  const opened = openPayResource(
    { algorithm: of('algorithm'), ciphertext: of('ciphertext'), associatedData: of('associated_data'), nonce: of('nonce') },
    apiV3Key,
  )
  const paid = parsedOrNothing(opened)
  // Notices of refunds do not name the app.
  const paidApp = textField(paid, 'appid') ?? textField(paid, 'sp_appid')
  if (paidApp !== undefined && paidApp !== appId) throw refuse('The notice is about another app.')
  return {
    deliveryId: textField(doc, 'id') ?? `${timestamp}/${nonce}`,
    type: 'event',
    meta: {
      event: textField(doc, 'event_type') ?? '',
      transactionId: textField(paid, 'transaction_id') ?? '',
      tradeNo: textField(paid, 'out_trade_no') ?? '',
    },
    reply: { status: 200, body: '' },
  }
}

/** A notice says that money came or went: the order is read. In the minute behind the payment it may not be there yet; the next sweep brings it. */
export function readWebhook(_body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const [event = '', id = ''] = [meta['event'], meta['transactionId']]
  if (!/^(?:TRANSACTION|REFUND)\./.test(event)) return { records: [], fetch: [] }
  if (!/^\d{10,32}$/.test(id)) throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The notice names no payment.' })
  return { records: [], fetch: [{ kind: 'order', externalId: id }] }
}
