import './orders.css'
import { Link } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useOrderCounts } from '../../api/orders.ts'
import { useScope } from '../../api/session.ts'
import type { Search } from '../../app/search.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { ReplayDialog } from '../../ui/replay-dialog.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { useSelection } from '../../ui/use-selection.ts'
import { BulkBar } from './bulk-bar.tsx'
import { FilterBar } from './filter-bar.tsx'
import { orderFilters, splitIds, withoutSort, withoutState } from './filters.ts'
import { OrderRows } from './order-rows.tsx'
import { OrderPanel } from './panel.tsx'
import { PastedIds, usePasted } from './pasted.tsx'
import { useListKeys } from './use-list-keys.ts'
import { useLiveOrders } from './use-live-orders.ts'
import { ViewBar } from './views.tsx'

const Empty = ({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }): ReactElement => {
  const { t } = useWords()
  return filtered ? (
    <State
      icon="search"
      title={t('common.noMatch')}
      actions={
        <button type="button" className="linkish" onClick={onClear}>
          {t('common.clearFilters')}
        </button>
      }
    >
      {t('common.noMatchHint')}
    </State>
  ) : (
    <State icon="orders" title={t('orders.empty')}>
      {t('orders.emptyHint')}
    </State>
  )
}

const Foot = ({ shown, more }: { readonly shown: number; readonly more: boolean }): ReactElement => {
  const { t } = useWords()
  return (
    <div className="orders-foot">
      <span>{t(more ? 'orders.shownMore' : 'orders.shownAll', { shown })}</span>
      <span className="end row g6 keys">
        <kbd className="kbd">j</kbd>
        <kbd className="kbd">k</kbd>
        {t('keys.move')}
        <kbd className="kbd">x</kbd>
        {t('keys.select')}
        <kbd className="kbd">e</kbd>
        {t('keys.replay')}
        <kbd className="kbd">?</kbd>
      </span>
    </div>
  )
}

const OrdersPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const ids = useMemo(() => splitIds(search['ids'] ?? ''), [search])
  const pasting = ids.length > 0
  const live = useLiveOrders(orderFilters(search), !pasting)
  const pasted = usePasted(ids)
  const orders = pasting ? (pasted.data?.found.map((one) => one.order) ?? []) : live.items
  const connections = useConnections(30_000)
  const byId = useMemo(() => new Map((connections.data?.items ?? []).map((one) => [one.id, one])), [connections.data])
  const [active, setActive] = useState(-1)
  const [replaying, setReplaying] = useState<'chosen' | 'matches' | undefined>(undefined)
  const selection = useSelection(orders)
  const panel = search['panel']
  const { query } = live
  const counts = useOrderCounts(withoutState(orderFilters(search)))
  const matching = counts.data?.[search['state'] ?? 'all']
  const source = pasting ? pasted : query
  const atEnd = useCallback(() => {
    if (!pasting && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }, [pasting, query])
  const open = (index: number): void => {
    setActive(index)
    setSearch({ panel: orders[index]?.id })
  }
  useListKeys({ orders, active, setActive, open, selection, replay: () => setReplaying('chosen') })
  const filtered = Object.keys(search).some((name) => name !== 'panel')
  const clear = (): void => setSearch(Object.fromEntries(Object.keys(search).map((name) => [name, undefined])))
  return (
    <div className={`orders${panel === undefined ? '' : ' with-panel'}`}>
      <h1 className="visually-hidden">{t('nav.orders')}</h1>
      <div className="orders-top">
        <ViewBar />
        <span className="row g12">
          <ExportLink />
          <NewOrder />
        </span>
      </div>
      <div className="orders-list">
        <FilterBar>
          {live.fresh > 0 && !pasting && (
            <button type="button" className="linkish m5" onClick={live.letIn}>
              {t('orders.fresh', { count: live.fresh })}
            </button>
          )}
        </FilterBar>
        {pasting && <PastedIds ids={ids} result={pasted.data} />}
        {selection.ids.size > 0 && (
          <BulkBar
            count={selection.ids.size}
            orders={selection.chosen}
            onReplay={() => setReplaying('chosen')}
            matches={
              pasting || matching === undefined || matching <= selection.ids.size
                ? undefined
                : { count: matching, href: exportHref(search), replay: () => setReplaying('matches') }
            }
            onClear={selection.clear}
          />
        )}
        <Loaded query={source} what={t('orders.list')} count={orders.length} rows={14} empty={<Empty filtered={filtered} onClear={clear} />}>
          <OrderRows
            orders={orders}
            connections={byId}
            active={active}
            selected={selection.ids}
            openId={panel}
            onOpen={open}
            onToggle={(index, range) => {
              setActive(index)
              selection.toggle(index, range)
            }}
            onToggleAll={selection.toggleAll}
            onEnd={atEnd}
          />
        </Loaded>
        <Foot shown={orders.length} more={!pasting && query.hasNextPage} />
      </div>
      {panel !== undefined && <OrderPanel key={panel} id={panel} connections={byId} onClose={() => setSearch({ panel: undefined })} />}
      <ReplayDialog
        open={replaying === 'chosen' && selection.ids.size > 0}
        filter={{ order_ids: [...selection.ids] }}
        count={selection.ids.size}
        onClose={() => setReplaying(undefined)}
      />
      <ReplayDialog open={replaying === 'matches'} filter={{ orders: withoutSort(orderFilters(search)) }} onClose={() => setReplaying(undefined)} />
    </div>
  )
}

/** Orders that come by phone, by mail or from a dealer are typed in. */
const NewOrder = (): ReactElement | null => {
  const { t } = useWords()
  const mayPush = useScope('orders:push')
  if (!mayPush) return null
  return (
    <Link to="/orders/new" className="row g6 m5 nw wide-only">
      <Icon name="plus" />
      {t('nav.newOrder')}
    </Link>
  )
}

/** The filtered set as a file; ids stay text and formulas are made harmless by the hub. */
const exportHref = (search: Search): string => {
  const query = new URLSearchParams(Object.entries(orderFilters(search)).map(([name, value]) => [name, String(value)]))
  query.delete('sort')
  query.set('format', 'csv')
  return `/v1/orders.ndjson?${query.toString()}`
}

const ExportLink = (): ReactElement => {
  const { t } = useWords()
  const [search] = useAddress()
  return (
    <a className="row g6 t2 m5 nw wide-only" href={exportHref(search)} download>
      <Icon name="download" />
      {t('orders.export')}
    </a>
  )
}

export default OrdersPage
