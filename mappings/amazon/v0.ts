import { at, flag, list, optionalText, text } from '../parts/read.ts'

type Doc = Readonly<Record<string, unknown>>

/** Words of `OrderStatus` → `fulfillmentStatus`. Any other goes through as it is, and holds the order. */
const STATUSES: ReadonlyMap<string, string> = new Map([
  ['PendingAvailability', 'PENDING_AVAILABILITY'],
  ['Pending', 'PENDING'],
  ['Unshipped', 'UNSHIPPED'],
  ['PartiallyShipped', 'PARTIALLY_SHIPPED'],
  ['Shipped', 'SHIPPED'],
  ['InvoiceUnconfirmed', 'INVOICE_UNCONFIRMED'],
  ['Canceled', 'CANCELLED'],
  ['Unfulfillable', 'UNFULFILLABLE'],
])

/** Head and lines of the older interface in the form of the newer one, so that there is one reading of both. */
export function fromV0(doc: unknown): Doc {
  const of = (name: string): string | undefined => optionalText(doc, `/Order/${name}`)
  const status = of('OrderStatus')
  const seller = of('SellerOrderId')
  const replaced = of('ReplacedOrderId')
  return {
    orderId: of('AmazonOrderId'),
    orderAliases: seller === undefined ? [] : [{ aliasId: seller, aliasType: 'SELLER_ORDER_ID' }],
    createdTime: of('PurchaseDate'),
    lastUpdatedTime: of('LastUpdateDate'),
    programs: [
      ...(flag(doc, '/Order/IsPrime') ? ['PRIME'] : []),
      ...(flag(doc, '/Order/IsBusinessOrder') ? ['AMAZON_BUSINESS'] : []),
      ...(flag(doc, '/Order/IsISPU') ? ['IN_STORE_PICK_UP'] : []),
    ],
    associatedOrders: replaced === undefined ? [] : [{ orderId: replaced, associationType: 'REPLACEMENT_ORIGINAL_ID' }],
    salesChannel: { marketplaceId: of('MarketplaceId'), marketplaceName: of('SalesChannel') },
    buyer: {
      buyerName: of('BuyerInfo/BuyerName'),
      buyerEmail: of('BuyerInfo/BuyerEmail'),
      buyerPurchaseOrderNumber: of('BuyerInfo/PurchaseOrderNumber'),
    },
    recipient: recipientOf(doc),
    proceeds: { grandTotal: moneyOf(doc, '/Order/OrderTotal') },
    payment: { paymentExecutions: paymentsOf(doc) },
    fulfillment: {
      fulfillmentStatus: status === undefined ? undefined : (STATUSES.get(status) ?? status),
      fulfilledBy: by(of('FulfillmentChannel')),
      fulfillmentServiceLevel: of('ShipmentServiceLevelCategory'),
      shipByWindow: { latestDateTime: of('LatestShipDate') },
      deliverByWindow: { latestDateTime: of('LatestDeliveryDate') },
    },
    orderItems: list(doc, '/OrderItems').map(({ value }) => itemOf(value)),
  }
}

const by = (word: string | undefined): string | undefined => (word === 'AFN' ? 'AMAZON' : word === 'MFN' ? 'MERCHANT' : word)

function recipientOf(doc: unknown): Doc | undefined {
  if (at(doc, '/Order/ShippingAddress') === undefined) return undefined
  const of = (name: string): string | undefined => optionalText(doc, `/Order/ShippingAddress/${name}`)
  return {
    deliveryAddress: {
      name: of('Name'),
      companyName: of('CompanyName'),
      addressLine1: of('AddressLine1'),
      addressLine2: of('AddressLine2'),
      addressLine3: of('AddressLine3'),
      city: of('City'),
      districtOrCounty: of('District') ?? of('County'),
      stateOrRegion: of('StateOrRegion'),
      municipality: of('Municipality'),
      postalCode: of('PostalCode'),
      countryCode: of('CountryCode'),
      phone: of('Phone'),
    },
  }
}

function paymentsOf(doc: unknown): readonly Doc[] {
  const told = list(doc, '/Order/PaymentExecutionDetail').map(({ value }) => ({
    paymentMethod: optionalText(value, '/PaymentMethod'),
    paymentAmount: moneyOf(value, '/Payment'),
  }))
  const method = optionalText(doc, '/Order/PaymentMethod')
  return told.length > 0 || method !== 'COD' ? told : [{ paymentMethod: method }]
}

/** `ItemPrice` is that of all pieces. Taxes on reductions are taken off the taxes. */
function itemOf(item: unknown): Doc {
  const part = (type: string, name: string): readonly Doc[] => {
    const subtotal = moneyOf(item, name)
    return subtotal === undefined ? [] : [{ type, subtotal }]
  }
  const off = (subtype: string, name: string): readonly Doc[] =>
    part('DISCOUNT', name).map((each) => ({ ...each, detailedBreakdowns: [{ subtype, value: each['subtotal'] }] }))
  const [ordered, shipped] = [text(item, '/QuantityOrdered'), text(item, '/QuantityShipped') || '0']
  const asks = text(item, '/BuyerRequestedCancel/IsBuyerRequestedCancel') === 'true'
  return {
    orderItemId: optionalText(item, '/OrderItemId'),
    quantityOrdered: ordered,
    product: { asin: optionalText(item, '/ASIN'), title: text(item, '/Title'), sellerSku: text(item, '/SellerSKU') },
    proceeds: {
      breakdowns: [
        ...part('ITEM', '/ItemPrice'),
        ...part('SHIPPING', '/ShippingPrice'),
        ...part('GIFT_WRAP', '/BuyerInfo/GiftWrapPrice'),
        ...part('COD_FEE', '/CODFee'),
        ...off('ITEM', '/PromotionDiscount'),
        ...off('SHIPPING', '/ShippingDiscount'),
        ...off('COD_FEE', '/CODFeeDiscount'),
        ...['/ItemTax', '/ShippingTax', '/BuyerInfo/GiftWrapTax'].flatMap((name) => part('TAX', name)),
        ...['/PromotionDiscountTax', '/ShippingDiscountTax'].flatMap((name) => part('TAX', name).map(negative)),
      ],
    },
    promotion: { breakdowns: list(item, '/PromotionIds').map(({ value }) => ({ promotionId: value })) },
    cancellation: asks
      ? { cancellationRequest: { requester: 'BUYER', cancelReason: optionalText(item, '/BuyerRequestedCancel/BuyerCancelReason') } }
      : {},
    fulfillment: {
      quantityFulfilled: shipped,
      packing: {
        giftOption: { giftMessage: optionalText(item, '/BuyerInfo/GiftMessageText'), giftWrapLevel: optionalText(item, '/BuyerInfo/GiftWrapLevel') },
      },
      shipping: { internationalShipping: { iossNumber: optionalText(item, '/IossNumber') } },
    },
    tax: { taxCollections: [{ model: optionalText(item, '/TaxCollection/Model') }] },
  }
}

function moneyOf(doc: unknown, pointer: string): { readonly amount: string; readonly currencyCode: string | undefined } | undefined {
  const amount = optionalText(doc, `${pointer}/Amount`)
  return amount === undefined ? undefined : { amount, currencyCode: optionalText(doc, `${pointer}/CurrencyCode`) }
}

function negative(part: Doc): Doc {
  const amount = optionalText(part, '/subtotal/amount') ?? '0'
  return {
    ...part,
    subtotal: { amount: amount.startsWith('-') ? amount.slice(1) : `-${amount}`, currencyCode: optionalText(part, '/subtotal/currencyCode') },
  }
}
