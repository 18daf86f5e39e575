import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Member } from './fleet-judge.ts'
import { join, openFleet } from './fleet.ts'
import type { HubClient } from './hub-client.ts'
import { percentile, rssMb } from './measure.ts'
import type { Part } from './part.ts'
import type { Rig } from './rig.ts'
import type { Shop } from './shop.ts'
import { eventually } from './wait.ts'
import type { World } from './world.ts'

/** So many shops, connected, read once and subscribed. */
export async function openMembers(rig: Rig, world: World, count: number): Promise<readonly Member[]> {
  const members: Member[] = []
  for (const shop of await openFleet(rig, count)) {
    await shop.pull('seed-products', { count: 40 })
    members.push({ shop, connection: await join(world, shop) })
  }
  const subscribed = (): Promise<number> =>
    world.count('select count(*) from connections where webhook_checked_at is not null and webhook_state is not null')
  await eventually('all shops deliver webhooks', async () => ((await subscribed()) >= count ? true : undefined), 180, 500)
  return members
}

/** Checkouts, and now and then an edit or a cancellation; so many orders a second on average. */
export async function shopping(shop: Shop, ordersPerSecond: number): Promise<void> {
  const mix = { place: 90, edit: 7, cancel: 3, restock: 10, ship: 0, refund: 0, requestCancel: 0, fault: 0 }
  await shop.pull('trickle', { perMinute: (ordersPerSecond * 60 * 110) / 90, mix })
}

export interface Span {
  readonly from: number
  readonly to: number
}

/** Seconds from the checkout until the order stood in the feed, of the orders placed within `span` (milliseconds of the clock). */
export async function freshness(world: World, members: readonly Member[], span: Span): Promise<readonly number[]> {
  const ages: number[] = []
  for (const { shop, connection } of members) {
    const { rows } = await world.pool.query<{ id: string; at: string }>(
      'select o.external_id as id, min(f.at) as at from feed f join orders o on o.id = f.order_id where o.connection_id = $1 group by 1',
      [connection],
    )
    const seen = new Map(rows.map((row) => [row.id, Date.parse(row.at)]))
    for (const { orderId, at } of await shop.placements()) {
      if (at < span.from || at >= span.to) continue
      ages.push(Math.max(0, (seen.get(orderId) ?? Date.now()) - at) / 1000)
    }
  }
  return ages
}

const page = z.object({
  items: z.array(
    z.looseObject({ seq: z.number(), order: z.looseObject({ id: z.string(), connection_id: z.string(), external_id: z.string() }).nullish() }),
  ),
  next_after: z.number(),
})

export interface ReaderOptions {
  readonly limit: number
  /** Between two pages, milliseconds; at the end of the feed at least a quarter second. */
  readonly pauseMs: number
}

/** A consumer that follows the feed over the API. */
export class FeedReader {
  readonly #hub: HubClient
  readonly #options: ReaderOptions
  #stopped = false
  #running: Promise<void> | undefined
  position = 0
  pages = 0
  failures = 0
  /** A position that did not come after the one before. */
  disorder = 0
  /** When an order was first heard of, by connection and channel number; milliseconds of the clock. */
  readonly heard = new Map<string, number>()

  constructor(hub: HubClient, options: ReaderOptions) {
    this.#hub = hub
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const read = await this.#read().catch(() => {
        this.failures += 1
        return 0
      })
      await sleep(Math.max(this.#options.pauseMs, read < this.#options.limit ? 250 : 0))
    }
  }

  async #read(): Promise<number> {
    const { items, next_after } = await this.#hub.get(`/v1/changes?after=${this.position}&limit=${this.#options.limit}`, page)
    const now = Date.now()
    for (const { seq, order } of items) {
      if (seq <= this.position) this.disorder += 1
      this.position = seq
      const name = `${order?.connection_id} ${order?.external_id}`
      if (order && !this.heard.has(name)) this.heard.set(name, now)
    }
    this.position = next_after
    this.pages += 1
    return items.length
  }
}

/** Looks at the memory of processes every second; answers the samples of each, MB. */
export function watchMemory(parts: readonly Part[]): () => readonly { readonly name: string; readonly samples: readonly number[] }[] {
  const seen = parts.map((part) => ({ name: part.name, part, samples: [] as number[] }))
  const timer = setInterval(() => {
    for (const { part, samples } of seen)
      if (part.pid !== undefined)
        void rssMb(part.pid).then(
          (mb) => samples.push(mb),
          () => undefined,
        )
  }, 1000)
  return () => {
    clearInterval(timer)
    return seen
  }
}

export const p95 = (values: readonly number[]): number => Math.round(percentile(values, 0.95) * 100) / 100
export const p99 = (values: readonly number[]): number => Math.round(percentile(values, 0.99) * 100) / 100
