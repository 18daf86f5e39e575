import { stringify } from 'csv-stringify/sync'

const COLUMNS = [
  'connection_id',
  'channel',
  'channel_order_no',
  'display_no',
  'version',
  'placed_at',
  'payment',
  'fulfilment',
  'after_sale',
  'approval',
  'cancelled',
  'currency',
  'total',
  'paid',
  'refunded',
  'line_no',
  'channel_sku',
  'sku',
  'title',
  'quantity',
  'unit_price',
  'line_discount',
  'line_net',
  'line_tax',
  'holds',
] as const

type Cell = string | number | boolean | null

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
const cell = (value: unknown): Cell => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null)
const amountOf = (value: unknown): Cell => cell(recordOf(value)['amount'])

/** One CSV row per line of an order in its feed form (an order without lines keeps one row). */
function rowsOf(json: string): readonly (readonly Cell[])[] {
  const order = recordOf(JSON.parse(json))
  const doc = recordOf(order['doc'])
  const totals = recordOf(doc['totals'])
  const head = [
    ...['connection_id', 'channel', 'channel_order_no', 'display_no', 'version'].map((key) => cell(order[key])),
    cell(doc['placed_at']),
    ...['payment', 'fulfilment', 'after_sale', 'approval', 'cancelled'].map((key) => cell(order[key])),
    cell(doc['currency']),
    amountOf(totals['total']),
    amountOf(totals['paid']),
    amountOf(totals['refunded']),
  ]
  const holds = Array.isArray(order['holds']) ? order['holds'].join(' ') : ''
  const lines: readonly unknown[] = Array.isArray(doc['lines']) && doc['lines'].length > 0 ? doc['lines'] : [{}]
  return lines
    .map(recordOf)
    .map((line) => [
      ...head,
      ...['line_no', 'channel_sku', 'sku', 'title', 'quantity', 'unit_price'].map((key) => cell(line[key])),
      amountOf(line['discount']),
      amountOf(line['net']),
      amountOf(line['tax']),
      holds,
    ])
}

export const csvHeader = (): string => `\ufeff${stringify([[...COLUMNS]])}`

/** CSV of orders, for people; programs read them as NDJSON. */
export const ordersCsv = (documents: readonly string[]): string => stringify(documents.flatMap(rowsOf).map((row) => row.map(neutral)))

/**
 * A cell as a spreadsheet shows it and nothing else: what begins like a formula gets an apostrophe before it, and a code that would become a number (more
 * digits than it keeps, zeros in front, 1E5) a tab behind it, which nobody sees and every import here drops. Decimal amounts stay numbers, also below zero.
 */
export const neutral = (value: Cell): Cell => {
  if (typeof value !== 'string') return value
  if (/^(\d{16,}|0\d+|\d+E\d+)$/i.test(value)) return `${value}\t`
  return /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value
}
