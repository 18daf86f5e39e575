import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import { marketplacesOf, type AmazonCall } from './manifest.ts'
import { fullOrderV0, ordersPageV0 } from './orders-v0.ts'
import { pagesOf, type Ask, type Given, type Listed, type Range } from './pages.ts'
import { refundsPage } from './refunds.ts'

const PATH = '/orders/2026-01-01/orders'
const DATA = ['PROCEEDS', 'PROMOTION', 'CANCELLATION', 'FULFILLMENT', 'PACKAGES', 'TAX', 'PAYMENT'] as const
/** Orders read one by one go this many at a time. */
const AT_ONCE = 4

/** 3-7-7; orders of other programmes begin with a letter. */
export const isOrderId = (text: string): boolean => /^[A-Z0-9]{3}-\d{7}-\d{7}$/.test(text)

/** `orders` by their change time, `refunds` by the time they were posted. */
export async function* pullOrders(call: AmazonCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after, stream } = request
  if (!window || (stream !== 'orders' && stream !== 'refunds'))
    throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream.slice(0, 40)}" is not read this way.` })
  const ask: Ask = stream === 'refunds' ? refundsPage : call.config.orders === 'v0' ? ordersPageV0 : ordersPage
  yield* pagesOf(call, { ask, window, after })
}

const dataOf = ({ config }: AmazonCall): string => [...(config.personalData ? ['BUYER', 'RECIPIENT'] : []), ...DATA].join(',')

async function search(call: AmazonCall, range: Range, includedData: string | undefined): Promise<Listed> {
  const { body, doc } = await read(call, {
    limit: 'searchOrders',
    path: PATH,
    query: {
      lastUpdatedAfter: range.after,
      lastUpdatedBefore: range.before,
      marketplaceIds: marketplacesOf(call.config).join(','),
      maxResultsPerPage: String(call.config.pageSize),
      paginationToken: range.token,
      includedData,
    },
  })
  const orders = field(doc, 'orders')
  if (!Array.isArray(orders)) throw unreadable('The answer holds no list of orders.')
  const texts = orders.length === 0 ? [] : sliceJsonArray(body, '/orders')
  return { records: orders.map((order: unknown, i) => recordOf(order, texts[i] ?? '')), next: textField(field(doc, 'pagination'), 'nextToken') }
}

const ordersPage: Ask = (call, range) => search(call, range, dataOf(call))

function recordOf(doc: unknown, payload: string): RawRecord {
  const id = textField(doc, 'orderId') ?? ''
  const changed = textField(doc, 'lastUpdatedTime') ?? ''
  if (id === '' || Number.isNaN(Date.parse(changed))) throw unreadable('The channel sent an order without its number or its time of change.')
  return { kind: 'order', externalId: id, sourceTime: new Date(changed).toISOString(), payload, doc }
}

/** Authoritative reads, one call each; ids the channel does not know are absent. */
export async function fetchOrder(call: AmazonCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const known = [...new Set(ids)].filter(isOrderId)
  if (call.config.orders === 'v0') return fullOrderV0(call, known)
  return inGroups(known, AT_ONCE, async (id) => {
    const answer = await absentAs(getOrder(call, id, dataOf(call)))
    return answer && recordOf(answer.doc, sliceJson(answer.body, '/order'))
  })
}

/** One order with the named data; the document is what stands in `order`. */
export async function getOrder(call: AmazonCall, id: string, includedData: string): Promise<{ readonly body: string; readonly doc: unknown }> {
  const { body, doc } = await read(call, { limit: 'getOrder', path: `${PATH}/${id}`, query: { includedData } })
  const order = field(doc, 'order')
  if (textField(order, 'orderId') !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  return { body, doc: order }
}

/** The number people see is the id. */
export const findOrders = (call: AmazonCall, text: string): Promise<readonly RawRecord[]> =>
  fetchOrder(call, [text.trim().replace(/^#/, '').toUpperCase()])

/** Ids of the orders changed in a window, for the ledger: the same list without what is in them. */
export async function* listOrderIds(call: AmazonCall, window: Given['window']): AsyncGenerator<readonly string[]> {
  const ask: Ask = call.config.orders === 'v0' ? (c, range) => ordersPageV0(c, range, 'ids') : (c, range) => search(c, range, undefined)
  for await (const { records } of pagesOf(call, { ask, window, after: undefined }))
    if (records.length > 0) yield records.map(({ externalId }) => externalId)
}
