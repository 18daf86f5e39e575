import { useEffect, useRef } from 'react'
import type { CSSProperties, ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { StockRow } from '../../api/stock.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Why } from './why.tsx'

const width = 372
const gap = 8
const usualHeight = 620
const topBar = 56

/** Beside the cell where there is room, else on its other side; never outside the window. */
const placeBeside = (cell: DOMRect): CSSProperties => {
  const right = cell.right + gap
  const left = right + width + gap <= window.innerWidth ? right : Math.max(gap, cell.left - gap - width)
  const top = Math.max(topBar, Math.min(cell.top, window.innerHeight - usualHeight - gap))
  return { left, top, maxHeight: window.innerHeight - top - gap }
}

interface WhyPopoverProps {
  /** The cell it speaks about, on the screen. */
  readonly at: DOMRect
  readonly row: StockRow
  readonly connection: Connection
  readonly onClose: () => void
}

/** The answer to "why this number", beside its cell. A press elsewhere closes it; the focus goes back to the cell. */
export const WhyPopover = ({ at, row, connection, onClose }: WhyPopoverProps): ReactElement => {
  const { t } = useWords()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const before = document.activeElement
    box.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  useEffect(() => {
    const onPress = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) onClose()
    }
    document.addEventListener('pointerdown', onPress)
    return () => document.removeEventListener('pointerdown', onPress)
  }, [onClose])
  return (
    <div ref={box} className="why-popover" role="dialog" aria-label={t('stock.why')} tabIndex={-1} style={placeBeside(at)}>
      <Why row={row} connection={connection} onClose={onClose} />
    </div>
  )
}
