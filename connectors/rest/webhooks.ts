import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Delivery, DeliveryContent, Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { pick, pickText } from '../../src/core/pick.ts'
import { parseJson, sliceJson } from '../../src/kit/json.ts'
import { equalText } from '../../src/kit/sign.ts'
import type { RestConfig, RestSecrets } from './manifest.ts'
import { deliverySignature } from './signing.ts'
import { Clock, readTime } from './time.ts'

const OK = { status: 200, body: '' } as const

/** HMAC over the raw body, in the header and the form the settings name. Without a description nothing is taken. */
export function verifyWebhook(inbound: Inbound, secrets: RestSecrets, _now: Date, config?: RestConfig): Delivery {
  const how = config?.webhook
  if (!how || !config) throw refused('The settings of this connection describe no webhook.')
  const secret = secrets.webhookSecret ?? ''
  if (secret === '') throw refused('This connection has no webhook secret.')
  const body = Buffer.from(inbound.body)
  const signature = inbound.headers[how.signature.header] ?? ''
  if (signature === '') {
    const ping = how.ping !== undefined && body.toString('latin1').startsWith(how.ping) ? body.toString('latin1').slice(how.ping.length) : ''
    if (inbound.method === 'POST' && /^\d{1,20}$/.test(ping)) return { deliveryId: `ping-${ping}`, type: 'ping', meta: {}, reply: OK }
    throw refused('The delivery carries no signature.')
  }
  if (!equalText(signature, deliverySignature(how.signature, secret, body))) throw refused('The signature of the delivery does not match.')
  const topic = how.topicHeader === undefined ? '' : (inbound.headers[how.topicHeader] ?? '')
  const ownId = how.idHeader === undefined ? '' : (inbound.headers[how.idHeader] ?? '')
  // The connection's settings are not at hand when a stored delivery is read: what is needed of them goes with it.
  const { id, changed, clock } = config.orders
  const isOrder = how.topics.length === 0 || how.topics.some((start) => topic.startsWith(start))
  const reading: Reading = { isOrder, id: how.id, order: how.order, complete: how.complete, orderId: id, changed, clock }
  return {
    deliveryId: ownId === '' ? createHash('sha256').update(topic).update('\n').update(body).digest('hex') : ownId.slice(0, 200),
    type: 'event',
    meta: { topic, reading: JSON.stringify(reading) },
    reply: OK,
  }
}

const Reading = z.object({
  isOrder: z.boolean(),
  id: z.string(),
  order: z.string().optional(),
  complete: z.string().optional(),
  orderId: z.string(),
  changed: z.array(z.string()),
  clock: Clock,
})
type Reading = z.output<typeof Reading>

/** The order itself where it is all there, else its id to ask for. */
export function readWebhook(body: string, meta: Readonly<Record<string, string>>): DeliveryContent {
  const doc = parseJson(body)
  const given = Reading.safeParse(parseJson(meta['reading'] ?? '{}'))
  if (!given.success)
    throw new ChannelError({ kind: 'unreadable', code: 'no-description', message: 'The delivery was stored without how to read it.' })
  const how = given.data
  if (!how.isOrder) return { records: [], fetch: [] }
  const id = pickText(doc, how.id) ?? ''
  if (id === '') throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The delivery names no order.' })
  const order = how.order === undefined ? undefined : pick(doc, how.order)
  const changed = how.changed.map((pointer) => pickText(order, pointer) ?? '').find((text) => text !== '')
  const isWhole =
    changed !== undefined && how.complete !== undefined && pick(order, how.complete) !== undefined && pickText(order, how.orderId) === id
  if (!isWhole) return { records: [], fetch: [{ kind: 'order', externalId: id }] }
  const payload = how.order === undefined || how.order === '' ? body : sliceJson(body, how.order)
  return {
    records: [{ kind: 'order', externalId: id, sourceTime: new Date(readTime(changed, how.clock)).toISOString(), payload, doc: order }],
    fetch: [],
  }
}

const refused = (message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code: 'signature', message })
