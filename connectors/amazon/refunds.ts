import type { RawRecord } from '../../src/core/connector.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { AmazonCall } from './manifest.ts'
import type { Listed, Range } from './pages.ts'

/** Movements of money; those that give some back to a buyer are refunds. */
export async function refundsPage(call: AmazonCall, range: Range): Promise<Listed> {
  const { body, doc } = await read(call, {
    limit: 'listTransactions',
    path: '/finances/2024-06-19/transactions',
    query: { postedAfter: range.after, postedBefore: range.before, nextToken: range.token },
  })
  const payload = field(doc, 'payload')
  if (typeof payload !== 'object' || payload === null) throw unreadable('The answer holds no transactions.')
  const all = listField(payload, 'transactions')
  const texts = all.length === 0 ? [] : sliceJsonArray(body, '/payload/transactions')
  return {
    records: all.flatMap((each, i) => (isRefund(each) ? [recordOf(each, texts[i] ?? '')] : [])),
    next: textField(payload, 'nextToken'),
  }
}

const isRefund = (doc: unknown): boolean => /^refund/i.test(textField(doc, 'transactionType') ?? '')

/** Money that is held back at first comes twice, as deferred and as released: both go by the number of the first. */
function recordOf(doc: unknown, payload: string): RawRecord {
  const named = new Map(
    listField(doc, 'relatedIdentifiers').map((each) => [textField(each, 'relatedIdentifierName'), textField(each, 'relatedIdentifierValue')]),
  )
  const id = named.get('REFUND_ID') ?? named.get('DEFERRED_TRANSACTION_ID') ?? textField(doc, 'transactionId') ?? ''
  const posted = Date.parse(textField(doc, 'postedDate') ?? '')
  if (id === '' || Number.isNaN(posted)) throw unreadable('The channel sent a refund without its number or its time.')
  const order = named.get('ORDER_ID')
  return {
    kind: 'refund',
    externalId: id,
    ...(order === undefined ? {} : { parentId: order }),
    sourceTime: new Date(posted).toISOString(),
    payload,
    doc,
  }
}
