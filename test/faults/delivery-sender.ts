import { createHash, createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { HOOK_SECRET, type World } from './world.ts'

/** A channel does not wait for thousands of answers at once. */
const MOST_IN_FLIGHT = 150

interface Attempt {
  readonly orderId: string
  readonly startedAt: number
  readonly endedAt: number
  /** 0 = no answer. */
  readonly status: number
  readonly error: string
}

/** Sends the channel's own order documents as signed webhooks at a steady rate; what got no 2xx is sent again later, as channels do. */
export class DeliverySender {
  /** SHA-256 of every body that was answered 2xx, with its order. */
  readonly acked = new Map<string, string>()
  readonly attempts: Attempt[] = []
  readonly #url: () => string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 })
  readonly #queue: ChannelDocument[]
  #stopped = false
  #flying = 0
  #perSecond = 0
  #running: Promise<void> | undefined

  constructor(url: () => string, documents: readonly ChannelDocument[]) {
    this.#url = url
    this.#queue = [...documents]
  }

  get left(): number {
    return this.#queue.length + this.#flying
  }
  get flying(): number {
    return this.#flying
  }

  start(perSecond: number): void {
    this.#perSecond = perSecond
    this.#running ??= this.#run()
  }

  /** From here on so many a second; 0 is a pause. */
  pace(perSecond: number): void {
    this.#perSecond = perSecond
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    this.#agent.destroy()
  }

  async #run(): Promise<void> {
    for (let [due, last] = [0, performance.now()]; !this.#stopped; await sleep(10)) {
      const now = performance.now()
      // What could not be sent in its time is not made up for later.
      due = Math.min(due + ((now - last) / 1000) * this.#perSecond, this.#perSecond)
      last = now
      for (; due >= 1 && this.#queue.length > 0 && this.#flying < MOST_IN_FLIGHT; due -= 1) void this.#send(this.#queue.shift())
    }
  }

  async #send(document: ChannelDocument | undefined): Promise<void> {
    if (!document) return
    const startedAt = performance.now()
    this.#flying += 1
    const { status, error } = await this.#post(document.body)
    this.#flying -= 1
    this.attempts.push({ orderId: document.orderId, startedAt, endedAt: performance.now(), status, error })
    if (status >= 200 && status < 300) this.acked.set(createHash('sha256').update(document.body).digest('hex'), document.orderId)
    else setTimeout(() => this.#queue.push(document), 2000)
  }

  #post(body: string): Promise<{ readonly status: number; readonly error: string }> {
    return new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-wc-webhook-topic': 'order.updated',
        'x-wc-webhook-signature': createHmac('sha256', HOOK_SECRET).update(body).digest('base64'),
      }
      const call = request(this.#url(), { method: 'POST', agent: this.#agent, headers, timeout: 30_000 }, (response) => {
        response.resume()
        response.once('end', () => resolve({ status: response.statusCode ?? 0, error: '' }))
        response.once('error', (error) => resolve({ status: 0, error: error.message }))
      })
      call.once('timeout', () => call.destroy(new Error('no answer within 30 s')))
      call.once('error', (error: NodeJS.ErrnoException) => resolve({ status: 0, error: error.code ?? error.message }))
      call.end(body)
    })
  }
}

interface ChannelDocument {
  readonly orderId: string
  readonly body: string
}

/**
 * Every order the channel has now, verbatim as its API shows it. Ask before the channel is connected: for a moment it
 * believes to be behind https, and would refuse the signatures of anybody else.
 */
export async function documentsOf(world: World): Promise<readonly ChannelDocument[]> {
  await world.shop.pull('configure', { assumeHttps: true })
  const documents: ChannelDocument[] = []
  for (let page = 1, more = true; more; page += 1) {
    const url = `http://127.0.0.1:${world.shop.port}/${world.shop.name}/wp-json/wc/v3/orders?status=any&per_page=100&orderby=id&order=asc&page=${page}`
    const response = await fetch(url, { headers: { authorization: `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}` } })
    if (!response.ok) throw new Error(`The channel's orders: ${response.status} ${await response.text()}`)
    const bodies = sliceJsonArray(await response.text(), '')
    for (const body of bodies) documents.push({ orderId: /"id":\s*(\d+)/.exec(body)?.[1] ?? '', body })
    more = bodies.length === 100
  }
  await world.shop.pull('configure', { assumeHttps: false })
  return documents
}

/** A sender of these documents to the connection's webhook address. */
export async function deliverySender(world: World, connection: string, documents: readonly ChannelDocument[]): Promise<DeliverySender> {
  const { rows } = await world.pool.query<{ webhook_token: string }>('select webhook_token from connections where id = $1', [connection])
  return new DeliverySender(() => `${world.api.url}/hooks/${rows[0]?.webhook_token ?? ''}`, documents)
}

/** Bodies that were acknowledged and are not in the archive: the worst a hub can do. */
export async function lostDeliveries(world: World, sender: DeliverySender): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ sha: string }>(`select distinct encode(sha256, 'hex') as sha from raw_events where kind = 'hook'`)
  const kept = new Set(rows.map((row) => row.sha))
  return [...sender.acked].filter(([sha]) => !kept.has(sha)).map(([, orderId]) => `the acknowledged delivery of order ${orderId} is gone`)
}
