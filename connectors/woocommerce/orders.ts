import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { parseJson, sliceJsonArray } from '../../src/kit/json.ts'
import { asList, listField, textField } from '../../src/kit/read.ts'
import { optional, send } from './client.ts'
import type { WooCall } from './manifest.ts'
import { changedOrders, entriesOf, entryOf, type Entry } from './pages.ts'
import { instantOf } from './time.ts'

/** Orders by change time, and the refunds of those that have any. */
export async function* pullOrders(call: WooCall, request: PullRequest): AsyncGenerator<Page> {
  const { window } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  const status = request.stream === 'trash' ? 'trash' : 'any'
  for await (const page of changedOrders(call, { window, after: request.after, status })) {
    yield { records: await withRefunds(call, page.entries), cursor: page.cursor }
  }
}

/** Authoritative reads. "any" in a list leaves out the bin, so ids it does not bring are asked for one by one. */
export async function fetchOrder(call: WooCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const numeric = [...new Set(ids)].filter((id) => /^\d+$/.test(id))
  if (numeric.length === 0) return []
  const found =
    numeric.length === 1 ? [] : entriesOf(await send(call, { path: 'orders', query: { include: numeric.join(','), per_page: 100, status: 'any' } }))
  const known = new Set(found.map((entry) => entry.id))
  const rest: Entry[] = []
  for (const id of numeric.filter((each) => !known.has(each))) {
    const response = await optional(send(call, { path: `orders/${id}` }))
    if (response) rest.push(entryOf(parseJson(response.body), response.body))
  }
  return withRefunds(call, [...found, ...rest])
}

/** By id or by the number the buyer sees, which plugins may make different from the id. */
export async function findOrders(call: WooCall, text: string): Promise<readonly RawRecord[]> {
  const wanted = text.trim().replace(/^#/, '')
  if (wanted === '' || wanted.length > 64) return []
  const searched = entriesOf(await send(call, { path: 'orders', query: { search: wanted, status: 'any', per_page: 20 } }))
  const exact = searched.filter((entry) => entry.id === wanted || textField(entry.doc, 'number') === wanted)
  const byId = exact.length === 0 ? await fetchOrder(call, [wanted]) : []
  return exact.length === 0 ? byId : withRefunds(call, exact)
}

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: WooCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  const seen = new Set<string>()
  for await (const page of changedOrders(call, { window, after: undefined, status: 'any', fields: 'id,date_modified_gmt,date_created_gmt' })) {
    const fresh = page.entries.map((entry) => entry.id).filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    if (fresh.length > 0) yield fresh
  }
}

/** An order only names its refunds; the documents are children of their own. */
async function withRefunds(call: WooCall, entries: readonly Entry[]): Promise<readonly RawRecord[]> {
  const records: RawRecord[] = []
  for (const entry of entries) {
    records.push(orderRecord(entry))
    if (listField(entry.doc, 'refunds').length > 0) records.push(...(await refundsOf(call, entry)))
  }
  return records
}

export const orderRecord = (entry: Entry): RawRecord => ({
  kind: 'order',
  externalId: entry.id,
  sourceTime: instantOf(entry.modified),
  payload: entry.text,
  doc: entry.doc,
})

/**
 * Refund documents do not say in which currency they are, so the order's id and currency travel with each, around the
 * document as received.
 */
async function refundsOf(call: WooCall, order: Entry): Promise<readonly RawRecord[]> {
  // Gone between the two calls: the next change of the order says so.
  const response = await optional(send(call, { path: `orders/${order.id}/refunds`, query: { per_page: 100 } }))
  if (!response) return []
  const texts = sliceJsonArray(response.body, '')
  const parent = JSON.stringify({ id: order.id, currency: textField(order.doc, 'currency') ?? '' })
  return asList(parseJson(response.body)).map((doc, i) => {
    const id = textField(doc, 'id')
    const created = textField(doc, 'date_created_gmt')
    if (id === undefined || created === undefined) {
      throw new ChannelError({ kind: 'unreadable', code: 'no-refund', message: 'The shop sent a refund without id or date.' })
    }
    const payload = `{"order":${parent},"refund":${texts[i] ?? 'null'}}`
    return { kind: 'refund' as const, externalId: id, parentId: order.id, sourceTime: instantOf(created), payload, doc: parseJson(payload) }
  })
}
