import type { ReactElement } from 'react'
import { ruleFields } from '../../api/stock-rules.ts'
import type { RuleBody } from '../../api/stock-rules.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { toPercent } from './rule-form.ts'

/** What a rule says, one word group a field: "at most 50", "share 25 %". */
const useSays = (): ((rule: RuleBody) => readonly string[]) => {
  const { t } = useWords()
  return (rule) =>
    ruleFields.flatMap((field) => {
      const value = rule[field]
      if (value === null) return []
      if (field === 'stop') return [t(rule.stop === true ? 'rules.says.stop' : 'rules.says.go')]
      if (field === 'at_hand') return [t(rule.at_hand === true ? 'rules.says.atHand' : 'rules.says.ahead')]
      if (field === 'locations' && rule.exclusive) return [t('rules.says.kept', { value: (rule.locations ?? []).join(', ') })]
      if (field === 'share') return [t('rules.says.share', { value: toPercent(rule.share ?? '0') })]
      return [t(`rules.says.${field}`, { value: Array.isArray(value) ? value.join(', ') : formatCount(Number(value)) })]
    })
}

export const Says = ({ rule }: { readonly rule: RuleBody }): ReactElement => {
  const says = useSays()
  return (
    <span className="row g4 wrap">
      {says(rule).map((text) => (
        <span key={text} className={`tag ${rule.stop === true ? 'bad' : ''}`}>
          {text}
        </span>
      ))}
    </span>
  )
}

/** Where a rule holds: connection, category, SKUs; everything where it names none. */
export const Scope = ({ rule, names }: { readonly rule: RuleBody; readonly names: ReadonlyMap<string, string> }): ReactElement => {
  const { t } = useWords()
  const parts = [
    ...(rule.connection === null ? [] : [names.get(rule.connection) ?? rule.connection]),
    ...(rule.category === null ? [] : [t('rules.inCategory', { value: rule.category })]),
    ...(rule.skus === null
      ? []
      : [rule.skus.length > 3 ? t('rules.manySkus', { first: rule.skus[0], count: rule.skus.length }) : rule.skus.join(', ')]),
  ]
  return <span title={rule.skus?.join('\n')}>{parts.length === 0 ? t('rules.everything') : parts.join(' · ')}</span>
}
