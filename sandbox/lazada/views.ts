import type { MarketItem, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { goodsGross, channelDiscountOf, discountOf, skuCode } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { isCancellation, reverseLines, statusesOf, unitsOf, type Unit } from './units.ts'
import { stamp } from './wire.ts'
import { BY_CHANNEL, CANCELLATION, COUNTRIES, REVERSE, type LazadaShop } from './words.ts'

/** The documents of the shop. Amounts of heads come as numbers and texts mixed, as the vendor's samples have them. */

type Doc = Readonly<Record<string, unknown>>

export const decimal = ({ settings }: LazadaShop, minor: number): string =>
  (COUNTRIES[settings.country].digits === 0 ? minor : minor / 100).toFixed(2)

export function orderView(shop: LazadaShop, order: MarketOrder): Doc {
  const { offset } = COUNTRIES[shop.settings.country]
  const amount = (minor: number): number => Number(decimal(shop, minor))
  const bySeller = discountOf(order) - channelDiscountOf(order)
  const fee = order.shippingMinor + order.otherFeeMinor
  return {
    order_id: Number(order.id),
    order_number: Number(order.id),
    created_at: stamp(order.createdAt, offset),
    updated_at: stamp(order.modifiedAt, offset),
    address_updated_at: stamp(order.createdAt, offset),
    price: decimal(shop, goodsGross(order)),
    voucher: amount(discountOf(order)),
    voucher_seller: amount(bySeller),
    voucher_platform: amount(channelDiscountOf(order)),
    voucher_code: '',
    shipping_fee: amount(fee),
    shipping_fee_original: amount(fee),
    shipping_fee_discount_seller: 0,
    shipping_fee_discount_platform: 0,
    payment_method: order.isCod ? 'COD' : 'MIXEDCARD',
    items_count: order.lines.reduce((sum, line) => sum + line.quantity, 0),
    statuses: statusesOf(order),
    customer_first_name: personAt(order.person).firstName,
    customer_last_name: '',
    address_shipping: addressView(shop, order),
    address_billing: addressView(shop, order),
    warehouse_code: 'dropshipping',
    promised_shipping_times: '',
    national_registration_number: '',
    tax_code: '',
    branch_number: '',
    extra_attributes: '{"TaxInvoiceRequested":false}',
    remarks: order.sellerNote,
    buyer_note: order.buyerNote,
    gift_option: false,
    gift_message: '',
    delivery_info: '',
    need_cancel_confirm: unitsOf(order).some((unit) => requestOf(order, unit) !== undefined),
  }
}

function addressView({ settings }: LazadaShop, order: MarketOrder): Doc {
  const person = personAt(order.person)
  return {
    first_name: person.firstName,
    last_name: person.lastName,
    phone: person.phone,
    phone2: '',
    address1: person.line1,
    address2: '',
    address3: person.region === '' ? person.city : person.region,
    address4: person.city,
    address5: person.postcode,
    city: person.city,
    post_code: person.postcode,
    country: COUNTRIES[settings.country].name,
    addressDsitrict: '',
  }
}

/** The request to cancel this piece that waits for the seller. */
const requestOf = (order: MarketOrder, unit: Unit): MarketRefund | undefined =>
  order.refunds.find(
    (refund) => refund.state === 'requested' && isCancellation(refund) && reverseLines(refund).some(({ unitId }) => unitId === unit.id),
  )

export const itemViews = (shop: LazadaShop, order: MarketOrder): readonly Doc[] => unitsOf(order).map((unit) => itemView(shop, order, unit))

function itemView(shop: LazadaShop, order: MarketOrder, unit: Unit): Doc {
  const { currency, offset } = COUNTRIES[shop.settings.country]
  const { line, shipment } = unit
  const ended = order.refunds.find((refund) => refund.state === 'done' && reverseLines(refund).some(({ unitId }) => unitId === unit.id))
  const request = requestOf(order, unit)
  const sku = `${line.item.id}_${shop.settings.country.toUpperCase()}AMZ-${line.sku?.id ?? line.item.id}`
  return {
    order_item_id: Number(unit.id),
    order_id: Number(order.id),
    status: unit.status,
    name: line.item.title,
    sku: skuCode(line),
    shop_sku: sku,
    sku_id: line.sku?.id ?? line.item.id,
    product_id: line.item.id,
    variation: line.sku?.options.map(({ name, value }) => `${name}:${value}`).join(', ') ?? '',
    currency,
    item_price: Number(decimal(shop, line.priceMinor)),
    paid_price: Number(decimal(shop, unit.paidMinor)),
    voucher_amount: Number(decimal(shop, unit.sellerMinor + unit.channelMinor)),
    voucher_seller: Number(decimal(shop, unit.sellerMinor)),
    voucher_platform: Number(decimal(shop, unit.channelMinor)),
    voucher_code_seller: '',
    voucher_code_platform: '',
    voucher_code: '',
    wallet_credits: 0,
    tax_amount: 0,
    shipping_amount: 0,
    shipping_service_cost: 0,
    shipping_type: 'Dropshipping',
    shipping_provider_type: order.kind === BY_CHANNEL ? 'STANDARD' : 'SELLER_OWN_FLEET',
    delivery_option_sof: order.kind === BY_CHANNEL ? 0 : 1,
    is_fbl: 0,
    is_digital: 0,
    order_type: 'Normal',
    order_flag: 'NORMAL',
    warehouse_code: 'dropshipping',
    package_id: shipment?.id ?? '',
    tracking_code: shipment?.tracking ?? '',
    shipment_provider: shipment?.carrier.name ?? '',
    payment_time: order.paidAt ?? 0,
    created_at: stamp(order.createdAt, offset),
    updated_at: stamp(order.modifiedAt, offset),
    sla_time_stamp: stamp(order.createdAt + 2 * 86_400_000, offset).replace(/^(\S+) (\S+) ([+-]\d\d)(\d\d)$/, '$1T$2$3:$4'),
    buyer_id: 100_000 + order.person,
    reason: ended === undefined && request === undefined ? '' : 'Change of mind',
    reason_detail: '',
    cancel_return_initiator: ended === undefined && order.state !== 'cancelled' ? '' : 'buyer-cancel',
    return_status: '',
    need_cancel_confirm: request !== undefined,
    is_cancel_pending: false,
    reverse_order_id: Number((request ?? ended)?.id ?? 0),
    extra_attributes: '{}',
    digital_delivery_info: '',
    invoice_number: '',
  }
}

/** Of a list `reverse_order_lines`, of one alone `reverseOrderLineDTOList`. */
export function reverseView(refund: MarketRefund): Doc {
  const isCancel = isCancellation(refund)
  const type = isCancel ? 'CANCEL' : refund.goodsBack ? 'RETURN' : 'ONLY_REFUND'
  return {
    reverse_order_id: Number(refund.id),
    trade_order_id: Number(refund.order.id),
    request_type: type,
    is_rtm: true,
    shipping_type: 'PICK_UP',
    reverse_order_lines: reverseLines(refund).map(({ id, unitId, line, minor }) => ({
      reverse_order_line_id: Number(id),
      trade_order_line_id: Number(unitId),
      reverse_status: (isCancel ? CANCELLATION : REVERSE)[refund.state],
      refund_amount: minor,
      item_unit_price: line.priceMinor,
      is_need_refund: true,
      refund_payment_method: 'MIXEDCARD',
      reason_text: refund.reason,
      reason_code: 10_000_001,
      is_dispute: false,
      ofc_status: '',
      whqc_decision: '',
      seller_sku_id: skuCode(line),
      platform_sku_id: `${line.item.id}_SGAMZ-${line.sku?.id ?? ''}`,
      product: { product_id: Number(line.item.id), product_sku: skuCode(line) },
      buyer: { buyer_id: 100_000 + refund.order.person },
      trade_order_gmt_create: refund.order.createdAt,
      return_order_line_gmt_create: refund.createdAt,
      return_order_line_gmt_modified: refund.modifiedAt,
    })),
  }
}

export const productView = (shop: LazadaShop, item: MarketItem): Doc => ({
  item_id: Number(item.id),
  status: item.onSale ? 'Active' : 'InActive',
  created_time: String(item.createdAt),
  updated_time: String(item.modifiedAt),
  primary_category: 10_000_623,
  attributes: { name: item.title, brand: 'No Brand' },
  skus: item.skus.map((sku) => ({
    SkuId: Number(sku.id),
    SellerSku: sku.code,
    ShopSku: `${item.id}_SGAMZ-${sku.id}`,
    Status: 'active',
    price: Number(decimal(shop, sku.priceMinor)),
    special_price: 0,
    quantity: sku.stock,
    multiWarehouseInventories: [
      {
        warehouseCode: 'dropshipping',
        quantity: sku.stock,
        totalQuantity: sku.stock,
        sellableQuantity: sku.stock,
        occupyQuantity: 0,
        withholdQuantity: 0,
      },
    ],
    fblWarehouseInventories: [],
    channelInventories: [],
    saleProp: Object.fromEntries(sku.options.map(({ name, value }) => [name, value])),
  })),
})
