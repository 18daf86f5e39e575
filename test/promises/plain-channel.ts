import { z } from 'zod'
import {
  defineManifest,
  LEVEL_CHANGED,
  type AnyConnector,
  type InventoryWrite,
  type Outcome,
  type Page,
  type PullRequest,
  type RawRecord,
} from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import type { OpenedConnection } from '../../src/activities/pull.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import type { PlainDocument } from '../support/builders.ts'

/** How long a stock write of this channel may still land, seconds (skew + tMax). */
export const FENCE_SECONDS = 60

export const manifestOf = (write: 'absolute' | 'cas') =>
  defineManifest({
    id: 'plain',
    title: { en: 'Plain', zh: 'Plain' },
    kind: 'custom',
    stability: 'experimental',
    api: { version: '1', docs: 'https://example.invalid' },
    config: z.object({}),
    secrets: z.object({}),
    limits: [],
    hosts: () => [],
    capabilities: {
      pullOrders: { streams: [{ id: 'orders', mode: 'window', pageSize: 5, everySeconds: 1 }] },
      fetchOrder: { maxBatch: 100 },
      readWebhook: {},
      pushInventory: { write, maxBatch: 50, lagSeconds: 0, skewSeconds: 10, tMaxSeconds: 50, restocks: true, decrementAt: 'placing' },
      readInventory: { maxBatch: 50 },
      pushShipment: { partial: true },
      readShipments: {},
    },
  })
export const manifest = manifestOf('absolute')

/** One channel in memory behind the connector contract. It keeps what it served and what it was told, and errs where a test says so. */
export class PlainChannel {
  readonly orders = new Map<string, PlainDocument>()
  /** Ids of every order document that was handed out. */
  readonly served = new Set<string>()
  readonly shelf = new Map<string, number>()
  readonly writes: InventoryWrite[] = []
  readonly parcels: { readonly orderId: string; readonly trackingNo: string }[] = []
  pageSize = 5
  /** Levels are taken only where the shelf holds what is expected. */
  compares = false
  /** Runs before a page is handed out. */
  beforePage: () => void | Promise<void> = () => undefined
  /** Receives what would be answered; may throw instead, before or after the write took effect. */
  aroundWrite: (take: () => readonly Outcome[], writes: readonly InventoryWrite[]) => readonly Outcome[] | Promise<readonly Outcome[]> = (take) =>
    take()
  aroundParcel: (take: () => Outcome) => Outcome | Promise<Outcome> = (take) => take()

  put(...documents: readonly PlainDocument[]): void {
    for (const document of documents) this.orders.set(document.no, document)
  }

  open(context: ConnectionContext, now: () => Date = () => new Date()): OpenedConnection {
    return {
      context,
      connector: this.#connector(),
      call: {
        connectionId: context.connectionId,
        config: {},
        secrets: {},
        tokens: () => Promise.resolve({}),
        renew: () => Promise.resolve({}),
        now,
        signal: new AbortController().signal,
        http: () => Promise.reject(new ChannelError({ kind: 'misconfigured', message: 'This channel has no network.' })),
      },
    }
  }

  #connector(): AnyConnector {
    return {
      manifest: this.compares ? manifestOf('cas') : manifest,
      check: () => Promise.resolve([]),
      pullOrders: (_call, request) => this.#pages(request),
      fetchOrder: (_call, ids) => Promise.resolve(ids.flatMap((id) => this.#record(id) ?? [])),
      readWebhook: (body) => readDelivery(body),
      pushInventory: async (_call, writes) => this.aroundWrite(() => this.#take(writes), writes),
      readInventory: (_call, listings) => Promise.resolve(listings.map(({ key }) => ({ key, quantity: this.shelf.get(key) }))),
      pushShipment: async (_call, shipment) =>
        this.aroundParcel(() => {
          this.parcels.push({ orderId: shipment.orderId, trackingNo: shipment.trackingNo })
          return { key: shipment.key, status: 'applied' }
        }),
      readShipments: (_call, orderId) =>
        Promise.resolve(
          this.parcels
            .filter((parcel) => parcel.orderId === orderId)
            .map(({ trackingNo }): ChannelShipment => ({ channelShipmentNo: trackingNo, trackingNo, state: 'shipped', lines: [] })),
        ),
    }
  }

  async *#pages({ window, after }: PullRequest): AsyncIterable<Page> {
    const found = [...this.orders.values()]
      .filter((document) => !window || (document.at >= window.from && document.at < window.to))
      .sort((a, b) => (a.at === b.at ? (a.no < b.no ? -1 : 1) : a.at < b.at ? -1 : 1))
    for (let from = Number(after?.['offset'] ?? 0); ; from += this.pageSize) {
      await this.beforePage()
      const records = found.slice(from, from + this.pageSize).flatMap((document) => this.#record(document.no) ?? [])
      const last = from + this.pageSize >= found.length
      yield { records, cursor: last ? null : { offset: from + this.pageSize } }
      if (last) return
    }
  }

  #record(no: string): RawRecord | undefined {
    const document = this.orders.get(no)
    if (!document) return undefined
    this.served.add(no)
    return { kind: 'order', externalId: no, sourceTime: document.at, payload: JSON.stringify(document) }
  }

  #take(writes: readonly InventoryWrite[]): readonly Outcome[] {
    return writes.map((write): Outcome => {
      this.writes.push(write)
      if (this.compares && write.expected !== undefined && write.expected !== (this.shelf.get(write.key) ?? 0))
        return { key: write.key, status: 'refused', fault: { kind: 'refused', code: LEVEL_CHANGED, message: 'Another number stands there.' } }
      this.shelf.set(write.key, write.quantity)
      return { key: write.key, status: 'applied' }
    })
  }
}

/** A delivery is a document, `{"changed": "no"}` (a thin notice), `{"topic": "other"}`, or something nobody can read. */
function readDelivery(body: string): {
  readonly records: readonly RawRecord[]
  readonly fetch: readonly { readonly kind: 'order'; readonly externalId: string }[]
} {
  if (!body.startsWith('{')) throw new ChannelError({ kind: 'unreadable', message: 'The delivery is not JSON.' })
  const delivery = JSON.parse(body) as Partial<PlainDocument> & { readonly changed?: string }
  if (delivery.changed !== undefined) return { records: [], fetch: [{ kind: 'order', externalId: delivery.changed }] }
  if (delivery.no === undefined) return { records: [], fetch: [] }
  return {
    records: [{ kind: 'order', externalId: delivery.no, ...(delivery.at !== undefined && { sourceTime: delivery.at }), payload: body }],
    fetch: [],
  }
}
