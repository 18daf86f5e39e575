import { Button } from 'antd'
import type { ReactElement } from 'react'
import type { Rule, RuleStanding } from '../../api/stock-rules.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { Says, Scope } from './says.tsx'

const standings: Readonly<Record<RuleStanding, StatusKind>> = { 'in-force': 'ok', waiting: 'waiting', off: 'paused', over: 'cancelled' }

export interface RuleActions {
  readonly onEdit: (rule: Rule) => void
  readonly onSwitch: (rules: readonly Rule[], on: boolean) => void
  readonly onRemove: (rule: Rule) => void
}

interface RuleTableProps extends RuleActions {
  readonly rules: readonly Rule[]
  readonly names: ReadonlyMap<string, string>
  readonly mayWrite: boolean
}

/** The rules of one plan, or those of none: where, when, what. */
export const RuleTable = ({ rules, names, mayWrite, onEdit, onSwitch, onRemove }: RuleTableProps): ReactElement => {
  const { t } = useWords()
  return (
    <ul className="rule-list">
      {rules.map((rule) => (
        <li key={rule.id}>
          <span className="standing">
            <Status kind={standings[rule.standing]}>{t(`rules.standing.${rule.standing}`)}</Status>
          </span>
          <span className="name col">
            {mayWrite ? (
              <button type="button" className="link m5 el" onClick={() => onEdit(rule)}>
                {rule.name}
              </button>
            ) : (
              <span className="m5 el">{rule.name}</span>
            )}
            <span className="s12 t3 el" title={rule.reason}>
              {rule.reason === '' ? t('rules.by', { name: rule.author }) : rule.reason}
            </span>
          </span>
          <span className="scope t2">
            <Scope rule={rule} names={names} />
          </span>
          <span className="says">
            <Says rule={rule} />
          </span>
          <span className="dates s12 t2">
            {rule.from === null && rule.until === null ? (
              <span className="t3">{t('rules.always')}</span>
            ) : (
              <>
                {rule.from === null ? '…' : <Clock at={rule.from} className="nw" />} –{' '}
                {rule.until === null ? '…' : <Clock at={rule.until} className="nw" />}
              </>
            )}
          </span>
          {mayWrite && (
            <span className="acts row g4">
              <Button size="small" onClick={() => onSwitch([rule], !rule.enabled)}>
                {t(rule.enabled ? 'rules.switchOff' : 'rules.switchOn')}
              </Button>
              <Button size="small" danger onClick={() => onRemove(rule)}>
                {t('common.remove')}
              </Button>
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
