import { createHmac } from 'node:crypto'
import type { Shop } from './shop.ts'
import { HOOK_SECRET, type World } from './world.ts'

export interface Ack {
  /** 0 when no answer came. */
  readonly status: number
  readonly ms: number
}

/** Delivers webhooks as the shop does, beside the shop's own, so that the time until the answer can be measured. */
export class HookProbe {
  readonly #url: () => string
  readonly #bodies: readonly string[]
  readonly #open = new Set<Promise<void>>()
  #acks: Ack[] = []
  #next = 0
  #timer: NodeJS.Timeout | undefined

  private constructor(url: () => string, bodies: readonly string[]) {
    this.#url = url
    this.#bodies = bodies
  }

  /** Its bodies are these orders as the shop shows them now. */
  static async of(world: World, connection: string, shop: Shop, orderIds: readonly string[]): Promise<HookProbe> {
    const { rows } = await world.pool.query<{ token: string }>('select webhook_token as token from connections where id = $1', [connection])
    // Keys are taken as Basic only over https: the shop believes so for a moment.
    await shop.pull('configure', { assumeHttps: true })
    const bodies = await Promise.all(orderIds.map((id) => orderText(shop, id)))
    await shop.pull('configure', { assumeHttps: false })
    return new HookProbe(() => `${world.api.url}/hooks/${rows[0]?.token ?? ''}`, bodies)
  }

  /** So many deliveries a second from now on, whether or not earlier ones were answered. */
  start(perSecond: number): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => {
      const sent: Promise<void> = this.#send().finally(() => this.#open.delete(sent))
      this.#open.add(sent)
    }, 1000 / perSecond)
  }

  /** Answers the acknowledgements since the last stop, once all have come. */
  async stop(): Promise<readonly Ack[]> {
    clearInterval(this.#timer)
    await Promise.all(this.#open)
    const acks = this.#acks
    this.#acks = []
    return acks
  }

  async #send(): Promise<void> {
    const body = this.#bodies[this.#next % this.#bodies.length] ?? ''
    this.#next += 1
    const startedAt = performance.now()
    const status = await deliver(this.#url(), body).catch(() => 0)
    this.#acks.push({ status, ms: performance.now() - startedAt })
  }
}

async function deliver(url: string, body: string): Promise<number> {
  const signature = createHmac('sha256', HOOK_SECRET).update(body, 'utf8').digest('base64')
  const headers = { 'content-type': 'application/json', 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-signature': signature }
  const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(60_000) })
  await response.arrayBuffer()
  return response.status
}

async function orderText(shop: Shop, orderId: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}`
  const response = await fetch(`http://127.0.0.1:${shop.port}/${shop.name}/wp-json/wc/v3/orders/${orderId}`, { headers: { authorization } })
  if (!response.ok) throw new Error(`The shop shows no order ${orderId}: ${response.status}`)
  return response.text()
}

export const allAccepted = (acks: readonly Ack[]): boolean => acks.length > 0 && acks.every((ack) => ack.status === 200)
