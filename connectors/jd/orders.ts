import type { Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { instantOf, stampOf } from '../../src/kit/beijing-time.ts'
import { sliceJson, sliceJsonArray } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import type { Listed } from '../../src/kit/pages-backwards.ts'
import { pagesInParts } from '../../src/kit/pages-in-parts.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import { assertDone } from './faults.ts'
import type { JdCall } from './manifest.ts'
import { pullCancellations, pullReturns } from './refunds.ts'

/** Nothing is returned that is not named here. */
const FIELDS = [
  'orderId,venderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,sellerDiscount,balanceUsed,taxFee,serviceFee',
  'orderState,orderStateRemark,orderRemark,venderRemark,orderStartTime,orderEndTime,paymentConfirmTime,modified,scDT',
  'consigneeInfo,itemInfoList,couponDetailList,waybill,logisticsId,parentOrderId,directParentOrderId,storeOrder,returnOrder,orderSource,open_id_buyer',
].join(',')

/** All the states the list can be asked for, in the channel's own words; it shows none that is not named. */
const STATES = 'WAIT_SELLER_STOCK_OUT,WAIT_GOODS_RECEIVE_CONFIRM,WAIT_SELLER_DELIVERY,PAUSE,POP_ORDER_PAUSE,LOCKED,FINISHED_L,TRADE_CANCELED'

/** Orders are read one by one, this many at a time. */
const AT_ONCE = 4

interface Entry {
  readonly id: string
  readonly text: string
  readonly doc: unknown
}

/** `orders`: as the list shows them, which is all there is to an order. `cancellations`, `returns`: what buyers want back. */
export async function* pullOrders(call: JdCall, request: PullRequest): AsyncGenerator<Page> {
  if (request.stream === 'returns') {
    yield* pullReturns(call, request.after)
    return
  }
  const { window, after } = request
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${request.stream}" is read by window.` })
  if (request.stream === 'cancellations') {
    yield* pullCancellations(call, { window, after })
    return
  }
  for await (const page of changes(call, { window, after }, FIELDS)) yield { records: page.entries.map(orderRecord), cursor: page.cursor }
}

interface Changes {
  readonly window: { readonly from: Instant; readonly to: Instant }
  readonly after: Cursor | undefined
}

/** Lists of this channel end at a hundred pages where a figure is given; the list of orders names none. */
const LAST_PAGE = 100

/**
 * Orders changed in [from, to), newest first on page 1 and read from the last page, in parts where there are more than the channel
 * may show. The window is asked for one second wider and cut to size here, since nothing says which of its ends belong to it.
 */
function changes(call: JdCall, request: Changes, fields: string): ReturnType<typeof pagesInParts<Entry>> {
  const { pageSize } = call.config
  const method = call.config.orderApi === 'plain' ? 'jingdong.pop.order.search' : 'jingdong.pop.order.enSearch'
  const ask = async (range: { readonly from: number; readonly to: number }, page: number): Promise<Listed<Entry>> => {
    const { body, root, doc } = await read(call, method, {
      start_date: stampOf(range.from - 1000),
      end_date: stampOf(range.to),
      order_state: STATES,
      optional_fields: fields,
      page: String(page),
      page_size: String(pageSize),
      sortType: '1',
      dateType: '0',
    })
    const result = field(doc, 'searchorderinfo_result')
    assertDone(field(result, 'apiResult'), method)
    const total = Number(textField(result, 'orderTotal') ?? Number.NaN)
    if (!Number.isSafeInteger(total)) throw unreadable(`${method} does not say how many orders there are.`)
    const docs = listField(result, 'orderInfoList')
    const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/${root}/searchorderinfo_result/orderInfoList`)
    const [from, to] = [stampOf(range.from), stampOf(range.to)]
    const entries = docs.map((each, i) => ({ ...entryOf(each, texts[i] ?? ''), modified: textField(each, 'modified') ?? from }))
    return { entries: entries.filter(({ modified }) => modified >= from && modified < to), total }
  }
  return pagesInParts({ what: method, pageSize, most: LAST_PAGE * pageSize, ask }, request)
}

function entryOf(doc: unknown, text: string): Entry {
  const id = textField(doc, 'orderId')
  if (id === undefined) throw unreadable('JD sent an order without its number.')
  return { id, text, doc }
}

/** Authoritative reads, one call each; ids the channel does not know (or not any more) are absent. */
export function fetchOrder(call: JdCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const sound = [...new Set(ids)].filter((id) => /^\d{1,20}$/.test(id))
  return inGroups(sound, AT_ONCE, async (id) => {
    const entry = await readOrder(call, id)
    return entry && orderRecord(entry)
  })
}

/** One order as it stands now; undefined where the channel has none of that number. */
export async function readOrder(call: JdCall, id: string): Promise<Entry | undefined> {
  const method = call.config.orderApi === 'plain' ? 'jingdong.pop.order.get' : 'jingdong.pop.order.enGet'
  return absentAs(
    read(call, method, { order_id: id, optional_fields: FIELDS }).then(({ body, root, doc }) => {
      const detail = field(doc, 'orderDetailInfo')
      assertDone(field(detail, 'apiResult'), method)
      const order = field(detail, 'orderInfo')
      if (typeof order !== 'object' || order === null) return undefined
      const entry = entryOf(order, sliceJson(body, `/${root}/orderDetailInfo/orderInfo`))
      if (entry.id !== id) throw unreadable('The order in the answer is not the one that was asked for.')
      return entry
    }),
  )
}

/** An order has one number, which is its id. */
export const findOrders = (call: JdCall, text: string): Promise<readonly RawRecord[]> => fetchOrder(call, [text.trim().replace(/^#/, '')])

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: JdCall, window: Changes['window']): AsyncGenerator<readonly string[]> {
  for await (const page of changes(call, { window, after: undefined }, 'orderId,modified')) {
    if (page.entries.length > 0) yield page.entries.map((entry) => entry.id)
  }
}

function orderRecord({ id, text, doc }: Entry): RawRecord {
  const modified = instantOf(textField(doc, 'modified') ?? textField(doc, 'orderStartTime') ?? '')
  return { kind: 'order', externalId: id, ...(modified === undefined ? {} : { sourceTime: modified }), payload: text, doc }
}
