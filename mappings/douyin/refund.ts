import { MappingError } from '../../src/core/fault.ts'
import type { Mapped, RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { list, optionalText, requiredText } from '../parts/read.ts'
import { amount, code, fen, requiredFen, requiredTime } from './read.ts'
import { known } from './state.ts'

/** What kinds of after-sale are about money, and what they are; the others move goods only. */
const KINDS: ReadonlyMap<string, Refund['kind'] | undefined> = new Map([
  ['0', 'return'],
  ['1', 'refund'],
  ['2', 'cancellation'],
  ['3', undefined],
  ['4', 'cancellation'],
  ['5', 'cancellation'],
  ['6', 'adjustment'],
  ['7', undefined],
  ['8', undefined],
])

const STATES: ReadonlyMap<string, Refund['state']> = new Map([
  ['6', 'requested'],
  ['7', 'approved'],
  ['8', 'approved'],
  ['11', 'approved'],
  ['12', 'done'],
  ['13', 'approved'],
  ['14', 'done'],
  ['27', 'rejected'],
  ['28', 'rejected'],
  ['29', 'rejected'],
  ['51', 'done'],
  ['53', 'done'],
])
/** The after-sale has come to its end, the money has not: on its way (1, 2) or stuck (4). */
const NOT_YET: ReadonlySet<string> = new Set(['1', '2', '4'])

/** One after-sale as `afterSale.List` shows it. */
export function refundOf({ doc }: RawDocument): Mapped {
  const type = requiredText(doc, '/aftersale_info/aftersale_type')
  if (!KINDS.has(type))
    throw new MappingError(
      'status-unmapped',
      `"${type.slice(0, 40)}" is not a kind of after-sale the channel documents.`,
      '/aftersale_info/aftersale_type',
    )
  const kind = KINDS.get(type)
  if (kind === undefined) return { kind: 'ignore', rule: 'no-money', reason: 'An exchange, a replacement or a repair moves no money.' }
  const status = requiredText(doc, '/aftersale_info/aftersale_status')
  const state = known(STATES.get(status), status, '/aftersale_info/aftersale_status')
  const reason = optionalText(doc, '/text_part/reason_text')
  const post = fen(doc, '/aftersale_info/refund_post_amount')
  return {
    kind: 'refund',
    refund: {
      channelRefundNo: requiredText(doc, '/aftersale_info/aftersale_id'),
      channelOrderNo: requiredText(doc, '/order_info/shop_order_id'),
      kind,
      state: state === 'done' && NOT_YET.has(code(doc, '/aftersale_info/refund_status')) ? 'approved' : state,
      amount: amount(totalOf(doc, post)),
      ...(post === 0 ? {} : { shipping: amount(post) }),
      ...(reason === undefined ? {} : { reason }),
      at: requiredTime(doc, '/aftersale_info/apply_time'),
      sourceUpdatedAt: requiredTime(doc, '/aftersale_info/update_time'),
      lines: list(doc, '/order_info/related_order_info').map(({ value }) => lineOf(value)),
    },
  }
}

/**
 * Everything that goes back. Whether `refund_amount` holds the postage and tax that go back is not documented: where there are some,
 * the amounts of the sub-orders show it, and where they do not either the after-sale is held.
 */
function totalOf(doc: unknown, post: number): number {
  const stated = requiredFen(doc, '/aftersale_info/refund_amount')
  const more = post + fen(doc, '/aftersale_info/refund_tax_amount')
  if (more === 0) return stated
  const goods = list(doc, '/order_info/related_order_info').reduce((sum, { value }) => sum + fen(value, '/aftersale_pay_amount'), 0)
  if (stated === goods) return stated + more
  if (stated === goods + more) return stated
  throw new MappingError(
    'refund-unclear',
    'The amounts of this after-sale do not say whether its postage comes on top.',
    '/aftersale_info/refund_amount',
  )
}

function lineOf(value: unknown): Refund['lines'][number] {
  const [sku, title] = [optionalText(value, '/shop_sku_code'), optionalText(value, '/product_name')]
  return {
    channelLineNo: requiredText(value, '/sku_order_id'),
    ...(sku === undefined ? {} : { channelSku: sku }),
    ...(title === undefined ? {} : { title }),
    quantity: code(value, '/aftersale_item_num'),
    amount: amount(fen(value, '/aftersale_pay_amount')),
  }
}
