import { asList, asNumber, asRecord, asText, type JsonRecord } from '../stage/json-input.ts'
import { isLocked, places, writeStock } from '../stage/market/goods.ts'
import type { Place } from '../stage/market/model.ts'
import { cursorPage, inWindow, type Window } from '../stage/market/paging.ts'
import type { Subscription } from '../stage/market/webhooks.ts'
import { iso, itemView, receiptsOf, type Doc } from './views.ts'
import { uuid, type LoyverseShop } from './words.ts'

export class LoyverseError extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  constructor(status: number, code: string, details: string, field?: string) {
    super(details)
    this.status = status
    this.code = code
    this.field = field
  }
}

interface Given {
  readonly query: Readonly<Record<string, string>>
  readonly body: JsonRecord
  readonly id: string
}
type Api = (shop: LoyverseShop, given: Given) => { readonly doc: unknown; readonly returned?: readonly string[] }

const MOST = 250

function limitOf(query: Given['query']): number {
  const limit = Number(query['limit'] ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new LoyverseError(400, 'INVALID_RANGE', `limit must be between 1 and ${MOST}.`, 'limit')
  return limit
}

function timeOf(query: Given['query'], name: string): number | undefined {
  const text = query[name]
  if (text === undefined) return undefined
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new LoyverseError(400, 'INCORRECT_VALUE_TYPE', 'A time in UTC is expected.', name)
  return ms
}

const setOf = (text: string | undefined): ReadonlySet<string> | undefined => (text === undefined ? undefined : new Set(text.split(',')))

/** Newest first; both ends of a range belong to it. */
const receipts: Api = (shop, { query }) => {
  const [from, to] = [timeOf(query, 'updated_at_min'), timeOf(query, 'updated_at_max')]
  if (from !== undefined && to !== undefined && from > to)
    throw new LoyverseError(400, 'INVALID_RANGE', 'updated_at_min is after updated_at_max.', 'updated_at_min')
  const numbers = setOf(query['receipt_numbers'])
  const window: Window = { descending: true, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const isHere = query['store_id'] === undefined || query['store_id'] === shop.settings.storeId
  const found = inWindow(shop, receiptsOf(shop), window, ({ id }) => isHere && (numbers === undefined || numbers.has(id)))
  const page = cursorPage(shop, found, { cursor: query['cursor'] ?? '', size: limitOf(query), window })
  if (!page) throw new LoyverseError(400, 'INVALID_CURSOR', 'The cursor is not valid.', 'cursor')
  return {
    doc: { receipts: page.records.map(({ view }) => view()), ...(page.hasMore ? { cursor: page.next } : {}) },
    returned: page.records.map(({ id }) => id),
  }
}

function paged<T>(all: readonly T[], query: Given['query']): { readonly part: readonly T[]; readonly more: Doc } {
  const [limit, start] = [limitOf(query), query['cursor'] === undefined ? 0 : Number(Buffer.from(query['cursor'], 'base64url').toString())]
  if (!Number.isInteger(start) || start < 0) throw new LoyverseError(400, 'INVALID_CURSOR', 'The cursor is not valid.', 'cursor')
  const end = start + limit
  return { part: all.slice(start, end), more: end < all.length ? { cursor: Buffer.from(String(end)).toString('base64url') } : {} }
}

const items: Api = (shop, { query }) => {
  const all = places(shop)
  const groups = [...new Set(all.map(({ item }) => item.id))].map((id) => all.filter(({ item }) => item.id === id))
  const { part, more } = paged(groups, query)
  return { doc: { items: part.map((group) => itemView(shop, group)), ...more } }
}

const levelView = (shop: LoyverseShop, { sku }: Place): Doc => ({
  variant_id: sku?.id,
  store_id: shop.settings.storeId,
  in_stock: sku?.stock ?? 0,
  updated_at: iso(shop.clock.now()),
})

const inventory: Api = (shop, { query }) => {
  const [stores, variants] = [setOf(query['store_ids']), setOf(query['variant_ids'])]
  const found = places(shop).filter(({ sku }) => (stores?.has(shop.settings.storeId) ?? true) && (variants?.has(sku?.id ?? '') ?? true))
  const { part, more } = paged(found, query)
  return { doc: { inventory_levels: part.map((place) => levelView(shop, place)), ...more } }
}

/** All or none. */
const setInventory: Api = (shop, { body }) => {
  const levels = asList(body['inventory_levels']).map(asRecord)
  if (levels.length === 0) throw new LoyverseError(400, 'MISSING_REQUIRED_PARAMETER', 'inventory_levels is required.', 'inventory_levels')
  const known = places(shop)
  const moves = levels.map((level, i) => {
    const place = known.find(({ sku }) => sku?.id === level['variant_id'])
    const quantity = asNumber(level['stock_after'])
    if (!place || level['store_id'] !== shop.settings.storeId)
      throw new LoyverseError(404, 'NOT_FOUND', 'No such variant or store.', `inventory_levels[${i}].variant_id`)
    if (quantity === undefined) throw new LoyverseError(400, 'INCORRECT_VALUE_TYPE', 'A number is expected.', `inventory_levels[${i}].stock_after`)
    if (isLocked(shop, place)) throw new LoyverseError(400, 'INVALID_VALUE', 'The item has track_stock set to false.', `inventory_levels[${i}]`)
    return { place, quantity }
  })
  for (const { place, quantity } of moves) writeStock(shop, place, quantity)
  return { doc: { inventory_levels: moves.map(({ place, quantity }) => ({ ...levelView(shop, place), stock_after: quantity })) } }
}

function hookView(shop: LoyverseShop, hook: Subscription): Doc {
  return {
    id: uuid('hook', hook.id),
    merchant_id: shop.settings.merchantId,
    url: hook.url,
    type: hook.topics[0] ?? '',
    status: shop.disabled.has(hook.id) ? 'DISABLED' : 'ENABLED',
    created_at: iso(shop.clock.now()),
    updated_at: iso(shop.clock.now()),
  }
}

const hooks = (shop: LoyverseShop): readonly Subscription[] => [...shop.webhooks.subscriptions.values()]

const TYPES: ReadonlySet<string> = new Set(['inventory_levels.update', 'items.update', 'customers.update', 'receipts.update', 'shifts.create'])

const makeHook: Api = (shop, { body }) => {
  const [url, type] = [asText(body['url']) ?? '', asText(body['type']) ?? '']
  if (!URL.canParse(url)) throw new LoyverseError(400, 'INVALID_VALUE', 'The URL is not valid.', 'url')
  if (!TYPES.has(type)) throw new LoyverseError(400, 'INVALID_VALUE', 'The type is not valid.', 'type')
  return { doc: hookView(shop, shop.webhooks.add({ url, secret: shop.settings.clientSecret, topics: [type] })) }
}

const dropHook: Api = (shop, { id }) => {
  const hook = hooks(shop).find((each) => uuid('hook', each.id) === id)
  if (!hook) throw new LoyverseError(404, 'NOT_FOUND', 'No such webhook.')
  shop.webhooks.subscriptions.delete(hook.id)
  return { doc: { deleted_object_ids: [id] } }
}

export const APIS: Readonly<Record<string, Api>> = {
  'GET receipts': receipts,
  'GET items': items,
  'GET inventory': inventory,
  'POST inventory': setInventory,
  'GET webhooks': (shop) => ({ doc: { webhooks: hooks(shop).map((hook) => hookView(shop, hook)) } }),
  'POST webhooks': makeHook,
  'DELETE webhooks/{id}': dropHook,
  'GET stores': (shop) => ({ doc: { stores: [{ id: shop.settings.storeId, name: shop.settings.name, address: '', city: '' }] } }),
  'GET merchant': (shop) => ({
    doc: {
      id: shop.settings.merchantId,
      business_name: shop.settings.name,
      country: 'GB',
      currency: { code: shop.settings.currency, decimal_places: 2 },
    },
  }),
  'GET receipts/{id}': (shop, { id }) => {
    const found = receiptsOf(shop).find((each) => each.id === id)
    if (!found) throw new LoyverseError(404, 'NOT_FOUND', 'No such receipt.')
    return { doc: found.view(), returned: [id] }
  },
}
