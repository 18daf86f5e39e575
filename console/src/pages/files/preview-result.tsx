import type { ReactElement } from 'react'
import type { FilePreview } from '../../api/files.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { OrderPreview } from '../../ui/order-preview.tsx'
import { list, member, text } from '../../ui/read-doc.ts'

const shownRows = 12

const cell = (row: unknown, column: string, index: number): string => {
  const cells = member(row, 'cells') ?? row
  return text(Array.isArray(cells) ? list(cells)[index] : member(cells, column)) ?? ''
}

/** Rows as read, the orders they make, and every row that would not pass, with the reason. */
export const PreviewResult = ({ preview }: { readonly preview: FilePreview }): ReactElement => {
  const { t } = useWords()
  const problems = preview.problems ?? []
  return (
    <div className="col g16">
      <div className="row g8 wrap">
        <span className="tag ok"><Icon name="ok" />{t('files.ordersFound', { count: preview.orders.length })}</span>
        {problems.length > 0 && <span className="tag warn"><Icon name="held" />{t('files.problemsFound', { count: problems.length })}</span>}
        <span className="t3 s12">{t('files.columnsFound', { count: preview.columns.length })}</span>
      </div>
      {problems.length > 0 && <ul className="col g4">{problems.slice(0, 20).map((problem, index) => <li key={index} className="note warn"><Icon name="held" /><span><b>{t('files.row', { row: formatCount(problem.row ?? problem.row_no ?? null) })}</b>{problem.column !== undefined && <span className="mono"> {problem.column}</span>} {problem.message}</span></li>)}</ul>}
      {preview.orders.length > 0 && <section className="col g8"><h3>{t('files.asOrders')}</h3>{preview.orders.slice(0, 5).map((order, index) => <OrderPreview key={index} doc={order} />)}</section>}
      <section className="col g8">
        <h3>{t('files.asRows')}</h3>
        <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('files.asRows')}>
          <table className="grid"><thead><tr>{preview.columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr></thead><tbody>{preview.rows.slice(0, shownRows).map((row, index) => <tr key={index}>{preview.columns.map((column, at) => <td key={column} className="nw">{cell(row, column, at)}</td>)}</tr>)}</tbody></table>
        </div>
      </section>
    </div>
  )
}
