import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { pagesInParts, type PartedList } from '../../src/kit/pages-in-parts.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read, resultOf } from './client.ts'
import { itemsOfOrders, type Items } from './items.ts'
import type { LazadaCall } from './manifest.ts'
import { pullRefunds, refundsOf } from './refunds.ts'
import { instantOf, stampOf } from './time.ts'

const PATH = '/orders/get'
/** The largest `offset`: "past it set the time to that of the last order and begin anew". Fuller windows are read in parts. */
const MOST = 5000
const AT_ONCE = 4

/** One order of a list, its items not yet with it. */
interface Head {
  readonly id: string
  readonly text: string
  readonly doc: unknown
  readonly changed: Instant | undefined
}

/**
 * Oldest change first, so that an order that changes meanwhile leaves the window or goes to its end; the pages are read from
 * the last to the first, and none slips through. The window is asked for a second wider and cut to size here.
 */
const ordersOf = (call: LazadaCall): PartedList<Head> => ({
  what: PATH,
  pageSize: call.config.pageSize,
  most: MOST,
  ask: async ({ from, to }, page) => {
    const answer = await read(call, PATH, {
      update_after: stampOf(from - 1000),
      update_before: stampOf(to),
      sort_by: 'updated_at',
      sort_direction: 'ASC',
      offset: (page - 1) * call.config.pageSize,
      limit: call.config.pageSize,
    })
    const data = resultOf(answer, 'data', PATH)
    const total = Number(textField(data, 'countTotal') ?? Number.NaN)
    if (!Number.isSafeInteger(total) || total < 0) throw unreadable('The channel does not say how many orders there are.')
    const docs = listField(data, 'orders')
    const texts = docs.length === 0 ? [] : sliceJsonArray(answer.body, '/data/orders')
    const heads = docs.map((doc, i) => headOf(doc, texts[i] ?? ''))
    return { entries: heads.filter(({ changed }) => changed === undefined || (Date.parse(changed) >= from && Date.parse(changed) < to)), total }
  },
})

function headOf(doc: unknown, text: string): Head {
  const id = textField(doc, 'order_id') ?? ''
  if (!isOrderId(id)) throw unreadable('The channel sent an order without its number.')
  return { id, text, doc, changed: instantOf(textField(doc, 'updated_at') ?? '') }
}

export const isOrderId = (text: string): boolean => /^[1-9]\d{0,19}$/.test(text)

/** `orders`: a page of the list with the items of its orders. `refunds`: lines of reverse orders. */
export async function* pullOrders(call: LazadaCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after, stream } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  if (stream === 'refunds') return yield* pullRefunds(call, { window, after })
  if (stream !== 'orders') throw new ChannelError({ kind: 'misconfigured', code: 'stream-unknown', message: `There is no stream "${stream}".` })
  for await (const page of pagesInParts(ordersOf(call), { window, after }))
    yield { records: await withItems(call, page.entries), cursor: page.cursor }
}

async function withItems(call: LazadaCall, heads: readonly Head[]): Promise<readonly RawRecord[]> {
  if (heads.length === 0) return []
  const items = await itemsOfOrders(
    call,
    heads.map(({ id }) => id),
  )
  // An order the channel sends no items of is held by its mapping; the others of its page are not.
  return heads.map((head) => recordOf(head, items.get(head.id) ?? { texts: [], docs: [] }))
}

/** Head and items, each as received, in one document. */
const recordOf = ({ id, text, doc, changed }: Head, items: Items): RawRecord => ({
  kind: 'order',
  externalId: id,
  ...(changed === undefined ? {} : { sourceTime: changed }),
  payload: `{"order":${text},"order_items":[${items.texts.join(',')}]}`,
  doc: { order: doc, order_items: items.docs },
})

/** Authoritative reads, with what went back of those orders; ids the channel does not know are absent. */
export async function fetchOrder(call: LazadaCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const path = '/order/get'
  const heads = await inGroups([...new Set(ids)].filter(isOrderId), AT_ONCE, async (id): Promise<Head | undefined> => {
    const answer = await absentAs(read(call, path, { order_id: id }))
    if (!answer) return undefined
    const head = headOf(resultOf(answer, 'data', path), sliceJson(answer.body, '/data'))
    if (head.id !== id) throw unreadable('The order in the answer is not the one that was asked for.')
    return head
  })
  const orders = await withItems(call, heads)
  const reversed = orders.filter(({ doc }) => hasReverse(doc)).map(({ externalId }) => externalId)
  return [...orders, ...(await inGroups(reversed, AT_ONCE, (id) => refundsOf(call, id))).flat()]
}

/** Before anything left only the item itself tells; afterwards a return may have begun of which it says nothing. */
const REVERSED = /^(?:cancel|return|ship|deliver|confirm|fail|lost|damaged|package_)/

/** Something of the order goes back, or somebody asked for it. */
const hasReverse = (doc: unknown): boolean =>
  listField(doc, 'order_items').some((item) => {
    const of = (name: string): string => textField(item, name) ?? ''
    return /^[1-9]/.test(of('reverse_order_id')) || /[a-z1-9]/i.test(of('return_status')) || REVERSED.test(of('status'))
  })

/** An order has one number, which is its id. */
export const findOrders = async (call: LazadaCall, text: string): Promise<readonly RawRecord[]> =>
  isOrderId(text.trim()) ? (await fetchOrder(call, [text.trim()])).filter(({ kind }) => kind === 'order') : []

export async function* listOrderIds(call: LazadaCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const page of pagesInParts(ordersOf(call), { window, after: undefined })) yield page.entries.map(({ id }) => id)
}
