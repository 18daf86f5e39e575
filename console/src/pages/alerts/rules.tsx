import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown, Switch } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changeRule, useAlertRules, useDestinations } from '../../api/alerts.ts'
import type { AlertRule } from '../../api/alerts.ts'
import { useCanWrite } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { RuleEditor } from './rule-editor.tsx'
import { nameOf } from './words.ts'

const mutes = [1, 8, 24] as const

const Row = ({ rule, onEdit }: { readonly rule: AlertRule; readonly onEdit: () => void }): ReactElement => {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const mayWrite = useCanWrite()
  const destinations = useDestinations()
  const set = useMutation({
    mutationFn: (change: Parameters<typeof changeRule>[1]) => changeRule(rule, change),
    onSettled: () => queries.invalidateQueries({ queryKey: ['/v1/alerts/rules'] }),
    onError: (error) => tell(error.message),
  })
  const name = nameOf(rule, language)
  const isMuted = rule.muted_until !== null && Date.parse(rule.muted_until) > Date.now()
  const names = rule.destinations?.map((id) => destinations.data?.items.find((one) => one.id === id)?.name ?? id)
  const told = names === undefined ? t('alerts.allDestinations') : names.length === 0 ? t('alerts.nobody') : names.join(' · ')
  const mute = (hours: number | null): void =>
    set.mutate({ muted_until: hours === null ? null : new Date(Date.now() + hours * 3_600_000).toISOString() })
  return (
    <tr>
      <td>
        <Switch
          size="small"
          aria-label={t('alerts.enabledOf', { name })}
          checked={rule.enabled}
          disabled={!mayWrite}
          loading={set.isPending}
          onChange={(enabled) => set.mutate({ enabled })}
        />
      </td>
      <td>
        <div className="col">
          <span className="m5 break">{name}</span>
          <code className="mono s12 t2 break alert-code">{rule.condition}</code>
          {rule.fault !== null && <span className="bad s12">{t('alerts.cannotJudge', { fault: rule.fault })}</span>}
        </div>
      </td>
      <td className="nw">{t(`alerts.severity.${rule.severity}`)}</td>
      <td className="n nw">{rule.for_minutes === 0 ? t('alerts.atOnce') : `${rule.for_minutes} ${t('board.minutes')}`}</td>
      <td className="break">
        {told}
        {isMuted && (
          <div className="s12 warn">
            {t('alerts.mutedUntil')} <Clock at={rule.muted_until} />
          </div>
        )}
      </td>
      <td className="n nw">
        {mayWrite && (
          <div className="row g6" style={{ justifyContent: 'flex-end' }}>
            {isMuted ? (
              <Button size="small" onClick={() => mute(null)}>
                {t('alerts.unmute')}
              </Button>
            ) : (
              <Dropdown
                trigger={['click']}
                menu={{
                  items: mutes.map((hours) => ({ key: String(hours), label: t('alerts.hours', { count: hours }) })),
                  onClick: ({ key }) => mute(Number(key)),
                }}
              >
                <Button size="small">{t('alerts.mute')}</Button>
              </Dropdown>
            )}
            <Button size="small" onClick={onEdit}>
              {t('alerts.edit')}
            </Button>
          </div>
        )}
      </td>
    </tr>
  )
}

/** All rules: what has to be true, for how long, and who is told. */
export const RulesTab = (): ReactElement => {
  const { t } = useWords()
  const rules = useAlertRules()
  const mayWrite = useCanWrite()
  const [editing, setEditing] = useState<AlertRule | 'new' | undefined>(undefined)
  const items = rules.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('alerts.rules')}>
      <Loaded query={rules} what={t('alerts.rules')} count={items.length} height={48} empty={null}>
        <table className="grid alert-table">
          <HeadRow words={['alerts.on', 'alerts.rule', 'alerts.severityTitle', 'alerts.for', 'alerts.tells']} figures={['alerts.for']} actions />
          <tbody>
            {items.map((rule) => (
              <Row key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
            ))}
          </tbody>
        </table>
      </Loaded>
      {mayWrite && (
        <div className="card-foot">
          <Button onClick={() => setEditing('new')}>{t('alerts.addRule')}</Button>
        </div>
      )}
      {editing !== undefined && <RuleEditor rule={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </section>
  )
}
