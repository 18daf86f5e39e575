import { personAt } from '../stage/people.ts'
import type { MarketLine, MarketOrder, MarketRefund, MarketShipment } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { discountOf, goodsGross, grossOf, lineNet, payable, refundedOf, skuCode } from '../stage/market/sums.ts'
import { isCancel, type EbayShop } from './words.ts'
import { stamp, usd } from './wire.ts'

type Doc = Readonly<Record<string, unknown>>

/** Lists show no requests to cancel. */
export const listView = (shop: EbayShop, order: MarketOrder): Doc => orderView(shop, order, [])
export const detailView = (shop: EbayShop, order: MarketOrder): Doc => orderView(shop, order, order.refunds.filter(isCancel).map(requestView))

function orderView(shop: EbayShop, order: MarketOrder, requests: readonly Doc[]): Doc {
  const person = personAt(order.person)
  const discount = discountOf(order)
  const due = usd(payable(order) - refundedOf(order))
  return {
    orderId: order.id,
    legacyOrderId: order.id,
    creationDate: stamp(order.createdAt),
    lastModifiedDate: stamp(order.modifiedAt),
    orderFulfillmentStatus: statusOf(shop.rules, order),
    orderPaymentStatus: paymentOf(order),
    sellerId: shop.settings.name,
    buyer: { username: `buyer_${order.person}` },
    ...(order.buyerNote === '' ? {} : { buyerCheckoutNotes: order.buyerNote }),
    pricingSummary: {
      priceSubtotal: usd(goodsGross(order)),
      ...(discount === 0 ? {} : { priceDiscount: usd(-discount) }),
      deliveryCost: usd(order.shippingMinor),
      ...(order.otherFeeMinor === 0 ? {} : { fee: usd(order.otherFeeMinor) }),
      total: usd(payable(order)),
    },
    cancelStatus: {
      cancelState: cancelState(order),
      ...(isCancelled(order) && order.closedAt !== undefined ? { cancelledDate: stamp(order.closedAt) } : {}),
      cancelRequests: requests,
    },
    paymentSummary: {
      totalDueSeller: due,
      refunds: order.refunds.filter((refund) => refund.state === 'done' && !isOfLine(refund)).map(refundView),
      payments: [
        {
          paymentMethod: 'EBAY',
          paymentReferenceId: String(order.seq),
          ...(order.paidAt === undefined ? {} : { paymentDate: stamp(order.paidAt) }),
          amount: usd(payable(order)),
          paymentStatus: order.paidAt === undefined ? 'PENDING' : 'PAID',
        },
      ],
    },
    fulfillmentStartInstructions: [
      {
        fulfillmentInstructionsType: 'SHIP_TO',
        minEstimatedDeliveryDate: stamp(order.createdAt + 3 * 86_400_000),
        maxEstimatedDeliveryDate: stamp(order.createdAt + 6 * 86_400_000),
        ebaySupportedFulfillment: false,
        shippingStep: {
          shipTo: {
            fullName: `${person.firstName} ${person.lastName}`,
            ...(person.company === '' ? {} : { companyName: person.company }),
            contactAddress: {
              addressLine1: person.line1,
              ...(person.line2 === '' ? {} : { addressLine2: person.line2 }),
              city: person.city,
              stateOrProvince: person.region,
              postalCode: person.postcode,
              countryCode: person.country,
            },
            primaryPhone: { phoneNumber: person.phone },
            email: person.email,
          },
          shippingCarrierCode: 'USPS',
          shippingServiceCode: 'USPSParcel',
        },
      },
    ],
    fulfillmentHrefs: order.shipments.map(
      (one) => `${shop.site}/sell/fulfillment/v1/order/${order.id}/shipping_fulfillment/${one.tracking || one.id}`,
    ),
    lineItems: order.lines.map((line) => lineView(order, line)),
    salesRecordReference: String(order.seq),
    totalFeeBasisAmount: usd(payable(order)),
  }
}

const isCancelled = (order: MarketOrder): boolean => order.state === 'cancelled' || (order.state === 'closed' && order.shippedAt === undefined)

function cancelState(order: MarketOrder): string {
  if (isCancelled(order)) return 'CANCELED'
  return order.refunds.some((each) => isCancel(each) && (each.state === 'requested' || each.state === 'approved')) ? 'IN_PROGRESS' : 'NONE_REQUESTED'
}

const REQUEST: Readonly<Record<MarketRefund['state'], string>> = {
  requested: 'REQUESTED',
  approved: 'REQUESTED',
  done: 'COMPLETED',
  rejected: 'REJECTED',
  closed: 'REJECTED',
}

const requestView = (refund: MarketRefund): Doc => ({
  cancelInitiator: 'Buyer',
  cancelReason: 'BUYER_CANCEL_ORDER',
  cancelRequestedDate: stamp(refund.createdAt),
  cancelRequestId: refund.id,
  cancelRequestState: REQUEST[refund.state],
  ...(refund.doneAt === undefined ? {} : { cancelCompletedDate: stamp(refund.doneAt) }),
})

function paymentOf(order: MarketOrder): string {
  const back = refundedOf(order)
  if (order.paidAt === undefined) return 'PENDING'
  return back === 0 ? 'PAID' : back >= payable(order) ? 'FULLY_REFUNDED' : 'PARTIALLY_REFUNDED'
}

/** One line's money, nothing of the delivery: it is shown at the line. */
const isOfLine = (refund: MarketRefund): boolean => refund.lines.length === 1 && refund.feesMinor === 0

const refundView = (refund: MarketRefund): Doc => ({
  refundDate: stamp(refund.doneAt ?? refund.createdAt),
  amount: usd(refund.minor),
  refundStatus: 'REFUNDED',
  refundId: refund.id,
  refundReferenceId: `R${refund.id}`,
})

function lineView(order: MarketOrder, line: MarketLine): Doc {
  const [gross, net] = [grossOf(line), lineNet(line)]
  const refunds = order.refunds.filter((refund) => refund.state === 'done' && isOfLine(refund) && refund.lines[0]?.line === line)
  return {
    lineItemId: line.id,
    legacyItemId: line.item.id,
    ...(line.sku ? { legacyVariationId: line.sku.id, variationAspects: line.sku.options } : {}),
    sku: skuCode(line),
    title: line.item.title,
    lineItemCost: usd(gross),
    ...(net === gross ? {} : { discountedLineItemCost: usd(net) }),
    quantity: line.quantity,
    soldFormat: 'FIXED_PRICE',
    listingMarketplaceId: 'EBAY_US',
    purchaseMarketplaceId: 'EBAY_US',
    lineItemFulfillmentStatus: line.shipped === 0 ? 'NOT_STARTED' : line.shipped < line.quantity ? 'IN_PROGRESS' : 'FULFILLED',
    total: usd(net),
    deliveryCost: { shippingCost: usd(line === order.lines[0] ? order.shippingMinor : 0) },
    appliedPromotions: net === gross ? [] : [{ promotionId: `P${line.id}`, description: 'Order discount', discountAmount: usd(gross - net) }],
    taxes: [],
    properties: { buyerProtection: true },
    refunds: refunds.map((refund) => ({ refundDate: stamp(refund.doneAt ?? refund.createdAt), amount: usd(refund.minor), refundId: refund.id })),
    lineItemFulfillmentInstructions: {
      minEstimatedDeliveryDate: stamp(order.createdAt + 3 * 86_400_000),
      maxEstimatedDeliveryDate: stamp(order.createdAt + 6 * 86_400_000),
      shipByDate: stamp(order.createdAt + 2 * 86_400_000),
      guaranteedDelivery: false,
    },
  }
}

/** A package is named by its tracking number, or 999 where it has none. */
export const parcelView = (one: MarketShipment): Doc => ({
  fulfillmentId: one.tracking || '999',
  ...(one.tracking === '' ? {} : { shipmentTrackingNumber: one.tracking, shippingCarrierCode: one.carrier.code }),
  shippedDate: stamp(one.createdAt),
  lineItems: one.lines.map(({ line, quantity }) => ({ lineItemId: line.id, quantity })),
})
