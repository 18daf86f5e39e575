import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { isOver } from '../../api/jobs.ts'
import { outcomes, startDryRun, useDryRun, useDryRuns, useRunDocuments } from '../../api/mappings.ts'
import type { DryRunView, Outcome } from '../../api/mappings.ts'
import { formatSums } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { looks } from './preview-pane.tsx'

/** Which orders are looked at: those where one value differs, or those with one outcome. */
type Drill = { readonly path: string } | { readonly outcome: Outcome }

const Orders = ({
  id,
  job,
  drill,
  onOpen,
}: {
  readonly id: string
  readonly job: string
  readonly drill: Drill
  readonly onOpen: (entity: string) => void
}): ReactElement => {
  const { t } = useWords()
  const { items, query } = useRunDocuments(id, job, drill)
  return (
    <Loaded query={query} what={t('nav.orders')} count={items.length} rows={3} empty={<State icon="orders" title={t('common.noMatch')} />}>
      <ul className="map-orders">
        {items.map((document) => (
          <li key={document.entity} className="row g12 wrap">
            <button type="button" className="linkish m5" onClick={() => onOpen(document.entity)}>
              {document.number}
            </button>
            <span className="break grow s12">
              {'path' in drill ? (
                document.changes.map((change, index) => (
                  <span key={index} className="row g6 wrap">
                    <s className="t3">{change.from === '' ? t('replay.empty') : change.from}</s>
                    {change.to === '' ? t('replay.empty') : change.to}
                  </span>
                ))
              ) : (
                <span className="t2">{document.problem ?? document.changes.map(({ path }) => path).join(', ')}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
      <MoreButton query={query} />
    </Loaded>
  )
}

const Figures = ({
  run,
  drill,
  onDrill,
}: {
  readonly run: DryRunView
  readonly drill: Drill | undefined
  readonly onDrill: (drill: Drill) => void
}): ReactElement => {
  const { t } = useWords()
  return (
    <>
      <div className="map-figures">
        {outcomes
          .filter((outcome) => outcome !== 'expired' || (run.counts?.expired ?? 0) > 0)
          .map((outcome) => (
            <button
              key={outcome}
              type="button"
              aria-pressed={drill !== undefined && 'outcome' in drill && drill.outcome === outcome}
              disabled={outcome === 'unchanged' || (run.counts?.[outcome] ?? 0) === 0}
              onClick={() => onDrill({ outcome })}
            >
              <span className="row g4 s12 t2">
                <Icon name={looks[outcome].icon} tone={looks[outcome].tone} small />
                {t(`mappings.outcome.${outcome}`)}
              </span>
              <span className="big">{formatCount(run.counts?.[outcome] ?? 0)}</span>
            </button>
          ))}
      </div>
      {run.fields.length > 0 && (
        <div className="map-wide" tabIndex={0} role="region" aria-label={t('replay.field')}>
          <table className="grid">
            <thead>
              <tr>
                <th scope="col">{t('replay.field')}</th>
                <th scope="col" className="n">
                  {t('nav.orders')}
                </th>
                <th scope="col" className="n">
                  Σ
                </th>
                <th scope="col">{t('mappings.example')}</th>
              </tr>
            </thead>
            <tbody>
              {run.fields.map((field) => (
                <tr key={field.path} className={drill !== undefined && 'path' in drill && drill.path === field.path ? 'sel' : ''}>
                  <td>
                    <button type="button" className="linkish mono break" onClick={() => onDrill({ path: field.path })}>
                      {field.path}
                    </button>
                  </td>
                  <td className="n">{formatCount(field.orders)}</td>
                  <td className="n nw">{field.sums.length === 0 ? '' : formatSums(field.sums)}</td>
                  <td className="break s12">
                    <s className="t3">{field.from === '' ? t('replay.empty') : field.from}</s> {field.to === '' ? t('replay.empty') : field.to}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {run.more_fields > 0 && <p className="s12 t3">{t('mappings.moreFields', { count: run.more_fields })}</p>}
    </>
  )
}

interface DryRunPanelProps {
  readonly id: string
  /** Version of the draft that is kept; 0 without one. */
  readonly draft: number
  readonly unsaved: boolean
  readonly mayRun: boolean
  readonly onOpen: (entity: string) => void
}

/** Tries the draft on past documents: figures, then values, then the orders behind each. */
export const DryRunPanel = ({ id, draft, unsaved, mayRun, onOpen }: DryRunPanelProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [by, setBy] = useState<'last' | 'days'>('last')
  const [count, setCount] = useState(1000)
  const [drill, setDrill] = useState<Drill | undefined>(undefined)
  const latest = useDryRuns(id)
  const start = useMutation({
    mutationFn: () => startDryRun(id, by === 'last' ? { last: count } : { days: Math.min(count, 366) }),
    onSuccess: async () => {
      setDrill(undefined)
      await queries.invalidateQueries({ queryKey: ['/v1/jobs'] })
    },
  })
  const job = start.data?.id ?? latest.data?.items[0]?.id
  const run = useDryRun(id, job).data
  const ready = draft > 0 && !unsaved
  return (
    <section className="card" aria-label={t('mappings.dryRun')}>
      <div className="card-head wrap map-head">
        <h2>{t('mappings.dryRun')}</h2>
        {mayRun && (
          <span className="end row g8 wrap">
            <InputNumber
              aria-label={t('mappings.howMany')}
              min={1}
              max={by === 'last' ? 100_000 : 366}
              value={count}
              style={{ width: 100 }}
              onChange={(value) => setCount(value ?? 1000)}
            />
            <Select
              aria-label={t('mappings.scope')}
              style={{ width: 170 }}
              value={by}
              onChange={(value: 'last' | 'days') => {
                setBy(value)
                setCount(value === 'last' ? 1000 : 30)
              }}
              options={(['last', 'days'] as const).map((value) => ({ value, label: t(`mappings.scopes.${value}`) }))}
            />
            <Button
              icon={<Icon name="replay" />}
              loading={start.isPending}
              aria-disabled={!ready}
              title={ready ? undefined : t('mappings.noDraft')}
              onClick={() => {
                if (ready) start.mutate()
              }}
            >
              {t('mappings.runDry')}
            </Button>
          </span>
        )}
      </div>
      <div className="pad col g12">
        {start.isError && (
          <div className="note bad" role="alert">
            {start.error.message}
          </div>
        )}
        {run === undefined ? (
          <p className="t2">{t('mappings.dryRunText')}</p>
        ) : (
          <>
            {!isOver(run.job) || run.job.state === 'failed' ? (
              <JobProgress id={run.job.id} title={t('mappings.dryRun')} />
            ) : (
              <p className="s12 t2">
                {t('mappings.ranOver', { count: run.job.done, total: formatCount(run.job.done) })}
                {run.draft !== draft && ` · ${t('mappings.olderDraft')}`}
              </p>
            )}
            {run.counts !== null && <Figures run={run} drill={drill} onDrill={setDrill} />}
            {drill !== undefined && (
              <section className="col g6" aria-label={'path' in drill ? drill.path : t(`mappings.outcome.${drill.outcome}`)}>
                <h3 className="mono">{'path' in drill ? drill.path : t(`mappings.outcome.${drill.outcome}`)}</h3>
                <Orders id={id} job={run.job.id} drill={drill} onOpen={onOpen} />
              </section>
            )}
          </>
        )}
      </div>
    </section>
  )
}
