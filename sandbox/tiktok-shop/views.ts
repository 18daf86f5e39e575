import type { JsonRecord } from '../stage/json-input.ts'
import type { MarketItem, MarketLine, MarketOrder, MarketRefund, MarketShipment, MarketSku } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { openRefunds } from '../stage/market/refunds.ts'
import { channelDiscountOf, discountOf, goodsGross, lineNet, payable, total } from '../stage/market/sums.ts'
import { personAt } from '../stage/people.ts'
import { CANCEL_STATUS, isCancellation, orderStatus, RETURN_STATUS, type TikTokShop } from './words.ts'
import { decimal, seconds } from './wire.ts'

/** One piece of a line. */
interface Piece {
  readonly id: string
  readonly line: MarketLine
  readonly shipment: MarketShipment | undefined
  readonly cancelled: boolean
  readonly saleMinor: number
  readonly channelMinor: number
}

/** Pieces of an order, each in the package a caller put it in, or in the first one that has room. */
export function piecesOf(shop: TikTokShop, order: MarketOrder): readonly Piece[] {
  const ids = new Map(order.lines.map((line) => [line, Array.from({ length: line.quantity }, (_, i) => String(BigInt(line.id) + BigInt(i)))]))
  const held = new Map<string, MarketShipment>()
  for (const shipment of order.shipments) {
    const named = shop.packed.get(shipment.id)
    for (const { line, quantity } of shipment.lines) {
      const free = (ids.get(line) ?? []).filter((id) => (named === undefined ? !held.has(id) : named.includes(id)))
      for (const id of free.slice(0, quantity)) held.set(id, shipment)
    }
  }
  const isOver = orderStatus(order) === 'CANCELLED'
  return order.lines.flatMap((line) => {
    const own = ids.get(line) ?? []
    const cancelled = total(
      order.refunds
        .filter((each) => each.state === 'done' && isCancellation(each))
        .flatMap((each) => each.lines.map((part) => (part.line === line ? part.quantity : 0))),
    )
    const count = Math.max(cancelled, line.closed ? line.quantity : 0)
    const gone = new Set(count === 0 ? [] : own.filter((id) => !held.has(id)).slice(-count))
    const [sale, channel] = [evenly(lineNet(line), own.length), evenly(line.channelShareMinor, own.length)]
    return own.map((id, i): Piece => ({
      id,
      line,
      shipment: held.get(id),
      cancelled: !held.has(id) && (isOver || gone.has(id)),
      saleMinor: sale[i] ?? 0,
      channelMinor: channel[i] ?? 0,
    }))
  })
}

const evenly = (minor: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((minor * (i + 1)) / count) - Math.floor((minor * i) / count))

const isPlatform = (order: MarketOrder): boolean => order.kind === 'platform'
/** Packages that stand before anything is sent: TikTok's own, and the seller's in some markets. */
export const waitingPackage = (order: MarketOrder): string => (order.kind === 'platform' || order.kind === 'packed' ? `9${order.id}` : '')

function pieceView(order: MarketOrder, piece: Piece): JsonRecord {
  const { line, shipment } = piece
  const state = piece.cancelled
    ? 'CANCELLED'
    : shipment
      ? order.state === 'finished' || order.state === 'closed'
        ? 'COMPLETED'
        : 'IN_TRANSIT'
      : order.state === 'finished'
        ? 'COMPLETED'
        : order.state === 'unpaid'
          ? 'UNPAID'
          : 'AWAITING_SHIPMENT'
  const off = line.priceMinor - piece.saleMinor - piece.channelMinor
  const packageId = shipment?.id ?? waitingPackage(order)
  return {
    id: piece.id,
    sku_id: line.sku?.id ?? line.item.id,
    product_id: line.item.id,
    product_name: line.item.title,
    sku_name: line.sku?.options.map(({ value }) => value).join(', ') || 'Default',
    seller_sku: line.sku?.code ?? line.item.code,
    sku_type: 'NORMAL',
    currency: 'USD',
    original_price: decimal(line.priceMinor),
    sale_price: decimal(piece.saleMinor),
    platform_discount: decimal(piece.channelMinor),
    seller_discount: decimal(Math.max(0, off)),
    display_status: state,
    is_gift: false,
    ...(piece.cancelled ? { cancel_user: 'BUYER', cancel_reason: 'No longer needed' } : {}),
    ...(packageId === '' || piece.cancelled ? {} : { package_id: packageId, package_status: shipment ? 'FULFILLING' : 'TO_FULFILL' }),
    ...(shipment
      ? {
          tracking_number: shipment.tracking,
          shipping_provider_id: shipment.carrier.code,
          shipping_provider_name: shipment.carrier.name,
          rts_time: seconds(shipment.modifiedAt),
        }
      : {}),
  }
}

export function orderView(shop: TikTokShop, order: MarketOrder): JsonRecord {
  const pieces = piecesOf(shop, order)
  const person = personAt(order.person)
  const name = `${person.firstName} ${person.lastName}`
  const stars = (text: string): string => (isPlatform(order) ? text.replaceAll(/(?<=.)[^\s]/g, '*') : text)
  const packages = [
    ...new Set([
      ...order.shipments.map(({ id }) => id),
      ...(order.shipments.length === 0 && waitingPackage(order) !== '' ? [waitingPackage(order)] : []),
    ]),
  ]
  const ended = order.closedAt !== undefined && orderStatus(order) === 'CANCELLED'
  return {
    id: order.id,
    status: statusOf(shop.rules, order),
    user_id: `70216364${String(order.person).padStart(11, '0')}`,
    create_time: seconds(order.createdAt),
    update_time: seconds(order.modifiedAt),
    ...(order.paidAt === undefined ? {} : { paid_time: seconds(order.paidAt) }),
    ...(ended ? { cancel_time: seconds(order.closedAt ?? 0), cancellation_initiator: 'BUYER', cancel_reason: 'No longer needed' } : {}),
    rts_sla_time: seconds(order.createdAt) + 3 * 86_400,
    is_cod: order.isCod,
    is_buyer_request_cancel: openRefunds(order).some(isCancellation),
    is_sample_order: false,
    fulfillment_type: 'FULFILLMENT_BY_SELLER',
    shipping_type: isPlatform(order) ? 'TIKTOK' : 'SELLER',
    delivery_option_id: shop.settings.deliveryOptionId,
    delivery_option_name: 'Standard shipping',
    delivery_type: 'HOME_DELIVERY',
    warehouse_id: shop.settings.warehouseId,
    buyer_message: order.buyerNote,
    seller_note: order.sellerNote,
    buyer_email: `v${order.person}BECUSG764MNA@scs.tiktokw.us`,
    payment_method_name: order.isCod ? 'Cash on delivery' : 'Credit/debit card',
    payment: {
      currency: 'USD',
      original_total_product_price: decimal(goodsGross(order)),
      sub_total: decimal(total(order.lines.map(lineNet))),
      seller_discount: decimal(discountOf(order) - channelDiscountOf(order)),
      platform_discount: decimal(channelDiscountOf(order)),
      original_shipping_fee: decimal(order.shippingMinor),
      shipping_fee: decimal(order.shippingMinor),
      shipping_fee_seller_discount: '0',
      shipping_fee_platform_discount: '0',
      tax: '0',
      retail_delivery_fee: decimal(order.otherFeeMinor),
      total_amount: decimal(payable(order)),
    },
    recipient_address: {
      name: stars(name),
      first_name: stars(person.firstName),
      last_name: stars(person.lastName),
      phone_number: isPlatform(order) ? `(+1)***-***-${person.phone.slice(-4)}` : person.phone,
      address_line1: stars(person.line1),
      address_line2: stars(person.line2),
      address_detail: stars([person.line1, person.line2].filter(Boolean).join(', ')),
      full_address: stars([person.line1, person.city, person.region, person.country].filter(Boolean).join(', ')),
      postal_code: person.postcode,
      region_code: person.country,
      district_info: [
        { address_level: 'L0', address_level_name: 'Country', address_name: person.country },
        ...(person.region === '' ? [] : [{ address_level: 'L1', address_level_name: 'State', address_name: person.region }]),
        { address_level: 'L3', address_level_name: 'City', address_name: person.city },
      ],
    },
    packages: packages.map((id) => ({ id })),
    line_items: pieces.map((piece) => pieceView(order, piece)),
  }
}

const backView = (goods: number, fees: number): JsonRecord => ({
  currency: 'USD',
  refund_subtotal: decimal(goods),
  refund_shipping_fee: decimal(fees),
  refund_tax: '0',
  refund_total: decimal(goods + fees),
})

export function afterSaleView(shop: TikTokShop, refund: MarketRefund): JsonRecord {
  const isCancel = isCancellation(refund)
  const [word, lines] = isCancel ? (['cancel', 'cancel_line_items'] as const) : (['return', 'return_line_items'] as const)
  const pieces = piecesOf(shop, refund.order)
  const items = refund.lines.flatMap(({ line, quantity, minor }) => {
    const own = pieces.filter((piece) => piece.line === line)
    const some = isCancel ? own.filter(({ shipment }) => !shipment).slice(-Math.max(1, quantity)) : own.slice(0, Math.max(1, quantity))
    const shares = evenly(minor, some.length)
    return some.map(({ id }, i) => ({
      [`${word}_line_item_id`]: `8${id}`,
      order_line_item_id: id,
      sku_id: line.sku?.id ?? line.item.id,
      seller_sku: line.sku?.code ?? line.item.code,
      product_name: line.item.title,
      refund_amount: backView(shares[i] ?? 0, 0),
    }))
  })
  const goods = refund.minor - refund.feesMinor
  const isPart = refund.lines.every(({ quantity }) => quantity === 0)
  return {
    [`${word}_id`]: refund.id,
    order_id: refund.order.id,
    [`${word}_type`]: isCancel ? 'BUYER_CANCEL' : refund.goodsBack ? 'RETURN_AND_REFUND' : 'REFUND',
    [`${word}_status`]: (isCancel ? CANCEL_STATUS : RETURN_STATUS)[refund.state],
    role: 'BUYER',
    [`${word}_reason`]: 'ecom_order_to_ship_canceled_reason_no_longer_needed',
    [`${word}_reason_text`]: refund.reason,
    create_time: seconds(refund.createdAt),
    update_time: seconds(refund.modifiedAt),
    refund_amount: backView(goods, refund.feesMinor),
    ...(isPart ? { partial_refund: { currency: 'USD', amount: decimal(goods) } } : {}),
    ...(refund.state === 'requested' && isCancel
      ? { seller_next_action_response: [{ action: 'SELLER_RESPOND_BUYER_CANCEL', deadline: seconds(refund.createdAt) + 86_400 }] }
      : {}),
    [lines]: items,
  }
}

export function productView(shop: TikTokShop, item: MarketItem): JsonRecord {
  return {
    id: item.id,
    title: item.title,
    status: item.onSale ? 'ACTIVATE' : 'SELLER_DEACTIVATED',
    create_time: seconds(item.createdAt),
    update_time: seconds(item.modifiedAt),
    skus: item.skus.map((sku) => ({
      id: sku.id,
      seller_sku: sku.code,
      price: { currency: 'USD', sale_price: decimal(sku.priceMinor), tax_exclusive_price: decimal(sku.priceMinor) },
      inventory: [{ warehouse_id: shop.settings.warehouseId, quantity: sku.stock }],
      sales_attributes: sku.options.map(({ name, value }) => ({ name, value_name: value })),
    })),
  }
}

export const stockView = (shop: TikTokShop, sku: MarketSku): JsonRecord => ({
  id: sku.id,
  seller_sku: sku.code,
  total_available_quantity: sku.stock,
  total_committed_quantity: 0,
  warehouse_inventory: [{ warehouse_id: shop.settings.warehouseId, available_quantity: sku.stock, committed_quantity: 0 }],
})
