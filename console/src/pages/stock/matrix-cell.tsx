import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { StockCell, StockRow } from '../../api/stock.ts'
import { formatCount, formatDelta } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { cellKind, difference } from './cell.ts'
import type { CellKind } from './cell.ts'

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
        return `${formatCount(cell.shown)} (${formatDelta(difference(cell) ?? 0)})`
      case 'agrees':
      case 'unbound':
        return formatCount(cell.confirmed ?? cell.shown)
    }
  }
}

interface MatrixCellProps {
  readonly row: StockRow
  readonly connection: Connection
  /** "row-column", by which the keys find the cell. */
  readonly place: string
  readonly column: number
  readonly focusable: boolean
  readonly open: boolean
  readonly left: number
  readonly width: number
  readonly onFocus: () => void
  readonly onOpen: (at: DOMRect) => void
}

/** One listing's level: above what it should show, below what the channel says. Pressing asks why. */
export const MatrixCell = ({ row, connection, place, column, focusable, open, left, width, onFocus, onOpen }: MatrixCellProps): ReactElement => {
  const { t } = useWords()
  const second = useSecondLine()
  const cell = row.cells.find((one) => one.connection_id === connection.id)
  const kind = cellKind(cell, connection.armed_stock)
  const look = looks[kind]
  return (
    <div
      role="gridcell"
      aria-colindex={column}
      tabIndex={focusable ? 0 : -1}
      data-cell={place}
      className={`mcell ${look.tint}`}
      aria-expanded={open}
      style={{ left, width }}
      onClick={(event) => {
        onFocus()
        if (cell !== undefined) onOpen(event.currentTarget.getBoundingClientRect())
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && cell !== undefined) onOpen(event.currentTarget.getBoundingClientRect())
      }}
    >
      <span className="m5">{cell === undefined ? '' : formatCount(kind === 'readonly' ? null : cell.desired)}</span>
      <span className={`sub ${look.tone}`}>
        <Icon name={look.icon} small />
        <span className="visually-hidden">{t(`cellState.${kind}`)} </span>
        {second(cell, kind)}
      </span>
    </div>
  )
}
