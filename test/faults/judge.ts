import { z } from 'zod'
import { toMinor } from '../../sandbox/stage/decimal.ts'
import type { Shop, Truth } from './shop.ts'
import { eventually, secondsSince } from './wait.ts'
import type { World } from './world.ts'

const money = z.looseObject({ amount: z.string(), currency: z.string() })
const line = z.looseObject({
  channel_line_no: z.string(),
  channel_sku: z.string(),
  quantity: z.string(),
  cancelled: z.string(),
  shipped: z.string(),
  net: money,
  tax: money,
})
const order = z.looseObject({
  id: z.string(),
  connection_id: z.string(),
  external_id: z.string(),
  version: z.number(),
  cancelled: z.boolean(),
  doc: z.looseObject({
    source_status: z.string(),
    currency: z.string(),
    lines: z.array(line),
    totals: z.looseObject({ total: money, shipping: money, tax: money, refunded: money }),
  }),
  refunds: z.array(z.looseObject({ doc: z.looseObject({ amount: money, state: z.string(), channel_refund_no: z.string() }) })),
})
const page = z.object({
  items: z.array(z.looseObject({ seq: z.number(), cause: z.string(), version: z.number(), order: order.nullish() })),
  next_after: z.number(),
  has_more: z.boolean(),
})
/** One order as a consumer of the feed knows it. */
export type Order = z.output<typeof order>

/** What is judged: a hub, its database, a reader at the tail of its feed and the channel's ledger. */
export type Judged = Pick<World, 'hub' | 'pool' | 'shop' | 'tail' | 'count' | 'pullNow'> & Partial<Pick<World, 'shops'>>

export interface Judgement {
  /** Orders of the ledger that were compared. */
  readonly compared: number
  /** Missing or wrong, per order, with what differs. */
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** What is wrong with the feed or with the dispositions. */
  readonly broken: readonly string[]
}

export interface JudgeOptions {
  /** Which orders of the ledger the hub has to know; all by default. */
  readonly among?: (truth: Truth) => boolean
  readonly connection?: string
  /** Whose ledger; the world's own channel by default. */
  readonly shop?: Shop
}

/** Compares hub and ledger order by order: lines, quantities, minor units, status. The feed is read from 0 like a new consumer does. */
export async function judge(world: Judged, options: JudgeOptions = {}): Promise<Judgement> {
  const [truths, walked] = [await (options.shop ?? world.shop).truths(), await walkFeed(world)]
  const wanted = truths.filter((truth) => truth.status !== 'checkout-draft' && (options.among?.(truth) ?? true))
  const known = new Map<string, Order>()
  for (const [, found] of walked.orders)
    if (options.connection === undefined || found.connection_id === options.connection) known.set(found.external_id, found)
  const lost = wanted.flatMap((truth) => {
    const found = known.get(truth.orderId)
    const differs = found === undefined ? 'missing' : differenceOf(truth, found)
    return differs === undefined ? [] : [`order ${truth.orderId}: ${differs}`]
  })
  return {
    compared: wanted.length,
    lost,
    doubled: await doubles(world),
    broken: [...walked.broken, ...(await gaps(world)), ...(await undisposed(world))],
  }
}

export async function gaps(world: Judged): Promise<readonly string[]> {
  const missed = await world.tail.missed()
  return missed.length === 0 ? [] : [`a reader at the tail of the feed missed ${missed.length} rows, the first is ${missed[0]}`]
}

/** Every order by its id as a new consumer of the feed comes to know it, and what is out of order. */
export async function walkFeed(world: Judged): Promise<{ readonly orders: ReadonlyMap<string, Order>; readonly broken: readonly string[] }> {
  const orders = new Map<string, Order>()
  const versions = new Map<string, number>()
  const broken: string[] = []
  for (let after = 0, last = 0, more = true; more;) {
    const { items, next_after, has_more } = await world.hub.get(`/v1/changes?after=${after}&limit=500`, page)
    for (const item of items) {
      if (item.seq <= last) broken.push(`feed position ${item.seq} comes after ${last}`)
      last = item.seq
      if (!item.order) continue
      const before = versions.get(item.order.id) ?? 0
      if (item.version < before || item.version > before + 1)
        broken.push(`order ${item.order.id}: version ${item.version} follows ${before} in the feed`)
      versions.set(item.order.id, item.version)
      orders.set(item.order.id, item.order)
    }
    after = next_after
    more = has_more
  }
  for (const [id, found] of orders) {
    if (versions.get(id) !== found.version) broken.push(`order ${id} stands at version ${found.version}, the feed ends at ${versions.get(id)}`)
  }
  return { orders, broken }
}

export function differenceOf(truth: Truth, { doc, refunds }: Order): string | undefined {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency: truth.currency }).resolvedOptions().maximumFractionDigits ?? 2
  const minor = (value: { readonly amount: string }): number => toMinor(value.amount, digits)
  const returned = refunds.map((one) => minor(one.doc.amount)).reduce((sum, one) => sum + one, 0)
  const expected = truth.lines.filter((one) => one.quantity !== 0 || one.totalMinor !== 0)
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['status', truth.status, doc.source_status],
    ['currency', truth.currency, doc.currency],
    ['total', truth.totalMinor, minor(doc.totals.total)],
    ['shipping', truth.shippingMinor, minor(doc.totals.shipping)],
    ['tax', truth.taxMinor, minor(doc.totals.tax)],
    ['refunded', truth.refundedMinor, returned],
    [
      'lines',
      expected.map((one) => [one.lineId, one.sku, one.quantity, one.totalMinor, one.taxMinor]),
      doc.lines.map((one) => [one.channel_line_no, one.channel_sku, Number(one.quantity), minor(one.net), minor(one.tax)]),
    ],
  ]
  const wrong = pairs.filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b))
  return wrong.length === 0
    ? undefined
    : wrong.map(([name, a, b]) => `${name} is ${JSON.stringify(b)}, the channel says ${JSON.stringify(a)}`).join('; ')
}

/** A late copy of a document that was overtaken meanwhile is kept beside the first one as superseded: only one that was applied again is a double. */
export async function doubles(world: Judged): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ what: string }>(`
    select 'order ' || external_id || ' stands ' || count(*) || ' times' as what from orders group by connection_id, external_id having count(*) > 1
    union all select 'feed has version ' || version || ' of order ' || order_id || ' ' || count(*) || ' times' from feed
      where order_id is not null and cause <> 're-emit' group by order_id, version having count(*) > 1
    union all select kind || ' ' || external_id || ' is archived twice in a row' from (
      select r.id, kind, external_id, sha256, lag(sha256) over (partition by r.connection_id, kind, external_id order by r.id) as before from raw_events r where kind <> 'hook') r
      join raw_dispositions d on d.raw_id = r.id where sha256 = before and d.disposition = 'applied'`)
  const packages = new Map<string, number>()
  for (const shop of world.shops ?? [world.shop]) {
    for (const fact of await shop.shipments()) {
      const key = `package ${fact.trackingNumber} of order ${fact.orderId} in ${shop.name}`
      if (fact.action === 'created') packages.set(key, (packages.get(key) ?? 0) + 1)
    }
  }
  return [...rows.map((row) => row.what), ...[...packages].filter(([, times]) => times > 1).map(([key, times]) => `${key} was made ${times} times`)]
}

/** I2: each raw document has exactly one disposition, every page adds up. */
export async function undisposed(world: Judged): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ what: string }>(`
    select 'raw document ' || r.id || ' has no disposition' as what from raw_events r left join raw_dispositions d on d.raw_id = r.id where d.raw_id is null
    union all select 'disposition of ' || d.raw_id || ' names no raw document' from raw_dispositions d left join raw_events r on r.id = d.raw_id where r.id is null
    union all select 'a page of ' || stream || ' does not add up' from pull_pages where seen <> unchanged + appended`)
  return rows.map((row) => row.what)
}

export const sound = (verdict: Judgement): boolean =>
  verdict.compared > 0 && verdict.lost.length === 0 && verdict.doubled.length === 0 && verdict.broken.length === 0

/** The first few of everything that is wrong. */
export const complaints = (verdict: Judgement): readonly string[] => [
  ...verdict.lost.slice(0, 3),
  ...verdict.doubled.slice(0, 3),
  ...verdict.broken.slice(0, 3),
]

/** Waits until hub and ledger agree; `seconds` is how long that took since `since` of `performance.now()`. */
export async function untilAgreed(
  world: Judged,
  connection: string,
  since: number,
  options: JudgeOptions & { readonly seconds?: number; readonly pull?: boolean } = {},
): Promise<{ readonly verdict: Judgement; readonly seconds: number }> {
  const limit = options.seconds ?? 150
  let last: Judgement | undefined
  const agreed = async (): Promise<true | undefined> => {
    if (options.pull !== false) await world.pullNow(connection)
    const waiting = await world.count('select count(*) from inbox').catch(() => 1)
    if (waiting > 0) return undefined
    last = await judge(world, { ...options, connection }).catch(() => undefined)
    return last !== undefined && sound(last) ? true : undefined
  }
  await eventually('hub and ledger agree', agreed, limit, 500).catch(() => undefined)
  const seconds = secondsSince(since)
  return { verdict: last ?? (await judge(world, { ...options, connection })), seconds }
}
