import './files.css'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useFiles } from '../../api/files.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { JobProgress } from '../../ui/job-progress.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'
import { Upload } from './upload.tsx'

const Received = (): ReactElement => {
  const { t, label } = useWords()
  const files = useFiles()
  const connections = useConnections(30_000)
  if (files.isError && files.data === undefined) return <Failed error={files.error} what={t('nav.files')} retry={() => void files.refetch()} />
  if (files.data === undefined) return <Skeleton rows={5} />
  if (files.data.items.length === 0)
    return (
      <State icon="file" title={t('files.none')}>
        {t('files.noneHint')}
      </State>
    )
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">{t('files.name')}</th>
          <th scope="col">{t('common.connection')}</th>
          <th scope="col" className="n">
            {t('files.rows')}
          </th>
          <th scope="col">{t('files.report')}</th>
          <th scope="col">{t('files.received')}</th>
        </tr>
      </thead>
      <tbody>
        {files.data.items.map((file) => (
          <tr key={file.id}>
            <td className="m5 break">{file.name}</td>
            <td>{connections.data?.items.find((one) => one.id === file.connection_id)?.name ?? file.connection_id}</td>
            <td className="n">{formatCount(file.rows)}</td>
            <td className="t2">
              {Object.entries(file.report ?? {})
                .flatMap(([name, value]) =>
                  typeof value === 'number' || typeof value === 'string' ? [`${label('jobFigure', name)} ${formatCount(value)}`] : [],
                )
                .join(' · ')}
            </td>
            <td>
              <Ago at={file.received_at} className="t3" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const FilesPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  return (
    <>
      <div className="ph">
        <h1>{t('nav.files')}</h1>
        <span className="t2">{t('files.text')}</span>
      </div>
      <div className="col g12">
        <Upload onStarted={(job) => setSearch({ job })} />
        {search['job'] !== undefined && (
          <section className="card sect">
            <JobProgress id={search['job']} title={t('files.importing')} />
          </section>
        )}
        <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('files.history')}>
          <div className="card-head">
            <h2>{t('files.history')}</h2>
          </div>
          <Received />
        </section>
      </div>
    </>
  )
}

export default FilesPage
