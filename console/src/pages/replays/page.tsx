import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useReplays } from '../../api/jobs.ts'
import type { Job, ReplayFilter } from '../../api/jobs.ts'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { Icon } from '../../ui/icon.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { list, member, text } from '../../ui/read-doc.ts'
import { ReplayDialog } from '../../ui/replay-dialog.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'

const dayBefore = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
const dispositions = ['held', 'applied', 'ignored'] as const

/** What a replay was about, in words. */
const useAbout = (): ((job: Job) => string) => {
  const { t, label } = useWords()
  const connections = useConnections(60_000)
  return (job) => {
    const filter = member(job.params, 'filter')
    const connection = text(member(filter, 'connection'))
    const group = text(member(filter, 'group'))
    const orders = list(member(filter, 'orderIds')).length
    const [from, to, disposition] = ['from', 'to', 'disposition'].map((name) => text(member(filter, name)))
    return [
      ...(group === undefined ? [] : [t('replays.ofGroup', { id: group })]),
      ...(orders === 0 ? [] : [t('replays.ofOrders', { count: orders })]),
      ...(connection === undefined ? [] : [connections.data?.items.find((one) => one.id === connection)?.name ?? connection]),
      ...(from === undefined ? [] : [`${from.slice(0, 10)} – ${to?.slice(0, 10) ?? ''}`]),
      ...(disposition === undefined ? [] : [label('disposition', disposition)]),
    ].join(' · ')
  }
}

/** Chooses a connection and a range of time; the plan comes before anything is written. */
const WindowForm = (): ReactElement => {
  const { t, label } = useWords()
  const connection = useAddress()[0]['connection']
  const [from, setFrom] = useState(dayBefore(7))
  const [to, setTo] = useState(dayBefore(-1))
  const [disposition, setDisposition] = useState<string | undefined>(undefined)
  const [filter, setFilter] = useState<ReplayFilter | undefined>(undefined)
  const valid = from !== '' && to !== '' && from < to
  return (
    <section className="card sect col g12">
      <h2>{t('replays.window')}</h2>
      <p className="t2">{t('replays.windowText')}</p>
      <div className="row g12 wrap" style={{ alignItems: 'flex-end' }}>
        <label className="col g4">
          <span className="m5">{t('nav.connections')}</span>
          <ConnectionSelect />
        </label>
        <label className="col g4">
          <span className="m5">{t('backfill.from')}</span>
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label className="col g4">
          <span className="m5">{t('backfill.to')}</span>
          <Input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <label className="col g4">
          <span className="m5">{t('replays.which')}</span>
          <Select
            allowClear
            aria-label={t('replays.which')}
            style={{ minWidth: 140 }}
            placeholder={t('replays.all')}
            value={disposition ?? null}
            onChange={(next: string | null) => setDisposition(next ?? undefined)}
            options={dispositions.map((value) => ({ value, label: label('disposition', value) }))}
          />
        </label>
        <Button
          type="primary"
          icon={<Icon name="replay" />}
          aria-disabled={!valid}
          title={valid ? undefined : t('backfill.order')}
          onClick={() => {
            if (valid)
              setFilter({
                ...(connection === undefined || connection === '' ? {} : { connection }),
                ...(disposition === undefined ? {} : { disposition }),
                from: new Date(`${from}T00:00:00`).toISOString(),
                to: new Date(`${to}T00:00:00`).toISOString(),
              })
          }}
        >
          {t('replays.plan')}
        </Button>
      </div>
      <ReplayDialog open={filter !== undefined} filter={filter ?? {}} onClose={() => setFilter(undefined)} />
    </section>
  )
}

/** Replays and dry runs, newest first, each with its figures and its report. */
const ReplaysPage = (): ReactElement => {
  const { t } = useWords()
  const may = useScope('replay')
  const replays = useReplays()
  const about = useAbout()
  return (
    <>
      <div className="ph">
        <h1>{t('replays.title')}</h1>
      </div>
      <div className="col g12">
        {may && <WindowForm />}
        {replays.isError && replays.data === undefined ? (
          <div className="card">
            <Failed error={replays.error} what={t('replays.title')} retry={() => void replays.refetch()} />
          </div>
        ) : replays.isPending ? (
          <div className="card">
            <Skeleton rows={4} height={60} />
          </div>
        ) : replays.data.items.length === 0 ? (
          <div className="card">
            <State icon="replay" title={t('replays.none')} />
          </div>
        ) : (
          replays.data.items.map((job) => (
            <section key={job.id} className="card sect col g4">
              <JobProgress id={job.id} title={t(job.params?.['dry_run'] === true ? 'replays.dry' : 'replay.running')} />
              <span className="s12 t3">
                {about(job)} · {job.created_by?.replace(/^(user|key):/, '')} · <Ago at={job.created_at} />
              </span>
            </section>
          ))
        )}
      </div>
    </>
  )
}

export default ReplaysPage
