import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement, RefObject } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { StockCell, StockRow } from '../../api/stock.ts'
import { formatCount, formatDelta } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { Status } from '../../ui/status.tsx'
import { cellKind, difference } from './cell.ts'
import type { CellKind } from './cell.ts'

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
const narrowest = 112
const widest = 160
const fixedWidth = (): number => (window.innerWidth < 761 ? 240 : 412)

const looks: Readonly<Record<CellKind, { readonly icon: IconName; readonly tone: string; readonly tint: string }>> = {
  unbound: { icon: 'cancelled', tone: 't3', tint: '' },
  agrees: { icon: 'check', tone: 'ok', tint: '' },
  drift: { icon: 'drift', tone: 'warn', tint: 'drift' },
  oversell: { icon: 'drift', tone: 'bad', tint: 'oversell' },
  doubt: { icon: 'doubt', tone: 'doubt', tint: 'doubt' },
  refused: { icon: 'failed', tone: 'bad', tint: 'oversell' },
  sending: { icon: 'progress', tone: 'prog', tint: '' },
  blocked: { icon: 'held', tone: 'warn', tint: '' },
  readonly: { icon: 'readonly', tone: 't3', tint: '' },
}

/** The second line of a cell: what the channel confirmed or shows, or why nothing is known. */
const useSecondLine = (): ((cell: StockCell | undefined, kind: CellKind) => string) => {
  const { t, label } = useWords()
  return (cell, kind) => {
    if (cell === undefined) return t('stock.unbound')
    const off = difference(cell)
    switch (kind) {
      case 'doubt':
        return t('status.doubt')
      case 'refused':
        return t('stock.refused')
      case 'readonly':
        return t('stock.channelShows', { value: formatCount(cell.shown) })
      case 'blocked':
        return label('armReason', cell.push_message ?? 'paused')
      case 'sending':
        return t('stock.sending', { value: formatCount(cell.confirmed) })
      case 'drift':
      case 'oversell':
        return `${formatCount(cell.shown)} (${formatDelta(off ?? 0)})`
      case 'agrees':
      case 'unbound':
        return formatCount(cell.confirmed ?? cell.shown)
    }
  }
}

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
            aria-colindex={column.index + 5}
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

/** SKUs down, connections across; only what is in view exists, in both directions. Arrow keys walk, Enter asks why. */
export const Matrix = ({ rows, connections, open, onOpen, onEnd }: MatrixProps): ReactElement => {
  const { t } = useWords()
  const second = useSecondLine()
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
              <div className="fixed" style={{ width: fixedWidth() }}>
                <div role="rowheader">
                  <div className="el" title={row.title}>
                    {row.title === '' ? row.sku : row.title}
                  </div>
                  <div className="s12 t3 el">{row.sku}</div>
                </div>
                <div role="gridcell" className="n">
                  {formatCount(row.on_hand)}
                </div>
                <div role="gridcell" className="n t2">
                  {formatCount(row.reserved)}
                </div>
                <div role="gridcell" className="n b">
                  {Number(row.promisable) <= 5 && Number(row.on_hand) > 0 && (
                    <span className="bad" style={{ display: 'inline-block', verticalAlign: '-3px', marginRight: 4 }}>
                      <Icon name="attention" small />
                    </span>
                  )}
                  {formatCount(row.promisable)}
                </div>
              </div>
              {across.getVirtualItems().map((column) => {
                const connection = connections[column.index]
                if (connection === undefined) return null
                const cell = row.cells.find((one) => one.connection_id === connection.id)
                const kind = cellKind(cell, connection.armed_stock)
                const look = looks[kind]
                const text = second(cell, kind)
                const chosen = at.row === line.index && at.column === column.index
                return (
                  <div
                    key={connection.id}
                    role="gridcell"
                    aria-colindex={column.index + 5}
                    tabIndex={chosen ? 0 : -1}
                    data-cell={`${line.index}-${column.index}`}
                    className={`mcell ${look.tint}`}
                    aria-expanded={open?.sku === row.sku && open.connection === connection.id}
                    style={{ left: fixedWidth() + column.start, width: cellWidth }}
                    onClick={(event) => {
                      setAt({ row: line.index, column: column.index })
                      if (cell !== undefined) onOpen({ sku: row.sku, connection: connection.id }, event.currentTarget.getBoundingClientRect())
                    }}
                    onKeyDown={(event) => {
                      if (event.key === 'Enter' && cell !== undefined)
                        onOpen({ sku: row.sku, connection: connection.id }, event.currentTarget.getBoundingClientRect())
                    }}
                  >
                    <span className="m5">{cell === undefined ? '' : formatCount(kind === 'readonly' ? null : cell.desired)}</span>
                    <span className={`sub ${look.tone}`}>
                      <Icon name={look.icon} small />
                      <span className="visually-hidden">{t(`cellState.${kind}`)} </span>
                      {text}
                    </span>
                  </div>
                )
              })}
            </div>
          )
        })}
      </div>
    </div>
  )
}
