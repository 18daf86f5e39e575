/**
 * The GraphQL documents of the Admin API, Vendure 3. Field lists are explicit: the stored document is exactly this
 * selection, so adding a field here changes every document's bytes once (they are re-read, not lost).
 */

const ADDRESS = 'fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber'
const DISCOUNT = 'adjustmentSource type description amountWithTax'

/** All the mapping needs of one order, refunds and fulfilments included. */
const ORDER = `
  id code state type active createdAt updatedAt orderPlacedAt currencyCode couponCodes
  subTotal subTotalWithTax shipping shippingWithTax total totalWithTax
  customer { id firstName lastName emailAddress phoneNumber }
  shippingAddress { ${ADDRESS} }
  billingAddress { ${ADDRESS} }
  lines {
    id updatedAt quantity orderPlacedQuantity taxRate unitPriceWithTax linePriceWithTax proratedLinePrice proratedLinePriceWithTax
    discounts { ${DISCOUNT} }
    taxLines { description taxRate }
    productVariant { id productId sku name }
  }
  surcharges { id updatedAt description sku price priceWithTax taxLines { description taxRate } }
  shippingLines { id shippingMethod { code name } priceWithTax discountedPrice discountedPriceWithTax discounts { ${DISCOUNT} } }
  payments {
    id createdAt updatedAt method amount state transactionId
    refunds { id createdAt updatedAt items shipping adjustment total state reason transactionId lines { orderLineId quantity } }
  }
  fulfillments { id createdAt updatedAt state method trackingCode lines { orderLineId quantity } }
  promotions { id couponCode }
  modifications { id updatedAt priceChange isSettled }`

const FULFILLMENT = 'id createdAt updatedAt state method trackingCode lines { orderLineId quantity }'

export const LOGIN = `mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename ... on CurrentUser { id } ... on ErrorResult { errorCode message } }
}`

export const CHECK = `query {
  me { identifier channels { token code permissions } }
  activeChannel { token code defaultCurrencyCode }
  globalSettings { serverConfig { moneyStrategyPrecision } }
  stockLocations(options: { take: 100 }) { totalItems items { id name } }
}`

export const ORDERS = `query ($options: OrderListOptions) { orders(options: $options) { totalItems items {${ORDER}\n} } }`
export const ORDER_IDS = 'query ($options: OrderListOptions) { orders(options: $options) { items { id updatedAt orderPlacedAt } } }'
export const ORDER_TRACKING = `query ($options: OrderListOptions) {
  orders(options: $options) { items { id updatedAt fulfillments { trackingCode } } }
}`

export const VARIANTS = `query ($options: ProductVariantListOptions) {
  globalSettings { trackInventory outOfStockThreshold }
  productVariants(options: $options) {
    totalItems
    items {
      id productId sku name enabled price priceWithTax currencyCode trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
      stockLevels { stockLocationId stockOnHand stockAllocated }
    }
  }
}`
export const STOCK_LOCATIONS = 'query { stockLocations(options: { take: 2 }) { items { id } } }'
export const SET_STOCK = `mutation ($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id stockLevels { stockLocationId stockOnHand stockAllocated } }
}`

export const SHIPPING_STATE = `query ($id: ID!) {
  order(id: $id) { id code state lines { id quantity orderPlacedQuantity } fulfillments { ${FULFILLMENT} } }
}`
export const ADD_FULFILLMENT = `mutation ($input: FulfillOrderInput!) {
  addFulfillmentToOrder(input: $input) { __typename ... on Fulfillment { id state } ... on ErrorResult { errorCode message } }
}`
export const SHIP_FULFILLMENT = `mutation ($id: ID!) {
  transitionFulfillmentToState(id: $id, state: "Shipped") { __typename ... on Fulfillment { id state } ... on ErrorResult { errorCode message } }
}`

/** What was collected is delivered at once: Vendure lets a pending fulfilment go there directly. */
export const DELIVER_FULFILLMENT = `mutation ($id: ID!) {
  transitionFulfillmentToState(id: $id, state: "Delivered") { __typename ... on Fulfillment { id state } ... on ErrorResult { errorCode message } }
}`
export const CANCEL_ORDER = `mutation ($input: CancelOrderInput!) {
  cancelOrder(input: $input) { __typename ... on Order { id state } ... on ErrorResult { errorCode message } }
}`
