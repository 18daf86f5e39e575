import { createHash } from 'node:crypto'
import { toDecimal } from '../stage/decimal.ts'
import { personAt } from '../stage/people.ts'
import type { WooAddress, WooLine, WooOrder, WooRefund } from './model.ts'
import { bareInteger } from './php-json.ts'
import type { WooShop } from './shop.ts'
import { skuOf, totalsOf } from './shop.ts'

/** How the caller sees the shop: its address, and how many decimals were asked for (`dp`). */
export interface View {
  readonly home: string
  readonly places?: number
}

type Amount = (minor: number) => string

/** The REST v3 order document, key for key. Totals of lines are after discount and before tax; `price` is a number. */
export function orderDocument(shop: WooShop, order: WooOrder, view: View): Record<string, unknown> {
  const { digits } = shop.settings
  const amount: Amount = (minor) => toDecimal(minor, digits, Math.max(digits, view.places ?? digits))
  const totals = totalsOf(order)
  const addresses = addressesOf(order)
  return {
    id: order.id,
    parent_id: 0,
    status: order.status,
    currency: order.currency,
    version: shop.settings.version,
    prices_include_tax: false,
    ...dates(shop, order),
    discount_total: amount(totals.discountMinor),
    discount_tax: amount(totals.discountTaxMinor),
    shipping_total: amount(totals.shippingMinor),
    shipping_tax: amount(totals.shippingTaxMinor),
    cart_tax: amount(totals.cartTaxMinor),
    total: amount(totals.totalMinor),
    total_tax: amount(totals.taxMinor),
    customer_id: order.person % 3 === 0 ? 0 : order.person + 1,
    order_key: `wc_order_${digest(`${order.id}`).slice(0, 13)}`,
    ...addresses,
    payment_method: 'bacs',
    payment_method_title: 'Direct Bank Transfer',
    transaction_id: order.transactionId,
    customer_ip_address: '192.0.2.7',
    customer_user_agent: 'Mozilla/5.0 (sandbox shopper)',
    created_via: 'checkout',
    customer_note: order.customerNote,
    ...doneDates(shop, order),
    cart_hash: digest(`cart ${order.id}`),
    number: order.number,
    meta_data: order.meta.map(({ id, key, value }) => ({ id, key, value: typeof value === 'bigint' ? bareInteger(value) : value })),
    line_items: order.lines.map((line) => lineDocument(order, line, amount, shop.settings.digits)),
    tax_lines: taxLines(order, totals, amount),
    shipping_lines: shippingLines(order, totals, amount),
    fee_lines: feeLines(order, amount),
    coupon_lines: couponLines(order, amount),
    refunds: order.refunds.map(({ id, reason, minor }) => ({ id, reason, total: amount(-minor) })),
    payment_url: `${view.home}/checkout/order-pay/${order.id}/?pay_for_order=true`,
    is_editable: ['pending', 'on-hold'].includes(order.status),
    needs_payment: order.status === 'pending' || order.status === 'failed',
    needs_processing: order.status === 'processing',
    ...gmtDates(shop, order),
    currency_symbol: shop.settings.currencySymbol,
    _links: orderLinks(order.id, view.home),
    ...order.odd,
  }
}

function dates(shop: WooShop, order: WooOrder): Record<string, unknown> {
  return { date_created: shop.time.local(order.createdAt), date_modified: shop.time.local(order.modifiedAt) }
}

function doneDates(shop: WooShop, order: WooOrder): Record<string, unknown> {
  const local = (at: number | null): string | null => (at === null ? null : shop.time.local(at))
  return { date_completed: local(order.completedAt), date_paid: local(order.paidAt) }
}

function gmtDates(shop: WooShop, order: WooOrder): Record<string, unknown> {
  const gmt = (at: number | null): string | null => (at === null ? null : shop.time.gmt(at))
  return {
    date_created_gmt: gmt(order.createdAt),
    date_modified_gmt: gmt(order.modifiedAt),
    date_completed_gmt: gmt(order.completedAt),
    date_paid_gmt: gmt(order.paidAt),
  }
}

function addressesOf(order: WooOrder): { billing: WooAddress; shipping: WooAddress } {
  const who = personAt(order.person)
  const shipping: WooAddress = {
    first_name: who.firstName,
    last_name: who.lastName,
    company: who.company,
    address_1: who.line1,
    address_2: who.line2,
    city: who.city,
    state: who.region,
    postcode: who.postcode,
    country: who.country,
    phone: '',
  }
  return { billing: { ...shipping, email: who.email, phone: who.phone }, shipping: order.shippingAddress ?? shipping }
}

function lineDocument(order: WooOrder, line: WooLine, amount: Amount, digits: number): Record<string, unknown> {
  const { product } = line
  const variation = product?.type === 'variation'
  return {
    id: line.id,
    name: line.name,
    product_id: variation ? product.parentId : (product?.id ?? 0),
    variation_id: variation ? product.id : 0,
    quantity: line.quantity,
    tax_class: '',
    subtotal: amount(line.subtotalMinor),
    subtotal_tax: amount(line.subtotalTaxMinor),
    total: amount(line.totalMinor),
    total_tax: amount(line.taxMinor),
    taxes: order.taxBasisPoints === 0 ? [] : [{ id: 75, total: amount(line.taxMinor), subtotal: amount(line.subtotalTaxMinor) }],
    meta_data: line.ownSku === '' ? [] : [{ id: line.id * 10, key: 'SKU', value: line.ownSku, display_key: 'SKU', display_value: line.ownSku }],
    sku: skuOf(line),
    global_unique_id: product?.gtin ?? '',
    price: unitNumber(line, digits),
    image: { id: '', src: '' },
    parent_name: null,
  }
}

/** Per unit after discount, and a JSON number however unwise: that is what the API sends. */
function unitNumber(line: WooLine, digits: number): number {
  if (line.quantity === 0) return 0
  if (line.totalMinor === line.subtotalMinor) return Number(line.unitPrice)
  return line.totalMinor / 10 ** digits / line.quantity
}

function taxLines(order: WooOrder, totals: ReturnType<typeof totalsOf>, amount: Amount): unknown[] {
  if (order.taxBasisPoints === 0) return []
  return [
    {
      id: order.shippingItemId + 1_000_000,
      rate_code: 'US-CA-STATE TAX',
      rate_id: 75,
      label: 'State Tax',
      compound: false,
      tax_total: amount(totals.cartTaxMinor),
      shipping_tax_total: amount(totals.shippingTaxMinor),
      rate_percent: order.taxBasisPoints / 100,
      meta_data: [],
    },
  ]
}

function methodOf(order: WooOrder): { readonly method_title: string; readonly method_id: string } {
  if (order.pickup) return { method_title: 'Local pickup', method_id: 'local_pickup' }
  return order.shippingMinor === 0
    ? { method_title: 'Free shipping', method_id: 'free_shipping' }
    : { method_title: 'Flat Rate', method_id: 'flat_rate' }
}

function shippingLines(order: WooOrder, totals: ReturnType<typeof totalsOf>, amount: Amount): unknown[] {
  return [
    {
      id: order.shippingItemId,
      ...methodOf(order),
      instance_id: '1',
      total: amount(order.shippingMinor),
      total_tax: amount(totals.shippingTaxMinor),
      taxes: totals.shippingTaxMinor === 0 ? [] : [{ id: 75, total: amount(totals.shippingTaxMinor), subtotal: '' }],
      tax_status: 'taxable',
      meta_data: [],
    },
  ]
}

function feeLines({ fee }: WooOrder, amount: Amount): unknown[] {
  if (!fee) return []
  const total = amount(fee.minor)
  return [{ id: fee.id, name: fee.name, tax_class: '0', tax_status: 'none', amount: total, total, total_tax: amount(0), taxes: [], meta_data: [] }]
}

function couponLines({ coupon }: WooOrder, amount: Amount): unknown[] {
  if (!coupon) return []
  return [
    {
      id: coupon.id,
      code: coupon.code,
      discount: amount(coupon.minor),
      discount_tax: amount(0),
      meta_data: [],
      discount_type: 'fixed_cart',
      nominal_amount: Number(amount(coupon.minor)),
      free_shipping: false,
    },
  ]
}

function orderLinks(id: number, home: string): unknown {
  const collection = `${home}/wp-json/wc/v3/orders`
  return {
    self: [{ href: `${collection}/${id}`, targetHints: { allow: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] } }],
    collection: [{ href: collection }],
  }
}

/** `/orders/{id}/refunds` documents: quantities and line totals are negative, `amount` is not. */
export function refundDocument(shop: WooShop, order: WooOrder, refund: WooRefund, home: string): Record<string, unknown> {
  const { digits } = shop.settings
  const amount: Amount = (minor) => toDecimal(minor, digits)
  const up = `${home}/wp-json/wc/v3/orders/${order.id}`
  return {
    id: refund.id,
    parent_id: order.id,
    date_created: shop.time.local(refund.createdAt),
    date_created_gmt: shop.time.gmt(refund.createdAt),
    amount: amount(refund.minor),
    reason: refund.reason,
    refunded_by: 1,
    refunded_payment: refund.paid,
    meta_data: [],
    line_items: refund.lines.map((one) => ({
      ...lineDocument(order, one.line, amount, digits),
      id: one.id,
      quantity: -one.quantity,
      subtotal: amount(-one.totalMinor),
      subtotal_tax: amount(-one.taxMinor),
      total: amount(-one.totalMinor),
      total_tax: amount(-one.taxMinor),
      taxes: order.taxBasisPoints === 0 ? [] : [{ id: 75, total: amount(-one.taxMinor), subtotal: amount(-one.taxMinor) }],
      meta_data: [
        {
          id: one.id * 10,
          key: '_refunded_item_id',
          value: String(one.line.id),
          display_key: '_refunded_item_id',
          display_value: String(one.line.id),
        },
      ],
    })),
    shipping_lines: [],
    tax_lines: [],
    fee_lines: [],
    _links: { self: [{ href: `${up}/refunds/${refund.id}` }], collection: [{ href: `${up}/refunds` }], up: [{ href: up }] },
  }
}

function digest(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
