import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, RefObject } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { StockRow } from '../../api/stock.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { MatrixCell } from './matrix-cell.tsx'

export interface Place {
  readonly sku: string
  readonly connection: string
}

interface MatrixProps {
  readonly rows: readonly StockRow[]
  readonly connections: readonly Connection[]
  readonly open: Place | undefined
  readonly onOpen: (place: Place, at: DOMRect) => void
  readonly onEnd: () => void
}

const rowHeight = 60
const headHeight = 56
/** The item and its figures come before the connections. */
const firstColumn = 5
const narrowest = 112
const widest = 160
const fixedWidth = (): number => (window.innerWidth < 761 ? 240 : 412)

/** Columns share the width there is, within what reads well. */
const useCellWidth = (scroller: RefObject<HTMLDivElement | null>, columns: number): number => {
  const [width, setWidth] = useState(narrowest)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const fit = (): void => setWidth(Math.max(narrowest, Math.min(widest, Math.floor((element.clientWidth - fixedWidth()) / Math.max(1, columns)))))
    const observer = new ResizeObserver(fit)
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller, columns])
  return width
}

const Head = ({
  cellWidth,
  connections,
  columns,
  width,
}: {
  readonly cellWidth: number
  readonly connections: readonly Connection[]
  readonly columns: readonly { readonly index: number; readonly start: number }[]
  readonly width: number
}): ReactElement => {
  const { t } = useWords()
  return (
    <div role="row" aria-rowindex={1} className="mrow head" style={{ width }}>
      <div className="fixed s12" style={{ width: fixedWidth() }}>
        {['stock.item', 'stock.onHand', 'stock.reserved', 'stock.promisable'].map((word, index) => (
          <div key={word} role="columnheader" className={index === 0 ? '' : 'n'}>
            {t(word)}
          </div>
        ))}
      </div>
      {columns.map((column) => {
        const connection = connections[column.index]
        if (connection === undefined) return null
        return (
          <div
            key={connection.id}
            role="columnheader"
            aria-colindex={column.index + firstColumn}
            className="mhead"
            style={{ left: fixedWidth() + column.start, width: cellWidth }}
          >
            <span className="row g6 ink">
              <Tile title={connection.name} small />
              <span className="el" style={{ maxWidth: cellWidth - 50 }} title={connection.name}>
                {connection.name}
              </span>
            </span>
            <span className="s12">
              {connection.state !== 'active' ? <Status kind="paused" /> : <Status kind={connection.armed_stock ? 'armed' : 'readonly'} />}
            </span>
          </div>
        )
      })}
    </div>
  )
}

/** Few enough to run out within the hour on a busy day. */
const scarce = 5

/** The item and its three figures; stays in view while the connections scroll. */
const Item = ({ row }: { readonly row: StockRow }): ReactElement => {
  const { t } = useWords()
  return (
    <div className="fixed" style={{ width: fixedWidth() }}>
      <div role="rowheader">
        <div className="el" title={row.title}>
          {row.title === '' ? row.sku : row.title}
        </div>
        <div className="s12 t3 row g6">
          <span className="el">{row.sku}</span>
          {row.paused !== null && row.paused !== undefined && (
            <Status kind="paused" title={t('stock.pausedBy', { by: row.paused.by, reason: row.paused.reason })}>
              {t('stock.isPaused')}
            </Status>
          )}
        </div>
      </div>
      <div role="gridcell" className="n">
        {formatCount(row.on_hand)}
      </div>
      <div role="gridcell" className="n t2">
        {formatCount(row.reserved)}
      </div>
      <div role="gridcell" className="n b">
        {Number(row.promisable) <= scarce && Number(row.on_hand) > 0 && (
          <span className="bad scarce">
            <Icon name="attention" small />
          </span>
        )}
        {formatCount(row.promisable)}
      </div>
    </div>
  )
}

/** SKUs down, connections across; only what is in view exists, in both directions. Arrow keys walk, Enter asks why. */
export const Matrix = ({ rows, connections, open, onOpen, onEnd }: MatrixProps): ReactElement => {
  const { t } = useWords()
  const scroller = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState({ row: 0, column: 0 })
  const cellWidth = useCellWidth(scroller, connections.length)
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
    scrollPaddingStart: headHeight,
  })
  const across = useVirtualizer({
    horizontal: true,
    count: connections.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => cellWidth,
    overscan: 3,
    scrollPaddingStart: fixedWidth(),
  })
  const { measure } = across
  useEffect(() => measure(), [cellWidth, measure])
  const width = fixedWidth() + across.getTotalSize()
  const last = down.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 15) onEnd()
  }, [last, rows.length, onEnd])
  const walk = (event: KeyboardEvent): void => {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const row = Math.max(0, Math.min(rows.length - 1, at.row + (step[0] ?? 0)))
    const column = Math.max(0, Math.min(connections.length - 1, at.column + (step[1] ?? 0)))
    down.scrollToIndex(row)
    across.scrollToIndex(column)
    setAt({ row, column })
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-cell="${row}-${column}"]`)?.focus())
  }
  return (
    <div
      ref={scroller}
      className="matrix"
      role="grid"
      aria-label={t('nav.stock')}
      aria-rowcount={rows.length + 1}
      aria-colcount={connections.length + 4}
      onKeyDown={walk}
      tabIndex={connections.length === 0 ? 0 : -1}
    >
      <Head cellWidth={cellWidth} connections={connections} columns={across.getVirtualItems()} width={width} />
      <div role="rowgroup" style={{ height: down.getTotalSize(), width, position: 'relative' }}>
        {down.getVirtualItems().map((line) => {
          const row = rows[line.index]
          if (row === undefined) return null
          return (
            <div key={row.sku} role="row" aria-rowindex={line.index + 2} className="mrow" style={{ width, transform: `translateY(${line.start}px)` }}>
              <Item row={row} />
              {across.getVirtualItems().map((column) => {
                const connection = connections[column.index]
                if (connection === undefined) return null
                return (
                  <MatrixCell
                    key={connection.id}
                    row={row}
                    connection={connection}
                    place={`${line.index}-${column.index}`}
                    column={column.index + firstColumn}
                    focusable={at.row === line.index && at.column === column.index}
                    open={open?.sku === row.sku && open.connection === connection.id}
                    left={fixedWidth() + column.start}
                    width={cellWidth}
                    onFocus={() => setAt({ row: line.index, column: column.index })}
                    onOpen={(rect) => onOpen({ sku: row.sku, connection: connection.id }, rect)}
                  />
                )
              })}
            </div>
          )
        })}
      </div>
    </div>
  )
}
