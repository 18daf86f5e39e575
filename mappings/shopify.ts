import { MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping } from '../src/core/mapping.ts'
import type { Order, Party } from '../src/core/order.ts'
import { discountsOf } from './shopify/discounts.ts'
import { idOf } from './shopify/ids.ts'
import { linesOf, progressOf } from './shopify/lines.ts'
import { paymentsOf, refundsOf, shipmentsOf } from './shopify/parts.ts'
import { cancelledBy, stateOf } from './shopify/state.ts'
import { shopMoney } from './shopify/money.ts'
import { totalsOf } from './shopify/totals.ts'
import { distinctPlaces } from './parts/places.ts'
import { at, flag, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'

/**
 * Shopify GraphQL order → canonical. Everything is counted in the shop's own currency; what the buyer paid in stands in
 * `extra`. Orders are known by their id: names (`#1001`) may be changed and reused.
 */
export const shopify: Mapping = {
  channel: 'shopify',
  version: 1,
  map: (raw, context) => {
    if (raw.kind !== 'order') throw new MappingError('document-unreadable', 'Shopify sends refunds inside their order.')
    return { kind: 'order', order: orderOf(raw.doc, context) } satisfies Mapped
  },
  places: {
    setting: 'locationId',
    of: (doc) =>
      distinctPlaces(
        list(doc, '/fulfillmentOrders/nodes').flatMap(({ value }) => {
          if (NOT_FROM_THERE.has(text(value, '/status'))) return []
          const name = optionalText(value, '/assignedLocation/name')
          const id = optionalText(value, '/assignedLocation/location/id')
          // A location that was deleted has its name only.
          return [{ id: id === undefined ? name : idOf(id), name }]
        }),
      ),
  },
}

/** Fulfilment orders whose goods come from elsewhere, or not at all. */
const NOT_FROM_THERE: ReadonlySet<string> = new Set(['CANCELLED', 'INCOMPLETE'])

function orderOf(doc: unknown, context: MapContext): Order {
  const id = idOf(requiredText(doc, '/id'))
  const currency = requiredText(doc, '/currencyCode')
  const progress = progressOf(doc)
  const lines = linesOf(doc, { currency, progress })
  const refunds = refundsOf(doc, { order: id, currency })
  const totals = totalsOf(doc, { currency, lines, progress })
  const state = stateOf(doc)
  const cancelledAt = utcInstant(doc, '/cancelledAt')
  const closedAt = utcInstant(doc, '/closedAt')
  const payments = paymentsOf(doc, currency)
  const paidAt = state.payment === 'pending' || state.payment === 'authorised' ? undefined : firstPayment(payments)
  const note = optionalText(doc, '/note')
  const customer = optionalText(doc, '/customer/id')
  return {
    channelOrderNo: id,
    displayNo: requiredText(doc, '/name'),
    type: typeOf(doc),
    fulfilmentBy: 'merchant',
    sourceStatus: state.source,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale === 'none' && refunds.length > 0 ? 'closed' : state.afterSale,
    ...(cancelledAt === undefined ? {} : { cancelled: { at: cancelledAt, ...cancelledBy(text(doc, '/cancelReason')) } }),
    closed: closedAt !== undefined || cancelledAt !== undefined,
    // Imported orders carry the day they were really placed; it may lie before they came to the shop.
    placedAt: utcInstant(doc, '/processedAt') ?? requiredUtcInstant(doc, '/createdAt'),
    ...(paidAt === undefined ? {} : { paidAt }),
    sourceUpdatedAt: requiredUtcInstant(doc, '/updatedAt'),
    sourceTz: context.timezone,
    sourcePrecision: 's',
    currency,
    taxIncluded: flag(doc, '/taxesIncluded'),
    totals,
    lines,
    discounts: discountsOf(doc, lines, currency),
    payments,
    refunds,
    shipments: shipmentsOf(doc),
    piiMode: 'plain',
    ...partiesOf(doc),
    ...(customer === undefined ? {} : { buyerRef: idOf(customer) }),
    ...(note === undefined ? {} : { buyerNote: note }),
    isCod: list(doc, '/paymentGatewayNames').some(
      ({ value }) => typeof value === 'string' && /cash on delivery|\bcod\b|cash_on_delivery/i.test(value),
    ),
    couponCodes: list(doc, '/discountCodes').flatMap(({ value }) => (typeof value === 'string' && value !== '' ? [value] : [])),
    extra: extraOf(doc),
  }
}

const firstPayment = (payments: Order['payments']): string | undefined =>
  payments
    .filter((payment) => payment.status === 'done' && (payment.kind === 'capture' || payment.kind === 'gift_card'))
    .flatMap((payment) => payment.at ?? [])
    .sort()[0]

function typeOf(doc: unknown): Order['type'] {
  if (text(doc, '/sourceName') === 'pos') return 'pos'
  const methods = list(doc, '/fulfillmentOrders/nodes').map(({ value }) => text(value, '/deliveryMethod/methodType'))
  return methods.some((method) => method === 'PICK_UP' || method === 'PICKUP_POINT') ? 'pickup' : 'normal'
}

/** Shipping falls back to billing as a whole; phone and mail are the order's where the address has none. */
function partiesOf(doc: unknown): { readonly recipient?: Party; readonly billTo?: Party } {
  const email = optionalText(doc, '/email')
  const phone = optionalText(doc, '/phone')
  const contact: Party = { ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }) }
  const party = (pointer: string): Party | undefined => {
    const address = at(doc, pointer)
    if (address === undefined) return undefined
    const street = [optionalText(address, '/address1'), optionalText(address, '/address2')].filter((line) => line !== undefined).join('\n')
    const values = {
      name:
        optionalText(address, '/name') ??
        ([optionalText(address, '/firstName'), optionalText(address, '/lastName')].filter(Boolean).join(' ') || undefined),
      company: optionalText(address, '/company'),
      phone: optionalText(address, '/phone'),
      country: optionalText(address, '/countryCodeV2'),
      province: optionalText(address, '/province') ?? optionalText(address, '/provinceCode'),
      city: optionalText(address, '/city'),
      address: street === '' ? undefined : street,
      postcode: optionalText(address, '/zip'),
    }
    return { ...contact, ...Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) }
  }
  const billTo = party('/billingAddress')
  const recipient = party('/shippingAddress') ?? billTo ?? (Object.keys(contact).length > 0 ? contact : undefined)
  return { ...(recipient ? { recipient } : {}), ...(billTo ? { billTo } : {}) }
}

function extraOf(doc: unknown): Readonly<Record<string, string>> {
  const buyerCurrency = text(doc, '/presentmentCurrencyCode')
  const places = list(doc, '/fulfillmentOrders/nodes').map(({ value }) => text(value, '/assignedLocation/name'))
  const held = list(doc, '/fulfillmentOrders/nodes').flatMap(({ value }) =>
    list(value, '/fulfillmentHolds').map((hold) => text(hold.value, '/reason')),
  )
  const tags = list(doc, '/tags').flatMap(({ value }) => (typeof value === 'string' ? [value] : []))
  const values = {
    legacyId: text(doc, '/legacyResourceId'),
    source: text(doc, '/sourceName'),
    ...(buyerCurrency === '' || buyerCurrency === text(doc, '/currencyCode')
      ? {}
      : { buyerCurrency, buyerTotal: text(doc, '/totalPriceSet/presentmentMoney/amount') }),
    currentTotal: text(doc, '/currentTotalPriceSet/shopMoney/amount'),
    shippingMethod: list(doc, '/shippingLines/nodes')
      .map(({ value }) => text(value, '/title'))
      .filter(Boolean)
      .join(', '),
    locations: [...new Set(places)].filter(Boolean).join(', '),
    holds: [...new Set(held)].join(', '),
    returnStatus: text(doc, '/returnStatus') === 'NO_RETURN' ? '' : text(doc, '/returnStatus'),
    tags: tags.join(', '),
    poNumber: text(doc, '/poNumber'),
    retailLocation: text(doc, '/retailLocation/name'),
    tip: shopMoney(doc, '/totalTipReceivedSet', text(doc, '/currencyCode')).minor === 0 ? '' : text(doc, '/totalTipReceivedSet/shopMoney/amount'),
    test: flag(doc, '/test') ? 'true' : '',
    edited: flag(doc, '/edited') ? 'true' : '',
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
}
