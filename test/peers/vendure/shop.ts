import { z } from 'zod'
import type { Peer } from './peer.ts'

/** An order as the shop's own staff sees it. */
const shopOrder = z.object({
  id: z.string(), code: z.string(), state: z.string(), updatedAt: z.string(), totalWithTax: z.number(), currencyCode: z.string(),
  lines: z.array(z.object({ id: z.string(), quantity: z.number(), proratedLinePriceWithTax: z.number(), productVariant: z.object({ id: z.string(), sku: z.string() }) })),
  payments: z.array(z.object({ id: z.string(), state: z.string(), amount: z.number(), refunds: z.array(z.object({ id: z.string(), state: z.string(), total: z.number() })) })),
  fulfillments: z.array(z.object({
    id: z.string(), state: z.string(), trackingCode: z.string(), method: z.string(), lines: z.array(z.object({ orderLineId: z.string(), quantity: z.number() })),
  })),
})
const SHOP_ORDER = `id code state updatedAt totalWithTax currencyCode
  lines { id quantity proratedLinePriceWithTax productVariant { id sku } }
  payments { id state amount refunds { id state total } } fulfillments { id state trackingCode method lines { orderLineId quantity } }`
export type ShopOrder = z.output<typeof shopOrder>

const variant = z.object({ id: z.string(), sku: z.string(), stockLevels: z.tuple([z.object({ stockOnHand: z.number(), stockAllocated: z.number() })]) })
export type ShopVariant = z.output<typeof variant>

const placedOrder = z.object({ code: z.string(), state: z.string(), totalWithTax: z.number() })
export type Placed = z.output<typeof placedOrder>

const answer = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
})
const refusal = z.object({ errorCode: z.string(), message: z.string(), transitionError: z.string().optional() })

interface Sent {
  readonly data: unknown
  readonly token: string | undefined
}

/** One GraphQL call; an error, or an ErrorResult in place of the answer, is thrown. */
async function send(url: string, query: string, variables: unknown, token: string | undefined, channel?: string): Promise<Sent> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(channel === undefined ? {} : { 'vendure-token': channel }),
    },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = answer.parse(await response.json())
  if (errors) throw new Error(errors.map((error) => error.message).join('; '))
  for (const value of Object.values(data ?? {})) {
    const refused = refusal.safeParse(value).data
    if (refused) throw new Error(`${refused.errorCode}: ${refused.message} ${refused.transitionError ?? ''}`)
  }
  return { data, token: response.headers.get('vendure-auth-token') ?? token }
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

/** A buyer's whole visit through the shop's own API, from the first item to the payment. */
export async function placeOrder(peer: Peer, basket: Basket): Promise<Placed> {
  let token: string | undefined
  const shop = async (query: string, variables: unknown = {}): Promise<unknown> => {
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
  const { eligibleShippingMethods } = z.object({ eligibleShippingMethods: z.array(z.object({ id: z.string() })) }).parse(await shop('{ eligibleShippingMethods { id } }'))
  await shop(`mutation ($i: [ID!]!) { setOrderShippingMethod(shippingMethodId: $i) { ${RESULT} } }`, { i: [eligibleShippingMethods[basket.shipping ?? 0]?.id] })
  if (basket.abandon) return z.object({ activeOrder: placedOrder }).parse(await shop('{ activeOrder { code state totalWithTax } }')).activeOrder
  await shop('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on OrderStateTransitionError { errorCode message transitionError } } }')
  const paid = await shop(
    `mutation ($m: String!) { addPaymentToOrder(input: { method: $m, metadata: {} }) { ${RESULT} ... on Order { code state totalWithTax } } }`,
    { m: basket.payment ?? 'standard-payment' },
  )
  return z.object({ addPaymentToOrder: placedOrder }).parse(paid).addPaymentToOrder
}

/** The shop's staff, signed in to its Admin API. */
export interface Staff {
  readonly gql: (query: string, variables?: unknown) => Promise<unknown>
  order(code: string): Promise<ShopOrder>
  /** All placed orders as the shop itself shows them. */
  orders(): Promise<readonly ShopOrder[]>
  cancel(id: string, lines?: readonly { readonly orderLineId: string; readonly quantity: number }[], shipping?: boolean): Promise<void>
  refund(order: ShopOrder, input: { readonly amount?: number; readonly shipping?: number; readonly adjustment?: number; readonly lines?: readonly unknown[]; readonly reason?: string }): Promise<string>
  settleRefund(id: string): Promise<void>
  fulfil(lines: readonly { readonly orderLineId: string; readonly quantity: number }[], method: string, trackingCode: string, to?: 'Pending' | 'Shipped' | 'Delivered'): Promise<string>
  transition(id: string, state: string): Promise<void>
  modify(orderId: string, input: Readonly<Record<string, unknown>>): Promise<void>
  promotion(input: { readonly name: string; readonly coupon?: string; readonly action: string; readonly args: Readonly<Record<string, string>>; readonly minimum?: number }): Promise<string>
  setStock(variant: string, stockOnHand: number): Promise<void>
  variant(id: string): Promise<ShopVariant>
  /** An administrator of the hub's own, with just these permissions. */
  administrator(email: string, password: string, permissions: readonly string[]): Promise<void>
}

export async function signIn(peer: Peer): Promise<Staff> {
  const login = await send(peer.adminApi, 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }', { u: peer.username, p: peer.password }, undefined)
  const gql = async (query: string, variables: unknown = {}): Promise<unknown> => (await send(peer.adminApi, query, variables, login.token)).data
  /** The id of what a mutation made. */
  const made = async (name: string, query: string, variables: unknown): Promise<string> => z.object({ [name]: z.object({ id: z.string() }) }).parse(await gql(query, variables))[name]?.id ?? ''
  const list = async (filter: unknown): Promise<readonly ShopOrder[]> => {
    const found = await gql(`query ($f: OrderFilterParameter) { orders(options: { take: 1000, filter: $f }) { items { ${SHOP_ORDER} } } }`, { f: filter })
    return z.object({ orders: z.object({ items: z.array(shopOrder) }) }).parse(found).orders.items
  }
  return {
    gql,
    async order(code) {
      const [order] = await list({ code: { eq: code } })
      if (!order) throw new Error(`The shop has no order ${code}.`)
      return order
    },
    orders: () => list({ orderPlacedAt: { isNull: false } }),
    async cancel(orderId, lines, shipping = true) {
      await gql(`mutation ($i: CancelOrderInput!) { cancelOrder(input: $i) { ${RESULT} } }`, { i: { orderId, reason: 'changed their mind', cancelShipping: shipping, ...(lines ? { lines } : {}) } })
    },
    async refund(order, input) {
      const full = { paymentId: order.payments[0]?.id, lines: [], shipping: 0, adjustment: 0, reason: 'arrived late', ...input }
      return made('refundOrder', `mutation ($i: RefundOrderInput!) { refundOrder(input: $i) { ${RESULT} ... on Refund { id } } }`, { i: full })
    },
    async settleRefund(id) {
      await gql(`mutation ($i: SettleRefundInput!) { settleRefund(input: $i) { ${RESULT} } }`, { i: { id, transactionId: `r-${id}` } })
    },
    async fulfil(lines, method, trackingCode, to = 'Shipped') {
      const input = { lines, handler: { code: 'manual-fulfillment', arguments: [{ name: 'method', value: method }, { name: 'trackingCode', value: trackingCode }] } }
      const id = await made('addFulfillmentToOrder', `mutation ($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) { ${RESULT} ... on Fulfillment { id } } }`, { i: input })
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
      return made('createPromotion', `mutation ($i: CreatePromotionInput!) { createPromotion(input: $i) { ${RESULT} ... on Promotion { id } } }`, { i: input })
    },
    async administrator(emailAddress, password, permissions) {
      const role = { code: emailAddress, description: 'Channel hub', permissions }
      const roleId = await made('createRole', 'mutation ($i: CreateRoleInput!) { createRole(input: $i) { id } }', { i: role })
      const input = { firstName: 'Channel', lastName: 'Hub', emailAddress, password, roleIds: [roleId] }
      await gql('mutation ($i: CreateAdministratorInput!) { createAdministrator(input: $i) { id } }', { i: input })
    },
    async setStock(variant, stockOnHand) {
      await gql('mutation ($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }', { i: [{ id: variant, stockOnHand }] })
    },
    async variant(id) {
      return z.object({ productVariant: variant }).parse(await gql('query ($id: ID!) { productVariant(id: $id) { id sku stockLevels { stockOnHand stockAllocated } } }', { id })).productVariant
    },
  }
}
