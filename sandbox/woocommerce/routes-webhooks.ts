import type { Context, Hono } from 'hono'
import { asRecord, asText, parseJson } from '../stage/json-input.ts'
import type { WooEnv } from './env.ts'
import { rawSearch, siteUrl } from './env.ts'
import { readPaging } from './list-query.ts'
import { sendPage } from './paging.ts'
import { parsePhpQuery } from './php-query.ts'
import type { WooShop } from './shop.ts'
import type { WooWebhook, WooWebhooks } from './webhooks.ts'
import type { WpError } from './wp-response.ts'
import { invalidParam, wpError, wpFail, wpJson } from './wp-response.ts'

const path = '/wp-json/wc/v3/webhooks'
const one = `${path}/:id{[0-9]+}`

/** `/webhooks`: the secret can be set but is never shown again. */
export function webhookRoutes(app: Hono<WooEnv>, shop: WooShop, webhooks: WooWebhooks): void {
  app.get(path, (c) => list(shop, webhooks, c))
  app.post(path, async (c) => create(shop, webhooks, c, asRecord(parseJson(await c.req.text()))))
  app.get(one, (c) => withHook(webhooks, c, 404, (hook) => wpJson(hookDocument(shop, hook, siteUrl(shop, c)))))
  app.on(['PUT', 'POST', 'PATCH'], one, async (c) => {
    const input = asRecord(parseJson(await c.req.text()))
    return withHook(webhooks, c, 400, (hook) => change(shop, hook, input) ?? wpJson(hookDocument(shop, hook, siteUrl(shop, c))))
  })
  app.delete(one, (c) =>
    withHook(webhooks, c, 404, (hook) => {
      if (!['true', '1'].includes(c.req.query('force') ?? '')) {
        return wpFail(wpError('woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.', 501))
      }
      webhooks.hooks.delete(hook.id)
      return wpJson(hookDocument(shop, hook, siteUrl(shop, c)))
    }),
  )
}

function withHook(webhooks: WooWebhooks, c: Context<WooEnv>, status: 400 | 404, answer: (hook: WooWebhook) => Response): Response {
  const hook = webhooks.hooks.get(Number(c.req.param('id')))
  return hook ? answer(hook) : wpFail(wpError('woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.', status))
}

function list(shop: WooShop, webhooks: WooWebhooks, c: Context<WooEnv>): Response {
  const query = parsePhpQuery(rawSearch(c))
  const paging = readPaging(query)
  if ('code' in paging) return wpFail(paging)
  const status = query.get('status') ?? 'all'
  const all = [...webhooks.hooks.values()].filter((hook) => status === 'all' || hook.status === status).toReversed()
  return sendPage({ shop, c, paging, all, render: (hook) => hookDocument(shop, hook, siteUrl(shop, c)) })
}

async function create(shop: WooShop, webhooks: WooWebhooks, c: Context<WooEnv>, input: Readonly<Record<string, unknown>>): Promise<Response> {
  const topic = asText(input['topic']) ?? ''
  const deliveryUrl = asText(input['delivery_url']) ?? ''
  const refusal = (topic === '' ? missingTopic : checkTopic(topic)) ?? checkUrl(deliveryUrl)
  if (refusal) return wpFail(refusal)
  const hook = webhooks.add({
    topic,
    deliveryUrl,
    secret: asText(input['secret']) ?? shop.random.hex(50),
    status: readStatus(input['status']) ?? 'active',
    name: asText(input['name']) ?? `Webhook created on ${shop.time.local(shop.second())}`,
  })
  // The ping is sent before this request is answered: the receiver cannot know the id yet.
  if (hook.status === 'active') await webhooks.ping(hook)
  return wpJson(hookDocument(shop, hook, siteUrl(shop, c)), 201, { location: `${siteUrl(shop, c)}${path}/${hook.id}` })
}

const missingTopic: WpError = wpError('woocommerce_rest_shop_webhook_invalid_topic', 'Webhook topic is required and must be valid.', 400)

function checkTopic(topic: string): WpError | undefined {
  const known = /^((coupon|customer|order|product)\.(created|updated|deleted|restored)|action\.\w+)$/.test(topic)
  return known ? undefined : wpError('woocommerce_rest_shop_webhook_invalid_topic', 'Webhook topic must be valid.', 400)
}

function checkUrl(url: string): WpError | undefined {
  const ok = /^https?:\/\/\S+$/.test(url)
  return ok
    ? undefined
    : wpError(
        'woocommerce_rest_shop_webhook_invalid_delivery_url',
        'Webhook delivery URL must be a valid URL starting with http:// or https://.',
        400,
      )
}

function readStatus(value: unknown): WooWebhook['status'] | undefined {
  return value === 'active' || value === 'paused' || value === 'disabled' ? value : undefined
}

function change(shop: WooShop, hook: WooWebhook, input: Readonly<Record<string, unknown>>): Response | undefined {
  const [topic, url, status] = [asText(input['topic']), asText(input['delivery_url']), asText(input['status'])]
  if (status !== undefined && readStatus(status) === undefined)
    return wpFail(invalidParam({ status: 'status is not one of active, paused, disabled.' }))
  const refusal = (topic === undefined ? undefined : checkTopic(topic)) ?? (url === undefined ? undefined : checkUrl(url))
  if (refusal) return wpFail(refusal)
  hook.topic = topic ?? hook.topic
  hook.deliveryUrl = url ?? hook.deliveryUrl
  hook.secret = asText(input['secret']) ?? hook.secret
  hook.name = asText(input['name']) ?? hook.name
  hook.status = readStatus(status) ?? hook.status
  if (status === 'active') hook.failures = 0
  hook.modifiedAt = shop.second()
  return undefined
}

function hookDocument(shop: WooShop, hook: WooWebhook, home: string): Record<string, unknown> {
  const [resource, event] = hook.topic.split('.')
  const { time } = shop
  return {
    id: hook.id,
    name: hook.name,
    status: hook.status,
    topic: hook.topic,
    resource,
    event,
    hooks: [`woocommerce_${event}_${resource}`],
    delivery_url: hook.deliveryUrl,
    date_created: time.local(hook.createdAt),
    date_created_gmt: time.gmt(hook.createdAt),
    date_modified: time.local(hook.modifiedAt),
    date_modified_gmt: time.gmt(hook.modifiedAt),
    _links: { self: [{ href: `${home}${path}/${hook.id}` }], collection: [{ href: `${home}${path}` }] },
  }
}
