import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { startBackfill } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useJobs } from '../../api/jobs.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'

const dayBefore = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)

/** Reads a past window again. What is already here and unchanged is only counted, so it is safe to repeat. */
export const BackfillTab = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [from, setFrom] = useState(dayBefore(30))
  const [to, setTo] = useState(dayBefore(-1))
  const jobs = useJobs()
  const start = useMutation({
    mutationFn: () => startBackfill(connection.id, new Date(`${from}T00:00:00`).toISOString(), new Date(`${to}T00:00:00`).toISOString()),
    onSuccess: (job) => setSearch({ job: job.id }),
  })
  const valid = from !== '' && to !== '' && from < to
  const past = jobs.data?.items.filter((job) => job.kind === 'backfill' && job.connection_id === connection.id) ?? []
  const shown = search['job'] ?? past.find((job) => job.state === 'running' || job.state === 'planned')?.id
  return (
    <div className="col g12">
      <section className="card sect col g12">
        <h2>{t('backfill.title')}</h2>
        <p className="t2">{t('backfill.text')}</p>
        <div className="row g12 wrap" style={{ alignItems: 'flex-end' }}>
          <label className="col g4">
            <span className="m5">{t('backfill.from')}</span>
            <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label className="col g4">
            <span className="m5">{t('backfill.to')}</span>
            <Input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
          </label>
          <Button
            type="primary"
            aria-disabled={!valid}
            title={valid ? undefined : t('backfill.order')}
            loading={start.isPending}
            icon={<Icon name="download" />}
            onClick={() => {
              if (valid) start.mutate()
            }}
          >
            {t('backfill.start')}
          </Button>
        </div>
        {start.isError && (
          <div className="note bad" role="alert">
            {start.error.message}
          </div>
        )}
      </section>
      {shown !== undefined && (
        <section className="card sect">
          <JobProgress id={shown} title={t('backfill.running')} />
        </section>
      )}
      {past
        .filter((job) => job.id !== shown)
        .slice(0, 5)
        .map((job) => (
          <section key={job.id} className="card sect">
            <JobProgress id={job.id} title={t('backfill.past')} />
          </section>
        ))}
    </div>
  )
}
