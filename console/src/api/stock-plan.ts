import type { UseQueryResult } from '@tanstack/react-query'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { call, get, post } from './http.ts'
import type { Query } from './http.ts'
import { useList, useOne } from './lists.ts'
import type { List, ListPage } from './lists.ts'
import type { RowProblem } from './rows.ts'

export const planViews = ['low', 'out', 'over', 'turnover', 'proposals', 'all'] as const
export type PlanView = (typeof planViews)[number]

/** One item as it is planned. Quantities are decimal text. */
export interface PlanRow {
  readonly sku: string
  readonly title: string
  readonly counted: boolean
  readonly on_hand: string
  readonly reserved: string
  readonly safety: string
  readonly available: string
  readonly on_way: string
  readonly next_arrival: string | null
  readonly overdue: string
  readonly per_day_7: string
  readonly per_day_28: string
  readonly per_day: string
  readonly cover_days: string | null
  readonly runs_out: string | null
  readonly sold_90: string
  readonly on_hand_90: string
  readonly turnover: string | null
  readonly known_days: number
  readonly lead_days: number
  readonly target_days: number
  readonly pack: string
  readonly min_order: string
  readonly reorder_point: string | null
  readonly proposal: string
  readonly low: boolean
  readonly over: boolean
  readonly supplier_id: string | null
  readonly supplier: string | null
}

interface PlanPage extends ListPage<PlanRow> {
  readonly totals: Readonly<Record<PlanView, number>>
  readonly measured_at: string | null
}
export interface Plan extends List<PlanRow> {
  readonly totals: Readonly<Record<PlanView, number>> | undefined
  readonly measuredAt: string | null | undefined
}

/** The plan of a filter, page by page. */
export const usePlan = (filters: Query): Plan => {
  const query = useInfiniteQuery({
    queryKey: ['/v1/stock/plan', 'list', filters],
    queryFn: ({ pageParam, signal }) => get<PlanPage>('/v1/stock/plan', { ...filters, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? (last.next_cursor ?? undefined) : undefined),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  })
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const [first] = query.data?.pages ?? []
  return { items, query, totals: first?.totals, measuredAt: first?.measured_at }
}
export const planFile = (filters: Query, format: 'csv' | 'xlsx'): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...filters, format })) if (value !== undefined) query.set(name, String(value))
  return `/v1/stock/plan/export?${query.toString()}`
}

export interface Supplier {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly lead_days: number | null
  readonly note: string | null
  readonly skus: number
  /** What may be ordered from it without anybody asking, and who said so. */
  readonly by_itself: { readonly author: string; readonly pieces_per_day: string; readonly account_id: string | null } | null
}
type SupplierFields = Omit<Supplier, 'id' | 'skus' | 'by_itself'>
interface ByItself {
  readonly pieces_per_day: number
  readonly account_id?: string
  readonly language: string
}
export const useSuppliers = (): UseQueryResult<{ readonly items: readonly Supplier[] }> => useOne('/v1/suppliers', { every: 60_000 })
export const addSupplier = (supplier: SupplierFields): Promise<unknown> => post('/v1/suppliers', supplier)
export const changeSupplier = (id: string, change: SupplierFields & { readonly by_itself?: ByItself | null }): Promise<unknown> =>
  call('PATCH', `/v1/suppliers/${id}`, { body: change })
export const removeSupplier = (id: string): Promise<unknown> => call('DELETE', `/v1/suppliers/${id}`)

export interface Supply {
  readonly sku: string
  readonly supplier_id: string | null
  readonly lead_days: number | null
  readonly pack: string | null
  readonly min_order: string | null
  readonly target_days: number | null
}
export const setSupply = (supply: Pick<Supply, 'sku'> & Partial<Supply>): Promise<{ readonly items: readonly { readonly result: string }[] }> =>
  post('/v1/stock/supply', { items: [supply] })
export interface SupplyImport {
  readonly rows: number
  readonly set: number
  readonly unchanged: number
  readonly refused: readonly RowProblem[]
}
export const importSupply = (file: File): Promise<SupplyImport> => {
  const form = new FormData()
  form.set('file', file)
  return call('POST', '/v1/stock/supply/import', { form })
}

export interface SupplyOrder {
  readonly id: string
  readonly ref: string
  readonly supplier: string
  readonly email: string | null
  readonly location: string
  readonly lines: readonly { readonly sku: string; readonly title: string; readonly quantity: string; readonly promised_at: string | null }[]
  readonly placed_at: string
  readonly placed_by: string | null
  readonly told_at: string | null
  readonly told_by: string | null
  readonly open: number
  readonly received: number
  /** The newest mail of it; null = none was asked for. */
  readonly mail: {
    readonly state: 'waiting' | 'sending' | 'sent' | 'failed'
    readonly recipient: string
    /** Begun so often. */
    readonly attempts: number
    readonly answer: string | null
    /** While it waits: when it is tried. */
    readonly not_before: string
    readonly sent_at: string | null
  } | null
}
export const useSupplyOrders = (): List<SupplyOrder> => useList('/v1/supply-orders', {}, { every: 5_000 })
export interface SupplyOrderDraft {
  readonly ref: string
  readonly supplier_id: string
  readonly location: string
  readonly lines: readonly { readonly sku: string; readonly quantity: string }[]
}
export const placeSupplyOrder = (order: SupplyOrderDraft): Promise<{ readonly order: SupplyOrder; readonly repeated: boolean }> =>
  post('/v1/supply-orders', order)
interface MailAccount {
  readonly id: string
  readonly name: string
  readonly from: string
}
export const useMailAccounts = (): UseQueryResult<{ readonly items: readonly MailAccount[] }> => useOne('/v1/supply-orders/mail-accounts')
export const mailSupplyOrder = (
  id: string,
  ask: { readonly account_id?: string; readonly language: string; readonly again: boolean },
): Promise<{ readonly repeated: boolean }> => post(`/v1/supply-orders/${id}/mail`, ask)
export const markTold = (id: string): Promise<unknown> => post(`/v1/supply-orders/${id}/told`, {})

export interface Came {
  readonly sku: string
  readonly title: string
  readonly location: string
  readonly quantity: string
  readonly at: string
  readonly ref: string | null
  readonly orders: readonly { readonly id: string; readonly number: string }[]
  readonly waiting: number
}
/** What came in the last week, and which orders went on by it. */
export const useCame = (): UseQueryResult<{ readonly items: readonly Came[] }> => useOne('/v1/arrivals/notices', { every: 30_000 })

export interface Substitute {
  readonly substitute: string
  readonly title: string
  readonly note: string | null
  readonly promisable: string
  readonly counted: boolean
}
const substitutesPath = (sku: string): string => `/v1/skus/${encodeURIComponent(sku)}/substitutes`
export const useSubstitutes = (sku: string): UseQueryResult<{ readonly items: readonly Substitute[] }> => useOne(substitutesPath(sku))
export const setSubstitutes = (sku: string, items: readonly { readonly sku: string }[]): Promise<unknown> => post(substitutesPath(sku), { items })
export interface ShortItem {
  readonly sku: string
  readonly quantity: string
  readonly substitutes: readonly Substitute[]
}
/** What could be sold instead of the items an order waits for. */
export const useOrderSubstitutes = (order: string): UseQueryResult<{ readonly items: readonly ShortItem[] }> =>
  useOne(`/v1/orders/${order}/substitutes`)
