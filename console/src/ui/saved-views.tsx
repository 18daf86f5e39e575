import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, Popover } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useScope } from '../api/session.ts'
import { dropView, saveView, useViews } from '../api/views.ts'
import type { SavedView, ViewPage } from '../api/views.ts'
import type { Search } from '../app/search.ts'
import { useAddress } from '../app/use-search.ts'
import { formatCount } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'
import { tell } from './undo.tsx'

/** What is looked at, not which rows: an open panel or pasted numbers belong to nobody's view. */
const passing = ['panel', 'ids', 'group']
const viewSearch = (search: Search): Search => Object.fromEntries(Object.entries(search).filter(([name]) => !passing.includes(name)))
const sameView = (a: Search, b: Search): boolean => {
  const [left, right] = [viewSearch(a), viewSearch(b)]
  return Object.keys(left).length === Object.keys(right).length && Object.entries(left).every(([name, value]) => right[name] === value)
}

interface SavedViewsProps {
  readonly page: ViewPage
  /** How many rows a view has now. */
  readonly useCount: (search: Search) => number | undefined
}

const ViewTab = ({
  view,
  current,
  useCount,
  onApply,
}: Pick<SavedViewsProps, 'useCount'> & { readonly view: SavedView; readonly current: boolean; readonly onApply: () => void }): ReactElement => {
  const { t } = useWords()
  const count = useCount(view.search)
  return (
    <button
      type="button"
      aria-pressed={current}
      title={view.shared ? t('views.sharedBy', { name: view.owner.replace(/^\w+:/, '') }) : undefined}
      onClick={onApply}
    >
      {view.name}
      {view.shared && <Icon name="people" small tone="mute" />}
      <span className="c">{formatCount(count)}</span>
    </button>
  )
}

const SaveView = ({ page, search }: { readonly page: ViewPage; readonly search: Search }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const mayShare = useScope('orders:write')
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const save = useMutation({
    mutationFn: () => saveView({ page, name: name.trim(), shared, search: viewSearch(search) }),
    onSuccess: async (view) => {
      setOpen(false)
      setName('')
      await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] === '/v1/views' })
      tell(t('views.saved', { name: view.name }))
    },
  })
  const submit = (): void => {
    if (name.trim() !== '') save.mutate()
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      content={
        <div className="col g8" style={{ width: 240 }}>
          <Input
            autoFocus
            value={name}
            aria-label={t('orders.viewName')}
            placeholder={t('orders.viewName')}
            maxLength={40}
            onChange={(event) => setName(event.target.value)}
            onPressEnter={submit}
          />
          {mayShare && (
            <Checkbox checked={shared} onChange={(event) => setShared(event.target.checked)}>
              {t('views.share')}
            </Checkbox>
          )}
          {save.isError && (
            <span className="bad s12" role="alert">
              {save.error.message}
            </span>
          )}
          <Button
            size="small"
            type="primary"
            loading={save.isPending}
            aria-disabled={name.trim() === ''}
            title={name.trim() === '' ? t('orders.viewName') : undefined}
            onClick={submit}
          >
            {t('views.save')}
          </Button>
        </div>
      }
    >
      <button type="button" aria-label={t('orders.saveView')} title={t('orders.saveView')}>
        <Icon name="plus" />
      </button>
    </Popover>
  )
}

/** Views somebody kept, with live counts; the one shown can be let go, and what is shown can be kept. */
export const SavedViews = ({ page, useCount }: SavedViewsProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const isAdmin = useScope('admin')
  const [search, setSearch] = useAddress()
  const views = useViews(page)
  const items = views.data?.items ?? []
  const refresh = (): Promise<void> => queries.invalidateQueries({ predicate: (query) => query.queryKey[0] === '/v1/views' })
  const drop = useMutation({
    mutationFn: (view: SavedView) => dropView(view.id),
    onSuccess: async (_, { page: of, name, shared, search: kept, own }) => {
      await refresh()
      tell(t('views.dropped', { name }), own ? () => void saveView({ page: of, name, shared, search: kept }).then(refresh) : undefined)
    },
  })
  const current = items.find((view) => sameView(view.search, search))
  const apply = (view: SavedView): void => {
    const cleared = Object.fromEntries(Object.keys(search).map((name) => [name, undefined]))
    setSearch({ ...cleared, ...view.search })
  }
  return (
    <>
      {items.map((view) => (
        <ViewTab key={view.id} view={view} current={view === current} useCount={useCount} onApply={() => apply(view)} />
      ))}
      {current !== undefined && (current.own || isAdmin) && (
        <button
          type="button"
          aria-label={t('orders.dropView', { name: current.name })}
          title={t('orders.dropView', { name: current.name })}
          onClick={() => drop.mutate(current)}
        >
          <Icon name="close" small />
        </button>
      )}
      {current === undefined && Object.keys(viewSearch(search)).length > 0 && <SaveView page={page} search={search} />}
    </>
  )
}
