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
export interface ShopControl {
  /** A random cart of a random shopper unless lines are given. */
  shop(lines?: readonly CartLine[]): Done
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
