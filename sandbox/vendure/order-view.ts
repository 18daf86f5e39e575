import { personAt } from '../stage/people.ts'
import type { VendureFulfilment, VendureLine, VendureOrder, VendurePayment, VendureRefund } from './model.ts'
import { fulfilmentSteps } from './operations.ts'
import type { VendureShop } from './shop.ts'
import { totalsOf, withTax } from './shop.ts'
import { variantView } from './variant-view.ts'

type View = Record<string, unknown>

const iso = (at: number): string => new Date(at).toISOString()

/** The GraphQL face of an order; costly parts are functions, called only when they are asked for. */
export function orderView(shop: VendureShop, order: VendureOrder): View {
  const tax = shop.settings.taxBasisPoints
  const totals = totalsOf(order, tax)
  return {
    __typename: 'Order',
    id: order.id,
    code: order.code,
    state: order.state,
    active: order.active,
    type: 'Regular',
    currencyCode: order.currency,
    createdAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    orderPlacedAt: order.placedAt === undefined ? null : iso(order.placedAt),
    customer: () => customerView(order),
    shippingAddress: () => addressView(order),
    billingAddress: () => addressView(order),
    lines: () => order.lines.map((line) => lineView(shop, order, line)),
    surcharges: () => surcharges(order, tax),
    discounts: () => discounts(order, totals),
    couponCodes: order.couponCodes,
    promotions: () => promotions(order),
    modifications: [],
    payments: () => order.payments.map((payment) => paymentView(shop, order, payment)),
    fulfillments: () => order.fulfilments.map((one) => fulfilmentView(shop, order, one)),
    totalQuantity: order.lines.reduce((all, line) => all + line.quantity, 0),
    subTotal: totals.subTotal,
    subTotalWithTax: totals.subTotalWithTax,
    shipping: totals.shipping,
    shippingWithTax: totals.shippingWithTax,
    total: totals.total,
    totalWithTax: totals.totalWithTax,
    shippingLines: () => shippingLines(order, totals),
    taxSummary: () => taxSummary(order, tax),
    history: (args: { options?: { skip?: number; take?: number } }) => historyView(order, args.options ?? {}),
    nextStates: () => nextStates(order.state),
    channels: () => [channelView(shop)],
    customFields: null,
  }
}

function customerView(order: VendureOrder): View | null {
  const { customer } = order
  if (!customer) return null
  return { id: order.id, createdAt: iso(order.createdAt), updatedAt: iso(order.createdAt), title: null, ...customer }
}

function addressView(order: VendureOrder): View {
  return order.shippingAddress ? { country: order.shippingAddress.countryCode, ...order.shippingAddress } : {}
}

export function lineView(shop: VendureShop, order: VendureOrder, line: VendureLine): View {
  const tax = shop.settings.taxBasisPoints
  const unit = line.unitPrice
  const prorated = line.unitPrice - line.unitDiscount
  const [unitWithTax, proratedWithTax] = [withTax(unit, tax), withTax(prorated, tax)]
  const n = line.quantity
  return {
    id: line.id,
    createdAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    productVariant: () => variantView(shop, line.variant),
    unitPrice: unit,
    unitPriceWithTax: unitWithTax,
    discountedUnitPrice: unit,
    discountedUnitPriceWithTax: unitWithTax,
    proratedUnitPrice: prorated,
    proratedUnitPriceWithTax: proratedWithTax,
    quantity: n,
    orderPlacedQuantity: line.placedQuantity,
    taxRate: tax / 100,
    linePrice: unit * n,
    linePriceWithTax: unitWithTax * n,
    discountedLinePrice: unit * n,
    discountedLinePriceWithTax: unitWithTax * n,
    proratedLinePrice: prorated * n,
    proratedLinePriceWithTax: proratedWithTax * n,
    lineTax: (proratedWithTax - prorated) * n,
    discounts: [],
    taxLines: [{ description: 'Standard Tax', taxRate: tax / 100 }],
    order: () => orderView(shop, order),
    customFields: null,
    fulfillmentLines: () =>
      order.fulfilments.flatMap((one) => one.lines.filter((each) => each.line === line).map((each) => fulfilmentLine(shop, order, one, each))),
  }
}

function fulfilmentLine(shop: VendureShop, order: VendureOrder, one: VendureFulfilment, each: VendureFulfilment['lines'][number]): View {
  return {
    orderLineId: each.line.id,
    quantity: each.quantity,
    fulfillmentId: one.id,
    orderLine: () => lineView(shop, order, each.line),
    fulfillment: () => fulfilmentView(shop, order, one),
  }
}

export function fulfilmentView(shop: VendureShop, order: VendureOrder, one: VendureFulfilment): View {
  const lines = (): View[] => one.lines.map((each) => fulfilmentLine(shop, order, one, each))
  return {
    __typename: 'Fulfillment',
    id: one.id,
    createdAt: iso(one.createdAt),
    updatedAt: iso(one.updatedAt),
    state: one.state,
    method: one.method,
    trackingCode: one.trackingCode,
    nextStates: fulfilmentSteps[one.state] ?? [],
    lines,
    summary: lines,
    customFields: null,
  }
}

function paymentView(shop: VendureShop, order: VendureOrder, payment: VendurePayment): View {
  return {
    id: payment.id,
    createdAt: iso(payment.createdAt),
    updatedAt: iso(payment.createdAt),
    transactionId: payment.transactionId,
    amount: payment.amount,
    method: payment.method,
    state: payment.state,
    nextStates: ['Cancelled'],
    errorMessage: null,
    metadata: {},
    refunds: () => payment.refunds.map((refund) => refundView(shop, order, payment, refund)),
  }
}

export function refundView(shop: VendureShop, order: VendureOrder, payment: VendurePayment, refund: VendureRefund): View {
  return {
    __typename: 'Refund',
    id: refund.id,
    createdAt: iso(refund.createdAt),
    updatedAt: iso(refund.createdAt),
    items: 0,
    shipping: 0,
    adjustment: 0,
    total: refund.total,
    method: payment.method,
    state: 'Settled',
    transactionId: `r-${payment.transactionId}`,
    reason: refund.reason,
    paymentId: payment.id,
    metadata: {},
    lines: () =>
      refund.lines.map(({ line, quantity }) => ({
        orderLineId: line.id,
        orderLine: () => lineView(shop, order, line),
        quantity,
        refundId: refund.id,
      })),
  }
}

function surcharges(order: VendureOrder, tax: number): View[] {
  const { surcharge } = order
  if (!surcharge) return []
  const taxLines = [{ description: 'Standard Tax', taxRate: tax / 100 }]
  return [
    {
      id: order.id,
      createdAt: iso(order.createdAt),
      updatedAt: iso(order.createdAt),
      description: surcharge.description,
      sku: '',
      price: surcharge.price,
      priceWithTax: withTax(surcharge.price, tax),
      taxRate: tax / 100,
      taxLines,
    },
  ]
}

function discounts(order: VendureOrder, totals: ReturnType<typeof totalsOf>): View[] {
  if (totals.discount === 0) return []
  const description = order.couponCodes[0] ?? 'Promotion'
  return [
    {
      adjustmentSource: 'PROMOTION:1',
      type: 'DISTRIBUTED_ORDER_PROMOTION',
      description,
      amount: -totals.discount,
      amountWithTax: -totals.discountWithTax,
    },
  ]
}

function promotions(order: VendureOrder): View[] {
  const [couponCode] = order.couponCodes
  if (couponCode === undefined) return []
  return [{ id: '1', createdAt: iso(order.createdAt), updatedAt: iso(order.createdAt), couponCode, name: couponCode, enabled: true }]
}

function shippingLines(order: VendureOrder, totals: ReturnType<typeof totalsOf>): View[] {
  const method = { id: '1', code: 'standard-shipping', name: 'Standard Shipping', description: '' }
  const [price, priceWithTax] = [totals.shipping, totals.shippingWithTax]
  return [{ id: order.id, shippingMethod: method, price, priceWithTax, discountedPrice: price, discountedPriceWithTax: priceWithTax, discounts: [] }]
}

function taxSummary(order: VendureOrder, tax: number): View[] {
  const totals = totalsOf(order, tax)
  return [{ description: 'Standard Tax', taxRate: tax / 100, taxBase: totals.total, taxTotal: totals.totalWithTax - totals.total }]
}

function historyView(order: VendureOrder, { skip = 0, take = 1000 }: { skip?: number; take?: number }): View {
  const items = order.history.slice(skip, skip + take)
  return {
    totalItems: order.history.length,
    items: items.map((one) => ({
      id: one.id,
      type: one.type,
      createdAt: iso(one.createdAt),
      updatedAt: iso(one.createdAt),
      isPublic: one.isPublic,
      data: one.data,
    })),
  }
}

function nextStates(state: string): readonly string[] {
  const steps: Readonly<Record<string, readonly string[]>> = {
    AddingItems: ['ArrangingPayment', 'Cancelled'],
    ArrangingPayment: ['PaymentAuthorized', 'PaymentSettled', 'AddingItems', 'Cancelled'],
    PaymentSettled: ['PartiallyDelivered', 'Delivered', 'PartiallyShipped', 'Shipped', 'Cancelled', 'Modifying', 'ArrangingAdditionalPayment'],
    PartiallyShipped: ['Shipped', 'PartiallyDelivered', 'Cancelled', 'Modifying'],
    Shipped: ['PartiallyDelivered', 'Delivered', 'Cancelled', 'Modifying'],
    PartiallyDelivered: ['Delivered', 'Cancelled', 'Modifying'],
    Delivered: ['Cancelled'],
  }
  return steps[state] ?? []
}

export function channelView({ settings }: VendureShop): View {
  const created = '2026-01-01T00:00:00.000Z'
  return {
    id: '1',
    createdAt: created,
    updatedAt: created,
    code: '__default_channel__',
    token: settings.channelToken,
    defaultLanguageCode: 'en',
    currencyCode: settings.currency,
    defaultCurrencyCode: settings.currency,
    pricesIncludeTax: false,
  }
}

/** The n-th shopper of the sandbox's town, in Vendure's words. */
export function shopperAt(n: number): { customer: NonNullable<VendureOrder['customer']>; address: NonNullable<VendureOrder['shippingAddress']> } {
  const who = personAt(n)
  return {
    customer: { firstName: who.firstName, lastName: who.lastName, emailAddress: who.email, phoneNumber: who.phone },
    address: {
      fullName: `${who.firstName} ${who.lastName}`,
      company: who.company,
      streetLine1: who.line1,
      streetLine2: who.line2,
      city: who.city,
      province: who.region,
      postalCode: who.postcode,
      countryCode: who.country,
      phoneNumber: who.phone,
    },
  }
}
