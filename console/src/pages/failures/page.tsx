import './failures.css'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useFailures } from '../../api/failures.ts'
import type { FailureGroup, FailureStatus } from '../../api/failures.ts'
import { useJobs } from '../../api/jobs.ts'
import { useAddress } from '../../app/use-search.ts'
import type { MoneyText } from '../../format/money.ts'
import { formatSums } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { addSums } from '../../format/sum.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Spark } from '../../ui/spark.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { Ago, Deadline } from '../../ui/time.tsx'
import { FailureCard } from './detail.tsx'
import { groupKind, useGroupTitle } from './group-words.ts'

const statuses: readonly FailureStatus[] = ['open', 'acknowledged', 'ignored', 'resolved']

/** The nearest deadline on top; groups without one by how many orders they hold. */
const byUrgency = (a: FailureGroup, b: FailureGroup): number => {
  if (a.nearest_ship_by !== null && b.nearest_ship_by !== null) return a.nearest_ship_by.localeCompare(b.nearest_ship_by)
  if (a.nearest_ship_by !== null) return -1
  return b.nearest_ship_by !== null ? 1 : b.orders - a.orders
}

const GroupRow = ({
  group,
  name,
  chosen,
  onChoose,
}: {
  readonly group: FailureGroup
  readonly name: string
  readonly chosen: boolean
  readonly onChoose: () => void
}): ReactElement => {
  const { t, label } = useWords()
  const title = useGroupTitle()(group)
  return (
    <button type="button" className="group" aria-current={chosen} onClick={onChoose}>
      <StatusIcon kind={groupKind(group)} />
      <span className="col g4">
        <span className="m5 el" title={title}>
          {title}
        </span>
        <span className="row g6 s12 t2">
          <Tile title={name} small />
          <span className="el">
            {group.regressed && <b className="warn">{t('failures.regressed')} · </b>}
            {name} · {label('operation', group.operation)}
          </span>
        </span>
      </span>
      <Spark values={group.trend} width={64} label={t('failures.trendOf', { title })} />
      <span className="n b">{formatCount(group.orders > 0 ? group.orders : group.count)}</span>
      <span className="col n">
        <span className="m5 nw">{group.money.length === 0 ? '' : formatSums(group.money)}</span>
        <span className="s12">
          {group.nearest_ship_by === null ? <Ago at={group.last_seen} className="t3" /> : <Deadline at={group.nearest_ship_by} />}
        </span>
      </span>
    </button>
  )
}

const RunningReplay = (): ReactElement | null => {
  const { t } = useWords()
  const jobs = useJobs()
  const job = jobs.data?.items.find(
    (one) => one.kind === 'replay' && (one.state === 'running' || one.state === 'planned') && one.params?.['dry_run'] !== true,
  )
  return job === undefined ? null : (
    <div className="card-foot">
      <JobProgress id={job.id} title={t('replay.running')} />
    </div>
  )
}

const FailuresPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const status = statuses.find((one) => one === search['status']) ?? 'open'
  const failures = useFailures({ status, connection: search['connection'], limit: 200 })
  const connections = useConnections(30_000)
  const groups = useMemo(() => (failures.data?.groups ?? failures.data?.items ?? []).toSorted(byUrgency), [failures.data])
  const wide = window.matchMedia('(min-width: 1200px)').matches
  const chosen = groups.find((group) => group.id === search['group']) ?? (wide && search['group'] === undefined ? groups[0] : undefined)
  const nameOf = (id: string | null): string => connections.data?.items.find((one) => one.id === id)?.name ?? id ?? t('failures.hub')
  const step = (by: number): void => {
    const at = groups.findIndex((group) => group.id === chosen?.id)
    setSearch({ group: groups[Math.max(0, Math.min(groups.length - 1, at + by))]?.id }, true)
  }
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => setSearch({ group: undefined }) })
  const money: readonly MoneyText[] = addSums(groups.flatMap((group) => group.money))
  return (
    <>
      <div className="ph">
        <h1>{t('nav.failures')}</h1>
        <div className="seg">
          {statuses.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === status}
              onClick={() => setSearch({ status: one === 'open' ? undefined : one, group: undefined })}
            >
              {t(`failures.status.${one}`)}
              {one === status && ` ${formatCount(groups.length)}`}
              {one !== status && failures.data?.counts?.[one] !== undefined && ` ${formatCount(failures.data.counts[one])}`}
            </button>
          ))}
        </div>
        <Link to="/replays">{t('replays.title')}</Link>
        {groups.length > 0 && (
          <span className="end t2">
            {t('failures.affected')} <b className="ink">{formatCount(groups.reduce((sum, group) => sum + group.orders, 0))}</b>
            {money.length > 0 && (
              <>
                {' '}
                · {t('failures.atRisk')} <b className="ink">{formatSums(money)}</b>
              </>
            )}
          </span>
        )}
      </div>
      {failures.isError && failures.data === undefined ? (
        <div className="card">
          <Failed error={failures.error} what={t('failures.list')} retry={() => void failures.refetch()} />
        </div>
      ) : failures.isPending ? (
        <div className="card">
          <Skeleton rows={6} height={72} />
        </div>
      ) : groups.length === 0 ? (
        <div className="card">
          <State icon="ok" tone="ok" title={t(status === 'open' ? 'failures.none' : 'common.noMatch')}>
            {status === 'open' ? t('failures.noneHint') : undefined}
          </State>
        </div>
      ) : (
        <div className={`failures${chosen === undefined ? '' : ' chosen'}`}>
          <section className="card" aria-label={t('failures.list')}>
            <div className="group head" aria-hidden="true">
              <span />
              <span>{t('failures.cause')}</span>
              <span>{t('failures.trend')}</span>
              <span className="n">{t('nav.orders')}</span>
              <span className="n">{t('failures.moneyDue')}</span>
            </div>
            <div className="scroll">
              {groups.map((group) => (
                <GroupRow
                  key={group.id}
                  group={group}
                  name={nameOf(group.connection_id)}
                  chosen={group.id === chosen?.id}
                  onChoose={() => setSearch({ group: group.id })}
                />
              ))}
            </div>
            <RunningReplay />
          </section>
          <section className="card" aria-label={t('failures.detail')}>
            {chosen === undefined ? (
              <State icon="inbox" title={t('failures.choose')} />
            ) : (
              <FailureCard key={chosen.id} group={chosen} name={nameOf(chosen.connection_id)} onBack={() => setSearch({ group: undefined })} />
            )}
          </section>
        </div>
      )}
    </>
  )
}

export default FailuresPage
