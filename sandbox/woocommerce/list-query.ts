import type { WooOrder } from './model.ts'
import { coreStatuses } from './model.ts'
import type { PhpQuery } from './php-query.ts'
import { listParam } from './php-query.ts'
import type { WooShop } from './shop.ts'
import { skuOf } from './shop.ts'
import type { WpError } from './wp-response.ts'
import { invalidParam } from './wp-response.ts'

export interface Paging {
  readonly page: number
  readonly perPage: number
  readonly offset: number
}

/** `page`, `per_page` and `offset`; an object of complaints when one is out of bounds. */
export function readPaging(query: PhpQuery): Paging | WpError {
  const page = wholeNumber(query.get('page'), 1)
  const perPage = wholeNumber(query.get('per_page'), 10)
  const complaints: Record<string, string> = {}
  if (page === undefined || page < 1) complaints['page'] = 'page must be greater than or equal to 1'
  if (perPage === undefined || perPage < 1 || perPage > 100) complaints['per_page'] = 'per_page must be between 1 (inclusive) and 100 (inclusive)'
  if (page === undefined || perPage === undefined || Object.keys(complaints).length > 0) return invalidParam(complaints)
  return { page, perPage, offset: wholeNumber(query.get('offset'), undefined) ?? (page - 1) * perPage }
}

function wholeNumber(text: string | undefined, absent: number | undefined): number | undefined {
  if (text === undefined) return absent
  return /^-?\d+$/.test(text) ? Number(text) : undefined
}

/** The orders a list request asks for, in its order, before paging. */
export function selectOrders(shop: WooShop, query: PhpQuery): readonly WooOrder[] | WpError {
  const complaints = complain(shop, query)
  if (Object.keys(complaints).length > 0) return invalidParam(complaints)
  const tests = [statusTest(query), dateTest(shop, query), idTest(query), searchTest(query), memberTest(query), visibleTest(shop)]
  const chosen = [...shop.orders.values()].filter((order) => tests.every((test) => test(order)))
  return sortOrders(chosen, query)
}

type Test = (order: WooOrder) => boolean

const dateParams = ['after', 'before', 'modified_after', 'modified_before'] as const
const orderings: readonly string[] = ['date', 'id', 'include', 'title', 'slug', 'modified']

function complain(shop: WooShop, query: PhpQuery): Record<string, string> {
  const complaints: Record<string, string> = {}
  const known = ['any', 'trash', 'auto-draft', ...coreStatuses, ...shop.settings.extraStatuses]
  ;(listParam(query, 'status') ?? []).forEach((status, i) => {
    if (!known.includes(status)) complaints['status'] = `status[${i}] is not one of ${known.join(', ')}.`
  })
  for (const name of dateParams) {
    const text = query.get(name)
    if (text !== undefined && shop.time.parse(text, true) === undefined) complaints[name] = 'Invalid date.'
  }
  const orderby = query.get('orderby')
  if (orderby !== undefined && !orderings.includes(orderby)) complaints['orderby'] = `orderby is not one of ${orderings.join(', ')}.`
  const order = query.get('order')
  if (order !== undefined && order !== 'asc' && order !== 'desc') complaints['order'] = 'order is not one of asc, desc.'
  return complaints
}

function statusTest(query: PhpQuery): Test {
  const wanted = listParam(query, 'status') ?? ['any']
  const any = wanted.includes('any')
  return ({ status }) => wanted.includes(status) || (any && status !== 'trash' && status !== 'checkout-draft')
}

/** All four bounds are exclusive, at one second's resolution. */
function dateTest(shop: WooShop, query: PhpQuery): Test {
  const asGmt = ['true', '1'].includes(query.get('dates_are_gmt') ?? '')
  const bound = (name: (typeof dateParams)[number]): number | undefined => {
    const text = query.get(name)
    return text === undefined ? undefined : shop.time.parse(text, asGmt)
  }
  const [after = -Infinity, before = Infinity] = [bound('after'), bound('before')]
  const [modifiedAfter = -Infinity, modifiedBefore = Infinity] = [bound('modified_after'), bound('modified_before')]
  return ({ createdAt, modifiedAt }) => createdAt > after && createdAt < before && modifiedAt > modifiedAfter && modifiedAt < modifiedBefore
}

function idTest(query: PhpQuery): Test {
  const include = listParam(query, 'include')
  const exclude = new Set(listParam(query, 'exclude'))
  const wanted = include && new Set(include)
  return ({ id }) => (!wanted || wanted.has(String(id))) && !exclude.has(String(id))
}

function searchTest(query: PhpQuery): Test {
  const needle = query.get('search')?.toLowerCase()
  if (!needle) return () => true
  return (order) =>
    order.number.toLowerCase().includes(needle) ||
    String(order.id) === needle ||
    order.lines.some((line) => line.name.toLowerCase().includes(needle) || skuOf(line).toLowerCase() === needle)
}

function memberTest(query: PhpQuery): Test {
  const product = query.get('product')
  // Everybody shops here as a guest.
  const isOfSomebody = (query.get('customer') ?? '0') !== '0'
  const parent = listParam(query, 'parent')
  return (order) =>
    !isOfSomebody &&
    (product === undefined || order.lines.some((line) => [line.product?.id, line.product?.parentId].includes(Number(product)))) &&
    (parent === undefined || parent.includes('0'))
}

function visibleTest(shop: WooShop): Test {
  const now = shop.clock.now()
  return ({ visibleAt }) => visibleAt <= now
}

function sortOrders(orders: readonly WooOrder[], query: PhpQuery): readonly WooOrder[] {
  const down = (query.get('order') ?? 'desc') === 'desc' ? -1 : 1
  const by = query.get('orderby') ?? 'date'
  const key = (order: WooOrder): number => (by === 'modified' ? order.modifiedAt : by === 'id' ? order.id : order.createdAt)
  if (by === 'include') {
    const include = listParam(query, 'include') ?? []
    return orders.toSorted((a, b) => include.indexOf(String(a.id)) - include.indexOf(String(b.id)))
  }
  // Only `date` has a second sort column (the id); ties of `modified` come as the database has them, by id.
  return orders.toSorted((a, b) => down * (key(a) - key(b)) || (by === 'modified' ? 1 : down) * (a.id - b.id))
}
