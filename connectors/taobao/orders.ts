import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { sliceJson } from '../../src/kit/json.ts'
import { absentAs, faultOf, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { changesBackwards, type ChangeList, type Entry } from './backwards.ts'
import { read } from './client.ts'
import { LIST_FIELDS, REFUND_FIELDS, TRADE_FIELDS, TRADE_TYPES } from './fields.ts'
import type { TopCall } from './manifest.ts'
import { pullMessages } from './messages.ts'

const TRADES: ChangeList = {
  method: 'taobao.trades.sold.increment.get',
  fields: LIST_FIELDS,
  path: ['trades', 'trade'],
  id: 'tid',
  types: TRADE_TYPES,
}
const REFUNDS: ChangeList = {
  method: 'taobao.refunds.receive.get',
  fields: REFUND_FIELDS,
  path: ['refunds', 'refund'],
  id: 'refund_id',
  types: TRADE_TYPES,
}

/** Details are read this many at a time. */
const AT_ONCE = 4

/**
 * `orders`: documents of the list; of those that have more to say (notes, the names of reductions) each is read in full,
 * since lists leave that out. `refunds`: documents of the list. `messages`: notices of changes.
 */
export async function* pullOrders(call: TopCall, request: PullRequest): AsyncGenerator<Page> {
  if (request.stream === 'messages') {
    yield* pullMessages(call, { fetchOrder, fetchRefunds })
    return
  }
  const { window, after } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  if (request.stream === 'refunds') {
    for await (const page of changesBackwards(call, REFUNDS, { window, after }))
      yield { records: page.entries.map(refundRecord), cursor: page.cursor }
    return
  }
  for await (const page of changesBackwards(call, TRADES, { window, after })) {
    const one = (entry: Entry): Promise<RawRecord | undefined> =>
      call.config.details === 'all' || hasMore(entry.doc) ? fullRecord(call, entry.id, entry) : Promise.resolve(orderRecord(entry))
    yield { records: await inGroups(page.entries, AT_ONCE, one), cursor: page.cursor }
  }
}

/** Whether the call for the single trade would say more. The mapping asks the same (`isTold`), so that an order never depends on how it was found. */
function hasMore(doc: unknown): boolean {
  const isSet = (of: unknown, name: string): boolean => Number(textField(of, name) ?? 0) !== 0
  if (textField(doc, 'has_buyer_message') === 'true' || isSet(doc, 'seller_flag') || isSet(doc, 'discount_fee')) return true
  if (textField(doc, 'type') === 'cod' || textField(doc, 'type') === 'step') return true
  return listField(field(doc, 'orders'), 'order').some((line) => isSet(line, 'discount_fee') || isSet(line, 'part_mjz_discount'))
}

/** Authoritative reads, one call each; ids the channel does not know (or not any more) are absent. */
export function fetchOrder(call: TopCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const sound = [...new Set(ids)].filter((id) => /^\d{1,20}$/.test(id))
  return inGroups(sound, AT_ONCE, (id) => fullRecord(call, id, undefined))
}

/** A trade has one number, which is its id. */
export const findOrders = (call: TopCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

/** Ids of the trades changed in a window, for the ledger. */
export async function* listOrderIds(call: TopCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const page of changesBackwards(call, { ...TRADES, fields: 'tid,modified' }, { window, after: undefined })) {
    if (page.entries.length > 0) yield page.entries.map((entry) => entry.id)
  }
}

/** Refunds by number, for notices that only name them. */
function fetchRefunds(call: TopCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  return inGroups([...new Set(ids)], AT_ONCE, async (id) => {
    const answer = await absentAs(read(call, 'taobao.refund.get', { fields: REFUND_FIELDS, refund_id: id }))
    if (!answer) return undefined
    return refundRecord({ id, text: sliceJson(answer.body, `/${answer.root}/refund`), doc: field(answer.doc, 'refund') })
  })
}

/**
 * The trade in full. One that the channel refuses to show, though it lists it, is kept as listed: a single order must not
 * stop the others.
 */
async function fullRecord(call: TopCall, id: string, listed: Entry | undefined): Promise<RawRecord | undefined> {
  try {
    const { body, root, doc } = await read(call, 'taobao.trade.fullinfo.get', { fields: TRADE_FIELDS, tid: id, include_oaid: 'include_oaid' })
    return orderRecord({ id, text: sliceJson(body, `/${root}/trade`), doc: field(doc, 'trade') })
  } catch (error) {
    const { kind } = faultOf(error)
    if (kind === 'refused' && listed) return orderRecord(listed)
    if (kind === 'missing') return listed && orderRecord(listed)
    throw error
  }
}

const orderRecord = ({ id, text, doc }: Entry): RawRecord => {
  const modified = instantOf(textField(doc, 'modified') ?? textField(doc, 'created') ?? '')
  if (textField(doc, 'tid') !== id) throw unreadable('The trade in the answer is not the one that was asked for.')
  return { kind: 'order', externalId: id, ...(modified === undefined ? {} : { sourceTime: modified }), payload: text, doc }
}

function refundRecord({ id, text, doc }: Entry): RawRecord {
  const modified = instantOf(textField(doc, 'modified') ?? '')
  const tid = textField(doc, 'tid')
  return {
    kind: 'refund',
    externalId: id,
    ...(tid === undefined ? {} : { parentId: tid }),
    ...(modified === undefined ? {} : { sourceTime: modified }),
    payload: text,
    doc,
  }
}
