import { Input, Popover } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useOrderCounts } from '../../api/orders.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { keepViews, orderFilters, sameView, savedViews, states, viewSearch, withoutState } from './filters.ts'
import type { SavedView } from './filters.ts'

const icons: Readonly<Record<(typeof states)[number], StatusKind>> = {
  open: 'progress',
  held: 'held',
  to_ship: 'late',
  shipped: 'ok',
  cancelled: 'cancelled',
  closed: 'readonly',
}

const SaveView = ({ onSave }: { readonly onSave: (name: string) => void }): ReactElement => {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const save = (): void => {
    if (name.trim() === '') return
    onSave(name.trim())
    setOpen(false)
    setName('')
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      content={
        <Input
          autoFocus
          value={name}
          aria-label={t('orders.viewName')}
          placeholder={t('orders.viewName')}
          maxLength={40}
          onChange={(event) => setName(event.target.value)}
          onPressEnter={save}
        />
      }
    >
      <button type="button" aria-label={t('orders.saveView')} title={t('orders.saveView')}>
        <Icon name="plus" />
      </button>
    </Popover>
  )
}

/** States with live counts, then the views this person keeps. */
export const ViewBar = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [views, setViews] = useState(savedViews)
  const counts = useOrderCounts(withoutState(orderFilters(search)))
  const change = (next: readonly SavedView[]): void => {
    keepViews(next)
    setViews(next)
  }
  const apply = (view: SavedView): void => {
    const cleared = Object.fromEntries(Object.keys(search).map((name) => [name, undefined]))
    setSearch({ ...cleared, ...view.search })
  }
  const current = views.find((view) => sameView(view.search, search))
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
      {views.map((view) => (
        <button key={view.name} type="button" aria-pressed={view === current} onClick={() => apply(view)}>
          {view.name}
        </button>
      ))}
      {current !== undefined && (
        <button
          type="button"
          aria-label={t('orders.dropView', { name: current.name })}
          title={t('orders.dropView', { name: current.name })}
          onClick={() => change(views.filter((one) => one !== current))}
        >
          <Icon name="close" small />
        </button>
      )}
      {current === undefined && Object.keys(viewSearch(search)).length > 0 && (
        <SaveView onSave={(name) => change([...views.filter((one) => one.name !== name), { name, search: viewSearch(search) }])} />
      )}
    </nav>
  )
}
