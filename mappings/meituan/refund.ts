import type { RawDocument } from '../../src/core/mapping.ts'
import type { Refund } from '../../src/core/order.ts'
import { amount, CNY, fen, pieces } from '../parts/cny.ts'
import { list, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'
import { requiredTime, time } from '../parts/wechat.ts'
import { nested, refuseIncomplete, unmapped } from './read.ts'

/** `res_type`: 0 open; 1, 3 refused by shop or channel; 2, 4, 5, 6 agreed to by somebody or by time; 7, 8 taken back by the buyer. */
const ANSWERS: ReadonlyMap<string, Refund['state']> = new Map<string, Refund['state']>([
  ['0', 'requested'],
  ...['1', '3', '7', '8'].map((each) => [each, 'rejected'] as const),
  ...['2', '4', '5', '6'].map((each) => [each, 'done'] as const),
])

/** `status` of shops that take goods back: asked, first and last word, with an appeal after each. Money alone is done with the first word. */
const FLOW: ReadonlyMap<string, 'asked' | 'agreed' | 'sent' | 'done' | 'refused'> = new Map([
  ['1', 'asked'],
  ['16', 'asked'],
  ['10', 'agreed'],
  ['17', 'agreed'],
  ['20', 'sent'],
  ['26', 'sent'],
  ['21', 'done'],
  ['27', 'done'],
  ['11', 'refused'],
  ['18', 'refused'],
  ['22', 'refused'],
  ['28', 'refused'],
  ['30', 'refused'],
])

/** One record of `getOrderRefundDetail`. Lines name what goes back and at which price; the amount is that of the record. */
export function refundOf({ doc, parentId }: RawDocument): Refund {
  refuseIncomplete(doc)
  const flow = text(doc, '/service_type')
  const reason = optionalText(doc, '/apply_reason')
  const asked = requiredTime(doc, '/ctime')
  const kind = optionalText(doc, '/apply_type') === '0' ? 'cancellation' : flow === '2' ? 'return' : 'refund'
  return {
    channelRefundNo: requiredText(doc, '/refund_id'),
    // An order may be shown under another number than its own.
    channelOrderNo: parentId ?? optionalText(doc, '/order_id') ?? requiredText(doc, '/wm_order_id_view'),
    kind,
    state: flow === '1' || flow === '2' ? flowState(doc, flow) : answerState(doc),
    amount: requiredMoney(doc, '/money', CNY),
    ...(reason === undefined ? {} : { reason }),
    at: asked,
    sourceUpdatedAt: time(doc, '/utime') ?? asked,
    lines: linesOf(doc),
  }
}

function answerState(doc: unknown): Refund['state'] {
  const word = requiredText(doc, '/res_type')
  const found = ANSWERS.get(word)
  if (found === undefined) throw unmapped(word, '/res_type')
  return found
}

function flowState(doc: unknown, flow: '1' | '2'): Refund['state'] {
  const word = requiredText(doc, '/status')
  const found = FLOW.get(word)
  if (found === undefined) throw unmapped(word, '/status')
  if (found === 'asked') return 'requested'
  if (found === 'refused') return 'rejected'
  if (found === 'done') return 'done'
  return flow === '1' && found === 'agreed' ? 'done' : 'approved'
}

/** By the piece; a difference in weight gives back money without pieces. */
function linesOf(doc: unknown): Refund['lines'] {
  return list({ parts: nested(doc, '/wmAppRetailForOrderPartRefundList') }, '/parts').map(({ value }) => {
    const product = optionalText(value, '/app_food_code') ?? optionalText(value, '/app_spu_code') ?? ''
    const sku = optionalText(value, '/sku_id') ?? product
    const quantity = pieces(value, '/count', '0')
    const title = optionalText(value, '/food_name')
    return {
      channelLineNo: sku,
      channelSku: sku,
      ...(title === undefined ? {} : { title }),
      quantity,
      amount: amount(Math.round(fen(value, '/refund_price') * Math.max(1, Number(quantity)))),
    }
  })
}
