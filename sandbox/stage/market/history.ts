import type { MarketOrder } from './model.ts'
import { cancelUnpaid, edit, finish } from './operations.ts'
import { seedItems } from './goods.ts'
import { placeOrder, randomCart } from './placing.ts'
import { refund, request } from './refunds.ts'
import { ship } from './shipping.ts'
import type { MarketShop } from './shop.ts'
import { unsent } from './sums.ts'

const DAY_MS = 86_400_000

/**
 * Orders over the last days, each as far as its age and chance brought it: unpaid, waiting, sent in part or whole, finished, cancelled,
 * refunded, asked back. The shelf stays as it is and nobody is told; the ledger has every step at its time.
 */
export function seedOrders(shop: MarketShop, count: number, spreadDays = 30): void {
  if (shop.items.size === 0) seedItems(shop, 50)
  const span = spreadDays * DAY_MS
  shop.quiet = true
  for (let n = 0; n < count; n += 1) {
    const age = Math.floor((span * (count - n)) / count)
    const clock = backThen(shop, age)
    const { till = 0, unpaid = 0.08 } = shop.rules.chances ?? {}
    const isTill = till > 0 && shop.random.chance(till)
    const order = placeOrder(
      shop,
      isTill ? { ...randomCart(shop), kind: 'pos', shippingMinor: 0 } : { ...randomCart(shop), unpaid: shop.random.chance(unpaid) },
    )
    if (typeof order !== 'string') grow(shop, order, age, clock)
    clock.today()
  }
  shop.quiet = false
}

interface Then {
  /** Some part of the time that is left until now goes by. */
  later(): void
  today(): void
}

/** Back and forth: a clock that somebody shifted or froze is left as it was. */
function backThen(shop: MarketShop, age: number): Then {
  let left = age
  shop.clock.advance(-age)
  const pass = (ms: number): void => {
    shop.clock.advance(ms)
    left -= ms
  }
  return { later: () => pass(Math.floor(left * shop.random.next() * 0.4)), today: () => pass(left) }
}

function grow(shop: MarketShop, order: MarketOrder, age: number, clock: Then): void {
  const { random } = shop
  const isOld = age > 3 * DAY_MS
  if (order.kind === 'pos') finish(shop, order)
  clock.later()
  if (order.state === 'unpaid') return isOld || random.chance(0.4) ? void cancelUnpaid(shop, order, 'shopper') : undefined
  if (order.state === 'finished') return random.chance(0.1) ? void refund(shop, order, undefined, 'seller') : undefined
  if (random.chance(0.06)) return void (order.isCod ? cancelUnpaid(shop, order, 'seller') : refund(shop, order, undefined, 'seller'))
  if (random.chance(0.04)) edit(shop, order, { sellerNote: '加急 7', flag: 3, by: 'seller' })
  if (!isOld && random.chance(0.5)) return random.chance(0.06) ? void request(shop, order) : undefined
  if (!sendSome(shop, order, isOld ? 0 : 0.2)) return
  clock.later()
  if (isOld || random.chance(0.4)) finish(shop, order)
  const { partRefund = 0 } = shop.rules.chances ?? {}
  if (partRefund > 0 && random.chance(partRefund)) refund(shop, order, random.int(1, 50), 'seller')
}

/** True when the whole order left. */
function sendSome(shop: MarketShop, order: MarketOrder, chanceOfParts: number): boolean {
  const [carrier] = shop.rules.carriers
  if (!carrier) return false
  const [first] = order.lines
  const inParts = first !== undefined && order.lines.length > 1 && shop.rules.parts !== 'order' && shop.random.chance(chanceOfParts)
  const lines = inParts ? { lines: [{ line: first, quantity: unsent(first) }] } : {}
  ship(shop, order, { ...lines, carrier, tracking: trackingNumber(shop), by: 'seller' })
  return order.state === 'shipped'
}

export const trackingNumber = (shop: MarketShop): string => `SF${shop.random.int(1_000_000_000_000, 9_999_999_999_999)}`
