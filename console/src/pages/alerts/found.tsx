import { Link } from '@tanstack/react-router'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import type { ReactElement } from 'react'
import { snoozeAlert, useAlertFacts, useAlertIncidents } from '../../api/alerts.ts'
import type { AlertIncident, Severity } from '../../api/alerts.ts'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Ago, Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { factsText, nameOf } from './words.ts'

const views = ['open', 'closed', 'all'] as const
const looks: Readonly<Record<Severity, StatusKind>> = { urgent: 'failed', warning: 'attention', info: 'progress' }
const snoozes = [1, 8, 24] as const

/** What a rule was true of: a connection, its orders at a station, or the hub. */
const Where = ({ one }: { readonly one: AlertIncident }): ReactElement => {
  const { t } = useWords()
  const [, node] = one.subject.split('/')
  if (one.connection_id === null) return <Link to="/board">{t('alerts.hub')}</Link>
  const name = one.connection ?? one.connection_id
  return node === undefined ? (
    <Link to="/connections/$id" params={{ id: one.connection_id }} className="break">
      {name}
    </Link>
  ) : (
    <Link to="/board" search={{ connection: one.connection_id }} className="break">
      {name} · {t(`board.node.${node}`)}
    </Link>
  )
}

const Told = ({ one }: { readonly one: AlertIncident }): ReactElement => {
  const { t } = useWords()
  if (one.messages.length === 0) return <span className="t3">{t('alerts.nobodyTold')}</span>
  return (
    <div className="col s12">
      {one.messages.map((message) => (
        <span
          key={`${message.destination} ${message.kind}`}
          className={message.state === 'failed' ? 'bad' : 't2'}
          title={message.answer ?? undefined}
        >
          {message.destination}: {t(`alerts.messageKind.${message.kind}`)} · {t(`alerts.messageState.${message.state}`)}
        </span>
      ))}
    </div>
  )
}

const Snooze = ({ one }: { readonly one: AlertIncident }): ReactElement | null => {
  const { t } = useWords()
  const queries = useQueryClient()
  const may = useScope('orders:write')
  const set = useMutation({
    mutationFn: (hours: number | null) => snoozeAlert(one.id, hours === null ? null : new Date(Date.now() + hours * 3_600_000).toISOString()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/v1/alerts'] }),
    onError: (error) => tell(error.message),
  })
  if (!may || one.closed_at !== null) return null
  const isAsleep = one.snoozed_until !== null && Date.parse(one.snoozed_until) > Date.now()
  if (isAsleep)
    return (
      <Button size="small" loading={set.isPending} onClick={() => set.mutate(null)}>
        {t('alerts.wake')}
      </Button>
    )
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: snoozes.map((hours) => ({ key: String(hours), label: t('alerts.hours', { count: hours }) })),
        onClick: ({ key }) => set.mutate(Number(key)),
      }}
    >
      <Button size="small" loading={set.isPending}>
        {t('alerts.snooze')}
      </Button>
    </Dropdown>
  )
}

const Row = ({ one }: { readonly one: AlertIncident }): ReactElement => {
  const { t, language } = useWords()
  const facts = useAlertFacts()
  return (
    <tr>
      <td className="nw">
        {one.closed_at === null ? (
          <Status kind={looks[one.severity]}>{t(`alerts.severity.${one.severity}`)}</Status>
        ) : (
          <Status kind="ok">{t('alerts.over')}</Status>
        )}
      </td>
      <td>
        <div className="col">
          <span className="m5 break">{nameOf({ ...one.rule, names: one.names }, language)}</span>
          <span className="s12 t2 break">{factsText(facts.data, one.facts, language)}</span>
        </div>
      </td>
      <td>
        <Where one={one} />
      </td>
      <td className="nw">
        <Ago at={one.opened_at} className="t2" />
        {one.closed_at !== null && (
          <div className="s12 t3">
            {t('alerts.until')} <Clock at={one.closed_at} />
          </div>
        )}
        {one.closed_at === null && one.snoozed_until !== null && (
          <div className="s12 t3">
            {t('alerts.snoozedUntil')} <Clock at={one.snoozed_until} />
          </div>
        )}
      </td>
      <td>
        <Told one={one} />
      </td>
      <td className="n">
        <Snooze one={one} />
      </td>
    </tr>
  )
}

/** What rules found: going on, over, or both. */
export const FoundTab = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const view = views.find((one) => one === search['view']) ?? 'open'
  const { items, query } = useAlertIncidents(view === 'all' ? undefined : view)
  return (
    <>
      <div className="seg" style={{ marginBottom: 12 }}>
        {views.map((one) => (
          <button key={one} type="button" aria-pressed={one === view} onClick={() => setSearch({ view: one === 'open' ? undefined : one })}>
            {t(`alerts.view.${one}`)}
          </button>
        ))}
      </div>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('alerts.title')}>
        <Loaded
          query={query}
          what={t('alerts.title')}
          count={items.length}
          height={48}
          empty={
            <State icon="ok" title={t(view === 'open' ? 'alerts.noneOpen' : 'alerts.noneYet')}>
              {t('alerts.noneHint')}
            </State>
          }
        >
          <table className="grid alert-table">
            <HeadRow words={['connections.state', 'alerts.what', 'alerts.where', 'alerts.since', 'alerts.told']} actions />
            <tbody>
              {items.map((one) => (
                <Row key={one.id} one={one} />
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}
