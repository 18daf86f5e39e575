import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, faultOf, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { rest } from './client.ts'
import type { EbayCall } from './manifest.ts'

/** One order of an answer: its text as received and the same parsed. */
interface Entry {
  readonly id: string
  readonly text: string
  readonly doc: unknown
  readonly changed: string
}
interface Window {
  readonly from: Instant
  readonly to: Instant
}

const ORDERS = '/sell/fulfillment/v1/order'
/** With it totals hold what eBay collects for the tax office, as buyers pay it. */
const GROUPS = 'TAX_BREAKDOWN'
const AT_ONCE = 8
/** eBay takes fifty ids at once. */
const IDS_AT_ONCE = 50
/** "Start and end dates can't be in the future": our clock runs ahead of eBay's. */
const IN_THE_FUTURE = '30850'

export const isOrderId = (text: string): boolean => /^[0-9][0-9A-Z!-]{4,40}$/.test(text)

/** Orders changed in a window, last page first: one that changes meanwhile leaves the window and moves others towards page 1. */
export async function* pullOrders(call: EbayCall, { window, after, stream }: PullRequest): AsyncGenerator<Page> {
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  for await (const page of changes(call, window, after))
    yield { records: await inGroups(page.entries, AT_ONCE, (entry) => complete(call, entry)), cursor: page.cursor }
}

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: EbayCall, window: Window): AsyncGenerator<readonly string[]> {
  for await (const { entries } of changes(call, window, undefined)) if (entries.length > 0) yield entries.map(({ id }) => id)
}

async function* changes(
  call: EbayCall,
  window: Window,
  after: Cursor | undefined,
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const now = call.now().getTime()
  const from = Date.parse(window.from)
  if (from >= now) {
    yield { entries: [], cursor: null }
    return
  }
  const list = { what: 'getOrders', pageSize: call.config.pageSize, after }
  yield* pagesBackwards(list, async (page) => {
    const bounded = await listed(call, { from, to: Math.min(Date.parse(window.to), now) }, page)
    const found = bounded ?? (await listed(call, { from, to: undefined }, page)) ?? { entries: [], total: 0 }
    // Both ends of a range belong to it.
    const within = found.entries.filter(
      ({ changed }) => changed === '' || (Date.parse(changed) >= from && Date.parse(changed) < Date.parse(window.to)),
    )
    return { entries: within, total: found.total }
  })
}

/** One page; undefined when eBay says that the range lies in the future. */
async function listed(
  call: EbayCall,
  range: { readonly from: number; readonly to: number | undefined },
  page: number,
): Promise<Listed<Entry> | undefined> {
  const stamp = (ms: number): string => new Date(ms).toISOString()
  const size = call.config.pageSize
  const query = new URLSearchParams({
    filter: `lastmodifieddate:[${stamp(range.from)}..${range.to === undefined ? '' : stamp(range.to)}]`,
    limit: String(size),
    offset: String((page - 1) * size),
    fieldGroups: GROUPS,
  })
  try {
    const { body, doc } = await rest(call, { method: 'GET', path: `${ORDERS}?${query.toString()}`, limit: 'fulfillment' })
    const total = Number(textField(doc, 'total') ?? Number.NaN)
    if (!Number.isSafeInteger(total) || total < 0) throw unreadable('getOrders does not say how many orders there are.')
    return { entries: entriesOf(body, doc), total }
  } catch (error) {
    if (faultOf(error).code === IN_THE_FUTURE) return undefined
    throw error
  }
}

function entriesOf(body: string, doc: unknown): readonly Entry[] {
  const docs = listField(doc, 'orders')
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, '/orders')
  return docs.map((each, i) => entryOf(texts[i] ?? '', each))
}

function entryOf(text: string, doc: unknown): Entry {
  const id = textField(doc, 'orderId') ?? ''
  if (id === '') throw unreadable('eBay sent an order without its number.')
  return { id, text, doc, changed: textField(doc, 'lastModifiedDate') ?? '' }
}

/**
 * An order with everything there is to know of it. Lists never show who asked for a cancellation, so such an order is read alone; what
 * was sent in which package stands behind a call of its own, and is put into the document as `shippingFulfillments`, as received.
 */
async function complete(call: EbayCall, listed: Entry): Promise<RawRecord> {
  const state = textField(field(listed.doc, 'cancelStatus'), 'cancelState') ?? 'NONE_REQUESTED'
  const entry =
    state === 'NONE_REQUESTED' || listField(field(listed.doc, 'cancelStatus'), 'cancelRequests').length > 0
      ? listed
      : ((await one(call, listed.id)) ?? listed)
  const parcels = listField(entry.doc, 'fulfillmentHrefs').length === 0 ? undefined : await parcelsOf(call, entry.id)
  const payload = parcels === undefined ? entry.text : `${entry.text.trimEnd().slice(0, -1)},"shippingFulfillments":${parcels.text}}`
  const doc = parcels === undefined ? entry.doc : { ...Object(entry.doc), shippingFulfillments: parcels.list }
  return { kind: 'order', externalId: entry.id, ...timeOf(entry.changed), payload, doc }
}

async function one(call: EbayCall, id: string): Promise<Entry | undefined> {
  const path = `${ORDERS}/${encodeURIComponent(id)}?fieldGroups=${GROUPS}`
  const answer = await absentAs(rest(call, { method: 'GET', path, limit: 'fulfillment' }))
  return answer && entryOf(answer.body.trim(), answer.doc)
}

/** Packages of an order, as text and as documents; undefined when eBay does not know the order. */
export async function parcelsOf(call: EbayCall, id: string): Promise<{ readonly text: string; readonly list: readonly unknown[] } | undefined> {
  const path = `${ORDERS}/${encodeURIComponent(id)}/shipping_fulfillment`
  const answer = await absentAs(rest(call, { method: 'GET', path, limit: 'fulfillment' }))
  if (!answer) return undefined
  const list = listField(answer.doc, 'fulfillments')
  return list.length === 0 ? { text: '[]', list } : { text: sliceJson(answer.body, '/fulfillments'), list }
}

/** The order alone, as a document; undefined when eBay does not know it. */
export const orderDoc = async (call: EbayCall, id: string): Promise<unknown> => (await one(call, id))?.doc

function timeOf(text: string): Pick<RawRecord, 'sourceTime'> {
  const at = Date.parse(text)
  return Number.isNaN(at) ? {} : { sourceTime: new Date(at).toISOString() }
}

/** Authoritative reads, fifty ids a call; ids eBay does not know are absent from the answer, or spoil it, and are then asked for alone. */
export async function fetchOrder(call: EbayCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const wanted = [...new Set(ids)].filter(isOrderId)
  if (wanted.length === 0) return []
  const entries = wanted.length === 1 ? await inGroups(wanted, 1, (id) => one(call, id)) : await several(call, wanted)
  return inGroups(entries, AT_ONCE, (entry) => complete(call, entry))
}

async function several(call: EbayCall, ids: readonly string[]): Promise<readonly Entry[]> {
  const query = new URLSearchParams({ orderIds: ids.slice(0, IDS_AT_ONCE).join(','), fieldGroups: GROUPS })
  const answer = await absentAs(rest(call, { method: 'GET', path: `${ORDERS}?${query.toString()}`, limit: 'fulfillment' }))
  return answer ? entriesOf(answer.body, answer.doc) : inGroups(ids, AT_ONCE, (id) => one(call, id))
}

/** An order has one number, which is its id. */
export const findOrders = (call: EbayCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])
