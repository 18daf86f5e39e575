import { useCallback, useMemo, useRef, useState } from 'react'

interface Row {
  readonly id: string
}

export interface Selection<T extends Row = Row> {
  readonly ids: ReadonlySet<string>
  readonly chosen: readonly T[]
  /** Turns one row, or all rows since the last one that was turned. */
  readonly toggle: (index: number, range: boolean) => void
  readonly toggleAll: () => void
  readonly clear: () => void
}

/** Chosen rows by id, so that they stay chosen while the list moves. */
export const useSelection = <T extends Row>(rows: readonly T[]): Selection<T> => {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const anchor = useRef(-1)
  const toggle = useCallback(
    (index: number, range: boolean) => {
      const row = rows[index]
      if (row === undefined) return
      setIds((before) => {
        const next = new Set(before)
        const on = !before.has(row.id)
        const from = range && anchor.current >= 0 ? Math.min(anchor.current, index) : index
        const to = range && anchor.current >= 0 ? Math.max(anchor.current, index) : index
        for (const one of rows.slice(from, to + 1)) on ? next.add(one.id) : next.delete(one.id)
        return next
      })
      anchor.current = index
    },
    [rows],
  )
  const toggleAll = useCallback(() => {
    setIds((before) => (rows.every((row) => before.has(row.id)) ? new Set() : new Set(rows.map((row) => row.id))))
  }, [rows])
  const clear = useCallback(() => setIds(new Set()), [])
  const chosen = useMemo(() => rows.filter((row) => ids.has(row.id)), [rows, ids])
  return { ids, chosen, toggle, toggleAll, clear }
}
