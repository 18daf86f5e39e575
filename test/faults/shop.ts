import { z } from 'zod'
import type { Part } from './part.ts'

const lineTruth = z.object({
  lineId: z.string(),
  sku: z.string(),
  quantity: z.number(),
  totalMinor: z.number(),
  taxMinor: z.number(),
  shippedQuantity: z.number(),
})
const truth = z.object({
  orderId: z.string(),
  number: z.string(),
  status: z.string(),
  currency: z.string(),
  modifiedAt: z.string(),
  lines: z.array(lineTruth),
  shippingMinor: z.number(),
  taxMinor: z.number(),
  totalMinor: z.number(),
  refundedMinor: z.number(),
  refunds: z.array(z.object({ refundId: z.string(), minor: z.number() })),
})
/** What the channel knows to be true of one order. */
export type Truth = z.output<typeof truth>

const webhookFact = z.object({ topic: z.string(), resourceId: z.string(), outcome: z.string(), httpStatus: z.number(), at: z.string() })
const shipmentFact = z.object({ orderId: z.string(), shipmentId: z.string(), action: z.string(), trackingNumber: z.string() })
const stockFact = z.object({ sku: z.string(), to: z.number().nullable(), at: z.string(), seq: z.number() })
const requestFact = z.object({ method: z.string(), path: z.string(), query: z.string(), status: z.number(), at: z.string(), seq: z.number() })
const orderFact = z.object({ orderId: z.string(), change: z.string(), at: z.string() })
const done = z.object({ ok: z.boolean(), orderId: z.string().optional(), reason: z.string().optional() })

/** A simulated channel in its own process, moved by its levers and read by its ledger. */
export class Shop {
  readonly name: string
  readonly #part: Part

  constructor(part: Part, name: string) {
    this.#part = part
    this.name = name
  }

  /** Where the channel itself listens, without any proxy. */
  get port(): number {
    return Number(new URL(this.#part.url).port)
  }

  async pull(lever: string, input: unknown = {}): Promise<unknown> {
    const response = await fetch(`${this.#part.url}/__control/${this.name}/${lever}`, { method: 'POST', body: JSON.stringify(input) })
    if (!response.ok) throw new Error(`Lever ${lever}: ${response.status} ${await response.text()}`)
    return z.unknown().parse(await response.json())
  }

  /** @throws when the channel refuses it; the message says why */
  async act(lever: string, input: unknown = {}): Promise<string> {
    const answer = done.parse(await this.pull(lever, input))
    if (!answer.ok) throw new Error(`${lever}: ${answer.reason ?? 'refused'}`)
    return answer.orderId ?? ''
  }

  truths(): Promise<readonly Truth[]> {
    return this.#read('orders', z.array(truth))
  }
  webhooks(): Promise<readonly z.output<typeof webhookFact>[]> {
    return this.#read('webhooks', z.array(webhookFact))
  }
  shipments(): Promise<readonly z.output<typeof shipmentFact>[]> {
    return this.#read('shipments', z.array(shipmentFact))
  }
  stockWrites(): Promise<readonly z.output<typeof stockFact>[]> {
    return this.#read('stock-writes', z.array(stockFact))
  }
  /** What happened to orders, in the order in which it did. */
  changes(): Promise<readonly z.output<typeof orderFact>[]> {
    return this.#read('changes', z.array(orderFact))
  }
  /** When each order was placed, to the millisecond. */
  async placements(): Promise<readonly { readonly orderId: string; readonly at: number }[]> {
    const facts = await this.changes()
    return facts.filter((fact) => fact.change === 'placed').map((fact) => ({ orderId: fact.orderId, at: Date.parse(fact.at) }))
  }
  requests(): Promise<readonly z.output<typeof requestFact>[]> {
    return this.#read('requests', z.array(requestFact))
  }
  async openOrders(): Promise<readonly string[]> {
    return this.#read('open', z.array(z.string()))
  }

  async #read<T extends z.ZodType>(question: string, shape: T): Promise<z.output<T>> {
    const response = await fetch(`${this.#part.url}/__control/${this.name}/${question}`)
    if (!response.ok) throw new Error(`Ledger ${question}: ${response.status}`)
    return shape.parse(await response.json())
  }
}
