import type { MarketLine, MarketOrder, MarketRefund, Place } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { grossOf, lineNet, payable, total } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { taxInside, uuid, type LoyverseShop } from './words.ts'

export type Doc = Readonly<Record<string, unknown>>

/** A sale or what was given back, as lists sort and cut them. */
export interface Receipt {
  readonly id: string
  readonly seq: number
  readonly createdAt: number
  readonly modifiedAt: number
  readonly visibleAt: number
  readonly view: () => Doc
}

export const iso = (ms: number): string => new Date(ms).toISOString()
const major = (minor: number): number => minor / 100

export function receiptsOf(shop: LoyverseShop): readonly Receipt[] {
  const sales = [...shop.orders.values()].filter(({ paidAt }) => paidAt !== undefined)
  const back = [...shop.refunds.values()].filter(({ state }) => state === 'done')
  return [
    ...sales.map((order): Receipt => ({ ...order, view: () => saleView(shop, order) })),
    ...back.map((refund): Receipt => ({ ...refund, view: () => refundView(shop, refund) })),
  ]
}

const TAX = { id: uuid('tax', 'vat'), type: 'INCLUDED', name: 'VAT', rate: 20 } as const
const taxes = (minor: number): readonly Doc[] => (minor === 0 ? [] : [{ ...TAX, money_amount: major(minor) }])

const common = (shop: LoyverseShop): Doc => ({
  source: 'point of sale',
  cancelled_at: null,
  points_earned: 0,
  points_deducted: 0,
  points_balance: 0,
  employee_id: uuid('employee', 1),
  store_id: shop.settings.storeId,
  pos_device_id: uuid('device', 1),
  dining_option: 'Dine in',
  tip: 0,
})

const nameOf = (order: MarketOrder): string => {
  const { firstName, lastName } = personAt(order.person)
  return `${firstName} ${lastName}`
}

export function saleView(shop: LoyverseShop, order: MarketOrder): Doc {
  const off = total(order.lines.map(offOf))
  return {
    receipt_number: order.id,
    note: order.sellerNote || (order.seq % 3 === 0 ? `Rechnung an ${nameOf(order)}` : null),
    receipt_type: statusOf(shop.rules, order),
    refund_for: null,
    order: order.buyerNote || null,
    created_at: iso(order.createdAt),
    updated_at: iso(order.modifiedAt),
    receipt_date: iso(order.createdAt),
    ...common(shop),
    total_money: major(payable(order)),
    total_tax: major(total(order.lines.map((line) => taxInside(lineNet(line))))),
    customer_id: order.person % 3 === 0 ? uuid('customer', order.person) : null,
    total_discount: major(off),
    total_discounts: off === 0 ? [] : [{ id: uuid('discount', 'any'), type: 'VARIABLE_AMOUNT', name: 'Discount', money_amount: major(off) }],
    total_taxes: taxes(total(order.lines.map((line) => taxInside(lineNet(line))))),
    surcharge: major(order.shippingMinor + order.otherFeeMinor),
    line_items: order.lines.map((line) => lineView(line, { quantity: line.quantity, gross: grossOf(line), off: offOf(line) })),
    payments: [
      {
        payment_type_id: uuid('payment', 'cash'),
        name: 'Cash',
        type: 'CASH',
        money_amount: major(payable(order)),
        paid_at: iso(order.paidAt ?? order.createdAt),
        payment_details: null,
      },
    ],
  }
}

const offOf = (line: MarketLine): number => grossOf(line) - lineNet(line)

function lineView(line: MarketLine, given: { readonly quantity: number; readonly gross: number; readonly off: number }): Doc {
  const { quantity, gross, off } = given
  return {
    id: line.id,
    item_id: line.item.id,
    variant_id: line.sku?.id ?? '',
    item_name: line.item.title,
    variant_name: line.sku?.options.map(({ value }) => value).join(' / ') || null,
    sku: line.sku?.code ?? line.item.code,
    quantity,
    price: major(line.priceMinor),
    gross_total_money: major(gross),
    total_money: major(gross - off),
    cost: 0,
    cost_total: 0,
    line_note: null,
    line_taxes: taxes(taxInside(gross - off)),
    total_discount: major(off),
    line_discounts: off === 0 ? [] : [{ id: uuid('discount', 'any'), type: 'VARIABLE_AMOUNT', name: 'Discount', money_amount: major(off) }],
    line_modifiers: [],
  }
}

/** Amounts are positive, as those of a sale. */
export function refundView(shop: LoyverseShop, refund: MarketRefund): Doc {
  const at = iso(refund.doneAt ?? refund.modifiedAt)
  return {
    receipt_number: refund.id,
    note: null,
    receipt_type: 'REFUND',
    refund_for: refund.order.id,
    order: null,
    created_at: at,
    updated_at: iso(refund.modifiedAt),
    receipt_date: at,
    ...common(shop),
    total_money: major(refund.minor),
    total_tax: 0,
    customer_id: null,
    total_discount: 0,
    total_discounts: [],
    total_taxes: [],
    surcharge: major(refund.feesMinor),
    line_items: refund.lines.map(({ line, quantity, minor }) => ({ ...lineView(line, { quantity, gross: minor, off: 0 }), line_taxes: [] })),
    payments: [
      { payment_type_id: uuid('payment', 'cash'), name: 'Cash', type: 'CASH', money_amount: major(refund.minor), paid_at: at, payment_details: null },
    ],
  }
}

export function itemView(shop: LoyverseShop, places: readonly Place[]): Doc {
  const item = places[0]?.item
  return {
    id: item?.id,
    item_name: item?.title,
    reference_id: null,
    track_stock: true,
    sold_by_weight: false,
    is_composite: false,
    use_production: false,
    created_at: iso(item?.createdAt ?? 0),
    updated_at: iso(item?.modifiedAt ?? 0),
    deleted_at: null,
    option1_name: (item?.skus[0]?.options.length ?? 0) > 0 ? 'Colour' : null,
    variants: places.map(({ sku }) => ({
      variant_id: sku?.id,
      item_id: item?.id,
      sku: sku?.code,
      option1_value: sku?.options[0]?.value ?? null,
      option2_value: null,
      option3_value: null,
      barcode: null,
      default_pricing_type: 'FIXED',
      default_price: major(sku?.priceMinor ?? 0),
      stores: [{ store_id: shop.settings.storeId, pricing_type: 'FIXED', price: major(sku?.priceMinor ?? 0), available_for_sale: item?.onSale }],
      created_at: iso(item?.createdAt ?? 0),
      deleted_at: null,
    })),
  }
}
