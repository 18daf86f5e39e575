import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, textField } from '../../src/kit/read.ts'
import { listIn, readWechat } from '../../src/kit/wechat-api.ts'
import type { MiniCall } from './manifest.ts'

/** Days that are looked at every few minutes; what was paid before them, hourly. */
const RECENT_DAYS = 4
const DAY_S = 86_400
const AT_ONCE = 4

interface Position {
  readonly from: number
  readonly to: number
  /** Where the next page begins; empty for the first one. */
  readonly index: string
}

/** Orders by their time of payment, as a whole each time. The window is kept in the position: pages belong to one question. */
export async function* pullOrders(call: MiniCall, { stream, after }: PullRequest): AsyncGenerator<Page> {
  let position = positionOf(call, stream, after)
  for (;;) {
    const { from, to, index } = position
    const { body, doc } = await readWechat(call, 'wxa/sec/order/get_order_list', {
      pay_time_range: { begin_time: from, end_time: to },
      page_size: call.config.pageSize,
      ...(index === '' ? {} : { last_index: index }),
    })
    const docs = listIn(doc, 'order_list')
    const texts = docs.length === 0 ? [] : sliceJsonArray(body, '/order_list')
    const next = textField(doc, 'last_index') ?? ''
    // An index that comes again would bring the last page for ever.
    const isLast = field(doc, 'has_more') !== true || next === '' || next === index
    position = { from, to, index: next }
    yield { records: docs.map((each, i) => recordOf(each, texts[i] ?? '')), cursor: isLast ? null : { ...position } }
    if (isLast) return
  }
}

function positionOf(call: MiniCall, stream: string, cursor: Cursor | undefined): Position {
  const now = Math.floor(call.now().getTime() / 1000)
  const recent = now - RECENT_DAYS * DAY_S
  if (cursor === undefined)
    return stream === 'older'
      ? { from: now - call.config.lookBackDays * DAY_S, to: recent, index: '' }
      : // The channel's clock may run ahead of ours.
        { from: recent, to: now + 900, index: '' }
  const { from, to, index } = cursor
  if (typeof from !== 'number' || typeof to !== 'number' || typeof index !== 'string' || index === '' || from > to) throw cursorInvalid()
  return { from, to, index }
}

/** WeChat Pay's own number of the payment is the id: it is in every notice. */
function recordOf(doc: unknown, payload: string): RawRecord {
  const id = textField(doc, 'transaction_id') ?? ''
  if (id === '') throw unreadable('The channel sent an order without the number of its payment.')
  return { kind: 'order', externalId: id, payload, doc }
}

/** By number of the payment; those the channel does not manage, or not yet in the minute behind the payment, are absent. */
export const fetchOrder = (call: MiniCall, ids: readonly string[]): Promise<readonly RawRecord[]> =>
  inGroups([...new Set(ids)].filter(isTransaction), AT_ONCE, (id) => orderBy(call, { transaction_id: id }))

/** By number of the payment or by the merchant's own. */
export const findOrders = (call: MiniCall, text: string): Promise<readonly RawRecord[]> => {
  const wanted = text.trim()
  const keys = [
    ...(isTransaction(wanted) ? [{ transaction_id: wanted }] : []),
    ...(/^[\w|*@-]{1,40}$/.test(wanted) ? [{ merchant_id: call.config.mchId, merchant_trade_no: wanted }] : []),
  ]
  return inGroups(keys, 1, (key) => orderBy(call, key)).then((found) => found.slice(0, 1))
}

export const isTransaction = (text: string): boolean => /^\d{10,32}$/.test(text)

export async function orderBy(call: MiniCall, key: Readonly<Record<string, string>>): Promise<RawRecord | undefined> {
  const answer = await absentAs(readWechat(call, 'wxa/sec/order/get_order', key))
  return answer && recordOf(field(answer.doc, 'order'), sliceJson(answer.body, '/order'))
}
