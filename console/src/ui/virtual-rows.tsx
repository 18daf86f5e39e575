import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { ReactElement, ReactNode } from 'react'

export interface Column {
  readonly key: string
  readonly title: ReactNode
  /** A CSS grid track. */
  readonly width: string
  /** Figures stand at the end. */
  readonly end?: boolean
}

interface VirtualRowsProps<T> {
  readonly items: readonly T[]
  readonly columns: readonly Column[]
  readonly rowHeight: number
  readonly height: number | string
  readonly label: string
  /** One cell per column, in order. */
  readonly render: (item: T, index: number) => readonly ReactNode[]
}

/** A long table of which only the rows in view are in the page. Assistive tools are told the full row count. */
export const VirtualRows = <T,>({ items, columns, rowHeight, height, label, render }: VirtualRowsProps<T>): ReactElement => {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8 })
  const template = columns.map((column) => column.width).join(' ')
  const cell = (column: Column): string => (column.end === true ? 'vcell n' : 'vcell')
  return (
    <div ref={scroller} className="vrows" style={{ height }} role="table" aria-label={label} aria-rowcount={items.length + 1} tabIndex={0}>
      <div role="rowgroup" className="vhead">
        <div role="row" aria-rowindex={1} className="vrow" style={{ gridTemplateColumns: template, height: 32 }}>
          {columns.map((column) => (
            <div key={column.key} role="columnheader" className={cell(column)}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const item = items[row.index]
          if (item === undefined) return null
          return (
            <div
              key={row.key}
              role="row"
              aria-rowindex={row.index + 2}
              className="vrow"
              style={{
                gridTemplateColumns: template,
                height: rowHeight,
                position: 'absolute',
                insetInline: 0,
                transform: `translateY(${row.start}px)`,
              }}
            >
              {render(item, row.index).map((content, index) => {
                const column = columns[index]
                return column === undefined ? null : (
                  <div key={column.key} role="cell" className={cell(column)}>
                    {content}
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
