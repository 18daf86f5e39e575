import type { Fault } from './faults.ts'

/** Either it happened, or the shop said no and why. */
export type Done = { readonly ok: true; readonly orderId: string } | { readonly ok: false; readonly reason: string }

export interface ShipInput {
  readonly carrier?: string
  readonly trackingNumber?: string
  /** Everything still unshipped without it. */
  readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[]
}

export interface CartLine {
  readonly sku: string
  readonly quantity: number
}

/** What a test, a demo or a person can make a simulated shop do: the levers every simulator has. */
export interface ShopControl extends Partial<ShopTroubles> {
  /** A random cart of a random shopper unless lines are given. */
  shop(lines?: readonly CartLine[]): Done
  /** An order its buyer will collect, where the channel tells such orders from others. */
  shopForPickup?(lines: readonly CartLine[]): Done
  edit(orderId: string): Done
  cancelOrder(orderId: string): Done
  /** The shopper asks; the shop has not decided. */
  requestCancel(orderId: string): Done
  /** Minor units; everything left without an amount. */
  refund(orderId: string, minor?: number): Done
  ship(orderId: string, input?: ShipInput): Done
  /** The seller's own hand on a stock count. */
  setStock(sku: string, quantity: number): boolean
  /** Orders that still wait for shipping, newest last. */
  openOrders(): readonly string[]
  setFault(fault: Fault): void
  clearFaults(): void
  seedProducts(count: number): void
  /** History: no stock is moved, nobody is told. */
  seedOrders(count: number, spreadDays?: number): void
  /** Events per minute; 0 stops. */
  trickle(ratePerMinute: number, mix?: TrickleMix): void
  stockOf(sku: string): number | null | undefined
  /** What a shopper can buy right now, where that is less than the count. */
  sellableOf?(sku: string): number | undefined
}

/**
 * Troubles beyond the fault plan, each as the channel knows it. A simulator leaves out what its channel cannot have.
 */
export interface ShopTroubles {
  /** Access tokens or sessions end now; they can be renewed. */
  expireTokens(): void
  /** The seller took the authorisation back: tokens end and renewing fails, until `false`. */
  revoke(on: boolean): void
  /** How often a token was issued or renewed. */
  renewals(): number
  /** Orders show up in lists this long after their change time. */
  listLag(ms: number): void
  /** `repeat`: the last page comes again for ever · `empty-middle`: a page without records in the midst of others. */
  oddPaging(kind: 'repeat' | 'empty-middle' | 'none'): void
  /** Gives the order a status no document of the channel names. */
  strangeStatus(orderId: string): Done
  /** Stock writes of this SKU are refused from now on, alone in their batch where the channel tells items apart. */
  refuseStock(sku: string): void
  /** Subscriptions vanish as the channel drops them, without a word. */
  dropSubscriptions(): void
  /** Makes deliveries go missing, double or late. */
  failWebhooks(trouble: { readonly drop?: number; readonly duplicate?: number; readonly delayMs?: number }): void
  /** Resolves when nothing is on its way to a subscriber. */
  webhooksSettled(): Promise<void>
}

/** Shares of what happens, relative to each other. */
export interface TrickleMix {
  readonly place?: number
  readonly edit?: number
  readonly cancel?: number
  readonly requestCancel?: number
  readonly refund?: number
  readonly ship?: number
  readonly fault?: number
  readonly restock?: number
}
