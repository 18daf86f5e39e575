import type { Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJson } from '../../src/kit/json.ts'
import { absentAs, inGroups, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { idsIn } from '../../src/kit/wechat-api.ts'
import { read } from './client.ts'
import { idPages, type IdList } from './lists.ts'
import type { WechatCall } from './manifest.ts'

/** Details are read this many at a time. */
const AT_ONCE = 8

const changedOrders =
  (call: WechatCall): IdList =>
  async ({ from, to }, key) => {
    const { doc } = await read(call, 'order/list/get', {
      update_time_range: { start_time: from, end_time: to },
      page_size: call.config.pageSize,
      ...(key === '' ? {} : { next_key: key }),
    })
    return { ids: idsIn(doc, 'order_id_list'), next: textField(doc, 'next_key') ?? '', more: field(doc, 'has_more') === true }
  }

const changedRefunds =
  (call: WechatCall): IdList =>
  async ({ from, to }, key) => {
    const { doc } = await read(call, 'aftersale/getaftersalelist', {
      begin_update_time: from,
      end_update_time: to,
      ...(key === '' ? {} : { next_key: key }),
    })
    return { ids: idsIn(doc, 'after_sale_order_id_list'), next: textField(doc, 'next_key') ?? '', more: field(doc, 'has_more') === true }
  }

/** Lists name ids alone, so every order and every refund is read by itself. */
export async function* pullOrders(call: WechatCall, { window, after, stream }: PullRequest): AsyncGenerator<Page> {
  if (!window) throw new ChannelError({ kind: 'misconfigured', code: 'window-missing', message: `Stream "${stream}" is read by window.` })
  const [list, one] = stream === 'refunds' ? [changedRefunds(call), refundOf] : [changedOrders(call), orderOf]
  for await (const { ids, cursor } of idPages(list, { window, after })) yield { records: await inGroups(ids, AT_ONCE, (id) => one(call, id)), cursor }
}

/** Authoritative reads, one call for each order and one for each of its refunds; ids the channel does not know are absent. */
export async function fetchOrder(call: WechatCall, ids: readonly string[]): Promise<readonly RawRecord[]> {
  const orders = await inGroups([...new Set(ids)].filter(isOrderId), AT_ONCE, (id) => orderOf(call, id))
  const refunds = orders.flatMap(({ doc }) =>
    listField(field(doc, 'aftersale_detail'), 'aftersale_order_list').flatMap((each) => textField(each, 'aftersale_order_id') ?? []),
  )
  return [...orders, ...(await inGroups([...new Set(refunds)], AT_ONCE, (id) => refundOf(call, id)))]
}

/** An order has one number, which is its id. */
export const findOrders = (call: WechatCall, text: string): Promise<readonly RawRecord[]> =>
  inGroups([text.trim().replace(/^#/, '')].filter(isOrderId), 1, (id) => orderOf(call, id))

/** Ids of the orders changed in a window, for the ledger. */
export async function* listOrderIds(call: WechatCall, window: { readonly from: Instant; readonly to: Instant }): AsyncGenerator<readonly string[]> {
  for await (const { ids } of idPages(changedOrders(call), { window, after: undefined })) if (ids.length > 0) yield ids
}

export const isOrderId = (text: string): boolean => /^\d{5,20}$/.test(text)

/** Only the number of one order behind which nothing stands is absent; a refusal for any other reason is told. */
async function orderOf(call: WechatCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'order/get', { order_id: id }))
  if (!answer) return undefined
  const doc = field(answer.doc, 'order')
  if (textField(doc, 'order_id') !== id) throw unreadable('The order in the answer is not the one that was asked for.')
  return { kind: 'order', externalId: id, ...changeTime(doc), payload: sliceJson(answer.body, '/order'), doc }
}

async function refundOf(call: WechatCall, id: string): Promise<RawRecord | undefined> {
  const answer = await absentAs(read(call, 'aftersale/getaftersaleorder', { after_sale_order_id: id }))
  if (!answer) return undefined
  const doc = field(answer.doc, 'after_sale_order')
  if (textField(doc, 'after_sale_order_id') !== id) throw unreadable('The refund in the answer is not the one that was asked for.')
  const orderId = textField(doc, 'order_id')
  return {
    kind: 'refund',
    externalId: id,
    ...(orderId === undefined ? {} : { parentId: orderId }),
    ...changeTime(doc),
    payload: sliceJson(answer.body, '/after_sale_order'),
    doc,
  }
}

function changeTime(doc: unknown): Pick<RawRecord, 'sourceTime'> {
  const seconds = Number(textField(doc, 'update_time') ?? textField(doc, 'create_time') ?? Number.NaN)
  return Number.isSafeInteger(seconds) && seconds > 0 ? { sourceTime: new Date(seconds * 1000).toISOString() } : {}
}
