import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber, Modal, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addRule, alertScopes, changeRule, removeRule, severities, useDestinations } from '../../api/alerts.ts'
import type { AlertRule, RuleDraft } from '../../api/alerts.ts'
import { useConnections } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { tell } from '../../ui/undo.tsx'
import { Field } from '../stock-places/dialog.tsx'
import { ConditionField } from './condition-field.tsx'
import { nameOf } from './words.ts'

const fresh: RuleDraft = {
  name: '',
  scope: 'connection',
  condition: '',
  severity: 'warning',
  for_minutes: 0,
  remind_minutes: null,
  destinations: null,
  connections: null,
  enabled: true,
}

const draftOf = ({ name, scope, condition, severity, for_minutes, remind_minutes, destinations, connections, enabled }: AlertRule): RuleDraft => ({
  name,
  scope,
  condition,
  severity,
  for_minutes,
  remind_minutes,
  destinations,
  connections,
  enabled,
})

/** Everything about one rule, with what it would say now. */
export const RuleEditor = ({ rule, onClose }: { readonly rule: AlertRule | undefined; readonly onClose: () => void }): ReactElement => {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const destinations = useDestinations()
  const connections = useConnections(30_000)
  const [draft, setDraft] = useState<RuleDraft>(rule === undefined ? fresh : draftOf(rule))
  const done = async (said: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['/v1/alerts/rules'] })
    tell(said)
    onClose()
  }
  const save = useMutation({
    mutationFn: () => (rule === undefined ? addRule(draft) : changeRule(rule, draft)),
    onSuccess: () => done(t('alerts.ruleSaved')),
  })
  const drop = useMutation({ mutationFn: (id: string) => removeRule(id), onSuccess: () => done(t('alerts.ruleRemoved')) })
  const isOwn = rule === undefined || rule.name !== null
  const ready = draft.condition.trim() !== '' && (!isOwn || (draft.name ?? '').trim() !== '')
  const problem = save.error ?? drop.error
  return (
    <Modal
      open
      width={720}
      title={rule === undefined ? t('alerts.addRule') : nameOf(rule, language)}
      footer={null}
      onCancel={onClose}
      destroyOnHidden
    >
      <form
        className="col g12"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) save.mutate()
        }}
      >
        {isOwn && (
          <Field label={t('alerts.ruleName')}>
            <Input autoFocus value={draft.name ?? ''} maxLength={120} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
          </Field>
        )}
        <div className="row g12 wrap top-aligned">
          <Field label={t('alerts.scope')}>
            <Select
              aria-label={t('alerts.scope')}
              style={{ width: 260 }}
              value={draft.scope}
              onChange={(scope) => setDraft({ ...draft, scope })}
              options={alertScopes.map((one) => ({ value: one, label: t(`alerts.scopes.${one}`) }))}
            />
          </Field>
          <Field label={t('alerts.severityTitle')}>
            <Select
              aria-label={t('alerts.severityTitle')}
              style={{ width: 140 }}
              value={draft.severity}
              onChange={(severity) => setDraft({ ...draft, severity })}
              options={severities.map((one) => ({ value: one, label: t(`alerts.severity.${one}`) }))}
            />
          </Field>
        </div>
        <ConditionField
          scope={draft.scope}
          value={draft.condition}
          connections={draft.connections}
          onChange={(condition) => setDraft({ ...draft, condition })}
        />
        <div className="row g12 wrap top-aligned">
          <Field label={t('alerts.forMinutes')}>
            <InputNumber
              min={0}
              max={10_080}
              precision={0}
              value={draft.for_minutes}
              suffix={t('board.minutes')}
              onChange={(value) => setDraft({ ...draft, for_minutes: value ?? 0 })}
            />
          </Field>
          <Field label={t('alerts.remind')} hint={t('alerts.remindHint')}>
            <InputNumber
              min={5}
              max={43_200}
              precision={0}
              value={draft.remind_minutes}
              suffix={t('board.minutes')}
              onChange={(remind) => setDraft({ ...draft, remind_minutes: remind })}
            />
          </Field>
        </div>
        <Field label={t('alerts.tells')} hint={t('alerts.emptyIsAll')}>
          <Select
            mode="multiple"
            aria-label={t('alerts.tells')}
            value={[...(draft.destinations ?? [])]}
            onChange={(chosen) => setDraft({ ...draft, destinations: chosen.length === 0 ? null : chosen })}
            placeholder={t(draft.destinations === null ? 'alerts.allDestinations' : 'alerts.nobody')}
            options={(destinations.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          />
        </Field>
        {draft.scope !== 'hub' && (
          <Field label={t('alerts.ofConnections')} hint={t('alerts.emptyIsAll')}>
            <Select
              mode="multiple"
              aria-label={t('alerts.ofConnections')}
              value={[...(draft.connections ?? [])]}
              onChange={(chosen) => setDraft({ ...draft, connections: chosen.length === 0 ? null : chosen })}
              placeholder={t('effects.allConnections')}
              options={(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            />
          </Field>
        )}
        <Checkbox checked={draft.enabled} onChange={(event) => setDraft({ ...draft, enabled: event.target.checked })}>
          {t('alerts.enabled')}
        </Checkbox>
        {problem !== null && (
          <div className="note bad" role="alert">
            {problem.message}
          </div>
        )}
        <div className="row g8 between">
          {rule === undefined ? (
            <span />
          ) : (
            <Button danger loading={drop.isPending} onClick={() => drop.mutate(rule.id)}>
              {t('alerts.removeRule')}
            </Button>
          )}
          <div className="row g8">
            <Button onClick={onClose}>{t('common.back')}</Button>
            <Button type="primary" htmlType="submit" loading={save.isPending} aria-disabled={!ready}>
              {t('common.save')}
            </Button>
          </div>
        </div>
      </form>
    </Modal>
  )
}
