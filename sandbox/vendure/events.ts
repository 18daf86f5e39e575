import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VendureOrder } from './model.ts'
import type { VendureShop } from './shop.ts'

/** How deliveries misbehave; `drop` and `duplicate` are probabilities from 0 to 1. */
export interface EventTrouble {
  readonly drop?: number
  readonly duplicate?: number
  readonly delayMs?: number
}

export interface VendureEvents {
  subscribe(target: { readonly url: string; readonly secret: string }): void
  trouble: EventTrouble
  settled(): Promise<void>
  stop(): void
}

/** The little plugin shops install: posts `{ type, at, data }`, signed over the body by HMAC-SHA256 in hex, once, without repeats. */
export function createEvents(shop: VendureShop): VendureEvents {
  const targets: { readonly url: string; readonly secret: string }[] = []
  const running = new Set<Promise<void>>()
  const stopped = new AbortController()
  const self: VendureEvents = {
    subscribe: (target) => void targets.push(target),
    trouble: {},
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
    stop: () => stopped.abort(),
  }
  const send = async (target: { readonly url: string; readonly secret: string }, order: VendureOrder, body: string): Promise<void> => {
    const { drop = 0, duplicate = 0, delayMs = 0 } = self.trouble
    await sleep(delayMs > 0 ? shop.random.int(0, delayMs) : 0, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
    if (stopped.signal.aborted) return
    const fact = { kind: 'webhook', webhookId: 'plugin', topic: `order.${order.state}`, resourceId: order.id } as const
    if (shop.random.chance(drop)) return shop.ledger.record({ ...fact, outcome: 'dropped', httpStatus: 0 })
    for (let n = shop.random.chance(duplicate) ? 2 : 1; n > 0; n -= 1) {
      const httpStatus = await post(target, body)
      shop.ledger.record({ ...fact, outcome: httpStatus >= 200 && httpStatus < 300 ? 'delivered' : 'failed', httpStatus })
    }
  }
  shop.listeners.push((order) => {
    const at = new Date(shop.clock.now()).toISOString()
    const body = JSON.stringify({ type: `order.${order.state}`, at, data: { id: Number(order.id), code: order.code } })
    for (const target of targets) {
      const task = send(target, order, body)
      running.add(task)
      void task.finally(() => running.delete(task))
    }
  })
  return self
}

/** The status, or 0 when nobody answered. */
async function post({ url, secret }: { readonly url: string; readonly secret: string }, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-signature': createHmac('sha256', secret).update(body).digest('hex') }
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    await response.arrayBuffer()
    return response.status
  } catch {
    return 0
  }
}
