import type { ShopifyOrder, ShopifyVariant } from './model.ts'
import type { ShopifyShop } from './shop.ts'
import { financialStatus, fulfillmentStatus } from './shop.ts'

interface Wanted {
  readonly operator: string
  readonly value: string
}
type Test<T> = (one: T) => boolean
/** The test a term stands for; '' is the name of a word without one. Undefined for what nobody knows. */
type Terms<T> = (name: string, wanted: Wanted) => Test<T> | undefined

const TOKEN = /([()])|(-)(?=[\w('"])|(?:(\w+):(>=|<=|>|<)?)?(?:'([^']*)'|"([^"]*)"|([^\s()]+))/g

interface Token {
  readonly mark?: string
  readonly name: string
  readonly wanted: Wanted
}

/**
 * Shopify's search syntax: terms that all have to hold, `OR`, `NOT` and `-`, parentheses, words without a name. A term nobody knows is passed
 * over, as the channel does.
 */
function search<T>(query: string | null | undefined, terms: Terms<T>): Test<T> {
  const tokens: Token[] = [...(query ?? '').matchAll(TOKEN)].map(([all, bracket, minus, name = '', operator = '', single, double, bare]) => ({
    ...(/^(?:AND|OR|NOT)$/.test(all) || bracket !== undefined ? { mark: all } : minus === undefined ? {} : { mark: 'NOT' }),
    name,
    wanted: { operator, value: single ?? double ?? bare ?? '' },
  }))
  let at = 0
  const either = (): Test<T> | undefined => {
    const tests = [all()]
    while (tokens[at]?.mark === 'OR') {
      at += 1
      tests.push(all())
    }
    const known = tests.flatMap((test) => test ?? [])
    return known.length === 0 ? undefined : (one) => known.some((test) => test(one))
  }
  const all = (): Test<T> | undefined => {
    const known: Test<T>[] = []
    for (let token = tokens[at]; token && token.mark !== 'OR' && token.mark !== ')'; token = tokens[at]) {
      const test = token.mark === 'AND' ? void (at += 1) : one()
      if (test) known.push(test)
    }
    return known.length === 0 ? undefined : (each) => known.every((test) => test(each))
  }
  const one = (): Test<T> | undefined => {
    const token = tokens[at++]
    if (!token) return undefined
    if (token.mark === 'NOT') {
      const test = one()
      return test && ((each) => !test(each))
    }
    if (token.mark !== '(') return terms(token.name, token.wanted)
    const inside = either()
    if (tokens[at]?.mark === ')') at += 1
    return inside
  }
  const tests: Test<T>[] = []
  while (at < tokens.length) {
    if (tokens[at]?.mark === ')') at += 1
    const test = either()
    if (test) tests.push(test)
  }
  return (each) => tests.every((test) => test(each))
}

/** One of several words, or with an operator a number to compare. */
const isOne = (found: string, value: string): boolean => value.split(',').some((word) => word.trim().toLowerCase() === found.toLowerCase())

function holds(found: number, { operator }: Wanted, wanted: number): boolean {
  if (operator === '>=') return found >= wanted
  if (operator === '<=') return found <= wanted
  if (operator === '>') return found > wanted
  return operator === '<' ? found < wanted : found === wanted
}

const numbered = (wanted: Wanted): number => Number(wanted.value.replace(/^gid:.*\//, ''))

/** Words of the search for what documents call otherwise. */
const SHIPPED: Readonly<Record<string, string>> = { unshipped: 'unfulfilled', shipped: 'fulfilled', partial: 'partially_fulfilled' }

export function matcher(shop: ShopifyShop, query: string | null | undefined): Test<ShopifyOrder> {
  return search(query, (name, wanted) => {
    const { value } = wanted
    switch (name) {
      case 'updated_at':
        return (order) => holds(order.updatedAt, wanted, Date.parse(value))
      case 'created_at':
      case 'processed_at':
        return (order) => holds(order.createdAt, wanted, Date.parse(value))
      case 'id':
        return (order) => holds(Number(order.id), wanted, numbered(wanted))
      case 'name':
        return (order) => isOne(`#${order.number}`, value) || isOne(String(order.number), value)
      case 'status':
        return (order) => statusesOf(order).some((status) => isOne(status, value))
      case 'financial_status':
        return (order) => isOne('any', value) || isOne(financialStatus(order, shop.settings), value)
      case 'fulfillment_status': {
        const words = value
          .split(',')
          .map((word) => SHIPPED[word.trim().toLowerCase()] ?? word)
          .join(',')
        return (order) => isOne('any', value) || isOne(fulfillmentStatus(order), words)
      }
      case 'sku':
        return (order) => order.lines.some((line) => isOne(line.variant.sku, value))
      case '':
        return (order) =>
          [`#${order.number}`, String(order.number), order.id].some((text) => isOne(text, value)) ||
          order.lines.some(({ variant }) => [variant.sku, variant.name].some((text) => text.toLowerCase().includes(value.toLowerCase())))
      default:
        return undefined
    }
  })
}

const statusesOf = (order: ShopifyOrder): readonly string[] => [
  'any',
  ...(order.cancelledAt === undefined ? [] : ['cancelled']),
  ...(order.closedAt === undefined ? (order.cancelledAt === undefined ? ['open', 'not_closed'] : ['not_closed']) : ['closed']),
]

export function variantMatcher(query: string | null | undefined): Test<ShopifyVariant> {
  return search(query, (name, wanted) => {
    const { value } = wanted
    switch (name) {
      case 'sku':
        return value.endsWith('*') ? ({ sku }) => sku.toLowerCase().startsWith(value.slice(0, -1).toLowerCase()) : ({ sku }) => isOne(sku, value)
      case 'id':
        return ({ id }) => holds(Number(id), wanted, numbered(wanted))
      case 'product_id':
        return ({ productId }) => holds(Number(productId), wanted, numbered(wanted))
      case 'barcode':
        return () => value === ''
      case '':
        return (variant) => [variant.sku, variant.name].some((text) => text.toLowerCase().includes(value.toLowerCase()))
      default:
        return undefined
    }
  })
}
