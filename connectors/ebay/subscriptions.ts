import type { WebhookState } from '../../src/core/connector.ts'
import { absentAs, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { appToken, rest, siteOf } from './client.ts'
import { TOPICS, type EbayCall } from './manifest.ts'
import { keysOf, verificationToken } from './webhooks.ts'

const BASE = '/commerce/notification/v1'
const MAX_PAGES = 50

/**
 * Our address as a destination of the app, which eBay challenges when it is made, and a subscription of the seller for each topic. An app
 * has one subscription a topic, so one that points elsewhere is turned here. A destination eBay marked down is enabled again.
 */
export async function ensureWebhooks(call: EbayCall, target: { readonly url: string; readonly secret: string }): Promise<WebhookState> {
  if (keysOf(call.secrets).size === 0)
    return { healthy: false, detail: 'No public key of notifications is set; orders are polled.', topics: [], ids: [], repaired: false }
  const token = await appToken(call)
  const destination = await ensureDestination(call, token, target)
  const standing = await all(call, '/subscription', 'subscriptions')
  const ids: string[] = []
  let repaired = destination.changed
  for (const topic of TOPICS) {
    const subscription = standing.find((each) => textField(each, 'topicId') === topic)
    const { id, changed } = await stand(call, { topic, destination: destination.id, subscription })
    ids.push(id)
    repaired ||= changed
  }
  return { healthy: true, detail: `${TOPICS.length} subscriptions stand.`, topics: [...TOPICS], ids, repaired }
}

interface Standing {
  readonly id: string
  readonly changed: boolean
}

async function ensureDestination(call: EbayCall, token: string, target: { readonly url: string; readonly secret: string }): Promise<Standing> {
  const found = (await all(call, '/destination', 'destinations', token)).find(
    (each) => textField(field(each, 'deliveryConfig'), 'endpoint') === target.url,
  )
  const body = {
    name: 'channel-hub',
    status: 'ENABLED',
    deliveryConfig: { endpoint: target.url, verificationToken: verificationToken(target.secret) },
  }
  const id = textField(found, 'destinationId')
  if (id !== undefined && textField(found, 'status') === 'ENABLED') return { id, changed: false }
  if (id === undefined) return { id: await made(call, '/destination', body, token), changed: true }
  await rest(call, { method: 'PUT', path: `${BASE}/destination/${id}`, body, limit: 'notification', expect: 'any', token })
  return { id, changed: true }
}

async function stand(
  call: EbayCall,
  wanted: { readonly topic: string; readonly destination: string; readonly subscription: unknown },
): Promise<Standing> {
  const { topic, destination, subscription } = wanted
  const payload = { format: 'JSON', schemaVersion: '1.0', deliveryProtocol: 'HTTPS' }
  const id = textField(subscription, 'subscriptionId')
  if (id === undefined)
    return { id: await made(call, '/subscription', { topicId: topic, status: 'ENABLED', payload, destinationId: destination }), changed: true }
  if (textField(subscription, 'status') === 'ENABLED' && textField(subscription, 'destinationId') === destination) return { id, changed: false }
  const body = { status: 'ENABLED', payload: field(subscription, 'payload') ?? payload, destinationId: destination }
  await rest(call, { method: 'PUT', path: `${BASE}/subscription/${id}`, body, limit: 'notification', expect: 'any' })
  return { id, changed: true }
}

/** What was made is named in `Location` alone. */
async function made(call: EbayCall, path: string, body: unknown, token?: string): Promise<string> {
  const owner = token === undefined ? {} : { token }
  const { headers } = await rest(call, { method: 'POST', path: `${BASE}${path}`, body, limit: 'notification', expect: 'any', ...owner })
  const id = headers['location']?.split('/').at(-1) ?? ''
  if (id === '') throw unreadable('eBay does not say what it made.')
  return id
}

/** Every page of a list; the next one is named by a token, never followed as an address. */
async function all(call: EbayCall, path: string, name: string, token?: string): Promise<readonly unknown[]> {
  const found: unknown[] = []
  const owner = token === undefined ? {} : { token }
  let next = ''
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ limit: '100', ...(next === '' ? {} : { continuation_token: next }) })
    const { doc } = await rest(call, { method: 'GET', path: `${BASE}${path}?${query.toString()}`, limit: 'notification', ...owner })
    found.push(...listField(doc, name))
    const link = textField(doc, 'next') ?? ''
    const after = URL.canParse(link, siteOf(call)) ? (new URL(link, siteOf(call)).searchParams.get('continuation_token') ?? '') : ''
    if (after === '' || after === next) return found
    next = after
  }
  return found
}

/** The key eBay hands out now under an id; undefined when it knows none. */
export async function publicKey(call: EbayCall, token: string, kid: string): Promise<string | undefined> {
  const path = `${BASE}/public_key/${encodeURIComponent(kid)}`
  const answer = await absentAs(rest(call, { method: 'GET', path, limit: 'notification', token }))
  const key = textField(answer?.doc, 'key')
  return key?.replace(/-----(?:BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')
}
