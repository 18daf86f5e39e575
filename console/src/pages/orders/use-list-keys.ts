import { useNavigate } from '@tanstack/react-router'
import type { OrderSummary } from '../../api/orders.ts'
import { useAddress } from '../../app/use-search.ts'
import { useKeys } from '../../ui/keys.ts'
import type { Selection } from '../../ui/use-selection.ts'

interface ListKeys {
  readonly orders: readonly OrderSummary[]
  /** The row the keys stand on; −1 before the first press. */
  readonly active: number
  readonly setActive: (index: number) => void
  readonly open: (index: number) => void
  readonly selection: Selection
  readonly replay: () => void
}

/** Moving, selecting, opening and replaying without the mouse. An open panel follows the row. */
export const useListKeys = ({ orders, active, setActive, open, selection, replay }: ListKeys): void => {
  const navigate = useNavigate()
  const [search, setSearch] = useAddress()
  const panel = search['panel']
  const step = (by: number): void => {
    const next = Math.max(0, Math.min(orders.length - 1, active + by))
    setActive(next)
    if (panel !== undefined) setSearch({ panel: orders[next]?.id }, true)
  }
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    x: () => selection.toggle(active, false),
    'shift+x': () => selection.toggle(active, true),
    Enter: () => {
      if (active >= 0) open(active)
    },
    o: () => {
      const id = panel ?? orders[active]?.id
      if (id !== undefined) void navigate({ to: '/orders/$id', params: { id } })
    },
    e: () => {
      if (selection.ids.size === 0) selection.toggle(active, false)
      if (selection.ids.size > 0 || active >= 0) replay()
    },
    Escape: () => {
      if (panel !== undefined) setSearch({ panel: undefined })
      else selection.clear()
    },
  })
}
