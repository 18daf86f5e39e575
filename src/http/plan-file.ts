import { stringify } from 'csv-stringify/sync'
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

/** Rows as CSV that Excel reads as UTF-8; nothing in it runs as a formula. */
export const tableCsv = (rows: Table): string => `\ufeff${stringify(rows.map((row) => row.map(neutral)))}`
