import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import { MappingError } from '../src/core/fault.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { discountsOf } from './ebay/discounts.ts'
import { linesOf } from './ebay/lines.ts'
import { amountOf, currencyOf, meaningOf } from './ebay/read.ts'
import { partiesOf, wayOf } from './ebay/recipient.ts'
import { refundsOf } from './ebay/refunds.ts'
import { readState, type State } from './ebay/state.ts'
import { totalsOf } from './ebay/totals.ts'
import { flag, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from './parts/read.ts'

/** An order of eBay's Fulfillment API, its packages beside it → canonical. Refunds stand inside their order. */
export const ebay: Mapping = {
  channel: 'ebay',
  version: 1,
  map: (raw) => {
    if (raw.kind !== 'order') throw new MappingError('document-unreadable', 'eBay sends refunds inside their order.')
    return mapOrder(raw)
  },
}

function mapOrder({ doc }: RawDocument): Mapped {
  const currency = currencyOf(doc)
  const way = wayOf(doc)
  const lines = linesOf(doc, currency)
  const refunds = refundsOf(doc, currency)
  const state = readState(doc, refunds)
  const totals = totalsOf(doc, { currency, lines, refunds, state })
  const payments = paymentsOf(doc, currency)
  const paidAt = payments.flatMap(({ status, at }) => (status === 'done' && at !== undefined ? [at] : [])).sort()[0]
  const shipBy = list(doc, '/lineItems')
    .flatMap(({ value }) => utcInstant(value, '/lineItemFulfillmentInstructions/shipByDate') ?? [])
    .sort()[0]
  const buyerRef = optionalText(doc, '/buyer/username')
  const buyerNote = optionalText(doc, '/buyerCheckoutNotes')
  const order: Order = {
    channelOrderNo: requiredText(doc, '/orderId'),
    type: way.type,
    fulfilmentBy: way.by,
    sourceStatus: state.source,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredUtcInstant(doc, '/creationDate'),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: requiredUtcInstant(doc, '/lastModifiedDate'),
    sourceTz: 'UTC',
    sourcePrecision: 'ms',
    currency,
    taxIncluded: false,
    totals,
    lines,
    discounts: discountsOf(doc, { lines, currency }),
    payments,
    refunds,
    shipments: state.shipments,
    piiMode: 'plain',
    ...partiesOf(doc),
    ...(buyerRef === undefined ? {} : { buyerRef }),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    isCod: payments.some(({ kind }) => kind === 'cod'),
    couponCodes: [],
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

const PAYMENTS: Readonly<Record<string, Payment['status']>> = { PAID: 'done', PENDING: 'pending', FAILED: 'failed' }

const paymentsOf = (doc: unknown, currency: string): readonly Payment[] =>
  list(doc, '/paymentSummary/payments').flatMap(({ value, pointer }): readonly Payment[] => {
    const status = meaningOf(PAYMENTS, requiredText(value, '/paymentStatus'), {
      code: 'payment-status-unmapped',
      pointer: `${pointer}/paymentStatus`,
    })
    const [method, id, at] = [
      optionalText(value, '/paymentMethod') ?? 'unknown',
      optionalText(value, '/paymentReferenceId'),
      utcInstant(value, '/paymentDate'),
    ]
    return [
      {
        ...(id === undefined ? {} : { id }),
        kind: method === 'CASH_ON_DELIVERY' || method === 'CASH_ON_PICKUP' ? 'cod' : 'capture',
        method,
        amount: amountOf(value, '/amount', currency),
        ...(at === undefined ? {} : { at }),
        status,
      },
    ]
  })

/** Where it was sold, what eBay keeps of it, and by which of its programmes it travels. */
function extraOf(doc: unknown, state: State): Order['extra'] {
  const first = '/lineItems/0'
  const named = {
    seller: optionalText(doc, '/sellerId'),
    salesRecord: optionalText(doc, '/salesRecordReference'),
    legacyOrderId: optionalText(doc, '/legacyOrderId'),
    marketplace: optionalText(doc, `${first}/listingMarketplaceId`),
    soldOn: optionalText(doc, `${first}/purchaseMarketplaceId`),
    sellerDue: optionalText(doc, '/paymentSummary/totalDueSeller/value'),
    marketplaceFee: optionalText(doc, '/totalMarketplaceFee/value'),
    taxCollectedByChannel: flag(doc, '/ebayCollectAndRemitTax') ? 'true' : undefined,
    buyerCurrency: optionalText(doc, '/pricingSummary/total/convertedFromCurrency'),
    buyerTotal: optionalText(doc, '/pricingSummary/total/convertedFromValue'),
    shippingService: optionalText(doc, '/fulfillmentStartInstructions/0/shippingStep/shippingServiceCode'),
    shippingReference: optionalText(doc, '/fulfillmentStartInstructions/0/shippingStep/shipToReferenceId'),
    pickupLocation: optionalText(doc, '/fulfillmentStartInstructions/0/pickupStep/merchantLocationKey'),
    authenticity: text(doc, '/program/authenticityVerification/status') || undefined,
    paymentHold: state.paymentHold,
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
