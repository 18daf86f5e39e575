import type { VendureOrder, VendureVariant } from './model.ts'
import type { Fields, ListOptions } from './list-options.ts'
import { applyList } from './list-options.ts'
import type { LineQuantity } from './operations.ts'
import { addFulfilment, addHistory, cancelOrder, isRefusal, moveFulfilment, moveStock, recordOrder, refundOrder, refuse } from './operations.ts'
import { channelView, fulfilmentView, orderView, refundView } from './order-view.ts'
import type { Caller } from './sessions.ts'
import { entityNotFound, openSession, requireAdmin, userInputError } from './sessions.ts'
import type { VendureShop } from './shop.ts'
import { totalsOf } from './shop.ts'
import { stockLocation, variantView } from './variant-view.ts'

/** What a request has touched, for the request log. */
export interface Context {
  readonly caller: Caller
  readonly returned: string[]
}

type Root = Readonly<Record<string, (args: never, context: Context) => unknown>>

/** Root resolvers of `/admin-api`. */
export function adminRoot(shop: VendureShop): Root {
  return { ...accessRoot(shop), ...orderRoot(shop), ...stockRoot(shop), ...shipRoot(shop) }
}

function accessRoot(shop: VendureShop): Root {
  const user = (): unknown => ({
    __typename: 'CurrentUser',
    id: '1',
    identifier: shop.settings.username,
    channels: [{ id: '1', token: shop.settings.channelToken, code: '__default_channel__', permissions: ['SuperAdmin'] }],
  })
  const founded = '2026-01-01T00:00:00.000Z'
  return {
    login: ({ username, password }: { username: string; password: string }, { caller }) => {
      if (shop.locked || username !== shop.settings.username || password !== shop.settings.password) {
        return refuse('InvalidCredentialsError', 'The provided credentials are invalid', {
          authenticationError: 'The provided credentials are invalid',
        })
      }
      caller.give(openSession(shop, true))
      return user()
    },
    logout: (_args: object, { caller }) => {
      if (caller.token !== undefined) shop.sessions.delete(caller.token)
      return { success: true }
    },
    me: (_args: object, { caller }) => {
      requireAdmin(caller)
      return user()
    },
    activeAdministrator: (_args: object, { caller }) =>
      caller.admin
        ? { id: '1', createdAt: founded, updatedAt: founded, firstName: 'Super', lastName: 'Admin', emailAddress: shop.settings.username }
        : null,
    activeChannel: (_args: object, { caller }) => {
      requireAdmin(caller)
      return channelView(shop)
    },
    globalSettings: (_args: object, { caller }) => {
      requireAdmin(caller)
      return {
        id: '1',
        createdAt: founded,
        updatedAt: founded,
        availableLanguages: ['en'],
        trackInventory: true,
        outOfStockThreshold: 0,
        serverConfig: { moneyStrategyPrecision: 2 },
      }
    },
  }
}

function orderRoot(shop: VendureShop): Root {
  const [fields, odd] = [orderFields(shop), oddPages(shop)]
  return {
    orders: ({ options }: { options?: ListOptions | null }, { caller, returned }) => {
      requireAdmin(caller)
      const now = shop.clock.now()
      const visible = [...shop.orders.values()].filter((order) => order.visibleAt <= now)
      const { items, totalItems } = odd(list(shop, visible, fields, options), options?.take ?? shop.settings.listLimit)
      returned.push(...items.map((order) => order.id))
      return { totalItems, items: items.map((order) => orderView(shop, order)) }
    },
    order: ({ id }: { id: string }, { caller, returned }) => {
      requireAdmin(caller)
      const order = shop.orders.get(id)
      if (!order) return null
      returned.push(id)
      return orderView(shop, order)
    },
    cancelOrder: (
      { input }: { input: { orderId: string; lines?: readonly LineQuantity[]; reason?: string; cancelShipping?: boolean } },
      { caller },
    ) => {
      requireAdmin(caller)
      const order = known(shop, input.orderId)
      return cancelOrder(shop, order, input, 'api') ?? orderView(shop, order)
    },
    refundOrder: ({ input }: { input: { paymentId: string; amount?: number; lines?: readonly LineQuantity[]; reason?: string } }, { caller }) => {
      requireAdmin(caller)
      const made = refundOrder(shop, input, 'api')
      return isRefusal(made) ? made : refundView(shop, made.order, made.payment, made.refund)
    },
    addNoteToOrder: ({ input }: { input: { id: string; note: string; isPublic: boolean } }, { caller }) => {
      requireAdmin(caller)
      const order = known(shop, input.id)
      addHistory(shop, order, 'ORDER_NOTE', { note: input.note }, input.isPublic)
      recordOrder(shop, order, 'noted', 'api')
      return orderView(shop, order)
    },
  }
}

type Found = { items: VendureOrder[]; totalItems: number }

/** The last page again for ever, under a count that says more is to come; or the second list empty although its count is not. */
function oddPages(shop: VendureShop): (found: Found, take: number) => Found {
  let [last, lists]: [VendureOrder[], number] = [[], 0]
  return (found, take) => {
    const { oddPaging } = shop.settings
    if (oddPaging === 'none') lists = 0
    if (oddPaging === 'empty-middle' && (lists += 1) === 2) return { ...found, items: [] }
    if (oddPaging !== 'repeat') return found
    last = found.items.length > 0 ? found.items : last
    return { items: last, totalItems: last.length + take }
  }
}

function known(shop: VendureShop, id: string): VendureOrder {
  const order = shop.orders.get(id)
  if (!order) throw entityNotFound('Order', id)
  return order
}

function list<T>(
  shop: VendureShop,
  items: Iterable<T>,
  fields: Fields<T>,
  asked: ListOptions | null | undefined,
): { items: T[]; totalItems: number } {
  const limit = shop.settings.listLimit
  const options = asked ?? {}
  if ((options.take ?? 0) > limit) throw userInputError(`Cannot take more than ${limit} results from a list query`)
  return applyList(items, fields, options, limit)
}

function orderFields(shop: VendureShop): Fields<VendureOrder> {
  const tax = shop.settings.taxBasisPoints
  return {
    id: (order) => order.id,
    createdAt: (order) => order.createdAt,
    updatedAt: (order) => order.updatedAt,
    orderPlacedAt: (order) => order.placedAt ?? null,
    type: () => 'Regular',
    code: (order) => order.code,
    state: (order) => order.state,
    active: (order) => order.active,
    currencyCode: (order) => order.currency,
    totalQuantity: (order) => order.lines.reduce((all, line) => all + line.quantity, 0),
    total: (order) => totalsOf(order, tax).total,
    totalWithTax: (order) => totalsOf(order, tax).totalWithTax,
    subTotal: (order) => totalsOf(order, tax).subTotal,
    subTotalWithTax: (order) => totalsOf(order, tax).subTotalWithTax,
    shipping: (order) => order.shipping,
    shippingWithTax: (order) => totalsOf(order, tax).shippingWithTax,
    customerLastName: (order) => order.customer?.lastName ?? null,
    transactionId: (order) => order.payments[0]?.transactionId ?? null,
    aggregateOrderId: () => null,
  }
}

const variantFields: Fields<VendureVariant> = {
  id: (variant) => variant.id,
  createdAt: (variant) => variant.createdAt,
  updatedAt: (variant) => variant.updatedAt,
  enabled: (variant) => variant.enabled,
  sku: (variant) => variant.sku,
  name: (variant) => variant.name,
  price: (variant) => variant.price,
  productId: (variant) => variant.productId,
  stockOnHand: (variant) => variant.stockOnHand,
}

interface VariantUpdate {
  readonly id: string
  readonly sku?: string
  readonly price?: number
  readonly enabled?: boolean
  readonly trackInventory?: 'TRUE' | 'FALSE' | 'INHERIT'
  readonly stockOnHand?: number
  readonly stockLevels?: readonly { readonly stockLocationId: string; readonly stockOnHand: number }[]
}

function stockRoot(shop: VendureShop): Root {
  return {
    productVariants: ({ options, productId }: { options?: ListOptions | null; productId?: string | null }, { caller, returned }) => {
      requireAdmin(caller)
      const all = [...shop.variants.values()].filter((variant) => (productId ?? undefined) === undefined || variant.productId === productId)
      const { items, totalItems } = list(shop, all, variantFields, options)
      returned.push(...items.map((variant) => variant.id))
      return { totalItems, items: items.map((variant) => variantView(shop, variant)) }
    },
    productVariant: ({ id }: { id: string }, { caller }) => {
      requireAdmin(caller)
      const variant = shop.variants.get(id)
      return variant ? variantView(shop, variant) : null
    },
    stockLocations: (_args: object, { caller }) => {
      requireAdmin(caller)
      return { items: [stockLocation], totalItems: 1 }
    },
    updateProductVariants: ({ input }: { input: readonly VariantUpdate[] }, { caller }) => {
      requireAdmin(caller)
      const variants = input.map((update) => changeable(shop, update))
      return input.map((update, i) => updateVariant(shop, variants[i] ?? changeable(shop, update), update))
    },
  }
}

/** One unknown id, location or figure fails the whole call before anything is changed: it runs in one transaction. */
function changeable(shop: VendureShop, update: VariantUpdate): VendureVariant {
  const variant = shop.variants.get(update.id)
  if (!variant) throw entityNotFound('ProductVariant', update.id)
  if (shop.refusedSkus.has(variant.sku)) throw userInputError('The stock of this variant is kept elsewhere')
  for (const level of update.stockLevels ?? [])
    if (level.stockLocationId !== stockLocation.id) throw entityNotFound('StockLocation', level.stockLocationId)
  const wanted = wantedOf(update)
  if (wanted !== undefined && wanted < 0) throw userInputError('stockOnHand cannot be a negative value')
  return variant
}

const wantedOf = (update: VariantUpdate): number | undefined => update.stockLevels?.[0]?.stockOnHand ?? update.stockOnHand

/** Sets the number of units on hand; promised units are counted beside it. */
function updateVariant(shop: VendureShop, variant: VendureVariant, update: VariantUpdate): unknown {
  variant.sku = update.sku ?? variant.sku
  variant.price = update.price ?? variant.price
  variant.enabled = update.enabled ?? variant.enabled
  if (update.trackInventory !== undefined) variant.trackInventory = update.trackInventory !== 'FALSE'
  const wanted = wantedOf(update)
  if (wanted !== undefined) moveStock(shop, variant, wanted, { cause: 'set', by: 'api' })
  return variantView(shop, variant)
}

interface FulfilArgs {
  readonly input: {
    readonly lines: readonly LineQuantity[]
    readonly handler: { readonly code: string; readonly arguments: readonly { name: string; value: string }[] }
  }
}

function shipRoot(shop: VendureShop): Root {
  return {
    addFulfillmentToOrder: ({ input }: FulfilArgs, { caller }) => {
      requireAdmin(caller)
      const argument = (name: string): string => input.handler.arguments.find((one) => one.name === name)?.value ?? ''
      const made = addFulfilment(
        shop,
        { lines: input.lines, handler: input.handler.code, method: argument('method'), trackingCode: argument('trackingCode') },
        'api',
      )
      if (isRefusal(made)) return made
      const order = [...shop.orders.values()].find((one) => one.fulfilments.includes(made))
      return order ? fulfilmentView(shop, order, made) : null
    },
    transitionFulfillmentToState: ({ id, state }: { id: string; state: string }, { caller }) => {
      requireAdmin(caller)
      for (const order of shop.orders.values()) {
        const one = order.fulfilments.find((each) => each.id === id)
        if (one) return moveFulfilment(shop, order, one, state, 'api') ?? fulfilmentView(shop, order, one)
      }
      throw entityNotFound('Fulfillment', id)
    },
  }
}
