import { Link } from '@tanstack/react-router'
import { Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addWord, useChoices } from '../../../api/fixes.ts'
import type { WordChoice } from '../../../api/fixes.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Skeleton } from '../../../ui/state.tsx'
import type { FixProps } from './fix-props.ts'
import { Reason } from './reason.tsx'
import { SaveAndReplay, useRuleSaving } from './save-and-replay.tsx'

/** What an order would be under a word ("paid · to ship"), or why it would wait all the same. */
const useMeaning = (): ((choice: WordChoice) => readonly string[]) => {
  const { t, label } = useWords()
  return (choice) =>
    choice.problem !== null
      ? [choice.problem]
      : [
          ...(choice.payment === null ? [] : [label('payment', choice.payment)]),
          ...(choice.fulfilment === null ? [] : [label('fulfilment', choice.fulfilment)]),
          ...(choice.cancelled ? [t('status.cancelled')] : []),
        ]
}

/** Gives a word nobody explained the meaning of one that is known, alone or together with the replay of what waits for it. */
export const WordFix = ({ group, onReplay }: FixProps): ReactElement => {
  const { t } = useWords()
  const meaning = useMeaning()
  const { data, isPending } = useChoices(group.id)
  const [to, setTo] = useState<string | undefined>(undefined)
  const [reason, setReason] = useState('')
  const saving = useRuleSaving({ group, onReplay }, async () => {
    if (data === undefined || to === undefined || group.connection_id === null) throw new Error(t('fixes.chooseWord'))
    await addWord({
      connection: group.connection_id,
      field: data.field,
      from: data.word,
      to,
      reason: reason.trim() === '' ? t('fixes.wordReason') : reason.trim(),
      group: group.id,
    })
  })
  if (isPending) return <Skeleton rows={2} />
  if (data === undefined) {
    return (
      <section className="sect col g8">
        <h2>{t('failures.fix')}</h2>
        <p className="t2">{t('fixes.wordElsewhere')}</p>
        {group.connection_id !== null && (
          <Link to="/connections/$id" params={{ id: group.connection_id }} search={{ tab: 'settings' }}>
            {t('connections.fixSettings')}
          </Link>
        )}
      </section>
    )
  }
  const chosen = data.choices.find((choice) => choice.to === to)
  return (
    <section className="sect col g12">
      <h2>{t('fixes.fixWord')}</h2>
      <div className="bind">
        <div className="quote el" title={data.pointer}>
          {data.word} <span className="t3 mono">{data.pointer}</span>
        </div>
        <Icon name="arrow" tone="mute" />
        <Select
          showSearch
          aria-label={t('fixes.fixWord')}
          placeholder={t('fixes.chooseWord')}
          value={to ?? null}
          onChange={setTo}
          style={{ width: '100%' }}
          options={data.choices.map((choice) => ({
            value: choice.to,
            disabled: choice.problem !== null,
            label: (
              <span>
                {choice.to}{' '}
                <span className="t3">
                  {[...meaning(choice), ...(choice.seen > 0 ? [t('fixes.seenOrders', { count: choice.seen })] : [])].join(' · ')}
                </span>
              </span>
            ),
          }))}
        />
      </div>
      {chosen !== undefined && <p className="t2 s12">{t('fixes.wordWould', { word: data.word, meaning: meaning(chosen).join(' · ') })}</p>}
      <Reason value={reason} onChange={setReason} placeholder={t('fixes.wordReason')} />
      <SaveAndReplay group={group} saving={saving} needs={chosen === undefined ? t('fixes.chooseWord') : undefined} />
    </section>
  )
}
