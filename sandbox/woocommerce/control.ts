import type { FaultPlan } from '../stage/faults.ts'
import type { CartLine, Done, ShipInput, ShopControl } from '../stage/shop-control.ts'
import { createTrickle } from '../stage/trickle.ts'
import type { ProductInput } from './catalogue.ts'
import { addProduct, moveStock, productBySku } from './catalogue.ts'
import type { WooOrder, WooProduct } from './model.ts'
import type { OrderEdit, OrderInput } from './orders.ts'
import { changeStatus, CheckoutRefused, editOrder, placeOrder } from './orders.ts'
import type { RefundInput } from './refunds.ts'
import { refundOrder } from './refunds.ts'
import { removeOrder } from './routes-orders.ts'
import { fulfil } from './routes-shipments.ts'
import { randomCart, seedOrders, seedProducts } from './seed.ts'
import type { WooKey, WooShop } from './shop.ts'
import { announce, shippedQuantity } from './shop.ts'
import type { WebhookTrouble, WooWebhooks } from './webhooks.ts'

export interface WooControl extends ShopControl {
  addProduct(input: ProductInput): WooProduct
  addKey(key: Omit<WooKey, 'nonces'>): void
  removeKey(consumerKey: string): void
  /** A precise order; refused when the shelf is too empty. */
  placeOrder(input: OrderInput): Done
  shopForPickup(lines: readonly CartLine[]): Done
  editOrder(orderId: string, edit: OrderEdit): Done
  setStatus(orderId: string, status: string): Done
  refundOrder(orderId: string, input: RefundInput): Done
  trash(orderId: string, force?: boolean): Done
  /** A plugin answers one member of this order's document its own way. */
  distort(orderId: string, member: string, value: unknown): Done
  /** Makes deliveries go missing, double or late. */
  failWebhooks(trouble: WebhookTrouble): void
  webhooksSettled(): Promise<void>
  revoke(on: boolean): void
  listLag(ms: number): void
  oddPaging(kind: WooShop['settings']['oddPaging']): void
  strangeStatus(orderId: string): Done
  refuseStock(sku: string): void
  dropSubscriptions(): void
  /** Switches features and lags while the shop runs. */
  configure(change: Partial<Pick<WooShop['settings'], 'fulfilments' | 'shipmentTracking' | 'assumeHttps' | 'webhookDelayMs' | 'listLagMs'>>): void
}

export interface ControlParts {
  readonly shop: WooShop
  readonly webhooks: WooWebhooks
  readonly faults: FaultPlan
}

export function createControl({ shop, webhooks, faults }: ControlParts): WooControl {
  const withOrder = (orderId: string, change: (order: WooOrder) => void): Done => {
    const order = shop.orders.get(Number(orderId))
    if (!order) return { ok: false, reason: `No order ${orderId}.` }
    change(order)
    return { ok: true, orderId }
  }
  const skus = (): readonly string[] => [...shop.products.values()].filter((one) => one.type !== 'variable').map((one) => one.sku)
  const control: WooControl = {
    addProduct: (input) => addProduct(shop, input),
    addKey: (key) => void shop.keys.push({ ...key, nonces: new Map() }),
    removeKey: (id) =>
      void shop.keys.splice(
        shop.keys.findIndex((key) => key.consumerKey === id),
        1,
      ),
    placeOrder: (input) => tryPlace(shop, input),
    shopForPickup: (lines) => tryPlace(shop, { lines, pickup: true }),
    shop: (lines) => tryPlace(shop, lines ? { lines } : randomCart(shop)),
    editOrder: (id, edit) => withOrder(id, (order) => editOrder(shop, order, edit, 'seller')),
    edit: (id) => withOrder(id, (order) => editOrder(shop, order, { customerNote: `Please ring twice (${shop.random.int(1, 999)})` }, 'seller')),
    distort: (id, member, value) =>
      withOrder(id, (order) => {
        order.odd = { ...order.odd, [member]: value }
        announce(shop, order, 'edited', 'seller')
      }),
    setStatus: (id, status) => withOrder(id, (order) => changeStatus(shop, order, status, 'seller')),
    cancelOrder: (id) => withOrder(id, (order) => changeStatus(shop, order, 'cancelled', 'seller')),
    requestCancel: (id) => withOrder(id, (order) => requestCancel(shop, order)),
    refundOrder: (id, input) => refunded(shop, id, input),
    refund: (id, minor) => refunded(shop, id, minor === undefined ? {} : { minor, reason: 'Goodwill' }),
    ship: (id, input) => withOrder(id, (order) => shipBySeller(shop, order, input ?? {})),
    trash: (id, force = false) => withOrder(id, (order) => removeOrder(shop, order, 'seller', force)),
    setStock(sku, quantity) {
      const product = productBySku(shop, sku)
      if (!product) return false
      product.manageStock = true
      moveStock(shop, product, { to: quantity, cause: 'set', by: 'seller' })
      return true
    },
    stockOf: (sku) => productBySku(shop, sku)?.stock,
    openOrders: () => [...shop.orders.values()].filter((order) => order.status === 'processing').map((order) => String(order.id)),
    setFault: faults.set,
    clearFaults: faults.clear,
    failWebhooks(trouble) {
      webhooks.trouble = trouble
    },
    webhooksSettled: webhooks.settled,
    ...troubles(shop, webhooks, (id, status) => control.setStatus(id, status)),
    configure: (change) => void Object.assign(shop.settings, change),
    seedProducts: (count) => seedProducts(shop, count),
    seedOrders: (count, spreadDays) => seedOrders(shop, count, spreadDays),
    trickle: (rate, mix) => trickle(rate, mix),
  }
  const trickle = createTrickle({ control, random: shop.random, skus })
  return control
}

/** Keys have no life of their own here: what is taken back is the key itself. */
function troubles(
  shop: WooShop,
  webhooks: WooWebhooks,
  setStatus: WooControl['setStatus'],
): Pick<WooControl, 'revoke' | 'listLag' | 'oddPaging' | 'strangeStatus' | 'refuseStock' | 'dropSubscriptions'> {
  let taken: WooKey[] = []
  return {
    revoke(on) {
      if (on) taken = [...taken, ...shop.keys.splice(0)]
      else shop.keys.push(...taken.splice(0))
    },
    listLag: (ms) => void (shop.settings.listLagMs = ms),
    oddPaging: (kind) => void (shop.settings.oddPaging = kind),
    strangeStatus: (id) => setStatus(id, 'awaiting-shipment'),
    refuseStock: (sku) => void shop.refusedSkus.add(sku),
    dropSubscriptions: () => webhooks.hooks.clear(),
  }
}

function tryPlace(shop: WooShop, input: OrderInput): Done {
  try {
    return { ok: true, orderId: String(placeOrder(shop, input).id) }
  } catch (error) {
    if (error instanceof CheckoutRefused) return { ok: false, reason: error.message }
    throw error
  }
}

/** Core has no such thing: a plugin registers a status and shoppers move their order into it. */
function requestCancel(shop: WooShop, order: WooOrder): void {
  order.status = 'cancel-request'
  announce(shop, order, 'cancel-requested', 'shopper')
}

function refunded(shop: WooShop, orderId: string, input: RefundInput): Done {
  const order = shop.orders.get(Number(orderId))
  if (!order) return { ok: false, reason: `No order ${orderId}.` }
  return refundOrder(shop, order, input, 'seller') ? { ok: true, orderId } : { ok: false, reason: 'Invalid refund amount.' }
}

/** Where the shop has fulfilments the seller makes one; the order is completed once nothing is left. */
function shipBySeller(shop: WooShop, order: WooOrder, input: ShipInput): void {
  const left = order.lines.map((line) => ({ line, quantity: line.quantity - shippedQuantity(order, line.id) })).filter((one) => one.quantity > 0)
  const items =
    input.lines?.map((one) => ({ item_id: Number(one.lineId), qty: one.quantity })) ??
    left.map(({ line, quantity }) => ({ item_id: line.id, qty: quantity }))
  if (shop.settings.fulfilments && items.length > 0) {
    const meta = [
      { key: '_items', value: items },
      { key: '_tracking_number', value: input.trackingNumber ?? `1Z${shop.random.hex(10).toUpperCase()}` },
      { key: '_shipping_provider', value: input.carrier ?? 'ups' },
    ]
    fulfil(shop, order, { status: 'fulfilled', meta_data: meta }, 'seller')
  }
  const whole = !input.lines || order.lines.every((line) => shippedQuantity(order, line.id) >= line.quantity)
  if (whole) changeStatus(shop, order, 'completed', 'seller')
}
