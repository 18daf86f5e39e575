import { createHmac } from 'node:crypto'
import { asList, asRecord, asText } from '../stage/json-input.ts'
import type { MarketEvent } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import type { PushRequest, Subscription } from '../stage/market/webhooks.ts'
import type { Api } from './api.ts'
import { paymentRefundView } from './views.ts'
import { iso, SquareError } from './wire.ts'
import { fulfilmentUid, idLike, TOPICS, type SquareShop } from './words.ts'

/** Webhook subscriptions of the application, and what is sent to them. */

function view(shop: SquareShop, hook: Subscription, withKey: boolean): Readonly<Record<string, unknown>> {
  const known = shop.hooks.get(hook.id)
  return {
    id: `wbhk_${idLike('hook', hook.id, 32)}`,
    name: known?.name ?? '',
    enabled: known?.enabled ?? true,
    event_types: hook.topics,
    notification_url: hook.url,
    api_version: known?.version ?? '',
    ...(withKey ? { signature_key: shop.settings.signatureKey } : {}),
  }
}

function hookOf(shop: SquareShop, id: string): Subscription {
  const found = [...shop.webhooks.subscriptions.values()].find((each) => view(shop, each, false)['id'] === id)
  if (!found) throw new SquareError(404, 'NOT_FOUND', 'Subscription not found.')
  return found
}

const list: Api = (shop) => {
  const all = [...shop.webhooks.subscriptions.values()]
  return { doc: all.length === 0 ? {} : { subscriptions: all.map((hook) => view(shop, hook, false)) } }
}

const make: Api = (shop, { body }) => {
  const given = asRecord(body['subscription'])
  const url = asText(given['notification_url']) ?? ''
  const topics = asList(given['event_types']).map(String)
  if (!URL.canParse(url)) throw new SquareError(400, 'INVALID_VALUE', 'The URL is not valid.', { field: 'subscription.notification_url' })
  if (topics.length === 0) throw new SquareError(400, 'ARRAY_EMPTY', 'Choose event types.', { field: 'subscription.event_types' })
  const hook = shop.webhooks.add({ url, secret: shop.settings.signatureKey, topics })
  shop.hooks.set(hook.id, { name: asText(given['name']) ?? '', enabled: given['enabled'] !== false, version: asText(given['api_version']) ?? '' })
  return { doc: { subscription: view(shop, hook, true) } }
}

const show: Api = (shop, { id }) => ({ doc: { subscription: view(shop, hookOf(shop, id), true) } })

const change: Api = (shop, { id, body }) => {
  const [hook, given] = [hookOf(shop, id), asRecord(body['subscription'])]
  const known = shop.hooks.get(hook.id)
  const next = {
    ...hook,
    url: asText(given['notification_url']) ?? hook.url,
    topics: given['event_types'] === undefined ? hook.topics : asList(given['event_types']).map(String),
  }
  shop.webhooks.subscriptions.set(hook.id, next)
  shop.hooks.set(hook.id, {
    name: asText(given['name']) ?? known?.name ?? '',
    enabled: given['enabled'] === undefined ? (known?.enabled ?? true) : given['enabled'] === true,
    version: known?.version ?? '',
  })
  return { doc: { subscription: view(shop, next, false) } }
}

const remove: Api = (shop, { id }) => {
  shop.webhooks.subscriptions.delete(hookOf(shop, id).id)
  return { doc: {} }
}

export const SUBSCRIPTION_APIS: Readonly<Record<string, Api>> = {
  'get /v2/webhooks/subscriptions': list,
  'post /v2/webhooks/subscriptions': make,
  'get /v2/webhooks/subscriptions/{subscription_id}': show,
  'put /v2/webhooks/subscriptions/{subscription_id}': change,
  'delete /v2/webhooks/subscriptions/{subscription_id}': remove,
}

/** Thin: which order, in which state and version. */
export function pushesOf(shop: SquareShop, { order, refund, topic, at }: MarketEvent, hook: Subscription): readonly PushRequest[] {
  if (shop.hooks.get(hook.id)?.enabled === false) return []
  const base = {
    order_id: order.id,
    location_id: shop.settings.locationId,
    state: statusOf(shop.rules, order),
    version: shop.versions.get(order.id) ?? 1,
    created_at: iso(order.createdAt),
    updated_at: iso(at),
  }
  const objectOf = (type: string): Readonly<Record<string, unknown>> => {
    if (type.startsWith('refund.') && refund) return { refund: paymentRefundView(shop, refund) }
    if (type !== 'order.fulfillment.updated') return { [type.replace('.', '_')]: base }
    const moved = { fulfillment_uid: fulfilmentUid(order, Math.max(0, order.shipments.length - 1)), old_state: 'PROPOSED', new_state: 'COMPLETED' }
    return { order_fulfillment_updated: { ...base, fulfillment_update: [moved] } }
  }
  return TOPICS[topic]
    .filter((type) => hook.topics.includes(type) && (!type.startsWith('refund.') || refund !== undefined))
    .map((type) => {
      const body = JSON.stringify({
        merchant_id: shop.settings.merchantId,
        type,
        event_id: shop.random.hex(32),
        created_at: iso(at),
        data: { type: type.startsWith('refund.') ? 'refund' : type.replaceAll('.', '_'), id: order.id, object: objectOf(type) },
      })
      const signature = createHmac('sha256', hook.secret).update(`${hook.url}${body}`).digest('base64')
      return { topic: type, headers: { 'content-type': 'application/json', 'x-square-hmacsha256-signature': signature }, body }
    })
}
