import { stringify } from 'csv-stringify/sync'
import type { SupplyOrderRow } from '../store/deliver/supply-orders.ts'
import type { PlanRow } from '../store/read/stock-plan.ts'
import { neutral } from './order-csv.ts'

const PLAN_COLUMNS = [
  ...(['sku', 'title', 'category', 'supplier', 'available', 'on_hand', 'reserved', 'held', 'safety', 'on_way', 'next_arrival'] as const),
  ...(['per_day_7', 'per_day_28', 'per_day', 'cover_days', 'runs_out', 'sold_90', 'on_hand_90', 'turnover'] as const),
  ...(['lead_days', 'target_days', 'pack', 'min_order', 'reorder_point', 'proposal', 'low', 'over'] as const),
] as const

type Table = readonly (readonly string[])[]

/** A plan as rows, the first with the names the API uses. */
export const planTable = (rows: readonly PlanRow[]): Table => [PLAN_COLUMNS, ...rows.map((row) => PLAN_COLUMNS.map((column) => cellOf(row[column])))]

const cellOf = (value: PlanRow[(typeof PLAN_COLUMNS)[number]]): string =>
  value === null ? '' : value === true ? 'yes' : value === false ? 'no' : String(value)

const WORDS = {
  en: { sku: 'Item', title: 'Name', quantity: 'Quantity', wanted: 'Wanted by', order: 'Order', to: 'Deliver to', note: 'Note', date: 'Date' },
  zh: { sku: '商品编码', title: '名称', quantity: '数量', wanted: '期望到货', order: '采购单', to: '送货至', note: '备注', date: '日期' },
} as const
export type NoticeLanguage = keyof typeof WORDS

/** What the supplier is told, as rows. */
export const noticeTable = (order: SupplyOrderRow, language: NoticeLanguage): Table => {
  const words = WORDS[language]
  return [
    [words.sku, words.title, words.quantity, words.wanted],
    ...order.lines.map((line) => [line.sku, line.title, line.quantity, line.promised_at?.slice(0, 10) ?? '']),
  ]
}

/** The facts above the rows. */
export const noticeFacts = (order: SupplyOrderRow, language: NoticeLanguage): readonly (readonly [string, string])[] => {
  const words = WORDS[language]
  return [
    [words.order, order.ref],
    [words.date, order.placed_at.slice(0, 10)],
    [words.to, order.location],
    ...(order.note === null ? [] : [[words.note, order.note] as const]),
  ]
}

/** Names of the sheets: the first is never the second. */
export const noticeNames = (
  order: SupplyOrderRow,
  language: NoticeLanguage,
  rows: Table,
): { readonly title: string; readonly tables: readonly { readonly name: string; readonly rows: Table }[] } => ({
  title: `${WORDS[language].order} ${order.ref}`,
  tables: [{ name: WORDS[language].sku, rows }],
})

/** What the supplier is told, to be put into a letter. */
export const noticeText = (order: SupplyOrderRow, language: NoticeLanguage): string =>
  [
    ...noticeFacts(order, language).map(([name, value]) => `${name}: ${value}`),
    '',
    ...noticeTable(order, language).map((row) => row.join('\t')),
    '',
  ].join('\n')

/** Rows as CSV that Excel reads as UTF-8; nothing in it runs as a formula. */
export const tableCsv = (rows: Table): string => `\ufeff${stringify(rows.map((row) => row.map(neutral)))}`
