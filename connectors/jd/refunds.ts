import type { CancelDecision, Cursor, Outcome, Page, RawRecord } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { instantOf, secondsOf, stampOf } from '../../src/kit/beijing-time.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { outcomeOfError, refused, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid, pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write, type Answer } from './client.ts'
import { assertDone } from './faults.ts'
import { REFUND_PAGE, type JdCall } from './manifest.ts'

/** A buyer who wants money back before the goods arrive applies for it; the seller and then the channel's finance decide. */
const APPLICATIONS = 'jingdong.pop.afs.soa.refundapply.queryPageList'
/** Cases after delivery, with the refund each led to. */
const CASES = 'jingdong.asc.serviceAndRefund.view'

const DAY_MS = 86_400_000
/** The longest windows of the list of cases: by the day of asking, by the day the seller approved. */
const BY_ASKING_MS = 7 * DAY_MS
const BY_APPROVAL_MS = 10 * DAY_MS

interface Verbatim {
  readonly text: string
  readonly doc: unknown
}
interface Window {
  readonly window: { readonly from: Instant; readonly to: Instant }
  readonly after: Cursor | undefined
}

/** Applications changed in a window, last page first, as orders are read. */
export async function* pullCancellations(call: JdCall, { window, after }: Window): AsyncGenerator<Page> {
  const range = secondsOf(window)
  const [from, to] = [stampOf(range.from), stampOf(range.to)]
  const ask = async (page: number): Promise<Listed<RawRecord>> => {
    const answer = await read(call, APPLICATIONS, {
      modifiedStart: stampOf(range.from - 1000),
      modifiedEnd: to,
      pageIndex: page,
      pageSize: REFUND_PAGE,
    })
    const { total, records } = listedOf(answer, 'queryResult', 'result')
    const inside = records.filter(({ doc }) => {
      const modified = textField(doc, 'modified') ?? from
      return modified >= from && modified < to
    })
    return { entries: inside.map(applicationRecord), total }
  }
  for await (const page of pagesBackwards({ what: APPLICATIONS, pageSize: REFUND_PAGE, after }, ask))
    yield { records: page.entries, cursor: page.cursor }
}

function applicationRecord({ text, doc }: Verbatim): RawRecord {
  const [id, orderId] = [textField(doc, 'id'), textField(doc, 'orderId')]
  if (id === undefined) throw unreadable('JD sent a refund application without its number.')
  const at = instantOf(textField(doc, 'modified') ?? textField(doc, 'checkTime') ?? textField(doc, 'applyTime') ?? '')
  return record({ id, orderId, at, text, doc })
}

/**
 * The list of cases cannot be asked for what changed: it is read anew, by the day of asking and by the day of approval, as
 * far back as the channel lets it. A case that led to no refund yet has nothing to say.
 */
export async function* pullReturns(call: JdCall, after: Cursor | undefined): AsyncGenerator<Page> {
  const now = call.now().getTime()
  let at = positionOf(after)
  for (;;) {
    const window: Readonly<Record<string, string>> =
      at.list === 0
        ? { applyTimeBegin: stampOf(now - BY_ASKING_MS), applyTimeEnd: stampOf(now) }
        : { approveTimeBegin: stampOf(now - BY_APPROVAL_MS), approveTimeEnd: stampOf(now) }
    const answer = await read(call, CASES, { ...window, pageNumber: at.page, pageSize: REFUND_PAGE })
    const { total, records } = listedOf(answer, 'pageResult', 'data')
    const more = at.page * REFUND_PAGE < total && records.length > 0
    at = more ? { list: at.list, page: at.page + 1 } : { list: at.list + 1, page: 1 }
    const isLast = at.list > 1
    yield { records: records.flatMap(caseRecord), cursor: isLast ? null : { ...at } }
    if (isLast) return
  }
}

function caseRecord({ text, doc }: Verbatim): readonly RawRecord[] {
  const id = textField(doc, 'afsRefundId')
  if (id === undefined || id === '' || id === '0') return []
  const bill = field(doc, 'sameOrderServiceBill')
  const at = instantOf(textField(doc, 'completeTime') ?? textField(bill, 'approveTime') ?? textField(bill, 'afsApplyTime') ?? '')
  return [record({ id: `afs-${id}`, orderId: textField(bill, 'orderId'), at, text, doc })]
}

function positionOf(cursor: Cursor | undefined): { readonly list: number; readonly page: number } {
  if (cursor === undefined) return { list: 0, page: 1 }
  const { list, page } = cursor
  if ((list === 0 || list === 1) && typeof page === 'number' && Number.isSafeInteger(page) && page >= 1) return { list, page }
  throw cursorInvalid()
}

interface Found extends Verbatim {
  readonly id: string
  readonly orderId: string | undefined
  readonly at: Instant | undefined
}

const record = ({ id, orderId, at, text, doc }: Found): RawRecord => ({
  kind: 'refund',
  externalId: id,
  ...(orderId === undefined ? {} : { parentId: orderId }),
  ...(at === undefined ? {} : { sourceTime: at }),
  payload: text,
  doc,
})

function listedOf({ body, root, doc }: Answer, result: string, list: string): { readonly total: number; readonly records: readonly Verbatim[] } {
  const found = field(doc, result)
  assertDone(found, root)
  const total = Number(textField(found, 'totalCount') ?? Number.NaN)
  if (!Number.isSafeInteger(total)) throw unreadable(`${root} does not say how many there are.`)
  const docs = listField(found, list)
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/${root}/${result}/${list}`)
  return { total, records: docs.map((each, i) => ({ text: texts[i] ?? '', doc: each })) }
}

/** Waits for the seller's word. */
const UNDECIDED = '0'
const APPROVED: ReadonlySet<string> = new Set(['1', '3', '5', '6', '9'])

/** Approves the buyer's application for this order. A locked order does not name it, so it is looked up. */
export async function decideCancel(call: JdCall, { key, orderId, requestId, reason }: CancelDecision): Promise<Outcome> {
  try {
    const answer = await read(call, APPLICATIONS, { orderId, ids: requestId, pageIndex: 1, pageSize: REFUND_PAGE })
    // Approving gives money back: what is of another order never counts, whatever the list was asked for.
    const applications = listedOf(answer, 'queryResult', 'result').records.flatMap(({ doc }) => (textField(doc, 'orderId') === orderId ? [doc] : []))
    const open = applications.find((doc) => textField(doc, 'status') === UNDECIDED)
    const id = textField(open, 'id')
    if (id === undefined) {
      if (applications.some((doc) => APPROVED.has(textField(doc, 'status') ?? ''))) return { key, status: 'unchanged' }
      return refused(key, 'no-application', 'JD knows no open application of the buyer for this order.')
    }
    const reply = { id, status: 1, checkUserName: 'Channel Hub', remark: reason.slice(0, 100) }
    await write(call, 'jingdong.pop.afs.soa.refundapply.replyRefund', reply, 'replyResult')
    return { key, status: 'applied', proof: { application: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}
