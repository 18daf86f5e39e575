import type { ReactElement } from 'react'
import type { FileDocument, FilePreview, FileProblem } from '../../api/files.ts'
import { formatCount } from '../../format/number.ts'
import { wordRefusal } from '../../i18n/refusal.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { OrderPreview } from '../../ui/order-preview.tsx'
import { Status } from '../../ui/status.tsx'

const shown = 12

/** The name of what is wrong; the sentence of the mapping, which names values of the file, beside it. */
const Why = ({ problem }: { readonly problem: FileProblem }): ReactElement => {
  const { label } = useWords()
  return (
    <>
      <b>{label('hold', problem.code)}</b> <span className="t2">“{problem.message}”</span>
    </>
  )
}

/** One document: the order it becomes, or what else, or why it would be held. */
const Document = ({ document }: { readonly document: FileDocument }): ReactElement => {
  const { t, label } = useWords()
  const { report, mapped, rowNos } = document
  const rows = t('files.row', { row: rowNos.length > 1 ? `${rowNos[0]}–${rowNos.at(-1)}` : String(rowNos[0] ?? '—') })
  if (report.held !== undefined)
    return (
      <div className="note warn">
        <Icon name="held" />
        <span className="break">
          <b>{document.externalId}</b> <span className="t2">{rows}</span> <Why problem={report.held} />
          {report.held.pointer !== undefined && <span className="mono"> {report.held.pointer}</span>}
        </span>
      </div>
    )
  if (mapped?.order !== undefined) return <OrderPreview doc={mapped.order} />
  return (
    <div className="quote row g8">
      <Status kind={report.as === 'ignored' ? 'cancelled' : 'ok'}>{label('documentAs', report.as)}</Status>
      <b>{document.externalId}</b>
      <span className="t2">
        {rows} · {report.rule}
      </span>
    </div>
  )
}

/** Rows as read, what their documents become, and everything that would not pass, with the reason. */
export const PreviewResult = ({ preview }: { readonly preview: FilePreview }): ReactElement => {
  const { t } = useWords()
  const held = preview.documents.filter((document) => document.report.held !== undefined)
  const badRows = preview.rows.filter((row) => row.problem !== undefined)
  const ordered = [...held, ...preview.documents.filter((document) => document.report.held === undefined)]
  return (
    <div className="col g16">
      <div className="row g8 wrap">
        <span className="tag ok">
          <Icon name="ok" />
          {t('files.documentsFound', { count: preview.totalDocuments })}
        </span>
        <span className="tag">{t('files.rowsFound', { count: preview.totalRows })}</span>
        {held.length + badRows.length > 0 && (
          <span className="tag warn">
            <Icon name="held" />
            {t('files.problemsFound', { count: held.length + badRows.length })}
          </span>
        )}
        <span className="t3 s12">{t('files.columnsFound', { count: preview.columns.length })}</span>
      </div>
      {preview.problem !== undefined && (
        <div className="note bad" role="alert">
          <Icon name="failed" />
          <span>{wordRefusal({ ...preview.problem, detail: preview.problem.message, fields: [] })}</span>
        </div>
      )}
      {badRows.map((row) => (
        <div key={row.rowNo} className="note warn">
          <Icon name="held" />
          <span>
            <b>{t('files.row', { row: formatCount(row.rowNo) })}</b> {row.problem !== undefined && <Why problem={row.problem} />}
          </span>
        </div>
      ))}
      {ordered.length > 0 && (
        <section className="col g8">
          <h3>{t('files.asOrders')}</h3>
          {ordered.slice(0, shown).map((document) => (
            <Document key={document.externalId} document={document} />
          ))}
        </section>
      )}
      {preview.rows.length > 0 && (
        <section className="col g8">
          <h3>{t('files.asRows')}</h3>
          <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('files.asRows')}>
            <table className="grid">
              <thead>
                <tr>
                  {preview.columns.map((column, at) => (
                    <th key={at} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {preview.rows.slice(0, shown).map((row) => (
                  <tr key={row.rowNo}>
                    {preview.columns.map((_, at) => (
                      <td key={at} className="nw">
                        {row.cells[at] ?? ''}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  )
}
