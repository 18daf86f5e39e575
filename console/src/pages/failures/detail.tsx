import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changeFailure, useFailure } from '../../api/failures.ts'
import type { FailureChange, FailureGroup } from '../../api/failures.ts'
import { isOver, startReplay, useJob } from '../../api/jobs.ts'
import { useSession } from '../../api/session.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { DryRun } from '../../ui/dry-run.tsx'
import { Icon } from '../../ui/icon.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { useHoldText } from '../../ui/said.ts'
import { StatusIcon } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { FixCard } from './fix-card.tsx'
import { groupKind, useGroupTitle, useQuoted } from './group-words.ts'
import { Notes } from './notes.tsx'
import { Rules } from './rules.tsx'
import { Samples } from './samples.tsx'

const morning = (days: number): string => {
  const at = new Date()
  at.setDate(at.getDate() + days)
  at.setHours(9, 0, 0, 0)
  return at.toISOString()
}

const Triage = ({ group }: { readonly group: FailureGroup }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const me = useSession().data?.user.name
  const refresh = (): Promise<void> => queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/failures') })
  const change = useMutation({
    mutationFn: (next: FailureChange) => changeFailure(group.id, next),
    onSuccess: async (_, next) => {
      await refresh()
      tell(
        t(`failures.now.${next.status ?? 'open'}`),
        () => void changeFailure(group.id, { status: group.status, ...(group.status === 'ignored' ? {} : { ignored_until: null }) }).then(refresh),
      )
    },
  })
  return (
    <div className="row g8 wrap">
      {change.isError && (
        <span className="bad s12" role="alert">
          {change.error.message}
        </span>
      )}
      {group.status !== 'acknowledged' && (
        <Button size="small" icon={<Icon name="check" small />} onClick={() => change.mutate({ status: 'acknowledged' })}>
          {t('failures.acknowledge')}
        </Button>
      )}
      {group.status !== 'open' && (
        <Button size="small" onClick={() => change.mutate({ status: 'open' })}>
          {t('failures.reopen')}
        </Button>
      )}
      {me !== undefined && group.owner !== me && group.status !== 'resolved' && (
        <Button size="small" onClick={() => change.mutate({ owner: me, status: 'acknowledged' })}>
          {t('fixes.takeOver')}
        </Button>
      )}
      {group.status !== 'resolved' && (
        <Button size="small" onClick={() => change.mutate({ status: 'resolved' })}>
          {t('fixes.resolve')}
        </Button>
      )}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [1, 7, 30].map((days) => ({
            key: days,
            label: t('failures.ignoreDays', { count: days }),
            onClick: () => change.mutate({ status: 'ignored', ignored_until: morning(days) }),
          })),
        }}
      >
        <Button size="small">{t('failures.ignore')}</Button>
      </Dropdown>
    </div>
  )
}

/** Where rules of people have a say: reading documents and naming carriers. */
const ruled: readonly string[] = ['normalise', 'push-shipment']

/** One cause: what happened, the fix, what a replay would do, and the button that repeats the count. */
export const FailureCard = ({
  group,
  name,
  onBack,
}: {
  readonly group: FailureGroup
  readonly name: string
  readonly onBack: () => void
}): ReactElement => {
  const { t, label, sentence } = useWords()
  const title = useGroupTitle()(group)
  const isQuoted = useQuoted()(group.code)
  const textOf = useHoldText()
  const detail = useFailure(group.id)
  const [job, setJob] = useState<string | undefined>(undefined)
  const plan = useMutation({ mutationFn: () => startReplay({ group: group.id }, true) })
  const replay = useMutation({ mutationFn: () => startReplay({ group: group.id }, false), onSuccess: (started) => setJob(started.id) })
  const dry = useJob(plan.data?.id)
  const items = detail.data?.samples ?? detail.data?.items ?? []
  const count = group.orders > 0 ? group.orders : group.count
  const error = plan.error ?? replay.error
  // Only documents can run through the mapping again; a refused write or a failed pull is fixed where it happened.
  const replays = group.operation === 'normalise'
  return (
    <>
      <div className="failure-detail" tabIndex={0} role="region" aria-label={title}>
        <section className="sect col g8">
          <div className="row g8 wrap">
            <button type="button" className="icb group-back" aria-label={t('common.back')} onClick={onBack}>
              <Icon name="left" />
            </button>
            <StatusIcon kind={groupKind(group)} />
            <h2 className="group-title break">{title}</h2>
            <Triage group={group} />
          </div>
          {sentence('failureHelp', group.code) !== undefined && <p className="t2">{sentence('failureHelp', group.code)}</p>}
          <div className="row g8 s12 t3 wrap">
            <Tile title={name} small />
            {name} · {label('operation', group.operation)} · {label('fault', group.fault_kind)} · <span className="mono">{group.code}</span> ·{' '}
            {t('failures.firstSeen')} <Ago at={group.first_seen} />
            {group.owner !== null && <> · {t('fixes.owner', { name: group.owner })}</>}
          </div>
          {isQuoted && detail.data?.sample !== null && detail.data?.sample !== undefined && (
            <div className="quote s12 break">“{textOf({ code: group.code, message: detail.data.sample })}”</div>
          )}
        </section>
        <FixCard group={group} onReplay={(id) => setJob(id)} />
        {replays && group.count > 0 && (
          <section className="sect col g12">
            <div className="row between">
              <h2>{t('failures.dryRun')}</h2>
              <Button
                size="small"
                icon={<Icon name="replay" small />}
                loading={plan.isPending || (dry.data !== undefined && !isOver(dry.data))}
                onClick={() => plan.mutate()}
              >
                {t(plan.data === undefined ? 'failures.runDry' : 'failures.runAgain')}
              </Button>
            </div>
            {error !== null && (
              <div className="note bad" role="alert">
                {error.message}
              </div>
            )}
            {dry.data === undefined ? <p className="t2">{t('failures.dryText')}</p> : <DryRun job={dry.data} />}
          </section>
        )}
        {job !== undefined && (
          <section className="sect">
            <JobProgress id={job} title={t('replay.running')} />
          </section>
        )}
        <Samples items={items} code={group.code} quoted={isQuoted} />
        {ruled.includes(group.operation) && <Rules connection={group.connection_id} />}
        <Notes groupId={group.id} notes={detail.data?.notes ?? []} />
      </div>
      {replays && group.count > 0 && (
        <div className="card-foot row g12 wrap">
          <Icon name="readonly" tone="mute" />
          <span className="grow s12 t3" style={{ minWidth: 160 }}>
            {t('failures.replayNote')}
          </span>
          <Button
            // The fix above has the one filled button; where nobody here can mend the mapping, replaying is what is left.
            type={group.code.startsWith('mapping-') ? 'primary' : 'default'}
            icon={<Icon name="replay" />}
            loading={replay.isPending}
            onClick={() => replay.mutate()}
          >
            {t('replay.apply', { count: formatCount(count) })}
          </Button>
        </div>
      )}
    </>
  )
}
