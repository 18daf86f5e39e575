import { toDecimal } from '../stage/decimal.ts'
import { personAt } from '../stage/people.ts'
import { listConnection, type PageArgs } from './connections.ts'
import type { Context } from './context.ts'
import type { ShopifyFulfillment, ShopifyFulfillmentOrder, ShopifyLine, ShopifyOrder, ShopifyRefund, ShopifyTransaction } from './model.ts'
import type { ShopifyShop } from './shop.ts'
import { financialStatus, fulfillmentStatus, grossOf, netOf, receivedOf, refundedOf, shippedOf, sum, taxOf, totalOf } from './shop.ts'

export type View = Record<string, unknown>

export const gid = (type: string, id: string): string => `gid://shopify/${type}/${id}`
export const iso = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** An amount as Shopify shows it: at least one decimal, no surplus zeros ("12.0", "12.5", "12.55"). */
export function bag(shop: ShopifyShop, minor: number): View {
  const { currency, digits } = shop.settings
  const [whole = '0', fraction = ''] = toDecimal(minor, digits).split('.')
  const money = { amount: `${whole}.${fraction.replace(/0+$/, '') || '0'}`, currencyCode: currency }
  return { shopMoney: money, presentmentMoney: money }
}

/** The GraphQL face of an order; costly parts are functions, called only when they are asked for. */
export function orderView(shop: ShopifyShop, order: ShopifyOrder): View {
  return { ...statusView(shop, order), ...moneyView(shop, order), ...peopleView(order), ...partsView(shop, order) }
}

function statusView(shop: ShopifyShop, order: ShopifyOrder): View {
  return {
    __typename: 'Order',
    id: gid('Order', order.id),
    legacyResourceId: order.id,
    name: `#${order.number}`,
    createdAt: iso(order.createdAt),
    processedAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    cancelledAt: order.cancelledAt === undefined ? null : iso(order.cancelledAt),
    cancelReason: order.cancelReason ?? null,
    closedAt: order.closedAt === undefined ? null : iso(order.closedAt),
    confirmed: true,
    test: false,
    edited: order.edits > 0,
    displayFinancialStatus: financialStatus(order, shop.settings),
    displayFulfillmentStatus: fulfillmentStatus(order),
    returnStatus: order.returnStatus,
    sourceName: 'web',
    currencyCode: shop.settings.currency,
    presentmentCurrencyCode: shop.settings.currency,
    taxesIncluded: shop.settings.taxesIncluded,
    dutiesIncluded: false,
    discountCodes: order.discountCode === undefined ? [] : [order.discountCode],
    note: order.note === '' ? null : order.note,
    tags: [],
    poNumber: null,
    paymentGatewayNames: order.payments.length > 0 ? ['shopify_payments'] : [],
    retailLocation: null,
  }
}

function moneyView(shop: ShopifyShop, order: ShopifyOrder): View {
  const money = (minor: number): View => bag(shop, minor)
  const removed = sum(order.lines.map((line) => Math.round((netOf(line) * line.refunded) / Math.max(line.quantity, 1))))
  return {
    totalPriceSet: money(totalOf(order, shop.settings)),
    currentTotalPriceSet: money(totalOf(order, shop.settings) - removed),
    totalTaxSet: money(taxOf(order)),
    totalReceivedSet: money(receivedOf(order)),
    totalRefundedSet: money(refundedOf(order)),
    totalTipReceivedSet: money(order.tip),
    originalTotalDutiesSet: null,
    originalTotalAdditionalFeesSet: null,
    totalCashRoundingAdjustment: { paymentSet: money(0) },
  }
}

function peopleView(order: ShopifyOrder): View {
  const person = personAt(order.person)
  const address = {
    name: `${person.firstName} ${person.lastName}`,
    firstName: person.firstName,
    lastName: person.lastName,
    company: person.company || null,
    address1: person.line1,
    address2: order.edits > 0 ? `${person.line2} (edited ${order.edits})` : person.line2 || null,
    city: person.city,
    province: person.region || null,
    provinceCode: person.region || null,
    zip: person.postcode,
    countryCodeV2: person.country,
    phone: person.phone,
  }
  return {
    email: person.email,
    phone: null,
    customer: { id: gid('Customer', String(7_000_000 + order.person)) },
    shippingAddress: address,
    billingAddress: address,
  }
}

function partsView(shop: ShopifyShop, order: ShopifyOrder): View {
  const charged = order.payments
  return {
    transactions: ({ first }: PageArgs) => charged.slice(0, first ?? charged.length).map((one) => transactionView(shop, one)),
    transactionsCount: { count: charged.length, precision: 'EXACT' },
    fulfillmentsCount: { count: order.fulfillments.length, precision: 'EXACT' },
    lineItems: (args: PageArgs, context: Context) =>
      listConnection([...order.lines, ...tipLine(order)], (line) => lineView(shop, order, line), args, context),
    shippingLines: (args: PageArgs, context: Context) =>
      listConnection(order.shipping ? [order.shipping] : [], () => shippingView(shop, order), args, context),
    discountApplications: (args: PageArgs, context: Context) => listConnection(discountsOf(order), (one) => one, args, context),
    fulfillmentOrders: (args: PageArgs, context: Context) =>
      listConnection(order.fulfillmentOrders, (one) => fulfillmentOrderView(shop, one), args, context),
    fulfillments: ({ first }: PageArgs) => order.fulfillments.slice(0, first ?? undefined).map((one) => fulfillmentView(order, one)),
    refunds: ({ first }: PageArgs) => order.refunds.slice(0, first ?? undefined).map((one) => refundView(shop, one)),
  }
}

/** A tip is kept in the total and told in `totalTipReceivedSet`; this shop shows no line for it. */
const tipLine = (_order: ShopifyOrder): readonly ShopifyLine[] => []

function discountsOf(order: ShopifyOrder): readonly View[] {
  const lines = order.lines.some((line) => line.discount > 0)
  const code = { __typename: 'DiscountCodeApplication', code: order.discountCode ?? 'SPRING', allocationMethod: 'ACROSS', targetType: 'LINE_ITEM' }
  const free = { __typename: 'AutomaticDiscountApplication', title: 'Cheaper shipping', allocationMethod: 'EACH', targetType: 'SHIPPING_LINE' }
  return [...(lines ? [code] : []), ...((order.shipping?.discount ?? 0) > 0 ? [free] : [])].map((one, index) => ({ ...one, index }))
}

const allocation = (shop: ShopifyShop, minor: number, application: View | undefined): readonly View[] =>
  minor === 0 || !application ? [] : [{ allocatedAmountSet: bag(shop, minor), discountApplication: application }]

const taxLine = (shop: ShopifyShop, minor: number): readonly View[] =>
  minor === 0 ? [] : [{ title: 'VAT', rate: shop.settings.taxBasisPoints / 10_000, priceSet: bag(shop, minor) }]

function lineView(shop: ShopifyShop, order: ShopifyOrder, line: ShopifyLine): View {
  const application = discountsOf(order).find((one) => one['targetType'] === 'LINE_ITEM')
  return {
    id: gid('LineItem', line.id),
    title: line.variant.name,
    variantTitle: null,
    sku: line.variant.sku,
    quantity: line.quantity,
    currentQuantity: line.quantity - Math.max(line.refunded, line.cancelled),
    unfulfilledQuantity: line.quantity - line.cancelled - shippedOf(order, line),
    requiresShipping: line.variant.requiresShipping,
    isGiftCard: line.variant.giftCard,
    originalUnitPriceSet: bag(shop, line.unitPrice),
    originalTotalSet: bag(shop, grossOf(line)),
    discountAllocations: () => allocation(shop, line.discount, application),
    taxLines: () => taxLine(shop, line.tax),
    variant: { id: gid('ProductVariant', line.variant.id), barcode: null },
    product: { id: gid('Product', line.variant.productId) },
  }
}

function shippingView(shop: ShopifyShop, order: ShopifyOrder): View {
  const { id = '', price = 0, discount = 0, tax = 0 } = order.shipping ?? {}
  const application = discountsOf(order).find((one) => one['targetType'] === 'SHIPPING_LINE')
  return {
    id: gid('ShippingLine', id),
    title: 'Standard',
    code: 'Standard',
    originalPriceSet: bag(shop, price),
    discountedPriceSet: bag(shop, price - discount),
    discountAllocations: () => allocation(shop, discount, application),
    taxLines: () => taxLine(shop, tax),
  }
}

const transactionView = (shop: ShopifyShop, one: ShopifyTransaction): View => ({
  id: gid('OrderTransaction', one.id),
  kind: one.kind,
  status: one.status,
  gateway: one.gateway,
  processedAt: iso(one.at),
  createdAt: iso(one.at),
  paymentId: `p.${one.id}`,
  amountSet: bag(shop, one.amount),
})

export function fulfillmentOrderView(shop: ShopifyShop, one: ShopifyFulfillmentOrder): View {
  const location = shop.locations.find(({ id }) => id === one.location)
  return {
    __typename: 'FulfillmentOrder',
    id: gid('FulfillmentOrder', one.id),
    status: one.status,
    requestStatus: 'UNSUBMITTED',
    fulfillBy: null,
    deliveryMethod: { methodType: 'SHIPPING' },
    assignedLocation: { name: location?.name ?? '', location: location ? { id: gid('Location', location.id) } : null },
    fulfillmentHolds: one.status === 'ON_HOLD' ? [{ reason: 'HIGH_RISK_OF_FRAUD' }] : [],
    lineItems: (args: PageArgs, context: Context) =>
      listConnection(
        one.lines,
        (part) => ({
          id: gid('FulfillmentOrderLineItem', part.id),
          totalQuantity: part.total,
          remainingQuantity: part.remaining,
          sku: part.line.variant.sku,
          lineItem: { id: gid('LineItem', part.line.id) },
        }),
        args,
        context,
      ),
  }
}

export function fulfillmentView(order: ShopifyOrder, one: ShopifyFulfillment): View {
  return {
    __typename: 'Fulfillment',
    id: gid('Fulfillment', one.id),
    name: `#${order.number}-F${order.fulfillments.indexOf(one) + 1}`,
    status: one.status,
    displayStatus: one.status === 'CANCELLED' ? 'CANCELED' : one.delivered ? 'DELIVERED' : 'FULFILLED',
    createdAt: iso(one.createdAt),
    updatedAt: iso(one.updatedAt),
    deliveredAt: one.delivered ? iso(one.updatedAt) : null,
    totalQuantity: sum(one.lines.map((part) => part.quantity)),
    trackingInfo: one.number === '' ? [] : [{ company: one.company, number: one.number, url: one.url }],
    location: { id: gid('Location', one.location) },
    fulfillmentLineItems: (args: PageArgs, context: Context) =>
      listConnection(
        one.lines,
        (part) => ({ id: gid('FulfillmentLineItem', part.id), quantity: part.quantity, lineItem: { id: gid('LineItem', part.line.id) } }),
        args,
        context,
      ),
  }
}

export function refundView(shop: ShopifyShop, one: ShopifyRefund): View {
  const list = (items: readonly unknown[]) => (args: PageArgs, context: Context) => listConnection(items, (item) => item, args, context)
  return {
    __typename: 'Refund',
    id: gid('Refund', one.id),
    createdAt: iso(one.at),
    processedAt: iso(one.at),
    updatedAt: iso(one.at),
    note: one.note,
    totalRefundedSet: bag(shop, one.amount),
    return: null,
    refundLineItems: list(
      one.lines.map((part) => ({
        quantity: part.quantity,
        restockType: part.restock,
        subtotalSet: bag(shop, part.subtotal),
        totalTaxSet: bag(shop, part.tax),
        lineItem: { id: gid('LineItem', part.line.id), sku: part.line.variant.sku, title: part.line.variant.name },
      })),
    ),
    refundShippingLines: list(one.shipping > 0 ? [{ subtotalAmountSet: bag(shop, one.shipping), taxAmountSet: bag(shop, 0) }] : []),
    orderAdjustments: list(
      one.adjustment === 0 ? [] : [{ reason: 'REFUND_DISCREPANCY', amountSet: bag(shop, one.adjustment), taxAmountSet: bag(shop, 0) }],
    ),
    transactions: list(one.transaction ? [transactionView(shop, one.transaction)] : []),
  }
}
