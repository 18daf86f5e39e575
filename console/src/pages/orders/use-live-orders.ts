import { useMemo } from 'react'
import type { Query } from '../../api/http.ts'
import type { List, ListPage } from '../../api/lists.ts'
import { useList, useOne } from '../../api/lists.ts'
import type { OrderSummary } from '../../api/orders.ts'

const glance = 50

interface LiveOrders {
  readonly items: readonly OrderSummary[]
  readonly query: List<OrderSummary>['query']
  /** Orders above the first row that the reader has not let in yet. */
  readonly fresh: number
  readonly letIn: () => void
}

/**
 * The list as it was read, with its visible rows kept up to date in place. New orders are only counted until the
 * reader asks for them, so that a row never moves under the pointer.
 */
export const useLiveOrders = (filters: Query, enabled: boolean): LiveOrders => {
  const { items, query } = useList<OrderSummary>('/v1/orders', { ...filters, limit: 100 }, { enabled })
  // What is new is looked for once the list stands, not in its way.
  const newest = useOne<ListPage<OrderSummary>>('/v1/orders', {
    query: { ...filters, limit: glance },
    every: 10_000,
    enabled: enabled && !query.isPending,
  })
  return useMemo(() => {
    const known = new Set(items.map((order) => order.id))
    const now = new Map((newest.data?.items ?? []).map((order) => [order.id, order]))
    const ahead = (newest.data?.items ?? []).findIndex((order) => known.has(order.id))
    const fresh = newest.data === undefined || query.isPending ? 0 : ahead === -1 ? newest.data.items.length : ahead
    return { items: items.map((order) => now.get(order.id) ?? order), query, fresh, letIn: () => void query.refetch() }
  }, [items, newest.data, query])
}
