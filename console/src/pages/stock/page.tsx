import './stock.css'
import { Link } from '@tanstack/react-router'
import { Popover } from 'antd'
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
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { cellKind } from './cell.ts'
import type { CellKind } from './cell.ts'
import { Matrix } from './matrix.tsx'
import type { Place } from './matrix.tsx'
import { Why } from './why.tsx'

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
  useKeys({ Escape: () => setPlace(undefined) })
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
        <span className="end row g8">
          <TextFilter name="q" label={t('stock.search')} />
          <Link to="/listings" className="row g6 m5">
            <Icon name="tag" />
            {t('nav.listings')}
          </Link>
        </span>
      </div>
      <Legend />
      {query.isError && stock.items.length === 0 ? (
        <div className="card">
          <Failed error={query.error} what={t('nav.stock')} retry={() => void query.refetch()} />
        </div>
      ) : query.isPending ? (
        <div className="card">
          <Skeleton rows={8} height={60} />
        </div>
      ) : rows.length === 0 ? (
        <div className="card">
          {stock.items.length === 0 && search['q'] === undefined ? (
            <State
              icon="box"
              title={t('stock.empty')}
              actions={
                <Link to="/listings" search={{ tab: 'skus' }}>
                  {t('listings.importSkus')}
                </Link>
              }
            >
              {t('stock.emptyHint')}
            </State>
          ) : (
            <State icon="search" title={t('common.noMatch')}>
              {t('common.noMatchHint')}
            </State>
          )}
        </div>
      ) : (
        <Matrix rows={rows} connections={columns} open={place?.place} onOpen={(next, at) => setPlace({ place: next, at })} onEnd={atEnd} />
      )}
      <div className="row s12 t3" style={{ paddingTop: 8 }}>
        <span>{t('stock.shownRows', { shown: rows.length, connections: columns.length })}</span>
        <span className="end row g6 wide-only">
          <kbd className="kbd">←</kbd>
          <kbd className="kbd">→</kbd>
          <kbd className="kbd">↑</kbd>
          <kbd className="kbd">↓</kbd>
          {t('stock.walk')}
          <kbd className="kbd">Enter</kbd>
          {t('stock.why')}
        </span>
      </div>
      {place !== undefined && openRow !== undefined && openConnection !== undefined && (
        <Popover
          open
          placement="rightTop"
          trigger="click"
          arrow={false}
          onOpenChange={(open) => {
            if (!open) setPlace(undefined)
          }}
          styles={{ container: { padding: 0 } }}
          content={<Why key={`${openRow.sku}-${openConnection.id}`} row={openRow} connection={openConnection} onClose={() => setPlace(undefined)} />}
        >
          <span
            aria-hidden="true"
            style={{
              position: 'fixed',
              left: place.at.left,
              top: place.at.top,
              width: place.at.width,
              height: place.at.height,
              pointerEvents: 'none',
            }}
          />
        </Popover>
      )}
    </>
  )
}

export default StockPage
