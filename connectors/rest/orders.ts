import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { picks, pickText } from '../../src/core/pick.ts'
import { parseJson, readJsonArray, sliceJson } from '../../src/kit/json.ts'
import { absentAs } from '../../src/kit/outcomes.ts'
import { send } from './client.ts'
import type { RestCall } from './manifest.ts'
import { changedOrders, entryOf, type Entry } from './pages.ts'
import { fillPath, fillQuery } from './template.ts'
import { readTime } from './time.ts'

/** Orders by change time, and the refunds of those that have any. */
export async function* pullOrders(call: RestCall, request: PullRequest): AsyncGenerator<Page> {
  const { window } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  for await (const page of changedOrders(call, { window, after: request.after }))
    yield { records: await withRefunds(call, page.entries), cursor: page.cursor }
}

/** Authoritative reads, one call an order. */
export async function fetchOrder(call: RestCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const { detail } = call.config.orders
  const found: Entry[] = []
  for (const id of new Set(ids.filter((one) => !/^\.*$/.test(one)))) {
    const response = await absentAs(send(call, { path: fillPath(detail.path, { id }), query: fillQuery(detail.query, { id }) }))
    if (!response) continue
    const text = detail.item === '' ? response.body : sliceJson(response.body, detail.item)
    const entry = entryOf(call, { text, doc: parseJson(text) })
    // A search in the guise of a detail answers with whatever comes next.
    if (entry.id === id) found.push(entry)
  }
  return withRefunds(call, found)
}

/** By what the settings search in, else by the id alone. */
export async function findOrders(call: RestCall, text: string): Promise<readonly RawRecord[]> {
  const wanted = text.trim().replace(/^#/, '')
  if (/^\.*$/.test(wanted) || wanted.length > 64) return []
  const { find } = call.config.orders
  if (find) {
    const values = { text: wanted, limit: '20' }
    const { body } = await send(call, { path: fillPath(find.path, values), query: fillQuery(find.query, values) })
    const entries = readJsonArray(body, find.items).documents.filter(({ doc }) => find.match.some((pointer) => pickText(doc, pointer) === wanted))
    if (entries.length > 0)
      return withRefunds(
        call,
        entries.map((document) => entryOf(call, document)),
      )
  }
  return fetchOrder(call, [wanted])
}

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: RestCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  const seen = new Set<string>()
  for await (const page of changedOrders(call, { window, after: undefined })) {
    const fresh = page.entries.map((entry) => entry.id).filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    if (fresh.length > 0) yield fresh
  }
}

export const orderRecord = (entry: Entry): RawRecord => ({
  kind: 'order',
  externalId: entry.id,
  sourceTime: new Date(entry.changed).toISOString(),
  payload: entry.text,
  doc: entry.doc,
})

async function withRefunds(call: RestCall, entries: readonly Entry[]): Promise<readonly RawRecord[]> {
  const records: RawRecord[] = []
  for (const entry of entries) records.push(orderRecord(entry), ...(await refundsOf(call, entry)))
  return records
}

/** Refund documents often do not say whose they are and in which currency: order and currency travel with each, around the document as received. */
async function refundsOf(call: RestCall, order: Entry): Promise<readonly RawRecord[]> {
  const { refunds, orders } = call.config
  if (!refunds) return []
  const named = picks(order.doc, refunds.when).flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : [value]))
  if (named.length === 0) return []
  const values = { id: order.id, limit: String(call.config.pageSize) }
  // Gone between the two calls: the next change of the order says so.
  const response = await absentAs(send(call, { path: fillPath(refunds.path, values), query: fillQuery(refunds.query, values) }))
  if (!response) return []
  const parent = JSON.stringify({ id: order.id, currency: pickText(order.doc, refunds.currency) ?? '' })
  return readJsonArray(response.body, refunds.items).documents.map(({ doc, text }) => {
    const [id, changed] = [pickText(doc, refunds.id) ?? '', pickText(doc, refunds.changed) ?? '']
    if (id === '' || changed === '')
      throw new ChannelError({ kind: 'unreadable', code: 'no-refund', message: 'The channel sent a refund without id or date.' })
    const payload = `{"order":${parent},"refund":${text}}`
    return {
      kind: 'refund' as const,
      externalId: id,
      parentId: order.id,
      sourceTime: new Date(readTime(changed, orders.clock)).toISOString(),
      payload,
      doc: parseJson(payload),
    }
  })
}
