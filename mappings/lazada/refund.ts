import { MappingError } from '../../src/core/fault.ts'
import type { MapContext, Mapped, RawDocument } from '../../src/core/mapping.ts'
import { moneyFromMinor } from '../../src/core/money.ts'
import type { Refund } from '../../src/core/order.ts'
import { at, list, optionalText, requiredText } from '../parts/read.ts'
import { currencyOf, requiredTime, time, unmapped, wordOf } from './read.ts'

/**
 * Where a line of a reverse order stands: the four the page of GetReverseOrderDetail lists, those of the push messages
 * (docId 120232) and those its clients meet. Any other holds the refund.
 */
const STATES: ReadonlyMap<string, Refund['state']> = new Map<string, Refund['state']>([
  ...['REQUEST_INITIATE', 'CANCEL_INIT', 'RTM_INIT', 'RTW_INIT', 'REFUND_INIT'].map((word) => [word, 'requested'] as const),
  ...[
    'SELLER_AGREE_RETURN',
    'BUYER_SHIP',
    'RETURNING',
    'RTM_SHIPPING_BACK',
    'RTM_RECEIVE_ITEM',
    'RTW_SHIPPING_BACK',
    'RTW_REFUND_PENDING',
    'REFUND_PENDING',
  ].map((word) => [word, 'approved'] as const),
  ...['CANCEL_SUCCESS', 'CANCEL_REFUND_ISSUED', 'REFUND_SUCCESS', 'REVERSE_SUCCESS'].map((word) => [word, 'done'] as const),
  ...[
    'REQUEST_REJECT',
    'REQUEST_CANCEL',
    'RETURN_CANCELED',
    'RTM_CANCELED',
    'RTW_CANCELED',
    'RTW_REJECT',
    'REFUND_REJECTED',
    'SELLER_REJECT_RETURN',
  ].map((word) => [word, 'rejected'] as const),
])

const KINDS: ReadonlyMap<string, Refund['kind']> = new Map([
  ['CANCEL', 'cancellation'],
  ['RETURN', 'return'],
  ['ONLY_REFUND', 'refund'],
])

/** One line of a reverse order. Amounts are in cents, in Vietnam in dong. */
export function refundOf(raw: RawDocument, context: MapContext): Mapped {
  const { externalId } = raw
  const doc = at(raw.doc, '/reverse_order') ?? raw.doc
  const lines = list(doc, '/reverse_order_lines')
  // A document of one line names it by itself.
  const found = lines.find(({ value }) => wordOf(value, '/reverse_order_line_id') === externalId) ?? (lines.length === 1 ? lines[0] : undefined)
  if (!found) throw new MappingError('line-missing', 'The reverse order has no line of this number.', '/reverse_order_lines')
  const { value: line, pointer } = found
  const [word, type] = [requiredText(line, '/reverse_status'), requiredText(doc, '/request_type').replaceAll(' ', '')]
  const [state, kind] = [STATES.get(word), KINDS.get(type)]
  if (state === undefined) throw unmapped(word, `${pointer}/reverse_status`)
  if (kind === undefined) throw unmapped(type, '/request_type')
  if (/^(?:false|0)$/i.test(wordOf(line, '/is_need_refund')))
    return { kind: 'ignore', rule: 'lazada-no-money', reason: 'Nothing was paid for what was cancelled: no money goes back.' }
  const amount = moneyFromMinor(requiredText(line, '/refund_amount'), currencyOf(context))
  const [order, reason, sku] = [
    optionalText(doc, '/trade_order_id') ?? raw.parentId,
    optionalText(line, '/reason_text'),
    optionalText(line, '/seller_sku_id'),
  ]
  const created = requiredTime(line, '/return_order_line_gmt_create')
  return {
    kind: 'refund',
    refund: {
      channelRefundNo: requiredText(line, '/reverse_order_line_id'),
      ...(order === undefined ? {} : { channelOrderNo: order }),
      kind,
      state,
      amount,
      ...(reason === undefined ? {} : { reason }),
      at: created,
      sourceUpdatedAt: time(line, '/return_order_line_gmt_modified') ?? created,
      lines: [{ channelLineNo: lineOf(raw.doc, line), ...(sku === undefined ? {} : { channelSku: sku }), quantity: '1', amount }],
    },
  }
}

/** Units that are alike are one line under the lowest of their numbers; they stand beside the reverse order. */
function lineOf(doc: unknown, line: unknown): string {
  const own = requiredText(line, '/trade_order_line_id')
  const alike = list(doc, '/order_items').flatMap(({ value }) => optionalText(value, '/order_item_id') ?? [])
  return [...alike, own].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(0) ?? own
}
