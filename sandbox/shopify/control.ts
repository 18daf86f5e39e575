import type { FaultPlan } from '../stage/faults.ts'
import type { Done, ShipInput, ShopControl, ShopTroubles } from '../stage/shop-control.ts'
import { createTrickle } from '../stage/trickle.ts'
import type { ShopifyOrder, ShopifyVariant } from './model.ts'
import { cancelOrder, fulfil, refundOrder, removeUnits, saveOrder, setAvailable } from './operations.ts'
import type { ShopifyOrderInput, VariantInput } from './seed.ts'
import { addVariant, placeOrder, randomCart, seedOrders, seedVariants, sellable } from './seed.ts'
import type { ShopifyShop } from './shop.ts'
import { receivedOf, refundedOf } from './shop.ts'
import type { ShopifyWebhooks } from './webhooks.ts'

export interface ShopifyControl extends Omit<ShopControl, keyof ShopTroubles>, ShopTroubles {
  addVariant(input: VariantInput): ShopifyVariant
  placeOrder(input: ShopifyOrderInput): Done
  /** Another place of the seller, with so many of each variant; answers its id. */
  addLocation(name: string, stock: number): string
  /** Shopify or the seller holds the order's goods back, or lets them go. */
  hold(orderId: string, on: boolean): Done
  /** The seller edits units out of an order. */
  removeUnits(orderId: string, lineId: string, quantity: number): Done
  /** Sends a privacy topic or `app/uninstalled` to an address; answers the HTTP status. */
  sendTopic(topic: string, url: string, orders?: readonly number[]): Promise<number>
}

export interface ControlInput {
  readonly shop: ShopifyShop
  readonly webhooks: ShopifyWebhooks
  readonly faults: FaultPlan
}

export function createControl({ shop, webhooks, faults }: ControlInput): ShopifyControl {
  const withOrder = (orderId: string, change: (order: ShopifyOrder) => string | undefined): Done => {
    const order = shop.orders.get(orderId)
    const reason = order ? change(order) : `No order ${orderId}.`
    return reason === undefined ? { ok: true, orderId } : { ok: false, reason }
  }
  const control: ShopifyControl = {
    ...troubles({ shop, webhooks, faults }, withOrder),
    addVariant: (input) => addVariant(shop, input),
    placeOrder: (input) => place(shop, input),
    addLocation(name, stock) {
      const id = String(90_000_001 + shop.locations.length)
      shop.locations.push({ id, name })
      for (const variant of shop.variants.values()) if (variant.tracked) variant.available.set(id, stock)
      return id
    },
    shop: (lines) => place(shop, lines ? { lines } : randomCart(shop)),
    edit: (id) => withOrder(id, (order) => edit(shop, order)),
    hold: (id, on) => withOrder(id, (order) => hold(shop, order, on)),
    removeUnits: (id, lineId, quantity) =>
      withOrder(id, (order) => {
        const line = order.lines.find((one) => one.id === lineId)
        if (!line) return 'The order has no such line.'
        order.edits += 1
        removeUnits(shop, order, line, quantity)
        return undefined
      }),
    cancelOrder: (id) =>
      withOrder(id, (order) => cancelOrder(shop, order, { reason: 'CUSTOMER', refund: true, restock: true, by: 'seller' })?.message),
    requestCancel: (id) => withOrder(id, (order) => requestReturn(shop, order)),
    refund: (id, minor) =>
      withOrder(id, (order) => refundOrder(shop, order, { amount: minor ?? receivedOf(order) - refundedOf(order), by: 'seller' })),
    ship: (id, input) => withOrder(id, (order) => ship(shop, order, input ?? {})),
    setStock(sku, quantity) {
      const variant = variantBySku(shop, sku)
      const [location] = shop.locations
      if (variant && location) setAvailable(shop, variant, { location: location.id, quantity }, { cause: 'set', by: 'seller' })
      return variant !== undefined
    },
    stockOf: (sku) => {
      const variant = variantBySku(shop, sku)
      if (!variant) return undefined
      return variant.tracked ? (variant.available.get(shop.locations[0]?.id ?? '') ?? 0) : null
    },
    openOrders: () =>
      [...shop.orders.values()]
        .filter((order) => order.fulfillmentOrders.some((one) => one.status === 'OPEN' || one.status === 'IN_PROGRESS'))
        .map((order) => order.id),
    setFault: faults.set,
    clearFaults: faults.clear,
    seedProducts: (count) => seedVariants(shop, count),
    seedOrders: (count, spreadDays) => seedOrders(shop, count, spreadDays),
    trickle: (rate, mix) => trickle(rate, mix),
    sendTopic: (topic, url, orders = []) =>
      webhooks.send(topic, url, {
        shop_id: 1,
        shop_domain: 'sandbox.myshopify.com',
        ...(topic.startsWith('customers') && { customer: { id: 7_000_001, email: 'shopper1@example.com', phone: '555-625-1199' } }),
        ...(topic === 'customers/redact' && { orders_to_redact: orders }),
        ...(topic === 'customers/data_request' && { orders_requested: orders, data_request: { id: 9999 } }),
      }),
  }
  const trickle = createTrickle({ control, random: shop.random, skus: () => [...shop.variants.values()].map((variant) => variant.sku) })
  return control
}

type WithOrder = (orderId: string, change: (order: ShopifyOrder) => string | undefined) => Done

function troubles({ shop, webhooks }: ControlInput, withOrder: WithOrder): ShopTroubles {
  return {
    expireTokens() {
      shop.tokens.clear()
      shop.troubles.staticDead = true
    },
    revoke: (on) => {
      shop.troubles.revoked = on
      if (on) shop.tokens.clear()
    },
    renewals: () => shop.troubles.renewals,
    listLag: (ms) => {
      shop.troubles.listLagMs = ms
    },
    oddPaging: (kind) => {
      shop.troubles.paging = kind
    },
    strangeStatus: (id) =>
      withOrder(id, (order) => {
        order.strange = 'SANDBOX_UNKNOWN'
        saveOrder(shop, order, { change: 'status', by: 'seller', events: ['orders/updated'] })
        return undefined
      }),
    refuseStock(sku) {
      const variant = variantBySku(shop, sku)
      if (variant) variant.refused = true
    },
    dropSubscriptions: () => shop.subscriptions.clear(),
    failWebhooks: (trouble) => {
      webhooks.trouble = trouble
    },
    webhooksSettled: () => webhooks.settled(),
  }
}

export function variantBySku(shop: ShopifyShop, sku: string): ShopifyVariant | undefined {
  for (const variant of shop.variants.values()) if (variant.sku === sku) return variant
  return undefined
}

function place(shop: ShopifyShop, input: ShopifyOrderInput): Done {
  const missing = input.lines.find((line) => !variantBySku(shop, line.sku))
  if (missing) return { ok: false, reason: `No variant ${missing.sku}.` }
  const short = input.lines.find((line) => line.quantity > sellable(variantBySku(shop, line.sku) ?? fail()))
  if (short) return { ok: false, reason: `Not enough of ${short.sku} can be sold.` }
  return { ok: true, orderId: placeOrder(shop, input).id }
}

const fail = (): never => {
  throw new Error('The variant was there a moment ago.')
}

function edit(shop: ShopifyShop, order: ShopifyOrder): undefined {
  order.person = shop.random.int(1, 500)
  order.edits += 1
  order.note = `Edited ${order.edits}`
  saveOrder(shop, order, { change: 'edited', by: 'seller', events: ['orders/updated'] })
}

function hold(shop: ShopifyShop, order: ShopifyOrder, on: boolean): undefined {
  for (const one of order.fulfillmentOrders) {
    if (on && one.status === 'OPEN') one.status = 'ON_HOLD'
    else if (!on && one.status === 'ON_HOLD') one.status = 'OPEN'
  }
  saveOrder(shop, order, { change: 'status', by: 'seller', events: ['orders/updated'] })
}

/** Buyers cannot ask to cancel at Shopify; what they can ask for is a return. */
function requestReturn(shop: ShopifyShop, order: ShopifyOrder): undefined {
  order.returnStatus = 'RETURN_REQUESTED'
  saveOrder(shop, order, { change: 'cancel-requested', by: 'shopper', events: ['orders/updated'] })
}

function ship(shop: ShopifyShop, order: ShopifyOrder, input: ShipInput): string | undefined {
  const wanted = input.lines
  const parts = order.fulfillmentOrders
    .filter((one) => one.status === 'OPEN' || one.status === 'IN_PROGRESS')
    .map((one) => ({
      fulfillmentOrderId: one.id,
      lines: one.lines.flatMap((part) => {
        const quantity = wanted ? (wanted.find((line) => line.lineId === part.line.id)?.quantity ?? 0) : part.remaining
        return quantity > 0 ? [{ id: part.id, quantity: Math.min(quantity, part.remaining) }] : []
      }),
    }))
    .filter((one) => one.lines.length > 0)
  const number = input.trackingNumber ?? `1Z${shop.random.int(1_000_000_000, 9_999_999_999)}`
  for (const part of parts) {
    const made = fulfil(shop, { parts: [part], company: input.carrier ?? 'UPS', number, url: null, by: 'seller' })
    if ('message' in made) return made.message
  }
  return parts.length > 0 ? undefined : 'Nothing is left to send.'
}
