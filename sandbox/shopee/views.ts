import type { MarketItem, MarketLine, MarketOrder, MarketRefund, MarketShipment } from '../stage/market/model.ts'
import { statusOf as shownStatus } from '../stage/market/shop.ts'
import { channelDiscountOf, grossOf, ownNet, payable, sellerShareOf, total, unsent } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { int, money, seconds } from './wire.ts'
import { isCancellation, pendingOf, RETURN_STATUS, unitAfter, type ShopeeShop } from './words.ts'

/** A parcel as the channel shows it. */
export interface Parcel {
  readonly number: string
  readonly status: string
  readonly shipment: MarketShipment | undefined
  readonly lines: readonly { readonly line: MarketLine; readonly quantity: number }[]
}

const CARRIERS: Readonly<Record<string, string>> = { pickup: 'SPX Express', dropoff: 'SPX Express (Drop-off)' }
const carrierOf = (order: MarketOrder): string => CARRIERS[order.kind] ?? 'Other Logistics Provider'

/** What left or was arranged, and what waits: as one parcel until somebody splits it. */
export function parcelsOf(shop: ShopeeShop, order: MarketOrder): readonly Parcel[] {
  const number = (i: number): string => `OFG${String(order.seq).padStart(13, '0')}${i}`
  const gone = order.shipments.map((shipment, i): Parcel => ({
    number: shop.numbers.get(shipment.id) ?? number(i),
    status:
      shipment.state === 'pending'
        ? 'LOGISTICS_REQUEST_CREATED'
        : order.state === 'finished' || order.state === 'closed'
          ? 'LOGISTICS_DELIVERY_DONE'
          : 'LOGISTICS_PICKUP_DONE',
    shipment,
    lines: shipment.lines,
  }))
  const status = order.state === 'unpaid' ? 'LOGISTICS_NOT_START' : 'LOGISTICS_READY'
  const waiting = (lines: Parcel['lines']): Parcel['lines'] =>
    lines.flatMap(({ line, quantity }) => {
      const left = Math.min(quantity, Math.max(0, unsent(line) - pendingOf(order, line)))
      return left > 0 && order.state !== 'cancelled' ? [{ line, quantity: left }] : []
    })
  const splits = shop.splits.get(order.id)
  const whole = order.lines.map((line) => ({ line, quantity: line.quantity }))
  const rest = splits ?? [{ number: number(order.shipments.length), lines: whole }]
  const open = rest.flatMap((one) =>
    waiting(one.lines).length > 0 ? [{ number: one.number, status, shipment: undefined, lines: waiting(one.lines) }] : [],
  )
  const all = [...gone, ...open]
  // Of an order that ended before anything left, its parcel is void.
  return all.length > 0 ? all : [{ number: number(0), status: 'LOGISTICS_INVALID', shipment: undefined, lines: whole }]
}

const goods = (line: MarketLine) => ({ item_id: int(line.item.id), model_id: int(line.sku?.id ?? '0') })

/** Always there; everything else only when it is asked for. */
export function orderView(shop: ShopeeShop, order: MarketOrder, wanted: ReadonlySet<string>): object {
  const cancelled = shownStatus(shop.rules, order) === 'CANCELLED'
  const asked = order.refunds.find((refund) => isCancellation(refund) && refund.state !== 'rejected' && refund.state !== 'closed')
  const optional: Readonly<Record<string, unknown>> = {
    buyer_user_id: 1_170_000_000 + order.person,
    buyer_username: `shopper${order.person}`,
    estimated_shipping_fee: money(order.shippingMinor),
    recipient_address: addressView(order),
    note: order.sellerNote,
    item_list: order.lines.map((line) => lineView(order, line)),
    pay_time: seconds(order.paidAt),
    split_up: parcelsOf(shop, order).length > 1,
    buyer_cancel_reason: asked ? 'Need to change delivery address' : '',
    cancel_by: cancelled ? (order.paidAt === undefined ? 'system' : 'buyer') : '',
    cancel_reason: cancelled ? (order.paidAt === undefined ? 'BACKEND_PAYMENT_NOT_SUCCESSFUL' : 'Need to change delivery address') : '',
    fulfillment_flag: 'fulfilled_by_local_seller',
    pickup_done_time: seconds(order.shippedAt) ?? 0,
    package_list: parcelsOf(shop, order).map((parcel) => ({
      package_number: parcel.number,
      logistics_status: parcel.status,
      shipping_carrier: carrierOf(order),
      item_list: contents(parcel),
    })),
    shipping_carrier: carrierOf(order),
    payment_method: order.isCod ? 'Cash on Delivery' : 'Credit/Debit Card',
    invoice_data: null,
    ...(order.paidAt === undefined ? {} : { total_amount: money(payable(order)) }),
  }
  return {
    order_sn: order.id,
    region: 'SG',
    currency: shop.rules.currency,
    cod: order.isCod,
    order_status: shownStatus(shop.rules, order),
    message_to_seller: order.buyerNote,
    create_time: seconds(order.createdAt),
    update_time: seconds(order.modifiedAt),
    days_to_ship: 3,
    ship_by_date: seconds((order.paidAt ?? order.createdAt) + 3 * 86_400_000),
    ...Object.fromEntries(Object.entries(optional).filter(([name]) => wanted.has(name))),
  }
}

/** Most of it stands under asterisks. */
function addressView(order: MarketOrder): object {
  const person = personAt(order.person)
  const name = `${person.firstName} ${person.lastName}`
  return {
    name: `${name.slice(0, 1)}******${name.slice(-1)}`,
    phone: `******${person.phone.slice(-2)}`,
    town: '',
    district: '',
    city: '',
    state: '',
    region: 'SG',
    zipcode: person.postcode,
    full_address: `******${person.line1.slice(-4)}, ${person.postcode}`,
  }
}

const lineView = (order: MarketOrder, line: MarketLine): object => ({
  ...goods(line),
  item_name: line.item.title,
  item_sku: line.sku ? line.item.code : '',
  model_name: line.sku?.options.map(({ value }) => value).join(',') ?? '',
  model_sku: line.sku?.code ?? line.item.code,
  model_quantity_purchased: line.quantity,
  model_original_price: money(line.priceMinor),
  model_discounted_price: money(unitAfter(line)),
  promotion_type: line.discountMinor > 0 ? 'seller_discount' : '',
  order_item_id: int(line.item.id),
  promotion_group_id: 0,
  active_qty: order.state === 'closed' || order.state === 'cancelled' ? 0 : line.quantity - line.refunded,
})

const contents = ({ lines }: Parcel): readonly object[] =>
  lines.map(({ line, quantity }) => ({ ...goods(line), model_quantity: quantity, order_item_id: int(line.item.id), promotion_group_id: 0 }))

export const packageView = (order: MarketOrder, parcel: Parcel): object => ({
  order_sn: order.id,
  package_number: parcel.number,
  fulfillment_status: parcel.status,
  update_time: seconds(parcel.shipment?.modifiedAt ?? order.modifiedAt),
  shipping_carrier: carrierOf(order),
  tracking_number: parcel.shipment?.tracking ?? '',
  pickup_done_time: parcel.shipment?.state === 'sent' ? seconds(parcel.shipment.modifiedAt) : 0,
  is_split_up: order.shipments.length > 1,
  is_shipment_arranged: parcel.shipment !== undefined,
  item_list: contents(parcel),
})

/** The account of the money: what was paid at the checkout stands as it was then, vouchers below zero. */
export const escrowView = (order: MarketOrder): object => ({
  order_sn: order.id,
  buyer_user_name: `shopper${order.person}`,
  return_order_sn_list: order.refunds.filter((refund) => !isCancellation(refund)).map(({ id }) => id),
  order_income: {
    escrow_amount: money(payable(order)),
    seller_voucher_code: [],
    items: order.lines.map((line) => ({
      ...goods(line),
      original_price: money(grossOf(line)),
      discounted_price: money(ownNet(line)),
      discount_from_coin: 0,
      discount_from_voucher_shopee: money(line.channelShareMinor),
      discount_from_voucher_seller: money(line.sellerShareMinor),
      quantity_purchased: line.quantity,
    })),
  },
  buyer_payment_info: {
    buyer_payment_method: order.isCod ? 'Cash on Delivery' : 'Credit/Debit Card',
    merchant_subtotal: money(total(order.lines.map(ownNet))),
    shipping_fee: money(order.shippingMinor),
    buyer_service_fee: money(order.otherFeeMinor),
    seller_voucher: money(-sellerShareOf(order)),
    shopee_voucher: money(-channelDiscountOf(order)),
    shopee_coins_redeemed: 0,
    buyer_total_amount: money(payable(order)),
  },
})

export const returnView = (shop: ShopeeShop, refund: MarketRefund): object => ({
  return_sn: refund.id,
  order_sn: refund.order.id,
  status: RETURN_STATUS[refund.state],
  reason: refund.goodsBack ? 'NOT_RECEIPT' : 'CHANGE_MIND',
  text_reason: refund.reason,
  refund_amount: money(refund.minor),
  currency: shop.rules.currency,
  create_time: seconds(refund.createdAt),
  update_time: seconds(refund.modifiedAt),
  needs_logistics: refund.goodsBack,
  item: refund.lines.map(({ line, quantity }) => ({
    ...goods(line),
    name: line.item.title,
    amount: quantity,
    item_price: money(unitAfter(line)),
    item_sku: line.item.code,
    variation_sku: line.sku?.code ?? '',
  })),
  user: { username: `shopper${refund.order.person}`, email: '******@example.com' },
})

const stockView = (stock: number): object => ({
  summary_info: { total_reserved_stock: 0, total_available_stock: stock },
  seller_stock: [{ location_id: 'SGZ', stock, if_saleable: true }],
})
const priceView = (minor: number): readonly object[] => [{ currency: 'SGD', original_price: money(minor), current_price: money(minor) }]

export const itemView = (item: MarketItem): object => ({
  item_id: int(item.id),
  item_name: item.title,
  item_sku: item.code,
  create_time: seconds(item.createdAt),
  update_time: seconds(item.modifiedAt),
  item_status: item.onSale ? 'NORMAL' : 'UNLIST',
  has_model: item.skus.length > 0,
  // Of an item with models each shows its own.
  ...(item.skus.length > 0 ? {} : { price_info: priceView(item.priceMinor), stock_info_v2: stockView(item.stock) }),
})

export const modelsView = (item: MarketItem): object => ({
  tier_variation: [{ name: 'Colour', option_list: item.skus.map((sku) => ({ option: sku.options.map(({ value }) => value).join(',') })) }],
  model: item.skus.map((sku, i) => ({
    model_id: int(sku.id),
    tier_index: [i],
    model_sku: sku.code,
    model_status: 'MODEL_NORMAL',
    price_info: priceView(sku.priceMinor),
    stock_info_v2: stockView(sku.stock),
  })),
})
