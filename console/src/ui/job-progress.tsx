import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { cancelJob, isOver, useJob } from '../api/jobs.ts'
import type { Job } from '../api/jobs.ts'
import { formatCount } from '../format/number.ts'
import { formatSpan } from '../format/time.ts'
import { useWords } from '../i18n/use-words.ts'
import { ProgressBar } from './progress.tsx'
import { StatusIcon } from './status.tsx'
import type { StatusKind } from './status.tsx'
import { Clock } from './time.tsx'

const kinds: Readonly<Record<Job['state'], StatusKind>> = {
  planned: 'waiting',
  running: 'progress',
  done: 'ok',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** Shown even when zero: that nothing failed is an answer. */
const always = ['fail', 'failed']

/** "changed 14 · failed 0": every figure the job reports, in its own words. */
const useFigures = (job: Job): string => {
  const { label } = useWords()
  return Object.entries(job.result ?? {})
    .flatMap(([name, value]) =>
      typeof value === 'number' && name !== 'after' && name !== 'until' && (value > 0 || always.includes(name))
        ? [`${label('jobFigure', name)} ${formatCount(value)}`]
        : [],
    )
    .join(' · ')
}

const Line = ({ job }: { readonly job: Job }): ReactElement => {
  const { t, language } = useWords()
  const figures = useFigures(job)
  const rate = job.rate ?? 0
  const left = job.total === null ? 0 : job.total - job.done
  return (
    <div className="s12 t2">
      <b className="ink">
        {formatCount(job.done)}
        {job.total !== null && ` / ${formatCount(job.total)}`}
      </b>
      {job.state === 'running' && rate > 0 && <> · {t('job.rate', { rate: formatCount(Math.round(rate * 10) / 10) })}</>}
      {job.state === 'running' && rate > 0 && left > 0 && <> · {t('job.left', { span: formatSpan((left / rate) * 1000, language) })}</>}
      {figures !== '' && <> · {figures}</>}
      {!isOver(job) && <> · {t('job.cancelNote')}</>}
    </div>
  )
}

/** Done of total, rate, time left, outcome so far, and the way to stop. Leaving the page does not stop it. */
export const JobProgress = ({ id, title }: { readonly id: string; readonly title: string }): ReactElement | null => {
  const { t } = useWords()
  const queries = useQueryClient()
  const { data: job } = useJob(id)
  const cancel = useMutation({ mutationFn: () => cancelJob(id), onSuccess: () => queries.invalidateQueries({ queryKey: ['job', id] }) })
  if (job === undefined) return null
  return (
    <div className="col g8">
      <div className="row g8">
        <StatusIcon kind={kinds[job.state]} />
        <span className="m5">{title}</span>
        <span className="t3 s12">{job.id}</span>
        <span className="end t3 s12">
          {isOver(job) ? (
            <>
              {t(`job.${job.state}`)} <Clock at={job.finished_at} />
            </>
          ) : (
            t(`job.${job.state}`)
          )}
        </span>
        {job.kind === 'replay' && isOver(job) && (
          <a className="s12" href={`/v1/jobs/${encodeURIComponent(job.id)}/report.csv`} download>
            {t('fixes.report')}
          </a>
        )}
        {!isOver(job) && (
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('common.cancel')}
          </Button>
        )}
      </div>
      <ProgressBar done={job.done} total={job.total ?? (isOver(job) ? job.done : 0)} label={title} />
      <Line job={job} />
      {job.message !== null && job.message !== undefined && job.message !== '' && (
        <div className={`note ${job.state === 'failed' ? 'bad' : ''}`}>{job.message}</div>
      )}
    </div>
  )
}
