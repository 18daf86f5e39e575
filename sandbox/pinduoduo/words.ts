import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, OrderState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { channelDiscountOf, grossOf, total } from '../stage/market/sums.ts'
import type { LineTruth, OrderTruth } from '../stage/ledger.ts'
import { COMPANIES, type Company } from './companies.ts'
import { stamp } from './wire.ts'

/** What Pinduoduo calls what happens in any shop. */

export interface PddSettings {
  readonly name: string
  readonly clientId: string
  readonly clientSecret: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly mallId: number
  /** How many texts the shop may have decrypted a day; as many as it likes without it. */
  readonly decryptsPerDay?: number
}

export interface Extra {
  readonly company: Company
  readonly tracking: string
}

export interface PddShop extends Market {
  readonly settings: PddSettings
  /** Numbers of further packages, by order. */
  readonly extras: Map<string, Extra[]>
  /** Orders whose review is over or whose group has come together. */
  readonly cleared: Set<string>
}

const ORDER_STATUS: Readonly<Record<OrderState, '1' | '2' | '3'>> = {
  unpaid: '1',
  'to-ship': '1',
  'part-shipped': '2',
  shipped: '2',
  finished: '3',
  cancelled: '1',
  closed: '1',
}

/** The channel never takes back that something was sent. */
export const orderStatus = (order: MarketOrder): string =>
  order.strange ?? (order.state === 'closed' && order.shippedAt !== undefined ? '2' : ORDER_STATUS[order.state])

/** "250601-012345678901234": the day of the order in Beijing and a number. */
const orderSn = (n: number, at: number): string => `${stamp(at).slice(2, 10).replaceAll('-', '')}-${String(12_345_678_900_001 + n).padStart(15, '0')}`

export const pddRules = ({ accessToken, refreshToken }: PddSettings): MarketRules => ({
  currency: 'CNY',
  statusOf: (order) => `order_status=${orderStatus(order)}`,
  ids: { order: orderSn, line: (n) => `line-${n}`, refund: 70_123_456_001n, item: 610_000_000_001n, sku: 1_400_000_000_001n },
  everyItemHasSku: true,
  parts: 'order',
  refundsPer: 'line',
  carriers: COMPANIES.filter(({ available }) => available === 1),
  chances: { channelDiscount: 0.3 },
  access: { token: accessToken, refresh: refreshToken, lifeMs: 86_400_000 },
  truth,
})

/** Documents name no lines, no shares of a line, and what went back only where nothing was sent: then it is everything. */
function truth(told: OrderTruth, order: MarketOrder): OrderTruth {
  const nets = netsOf(order)
  const seen = new Map<string, number>()
  const lines = told.lines.map((line, i): LineTruth => {
    const sku = order.lines[i]?.sku?.id ?? ''
    const times = (seen.get(sku) ?? 0) + 1
    seen.set(sku, times)
    return { ...line, lineId: times === 1 ? sku : `${sku}#${times}`, totalMinor: nets[i] ?? 0 }
  })
  return { ...told, lines, refundedMinor: order.state === 'closed' && order.shippedAt === undefined ? told.totalMinor : 0 }
}

export const changeOf = (order: MarketOrder): number => -total(order.lines.map((line) => line.adjustMinor))
export const platformOf = channelDiscountOf
export const sellerOf = (order: MarketOrder): number => total(order.lines.map((line) => line.sellerShareMinor + line.discountMinor))

/** Each amount of the order over what is left of its lines, one after the other. */
function netsOf(order: MarketOrder): readonly number[] {
  let left = order.lines.map(grossOf)
  for (const off of [changeOf(order), platformOf(order), sellerOf(order)]) {
    const parts = shareOut(Math.abs(off), left)
    left = left.map((one, i) => one - Math.sign(off) * (parts[i] ?? 0))
  }
  return left
}

/** Whole shares by weight; the units that are left go to the largest fractions, earlier lines first. */
function shareOut(minor: number, weights: readonly number[]): readonly number[] {
  const whole = BigInt(total(weights))
  if (whole === 0n || minor === 0) return weights.map(() => 0)
  const exact = weights.map((weight, i) => ({ i, units: (BigInt(minor) * BigInt(weight)) / whole, rest: (BigInt(minor) * BigInt(weight)) % whole }))
  const missing = minor - Number(exact.reduce((sum, { units }) => sum + units, 0n))
  const lucky = new Set(
    [...exact]
      .sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1))
      .slice(0, missing)
      .map(({ i }) => i),
  )
  return exact.map(({ i, units }) => Number(units) + (lucky.has(i) ? 1 : 0))
}
