/** The part of Vendure 3's APIs that selling, shipping and stock need, with its own names. */
const shared = `
  scalar DateTime
  scalar Money
  scalar JSON
  enum SortOrder { ASC DESC }
  enum OrderType { Regular Seller Aggregate }
  enum GlobalFlag { TRUE FALSE INHERIT }
  enum AdjustmentType { PROMOTION DISTRIBUTED_ORDER_PROMOTION OTHER }
  enum CurrencyCode { USD EUR GBP CNY JPY CHF HKD }
  enum LanguageCode { en zh zh_Hans de fr ja }
  enum HistoryEntryType { ORDER_STATE_TRANSITION ORDER_PAYMENT_TRANSITION ORDER_FULFILLMENT ORDER_CANCELLATION ORDER_REFUND_TRANSITION
    ORDER_FULFILLMENT_TRANSITION ORDER_NOTE ORDER_COUPON_APPLIED ORDER_COUPON_REMOVED ORDER_MODIFIED ORDER_CUSTOMER_UPDATED }
  interface ErrorResult { errorCode: ErrorCode! message: String! }
  type Channel { id: ID! createdAt: DateTime! updatedAt: DateTime! code: String! token: String! defaultLanguageCode: LanguageCode!
    currencyCode: CurrencyCode! defaultCurrencyCode: CurrencyCode! pricesIncludeTax: Boolean! }
  type Customer { id: ID! createdAt: DateTime! updatedAt: DateTime! title: String firstName: String! lastName: String! phoneNumber: String
    emailAddress: String! customFields: JSON }
  type OrderAddress { fullName: String company: String streetLine1: String streetLine2: String city: String province: String postalCode: String
    country: String countryCode: String phoneNumber: String customFields: JSON }
  type Discount { adjustmentSource: String! type: AdjustmentType! description: String! amount: Money! amountWithTax: Money! }
  type Surcharge { id: ID! createdAt: DateTime! updatedAt: DateTime! description: String! sku: String price: Money! priceWithTax: Money!
    taxRate: Float! taxLines: [TaxLine!]! }
  type Promotion { id: ID! createdAt: DateTime! updatedAt: DateTime! couponCode: String name: String! enabled: Boolean! }
  type OrderModification { id: ID! createdAt: DateTime! updatedAt: DateTime! priceChange: Money! note: String! isSettled: Boolean! }
  type TaxLine { description: String! taxRate: Float! }
  type OrderTaxSummary { description: String! taxRate: Float! taxBase: Money! taxTotal: Money! }
  type ShippingMethod { id: ID! code: String! name: String! description: String! }
  type ShippingLine { id: ID! shippingMethod: ShippingMethod! price: Money! priceWithTax: Money! discountedPrice: Money!
    discountedPriceWithTax: Money! discounts: [Discount!]! }
  type Product { id: ID! name: String! slug: String! enabled: Boolean! }
  type StockLocation { id: ID! createdAt: DateTime! updatedAt: DateTime! name: String! description: String! }
  type StockLevel { id: ID! createdAt: DateTime! updatedAt: DateTime! stockLocationId: ID! stockOnHand: Int! stockAllocated: Int!
    stockLocation: StockLocation! }
  type ProductVariant { id: ID! createdAt: DateTime! updatedAt: DateTime! enabled: Boolean! languageCode: LanguageCode! productId: ID!
    product: Product! sku: String! name: String! price: Money! priceWithTax: Money! currencyCode: CurrencyCode! trackInventory: GlobalFlag!
    stockOnHand: Int! stockAllocated: Int! outOfStockThreshold: Int! useGlobalOutOfStockThreshold: Boolean! stockLevels: [StockLevel!]!
    stockLevel: String! customFields: JSON }
  type RefundLine { orderLineId: ID! orderLine: OrderLine! quantity: Int! refundId: ID! }
  type Refund { id: ID! createdAt: DateTime! updatedAt: DateTime! items: Money! shipping: Money! adjustment: Money! total: Money! method: String
    state: String! transactionId: String reason: String lines: [RefundLine!]! paymentId: ID! metadata: JSON }
  type Payment { id: ID! createdAt: DateTime! updatedAt: DateTime! transactionId: String amount: Money! method: String! state: String!
    nextStates: [String!]! errorMessage: String metadata: JSON refunds: [Refund!]! }
  type FulfillmentLine { orderLineId: ID! orderLine: OrderLine! quantity: Int! fulfillmentId: ID! fulfillment: Fulfillment! }
  type Fulfillment { id: ID! createdAt: DateTime! updatedAt: DateTime! nextStates: [String!]! state: String! method: String! trackingCode: String
    lines: [FulfillmentLine!]! summary: [FulfillmentLine!]! customFields: JSON }
  type OrderLine { id: ID! createdAt: DateTime! updatedAt: DateTime! productVariant: ProductVariant! unitPrice: Money! unitPriceWithTax: Money!
    discountedUnitPrice: Money! discountedUnitPriceWithTax: Money! proratedUnitPrice: Money! proratedUnitPriceWithTax: Money! quantity: Int!
    orderPlacedQuantity: Int! taxRate: Float! linePrice: Money! linePriceWithTax: Money! discountedLinePrice: Money!
    discountedLinePriceWithTax: Money! proratedLinePrice: Money! proratedLinePriceWithTax: Money! lineTax: Money! discounts: [Discount!]!
    taxLines: [TaxLine!]! fulfillmentLines: [FulfillmentLine!] order: Order! customFields: JSON }
  type HistoryEntry { id: ID! createdAt: DateTime! updatedAt: DateTime! isPublic: Boolean! type: HistoryEntryType! data: JSON! }
  type HistoryEntryList { items: [HistoryEntry!]! totalItems: Int! }
  input HistoryEntryListOptions { skip: Int take: Int }
  type Order { id: ID! createdAt: DateTime! updatedAt: DateTime! type: OrderType! orderPlacedAt: DateTime code: String! state: String!
    active: Boolean! customer: Customer shippingAddress: OrderAddress billingAddress: OrderAddress lines: [OrderLine!]! surcharges: [Surcharge!]!
    discounts: [Discount!]! couponCodes: [String!]! promotions: [Promotion!]! modifications: [OrderModification!]! payments: [Payment!] fulfillments: [Fulfillment!] totalQuantity: Int! subTotal: Money!
    subTotalWithTax: Money! currencyCode: CurrencyCode! shippingLines: [ShippingLine!]! shipping: Money! shippingWithTax: Money! total: Money!
    totalWithTax: Money! taxSummary: [OrderTaxSummary!]! history(options: HistoryEntryListOptions): HistoryEntryList! nextStates: [String!]!
    channels: [Channel!]! customFields: JSON }
  type OrderStateTransitionError implements ErrorResult { errorCode: ErrorCode! message: String! transitionError: String! fromState: String!
    toState: String! }
  union TransitionOrderToStateResult = Order | OrderStateTransitionError
`

const errorTypes: readonly string[] = [
  'EmptyOrderLineSelectionError',
  'ItemsAlreadyFulfilledError',
  'InvalidFulfillmentHandlerError',
  'MultipleOrderError',
  'NothingToRefundError',
  'PaymentOrderMismatchError',
  'NegativeQuantityError',
  'NoActiveOrderError',
  'IneligibleShippingMethodError',
  'OrderPaymentStateError',
  'EmailAddressConflictError',
  'AlreadyLoggedInError',
  'OrderModificationError',
  'IneligiblePaymentMethodError',
]

const codes: readonly string[] = [
  ...errorTypes,
  'InsufficientStockOnHandError',
  'FulfillmentStateTransitionError',
  'CreateFulfillmentError',
  'QuantityTooGreatError',
  'CancelActiveOrderError',
  'OrderStateTransitionError',
  'RefundOrderStateError',
  'RefundAmountError',
  'AlreadyRefundedError',
  'InvalidCredentialsError',
  'NativeAuthStrategyError',
  'InsufficientStockError',
  'OrderLimitError',
  'PaymentDeclinedError',
]

/** `QuantityTooGreatError` → `QUANTITY_TOO_GREAT_ERROR`. */
export function errorCode(typename: string): string {
  return typename.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase()
}

const errors = `
  enum ErrorCode { UNKNOWN_ERROR ${codes.map(errorCode).join(' ')} }
  ${errorTypes.map((name) => `type ${name} implements ErrorResult { errorCode: ErrorCode! message: String! }`).join('\n')}
`

const admin = `
  input StringOperators { eq: String notEq: String contains: String notContains: String in: [String!] notIn: [String!] regex: String
    isNull: Boolean }
  input IDOperators { eq: String notEq: String in: [String!] notIn: [String!] isNull: Boolean }
  input BooleanOperators { eq: Boolean isNull: Boolean }
  input NumberRange { start: Float! end: Float! }
  input NumberOperators { eq: Float lt: Float lte: Float gt: Float gte: Float between: NumberRange isNull: Boolean }
  input DateRange { start: DateTime! end: DateTime! }
  input DateOperators { eq: DateTime before: DateTime after: DateTime between: DateRange isNull: Boolean }
  enum LogicalOperator { AND OR }
  input OrderFilterParameter { id: IDOperators createdAt: DateOperators updatedAt: DateOperators type: StringOperators
    orderPlacedAt: DateOperators code: StringOperators state: StringOperators active: BooleanOperators totalQuantity: NumberOperators
    subTotal: NumberOperators subTotalWithTax: NumberOperators currencyCode: StringOperators shipping: NumberOperators
    shippingWithTax: NumberOperators total: NumberOperators totalWithTax: NumberOperators customerLastName: StringOperators
    transactionId: StringOperators aggregateOrderId: IDOperators _and: [OrderFilterParameter!] _or: [OrderFilterParameter!] }
  input OrderSortParameter { id: SortOrder createdAt: SortOrder updatedAt: SortOrder orderPlacedAt: SortOrder code: SortOrder state: SortOrder
    totalQuantity: SortOrder total: SortOrder totalWithTax: SortOrder customerLastName: SortOrder transactionId: SortOrder }
  input OrderListOptions { skip: Int take: Int sort: OrderSortParameter filter: OrderFilterParameter filterOperator: LogicalOperator }
  type OrderList { items: [Order!]! totalItems: Int! }
  input ProductVariantFilterParameter { id: IDOperators createdAt: DateOperators updatedAt: DateOperators enabled: BooleanOperators
    sku: StringOperators name: StringOperators price: NumberOperators productId: IDOperators stockOnHand: NumberOperators
    _and: [ProductVariantFilterParameter!] _or: [ProductVariantFilterParameter!] }
  input ProductVariantSortParameter { id: SortOrder createdAt: SortOrder updatedAt: SortOrder sku: SortOrder name: SortOrder price: SortOrder }
  input ProductVariantListOptions { skip: Int take: Int sort: ProductVariantSortParameter filter: ProductVariantFilterParameter
    filterOperator: LogicalOperator }
  type ProductVariantList { items: [ProductVariant!]! totalItems: Int! }
  input StockLocationListOptions { skip: Int take: Int }
  type StockLocationList { items: [StockLocation!]! totalItems: Int! }
  type CurrentUserChannel { id: ID! token: String! code: String! permissions: [String!]! }
  type CurrentUser { id: ID! identifier: String! channels: [CurrentUserChannel!]! }
  type Administrator { id: ID! createdAt: DateTime! updatedAt: DateTime! firstName: String! lastName: String! emailAddress: String! }
  type ServerConfig { moneyStrategyPrecision: Int! }
  type GlobalSettings { id: ID! createdAt: DateTime! updatedAt: DateTime! availableLanguages: [LanguageCode!]! trackInventory: Boolean!
    outOfStockThreshold: Int! serverConfig: ServerConfig! }
  type Success { success: Boolean! }
  type InvalidCredentialsError implements ErrorResult { errorCode: ErrorCode! message: String! authenticationError: String! }
  type NativeAuthStrategyError implements ErrorResult { errorCode: ErrorCode! message: String! }
  union NativeAuthenticationResult = CurrentUser | InvalidCredentialsError | NativeAuthStrategyError
  input StockLevelInput { stockLocationId: ID! stockOnHand: Int! }
  input UpdateProductVariantInput { id: ID! enabled: Boolean sku: String price: Money stockOnHand: Int stockLevels: [StockLevelInput!]
    trackInventory: GlobalFlag outOfStockThreshold: Int useGlobalOutOfStockThreshold: Boolean }
  input ConfigArgInput { name: String! value: String! }
  input ConfigurableOperationInput { code: String! arguments: [ConfigArgInput!]! }
  input OrderLineInput { orderLineId: ID! quantity: Int! }
  input FulfillOrderInput { lines: [OrderLineInput!]! handler: ConfigurableOperationInput! }
  input CancelOrderInput { orderId: ID! lines: [OrderLineInput!] reason: String cancelShipping: Boolean }
  input RefundOrderInput { lines: [OrderLineInput!] shipping: Money adjustment: Money amount: Money paymentId: ID! reason: String }
  input AddNoteToOrderInput { id: ID! note: String! isPublic: Boolean! }
  type InsufficientStockOnHandError implements ErrorResult { errorCode: ErrorCode! message: String! productVariantId: ID!
    productVariantName: String! stockOnHand: Int! }
  type FulfillmentStateTransitionError implements ErrorResult { errorCode: ErrorCode! message: String! transitionError: String!
    fromState: String! toState: String! }
  type CreateFulfillmentError implements ErrorResult { errorCode: ErrorCode! message: String! fulfillmentHandlerError: String! }
  type QuantityTooGreatError implements ErrorResult { errorCode: ErrorCode! message: String! }
  type CancelActiveOrderError implements ErrorResult { errorCode: ErrorCode! message: String! orderState: String! }
  type RefundOrderStateError implements ErrorResult { errorCode: ErrorCode! message: String! orderState: String! }
  type RefundAmountError implements ErrorResult { errorCode: ErrorCode! message: String! maximumRefundable: Int! }
  type AlreadyRefundedError implements ErrorResult { errorCode: ErrorCode! message: String! refundId: ID! }
  union AddFulfillmentToOrderResult = Fulfillment | EmptyOrderLineSelectionError | ItemsAlreadyFulfilledError | InsufficientStockOnHandError |
    InvalidFulfillmentHandlerError | FulfillmentStateTransitionError | CreateFulfillmentError
  union TransitionFulfillmentToStateResult = Fulfillment | FulfillmentStateTransitionError
  union CancelOrderResult = Order | EmptyOrderLineSelectionError | QuantityTooGreatError | MultipleOrderError | CancelActiveOrderError |
    OrderStateTransitionError
  union RefundOrderResult = Refund | QuantityTooGreatError | NothingToRefundError | OrderStateTransitionError | MultipleOrderError |
    PaymentOrderMismatchError | RefundOrderStateError | AlreadyRefundedError | RefundAmountError
  type Query { orders(options: OrderListOptions): OrderList! order(id: ID!): Order
    productVariants(options: ProductVariantListOptions, productId: ID): ProductVariantList! productVariant(id: ID!): ProductVariant
    stockLocations(options: StockLocationListOptions): StockLocationList! me: CurrentUser activeAdministrator: Administrator
    activeChannel: Channel! globalSettings: GlobalSettings! }
  type Mutation { login(username: String!, password: String!, rememberMe: Boolean): NativeAuthenticationResult! logout: Success!
    updateProductVariants(input: [UpdateProductVariantInput!]!): [ProductVariant]!
    addFulfillmentToOrder(input: FulfillOrderInput!): AddFulfillmentToOrderResult!
    transitionFulfillmentToState(id: ID!, state: String!): TransitionFulfillmentToStateResult!
    cancelOrder(input: CancelOrderInput!): CancelOrderResult! refundOrder(input: RefundOrderInput!): RefundOrderResult!
    addNoteToOrder(input: AddNoteToOrderInput!): Order! }
`

const storefront = `
  input CreateCustomerInput { title: String firstName: String! lastName: String! phoneNumber: String emailAddress: String! }
  input CreateAddressInput { fullName: String company: String streetLine1: String! streetLine2: String city: String province: String
    postalCode: String countryCode: String! phoneNumber: String }
  input PaymentInput { method: String! metadata: JSON! }
  type ShippingMethodQuote { id: ID! price: Money! priceWithTax: Money! code: String! name: String! description: String! }
  type InsufficientStockError implements ErrorResult { errorCode: ErrorCode! message: String! quantityAvailable: Int! order: Order! }
  type OrderLimitError implements ErrorResult { errorCode: ErrorCode! message: String! maxItems: Int! }
  type PaymentDeclinedError implements ErrorResult { errorCode: ErrorCode! message: String! paymentErrorMessage: String! }
  union UpdateOrderItemsResult = Order | OrderModificationError | OrderLimitError | NegativeQuantityError | InsufficientStockError
  union SetCustomerForOrderResult = Order | AlreadyLoggedInError | EmailAddressConflictError | NoActiveOrderError
  union ActiveOrderResult = Order | NoActiveOrderError
  union SetOrderShippingMethodResult = Order | OrderModificationError | IneligibleShippingMethodError | NoActiveOrderError
  union AddPaymentToOrderResult = Order | OrderPaymentStateError | IneligiblePaymentMethodError | PaymentDeclinedError |
    OrderStateTransitionError | NoActiveOrderError
  type Query { activeOrder: Order eligibleShippingMethods: [ShippingMethodQuote!]! }
  type Mutation { addItemToOrder(productVariantId: ID!, quantity: Int!): UpdateOrderItemsResult!
    setCustomerForOrder(input: CreateCustomerInput!): SetCustomerForOrderResult!
    setOrderShippingAddress(input: CreateAddressInput!): ActiveOrderResult!
    setOrderShippingMethod(shippingMethodId: [ID!]!): SetOrderShippingMethodResult!
    transitionOrderToState(state: String!): TransitionOrderToStateResult addPaymentToOrder(input: PaymentInput!): AddPaymentToOrderResult! }
`

export const adminSchema: string = shared + errors + admin
export const shopSchema: string = shared + errors + storefront
