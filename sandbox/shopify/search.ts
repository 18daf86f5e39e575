import type { ShopifyOrder } from './model.ts'
import type { ShopifyShop } from './shop.ts'
import { financialStatus, fulfillmentStatus } from './shop.ts'

const term = /(\w+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))/g

/** Shopify's search syntax for orders, as far as programs use it: every term has to hold; a term nobody knows is passed over. */
export function matcher(shop: ShopifyShop, query: string | null | undefined): (order: ShopifyOrder) => boolean {
  const tests = [...(query ?? '').matchAll(term)].map(([, name = '', operator = '', single, double, bare]) =>
    testOf(shop, name, { operator, value: single ?? double ?? bare ?? '' }),
  )
  return (order) => tests.every((test) => test(order))
}

interface Wanted {
  readonly operator: string
  readonly value: string
}

function testOf(shop: ShopifyShop, name: string, { operator, value }: Wanted): (order: ShopifyOrder) => boolean {
  const holds = (found: number, wanted: number): boolean => {
    if (operator === '>=') return found >= wanted
    if (operator === '<=') return found <= wanted
    if (operator === '>') return found > wanted
    return operator === '<' ? found < wanted : found === wanted
  }
  const at = Date.parse(value)
  const same = (found: string): boolean => found.toLowerCase() === value.toLowerCase()
  switch (name) {
    case 'updated_at':
      return (order) => holds(order.updatedAt, at)
    case 'created_at':
    case 'processed_at':
      return (order) => holds(order.createdAt, at)
    case 'id':
      return (order) => holds(Number(order.id), Number(value))
    case 'name':
      return (order) => same(`#${order.number}`) || same(String(order.number))
    case 'status':
      return (order) => {
        if (same('cancelled')) return order.cancelledAt !== undefined
        return same('closed') ? order.closedAt !== undefined : same('open') ? order.closedAt === undefined && order.cancelledAt === undefined : true
      }
    case 'financial_status':
      return (order) => same(financialStatus(order, shop.settings))
    case 'fulfillment_status':
      return (order) => same(fulfillmentStatus(order))
    case 'sku':
      return (order) => order.lines.some((line) => same(line.variant.sku))
    default:
      return () => true
  }
}
