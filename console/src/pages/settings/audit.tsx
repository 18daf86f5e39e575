import { useMutation } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import type { ReactElement } from 'react'
import { useAudit, verifyAudit } from '../../api/people.ts'
import type { AuditCheck, AuditFilter } from '../../api/people.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Copy } from '../../ui/copy.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { Clock } from '../../ui/time.tsx'

/** What entries are about; the hub takes the beginning of an action with a star. */
const kinds = [
  'pii',
  'session',
  'second-factor',
  'user',
  'key',
  'connection',
  'order',
  'orders',
  'override',
  'replay',
  'stock',
  'privacy',
  'audit',
] as const

/** A day of the address bar, from its beginning here; the last day counts whole. */
const instantOf = (day: string | undefined, days = 0): string | undefined => {
  if (day === undefined || !/^\d{4}-\d\d-\d\d$/.test(day)) return undefined
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + days)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

const filterOf = (search: Readonly<Record<string, string | undefined>>): AuditFilter => {
  const kind = search['kind']
  const all = {
    actor: search['actor'],
    action: kind === undefined ? undefined : `${kind}.*`,
    subject: search['subject'],
    from: instantOf(search['from']),
    to: instantOf(search['to'], 1),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== ''))
}

const Checked = ({ found }: { readonly found: AuditCheck }): ReactElement => {
  const { t } = useWords()
  if (!found.whole) {
    return (
      <div className="note bad" role="alert">
        <Icon name="failed" />
        {t('audit.broken', { id: found.first_broken ?? '—' })}
      </div>
    )
  }
  return (
    <div className="note ok" role="status">
      <Icon name="ok" />
      <span>
        {t('audit.whole', { count: formatCount(found.entries) })} <span className="mono break">{found.head}</span>
      </span>
      {found.head !== null && <Copy text={found.head} />}
    </div>
  )
}

const Filters = ({ filter }: { readonly filter: AuditFilter }): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const check = useMutation({ mutationFn: verifyAudit })
  const exported = `/v1/audit.csv?${new URLSearchParams(Object.entries(filter)).toString()}`
  return (
    <>
      <div className="card-head row g8 wrap" style={{ paddingBlock: 8 }}>
        <TextFilter name="actor" label={t('audit.byActor')} />
        <Select
          aria-label={t('settings.action')}
          style={{ width: 170 }}
          value={search['kind'] ?? ''}
          onChange={(kind) => setSearch({ kind: kind === '' ? undefined : kind })}
          options={[{ value: '', label: t('audit.everyKind') }, ...kinds.map((kind) => ({ value: kind, label: t(`auditKind.${kind}`) }))]}
        />
        <Input
          aria-label={t('effects.subject')}
          placeholder={t('effects.subject')}
          style={{ width: 150 }}
          allowClear
          defaultValue={search['subject'] ?? ''}
          onPressEnter={(event) => setSearch({ subject: event.currentTarget.value.trim() || undefined })}
          onClear={() => setSearch({ subject: undefined })}
        />
        {(['from', 'to'] as const).map((name) => (
          <Input
            key={name}
            type="date"
            aria-label={t(`audit.${name}`)}
            title={t(`audit.${name}`)}
            style={{ width: 142 }}
            value={search[name] ?? ''}
            onChange={(event) => setSearch({ [name]: event.target.value || undefined }, true)}
          />
        ))}
        <span className="grow" />
        <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
          {t('audit.check')}
        </Button>
        <Button size="small" icon={<Icon name="download" />} href={exported} download="audit-log.csv">
          CSV
        </Button>
      </div>
      {check.data !== undefined && <Checked found={check.data} />}
      {check.isError && (
        <div className="note bad" role="alert">
          {check.error.message}
        </div>
      )}
    </>
  )
}

/** Who did what, newest first; rows are chained, so that none can be changed unseen. */
export const AuditTab = (): ReactElement => {
  const { t, label } = useWords()
  const [search] = useAddress()
  const filter = filterOf(search)
  const { items, query } = useAudit(filter)
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('settings.audit')}>
      <Filters filter={filter} />
      <Loaded query={query} what={t('settings.audit')} count={items.length} empty={<State icon="file" title={t('common.none')} />}>
        <table className="grid">
          <HeadRow words={['effects.when', 'settings.actor', 'settings.action', 'effects.subject', 'common.details']} />
          <tbody>
            {items.map((row) => (
              <tr key={row.id}>
                <td className="nw">
                  <Clock at={row.at} />
                </td>
                <td className="m5">{row.actor}</td>
                <td>{label('action', row.action)}</td>
                <td className="break">{row.subject === null || row.subject === '' ? '—' : row.subject}</td>
                <td className="t2 break s12">
                  {row.details === null || row.details === undefined
                    ? ''
                    : Object.entries(row.details)
                        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
                        .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
    </section>
  )
}
