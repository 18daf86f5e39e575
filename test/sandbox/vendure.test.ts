import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../sandbox/server.ts'
import { start } from '../../sandbox/server.ts'
import type { VendureSim } from '../../sandbox/vendure/index.ts'

/** Whatever JSON came back: the assertions say what it should be. */
type Json = ReturnType<typeof JSON.parse>

let sandbox: Sandbox
let sim: VendureSim
let token: string

async function gql(
  path: 'admin-api' | 'shop-api',
  query: string,
  variables: object = {},
  bearer?: string,
): Promise<{ status: number; body: Json; token: string | null }> {
  const headers = { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) }
  const response = await fetch(`${sandbox.url}/vendure-1/${path}`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  return { status: response.status, body: await response.json(), token: response.headers.get('vendure-auth-token') }
}

const admin = async (query: string, variables: object = {}): Promise<Json> => {
  const { body } = await gql('admin-api', query, variables, token)
  if (body.errors) throw new Error(JSON.stringify(body.errors))
  return body.data
}

const login =
  'mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename ... on CurrentUser{id} ... on ErrorResult{errorCode message}}}'
const ordersQuery = `query($o:OrderListOptions){orders(options:$o){totalItems items{id code state createdAt updatedAt orderPlacedAt currencyCode totalWithTax shippingWithTax
  customer{emailAddress firstName lastName} shippingAddress{fullName streetLine1 city province postalCode countryCode phoneNumber}
  lines{id quantity unitPriceWithTax productVariant{sku}} payments{method amount state transactionId} fulfillments{id state trackingCode}}}}`
const fulfil = `mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){__typename ... on Fulfillment{id state trackingCode} ... on ErrorResult{errorCode message}}}`
const move =
  'mutation($id:ID!,$s:String!){transitionFulfillmentToState(id:$id,state:$s){__typename ... on Fulfillment{state trackingCode} ... on ErrorResult{errorCode message}}}'
const fulfilInput = (lines: readonly Json[], quantity?: number): object => ({
  lines: lines.map((line) => ({ orderLineId: line.id, quantity: quantity ?? line.quantity })),
  handler: {
    code: 'manual-fulfillment',
    arguments: [
      { name: 'method', value: 'SF Express' },
      { name: 'trackingCode', value: 'SF1234567890' },
    ],
  },
})

/** The checkout an anonymous shopper walks through. */
async function checkout(quantity: number): Promise<Json> {
  const first = await gql(
    'shop-api',
    `mutation{addItemToOrder(productVariantId:"1",quantity:${quantity}){__typename ... on Order{id code} ... on ErrorResult{message}}}`,
  )
  const session = first.token ?? ''
  const step = async (query: string, variables: object = {}): Promise<Json> => (await gql('shop-api', query, variables, session)).body.data
  await step('mutation{addItemToOrder(productVariantId:"4",quantity:1){__typename ... on Order{id code} ... on ErrorResult{message}}}')
  await step(
    'mutation($e:String!){setCustomerForOrder(input:{firstName:"三",lastName:"张",emailAddress:$e}){__typename ... on ErrorResult{message}}}',
    { e: 'c@example.com' },
  )
  await step(
    'mutation{setOrderShippingAddress(input:{fullName:"张三",streetLine1:"文三路100号",city:"杭州市",province:"浙江省",postalCode:"310012",countryCode:"GB",phoneNumber:"13800138000"}){__typename ... on ErrorResult{message}}}',
  )
  const methods = await step('{eligibleShippingMethods{id priceWithTax}}')
  await step('mutation($i:[ID!]!){setOrderShippingMethod(shippingMethodId:$i){__typename ... on ErrorResult{message}}}', {
    i: [methods.eligibleShippingMethods[0].id],
  })
  await step(
    'mutation{transitionOrderToState(state:"ArrangingPayment"){__typename ... on Order{state} ... on OrderStateTransitionError{transitionError}}}',
  )
  return (
    await step(
      'mutation{addPaymentToOrder(input:{method:"standard-payment",metadata:{}}){__typename ... on Order{id code state totalWithTax} ... on ErrorResult{message errorCode}}}',
    )
  ).addPaymentToOrder
}

beforeAll(async () => {
  sandbox = await start({ shops: [{ name: 'vendure-1', channel: 'vendure' }] })
  sim = sandbox.vendure('vendure-1')
  for (const [name, sku, price] of [
    ['Laptop 13', 'L2201308', 129_900],
    ['Laptop 15', 'L2201508', 139_900],
    ['Keyboard', 'A4TKLA45535', 7_489],
    ['青花瓷茶杯', 'TEA-青-01', 1_990],
  ] as const) {
    sim.control.addVariant({ name, sku, price, stock: 100 })
  }
  token = (await gql('admin-api', login, { u: 'superadmin', p: 'superadmin' })).token ?? ''
})

afterAll(() => sandbox.stop())

describe('signing in to the Vendure simulator', () => {
  it('refuses strangers with HTTP 200 and FORBIDDEN', async () => {
    const { status, body } = await gql('admin-api', '{orders{totalItems}}')
    expect([status, body.data, body.errors[0].extensions.code]).toEqual([200, null, 'FORBIDDEN'])
  })

  it('answers a wrong password as a member of the union and hands out no token', async () => {
    const { body, token: none } = await gql('admin-api', login, { u: 'superadmin', p: 'nope' })
    expect([body.data.login.errorCode, none]).toEqual(['INVALID_CREDENTIALS_ERROR', null])
  })

  it('forgets a session when it ends', async () => {
    expect((await admin('{me{identifier}}')).me.identifier).toBe('superadmin')
    sim.clock.shift(3_600_001)
    expect((await gql('admin-api', '{me{id}}', {}, token)).body.errors[0].extensions.code).toBe('FORBIDDEN')
    sim.clock.release()
  })

  it('answers 400 to what is not in the schema', async () => {
    const { status, body } = await gql('admin-api', '{ordersss{totalItems}}', {}, token)
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    expect((await gql('admin-api', '{', {}, token)).body.errors[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED')
  })
})

describe('an order in the Vendure simulator', () => {
  it('goes from the storefront to the admin list in whole minor units with tax', async () => {
    const placed = await checkout(2)
    expect(placed).toMatchObject({ state: 'PaymentSettled', totalWithTax: 2 * 155_880 + 2_388 + 600 })
    const options = {
      take: 2,
      skip: 0,
      sort: { updatedAt: 'ASC' },
      filter: { updatedAt: { after: '2026-01-01T00:00:00Z' }, orderPlacedAt: { isNull: false } },
    }
    const { orders } = await admin(ordersQuery, { o: options })
    expect(orders.totalItems).toBe(1)
    const [order] = orders.items
    expect(order.updatedAt).toMatch(/:\d\d\.000Z$/)
    expect(order.lines.map((line: Json) => [line.productVariant.sku, line.quantity, line.unitPriceWithTax])).toEqual([
      ['L2201308', 2, 155_880],
      ['TEA-青-01', 1, 2_388],
    ])
    expect(sim.ledger.order(order.id)).toMatchObject({ totalMinor: placed.totalWithTax, number: placed.code, status: 'PaymentSettled' })
  })

  it('keeps carts among the orders, without a placing date', async () => {
    await gql('shop-api', 'mutation{addItemToOrder(productVariantId:"1",quantity:1){__typename}}')
    const count = async (filter: object): Promise<number> => (await admin(ordersQuery, { o: { filter } })).orders.totalItems
    expect(await count({ active: { eq: true } })).toBe(1)
    expect(await count({ _or: [{ active: { eq: true } }, { state: { in: ['PaymentSettled'] } }] })).toBe(2)
    expect(sim.ledger.orders()).toHaveLength(1)
  })

  it('ships in parts without moving updatedAt, and allocation follows the shelf', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'A4TKLA45535', quantity: 3 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const read = async (): Promise<Json> =>
      (
        await admin(
          'query($id:ID!){order(id:$id){state updatedAt lines{id quantity fulfillmentLines{quantity}} fulfillments{state updatedAt trackingCode} history{items{type}}}}',
          { id: placed.orderId },
        )
      ).order
    const stock = async (): Promise<Json> =>
      (await admin('{productVariant(id:"3"){stockLevels{stockOnHand stockAllocated stockLocationId}}}')).productVariant.stockLevels[0]
    const before = await read()
    expect(await stock()).toEqual({ stockOnHand: 100, stockAllocated: 3, stockLocationId: '1' })
    await sleep(1100)
    const made = (await admin(fulfil, { i: fulfilInput(before.lines, 1) })).addFulfillmentToOrder
    expect(made).toMatchObject({ __typename: 'Fulfillment', state: 'Pending', trackingCode: 'SF1234567890' })
    await admin(move, { id: made.id, s: 'Shipped' })
    const after = await read()
    expect([after.state, after.updatedAt]).toEqual(['PartiallyShipped', before.updatedAt])
    expect(after.fulfillments[0].updatedAt > before.updatedAt).toBe(true)
    expect(await stock()).toEqual({ stockOnHand: 99, stockAllocated: 2, stockLocationId: '1' })
    expect((await admin(fulfil, { i: fulfilInput(before.lines, 3) })).addFulfillmentToOrder.errorCode).toBe('ITEMS_ALREADY_FULFILLED_ERROR')
    const rest = (await admin(fulfil, { i: fulfilInput(before.lines, 2) })).addFulfillmentToOrder
    await admin(move, { id: rest.id, s: 'Shipped' })
    expect((await read()).state).toBe('Shipped')
    expect((await admin(move, { id: rest.id, s: 'Pending' })).transitionFulfillmentToState.errorCode).toBe('FULFILLMENT_STATE_TRANSITION_ERROR')
    expect(sim.ledger.shipments().map((one) => [one.action, one.status])).toEqual([
      ['created', 'Pending'],
      ['updated', 'Shipped'],
      ['created', 'Pending'],
      ['updated', 'Shipped'],
    ])
    expect(sim.ledger.order(placed.orderId)?.lines[0]?.shippedQuantity).toBe(3)
  })

  it('loses orders to a strictly greater cursor when several share a second', async () => {
    sim.clock.freeze(Date.parse('2031-01-01T00:00:00.100Z'))
    token = (await gql('admin-api', login, { u: 'superadmin', p: 'superadmin' })).token ?? ''
    for (let n = 0; n < 4; n += 1) {
      sim.control.shop([{ sku: 'L2201508', quantity: 1 }])
      sim.clock.advance(200)
    }
    const after = async (at: string): Promise<number> => (await admin(ordersQuery, { o: { filter: { updatedAt: { after: at } } } })).orders.totalItems
    expect(await after('2030-12-31T23:59:59Z')).toBe(4)
    expect(await after('2031-01-01T00:00:00Z')).toBe(0)
    sim.clock.release()
    token = (await gql('admin-api', login, { u: 'superadmin', p: 'superadmin' })).token ?? ''
  })

  it('moves updatedAt at a cancellation, empties the lines and releases the units', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'L2201308', quantity: 5 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const before = sim.ledger.order(placed.orderId)?.modifiedAt ?? ''
    const allocated = async (): Promise<number> => (await admin('{productVariant(id:"1"){stockAllocated}}')).productVariant.stockAllocated
    const held = await allocated()
    await sleep(1100)
    const { cancelOrder } = await admin(
      'mutation($id:ID!){cancelOrder(input:{orderId:$id,reason:"x"}){__typename ... on Order{state updatedAt lines{quantity orderPlacedQuantity}} ... on ErrorResult{errorCode message}}}',
      { id: placed.orderId },
    )
    expect(cancelOrder).toMatchObject({ state: 'Cancelled', lines: [{ quantity: 0, orderPlacedQuantity: 5 }] })
    expect(cancelOrder.updatedAt > before).toBe(true)
    expect(await allocated()).toBe(held - 5)
  })

  it('refunds a payment up to what was paid, and not a cent more', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'TEA-青-01', quantity: 1 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const [payment] = (await admin('query($id:ID!){order(id:$id){payments{id amount}}}', { id: placed.orderId })).order.payments
    const refund = async (amount: number): Promise<Json> =>
      (
        await admin(
          'mutation($i:RefundOrderInput!){refundOrder(input:$i){__typename ... on Refund{total state} ... on ErrorResult{errorCode} ... on RefundAmountError{maximumRefundable}}}',
          { i: { paymentId: payment.id, amount, reason: 'late' } },
        )
      ).refundOrder
    expect(payment.amount).toBe(2_388)
    expect(await refund(1_000)).toEqual({ __typename: 'Refund', total: 1_000, state: 'Settled' })
    expect(await refund(1_389)).toEqual({ __typename: 'RefundAmountError', errorCode: 'REFUND_AMOUNT_ERROR', maximumRefundable: 1_388 })
    expect(sim.ledger.order(placed.orderId)?.refundedMinor).toBe(1_000)
  })

  it('sets stock absolutely and writes it down', async () => {
    const update = 'mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id stockLevels{stockOnHand stockAllocated}}}'
    const answer = await admin(update, { i: [{ id: '2', stockLevels: [{ stockLocationId: '1', stockOnHand: 77 }] }] })
    expect(answer.updateProductVariants[0].stockLevels[0].stockOnHand).toBe(77)
    expect(sim.ledger.stockWrites().map((write) => [write.sku, write.to])).toEqual([['L2201508', 77]])
    await expect(admin(update, { i: [{ id: '99', stockLevels: [] }] })).rejects.toThrow('ENTITY_NOT_FOUND')
    expect(sim.control.shop([{ sku: 'L2201508', quantity: 78 }]).ok).toBe(false)
  })

  it('refuses a list longer than its limit, and pages the rest', async () => {
    await expect(admin(ordersQuery, { o: { take: 1001 } })).rejects.toThrow('Cannot take more than 1000 results')
    const ids = new Set<string>()
    const total = (await admin(ordersQuery, { o: { take: 1 } })).orders.totalItems
    for (let skip = 0; skip < total; skip += 3) {
      for (const order of (await admin(ordersQuery, { o: { take: 3, skip, sort: { updatedAt: 'ASC' } } })).orders.items) ids.add(order.id)
    }
    expect(ids.size).toBe(total)
  })
})

describe('faults of the Vendure simulator', () => {
  it('drops the connection after an accepted shipment', async () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'A4TKLA45535', quantity: 1 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const { lines } = (await admin('query($id:ID!){order(id:$id){lines{id quantity}}}', { id: placed.orderId })).order
    sim.control.setFault({ kind: 'accept-then-drop', times: 1, match: { body: 'addFulfillmentToOrder' } })
    await expect(admin(fulfil, { i: fulfilInput(lines) })).rejects.toThrow('fetch failed')
    const { order } = await admin('query($id:ID!){order(id:$id){fulfillments{state}}}', { id: placed.orderId })
    expect(order.fulfillments).toEqual([{ state: 'Pending' }])
  })

  it('throttles inside a 200 and expires sessions at will', async () => {
    sim.control.setFault({ kind: 'throttle200', times: 1 })
    const throttled = await gql('admin-api', '{me{id}}', {}, token)
    expect([throttled.status, throttled.body.errors[0].extensions.code]).toEqual([200, 'TOO_MANY_REQUESTS'])
    sim.control.expireSessions()
    expect((await gql('admin-api', '{me{id}}', {}, token)).body.errors[0].extensions.code).toBe('FORBIDDEN')
  })
})
