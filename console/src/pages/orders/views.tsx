import type { ReactElement } from 'react'
import { useOrderCounts } from '../../api/orders.ts'
import type { Search } from '../../app/search.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { SavedViews } from '../../ui/saved-views.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { orderFilters, states, withoutState } from './filters.ts'

const icons: Readonly<Record<(typeof states)[number], StatusKind>> = {
  open: 'progress',
  held: 'held',
  to_ship: 'late',
  shipped: 'ok',
  cancelled: 'cancelled',
  closed: 'readonly',
}

const useOrdersOf = (search: Search): number | undefined => useOrderCounts(withoutState(orderFilters(search))).data?.[search['state'] ?? 'all']

/** States with live counts, then the views this person keeps and those that are shared. */
export const ViewBar = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const counts = useOrderCounts(withoutState(orderFilters(search)))
  const count = (state: string): number | undefined => counts.data?.[state]
  return (
    <nav className="tabs grow" aria-label={t('orders.views')}>
      <button type="button" aria-pressed={search['state'] === undefined} onClick={() => setSearch({ state: undefined })}>
        {t('common.all')}
        <span className="c">{formatCount(count('all') ?? count('total'))}</span>
      </button>
      {states.map((state) => (
        <button key={state} type="button" aria-pressed={search['state'] === state} onClick={() => setSearch({ state })}>
          <StatusIcon kind={icons[state]} />
          {t(`orderState.${state}`)}
          <span className="c">{formatCount(count(state))}</span>
        </button>
      ))}
      <SavedViews page="orders" useCount={useOrdersOf} />
    </nav>
  )
}
