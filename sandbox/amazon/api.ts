import { asList, asNumber, asRecord, asText, isRecord } from '../stage/json-input.ts'
import { placeOf, places, writeStock } from '../stage/market/goods.ts'
import { cursorPage, inWindow, type CursorPage, type Listed, type Window } from '../stage/market/paging.ts'
import { correct, ship } from '../stage/market/shipping.ts'
import type { MarketOrder } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { itemV0, listingView, orderV0, orderView, referenceOf, statusV0, transactionsOf } from './views.ts'
import { invalid, Refusal } from './wire.ts'
import { type AmazonShop, FBA, iso } from './words.ts'

export interface Asked {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** A token for personal data was given. */
  readonly isRestricted: boolean
}

interface Answered {
  readonly doc: unknown
  /** Ids of the records an answer carries, for the ledger. */
  readonly returned?: readonly string[]
}

type Api = (shop: AmazonShop, asked: Asked) => Answered

const MINUTES_2 = 120_000
const DAY_MS = 86_400_000
const TOKEN_MS = DAY_MS

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  const ms = Date.parse(value)
  if (!/^\d{4}-\d\d-\d\d/.test(value) || Number.isNaN(ms)) throw invalid(`${name} is not a time of ISO 8601.`)
  return ms
}

interface Names {
  readonly after: string
  readonly before: string
}

/** Without an upper bound everything up to now; one that is given has to be two minutes old. */
function boundsOf(shop: AmazonShop, query: URLSearchParams, { after, before }: Names): { readonly from: number; readonly to: number } | undefined {
  const [from, to] = [timeOf(query, after), timeOf(query, before)]
  if (from === undefined) return undefined
  if (from > shop.clock.now()) throw invalid(`${after} lies in the future.`)
  if (to !== undefined && (to < from || to > shop.clock.now() - MINUTES_2)) throw invalid(`${before} must be behind ${after} and two minutes old.`)
  return { from, to: to ?? Infinity }
}

/** Tokens of a list end after a day. */
function pageOf<T extends Listed>(
  shop: AmazonShop,
  found: readonly T[],
  given: { readonly token: string | null; readonly size: number; readonly window: Window; readonly asked?: URLSearchParams },
): CursorPage<T> & { readonly token: string | undefined } {
  const [at = '', cursor = ''] = (given.token ?? '').split('.')
  const began = given.token === null ? shop.clock.now() : Number(at)
  const page = cursorPage(shop, found, { cursor, size: given.size, window: given.window })
  if (!page || Number.isNaN(began) || shop.clock.now() - began > TOKEN_MS) throw invalid('The token of the next page is not valid.')
  return { ...page, token: page.hasMore ? `${began}.${page.next}.${Buffer.from(given.asked?.toString() ?? '').toString('base64url')}` : undefined }
}

const sizeOf = (query: URLSearchParams, name: string): number => {
  const size = Number(query.get(name) ?? 100)
  if (size < 1 || size > 100) throw invalid(`${name} must be between 1 and 100.`)
  return size
}

const words = (query: URLSearchParams, name: string): readonly string[] => query.getAll(name).flatMap((each) => each.split(','))
const isOurs = (shop: AmazonShop, query: URLSearchParams, name: string): boolean =>
  query.get(name) === null || words(query, name).includes(shop.settings.marketplaceId)

interface OrderList {
  readonly orders: readonly MarketOrder[]
  readonly token: string | undefined
  readonly created: boolean
}

interface ListNames {
  readonly created: Names
  readonly updated: Names
  readonly marketplaces: string
  readonly size: string
  readonly token: string
  /** Lists of words that an order has to have one of, with the words it has. */
  readonly filters: Readonly<Record<string, (order: MarketOrder) => string>>
  /** Filters of the model that nothing in this shop fits: asked for, they are refused rather than passed over. */
  readonly unanswered?: readonly string[]
}

/** A token stands for everything its list was asked for: nothing else has to come with it. */
function askedFor(query: URLSearchParams, { token, size }: ListNames): URLSearchParams {
  const given = query.get(token)
  const asked = new URLSearchParams(given === null ? query : Buffer.from(given.split('.')[2] ?? '', 'base64url').toString())
  asked.delete(token)
  if (given !== null && query.has(size)) asked.set(size, query.get(size) ?? '')
  return asked
}

function listOf(shop: AmazonShop, query: URLSearchParams, names: ListNames): OrderList {
  const asked = askedFor(query, names)
  const unanswered = names.unanswered?.find((name) => asked.has(name))
  if (unanswered !== undefined) throw invalid(`This simulator has nothing that ${unanswered} could choose by.`)
  const [created, updated] = [boundsOf(shop, asked, names.created), boundsOf(shop, asked, names.updated)]
  const bounds = created ?? updated ?? (asked.has('AmazonOrderIds') ? {} : undefined)
  if (!bounds || (created && updated)) throw invalid(`Exactly one of ${names.created.after} and ${names.updated.after} is required.`)
  const window: Window = { ...bounds, by: created ? 'createdAt' : 'modifiedAt' }
  const filters = Object.entries(names.filters).filter(([name]) => asked.has(name))
  const fits = (order: MarketOrder): boolean => filters.every(([name, wordOf]) => words(asked, name).includes(wordOf(order)))
  const found = inWindow(shop, shop.orders.values(), window, (order) => isOurs(shop, asked, names.marketplaces) && fits(order))
  const page = pageOf(shop, found, { token: query.get(names.token), size: sizeOf(asked, names.size), window, asked })
  return { orders: page.records, token: page.token, created: created !== undefined }
}

const search: Api = (shop, { query }) => {
  const { orders, token, created } = listOf(shop, query, {
    created: { after: 'createdAfter', before: 'createdBefore' },
    updated: { after: 'lastUpdatedAfter', before: 'lastUpdatedBefore' },
    marketplaces: 'marketplaceIds',
    size: 'maxResultsPerPage',
    token: 'paginationToken',
    filters: { fulfillmentStatuses: (order) => statusOf(shop.rules, order), fulfilledBy: ({ kind }) => (kind === FBA ? 'AMAZON' : 'MERCHANT') },
  })
  const data = new Set(words(query, 'includedData'))
  const before = iso(shop.clock.now() - MINUTES_2)
  return {
    doc: {
      orders: orders.map((order) => orderView(shop, order, data)),
      ...(token === undefined ? {} : { pagination: { nextToken: token } }),
      ...(created ? { createdBefore: before } : { lastUpdatedBefore: before }),
    },
    returned: orders.map(({ id }) => id),
  }
}

function orderOf(shop: AmazonShop, { params }: Asked): MarketOrder {
  const order = shop.orders.get(params['orderId'] ?? '')
  if (!order) throw new Refusal(404, 'NotFound', 'The requested order was not found.')
  return order
}

const get: Api = (shop, asked) => {
  const order = orderOf(shop, asked)
  return { doc: { order: orderView(shop, order, new Set(words(asked.query, 'includedData'))) }, returned: [order.id] }
}

const UNANSWERED = [
  ...[
    'PaymentMethods',
    'BuyerEmail',
    'SellerOrderId',
    'EasyShipShipmentStatuses',
    'ElectronicInvoiceStatuses',
    'ActualFulfillmentSupplySourceId',
    'IsISPU',
  ],
  ...['StoreChainStoreId', 'EarliestDeliveryDateBefore', 'EarliestDeliveryDateAfter', 'LatestDeliveryDateBefore', 'LatestDeliveryDateAfter'],
]

const searchV0: Api = (shop, { query, isRestricted }) => {
  const { orders, token } = listOf(shop, query, {
    created: { after: 'CreatedAfter', before: 'CreatedBefore' },
    updated: { after: 'LastUpdatedAfter', before: 'LastUpdatedBefore' },
    marketplaces: 'MarketplaceIds',
    size: 'MaxResultsPerPage',
    token: 'NextToken',
    filters: {
      OrderStatuses: (order) => statusV0(shop, order),
      FulfillmentChannels: ({ kind }) => (kind === FBA ? 'AFN' : 'MFN'),
      AmazonOrderIds: ({ id }) => id,
    },
    unanswered: UNANSWERED,
  })
  const payload = {
    Orders: orders.map((order) => orderV0(shop, order, isRestricted)),
    ...(token === undefined ? {} : { NextToken: token }),
    LastUpdatedBefore: iso(shop.clock.now() - MINUTES_2),
  }
  return { doc: { payload }, returned: orders.map(({ id }) => id) }
}

const getV0: Api = (shop, asked) => {
  const order = orderOf(shop, asked)
  return { doc: { payload: orderV0(shop, order, asked.isRestricted) }, returned: [order.id] }
}

const itemsV0: Api = (shop, asked) => {
  const order = orderOf(shop, asked)
  return { doc: { payload: { AmazonOrderId: order.id, OrderItems: order.lines.map((line, i) => itemV0(order, line, i === 0)) } } }
}

/** The same reference again changes the carrier and the number of that package. */
const confirm: Api = (shop, asked) => {
  const order = orderOf(shop, asked)
  const detail = asRecord(asRecord(asked.body)['packageDetail'])
  const reference = asText(detail['packageReferenceId']) ?? ''
  if (!/^[1-9]\d*$/.test(reference)) throw invalid('packageReferenceId must be a positive number.')
  if (asRecord(asked.body)['marketplaceId'] !== shop.settings.marketplaceId) throw invalid('The order is not of this marketplace.')
  if (order.kind === FBA) throw invalid('The order is fulfilled by Amazon.')
  const code = asText(detail['carrierCode']) ?? ''
  const name = asText(detail['carrierName']) ?? ''
  if (code === 'Other' && name === '') throw invalid('carrierName is required when carrierCode is Other.')
  if (code !== 'Other' && !shop.rules.carriers.some((each) => each.code === code)) throw invalid('The carrier code is not known.')
  const carrier = { code, name: code === 'Other' ? name : code }
  const tracking = asText(detail['trackingNumber']) ?? ''
  const known = order.shipments.find((each) => referenceOf(shop, each) === reference)
  if (known) {
    correct(shop, known, { carrier, tracking, by: 'api' })
    return { doc: undefined, returned: [order.id] }
  }
  const lines = asList(detail['orderItems']).map((item) => {
    const line = order.lines.find(({ id }) => id === asText(asRecord(item)['orderItemId']))
    if (!line) throw invalid('The order has no such item.')
    return { line, quantity: asNumber(asRecord(item)['quantity']) ?? 0 }
  })
  const made = ship(shop, order, { lines, carrier, tracking, by: 'api' })
  if (typeof made === 'string') throw invalid(`The shipment cannot be confirmed: ${made}.`)
  shop.references.set(made, reference)
  return { doc: undefined, returned: [order.id] }
}

const UNANSWERED_LISTINGS = [
  ...['variationParentSku', 'packageHierarchySku', 'lastUpdatedAfter', 'lastUpdatedBefore', 'withIssueSeverity', 'withStatus', 'withoutStatus'],
]

const listings: Api = (shop, { query, params }) => {
  if (params['sellerId'] !== shop.settings.sellerId) throw new Refusal(403, 'Unauthorized', 'Access to requested resource is denied.')
  if (!isOurs(shop, query, 'marketplaceIds')) throw new Refusal(400, 'BAD_REQUEST', 'Invalid input')
  const unanswered = UNANSWERED_LISTINGS.find((name) => query.has(name))
  const by = query.get('identifiersType')
  if (unanswered !== undefined || (query.has('identifiers') && by !== 'SKU' && by !== 'ASIN'))
    throw new Refusal(400, 'BAD_REQUEST', 'Invalid input', `This simulator has nothing that ${unanswered ?? 'identifiersType'} could choose by.`)
  const [from, to] = [timeOf(query, 'createdAfter') ?? -Infinity, timeOf(query, 'createdBefore') ?? Infinity]
  const wanted = query.has('identifiers') ? words(query, 'identifiers') : undefined
  const all = places(shop).filter(
    ({ item, code }) => item.createdAt >= from && item.createdAt <= to && (wanted?.includes(by === 'ASIN' ? item.id : code) ?? true),
  )
  const [size, start] = [Number(query.get('pageSize') ?? 10), Number(query.get('pageToken') ?? 0)]
  if (Number.isNaN(start) || size < 1) throw new Refusal(400, 'BAD_REQUEST', 'Invalid input')
  const shown = all.slice(start, start + size)
  const end = Math.min(all.length, 1000)
  return {
    doc: {
      numberOfResults: all.length,
      ...(start + size < end ? { pagination: { nextToken: String(start + size) } } : {}),
      items: shown.map((place) => listingView(shop, place, dataOf(query))),
    },
    returned: shown.map(({ code }) => code),
  }
}

const dataOf = (query: URLSearchParams): ReadonlySet<string> =>
  new Set(query.get('includedData') === null ? ['summaries'] : words(query, 'includedData'))

const listing: Api = (shop, { query, params }) => {
  const place = params['sellerId'] === shop.settings.sellerId ? placeOf(shop, params['sku'] ?? '') : undefined
  if (!place) throw new Refusal(404, 'NOT_FOUND', `SKU '${params['sku'] ?? ''}' not found in marketplace ${shop.settings.marketplaceId}`)
  return { doc: listingView(shop, place, dataOf(query)), returned: [place.code] }
}

/** Refusals of a level come as issues of an invalid submission. */
const patch: Api = (shop, { params, body }) => {
  const sku = params['sku'] ?? ''
  const place = params['sellerId'] === shop.settings.sellerId ? placeOf(shop, sku) : undefined
  if (!place) throw new Refusal(400, 'BAD_REQUEST', 'Invalid input', `SKU '${sku}' not found.`)
  const one = asRecord(asList(asRecord(body)['patches'])[0])
  const value = asRecord(asList(one['value'])[0])
  const quantity = asNumber(value['quantity'])
  const submissionId = shop.random.hex(32)
  const isStock = one['path'] === '/attributes/fulfillment_availability' && value['fulfillment_channel_code'] === 'DEFAULT'
  if (!isStock || quantity === undefined || !Number.isSafeInteger(quantity) || quantity < 0 || writeStock(shop, place, quantity) === 'refused') {
    const issue = { code: '90220', message: 'The listing cannot be changed.', severity: 'ERROR', categories: ['INVALID_ATTRIBUTE'] }
    return { doc: { sku, status: 'INVALID', submissionId, issues: [issue] } }
  }
  return { doc: { sku, status: 'ACCEPTED', submissionId, issues: [] }, returned: [sku] }
}

const restricted: Api = (shop, { body }) => {
  const resources = asList(asRecord(body)['restrictedResources'])
  if (
    resources.length === 0 ||
    resources.length > 50 ||
    resources.some((each) => !isRecord(each) || !(asText(each['path']) ?? '').startsWith('/orders/v0/orders'))
  )
    throw new Refusal(400, 'InvalidRequest', 'Request is missing or has invalid parameters', 'Resource not provided.')
  const token = `Atz.sprdt|${shop.random.hex(40)}`
  shop.restricted.set(token, shop.clock.now() + 3_600_000)
  return { doc: { restrictedDataToken: token, expiresIn: 3600 } }
}

/** What went back, by the time it was posted; only of goods that had been sent is there anything to give back. */
const transactions: Api = (shop, { query }) => {
  const window = boundsOf(shop, query, { after: 'postedAfter', before: 'postedBefore' })
  if (!window || window.from > shop.clock.now() - MINUTES_2) throw invalid('postedAfter is required and must be two minutes old.')
  const [by, related] = [query.get('relatedIdentifierName'), query.get('relatedIdentifierValue')]
  if (by !== null && by !== 'ORDER_ID') throw invalid('This simulator knows transactions by ORDER_ID only.')
  const found = inWindow(
    shop,
    shop.refunds.values(),
    window,
    ({ state, order }) => state === 'done' && order.shippedAt !== undefined && (by === null || order.id === related),
  )
  const page = pageOf(shop, found, { token: query.get('nextToken'), size: 50, window })
  const payload = {
    ...(page.token === undefined ? {} : { nextToken: page.token }),
    transactions: page.records.flatMap((each) => transactionsOf(shop, each)),
  }
  return { doc: { payload }, returned: page.records.map(({ id }) => id) }
}

/** By the names of the models. */
export const APIS: Readonly<Record<string, Api>> = {
  'orders.searchOrders': search,
  'orders.getOrder': get,
  'v0.getOrders': searchV0,
  'v0.getOrder': getV0,
  'v0.getOrderItems': itemsV0,
  'v0.confirmShipment': confirm,
  'listings.searchListingsItems': listings,
  'listings.getListingsItem': listing,
  'listings.patchListingsItem': patch,
  'tokens.createRestrictedDataToken': restricted,
  'finances.listTransactions': transactions,
}
