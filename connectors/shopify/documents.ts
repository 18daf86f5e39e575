/**
 * The GraphQL documents of the Admin API (2026-07 and 2026-10). Field lists are explicit: the stored document is exactly
 * this selection, so adding a field here changes every document's bytes once (they are re-read, not lost).
 */

const MONEY = '{ shopMoney { amount currencyCode } }'
const BOTH_MONEYS = '{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }'
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }'
const ADDRESS = 'name firstName lastName company address1 address2 city province provinceCode zip countryCodeV2 phone'
const TRANSACTION = `id kind status gateway processedAt createdAt paymentId amountSet ${MONEY}`
const TRACKING = 'trackingInfo(first: 5) { company number url }'
const FULFILLMENT = `id status displayStatus createdAt updatedAt deliveredAt ${TRACKING}`

/** What is asked of the elements of an order's connections; also how the rest of a long one is asked for. */
const LINE_ITEM = `
  id title variantTitle sku quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
  originalUnitPriceSet ${MONEY} originalTotalSet ${MONEY}
  discountAllocations { allocatedAmountSet ${MONEY} discountApplication { index } }
  taxLines { title rate priceSet ${MONEY} }
  variant { id barcode } product { id }`
const SHIPPING_LINE = `
  id title code originalPriceSet ${MONEY} discountedPriceSet ${MONEY}
  discountAllocations { allocatedAmountSet ${MONEY} discountApplication { index } }
  taxLines { title rate priceSet ${MONEY} }`
const DISCOUNT_APPLICATION = `
  __typename index targetType allocationMethod
  ... on DiscountCodeApplication { code }
  ... on AutomaticDiscountApplication { title }
  ... on ManualDiscountApplication { title }
  ... on ScriptDiscountApplication { title }`
const FULFILLMENT_ORDER = `
  id status requestStatus fulfillBy
  deliveryMethod { methodType } assignedLocation { name location { id } } fulfillmentHolds { reason }`

/** Members of an order that come in pages: how many with the order itself, and what of each. */
const CONNECTIONS = {
  lineItems: { first: 8, nodes: LINE_ITEM },
  shippingLines: { first: 3, nodes: SHIPPING_LINE },
  discountApplications: { first: 10, nodes: DISCOUNT_APPLICATION },
  fulfillmentOrders: { first: 3, nodes: FULFILLMENT_ORDER },
} as const
export type Connection = keyof typeof CONNECTIONS
export const CONNECTION_NAMES: readonly Connection[] = ['lineItems', 'shippingLines', 'discountApplications', 'fulfillmentOrders']

/** Payments that come with the order itself; of more the rest is asked for. */
export const TRANSACTIONS_AT_ONCE = 5

const SCALARS = `
  id legacyResourceId name createdAt updatedAt processedAt cancelledAt cancelReason closedAt confirmed test edited
  displayFinancialStatus displayFulfillmentStatus returnStatus sourceName
  currencyCode presentmentCurrencyCode taxesIncluded dutiesIncluded
  totalPriceSet ${BOTH_MONEYS} currentTotalPriceSet ${MONEY} totalTaxSet ${MONEY} totalReceivedSet ${MONEY} totalRefundedSet ${MONEY}
  totalTipReceivedSet ${MONEY} originalTotalDutiesSet ${MONEY} originalTotalAdditionalFeesSet ${MONEY}
  totalCashRoundingAdjustment { paymentSet ${MONEY} }
  discountCodes email phone note tags poNumber paymentGatewayNames
  customer { id } retailLocation { id name }
  shippingAddress { ${ADDRESS} } billingAddress { ${ADDRESS} }
  transactions(first: ${TRANSACTIONS_AT_ONCE}) { ${TRANSACTION} } transactionsCount { count }
  fulfillmentsCount { count } refunds(first: 1) { id }`

const ORDER = `${SCALARS}
  ${CONNECTION_NAMES.map((name) => `${name}(first: ${CONNECTIONS[name].first}) { nodes { ${CONNECTIONS[name].nodes} } ${PAGE_INFO} }`).join('\n  ')}`

/** A bulk query wants `edges`, no page sizes, at most five connections and two levels of them. */
export const bulkOrders = (filter: string): string => `{
  orders(query: ${JSON.stringify(filter)}, sortKey: UPDATED_AT) { edges { node { ${SCALARS}
    ${CONNECTION_NAMES.map((name) => `${name} { edges { node { ${CONNECTIONS[name].nodes} } } }`).join('\n    ')}
  } } }
}`

export const ORDERS = `query Orders($query: String, $first: Int!, $after: String) {
  orders(query: $query, first: $first, after: $after, sortKey: UPDATED_AT) { nodes {${ORDER} } ${PAGE_INFO} }
}`
export const ORDERS_BY_ID = `query OrdersById($ids: [ID!]!) { nodes(ids: $ids) { ... on Order {${ORDER} } } }`
export const ORDER_IDS = `query OrderIds($query: String, $first: Int!, $after: String) {
  orders(query: $query, first: $first, after: $after, sortKey: UPDATED_AT) { nodes { id updatedAt } ${PAGE_INFO} }
}`

/** Refunds, fulfilments and payments whole. They are lists inside an order, which a bulk query and a page cannot afford to open. */
const FULFILLMENT_LINE = 'quantity lineItem { id }'
const REFUND_LINE = `quantity restockType subtotalSet ${MONEY} totalTaxSet ${MONEY} lineItem { id sku title }`
const parts = (size: { readonly fulfillments: number; readonly refunds: number; readonly lines: number }): string => `
  id updatedAt
  transactions(first: 30) { ${TRANSACTION} }
  fulfillments(first: ${size.fulfillments}) {
    ${FULFILLMENT} location { id }
    fulfillmentLineItems(first: ${size.lines}) { nodes { ${FULFILLMENT_LINE} } ${PAGE_INFO} }
  }
  refunds(first: ${size.refunds}) {
    id createdAt processedAt updatedAt note totalRefundedSet ${MONEY} return { id }
    refundLineItems(first: ${size.lines}) { nodes { ${REFUND_LINE} } ${PAGE_INFO} }
    refundShippingLines(first: 3) { nodes { subtotalAmountSet ${MONEY} taxAmountSet ${MONEY} } }
    orderAdjustments(first: 3) { nodes { reason amountSet ${MONEY} taxAmountSet ${MONEY} } }
    transactions(first: 3) { nodes { kind status amountSet ${MONEY} } }
  }`
export const FEW_PARTS = { fulfillments: 4, refunds: 3, lines: 10 } as const
export const MANY_PARTS = { fulfillments: 50, refunds: 20, lines: 4 } as const
export const PARTS = `query OrderParts($ids: [ID!]!) { nodes(ids: $ids) { ... on Order {${parts(FEW_PARTS)} } } }`
export const ALL_PARTS = `query OrderPartsWhole($ids: [ID!]!) { nodes(ids: $ids) { ... on Order {${parts(MANY_PARTS)} } } }`

const rest = (name: Connection): string =>
  `query RestOf${name}($id: ID!, $after: String) {
  order(id: $id) { ${name}(first: 100, after: $after) { nodes { ${CONNECTIONS[name].nodes} } ${PAGE_INFO} } }
}`
/** The rest of one long connection of one order. */
export const REST: Readonly<Record<Connection, string>> = {
  lineItems: rest('lineItems'),
  shippingLines: rest('shippingLines'),
  discountApplications: rest('discountApplications'),
  fulfillmentOrders: rest('fulfillmentOrders'),
}
export const REST_OF_FULFILLMENT = `query RestOfFulfillment($id: ID!, $after: String) {
  node(id: $id) { ... on Fulfillment { fulfillmentLineItems(first: 100, after: $after) { nodes { ${FULFILLMENT_LINE} } ${PAGE_INFO} } } }
}`
export const REST_OF_REFUND = `query RestOfRefund($id: ID!, $after: String) {
  node(id: $id) { ... on Refund { refundLineItems(first: 100, after: $after) { nodes { ${REFUND_LINE} } ${PAGE_INFO} } } }
}`

const BULK = 'id status errorCode objectCount url query createdAt'
export const BULK_RUN = `mutation BulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) { bulkOperation { ${BULK} } userErrors { field message code } }
}`
export const BULK_RECENT = `query BulkRecent { bulkOperations(first: 10, sortKey: CREATED_AT, reverse: true) { nodes { ${BULK} } } }`
export const BULK_STATE = `query BulkState($id: ID!) { bulkOperation(id: $id) { ${BULK} } }`

/** At the location of the settings, else at the first few an item is stocked at. */
const LEVEL = '{ location { id } quantities(names: ["available"]) { name quantity } }'
const LEVELS = `inventoryLevel(locationId: $location) @include(if: $chosen) ${LEVEL} inventoryLevels(first: 5) @skip(if: $chosen) { nodes ${LEVEL} }`
export const VARIANTS = `query Variants($first: Int!, $after: String, $location: ID!, $chosen: Boolean!) {
  productVariants(first: $first, after: $after, sortKey: ID) {
    nodes { id sku barcode displayName price product { id status } inventoryItem { id tracked ${LEVELS} } }
    ${PAGE_INFO}
  }
}`
export const LEVELS_BY_ID = `query Levels($ids: [ID!]!, $location: ID!, $chosen: Boolean!) {
  nodes(ids: $ids) { ... on InventoryItem { id tracked ${LEVELS} } }
}`
export const SET_QUANTITIES = `mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta } }
    userErrors { code field message }
  }
}`

export const FULFILLMENT_STATE = `query FulfillmentState($id: ID!) {
  order(id: $id) {
    id cancelledAt
    fulfillments(first: 30) { ${FULFILLMENT} fulfillmentLineItems(first: 12) { nodes { ${FULFILLMENT_LINE} } ${PAGE_INFO} } }
  }
}`
export const OPEN_FULFILLMENT_ORDERS = `query OpenFulfillmentOrders($id: ID!, $after: String) {
  order(id: $id) {
    id cancelledAt
    fulfillmentOrders(first: 10, after: $after) {
      nodes { id status assignedLocation { location { id } } lineItems(first: 40) { nodes { id remainingQuantity lineItem { id } } ${PAGE_INFO} } }
      ${PAGE_INFO}
    }
  }
}`
export const REST_OF_FULFILLMENT_ORDER = `query RestOfFulfillmentOrder($id: ID!, $after: String) {
  node(id: $id) { ... on FulfillmentOrder { lineItems(first: 100, after: $after) { nodes { id remainingQuantity lineItem { id } } ${PAGE_INFO} } } }
}`
export const CREATE_FULFILLMENT = `mutation CreateFulfillment($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status } userErrors { field message } }
}`
export const UPDATE_TRACKING = `mutation UpdateTracking($id: ID!, $tracking: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: $notify) {
    fulfillment { id status } userErrors { field message }
  }
}`
export const CANCEL_STATE = 'query CancelState($id: ID!) { order(id: $id) { id cancelledAt } }'
export const CANCEL_ORDER = `mutation CancelOrder($id: ID!, $refund: Boolean!, $note: String, $notify: Boolean) {
  orderCancel(
    orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: $notify, staffNote: $note
    refundMethod: { originalPaymentMethodsRefund: $refund }
  ) { job { id done } orderCancelUserErrors { code field message } }
}`

export const SUBSCRIPTIONS = `query Subscriptions($after: String) {
  webhookSubscriptions(first: 100, after: $after) { nodes { id topic uri format includeFields } ${PAGE_INFO} }
}`
export const SUBSCRIBE = `mutation Subscribe($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) { webhookSubscription { id } userErrors { field message } }
}`
export const RESUBSCRIBE = `mutation Resubscribe($id: ID!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) { webhookSubscription { id } userErrors { field message } }
}`
export const UNSUBSCRIBE = `mutation Unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}`

export const CHECK = `query Check {
  shop { name currencyCode ianaTimezone plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
  locations(first: 50) { nodes { id name isActive } }
  orders(first: 1, sortKey: UPDATED_AT, reverse: true) { nodes { id } }
}`
