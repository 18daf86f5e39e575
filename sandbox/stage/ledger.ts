/** What a simulated shop knows to be true about one order, in minor units: the oracle every consumer is compared with. */
export interface OrderTruth {
  readonly orderId: string
  readonly number: string
  readonly status: string
  readonly currency: string
  readonly placedAt: string
  readonly modifiedAt: string
  readonly lines: readonly LineTruth[]
  readonly shippingMinor: number
  readonly feeMinor: number
  readonly taxMinor: number
  readonly discountMinor: number
  /** What the shopper owes, tax and shipping included. */
  readonly totalMinor: number
  readonly refundedMinor: number
  readonly refunds: readonly { readonly refundId: string; readonly minor: number }[]
}

export interface LineTruth {
  readonly lineId: string
  readonly sku: string
  readonly name: string
  readonly quantity: number
  /** After discount, before tax. */
  readonly totalMinor: number
  readonly taxMinor: number
  readonly shippedQuantity: number
  readonly refundedQuantity: number
}

/** Who moved it: a shopper at the checkout, the seller in the shop's own admin, or a caller of the API. */
export type Actor = 'shopper' | 'seller' | 'api'

export interface OrderFact {
  readonly kind: 'order'
  readonly orderId: string
  readonly change: 'placed' | 'edited' | 'status' | 'refunded' | 'cancel-requested' | 'noted' | 'deleted'
  readonly by: Actor
  readonly status: string
}

export interface StockFact {
  readonly kind: 'stock'
  readonly listingId: string
  readonly sku: string
  readonly from: number | null
  readonly to: number | null
  readonly cause: 'set' | 'delta' | 'sold' | 'restocked'
  readonly by: Actor
}

export interface ShipmentFact {
  readonly kind: 'shipment'
  readonly orderId: string
  readonly shipmentId: string
  readonly action: 'created' | 'updated' | 'deleted'
  readonly status: string
  readonly carrier: string
  readonly trackingNumber: string
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[]
  readonly by: Actor
}

export interface RequestFact {
  readonly kind: 'request'
  readonly method: string
  readonly path: string
  readonly query: string
  readonly status: number
  /** Ids of the records the answer carried. */
  readonly returned: readonly string[]
  /** The fault that was played on this request, if one was. */
  readonly fault?: string
}

export interface WebhookFact {
  readonly kind: 'webhook'
  readonly webhookId: string
  readonly topic: string
  readonly resourceId: string
  readonly outcome: 'ping' | 'delivered' | 'failed' | 'dropped'
  readonly httpStatus: number
}

export type Fact = OrderFact | StockFact | ShipmentFact | RequestFact | WebhookFact
export type Entry<F extends Fact = Fact> = F & { readonly seq: number; readonly at: string }

/** Append-only memory of a simulated shop. */
export interface Ledger {
  record(fact: Fact): void
  /** Everything with a sequence number above `since`. */
  entries(since?: number): readonly Entry[]
  /** Expected truth per order, as the shop stands now. */
  orders(): readonly OrderTruth[]
  order(orderId: string): OrderTruth | undefined
  orderChanges(orderId?: string): readonly Entry<OrderFact>[]
  /** Stock as callers of the API set it. */
  stockWrites(): readonly Entry<StockFact>[]
  /** Every movement: sales, cancellations, the seller's own hand and the API. */
  stockMoves(): readonly Entry<StockFact>[]
  shipments(): readonly Entry<ShipmentFact>[]
  requests(): readonly Entry<RequestFact>[]
  webhooks(): readonly Entry<WebhookFact>[]
}

export interface LedgerSource {
  readonly now: () => number
  readonly orders: () => readonly OrderTruth[]
  readonly order: (orderId: string) => OrderTruth | undefined
}

/** A demo may run for weeks: requests are kept this far back, everything else for good. */
const requestLimit = 40_000

function forgetOldRequests(log: readonly Entry[], keep: number): Entry[] {
  let excess = log.filter((entry) => entry.kind === 'request').length - keep
  return log.filter((entry) => entry.kind !== 'request' || (excess -= 1) < 0)
}

export function createLedger(source: LedgerSource): Ledger {
  let log: Entry[] = []
  let seq = 0
  let requests = 0
  const of = <F extends Fact>(is: (entry: Entry) => entry is Entry & F): readonly (Entry & F)[] => log.filter(is)
  const stock = () => of((e): e is Entry<StockFact> => e.kind === 'stock')
  return {
    record(fact) {
      seq += 1
      log.push({ ...fact, seq, at: new Date(source.now()).toISOString() })
      if (fact.kind === 'request' && (requests += 1) > requestLimit) {
        log = forgetOldRequests(log, requestLimit / 2)
        requests = requestLimit / 2
      }
    },
    entries: (since = 0) => log.filter((entry) => entry.seq > since),
    orders: source.orders,
    order: source.order,
    orderChanges: (orderId) => of((e): e is Entry<OrderFact> => e.kind === 'order' && (orderId === undefined || e.orderId === orderId)),
    stockWrites: () => stock().filter((e) => e.by === 'api' && (e.cause === 'set' || e.cause === 'delta')),
    stockMoves: stock,
    shipments: () => of((e): e is Entry<ShipmentFact> => e.kind === 'shipment'),
    requests: () => of((e): e is Entry<RequestFact> => e.kind === 'request'),
    webhooks: () => of((e): e is Entry<WebhookFact> => e.kind === 'webhook'),
  }
}
