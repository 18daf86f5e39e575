import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { dataOf, read } from './client.ts'
import type { MeituanCall } from './manifest.ts'

const AT_ONCE = 4
const DAY_MS = 86_400_000
const OFFSET_MS = 8 * 3_600_000
/** How many days back the sweeps by number of the day look, today not counted. */
const DAYS_BACK: Readonly<Record<string, number>> = { days: 3, today: 1 }

/**
 * Paid orders are numbered from 1 each day, by the clock in Beijing (`day_seq`): a sweep walks through the numbers, reads each order and what of
 * it is wanted back. `open` and `finished` read what the hub itself knows, for what is older.
 */
export async function* pullOrders(call: MeituanCall, { stream, after, openOrders }: PullRequest): AsyncGenerator<Page> {
  const back = DAYS_BACK[stream]
  if (back !== undefined) yield* sweepDays(call, back, after)
  else if (stream === 'open' || stream === 'finished') yield* sweepKnown(call, openOrders ?? [], after)
  else throw new ChannelError({ kind: 'misconfigured', code: 'stream-unknown', message: 'Meituan has no such stream.' })
}

async function* sweepDays(call: MeituanCall, back: number, after: Cursor | undefined): AsyncGenerator<Page> {
  const { pageSize } = call.config
  const today = dayOf(call.now().getTime())
  let { day, seq } = after === undefined ? { day: dayOf(call.now().getTime() - back * DAY_MS), seq: 1 } : positionOf(after)
  // A day that has not come yet would end the sweep without the days before it.
  if (day > today) throw cursorInvalid()
  for (;;) {
    const ids = await idsOf(call, day, { from: seq, to: seq + pageSize - 1 })
    const records = await fetchOrder(call, ids)
    // Numbers follow each other: a range without an order lies behind the last one, except where today's newest number says otherwise.
    const isOver = ids.length === 0 && (day < today || seq > (await newestOf(call)))
    if (isOver && day >= today) {
      yield { records, cursor: null }
      return
    }
    ;({ day, seq } = isOver ? { day: nextDay(day), seq: 1 } : { day, seq: seq + pageSize })
    yield { records, cursor: { day, seq } }
  }
}

/** "20261122" by the clock in Beijing. */
const dayOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 10).replaceAll('-', '')
const nextDay = (day: string): string => dayOf(Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00+08:00`) + DAY_MS)

function positionOf({ day, seq }: Cursor): { readonly day: string; readonly seq: number } {
  if (typeof day === 'string' && /^20\d{2}(?:0\d|1[0-2])[0-3]\d$/.test(day) && typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1)
    return { day, seq }
  throw cursorInvalid()
}

/** Orders under a range of numbers of one day; none where the channel knows none of them. */
async function idsOf(call: MeituanCall, day: string, { from, to }: { readonly from: number; readonly to: number }): Promise<readonly string[]> {
  const path = 'ecommerce/order/getOrderIdByDaySeq'
  const answer = await absentAs(read(call, path, { app_poi_code: call.config.shopId, date_time: day, day_seq_start: from, day_seq_end: to }))
  if (answer === undefined) return []
  const data = field(answer.doc, 'data')
  if (typeof data !== 'object' || data === null) throw unreadable(`${path} answered without data.`)
  const parts = Array.isArray(data) ? data : [data]
  const ids = parts.flatMap((part) => listField(part, 'order_ids')).map((id) => String(id))
  if (!ids.every(isOrderId)) throw unreadable(`${path} answered with something else than order numbers.`)
  return ids
}

/** Today's newest number; 0 before the first order. */
export async function newestOf(call: MeituanCall): Promise<number> {
  const answer = await absentAs(read(call, 'order/getOrderDaySeq', { app_poi_code: call.config.shopId }))
  const newest = answer === undefined ? 0 : Number(textField(dataOf(answer, 'order/getOrderDaySeq'), 'day_seq') ?? 0)
  if (!Number.isSafeInteger(newest)) throw unreadable('Meituan does not say the newest number of the day.')
  return newest
}

/** In the order of the ids, so that a position stays one when orders come or go. */
async function* sweepKnown(call: MeituanCall, known: readonly string[], after: Cursor | undefined): AsyncGenerator<Page> {
  const behind = after === undefined ? '' : after['behind']
  if (typeof behind !== 'string' || (after !== undefined && behind === '')) throw cursorInvalid()
  const ids = [...new Set(known)].sort().filter((id) => id > behind)
  for (let at = 0; ; at += call.config.pageSize) {
    const group = ids.slice(at, at + call.config.pageSize)
    const isLast = at + group.length >= ids.length
    const last = group.at(-1)
    yield { records: await fetchOrder(call, group), cursor: isLast || last === undefined ? null : { behind: last } }
    if (isLast) return
  }
}

export const isOrderId = (text: string): boolean => /^[1-9]\d{0,19}$/.test(text)

/** Authoritative reads: each order with all that was wanted back of it. Ids of other shops, or of none, are absent. */
export async function fetchOrder(call: MeituanCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const found = await inGroups([...new Set(ids)].filter(isOrderId), AT_ONCE, async (id) => {
    const order = await readOrder(call, id)
    return order && [order, ...(await readRefunds(call, order))]
  })
  return found.flat()
}

export const findOrders = (call: MeituanCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

export async function readOrder(call: MeituanCall, id: string): Promise<RawRecord | undefined> {
  const path = 'order/getOrderDetail'
  const answer = await absentAs(read(call, path, { order_id: id, is_mt_logistics: 1 }))
  if (answer === undefined) return undefined
  const doc = dataOf(answer, path)
  const own = textField(doc, 'order_id')
  if (own !== id && textField(doc, 'wm_order_id_view') !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  // An app serves many shops, and so does the address it sends to.
  if ((textField(doc, 'app_poi_code') ?? call.config.shopId) !== call.config.shopId) return undefined
  const payload = Array.isArray(field(answer.doc, 'data')) ? (sliceJsonArray(answer.body, '/data')[0] ?? '') : sliceJson(answer.body, '/data')
  // Whichever of its two numbers it was asked for by, it is one order.
  return { kind: 'order', externalId: own ?? id, ...timed(doc), payload, doc }
}

/** What was asked back of an order, decided or not. Asked for by the number people see, which may be another one than the order's own. */
export async function readRefunds(call: MeituanCall, order: RawRecord): Promise<readonly RawRecord[]> {
  const path = 'ecommerce/order/getOrderRefundDetail'
  const orderId = order.externalId
  const shown = textField(order.doc, 'wm_order_id_view') ?? orderId
  const answer = await absentAs(read(call, path, { wm_order_id_view: shown }))
  if (answer === undefined) return []
  const data = field(answer.doc, 'data')
  if (!Array.isArray(data)) throw unreadable(`${path} answered without a list.`)
  const docs = asList(data)
  const texts = docs.length === 0 ? [] : sliceJsonArray(answer.body, '/data')
  return docs.map((doc, i): RawRecord => {
    const id = textField(doc, 'refund_id')
    // Money of another order must never be counted here.
    const numbers = ['order_id', 'wm_order_id_view'].flatMap((name) => textField(doc, name) ?? [])
    if (id === undefined || numbers.length === 0 || !numbers.every((number) => number === orderId || number === shown))
      throw unreadable('Meituan sent a refund without its number, or of another order.')
    return { kind: 'refund', externalId: id, parentId: orderId, ...timed(doc), payload: texts[i] ?? '', doc }
  })
}

/** `utime` in seconds, which moves with the order and its delivery. */
function timed(doc: unknown): { readonly sourceTime?: Instant } {
  const seconds = Number(textField(doc, 'utime') ?? textField(doc, 'ctime') ?? Number.NaN)
  return Number.isSafeInteger(seconds) && seconds > 0 ? { sourceTime: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` } : {}
}
