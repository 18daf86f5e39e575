import { getDirectiveValues, type GraphQLResolveInfo } from 'graphql'
import { badRequest } from './connections.ts'
import type { Context } from './context.ts'
import { bulkView, subscriptionView } from './api-query.ts'
import type { ShopifyBulk } from './model.ts'
import { cancelOrder, fulfil, noteShipment, saveOrder, setAvailable } from './operations.ts'
import { fulfillmentView, gid, type View } from './order-view.ts'
import type { ShopifyShop } from './shop.ts'

type Root = Readonly<Record<string, (args: never, context: Context, info: GraphQLResolveInfo) => unknown>>

const tail = (id: string): string => id.split('/').at(-1)?.split('?')[0] ?? ''
const problem = (field: readonly string[], message: string, code?: string): View => ({ field, message, ...(code === undefined ? {} : { code }) })

/** Root resolvers of mutations. */
export function mutationRoot(shop: ShopifyShop, refuseBulk: (query: string) => string | undefined): Root {
  return { ...stockRoot(shop), ...shippingRoot(shop), ...orderRoot(shop), ...webhookRoot(shop), ...bulkRoot(shop, refuseBulk) }
}

interface Quantity {
  readonly inventoryItemId: string
  readonly locationId: string
  readonly quantity: number
  readonly changeFromQuantity?: number | null
}
interface SetInput {
  readonly name: string
  readonly reason: string
  readonly quantities: readonly Quantity[]
}

const reasons: ReadonlySet<string> = new Set(['correction', 'cycle_count_available', 'damaged', 'other', 'received', 'restock', 'shrinkage'])

function stockRoot(shop: ShopifyShop): Root {
  return {
    inventorySetQuantities: ({ input }: { readonly input: SetInput }, _context, info) => {
      const field = info.fieldNodes[0]
      const directive = info.schema.getDirective('idempotent')
      const key = field && directive ? getDirectiveValues(directive, field, info.variableValues)?.['key'] : undefined
      if (typeof key !== 'string' || key.trim() === '')
        throw badRequest('The @idempotent directive is required for this mutation but was not provided.')
      const text = JSON.stringify(input)
      const known = shop.idempotent.get(key)
      if (known) {
        const mismatch = problem(['input'], 'The idempotency key was used with other parameters.', 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH')
        return known.input === text ? known.result : { inventoryAdjustmentGroup: null, userErrors: [mismatch] }
      }
      const result = setQuantities(shop, input)
      shop.idempotent.set(key, { input: text, result })
      return result
    },
  }
}

/** All levels or none: everything is looked at before anything is written. */
function setQuantities(shop: ShopifyShop, input: SetInput): View {
  const failed = (errors: readonly View[]): View => ({ inventoryAdjustmentGroup: null, userErrors: errors })
  if (input.name !== 'available' && input.name !== 'on_hand')
    return failed([problem(['input', 'name'], "The quantity name must be either 'available' or 'on_hand'.", 'INVALID_NAME')])
  if (!reasons.has(input.reason)) return failed([problem(['input', 'reason'], 'The specified reason is invalid.', 'INVALID_REASON')])
  if (input.quantities.length > 250)
    throw badRequest('The input array size of quantities is greater than the maximum allowed of 250.', 'MAX_INPUT_SIZE_EXCEEDED')
  const byItem = new Map([...shop.variants.values()].map((variant) => [variant.itemId, variant]))
  const errors = input.quantities.flatMap((one, i) => refusalOf(shop, one, { i, variant: byItem.get(tail(one.inventoryItemId)) }))
  if (errors.length > 0) return failed(errors)
  const changes = input.quantities.flatMap((one) => {
    const variant = byItem.get(tail(one.inventoryItemId))
    if (!variant) return []
    const location = tail(one.locationId)
    const delta = one.quantity - (variant.available.get(location) ?? 0)
    setAvailable(shop, variant, { location, quantity: one.quantity }, { cause: 'set', by: 'api' })
    return delta === 0 ? [] : [{ name: 'available', delta }]
  })
  if (changes.length === 0) return { inventoryAdjustmentGroup: null, userErrors: [] }
  return { inventoryAdjustmentGroup: { id: gid('InventoryAdjustmentGroup', shop.nextId()), reason: input.reason, changes }, userErrors: [] }
}

function refusalOf(
  shop: ShopifyShop,
  one: Quantity,
  {
    i,
    variant,
  }: {
    readonly i: number
    readonly variant: { readonly tracked: boolean; readonly refused: boolean; readonly available: ReadonlyMap<string, number> } | undefined
  },
): readonly View[] {
  const at = (name: string): readonly string[] => ['input', 'quantities', String(i), name]
  if (!('changeFromQuantity' in one)) throw badRequest(`changeFromQuantity is required for quantities.${i}`, 'INVALID_FIELD_ARGUMENTS')
  if (!variant) return [problem(at('inventoryItemId'), 'The specified inventory item could not be found.', 'INVALID_INVENTORY_ITEM')]
  if (!shop.locations.some(({ id }) => id === tail(one.locationId)))
    return [problem(at('locationId'), 'The specified location could not be found.', 'INVALID_LOCATION')]
  if (variant.refused || !variant.tracked)
    return [problem(at('inventoryItemId'), 'The specified inventory item is not allowed to be adjusted.', 'NON_MUTABLE_INVENTORY_ITEM')]
  if (one.quantity < 0) return [problem(at('quantity'), 'The quantity cannot be negative.', 'INVALID_QUANTITY_NEGATIVE')]
  if (one.quantity > 1_000_000_000) return [problem(at('quantity'), 'The quantity is too high.', 'INVALID_QUANTITY_TOO_HIGH')]
  if (one.changeFromQuantity !== null && one.changeFromQuantity !== variant.available.get(tail(one.locationId)))
    return [problem(at('changeFromQuantity'), 'The changeFromQuantity value does not match the persisted quantity.', 'CHANGE_FROM_QUANTITY_STALE')]
  return []
}

interface Tracking {
  readonly company?: string | null
  readonly number?: string | null
  readonly url?: string | null
}
interface FulfillmentInput {
  readonly lineItemsByFulfillmentOrder: readonly {
    readonly fulfillmentOrderId: string
    readonly fulfillmentOrderLineItems?: readonly { readonly id: string; readonly quantity: number }[] | null
  }[]
  readonly trackingInfo?: Tracking | null
}

function shippingRoot(shop: ShopifyShop): Root {
  return {
    fulfillmentCreate: ({ fulfillment: input }: { readonly fulfillment: FulfillmentInput }) => {
      const made = fulfil(shop, {
        parts: input.lineItemsByFulfillmentOrder.map((one) => ({
          fulfillmentOrderId: tail(one.fulfillmentOrderId),
          lines: one.fulfillmentOrderLineItems?.map((line) => ({ id: tail(line.id), quantity: line.quantity })),
        })),
        company: input.trackingInfo?.company ?? '',
        number: input.trackingInfo?.number ?? '',
        url: input.trackingInfo?.url ?? null,
        by: 'api',
      })
      if ('message' in made) return { fulfillment: null, userErrors: [problem(made.field, made.message)] }
      return { fulfillment: fulfillmentView(made.order, made.fulfillment), userErrors: [] }
    },
    fulfillmentTrackingInfoUpdate: ({
      fulfillmentId,
      trackingInfoInput: info,
    }: {
      readonly fulfillmentId: string
      readonly trackingInfoInput: Tracking
    }) => {
      for (const order of shop.orders.values()) {
        const one = order.fulfillments.find(({ id }) => id === tail(fulfillmentId))
        if (!one) continue
        one.company = info.company ?? one.company
        one.number = info.number ?? one.number
        one.url = info.url ?? one.url
        one.updatedAt = shop.stamp()
        noteShipment(shop, order, one, { action: 'updated', by: 'api' })
        saveOrder(shop, order, { change: 'status', by: 'api', events: ['fulfillments/update', 'orders/updated'], part: one.id })
        return { fulfillment: fulfillmentView(order, one), userErrors: [] }
      }
      return { fulfillment: null, userErrors: [problem(['fulfillmentId'], 'Fulfillment could not be found.')] }
    },
    fulfillmentCancel: ({ id }: { readonly id: string }) => {
      for (const order of shop.orders.values()) {
        const one = order.fulfillments.find((each) => each.id === tail(id))
        if (!one) continue
        one.status = 'CANCELLED'
        one.updatedAt = shop.stamp()
        const lines = one.lines.map((part) => ({ id: shop.nextId(), line: part.line, total: part.quantity, remaining: part.quantity }))
        order.fulfillmentOrders.push({ id: shop.nextId(), location: one.location, status: 'OPEN', lines })
        noteShipment(shop, order, one, { action: 'updated', by: 'api' })
        saveOrder(shop, order, { change: 'status', by: 'api', events: ['fulfillments/update', 'orders/updated'], part: one.id })
        return { fulfillment: fulfillmentView(order, one), userErrors: [] }
      }
      return { fulfillment: null, userErrors: [problem(['id'], 'Fulfillment not found.')] }
    },
  }
}

interface CancelArgs {
  readonly orderId: string
  readonly reason: string
  readonly restock: boolean
  readonly refundMethod?: { readonly originalPaymentMethodsRefund?: boolean | null } | null
}

function orderRoot(shop: ShopifyShop): Root {
  return {
    orderCancel: ({ orderId, reason, restock, refundMethod }: CancelArgs) => {
      const order = shop.orders.get(tail(orderId))
      const failed = (message: string, code: string): View => ({ job: null, orderCancelUserErrors: [problem(['orderId'], message, code)] })
      if (!order) return failed('Order does not exist', 'NOT_FOUND')
      const refusal = cancelOrder(shop, order, { reason, restock, refund: refundMethod?.originalPaymentMethodsRefund ?? false, by: 'api' })
      if (refusal) return failed(refusal.message, 'INVALID')
      return { job: { id: gid('Job', shop.nextId()), done: false }, orderCancelUserErrors: [] }
    },
  }
}

interface SubscriptionInput {
  readonly uri?: string | null
  readonly format?: string | null
  readonly includeFields?: readonly string[] | null
  readonly filter?: string | null
}

/** Shopify wants https; a loopback address is let through because nobody else can serve one. */
const isAddress = (uri: string): boolean => uri.startsWith('https://') || /^http:\/\/(?:127\.0\.0\.1|localhost)[:/]/.test(uri)

function webhookRoot(shop: ShopifyShop): Root {
  const taken = problem(['webhookSubscription', 'callbackUrl'], 'Address for this topic has already been taken')
  const bad = problem(['webhookSubscription', 'callbackUrl'], 'Address is invalid')
  return {
    webhookSubscriptionCreate: ({
      topic,
      webhookSubscription: input,
    }: {
      readonly topic: string
      readonly webhookSubscription: SubscriptionInput
    }) => {
      const uri = input.uri ?? ''
      if (!isAddress(uri)) return { webhookSubscription: null, userErrors: [bad] }
      if ([...shop.subscriptions.values()].some((one) => one.topic === topic && one.uri === uri))
        return { webhookSubscription: null, userErrors: [taken] }
      const at = shop.stamp()
      const made = {
        id: shop.nextId(),
        topic,
        uri,
        includeFields: input.includeFields ?? [],
        filter: input.filter ?? null,
        createdAt: at,
        updatedAt: at,
        failures: 0,
      }
      shop.subscriptions.set(made.id, made)
      return { webhookSubscription: subscriptionView(made), userErrors: [] }
    },
    webhookSubscriptionUpdate: ({ id, webhookSubscription: input }: { readonly id: string; readonly webhookSubscription: SubscriptionInput }) => {
      const found = shop.subscriptions.get(tail(id))
      if (!found) return { webhookSubscription: null, userErrors: [problem(['id'], 'Webhook subscription does not exist')] }
      if (input.uri !== undefined && input.uri !== null && !isAddress(input.uri)) return { webhookSubscription: null, userErrors: [bad] }
      found.uri = input.uri ?? found.uri
      found.includeFields = input.includeFields ?? found.includeFields
      found.updatedAt = shop.stamp()
      return { webhookSubscription: subscriptionView(found), userErrors: [] }
    },
    webhookSubscriptionDelete: ({ id }: { readonly id: string }) => {
      const gone = shop.subscriptions.delete(tail(id))
      return { deletedWebhookSubscriptionId: gone ? id : null, userErrors: gone ? [] : [problem(['id'], 'Webhook subscription does not exist')] }
    },
  }
}

function bulkRoot(shop: ShopifyShop, refuseBulk: (query: string) => string | undefined): Root {
  return {
    bulkOperationRunQuery: ({ query }: { readonly query: string }) => {
      const refusal = refuseBulk(query)
      if (refusal !== undefined) return { bulkOperation: null, userErrors: [problem(['query'], refusal, 'INVALID')] }
      const running = [...shop.bulks.values()].filter((one) => one.status === 'CREATED' || one.status === 'RUNNING')
      if (running.length >= 5)
        return {
          bulkOperation: null,
          userErrors: [problem(['query'], 'A bulk query operation for this app and shop is already in progress.', 'OPERATION_IN_PROGRESS')],
        }
      const made: ShopifyBulk = {
        id: shop.nextId(),
        query,
        status: 'CREATED',
        createdAt: shop.stamp(),
        completedAt: undefined,
        result: undefined,
        objects: 0,
        roots: 0,
      }
      shop.bulks.set(made.id, made)
      return { bulkOperation: bulkView(shop, made), userErrors: [] }
    },
  }
}
