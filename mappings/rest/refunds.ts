import Big from 'big.js'
import type { DocumentMap } from '../../src/core/document-map.ts'
import { MappingError } from '../../src/core/fault.ts'
import type { RawDocument } from '../../src/core/mapping.ts'
import { moneyFromDecimal, type Money } from '../../src/core/money.ts'
import type { Order, Payment, Refund } from '../../src/core/order.ts'
import { pick, picks } from '../../src/core/pick.ts'
import { unambiguousInstant } from '../field-map/convert.ts'
import { decimal, textsAt } from './rows.ts'

const text = (doc: unknown, pointer: string | undefined): string => (pointer === undefined ? '' : (textsAt(doc, pointer)[0] ?? '').trim())

function required(doc: unknown, pointer: string): string {
  const found = text(doc, pointer)
  if (found === '') throw new MappingError('value-missing', 'A value is missing.', pointer)
  return found
}

const absolute = (texts: readonly string[], pointer: string, currency: string): Money =>
  moneyFromDecimal(
    texts
      .filter((one) => one !== '')
      .reduce((sum, one) => sum.plus(decimal(one, pointer)), new Big(0))
      .abs()
      .toFixed(),
    currency,
  )

/** The order with the refunds its document sums up: what went back, and what that makes of its payment. */
export function withRefunds(order: Order, doc: unknown, map: DocumentMap): Order {
  const how = map.refunds
  if (!how) return order
  const list = picks(doc, how.items).flatMap((value): readonly unknown[] => (Array.isArray(value) ? value : []))
  const refunds = list.map((one): Refund => {
    const [reason, at] = [text(one, how.reason), text(one, how.at)]
    return {
      channelRefundNo: required(one, how.id),
      channelOrderNo: order.channelOrderNo,
      kind: 'refund',
      state: 'done',
      amount: absolute([required(one, how.amount)], how.amount, order.currency),
      ...(reason === '' ? {} : { reason }),
      at: at === '' ? order.sourceUpdatedAt : unambiguousInstant(at, order.sourceTz, how.at ?? ''),
      sourceUpdatedAt: order.sourceUpdatedAt,
      lines: [],
    }
  })
  const minor = refunds.reduce((sum, refund) => sum + refund.amount.minor, 0)
  const { currency, totals } = order
  if (minor === 0) return { ...order, totals: { ...totals, refunded: { minor: 0, currency } } }
  const payments = refunds.map((refund): Payment => ({
    kind: 'refund',
    method: order.payments[0]?.method ?? 'unknown',
    amount: refund.amount,
    status: 'done',
    id: refund.channelRefundNo,
  }))
  return {
    ...order,
    payment: minor >= totals.total.minor ? 'refunded' : 'partially_refunded',
    afterSale: 'closed',
    totals: { ...totals, refunded: { minor, currency } },
    payments: [...order.payments, ...payments],
    refunds,
  }
}

/** `{order: {id, currency}, refund: document as received}` → refund. */
export function refundOf(raw: RawDocument, map: DocumentMap, timezone: string): Refund {
  const how = map.refund
  if (!how) throw new MappingError('refund-unmapped', 'The settings do not say how a refund document is read.', '/refund')
  const doc = pick(raw.doc, '/refund')
  const currency = map.currency ?? required(raw.doc, '/order/currency')
  const order = raw.parentId ?? required(raw.doc, '/order/id')
  const at = unambiguousInstant(required(doc, how.at), timezone, how.at)
  const reason = text(doc, how.reason)
  const lines = how.lines
  return {
    channelRefundNo: required(doc, how.id),
    channelOrderNo: order,
    kind: 'refund',
    state: 'done',
    amount: absolute([required(doc, how.amount)], how.amount, currency),
    ...(reason === '' ? {} : { reason }),
    at,
    sourceUpdatedAt: at,
    lines: lines ? picks(doc, `${lines.items}/*`).map((line) => lineOf(line, lines, currency)) : [],
  }
}

function lineOf(line: unknown, how: NonNullable<NonNullable<DocumentMap['refund']>['lines']>, currency: string): Refund['lines'][number] {
  const channelLineNo = how.lineNo.map((pointer) => text(line, pointer)).find((found) => found !== '')
  if (channelLineNo === undefined) throw new MappingError('value-missing', 'A line of the refund does not say which line it is about.', how.lineNo[0])
  const [sku, title] = [text(line, how.sku), text(line, how.title)]
  return {
    channelLineNo,
    ...(sku === '' ? {} : { channelSku: sku }),
    ...(title === '' ? {} : { title }),
    quantity: decimal(text(line, how.quantity) || '0', how.quantity)
      .abs()
      .toFixed(),
    amount: absolute(
      how.amount.map((pointer) => text(line, pointer)),
      how.amount[0] ?? '',
      currency,
    ),
  }
}
