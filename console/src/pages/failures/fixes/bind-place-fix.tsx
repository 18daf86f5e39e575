import { useMutation } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addPlaceRule } from '../../../api/fixes.ts'
import { startReplay } from '../../../api/jobs.ts'
import { usePlaces } from '../../../api/places.ts'
import { formatCount } from '../../../format/number.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Failed, Skeleton } from '../../../ui/state.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'
import { Reason } from './reason.tsx'

/** Orders name a place of the channel that is bound to none of ours: choose which one their goods come from, and replay what waits. */
export const BindPlaceFix = ({ group, onReplay }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const places = usePlaces()
  const [to, setTo] = useState<string | undefined>(undefined)
  const [reason, setReason] = useState('')
  const save = useMutation({
    mutationFn: async (replayToo: boolean) => {
      if (to === undefined || group.connection_id === null || group.subject === null) throw new Error(t('fixes.chooseOurPlace'))
      await addPlaceRule({
        connection: group.connection_id,
        from: group.subject,
        to,
        reason: reason.trim() === '' ? t('fixes.bindPlaceReason') : reason.trim(),
        group: group.id,
      })
      if (replayToo) onReplay((await startReplay({ group: group.id }, false)).id)
    },
    onSuccess: async () => {
      await fixed()
      tell(t('fixes.ruleSaved'))
    },
  })
  if (places.isError) return <Failed error={places.error} what={t('fixes.ourPlaces')} retry={() => void places.refetch()} />
  if (places.data === undefined) return <Skeleton rows={2} />
  const ready = to !== undefined
  const needs = ready ? undefined : t('fixes.chooseOurPlace')
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
      {save.isError && (
        <div className="note bad" role="alert">
          {save.error.message}
        </div>
      )}
      <div className="row g8 wrap">
        <Button loading={save.isPending} aria-disabled={!ready} title={needs} onClick={() => ready && save.mutate(false)}>
          {t('fixes.ruleOnly')}
        </Button>
        <Button
          type="primary"
          className="fix-go"
          icon={<Icon name="replay" />}
          loading={save.isPending}
          aria-disabled={!ready}
          title={needs}
          onClick={() => ready && save.mutate(true)}
        >
          {t('fixes.ruleAndReplay', { count: formatCount(group.count) })}
        </Button>
      </div>
    </section>
  )
}
