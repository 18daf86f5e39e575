import { useCallback, useMemo, useRef, useState } from 'react'
import type { OrderSummary } from '../../api/orders.ts'

export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly chosen: readonly OrderSummary[]
  /** Turns one row, or all rows since the last one that was turned. */
  readonly toggle: (index: number, range: boolean) => void
  readonly toggleAll: () => void
  readonly clear: () => void
}

/** Chosen rows by id, so that they stay chosen while the list moves. */
export const useSelection = (orders: readonly OrderSummary[]): Selection => {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef(-1)
  const toggle = useCallback(
    (index: number, range: boolean) => {
      const order = orders[index]
      if (order === undefined) return
      setIds((before) => {
        const next = new Set(before)
        const on = !before.has(order.id)
        const from = range && anchor.current >= 0 ? Math.min(anchor.current, index) : index
        const to = range && anchor.current >= 0 ? Math.max(anchor.current, index) : index
        for (const one of orders.slice(from, to + 1)) on ? next.add(one.id) : next.delete(one.id)
        return next
      })
      anchor.current = index
    },
    [orders],
  )
  const toggleAll = useCallback(() => {
    setIds((before) => (orders.every((order) => before.has(order.id)) ? new Set() : new Set(orders.map((order) => order.id))))
  }, [orders])
  const clear = useCallback(() => setIds(new Set()), [])
  const chosen = useMemo(() => orders.filter((order) => ids.has(order.id)), [orders, ids])
  return { ids, chosen, toggle, toggleAll, clear }
}
