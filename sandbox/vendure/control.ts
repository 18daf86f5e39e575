import type { FaultPlan } from '../stage/faults.ts'
import type { CartLine, Done, ShipInput, ShopControl } from '../stage/shop-control.ts'
import { createTrickle } from '../stage/trickle.ts'
import type { EventTrouble, VendureEvents } from './events.ts'
import type { VendureOrder, VendureVariant } from './model.ts'
import {
  addFulfilment,
  addHistory,
  cancelOrder,
  isRefusal,
  moveFulfilment,
  moveStock,
  recordOrder,
  refundOrder,
  saleable,
  saveOrder,
} from './operations.ts'
import { shopperAt } from './order-view.ts'
import type { VendureOrderInput } from './seed.ts'
import { addVariant, placeOrder, randomCart, seedOrders, seedVariants } from './seed.ts'
import type { VendureShop } from './shop.ts'
import { fulfilled, refundedOf } from './shop.ts'

export interface VendureControl extends ShopControl {
  addVariant(input: { name: string; sku: string; price: number; stock: number | null }): VendureVariant
  placeOrder(input: VendureOrderInput): Done
  /** Puts an order into a state as a custom process or the seller's admin would; `updatedAt` moves. */
  setState(orderId: string, state: string): Done
  /** Every session ends now. */
  expireSessions(): void
  expireTokens(): void
  revoke(on: boolean): void
  renewals(): number
  listLag(ms: number): void
  oddPaging(kind: VendureShop['settings']['oddPaging']): void
  strangeStatus(orderId: string): Done
  refuseStock(sku: string): void
  failWebhooks(trouble: EventTrouble): void
  webhooksSettled(): Promise<void>
}

export function createControl(shop: VendureShop, faults: FaultPlan, events: VendureEvents): VendureControl {
  const withOrder = (orderId: string, change: (order: VendureOrder) => string | undefined): Done => {
    const order = shop.orders.get(orderId)
    const reason = order ? change(order) : `No order ${orderId}.`
    return reason === undefined ? { ok: true, orderId } : { ok: false, reason }
  }
  const control: VendureControl = {
    addVariant: (input) => addVariant(shop, input),
    placeOrder: (input) => place(shop, input),
    shop: (lines) => place(shop, lines ? { lines } : randomCart(shop)),
    edit: (id) => withOrder(id, (order) => editAddress(shop, order)),
    setState: (id, state) => withOrder(id, (order) => setState(shop, order, state)),
    cancelOrder: (id) => withOrder(id, (order) => cancelOrder(shop, order, { reason: 'Customer changed their mind' }, 'seller')?.message),
    requestCancel: (id) => withOrder(id, (order) => requestCancel(shop, order)),
    refund: (id, minor) => withOrder(id, (order) => refundBySeller(shop, order, minor)),
    ship: (id, input) => withOrder(id, (order) => shipBySeller(shop, order, input ?? {})),
    setStock(sku, quantity) {
      const variant = variantBySku(shop, sku)
      if (variant) moveStock(shop, variant, quantity, { cause: 'set', by: 'seller' })
      return variant !== undefined
    },
    stockOf: (sku) => variantBySku(shop, sku)?.stockOnHand,
    sellableOf: (sku) => saleableOf(shop, { sku, quantity: 1 }),
    openOrders: () =>
      [...shop.orders.values()].filter((order) => order.state === 'PaymentSettled' || order.state === 'PartiallyShipped').map((order) => order.id),
    expireSessions: () => shop.sessions.clear(),
    expireTokens: () => shop.sessions.clear(),
    revoke(on) {
      shop.locked = on
      if (on) shop.sessions.clear()
    },
    renewals: () => shop.logins,
    listLag: (ms) => void (shop.settings.listLagMs = ms),
    oddPaging: (kind) => void (shop.settings.oddPaging = kind),
    strangeStatus: (id) => withOrder(id, (order) => setState(shop, order, 'WaitingForParts')),
    refuseStock: (sku) => void shop.refusedSkus.add(sku),
    failWebhooks(trouble) {
      events.trouble = trouble
    },
    webhooksSettled: events.settled,
    setFault: faults.set,
    clearFaults: faults.clear,
    seedProducts: (count) => seedVariants(shop, count),
    seedOrders: (count, spreadDays) => seedOrders(shop, count, spreadDays),
    trickle: (rate, mix) => trickle(rate, mix),
  }
  const trickle = createTrickle({ control, random: shop.random, skus: () => [...shop.variants.values()].map((variant) => variant.sku) })
  return control
}

export function variantBySku(shop: VendureShop, sku: string): VendureVariant | undefined {
  for (const variant of shop.variants.values()) if (variant.sku === sku) return variant
  return undefined
}

function place(shop: VendureShop, input: VendureOrderInput): Done {
  const missing = input.lines.find((line) => !variantBySku(shop, line.sku))
  if (missing) return { ok: false, reason: `No variant ${missing.sku}.` }
  const short = input.lines.find((line) => isShort(shop, line))
  if (short) return { ok: false, reason: `Only ${saleableOf(shop, short)} of ${short.sku} can be sold.` }
  return { ok: true, orderId: placeOrder(shop, input).id }
}

function saleableOf(shop: VendureShop, line: CartLine): number {
  const variant = variantBySku(shop, line.sku)
  return variant ? saleable(variant) : 0
}

function isShort(shop: VendureShop, line: CartLine): boolean {
  return line.quantity > saleableOf(shop, line)
}

function editAddress(shop: VendureShop, order: VendureOrder): undefined {
  const { address } = shopperAt(shop.random.int(1, 500))
  order.shippingAddress = { ...address, streetLine2: `Edited ${shop.random.int(1, 999)}` }
  saveOrder(shop, order)
  addHistory(shop, order, 'ORDER_MODIFIED', { modificationId: shop.random.hex(4) })
  recordOrder(shop, order, 'edited', 'seller')
}

function setState(shop: VendureShop, order: VendureOrder, state: string): undefined {
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to: state })
  order.state = state
  saveOrder(shop, order)
  recordOrder(shop, order, 'status', 'seller')
}

/** Not in Vendure's own process: shops that offer it add a state. */
function requestCancel(shop: VendureShop, order: VendureOrder): undefined {
  addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to: 'CancellationRequested' })
  order.state = 'CancellationRequested'
  saveOrder(shop, order)
  recordOrder(shop, order, 'cancel-requested', 'shopper')
}

function refundBySeller(shop: VendureShop, order: VendureOrder, minor: number | undefined): string | undefined {
  const payment = order.payments[0]
  if (!payment) return 'The order has no payment.'
  const made = refundOrder(shop, { paymentId: payment.id, amount: minor ?? payment.amount - refundedOf(order), reason: 'Goodwill' }, 'seller')
  return isRefusal(made) ? made.message : undefined
}

function shipBySeller(shop: VendureShop, order: VendureOrder, input: ShipInput): string | undefined {
  const left = order.lines.map((line) => ({ orderLineId: line.id, quantity: line.quantity - fulfilled(order, line, 'all') }))
  const lines = input.lines?.map((one) => ({ orderLineId: one.lineId, quantity: one.quantity })) ?? left
  const trackingCode = input.trackingNumber ?? `SF${shop.random.int(1_000_000_000, 9_999_999_999)}`
  const made = addFulfilment(shop, { lines, handler: 'manual-fulfillment', method: input.carrier ?? 'SF Express', trackingCode }, 'seller')
  return isRefusal(made) ? made.message : moveFulfilment(shop, order, made, 'Shipped', 'seller')?.message
}
