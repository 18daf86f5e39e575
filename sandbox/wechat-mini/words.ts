import type { Market } from '../stage/market/index.ts'
import type { MarketOrder, MarketShipment, OrderState } from '../stage/market/model.ts'
import type { MarketRules } from '../stage/market/shop.ts'
import { payable } from '../stage/market/sums.ts'

/** A mini-program whose goods only its own backend knows: WeChat sees payments and parcels. */

export interface MiniSettings {
  readonly name: string
  readonly appId: string
  readonly appSecret: string
  readonly mchId: string
  readonly apiV3Key: string
}

/** One parcel of a payment that is not complete yet, as it was told. */
export interface Parcel {
  readonly tracking: string
  readonly company: string
  readonly at: number
}

export interface MiniShop extends Market {
  readonly settings: MiniSettings
  /** Parcels of split payments until the last of them. */
  readonly parcels: Map<string, Parcel[]>
  /** Payments told anew: once each. */
  readonly retold: Set<string>
  openidOf(person: number): string
}

export const STATE: Readonly<Record<OrderState, string>> = {
  unpaid: '0',
  'to-ship': '1',
  'part-shipped': '1',
  shipped: '2',
  finished: '4',
  cancelled: '0',
  closed: '5',
}

export const COMPANIES = [
  { code: 'SF', name: '顺丰速运' },
  { code: 'YTO', name: '圆通速递' },
  { code: 'ZTO', name: '中通快递' },
  { code: 'STO', name: '申通快递' },
  { code: 'YD', name: '韵达速递' },
  { code: 'EMS', name: 'EMS' },
  { code: 'JDL', name: '京东快递' },
] as const

export const amountOf = payable
export const tradeNo = (order: MarketOrder): string => order.number
export const describe = (order: MarketOrder): string => {
  const text = order.lines.map((line) => `${line.item.title}*${line.quantity}`).join(';')
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

/** What was paid is one line to WeChat; nobody is listed who has not paid. */
export const miniRules: MarketRules = {
  currency: 'CNY',
  statusOf: (order) => STATE[order.state],
  strangeStatus: '77',
  ids: { order: 4200002500202511220000000001n },
  numberOf: (id) => `M${id.slice(-12)}`,
  carriers: COMPANIES,
  chances: { unpaid: 0 },
  access: { lifeMs: 7_200_000, make: (random) => `98_${random.hex(60)}` },
  truth: (truth, order) => ({
    ...truth,
    lines: [
      {
        lineId: '1',
        sku: '',
        name: describe(order),
        quantity: 1,
        totalMinor: payable(order),
        taxMinor: 0,
        shippedQuantity: order.state === 'shipped' || order.state === 'finished' ? 1 : 0,
        refundedQuantity: order.state === 'closed' ? 1 : 0,
      },
    ],
    shippingMinor: 0,
    feeMinor: 0,
    discountMinor: 0,
  }),
}

export const parcelOf = (shipment: MarketShipment): Parcel => ({
  tracking: shipment.tracking,
  company: shipment.carrier.code,
  at: shipment.createdAt,
})
