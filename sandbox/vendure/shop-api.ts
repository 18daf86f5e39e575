import type { Context } from './admin-api.ts'
import type { VendureAddress, VendureCustomer, VendureOrder } from './model.ts'
import { addHistory, refuse, saleable, saveOrder, settlePayment } from './operations.ts'
import { orderView } from './order-view.ts'
import { entityNotFound, openSession } from './sessions.ts'
import type { VendureShop } from './shop.ts'
import { withTax } from './shop.ts'

type Root = Readonly<Record<string, (args: never, context: Context) => unknown>>

/** Net price of the only shipping method. */
const shippingPrice = 500

/** Root resolvers of `/shop-api`: the checkout an anonymous shopper walks through, carried by a session token. */
export function shopRoot(shop: VendureShop): Root {
  return { ...cartRoot(shop), ...checkoutRoot(shop) }
}

function cartRoot(shop: VendureShop): Root {
  return {
    activeOrder: (_args: object, context) => {
      const order = cartOf(shop, context)
      return order ? orderView(shop, order) : null
    },
    addItemToOrder: ({ productVariantId, quantity }: { productVariantId: string; quantity: number }, context) => {
      const variant = shop.variants.get(productVariantId)
      if (!variant) throw entityNotFound('ProductVariant', productVariantId)
      if (quantity < 1) return refuse('NegativeQuantityError', 'The quantity for an OrderItem cannot be negative')
      const order = cartOf(shop, context) ?? openCart(shop, context)
      if (order.state !== 'AddingItems')
        return refuse('OrderModificationError', 'Order contents may only be modified when in the "AddingItems" state')
      const line = order.lines.find((one) => one.variant === variant)
      const free = saleable(variant) - (line?.quantity ?? 0)
      const taken = Math.max(0, Math.min(quantity, free))
      if (line) line.quantity += taken
      else if (taken > 0)
        order.lines.push({ id: shop.nextId('line'), variant, quantity: taken, placedQuantity: 0, unitPrice: variant.price, unitDiscount: 0 })
      saveOrder(shop, order)
      // What there is goes into the cart; the answer says how little that was.
      if (taken === quantity) return orderView(shop, order)
      const message = `Only ${taken} items were added to the order due to insufficient stock`
      return refuse('InsufficientStockError', message, { quantityAvailable: taken, order: orderView(shop, order) })
    },
    setCustomerForOrder: ({ input }: { input: Omit<VendureCustomer, 'phoneNumber'> & { phoneNumber?: string } }, context) =>
      withCart(shop, context, (order) => {
        order.customer = { ...input, phoneNumber: input.phoneNumber ?? '' }
      }),
    setOrderShippingAddress: ({ input }: { input: Partial<VendureAddress> & { streetLine1: string; countryCode: string } }, context) =>
      withCart(shop, context, (order) => {
        order.shippingAddress = { fullName: '', company: '', streetLine2: '', city: '', province: '', postalCode: '', phoneNumber: '', ...input }
      }),
  }
}

function checkoutRoot(shop: VendureShop): Root {
  return {
    eligibleShippingMethods: (_args: object, context) => {
      if (!cartOf(shop, context)) return []
      const priceWithTax = withTax(shippingPrice, shop.settings.taxBasisPoints)
      return [{ id: '1', price: shippingPrice, priceWithTax, code: 'standard-shipping', name: 'Standard Shipping', description: '' }]
    },
    setOrderShippingMethod: ({ shippingMethodId }: { shippingMethodId: readonly string[] }, context) => {
      if (shippingMethodId[0] !== '1') return refuse('IneligibleShippingMethodError', 'This Order is not eligible for the selected ShippingMethod')
      return withCart(shop, context, (order) => {
        order.shipping = shippingPrice
      })
    },
    transitionOrderToState: ({ state }: { state: string }, context) => {
      const order = cartOf(shop, context)
      if (!order) return null
      const transitionError = cannotMove(order, state)
      if (transitionError) return refuse('OrderStateTransitionError', transitionError, { transitionError, fromState: order.state, toState: state })
      addHistory(shop, order, 'ORDER_STATE_TRANSITION', { from: order.state, to: state })
      order.state = state
      saveOrder(shop, order)
      return orderView(shop, order)
    },
    addPaymentToOrder: ({ input }: { input: { method: string } }, context) => {
      const order = cartOf(shop, context)
      if (!order) return noCart()
      if (order.state !== 'ArrangingPayment')
        return refuse('OrderPaymentStateError', 'A Payment may only be added when Order is in "ArrangingPayment" state')
      if (input.method !== 'standard-payment')
        return refuse('IneligiblePaymentMethodError', 'This Order is not eligible for the selected PaymentMethod')
      settlePayment(shop, order, 'shopper')
      return orderView(shop, order)
    },
  }
}

function cannotMove(order: VendureOrder, state: string): string | undefined {
  const legal = state === 'AddingItems' ? order.state === 'ArrangingPayment' : state === 'ArrangingPayment' && order.state === 'AddingItems'
  if (!legal) return `Cannot transition Order from "${order.state}" to "${state}"`
  if (state === 'AddingItems') return undefined
  if (order.lines.length === 0) return 'Cannot transition Order to the "ArrangingPayment" state when it is empty'
  if (!order.customer) return 'Cannot transition Order to the "ArrangingPayment" state without Customer details'
  const short = order.lines.some((line) => line.quantity > saleable(line.variant))
  return short ? 'Cannot transition Order to the "ArrangingPayment" state due to insufficient stock' : undefined
}

const noCart = (): unknown => refuse('NoActiveOrderError', 'There is no active Order associated with the current session')

function cartOf(shop: VendureShop, { caller }: Context): VendureOrder | undefined {
  const orderId = caller.token === undefined ? undefined : shop.sessions.get(caller.token)?.orderId
  const order = orderId === undefined ? undefined : shop.orders.get(orderId)
  return order?.active ? order : undefined
}

function openCart(shop: VendureShop, { caller }: Context): VendureOrder {
  const order = newOrder(shop)
  const token = caller.token ?? openSession(shop, false)
  const session = shop.sessions.get(token)
  if (session) session.orderId = order.id
  if (caller.token === undefined) caller.give(token)
  return order
}

/** An empty cart: an order like any other, only `active` and without a placing date. */
export function newOrder(shop: VendureShop): VendureOrder {
  const order: VendureOrder = {
    id: shop.nextId('order'),
    code: shop.random.hex(16).toUpperCase(),
    state: 'AddingItems',
    active: true,
    currency: shop.settings.currency,
    customer: undefined,
    shippingAddress: undefined,
    lines: [],
    surcharge: undefined,
    shipping: 0,
    payments: [],
    fulfilments: [],
    history: [],
    createdAt: shop.clock.now(),
    updatedAt: shop.stamp(),
    placedAt: undefined,
    visibleAt: 0,
    couponCodes: [],
  }
  shop.orders.set(order.id, order)
  return order
}

function withCart(shop: VendureShop, context: Context, change: (order: VendureOrder) => void): unknown {
  const order = cartOf(shop, context)
  if (!order) return noCart()
  change(order)
  saveOrder(shop, order)
  return orderView(shop, order)
}
