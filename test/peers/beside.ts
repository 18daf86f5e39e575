import { expect } from 'vitest'
import { z } from 'zod'
import type { TestHub } from './hub.ts'

export const POLL_SECONDS = 10
/** A round of polling, the work of it, and some air for two busy cores. */
export const SOON = { timeout: (POLL_SECONDS + 20) * 1000, interval: 500 }

const money = z.object({ amount: z.string(), currency: z.string() })
const summaries = z.object({ items: z.array(z.object({ id: z.string(), channel_order_no: z.string() })), has_more: z.boolean(), next_cursor: z.string().nullable() })
const orderDetail = z.object({
  id: z.string(), channel_order_no: z.string(), cancelled: z.boolean(), lines: z.array(z.object({ quantity: z.string() })),
  doc: z.object({
    source_status: z.string(), totals: z.object({ total: money, paid: money, refunded: money }),
    lines: z.array(z.object({ channel_line_no: z.string(), channel_sku: z.string(), quantity: z.string(), cancelled: z.string(), net: money })),
    channel_shipments: z.array(z.object({ tracking_no: z.string().nullable(), state: z.string() })),
  }),
})
export type HubOrder = z.output<typeof orderDetail>
const listings = z.object({ items: z.array(z.object({ sku: z.string().nullable() })) })
const stockOf = z.object({ items: z.tuple([z.object({ cells: z.array(z.object({ desired: z.coerce.number(), confirmed: z.coerce.number() })) })]) })

/** One order as the shop knows it, in the form the hub's is compared with; amounts in minor units. */
export interface Truth {
  readonly code: string
  readonly state: string
  readonly total: number
  readonly paid: number
  readonly refunded: number
  readonly cancelled: boolean
  /** Line id, SKU, units that are not cancelled, amount. */
  readonly lines: readonly (readonly [id: string, sku: string, quantity: number, net: number])[]
  readonly packages: readonly (readonly [tracking: string | null, state: string])[]
}

/** What every real-shop job asks of the hub it runs beside: nothing here looks into the hub but through its API. */
export interface Beside {
  readonly connection: string
  /** How often the hub asks the shop; a long pace leaves everything to the shop's events. */
  pace(seconds: number): Promise<void>
  pull(): Promise<void>
  /** Order number → the hub's id; an order that is there twice fails the test. */
  orders(): Promise<ReadonlyMap<string, string>>
  order(code: string): Promise<HubOrder>
  /** Fails with the first order that differs in lines, quantities, money, status, packages. */
  agree(truths: readonly Truth[]): Promise<void>
  /** Pulls until hub and shop agree. */
  agreeSoon(truths: () => Promise<readonly Truth[]>, seconds: number): Promise<void>
  /** Names every listing and counts stock for it. */
  stock(skus: readonly string[], onHand: string): Promise<void>
  arm(what: readonly string[]): Promise<void>
  /** What the shop would still sell is what the hub wants it to show, and the hub knows that it does. */
  expectShelf(sku: string, shown: () => Promise<number>): Promise<void>
}

const minor = ({ amount }: z.output<typeof money>): number => Number(amount.replace('.', ''))
const sorted = <T extends readonly [string, ...unknown[]]>(rows: readonly T[]): readonly T[] => [...rows].sort((a, b) => (a[0] < b[0] ? -1 : 1))

const truthOf = (order: HubOrder): Truth => ({
  code: order.channel_order_no, state: order.doc.source_status, total: minor(order.doc.totals.total), paid: minor(order.doc.totals.paid), refunded: minor(order.doc.totals.refunded),
  cancelled: order.cancelled,
  lines: order.doc.lines.map((l) => [l.channel_line_no, l.channel_sku, Number(l.quantity) - Number(l.cancelled), minor(l.net)]),
  packages: order.doc.channel_shipments.map((s) => [s.tracking_no, s.state]),
})

/** Shops hand out lines and packages in any order. */
const inOrder = (truth: Truth): Truth => ({ ...truth, lines: sorted(truth.lines), packages: [...truth.packages].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)) })

/** What an order of the hub and of the shop say differently: `code.member: ours ≠ theirs`. */
const differences = (ours: Truth, theirs: Truth): readonly string[] =>
  Object.entries(theirs).flatMap(([name, value]) => {
    const mine: unknown = Object.entries(ours).find(([own]) => own === name)?.[1]
    return JSON.stringify(mine) === JSON.stringify(value) ? [] : [`${theirs.code}.${name}: ${JSON.stringify(mine)} ≠ ${JSON.stringify(value)}`]
  })

export function besideHub(hub: TestHub, connection: string): Beside {
  const orders: Beside['orders'] = async () => {
    const found = new Map<string, string>()
    for (let cursor: string | null = ''; ; ) {
      const page: z.output<typeof summaries> = await hub.get(`/v1/orders?connection=${connection}&limit=200${cursor === '' || cursor === null ? '' : `&cursor=${cursor}`}`, summaries)
      for (const order of page.items) {
        expect(found.has(order.channel_order_no), `${order.channel_order_no} is there twice`).toBe(false)
        found.set(order.channel_order_no, order.id)
      }
      if (!page.has_more) return found
      cursor = page.next_cursor
    }
  }
  const agree: Beside['agree'] = async (truths) => {
    const ours = await orders()
    expect([...ours.keys()].sort()).toEqual(truths.map(({ code }) => code).sort())
    const wrong: string[] = []
    for (const truth of truths) {
      const detail = await hub.get(`/v1/orders/${ours.get(truth.code) ?? ''}`, orderDetail)
      wrong.push(...differences(inOrder(truthOf(detail)), inOrder(truth)))
    }
    if (wrong.length > 0) throw new Error(`${wrong.length} values differ: ${wrong.slice(0, 12).join(' · ')}`)
  }
  const pull = async (): Promise<void> => void (await hub.send('POST', `/v1/connections/${connection}/pull`))
  return {
    connection,
    orders,
    agree,
    pull,
    async pace(seconds) {
      const { etag } = await hub.send('PATCH', `/v1/connections/${connection}`, { poll_seconds: seconds })
      expect(etag).not.toBe('')
      await pull()
    },
    async order(code) {
      const id = (await orders()).get(code)
      if (id === undefined) throw new Error(`The hub has no order ${code}.`)
      return hub.get(`/v1/orders/${id}`, orderDetail)
    },
    async agreeSoon(truths, seconds) {
      await expect.poll(async () => {
        await pull()
        return agree(await truths()).then(() => 'agreed', (error: unknown) => String(error).slice(0, 2000))
      }, { timeout: seconds * 1000, interval: 5000 }).toBe('agreed')
    },
    async stock(skus, onHand) {
      await hub.send('POST', `/v1/connections/${connection}/listings/refresh`)
      const shown = () => hub.get(`/v1/listings?connection=${connection}`, listings)
      await expect.poll(async () => (await shown()).items.length, SOON).toBe(skus.length)
      expect((await hub.send('POST', '/v1/skus', { items: skus.map((sku) => ({ sku, title: sku })) })).body).toMatchObject({ created: skus.length })
      expect((await shown()).items.every((listing) => listing.sku !== null)).toBe(true)
      const counted = await hub.send('POST', '/v1/stock', { items: skus.map((sku) => ({ sku, on_hand: onHand, ref: 'opening' })) })
      expect(counted.body).toEqual({ items: skus.map((sku): unknown => expect.objectContaining({ sku, result: 'set' })) })
    },
    async arm(what) {
      for (const one of what) {
        const { hash } = await hub.get(`/v1/connections/${connection}/arm-preview?what=${one}`, z.object({ hash: z.string() }))
        const armed = await hub.send('POST', `/v1/connections/${connection}/arm`, { what: [one], preview_hash: hash, confirm_zero: true })
        expect(armed.status, JSON.stringify(armed.body)).toBe(200)
      }
    },
    async expectShelf(sku, shown) {
      const compare = async (): Promise<string> => {
        const [cell] = (await hub.get(`/v1/stock?sku=${encodeURIComponent(sku)}`, stockOf)).items[0].cells
        const sells = await shown()
        return cell?.desired === sells && cell.confirmed === sells ? 'same' : `${sku}: the shop sells ${sells}, the hub wants ${cell?.desired} and believes ${cell?.confirmed}`
      }
      await expect.poll(compare, { timeout: 90_000, interval: 1000 }).toBe('same')
    },
  }
}

/** A connection of the hub to a shop that may not run yet; answers its id and the address its events go to. */
export async function connectHub(hub: TestHub, body: Readonly<Record<string, unknown>>): Promise<{ readonly connection: string; readonly hookUrl: string }> {
  const created = await hub.send('POST', '/v1/connections', { timezone: 'UTC', currency: 'USD', ...body })
  expect(created.status, JSON.stringify(created.body)).toBe(201)
  const made = z.object({ id: z.string(), webhook: z.object({ url: z.string() }) }).parse(created.body)
  return { connection: made.id, hookUrl: made.webhook.url }
}

/** The connection test of the hub, all of whose steps must be green. */
export async function expectGreen(hub: TestHub, connection: string): Promise<void> {
  const checked = await hub.send('POST', `/v1/connections/${connection}/check`)
  const { steps } = z.object({ steps: z.array(z.looseObject({ ok: z.boolean() })) }).parse(checked.body)
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.filter((step) => !step.ok)).toEqual([])
}
