import type { Peer } from './peer.ts'

/** A GraphQL answer is looked at freely here: this is a test's own hand on the shop, not the product. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Data = any

interface Sent {
  readonly data: Data
  readonly token: string | undefined
}

async function send(url: string, query: string, variables: unknown, token: string | undefined, channel?: string): Promise<Sent> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(channel === undefined ? {} : { 'vendure-token': channel }) },
    body: JSON.stringify({ query, variables }),
  })
  const body = (await response.json()) as { data?: Data; errors?: readonly { message: string }[] }
  if (body.errors) throw new Error(`${body.errors.map((e) => e.message).join('; ')}`)
  for (const value of Object.values((body.data ?? {}) as Record<string, Data>)) {
    if (value?.errorCode) throw new Error(`${value.errorCode}: ${value.message} ${value.transitionError ?? ''}`)
  }
  return { data: body.data, token: response.headers.get('vendure-auth-token') ?? token }
}

const RESULT = '__typename ... on ErrorResult { errorCode message }'

export interface Basket {
  readonly lines: readonly { readonly variant: string; readonly quantity: number }[]
  readonly buyer?: { readonly first: string; readonly last: string; readonly email: string }
  readonly address?: Readonly<Record<string, string>>
  readonly coupon?: string
  readonly shipping?: number
  readonly payment?: 'standard-payment' | 'pay-later'
  /** Token of the Vendure channel; the default channel when absent. */
  readonly channel?: string
  /** Stop before paying: an abandoned cart. */
  readonly abandon?: boolean
}

export interface Placed {
  readonly code: string
  readonly state: string
  readonly totalWithTax: number
}

/** A buyer's whole visit through the shop's own API, from the first item to the payment. */
export async function placeOrder(peer: Peer, basket: Basket): Promise<Placed> {
  let token: string | undefined
  const shop = async (query: string, variables: unknown = {}): Promise<Data> => {
    const sent = await send(peer.shopApi, query, variables, token, basket.channel)
    token = sent.token
    return sent.data
  }
  for (const line of basket.lines) {
    await shop(`mutation ($v: ID!, $q: Int!) { addItemToOrder(productVariantId: $v, quantity: $q) { ${RESULT} } }`, { v: line.variant, q: line.quantity })
  }
  if (basket.coupon !== undefined) await shop(`mutation ($c: String!) { applyCouponCode(couponCode: $c) { ${RESULT} } }`, { c: basket.coupon })
  const buyer = basket.buyer ?? { first: '三', last: '张', email: `buyer-${crypto.randomUUID().slice(0, 8)}@example.com` }
  await shop(`mutation ($i: CreateCustomerInput!) { setCustomerForOrder(input: $i) { ${RESULT} } }`, { i: { firstName: buyer.first, lastName: buyer.last, emailAddress: buyer.email } })
  const address = basket.address ?? {
    fullName: '张三', streetLine1: '文三路100号', city: '杭州市', province: '浙江省', postalCode: '310012', countryCode: 'CN', phoneNumber: '13800138000',
  }
  await shop('mutation ($i: CreateAddressInput!) { setOrderShippingAddress(input: $i) { __typename } }', { i: address })
  const { eligibleShippingMethods } = await shop('{ eligibleShippingMethods { id } }')
  await shop(`mutation ($i: [ID!]!) { setOrderShippingMethod(shippingMethodId: $i) { ${RESULT} } }`, { i: [eligibleShippingMethods[basket.shipping ?? 0].id] })
  if (basket.abandon) return (await shop('{ activeOrder { code state totalWithTax } }')).activeOrder
  await shop('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on OrderStateTransitionError { errorCode message transitionError } } }')
  const paid = await shop(
    `mutation ($m: String!) { addPaymentToOrder(input: { method: $m, metadata: {} }) { ${RESULT} ... on Order { code state totalWithTax } } }`,
    { m: basket.payment ?? 'standard-payment' },
  )
  return paid.addPaymentToOrder
}

/** The shop's staff, signed in to its Admin API. */
export interface Staff {
  readonly gql: (query: string, variables?: unknown) => Promise<Data>
  order(code: string): Promise<Data>
  /** All placed orders as the shop itself shows them. */
  orders(): Promise<readonly Data[]>
  cancel(id: string, lines?: readonly { readonly orderLineId: string; readonly quantity: number }[], shipping?: boolean): Promise<void>
  refund(order: Data, input: { readonly amount?: number; readonly shipping?: number; readonly adjustment?: number; readonly lines?: readonly unknown[]; readonly reason?: string }): Promise<string>
  settleRefund(id: string): Promise<void>
  fulfil(lines: readonly { readonly orderLineId: string; readonly quantity: number }[], method: string, trackingCode: string, to?: 'Pending' | 'Shipped' | 'Delivered'): Promise<string>
  transition(id: string, state: string): Promise<void>
  modify(orderId: string, input: Readonly<Record<string, unknown>>): Promise<void>
  promotion(input: { readonly name: string; readonly coupon?: string; readonly action: string; readonly args: Readonly<Record<string, string>>; readonly minimum?: number }): Promise<string>
  setStock(variant: string, stockOnHand: number): Promise<void>
  variant(id: string): Promise<Data>
  /** An administrator of the hub's own, with just these permissions. */
  administrator(email: string, password: string, permissions: readonly string[]): Promise<void>
}

const STAFF_ORDER = `id code state updatedAt totalWithTax subTotalWithTax shippingWithTax currencyCode
  lines { id quantity orderPlacedQuantity proratedLinePriceWithTax productVariant { id sku } }
  payments { id state amount refunds { id state total } } fulfillments { id state trackingCode method lines { orderLineId quantity } }`

export async function signIn(peer: Peer): Promise<Staff> {
  const login = await send(peer.adminApi, 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }', { u: peer.username, p: peer.password }, undefined)
  const gql = async (query: string, variables: unknown = {}): Promise<Data> => (await send(peer.adminApi, query, variables, login.token)).data
  return {
    gql,
    async order(code) {
      return (await gql(`query ($c: String!) { orders(options: { filter: { code: { eq: $c } } }) { items { ${STAFF_ORDER} } } }`, { c: code })).orders.items[0]
    },
    async orders() {
      return (await gql(`{ orders(options: { take: 1000, filter: { orderPlacedAt: { isNull: false } } }) { items { ${STAFF_ORDER} } } }`)).orders.items
    },
    async cancel(orderId, lines, shipping = true) {
      await gql(`mutation ($i: CancelOrderInput!) { cancelOrder(input: $i) { ${RESULT} } }`, { i: { orderId, reason: 'changed their mind', cancelShipping: shipping, ...(lines ? { lines } : {}) } })
    },
    async refund(order, input) {
      const full = { paymentId: order.payments[0].id, lines: [], shipping: 0, adjustment: 0, reason: 'arrived late', ...input }
      return (await gql(`mutation ($i: RefundOrderInput!) { refundOrder(input: $i) { ${RESULT} ... on Refund { id } } }`, { i: full })).refundOrder.id
    },
    async settleRefund(id) {
      await gql(`mutation ($i: SettleRefundInput!) { settleRefund(input: $i) { ${RESULT} } }`, { i: { id, transactionId: `r-${id}` } })
    },
    async fulfil(lines, method, trackingCode, to = 'Shipped') {
      const input = { lines, handler: { code: 'manual-fulfillment', arguments: [{ name: 'method', value: method }, { name: 'trackingCode', value: trackingCode }] } }
      const { id } = (await gql(`mutation ($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) { ${RESULT} ... on Fulfillment { id } } }`, { i: input })).addFulfillmentToOrder
      const steps = to === 'Pending' ? [] : to === 'Shipped' ? ['Shipped'] : ['Shipped', 'Delivered']
      for (const state of steps) await gql(`mutation ($id: ID!, $s: String!) { transitionFulfillmentToState(id: $id, state: $s) { ${RESULT} } }`, { id, s: state })
      return id
    },
    async transition(id, state) {
      await gql('mutation ($id: ID!, $s: String!) { transitionOrderToState(id: $id, state: $s) { __typename ... on OrderStateTransitionError { errorCode message transitionError } } }', { id, s: state })
    },
    async modify(orderId, input) {
      await gql(`mutation ($i: ModifyOrderInput!) { modifyOrder(input: $i) { ${RESULT} } }`, { i: { dryRun: false, orderId, ...input } })
    },
    async promotion({ name, coupon, action, args, minimum }) {
      const input = {
        enabled: true,
        ...(coupon === undefined ? {} : { couponCode: coupon }),
        translations: [{ languageCode: 'en', name }],
        conditions: minimum === undefined ? [] : [{ code: 'minimum_order_amount', arguments: [{ name: 'amount', value: String(minimum) }, { name: 'taxInclusive', value: 'true' }] }],
        actions: [{ code: action, arguments: Object.entries(args).map(([n, value]) => ({ name: n, value })) }],
      }
      return (await gql(`mutation ($i: CreatePromotionInput!) { createPromotion(input: $i) { ${RESULT} ... on Promotion { id } } }`, { i: input })).createPromotion.id
    },
    async administrator(emailAddress, password, permissions) {
      const role = { code: emailAddress, description: 'Channel hub', permissions }
      const { createRole } = await gql('mutation ($i: CreateRoleInput!) { createRole(input: $i) { id } }', { i: role })
      const input = { firstName: 'Channel', lastName: 'Hub', emailAddress, password, roleIds: [createRole.id] }
      await gql('mutation ($i: CreateAdministratorInput!) { createAdministrator(input: $i) { id } }', { i: input })
    },
    async setStock(variant, stockOnHand) {
      await gql('mutation ($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }', { i: [{ id: variant, stockOnHand }] })
    },
    async variant(id) {
      return (await gql('query ($id: ID!) { productVariant(id: $id) { id sku trackInventory stockLevels { stockLocationId stockOnHand stockAllocated } } }', { id })).productVariant
    },
  }
}
