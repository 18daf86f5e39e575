import type { FaultPlan } from '../faults.ts'
import type { CartLine, Done, ShipInput, ShopControl, ShopTroubles } from '../shop-control.ts'
import { createTrickle } from '../trickle.ts'
import { addItem, moveStock, placeOf, places, seedItems, stockOf, type ItemInput } from './goods.ts'
import { seedOrders, trackingNumber } from './history.ts'
import type { MarketOrder } from './model.ts'
import { beStrange, cancelUnpaid, edit, finish, hasEnded } from './operations.ts'
import { pay, placeOrder, randomCart, type PlaceInput } from './placing.ts'
import { decideRefund, openRefunds, refund, request, type Decision } from './refunds.ts'
import { carrierOf, ship, type Parcel } from './shipping.ts'
import type { MarketShop } from './shop.ts'
import { unsent } from './sums.ts'
import type { Webhooks } from './webhooks.ts'

/** The levers every marketplace has. */
export interface MarketControl extends ShopControl {
  addItem(input: ItemInput): void
  /** A precise order; refused when the shelf is too empty. */
  placeOrder(input: PlaceInput): Done
  shopForPickup(lines: readonly CartLine[]): Done
  /** Of a presale the second payment. */
  pay(orderId: string): Done
  finish(orderId: string): Done
  /** The buyer asks for one line's money, counted from 1. */
  requestRefund(orderId: string, lineNo: number): Done
  /** Decides every open request of the order; refused when none could be. */
  decideRefunds(orderId: string, decision: Decision): Done
  /** Another recipient. */
  changeAddress(orderId: string): Done
  /** Shows this word instead of where the order stands. */
  setStatus(orderId: string, status: string): Done
  expireTokens(): void
  revoke(on: boolean): void
  renewals(): number
  listLag(ms: number): void
  oddPaging(kind: 'repeat' | 'empty-middle' | 'none'): void
  strangeStatus(orderId: string): Done
  refuseStock(sku: string): void
}

export interface ControlInput {
  readonly shop: MarketShop
  readonly faults: FaultPlan
  readonly webhooks: Webhooks | undefined
}

/** What `strangeStatus` shows. */
const STRANGE = 'WAIT_MOON_PHASE'

export function createControl({ shop, faults, webhooks }: ControlInput): MarketControl {
  const withOrder = (orderId: string, change: (order: MarketOrder) => string | void): Done => {
    const order = shop.orders.get(orderId)
    const reason = order ? change(order) : `No order ${orderId}.`
    return typeof reason === 'string' ? { ok: false, reason } : { ok: true, orderId }
  }
  const place = (input: PlaceInput): Done => {
    const made = placeOrder(shop, input)
    return typeof made === 'string' ? { ok: false, reason: made } : { ok: true, orderId: made.id }
  }
  const control: MarketControl = {
    ...shelf(shop),
    ...troubles(shop),
    ...(webhooks ? pushTroubles(webhooks) : {}),
    placeOrder: place,
    shopForPickup: (lines) => place({ lines, kind: 'pickup' }),
    shop: (lines) => place(lines ? { lines } : randomCart(shop)),
    pay: (id) => withOrder(id, (order) => pay(shop, order)),
    finish: (id) => withOrder(id, (order) => finish(shop, order)),
    edit: (id) =>
      withOrder(id, (order) => edit(shop, order, { sellerNote: `加急 ${shop.random.int(1, 999)}`, flag: shop.random.int(1, 5), by: 'seller' })),
    changeAddress: (id) => withOrder(id, (order) => edit(shop, order, { person: shop.random.int(1, 500), by: 'shopper' })),
    setStatus: (id, status) => withOrder(id, (order) => beStrange(shop, order, status)),
    strangeStatus: (id) => withOrder(id, (order) => beStrange(shop, order, shop.rules.strangeStatus ?? STRANGE)),
    cancelOrder: (id) => withOrder(id, (order) => cancel(shop, order)),
    requestCancel: (id) => withOrder(id, (order) => request(shop, order)),
    requestRefund: (id, lineNo) => withOrder(id, (order) => requestLine(shop, order, lineNo)),
    decideRefunds: (id, decision) => withOrder(id, (order) => decideAll(shop, order, decision)),
    refund: (id, minor) => withOrder(id, (order) => refund(shop, order, minor, 'seller')),
    ship: (id, input) => withOrder(id, (order) => send(shop, order, input ?? {})),
    openOrders: () => [...shop.orders.values()].filter(({ state }) => state === 'to-ship' || state === 'part-shipped').map(({ id }) => id),
    setFault: faults.set,
    clearFaults: faults.clear,
    seedOrders: (count, spreadDays) => seedOrders(shop, count, spreadDays),
    trickle: (rate, mix) => trickle(rate, mix),
  }
  const trickle = createTrickle({ control, random: shop.random, skus: () => places(shop).map(({ code }) => code) })
  return control
}

const shelf = (shop: MarketShop): Pick<MarketControl, 'addItem' | 'seedProducts' | 'setStock' | 'stockOf'> => ({
  addItem: (input) => void addItem(shop, input),
  seedProducts: (count) => seedItems(shop, count),
  setStock(code, quantity) {
    const place = placeOf(shop, code)
    if (place) moveStock(shop, place, { to: quantity, cause: 'set', by: 'seller' })
    return place !== undefined
  },
  stockOf(code) {
    const place = placeOf(shop, code)
    return place && stockOf(place)
  },
})

const troubles = (shop: MarketShop): Pick<MarketControl, 'expireTokens' | 'revoke' | 'renewals' | 'listLag' | 'oddPaging' | 'refuseStock'> => ({
  expireTokens: () => shop.access.expire(),
  revoke: (on) => shop.access.revoke(on),
  renewals: () => shop.access.renewals(),
  listLag: (ms) => void (shop.troubles.listLagMs = ms),
  oddPaging: (kind) => void (shop.troubles.paging = kind),
  refuseStock: (sku) => void shop.troubles.refusedStock.add(sku),
})

const pushTroubles = (webhooks: Webhooks): Pick<ShopTroubles, 'dropSubscriptions' | 'failWebhooks' | 'webhooksSettled'> => ({
  dropSubscriptions: () => webhooks.subscriptions.clear(),
  failWebhooks: (trouble) => webhooks.fail(trouble),
  webhooksSettled: () => webhooks.settled(),
})

function cancel(shop: MarketShop, order: MarketOrder): string | undefined {
  if (hasEnded(order)) return 'The order has ended.'
  if (order.shippedAt !== undefined) return 'The goods have left.'
  return order.paidAt === undefined ? cancelUnpaid(shop, order, 'seller') : refund(shop, order, undefined, 'seller')
}

function requestLine(shop: MarketShop, order: MarketOrder, lineNo: number): string | undefined {
  const line = order.lines[lineNo - 1]
  return line ? request(shop, order, line) : 'The order has no such line.'
}

function decideAll(shop: MarketShop, order: MarketOrder, decision: Decision): string | undefined {
  const refusals = openRefunds(order).map((one) => decideRefund(shop, one, decision, 'seller'))
  if (refusals.length === 0) return 'Nothing was asked for.'
  return refusals.includes(undefined) ? undefined : refusals[0]
}

/** By hand in the seller's own backend; what is smaller than the channel takes goes as the channel takes it. */
function send(shop: MarketShop, order: MarketOrder, input: ShipInput): string | undefined {
  const carrier = carrierOf(shop, input.carrier) ?? carrierOf(shop, undefined)
  if (!carrier) return 'The channel knows no carrier.'
  const { parts = 'quantity' } = shop.rules
  const wanted = order.lines.flatMap((line) => {
    const quantity = input.lines?.find((each) => each.lineId === line.id)?.quantity ?? 0
    return quantity > 0 ? [{ line, quantity: parts === 'line' ? unsent(line) : quantity }] : []
  })
  const lines: Pick<Parcel, 'lines'> = input.lines && parts !== 'order' ? { lines: wanted } : {}
  const made = ship(shop, order, { ...lines, carrier, tracking: input.trackingNumber ?? trackingNumber(shop), by: 'seller' })
  return typeof made === 'string' ? `The order cannot be sent: ${made}.` : undefined
}
