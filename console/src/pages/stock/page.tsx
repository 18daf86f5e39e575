import './stock.css'
import { Link } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useStock } from '../../api/stock.ts'
import type { StockRow } from '../../api/stock.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { cellKind } from './cell.ts'
import type { CellKind } from './cell.ts'
import { Matrix } from './matrix.tsx'
import type { Place } from './matrix.tsx'
import { WhyPopover } from './why-popover.tsx'

const views: readonly { readonly name: string; readonly kinds: readonly CellKind[] }[] = [
  { name: 'all', kinds: [] },
  { name: 'drift', kinds: ['drift', 'oversell'] },
  { name: 'oversell', kinds: ['oversell'] },
  { name: 'doubt', kinds: ['doubt'] },
  { name: 'refused', kinds: ['refused'] },
]

const Legend = (): ReactElement => {
  const { t } = useWords()
  return (
    <div className="row g16 wrap s12 t2" style={{ marginBottom: 8 }}>
      <span className="t3">{t('stock.legend')}</span>
      <span className="row g4">
        <Icon name="check" tone="ok" small />
        {t('stock.agrees')}
      </span>
      {(['drift', 'oversell', 'doubt', 'readonly', 'held'] as const).map((kind) => (
        <span key={kind} className="row g4">
          <StatusIcon kind={kind} small />
          {t(`status.${kind}`)}
        </span>
      ))}
    </div>
  )
}

const NoStock = ({ searched }: { readonly searched: boolean }): ReactElement => {
  const { t } = useWords()
  if (searched) {
    return (
      <State icon="search" title={t('common.noMatch')}>
        {t('common.noMatchHint')}
      </State>
    )
  }
  const importing = (
    <Link to="/listings" search={{ tab: 'skus' }}>
      {t('listings.importSkus')}
    </Link>
  )
  return (
    <State icon="box" title={t('stock.empty')} actions={importing}>
      {t('stock.emptyHint')}
    </State>
  )
}

const Foot = ({ shown, connections }: { readonly shown: number; readonly connections: number }): ReactElement => {
  const { t } = useWords()
  return (
    <div className="row s12 t3" style={{ paddingTop: 8 }}>
      <span>{t('stock.shownRows', { shown, connections })}</span>
      <span className="end row g6 wide-only">
        {['←', '→', '↑', '↓'].map((key) => (
          <kbd key={key} className="kbd">
            {key}
          </kbd>
        ))}
        {t('stock.walk')}
        <kbd className="kbd">Enter</kbd>
        {t('stock.why')}
      </span>
    </div>
  )
}

const StockPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [place, setPlace] = useState<{ readonly place: Place; readonly at: DOMRect } | undefined>(undefined)
  const stock = useStock({ q: search['q'] })
  const connections = useConnections(30_000)
  const columns = useMemo(() => (connections.data?.items ?? []).filter((one) => one.listings.total > 0 || one.armed_stock), [connections.data])
  const armed = useMemo(() => new Map(columns.map((one) => [one.id, one.armed_stock])), [columns])
  const kindsOf = useCallback((row: StockRow) => row.cells.map((cell) => cellKind(cell, armed.get(cell.connection_id) ?? false)), [armed])
  const view = views.find((one) => one.name === search['view']) ?? views[0]
  const inView = useCallback(
    (row: StockRow, kinds: readonly CellKind[]) => kinds.length === 0 || kindsOf(row).some((kind) => kinds.includes(kind)),
    [kindsOf],
  )
  const rows = useMemo(() => stock.items.filter((row) => inView(row, view?.kinds ?? [])), [stock.items, view, inView])
  const { query } = stock
  const atEnd = useCallback(() => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
  }, [query])
  const close = useCallback(() => setPlace(undefined), [])
  useKeys({ Escape: close })
  const openRow = stock.items.find((row) => row.sku === place?.place.sku)
  const openConnection = columns.find((one) => one.id === place?.place.connection)
  return (
    <>
      <div className="ph">
        <h1>{t('nav.stock')}</h1>
        <div className="seg">
          {views.map((one) => (
            <button
              key={one.name}
              type="button"
              aria-pressed={one === view}
              onClick={() => setSearch({ view: one.name === 'all' ? undefined : one.name })}
            >
              {t(`stock.view.${one.name}`)} {formatCount(stock.items.filter((row) => inView(row, one.kinds)).length)}
              {query.hasNextPage && '+'}
            </button>
          ))}
        </div>
        <span className="end row g12 wrap">
          <TextFilter name="q" label={t('stock.search')} />
          <Link to="/stock/plan" className="row g6 m5">
            <Icon name="board" />
            {t('plan.link')}
          </Link>
          <Link to="/stock/takes" className="row g6 m5">
            <Icon name="check" />
            {t('takes.link')}
          </Link>
          <Link to="/stock/incidents" className="row g6 m5">
            <Icon name="attention" />
            {t('incidents.title')}
          </Link>
          <Link to="/stock/places" className="row g6 m5">
            <Icon name="box" />
            {t('places.link')}
          </Link>
          <Link to="/stock/rules" className="row g6 m5">
            <Icon name="columns" />
            {t('rules.title')}
          </Link>
          <Link to="/listings" className="row g6 m5">
            <Icon name="tag" />
            {t('nav.listings')}
          </Link>
        </span>
      </div>
      <Legend />
      {rows.length > 0 ? (
        <Matrix rows={rows} connections={columns} open={place?.place} onOpen={(next, at) => setPlace({ place: next, at })} onEnd={atEnd} />
      ) : (
        <div className="card">
          <Loaded
            query={query}
            what={t('nav.stock')}
            count={0}
            height={60}
            empty={<NoStock searched={stock.items.length > 0 || search['q'] !== undefined} />}
          >
            {null}
          </Loaded>
        </div>
      )}
      <Foot shown={rows.length} connections={columns.length} />
      {place !== undefined && openRow !== undefined && openConnection !== undefined && (
        <WhyPopover key={`${openRow.sku} ${openConnection.id}`} at={place.at} row={openRow} connection={openConnection} onClose={close} />
      )}
    </>
  )
}

export default StockPage
