import { Input } from 'antd'
import type { ReactElement } from 'react'
import { useAlertFacts, usePreview } from '../../api/alerts.ts'
import type { AlertScope } from '../../api/alerts.ts'
import { useConnections } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import { useSettled } from '../new-order/use-settled.ts'
import { factsText } from './words.ts'

interface Props {
  readonly scope: AlertScope
  readonly value: string
  readonly connections: readonly string[] | null
  readonly onChange: (value: string) => void
}

const most = 6

/** Of what the condition is true at this moment, or where it goes wrong. */
const Now = ({ scope, value, connections }: Omit<Props, 'onChange'>): ReactElement | null => {
  const { t, language } = useWords()
  const settled = useSettled(value)
  const preview = usePreview(scope, settled, connections)
  const facts = useAlertFacts()
  const names = useConnections(30_000)
  const { data } = preview
  if (settled.trim() === '' || data === undefined) return null
  if (data.fault !== null) {
    const { from, to, message } = data.fault
    return (
      <div className="note bad" role="status">
        <div className="col g4">
          <span>{message}</span>
          <code className="mono break alert-code">
            {settled.slice(0, from)}
            <mark>{settled.slice(from, Math.max(to, from + 1)) || '␣'}</mark>
            {settled.slice(Math.max(to, from + 1))}
          </code>
        </div>
      </div>
    )
  }
  if (data.subjects.length === 0) return <Status kind="ok">{t('alerts.trueOfNone', { count: data.looked_at })}</Status>
  const nameOfSubject = (subject: string, id: string | null): string => {
    const [, node] = subject.split('/')
    const name = id === null ? t('alerts.hub') : (names.data?.items.find((one) => one.id === id)?.name ?? id)
    return node === undefined ? name : `${name} · ${t(`board.node.${node}`)}`
  }
  return (
    <div className="note warn" role="status">
      <div className="col g4">
        <b>{t('alerts.trueOf', { count: data.subjects.length, all: data.looked_at })}</b>
        {data.subjects.slice(0, most).map((one) => (
          <span key={one.subject} className="s12 break">
            {nameOfSubject(one.subject, one.connection_id)} — {factsText(facts.data, one.facts, language)}
          </span>
        ))}
        {data.subjects.length > most && <span className="s12">{t('alerts.andMore', { count: data.subjects.length - most })}</span>}
      </div>
    </div>
  )
}

/** The condition in CEL, with what it may ask about and whether it is true now. */
export const ConditionField = ({ scope, value, connections, onChange }: Props): ReactElement => {
  const { t, language } = useWords()
  const book = useAlertFacts()
  const scopes = book.data?.variables[scope] ?? []
  return (
    <div className="col g8">
      <label className="col g4">
        <span className="m5">{t('alerts.condition')}</span>
        <Input.TextArea
          className="mono alert-code"
          value={value}
          maxLength={1000}
          autoSize={{ minRows: 2, maxRows: 8 }}
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
        <span className="s12 t3">{t('alerts.conditionHint')}</span>
      </label>
      <Now scope={scope} value={value} connections={connections} />
      <details>
        <summary className="m5">{t('alerts.facts')}</summary>
        <ul className="alert-facts">
          {scopes.flatMap((variable) =>
            Object.entries(book.data?.facts[variable] ?? {}).map(([name, fact]) => (
              <li key={`${variable}.${name}`}>
                <button
                  type="button"
                  className="linkish mono"
                  onClick={() => onChange(`${value}${value === '' || value.endsWith(' ') ? '' : ' '}${variable}.${name}`)}
                >
                  {variable}.{name}
                </button>
                <span className="t2">{language === 'en' ? fact.en : fact.zh}</span>
              </li>
            )),
          )}
        </ul>
      </details>
    </div>
  )
}
