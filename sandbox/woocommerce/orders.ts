import { share, toMinor } from '../stage/decimal.ts'
import type { Actor } from '../stage/ledger.ts'
import { productBySku, settleStock, shortLine } from './catalogue.ts'
import type { WooAddress, WooLine, WooMeta, WooOrder, WooProduct } from './model.ts'
import type { WooShop } from './shop.ts'
import { announce } from './shop.ts'

export interface LineInput {
  readonly sku?: string
  readonly productId?: number
  readonly variationId?: number
  /** For a line typed in by hand, or to overrule the product's. */
  readonly name?: string
  readonly quantity: number
  /** Decimal text; the product's price without it. */
  readonly unitPrice?: string
  readonly discountMinor?: number
}

export interface OrderInput {
  readonly lines: readonly LineInput[]
  readonly status?: string
  /** Index of a shopper in the sandbox's town. */
  readonly person?: number
  readonly number?: string
  readonly currency?: string
  readonly shippingMinor?: number
  /** The shopper collects it. */
  readonly pickup?: boolean
  readonly taxBasisPoints?: number
  readonly fee?: { readonly name: string; readonly minor: number }
  readonly couponCode?: string
  readonly customerNote?: string
  readonly transactionId?: string
  readonly shippingAddress?: WooAddress
  readonly meta?: readonly { readonly key: string; readonly value: unknown }[]
  /** ISO instants for history; now without them. */
  readonly placedAt?: string
  readonly modifiedAt?: string
  /** History is loaded without touching stock and without telling anybody. */
  readonly silent?: boolean
}

/** A checkout (or a history record) the shop will not make; `reason` is what the shopper reads. */
export class CheckoutRefused extends Error {
  override readonly name = 'CheckoutRefused'
}

/** Places an order. Throws CheckoutRefused when the shelf is too empty. */
export function placeOrder(shop: WooShop, input: OrderInput, by: Actor = 'shopper'): WooOrder {
  const order = buildOrder(shop, input)
  if (!input.silent) {
    const short = shortLine(order.lines)
    if (short) throw new CheckoutRefused(`Sorry, we do not have enough "${short.name}" in stock to fulfill your order.`)
  }
  shop.orders.set(order.id, order)
  if (input.silent) {
    // Its units left the shelf long ago: a later cancellation puts them back, a later status does not take them again.
    if (['processing', 'on-hold', 'completed'].includes(order.status)) order.stock = 'taken'
    shop.revision += 1
    shop.ledger.record({ kind: 'order', orderId: String(order.id), change: 'placed', by, status: order.status })
    return order
  }
  settleStock(shop, order, by)
  announce(shop, order, 'placed', by)
  return order
}

function buildOrder(shop: WooShop, input: OrderInput): WooOrder {
  const status = input.status ?? 'processing'
  const createdAt = input.placedAt ? wholeSecond(input.placedAt) : shop.second()
  const modifiedAt = input.modifiedAt ? wholeSecond(input.modifiedAt) : createdAt
  const id = shop.nextId('post')
  const tax = input.taxBasisPoints ?? shop.settings.taxBasisPoints
  const lines = input.lines.map((line) => buildLine(shop, line, tax))
  const discount = input.lines.reduce((sum, line) => sum + (line.discountMinor ?? 0), 0)
  return {
    id,
    number: input.number ?? String(id),
    status,
    currency: input.currency ?? shop.settings.currency,
    person: input.person ?? id,
    shippingAddress: input.shippingAddress,
    createdAt,
    modifiedAt,
    paidAt: ['processing', 'completed', 'refunded'].includes(status) ? createdAt : null,
    completedAt: status === 'completed' ? modifiedAt : null,
    lines,
    taxBasisPoints: tax,
    shippingMinor: input.shippingMinor ?? 0,
    shippingItemId: shop.nextId('item'),
    pickup: input.pickup === true,
    fee: input.fee && { ...input.fee, id: shop.nextId('item') },
    coupon: input.couponCode === undefined ? undefined : { id: shop.nextId('item'), code: input.couponCode, minor: discount },
    customerNote: input.customerNote ?? '',
    transactionId: input.transactionId ?? '',
    meta: (input.meta ?? []).map((one): WooMeta => ({ id: shop.nextId('meta'), ...one })),
    refunds: [],
    notes: [],
    fulfilments: [],
    trackings: [],
    stock: 'none',
    visibleAt: 0,
  }
}

function buildLine(shop: WooShop, input: LineInput, taxBasisPoints: number): WooLine {
  const product = findProduct(shop, input)
  const { digits } = shop.settings
  const unitPrice = input.unitPrice ?? decimalOf(product?.priceMinor ?? 0, digits)
  const subtotalMinor = toMinor(unitPrice, digits, input.quantity)
  const totalMinor = subtotalMinor - (input.discountMinor ?? 0)
  return {
    id: shop.nextId('item'),
    product,
    name: input.name ?? product?.name ?? input.sku ?? '',
    quantity: input.quantity,
    unitPrice,
    subtotalMinor,
    totalMinor,
    subtotalTaxMinor: share(subtotalMinor, taxBasisPoints),
    taxMinor: share(totalMinor, taxBasisPoints),
    ownSku: product ? '' : (input.sku ?? ''),
  }
}

function findProduct(shop: WooShop, { variationId, productId, sku }: LineInput): WooProduct | undefined {
  const id = variationId || productId
  if (id) {
    const found = shop.products.get(id)
    if (!found) throw new CheckoutRefused(`Product ${id} does not exist.`)
    return found
  }
  return sku === undefined ? undefined : productBySku(shop, sku)
}

function decimalOf(minor: number, digits: number): string {
  return digits === 0 ? String(minor) : `${Math.trunc(minor / 10 ** digits)}.${String(minor % 10 ** digits).padStart(digits, '0')}`
}

function wholeSecond(iso: string): number {
  const at = Date.parse(iso)
  if (Number.isNaN(at)) throw new CheckoutRefused(`Not an instant: ${iso}`)
  return Math.floor(at / 1000) * 1000
}

/** Moves an order to a status with what WooCommerce does on the way: dates, stock, the note. */
export function changeStatus(shop: WooShop, order: WooOrder, status: string, by: Actor): void {
  if (order.status === status) return
  const before = order.status
  order.status = status
  if ((status === 'processing' || status === 'completed') && order.paidAt === null) order.paidAt = shop.second()
  if (status === 'completed') order.completedAt = shop.second()
  settleStock(shop, order, by)
  addNote(shop, order, { text: `Order status changed from ${before} to ${status}.`, toCustomer: false, author: 'WooCommerce' })
  announce(shop, order, 'status', by)
}

export function addNote(shop: WooShop, order: WooOrder, note: { text: string; toCustomer: boolean; author: string }): WooOrder['notes'][number] {
  const made = { id: shop.nextId('comment'), createdAt: shop.second(), ...note }
  order.notes.push(made)
  return made
}

export interface OrderEdit {
  readonly shippingAddress?: WooAddress
  readonly customerNote?: string
  /** New quantity per line id; prices follow. */
  readonly quantities?: Readonly<Record<string, number>>
  readonly meta?: readonly { readonly key: string; readonly value: unknown }[]
}

/** The seller (or the API) changes an open order. */
export function editOrder(shop: WooShop, order: WooOrder, edit: OrderEdit, by: Actor): void {
  if (edit.shippingAddress) order.shippingAddress = edit.shippingAddress
  if (edit.customerNote !== undefined) order.customerNote = edit.customerNote
  for (const line of order.lines) {
    const quantity = edit.quantities?.[String(line.id)]
    if (quantity !== undefined) resizeLine(shop, order, line, quantity, by)
  }
  for (const { key, value } of edit.meta ?? []) {
    const known = order.meta.find((one) => one.key === key)
    if (known) known.value = value
    else order.meta.push({ id: shop.nextId('meta'), key, value })
  }
  announce(shop, order, 'edited', by)
}

function resizeLine(shop: WooShop, order: WooOrder, line: WooLine, quantity: number, by: Actor): void {
  const state = order.stock
  if (state !== 'none') releaseUnits(shop, order, by)
  line.quantity = quantity
  line.subtotalMinor = toMinor(line.unitPrice, shop.settings.digits, quantity)
  line.totalMinor = line.subtotalMinor
  line.subtotalTaxMinor = share(line.subtotalMinor, order.taxBasisPoints)
  line.taxMinor = line.subtotalTaxMinor
  if (state !== 'none') settleStock(shop, order, by)
}

function releaseUnits(shop: WooShop, order: WooOrder, by: Actor): void {
  const status = order.status
  order.status = 'cancelled'
  settleStock(shop, order, by)
  order.status = status
}
