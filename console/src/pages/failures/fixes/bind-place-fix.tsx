import { Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addPlaceRule } from '../../../api/fixes.ts'
import { usePlaces } from '../../../api/places.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Failed, Skeleton } from '../../../ui/state.tsx'
import type { FixProps } from './fix-props.ts'
import { Reason } from './reason.tsx'
import { SaveAndReplay, useRuleSaving } from './save-and-replay.tsx'

/** Orders name a place of the channel that is bound to none of ours: choose which one their goods come from, and replay what waits. */
export const BindPlaceFix = ({ group, onReplay }: FixProps): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  const [to, setTo] = useState<string | undefined>(undefined)
  const [reason, setReason] = useState('')
  const saving = useRuleSaving({ group, onReplay }, async () => {
    if (to === undefined || group.connection_id === null || group.subject === null) throw new Error(t('fixes.chooseOurPlace'))
    await addPlaceRule({
      connection: group.connection_id,
      from: group.subject,
      to,
      reason: reason.trim() === '' ? t('fixes.bindPlaceReason') : reason.trim(),
      group: group.id,
    })
  })
  if (places.isError) return <Failed error={places.error} what={t('fixes.ourPlaces')} retry={() => void places.refetch()} />
  if (places.data === undefined) return <Skeleton rows={2} />
  return (
    <section className="sect col g12">
      <h2>{t('fixes.bindPlace')}</h2>
      <p className="t2">{t('fixes.bindPlaceText')}</p>
      <div className="bind">
        <div className="quote el">{group.subject}</div>
        <Icon name="arrow" tone="mute" />
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={t('fixes.bindPlace')}
          placeholder={t('fixes.chooseOurPlace')}
          value={to ?? null}
          onChange={setTo}
          style={{ width: '100%' }}
          options={places.data.items.map(({ id, name }) => ({ value: id, label: name === id ? id : `${name} · ${id}` }))}
        />
      </div>
      <Reason value={reason} onChange={setReason} placeholder={t('fixes.bindPlaceReason')} />
      <SaveAndReplay group={group} saving={saving} needs={to === undefined ? t('fixes.chooseOurPlace') : undefined} />
    </section>
  )
}
