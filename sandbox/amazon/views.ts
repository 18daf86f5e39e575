import { personAt } from '../stage/people.ts'
import type { MarketLine, MarketOrder, MarketRefund, MarketShipment, Place } from '../stage/market/model.ts'
import { stockOf } from '../stage/market/goods.ts'
import { statusOf } from '../stage/market/shop.ts'
import { grossOf, lineNet, payable, skuCode } from '../stage/market/sums.ts'
import { type AmazonShop, dollars, FBA, hasAmounts, iso, isOver, usd } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

const DAY_MS = 86_400_000

/** An order of the 2026-01-01 interface with the data that was asked for. */
export function orderView(shop: AmazonShop, order: MarketOrder, data: ReadonlySet<string>): Doc {
  const person = personAt(order.person)
  const isShown = hasAmounts(order)
  const wants = (name: string, doc: Doc): Doc => (data.has(name) ? doc : {})
  return {
    orderId: order.id,
    orderAliases: [],
    createdTime: iso(order.createdAt),
    lastUpdatedTime: iso(order.modifiedAt),
    salesChannel: { channelName: 'AMAZON', marketplaceId: shop.settings.marketplaceId, marketplaceName: shop.settings.marketplaceName },
    // Who buys is hidden until the payment has come.
    ...(isShown && order.kind !== FBA ? wants('BUYER', { buyer: { buyerName: nameOf(person), buyerEmail: emailOf(order) } }) : {}),
    ...(isShown && order.kind !== FBA ? wants('RECIPIENT', { recipient: { deliveryAddress: addressOf(person) } }) : {}),
    ...(isShown ? wants('PROCEEDS', { proceeds: { grandTotal: usd(payable(order)) } }) : {}),
    ...wants('FULFILLMENT', { fulfillment: fulfillmentOf(shop, order) }),
    orderItems: order.lines.map((line, i) => itemView(order, line, { data, first: i === 0 })),
    ...(order.kind === FBA ? {} : wants('PACKAGES', { packages: order.shipments.map((each) => packageView(shop, each)) })),
  }
}

type Person = ReturnType<typeof personAt>
const nameOf = (person: Person): string => `${person.firstName} ${person.lastName}`
const emailOf = (order: MarketOrder): string => `q${order.person * 7919}x@marketplace.amazon.com`

const addressOf = (person: Person): Doc => ({
  name: nameOf(person),
  ...(person.company === '' ? {} : { companyName: person.company }),
  addressLine1: person.line1,
  ...(person.line2 === '' ? {} : { addressLine2: person.line2 }),
  city: person.city,
  stateOrRegion: person.region,
  postalCode: person.postcode,
  countryCode: person.country,
  phone: person.phone,
  addressType: 'RESIDENTIAL',
})

const fulfillmentOf = (shop: AmazonShop, order: MarketOrder): Doc => ({
  fulfillmentStatus: statusOf(shop.rules, order),
  fulfilledBy: order.kind === FBA ? 'AMAZON' : 'MERCHANT',
  fulfillmentServiceLevel: 'STANDARD',
  shipByWindow: { earliestDateTime: iso(order.createdAt), latestDateTime: iso(order.createdAt + 2 * DAY_MS) },
  deliverByWindow: { earliestDateTime: iso(order.createdAt + 3 * DAY_MS), latestDateTime: iso(order.createdAt + 7 * DAY_MS) },
})

function itemView(order: MarketOrder, line: MarketLine, { data, first }: { readonly data: ReadonlySet<string>; readonly first: boolean }): Doc {
  const isShown = hasAmounts(order)
  const asks = order.refunds.some((refund) => refund.state === 'requested' && refund.lines.some((part) => part.line === line))
  const cancelled = order.state === 'cancelled' || (order.state === 'closed' && order.shippedAt === undefined)
  const promotions = order.promotions.filter((each) => each.lineId === undefined || each.lineId === line.id)
  const wants = (name: string, doc: Doc): Doc => (data.has(name) ? doc : {})
  return {
    orderItemId: line.id,
    quantityOrdered: line.quantity,
    product: {
      asin: line.item.id,
      title: line.item.title,
      sellerSku: skuCode(line),
      condition: { conditionType: 'NEW', conditionSubtype: 'NEW' },
      ...(isShown ? { price: { unitPrice: usd(line.priceMinor) } } : {}),
    },
    ...(isShown ? wants('PROCEEDS', { proceeds: proceedsOf(order, line, first) }) : {}),
    ...(isShown && promotions.length > 0 ? wants('PROMOTION', { promotion: { breakdowns: promotions.map(({ id }) => ({ promotionId: id })) } }) : {}),
    ...(asks ? wants('CANCELLATION', { cancellation: { cancellationRequest: { requester: 'BUYER', cancelReason: 'Ordered by mistake' } } }) : {}),
    ...(cancelled
      ? wants('CANCELLATION', { cancellation: { cancellationExecution: { cancelledBy: 'MERCHANT', cancelReason: 'NoInventory' } } })
      : {}),
    ...wants('FULFILLMENT', {
      fulfillment: { quantityFulfilled: line.shipped, quantityUnfulfilled: !isShown || isOver(order, line) ? 0 : line.quantity - line.shipped },
    }),
  }
}

/** Postage and other fees of an order stand with its first line; what was taken off carries a minus. */
function proceedsOf(order: MarketOrder, line: MarketLine, first: boolean): Doc {
  const [shipping, wrap] = first ? [order.shippingMinor, order.otherFeeMinor] : [0, 0]
  const [net, gross] = [lineNet(line), Math.max(grossOf(line), lineNet(line))]
  const off = net - gross
  return {
    proceedsTotal: usd(net + shipping + wrap),
    breakdowns: [
      { type: 'ITEM', subtotal: usd(gross) },
      ...(shipping === 0 ? [] : [{ type: 'SHIPPING', subtotal: usd(shipping) }]),
      ...(wrap === 0 ? [] : [{ type: 'GIFT_WRAP', subtotal: usd(wrap) }]),
      ...(off === 0 ? [] : [{ type: 'DISCOUNT', subtotal: usd(off), detailedBreakdowns: [{ subtype: 'ITEM', value: usd(off) }] }]),
    ],
  }
}

export const referenceOf = (shop: AmazonShop, shipment: MarketShipment): string => shop.references.get(shipment) ?? shipment.id

const packageView = (shop: AmazonShop, shipment: MarketShipment): Doc => ({
  packageReferenceId: referenceOf(shop, shipment),
  createdTime: iso(shipment.createdAt),
  packageStatus: { status: shipment.order.state === 'finished' ? 'DELIVERED' : shipment.state === 'pending' ? 'PENDING' : 'SHIPPED' },
  carrier: shipment.carrier.name,
  shipTime: iso(shipment.createdAt),
  trackingNumber: shipment.tracking,
  packageItems: shipment.lines.map(({ line, quantity }) => ({ orderItemId: line.id, quantity })),
})

const V0_STATUS: Readonly<Record<string, string>> = {
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  PARTIALLY_SHIPPED: 'PartiallyShipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
}
export function statusV0(shop: AmazonShop, order: MarketOrder): string {
  const status = statusOf(shop.rules, order)
  return V0_STATUS[status] ?? status
}

const v0Money = (minor: number): Doc => ({ CurrencyCode: 'USD', Amount: dollars(minor) })

/** The head of an order of the older interface; people only by a token for them. */
export function orderV0(shop: AmazonShop, order: MarketOrder, isRestricted: boolean): Doc {
  const person = personAt(order.person)
  const isShown = hasAmounts(order)
  const sent = order.lines.reduce((sum, line) => sum + line.shipped, 0)
  const open = order.lines.reduce((sum, line) => sum + (!isShown || isOver(order, line) ? 0 : line.quantity - line.shipped), 0)
  const address = { Name: nameOf(person), AddressLine1: person.line1, AddressLine2: person.line2, City: person.city, StateOrRegion: person.region }
  return {
    AmazonOrderId: order.id,
    PurchaseDate: iso(order.createdAt),
    LastUpdateDate: iso(order.modifiedAt),
    OrderStatus: statusV0(shop, order),
    FulfillmentChannel: order.kind === FBA ? 'AFN' : 'MFN',
    SalesChannel: shop.settings.marketplaceName,
    ...(isShown ? { OrderTotal: v0Money(payable(order)) } : {}),
    NumberOfItemsShipped: sent,
    NumberOfItemsUnshipped: open,
    PaymentMethod: 'Other',
    MarketplaceId: shop.settings.marketplaceId,
    ShipmentServiceLevelCategory: 'Standard',
    OrderType: 'StandardOrder',
    LatestShipDate: iso(order.createdAt + 2 * DAY_MS),
    IsPrime: false,
    IsBusinessOrder: false,
    ...(isRestricted && isShown && order.kind !== FBA
      ? {
          ShippingAddress: { ...address, PostalCode: person.postcode, CountryCode: person.country, Phone: person.phone },
          BuyerInfo: { BuyerEmail: emailOf(order), BuyerName: nameOf(person) },
        }
      : {}),
  }
}

/** A line of the older interface: the price of all its pieces; none ordered of what was cancelled. */
export function itemV0(order: MarketOrder, line: MarketLine, first: boolean): Doc {
  const isShown = hasAmounts(order)
  const net = lineNet(line)
  const gross = Math.max(grossOf(line), net)
  const asks = order.refunds.some((refund) => refund.state === 'requested')
  return {
    ASIN: line.item.id,
    SellerSKU: skuCode(line),
    OrderItemId: line.id,
    Title: line.item.title,
    QuantityOrdered: isOver(order, line) && line.shipped === 0 ? 0 : line.quantity,
    QuantityShipped: line.shipped,
    ...(isShown ? { ItemPrice: v0Money(gross), PromotionDiscount: v0Money(gross - net) } : {}),
    ...(isShown && first && order.shippingMinor > 0 ? { ShippingPrice: v0Money(order.shippingMinor) } : {}),
    ...(isShown && first && order.otherFeeMinor > 0 ? { CODFee: v0Money(order.otherFeeMinor) } : {}),
    IsGift: 'false',
    BuyerRequestedCancel: { IsBuyerRequestedCancel: String(asks), BuyerCancelReason: asks ? 'Ordered by mistake' : '' },
  }
}

export function listingView(shop: AmazonShop, place: Place, data: ReadonlySet<string>): Doc {
  const { item, sku, code } = place
  const { marketplaceId } = shop.settings
  const option = sku?.options.map(({ value }) => value).join(', ') ?? ''
  return {
    sku: code,
    ...(data.has('summaries')
      ? {
          summaries: [
            {
              marketplaceId,
              asin: item.id,
              productType: 'PRODUCT',
              conditionType: 'new_new',
              status: item.onSale ? ['BUYABLE', 'DISCOVERABLE'] : [],
              itemName: option === '' ? item.title : `${item.title} – ${option}`,
              createdDate: iso(item.createdAt),
              lastUpdatedDate: iso(item.modifiedAt),
            },
          ],
        }
      : {}),
    ...(data.has('offers')
      ? { offers: [{ marketplaceId, offerType: 'B2C', price: { currencyCode: 'USD', amount: dollars(sku?.priceMinor ?? item.priceMinor) } }] }
      : {}),
    ...(data.has('fulfillmentAvailability') ? { fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: stockOf(place) }] } : {}),
  }
}

const money = (minor: number): Doc => ({ currencyAmount: minor / 100, currencyCode: 'USD' })

/** What was charged for an order, and what of it went back: the fee the seller had paid comes back to him with it. */
export function transactionsOf(shop: AmazonShop, refund: MarketRefund): readonly Doc[] {
  const { order } = refund
  const fee = Math.floor(refund.minor / 10)
  const breakdowns = (minor: number): readonly Doc[] => [
    { breakdownType: 'Sales', breakdownAmount: money(-minor), breakdowns: [{ breakdownType: 'ProductCharges', breakdownAmount: money(-minor) }] },
    { breakdownType: 'Expenses', breakdownAmount: money(fee) },
  ]
  const common = {
    sellingPartnerMetadata: { sellingPartnerId: shop.settings.sellerId, accountType: 'Standard Orders', marketplaceId: shop.settings.marketplaceId },
    transactionStatus: 'RELEASED',
    postedDate: iso(refund.modifiedAt),
    marketplaceDetails: { marketplaceId: shop.settings.marketplaceId, marketplaceName: shop.settings.marketplaceName },
  }
  const related = { relatedIdentifierName: 'ORDER_ID', relatedIdentifierValue: order.id }
  return [
    { ...common, transactionType: 'Shipment', transactionId: `s-${refund.id}`, relatedIdentifiers: [related], totalAmount: money(payable(order)) },
    {
      ...common,
      transactionType: 'Refund',
      transactionId: `t-${refund.id}`,
      description: 'Refund Order',
      relatedIdentifiers: [related, { relatedIdentifierName: 'REFUND_ID', relatedIdentifierValue: refund.id }],
      totalAmount: money(fee - refund.minor),
      breakdowns: breakdowns(refund.minor),
      items: refund.lines.map(({ line, quantity, minor }) => ({
        description: line.item.title,
        relatedIdentifiers: [{ itemRelatedIdentifierName: 'ORDER_ADJUSTMENT_ITEM_ID', itemRelatedIdentifierValue: line.id }],
        totalAmount: money(-minor),
        breakdowns: breakdowns(minor),
        contexts: [{ contextType: 'ProductContext', asin: line.item.id, sku: skuCode(line), quantityShipped: quantity, fulfillmentNetwork: 'MFN' }],
      })),
    },
  ]
}
