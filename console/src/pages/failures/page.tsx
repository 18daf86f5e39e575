import './failures.css'
import { Link } from '@tanstack/react-router'
import { Checkbox } from 'antd'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useFailures } from '../../api/failures.ts'
import type { FailureGroup, FailureStatus } from '../../api/failures.ts'
import { useJobs } from '../../api/jobs.ts'
import type { Search } from '../../app/search.ts'
import { useAddress } from '../../app/use-search.ts'
import type { MoneyText } from '../../format/money.ts'
import { formatSums } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { addSums } from '../../format/sum.ts'
import { useWords } from '../../i18n/use-words.ts'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { useKeys } from '../../ui/keys.ts'
import { ReplayDialog } from '../../ui/replay-dialog.tsx'
import { SavedViews } from '../../ui/saved-views.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { useSelection } from '../../ui/use-selection.ts'
import { FailureBulk } from './bulk.tsx'
import { FailureCard } from './detail.tsx'
import { goToFix } from './fix-card.tsx'
import { GroupRow } from './group-row.tsx'
import { useGroupTitle } from './group-words.ts'

const statuses: readonly FailureStatus[] = ['open', 'acknowledged', 'ignored', 'resolved']

/** The nearest deadline on top; groups without one by how many orders they hold. */
const byUrgency = (a: FailureGroup, b: FailureGroup): number => {
  if (a.nearest_ship_by !== null && b.nearest_ship_by !== null) return a.nearest_ship_by.localeCompare(b.nearest_ship_by)
  if (a.nearest_ship_by !== null) return -1
  return b.nearest_ship_by !== null ? 1 : b.orders - a.orders
}

/** The causes an address asks for, the most pressing first. */
const matching = (groups: readonly FailureGroup[], search: Search, title: (group: FailureGroup) => string): readonly FailureGroup[] => {
  const words = (search['q'] ?? '').toLowerCase()
  return groups
    .filter(
      (group) =>
        words === '' || [title(group), group.code, group.subject ?? '', group.sample ?? ''].some((text) => text.toLowerCase().includes(words)),
    )
    .toSorted(byUrgency)
}

const statusOf = (search: Search): FailureStatus => statuses.find((one) => one === search['status']) ?? 'open'

const useGroupsOf = (search: Search): readonly FailureGroup[] | undefined => {
  const title = useGroupTitle()
  const { data } = useFailures({ status: statusOf(search), connection: search['connection'], limit: 200 })
  return useMemo(() => {
    const groups = data?.groups ?? data?.items
    return groups && matching(groups, search, title)
    // The title follows the language, which makes everything anew.
  }, [data, search['q']])
}
const useCountOf = (search: Search): number | undefined => useGroupsOf(search)?.length

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
  const status = statusOf(search)
  const failures = useFailures({ status, connection: search['connection'], limit: 200 })
  const connections = useConnections(30_000)
  const groups = useGroupsOf(search) ?? []
  const selection = useSelection(groups)
  const [replaying, setReplaying] = useState<readonly string[]>([])
  const wide = window.matchMedia('(min-width: 1200px)').matches
  const chosen =
    groups.find((group) => group.id === search['group']) ??
    (wide && (search['group'] === undefined || search['q'] !== undefined) ? groups[0] : undefined)
  const nameOf = (id: string | null): string => connections.data?.items.find((one) => one.id === id)?.name ?? id ?? t('failures.hub')
  const step = (by: number): void => {
    setSearch({ group: groups[Math.max(0, Math.min(groups.length - 1, at + by))]?.id }, true)
  }
  const at = groups.findIndex((group) => group.id === chosen?.id)
  const replay = (wanted: readonly FailureGroup[]): void =>
    setReplaying(wanted.flatMap((group) => (group.operation === 'normalise' && group.count > 0 ? [group.id] : [])))
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    x: () => selection.toggle(at, false),
    'shift+x': () => selection.toggle(at, true),
    Enter: () => setSearch({ group: chosen?.id ?? groups[0]?.id }),
    f: (event) => {
      event.preventDefault()
      goToFix()
    },
    e: () => replay(selection.ids.size > 0 ? selection.chosen : chosen === undefined ? [] : [chosen]),
    Escape: () => (selection.ids.size > 0 ? selection.clear() : setSearch({ group: undefined })),
  })
  const narrowed = search['q'] !== undefined || search['connection'] !== undefined
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
        <span className="tabs">
          <SavedViews page="failures" useCount={useCountOf} />
        </span>
        <TextFilter name="q" label={t('failures.search')} />
        <ConnectionSelect />
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
          <State icon="ok" tone="ok" title={t(status === 'open' && !narrowed ? 'failures.none' : 'common.noMatch')}>
            {status === 'open' && !narrowed ? t('failures.noneHint') : undefined}
          </State>
        </div>
      ) : (
        <div className={`failures${chosen === undefined ? '' : ' chosen'}`}>
          <section className="card" aria-label={t('failures.list')}>
            {selection.ids.size > 0 && <FailureBulk groups={selection.chosen} onReplay={() => replay(selection.chosen)} onClear={selection.clear} />}
            <div className="group head">
              <Checkbox
                checked={groups.every((group) => selection.ids.has(group.id))}
                indeterminate={selection.ids.size > 0 && !groups.every((group) => selection.ids.has(group.id))}
                onChange={selection.toggleAll}
                aria-label={t('failures.selectAll', { count: groups.length })}
              />
              <span>{t('failures.cause')}</span>
              <span>{t('failures.trend')}</span>
              <span className="n">{t('nav.orders')}</span>
              <span className="n">{t('failures.moneyDue')}</span>
            </div>
            <div className="scroll">
              {groups.map((group, index) => (
                <GroupRow
                  key={group.id}
                  group={group}
                  name={nameOf(group.connection_id)}
                  chosen={group.id === chosen?.id}
                  selected={selection.ids.has(group.id)}
                  onToggle={(range) => selection.toggle(index, range)}
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
      <ReplayDialog open={replaying.length > 0} filter={{ groups: replaying }} onClose={() => setReplaying([])} />
    </>
  )
}

export default FailuresPage
