import type { ReactElement } from 'react'
import type { Explanation, ExplainedValue } from '../../api/explain.ts'
import { HubProblem } from '../../api/http.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Clock } from '../../ui/time.tsx'
import './explain.css'

const shown = (value: ExplainedValue): string =>
  value === null ? '—' : typeof value === 'object' ? `${formatMoney(value)} ${value.currency}` : String(value)

/** A sum as people write one: 0.01 × /total + /lines/0/qty × /lines/0/price. */
const formulaText = (step: Explanation['step']): string => {
  const terms = (step.terms ?? []).map(({ scale, factors }, index) => {
    const negative = scale.startsWith('-')
    const size = scale.replace('-', '')
    const parts = [...(size === '1' ? [] : [size]), ...factors].join(' × ')
    return `${negative ? '− ' : index > 0 ? '+ ' : ''}${parts}`
  })
  const sum = terms.join(' ')
  return step.divisor === undefined ? sum : `(${sum}) ÷ ${step.divisor}`
}

const Steps = ({ explanation }: { readonly explanation: Explanation }): ReactElement => {
  const { t, label } = useWords()
  const { step } = explanation
  return (
    <div className="s12">
      <b>{label('explainStep', step.op)}</b>
      {step.op === 'formula' && <code className="explain-formula"> {formulaText(step)}</code>}
      {step.op === 'formula' && step.round !== undefined && <span className="t2"> · {t('explain.rounded', { places: step.round })}</span>}
      {step.op === 'time' && (step.offsetMinutes ?? 0) !== 0 && (
        <span className="t2"> · {t('explain.offset', { hours: (step.offsetMinutes ?? 0) / 60 })}</span>
      )}
    </div>
  )
}

const Sources = ({ explanation }: { readonly explanation: Explanation }): ReactElement | null => {
  const { t } = useWords()
  if (explanation.sources.length === 0) return null
  return (
    <ul className="explain-sources">
      {explanation.sources.slice(0, 12).map((source) => (
        <li key={source.pointer}>
          <code>{source.pointer}</code>
          <span className="t2">
            {' '}
            = {source.absent ? t('explain.absent') : explanation.personal ? '***' : source.value === null ? '…' : String(source.value)}
          </span>
          {source.tried.map((trial) => (
            <span key={String(trial.put)} className="t3">
              {' '}
              · {t('explain.tried', { put: String(trial.put), gave: shown(trial.gave) })}
            </span>
          ))}
        </li>
      ))}
      {explanation.sources.length > 12 && <li className="t3">{t('explain.more', { count: explanation.sources.length - 12 })}</li>}
    </ul>
  )
}

const Doubts = ({ explanation }: { readonly explanation: Explanation }): ReactElement | null => {
  const { t } = useWords()
  const isOther = explanation.mapping !== explanation.mapping_in_force
  if (explanation.sufficient && explanation.complete && !isOther) return null
  return (
    <div className="s12 warn">
      {!explanation.complete && <div>{t('explain.incomplete')}</div>}
      {explanation.complete && !explanation.sufficient && <div>{t('explain.insufficient')}</div>}
      {isOther && <div>{t('explain.otherMapping', { then: explanation.mapping, now: explanation.mapping_in_force })}</div>}
    </div>
  )
}

interface TraceProps {
  readonly explanation: Explanation | undefined
  readonly error: Error | null
}

/** Where the chosen value comes from, in words and places. */
export const ExplainTrace = ({ explanation, error }: TraceProps): ReactElement => {
  const { t } = useWords()
  if (error !== null) {
    const isOwn = error instanceof HubProblem && error.code === 'path-not-mapped'
    return <div className="t2 s12">{t(isOwn ? 'explain.own' : 'explain.failed')}</div>
  }
  if (explanation === undefined) return <div className="t3 s12">{t('explain.looking')}</div>
  return (
    <div className="explain">
      <Steps explanation={explanation} />
      <Sources explanation={explanation} />
      <Doubts explanation={explanation} />
      {explanation.superseded.length > 0 && (
        <div className="s12">
          <span className="t2">{t('explain.before')}</span>
          {explanation.superseded.map((old) => (
            <span key={old.version} className="explain-before">
              {t('explain.version', { version: old.version })} <s>{shown(old.value)}</s> {old.at !== null && <Clock at={old.at} />}
            </span>
          ))}
        </div>
      )}
      <div className="t3 s12">{t('explain.by', { mapping: explanation.mapping, version: explanation.version })}</div>
    </div>
  )
}
