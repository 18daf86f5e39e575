import { setTimeout as sleep } from 'node:timers/promises'
import type { ShopTroubles } from '../shop-control.ts'
import type { MarketEvent } from './model.ts'
import type { MarketShop } from './shop.ts'

export interface Subscription {
  readonly id: string
  readonly url: string
  /** What signs, where the subscriber chooses it; the app's own secret is the skin's. */
  readonly secret: string
  /** The channel's own names of what is wanted; empty: everything. */
  readonly topics: readonly string[]
}

/** One request as it goes over the wire, signed. `url` where the signature stands in the address. */
export interface PushRequest {
  readonly topic: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly url?: string
  readonly method?: 'POST' | 'GET'
}

export interface PushRules {
  /** Requests of one event for one subscriber; none when it does not want to know. Called when it happens: bodies show the order as it was then. */
  readonly deliver: (event: MarketEvent, subscription: Subscription) => readonly PushRequest[]
  /** Whether an answer counts as received; any 2xx without it. */
  readonly accepted?: (status: number, body: string) => boolean
  /** How often one delivery is tried in all; once without it. */
  readonly attempts?: number
  readonly retryMs?: number
}

/** Deliveries to subscribers. */
export interface Webhooks {
  readonly subscriptions: Map<string, Subscription>
  add(target: { readonly url: string; readonly secret: string; readonly topics?: readonly string[] }): Subscription
  fail(trouble: Parameters<ShopTroubles['failWebhooks']>[0]): void
  settled(): Promise<void>
  /** Sends one request now, as a trial of an address or a notice about no order; its status, 0 when nobody answered. */
  send(url: string, request: PushRequest): Promise<{ readonly status: number; readonly body: string }>
  stop(): void
}

const TIMEOUT_MS = 5000

export function createWebhooks(shop: MarketShop, rules: PushRules): Webhooks {
  const subscriptions = new Map<string, Subscription>()
  const running = new Set<Promise<void>>()
  const stopped = new AbortController()
  let trouble: Parameters<ShopTroubles['failWebhooks']>[0] = {}
  let made = 0
  const accepted = rules.accepted ?? ((status: number): boolean => status >= 200 && status < 300)
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
  const once = async (to: Subscription, request: PushRequest, resourceId: string): Promise<void> => {
    for (let left = rules.attempts ?? 1; left > 0 && !stopped.signal.aborted; left -= 1) {
      const { status, body } = await post(request.url ?? to.url, request)
      const isIn = accepted(status, body)
      const outcome = isIn ? 'delivered' : 'failed'
      shop.ledger.record({ kind: 'webhook', webhookId: to.id, topic: request.topic, resourceId, outcome, httpStatus: status })
      if (isIn) return
      if (left > 1) await pause(rules.retryMs ?? 1000)
    }
  }
  const later = async (to: Subscription, request: PushRequest, resourceId: string): Promise<void> => {
    const { drop = 0, duplicate = 0, delayMs = 0 } = trouble
    if (delayMs > 0) await pause(shop.random.int(0, delayMs))
    if (stopped.signal.aborted || !subscriptions.has(to.id)) return
    if (shop.random.chance(drop))
      return shop.ledger.record({ kind: 'webhook', webhookId: to.id, topic: request.topic, resourceId, outcome: 'dropped', httpStatus: 0 })
    for (let n = shop.random.chance(duplicate) ? 2 : 1; n > 0; n -= 1) await once(to, request, resourceId)
  }
  shop.listeners.push((event) => {
    for (const to of subscriptions.values()) {
      for (const request of rules.deliver(event, to)) {
        const task = later(to, request, event.order.id)
        running.add(task)
        void task.finally(() => running.delete(task))
      }
    }
  })
  return {
    subscriptions,
    add({ url, secret, topics = [] }) {
      const subscription = { id: String((made += 1)), url, secret, topics }
      subscriptions.set(subscription.id, subscription)
      return subscription
    },
    fail: (next) => {
      trouble = next
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
    send: post,
    stop: () => stopped.abort(),
  }
}

/** Status 0 when nobody answered in five seconds. Redirects are not followed. */
async function post(url: string, { headers, body, method = 'POST' }: PushRequest): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const sent = method === 'GET' ? {} : { body }
    const response = await fetch(url, { method, headers, ...sent, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { status: response.status, body: await response.text() }
  } catch {
    return { status: 0, body: '' }
  }
}
