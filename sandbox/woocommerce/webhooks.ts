import { createHash, createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WooEvent, WooShop } from './shop.ts'

export interface WooWebhook {
  readonly id: number
  name: string
  status: 'active' | 'paused' | 'disabled'
  topic: string
  deliveryUrl: string
  secret: string
  readonly createdAt: number
  modifiedAt: number
  failures: number
}

/** How deliveries misbehave; each a probability from 0 to 1. */
export interface WebhookTrouble {
  readonly drop?: number
  readonly duplicate?: number
  /** Extra milliseconds before a delivery, drawn up to this much: deliveries overtake each other. */
  readonly delayMs?: number
}

export interface WooWebhooks {
  readonly hooks: Map<number, WooWebhook>
  add(input: { name: string; topic: string; deliveryUrl: string; secret: string; status: WooWebhook['status'] }): WooWebhook
  ping(hook: WooWebhook): Promise<void>
  trouble: WebhookTrouble
  /** Waits until nothing is under way. */
  settled(): Promise<void>
  stop(): void
}

export interface WebhookOptions {
  readonly shop: WooShop
  /** The site's address as told in X-WC-Webhook-Source. */
  readonly site: () => string
  /** The REST body of what changed, made when it is delivered. */
  readonly payload: (event: WooEvent) => { readonly id: string; readonly body: string }
}

/** Consecutive failures a webhook survives; one more disables it. */
const allowedFailures = 5
const timeoutMs = 60_000

export function createWebhooks({ shop, site, payload }: WebhookOptions): WooWebhooks {
  const hooks = new Map<number, WooWebhook>()
  const running = new Set<Promise<void>>()
  const stopped = new AbortController()
  let lastId = 0
  const self: WooWebhooks = {
    hooks,
    trouble: {},
    add(input) {
      lastId += 1
      const hook: WooWebhook = { ...input, id: lastId, createdAt: shop.second(), modifiedAt: shop.second(), failures: 0 }
      hooks.set(hook.id, hook)
      return hook
    },
    ping: (hook) => ping(shop, hook),
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
    stop: () => stopped.abort(),
  }
  const later = async (hook: WooWebhook, event: WooEvent, position: number): Promise<void> => {
    const { drop = 0, duplicate = 0, delayMs = 0 } = self.trouble
    const wait = shop.settings.webhookDelayMs + position * 5 + (delayMs > 0 ? shop.random.int(0, delayMs) : 0)
    await sleep(wait, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
    if (stopped.signal.aborted || hook.status !== 'active') return
    const dropped = shop.random.chance(drop)
    for (let n = shop.random.chance(duplicate) ? 2 : 1; n > 0; n -= 1) {
      await deliver({ shop, hook, event, dropped, site: site(), ...payload(event) })
    }
  }
  let position = 0
  shop.listeners.push((event) => {
    for (const hook of hooks.values()) {
      if (hook.status !== 'active' || hook.topic !== event.topic) continue
      position = (position + 1) % 10
      const task = later(hook, event, position)
      running.add(task)
      void task.finally(() => running.delete(task))
    }
  })
  return self
}

/** On creation: a form body with nothing but the id, and no signature. */
async function ping(shop: WooShop, hook: WooWebhook): Promise<void> {
  const httpStatus = await send(
    hook.deliveryUrl,
    { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': agent(shop) },
    `webhook_id=${hook.id}`,
  )
  shop.ledger.record({ kind: 'webhook', webhookId: String(hook.id), topic: hook.topic, resourceId: '', outcome: 'ping', httpStatus })
}

interface Delivery {
  readonly shop: WooShop
  readonly hook: WooWebhook
  readonly event: WooEvent
  readonly dropped: boolean
  readonly site: string
  readonly id: string
  readonly body: string
}

async function deliver({ shop, hook, event, dropped, site, id, body }: Delivery): Promise<void> {
  const [resource = '', name = ''] = event.topic.split('.')
  const fact = { kind: 'webhook', webhookId: String(hook.id), topic: event.topic, resourceId: id } as const
  if (dropped) return shop.ledger.record({ ...fact, outcome: 'dropped', httpStatus: 0 })
  const httpStatus = await send(
    hook.deliveryUrl,
    {
      'content-type': 'application/json',
      'user-agent': agent(shop),
      'x-wc-webhook-source': `${site}/`,
      'x-wc-webhook-topic': event.topic,
      'x-wc-webhook-resource': resource,
      'x-wc-webhook-event': name,
      'x-wc-webhook-signature': webhookSignature(body, hook.secret),
      'x-wc-webhook-id': String(hook.id),
      // A hash of the webhook and the second: two deliveries of one second share it.
      'x-wc-webhook-delivery-id': createHash('md5').update(`${hook.id}${shop.second()}`).digest('hex'),
    },
    body,
  )
  const accepted = httpStatus >= 200 && httpStatus < 303
  hook.failures = accepted ? 0 : hook.failures + 1
  if (hook.failures > allowedFailures) hook.status = 'disabled'
  shop.ledger.record({ ...fact, outcome: accepted ? 'delivered' : 'failed', httpStatus })
}

/** Base64 of HMAC-SHA256 over the raw body; the secret has its HTML entities decoded first. */
export function webhookSignature(body: string, secret: string): string {
  return createHmac('sha256', decodeEntities(secret)).update(body, 'utf8').digest('base64')
}

function decodeEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#039;', "'").replaceAll('&amp;', '&')
}

/** The status, or 0 when nobody answered. Redirects are not followed. */
async function send(url: string, headers: Record<string, string>, body: string): Promise<number> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}

function agent(shop: WooShop): string {
  return `WooCommerce/${shop.settings.version} Hookshot (WordPress/6.8.3)`
}
