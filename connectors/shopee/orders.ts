import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { parseJson, sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, faultOf, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { ask, read, responseOf, type Answer } from './client.ts'
import { changedOrders, changedReturns, restOf } from './lists.ts'
import type { ShopeeCall } from './manifest.ts'
import { isOrderSn } from './webhooks.ts'

/** One document: its text as received and the same parsed. */
interface Part {
  readonly text: string
  readonly doc: unknown
}

/** Everything the mapping looks at; what is not asked for is not sent. */
const FIELDS = [
  ...['buyer_user_id', 'estimated_shipping_fee', 'recipient_address', 'note', 'item_list', 'pay_time', 'split_up'],
  ...['buyer_cancel_reason', 'cancel_by', 'cancel_reason', 'fulfillment_flag', 'pickup_done_time', 'package_list', 'shipping_carrier'],
  ...['payment_method', 'total_amount', 'return_request_due_date'],
].join(',')
const DETAILS = 50
/** The channel allows fifty and recommends one to twenty. */
const ESCROWS = 20
const PACKAGES = 50
const AT_ONCE = 4
/** Parcels nobody has arranged yet: there is no more to say of them than the order does. */
const WAITING = /^(?:|LOGISTICS_(?:NOT_START(?:ED)?|READY|PENDING_ARRANGE|INVALID))$/

/**
 * `orders`: numbers of the window by the list, in the order of the numbers, each read in full. `refunds`: returns, read in full, and their
 * orders with them, whose change time a return does not always move.
 */
export async function* pullOrders(call: ShopeeCall, request: PullRequest): AsyncGenerator<Page> {
  const { window, after, stream } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const isRefunds = stream === 'refunds'
  const listed = await (isRefunds ? changedReturns : changedOrders)(call, window)
  const pages = chunked(restOf(listed.keys(), window, after), call.config.pageSize)
  if (pages.length === 0) yield { records: [], cursor: null }
  for (const [i, ids] of pages.entries()) {
    const cursor: Cursor | null = i === pages.length - 1 ? null : { from: window.from, to: window.to, id: ids.at(-1) ?? '' }
    yield { records: await (isRefunds ? returnsWithOrders : listedOrders)(call, ids, listed), cursor }
  }
}

/** A number the list shows and the detail does not is kept as listed, so that it is held and seen, and stops nobody. */
async function listedOrders(call: ShopeeCall, ids: readonly string[], listed: ReadonlyMap<string, string>): Promise<readonly RawRecord[]> {
  const found = await fullOrders(call, ids)
  const missing = ids.filter((id) => !found.some(({ externalId }) => externalId === id))
  const asListed = missing.map((id) => recordOf({ text: listed.get(id) ?? '{}', doc: parseJson(listed.get(id) ?? '{}') }, {}))
  return [...found.filter(({ kind }) => kind === 'order'), ...asListed]
}

/** A return the list shows and the detail does not is kept as listed: money went back, or may. */
async function returnsWithOrders(call: ShopeeCall, sns: readonly string[], listed: ReadonlyMap<string, string>): Promise<readonly RawRecord[]> {
  const returns = await inGroups(sns, AT_ONCE, async (sn) => {
    const text = listed.get(sn) ?? '{}'
    return (await oneReturn(call, sn)) ?? returnOf(sn, { text, doc: parseJson(text) })
  })
  const orders = await fullOrders(call, [...new Set(returns.flatMap(({ parentId }) => parentId ?? []))])
  return [...returns, ...orders.filter(({ kind }) => kind === 'order')]
}

/** Authoritative reads with the returns of each order; ids the channel does not know are absent. */
export const fetchOrder = (call: ShopeeCall, ids: readonly string[]): Promise<readonly RawRecord[]> =>
  fullOrders(call, [...new Set(ids)].filter(isOrderSn))

/** An order has one number, which is its id. */
export const findOrders = async (call: ShopeeCall, text: string): Promise<readonly RawRecord[]> =>
  (await fetchOrder(call, [text.trim().replace(/^#/, '').toUpperCase()])).filter(({ kind }) => kind === 'order')

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: ShopeeCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for (const ids of chunked([...(await changedOrders(call, window)).keys()].sort(), 100)) yield ids
}

/**
 * An order as the channel keeps it in four places: the order, the money the buyer paid (`escrow`), its parcels with their numbers once they
 * were arranged (`packages`), and what of it is asked back (`returns`). Each part is the text as received.
 */
async function fullOrders(call: ShopeeCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders: Part[] = []
  for (const some of chunked(ids, DETAILS)) orders.push(...(await details(call, some)))
  const paid = orders.filter(({ doc }) => mayHaveMoney(doc)).map(({ doc }) => textField(doc, 'order_sn') ?? '')
  const escrows = new Map<string, Part>()
  for (const some of chunked(paid, ESCROWS)) for (const each of await escrowsOf(call, some)) escrows.set(textField(each.doc, 'order_sn') ?? '', each)
  const packages = await readPackages(
    call,
    orders.flatMap(({ doc }) => arranged(doc)),
  )
  const records: RawRecord[] = []
  const returns = await inGroups(
    [...escrows.values()].flatMap(({ doc }) => listField(doc, 'return_order_sn_list').filter((sn) => typeof sn === 'string')),
    AT_ONCE,
    (sn) => oneReturn(call, sn),
  )
  for (const order of orders) {
    const sn = textField(order.doc, 'order_sn') ?? ''
    const own = {
      escrow: escrows.get(sn),
      packages: packages.filter(({ doc }) => textField(doc, 'order_sn') === sn),
      returns: returns.filter(({ parentId }) => parentId === sn).map(({ payload, doc }) => ({ text: payload, doc })),
    }
    records.push(recordOf(order, own))
  }
  return [...records, ...returns]
}

/** Nobody has paid what waits for it, or was cancelled while it did; with cash on delivery it may be told before. */
function mayHaveMoney(order: unknown): boolean {
  const [status, paidAt] = [textField(order, 'order_status'), Number(textField(order, 'pay_time') ?? 0)]
  return status !== 'UNPAID' && (status !== 'CANCELLED' || paidAt > 0)
}

/** Unknown numbers are left out by the channel, or refused with everybody beside them: then each is asked for alone. */
async function details(call: ShopeeCall, ids: readonly string[]): Promise<readonly Part[]> {
  if (ids.length === 0) return []
  const path = 'order/get_order_detail'
  try {
    const answer = await read(call, path, { order_sn_list: ids.join(','), response_optional_fields: FIELDS, request_order_status_pending: true })
    const found = partsOf(answer, path, 'order_list')
    if (found.some(({ doc }) => !ids.includes(textField(doc, 'order_sn') ?? '')))
      throw unreadable('The channel answered with an order nobody asked for.')
    return found
  } catch (error) {
    if (!isOwn(error)) throw error
    if (ids.length === 1) return []
    return (await inGroups(ids, AT_ONCE, (id) => details(call, [id]))).flat()
  }
}

/** The order alone, for whoever looks before doing something to it; undefined where the shop has none of this number. */
export const readDetail = async (call: ShopeeCall, id: string): Promise<Part | undefined> => (await details(call, [id]))[0]

async function escrowsOf(call: ShopeeCall, ids: readonly string[]): Promise<readonly Part[]> {
  const path = 'payment/get_escrow_detail_batch'
  try {
    const answer = await ask(call, path, { order_sn_list: ids })
    const list = asList(answer.response)
    if (!Array.isArray(answer.response)) throw unreadable(`${path} answered without a list.`)
    const texts = list.length === 0 ? [] : sliceJsonArray(answer.body, '/response')
    return list.flatMap((each, i) => {
      const doc = field(each, 'escrow_detail')
      return typeof doc === 'object' && doc !== null ? [{ doc, text: sliceJson(texts[i] ?? '', '/escrow_detail') }] : []
    })
  } catch (error) {
    // One that has no money to show yet must not hide that of the others.
    if (!isOwn(error)) throw error
    return ids.length === 1 ? [] : (await inGroups(ids, AT_ONCE, (id) => escrowsOf(call, [id]))).flat()
  }
}

const arranged = (order: unknown): readonly string[] =>
  listField(order, 'package_list').flatMap((each) =>
    WAITING.test(textField(each, 'logistics_status') ?? '') ? [] : (textField(each, 'package_number') ?? []),
  )

/** Parcels with their tracking numbers, in the order they were asked for. */
export async function readPackages(call: ShopeeCall, numbers: readonly string[]): Promise<readonly Part[]> {
  const found: Part[] = []
  for (const some of chunked(numbers, PACKAGES)) found.push(...(await packagesOf(call, some)))
  return found
}

/** One that is gone must not hide the others: their numbers and contents stand nowhere else. */
async function packagesOf(call: ShopeeCall, numbers: readonly string[]): Promise<readonly Part[]> {
  const path = 'order/get_package_detail'
  const answer = await absentAs(read(call, path, { package_number_list: numbers.join(',') }))
  if (answer) return partsOf(answer, path, 'package_list')
  return numbers.length === 1 ? [] : (await inGroups(numbers, AT_ONCE, (number) => packagesOf(call, [number]))).flat()
}

async function oneReturn(call: ShopeeCall, sn: string): Promise<RawRecord | undefined> {
  const path = 'returns/get_return_detail'
  const answer = await absentAs(read(call, path, { return_sn: sn }))
  if (!answer) return undefined
  const doc = responseOf(answer, path)
  if (textField(doc, 'return_sn') !== sn) throw unreadable('The return in the answer is not the one that was asked for.')
  return returnOf(sn, { text: sliceJson(answer.body, '/response'), doc })
}

function returnOf(sn: string, { text, doc }: Part): RawRecord {
  const order = textField(doc, 'order_sn')
  return { kind: 'refund', externalId: sn, ...(order === undefined ? {} : { parentId: order }), ...timed(doc), payload: text, doc }
}

function partsOf(answer: Answer, path: string, list: string): readonly Part[] {
  const docs = listField(responseOf(answer, path), list)
  const texts = docs.length === 0 ? [] : sliceJsonArray(answer.body, `/response/${list}`)
  return docs.map((doc, i) => ({ doc, text: texts[i] ?? '' }))
}

/** About what was asked for, not about us. */
function isOwn(error: unknown): boolean {
  const { kind } = faultOf(error)
  return kind === 'missing' || kind === 'refused'
}

interface Parts {
  readonly escrow?: Part | undefined
  readonly packages?: readonly Part[]
  readonly returns?: readonly Part[]
}

function recordOf(order: Part, { escrow, packages = [], returns = [] }: Parts): RawRecord {
  const list = (name: string, parts: readonly Part[]): string => (parts.length === 0 ? '' : `,"${name}":[${parts.map(({ text }) => text).join(',')}]`)
  const docs = (parts: readonly Part[]): readonly unknown[] => parts.map(({ doc }) => doc)
  return {
    kind: 'order',
    externalId: textField(order.doc, 'order_sn') ?? '',
    ...timed(order.doc),
    payload: `{"order":${order.text}${escrow ? `,"escrow":${escrow.text}` : ''}${list('packages', packages)}${list('returns', returns)}}`,
    doc: {
      order: order.doc,
      ...(escrow ? { escrow: escrow.doc } : {}),
      ...(packages.length > 0 ? { packages: docs(packages) } : {}),
      ...(returns.length > 0 ? { returns: docs(returns) } : {}),
    },
  }
}

function timed(doc: unknown): Pick<RawRecord, 'sourceTime'> {
  const seconds = Number(textField(doc, 'update_time') ?? Number.NaN)
  return Number.isSafeInteger(seconds) && seconds > 0 && seconds < 1e11
    ? { sourceTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` }
    : {}
}
