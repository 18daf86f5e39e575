import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { cancelEffect, readBackEffect, retryEffect } from '../../api/effects.ts'
import type { EffectRow } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { tell } from '../../ui/undo.tsx'

type Act = 'retry' | 'cancel'

/** A refused write may be sent again; an unknown one is first asked about, never repeated blindly. */
export const EffectActions = ({ effect }: { readonly effect: EffectRow }): ReactElement | null => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [act, setAct] = useState<Act | undefined>(undefined)
  const settle = async (): Promise<void> => {
    setAct(undefined)
    await queries.invalidateQueries({ predicate: (query) => /^\/v1\/(orders|effects)/.test(String(query.queryKey[0])) })
    tell(t('effects.asked'))
  }
  const change = useMutation({
    mutationFn: (reason: string) => (act === 'cancel' ? cancelEffect(effect.id, reason) : retryEffect(effect.id, reason)),
    onSuccess: settle,
  })
  const read = useMutation({ mutationFn: () => readBackEffect(effect.id), onSuccess: settle })
  const open = effect.state === 'pending' || effect.state === 'refused'
  if (!open && effect.state !== 'unknown') return null
  return (
    <div className="row g8">
      {effect.state === 'unknown' && (
        <Button size="small" type="primary" loading={read.isPending} onClick={() => read.mutate()}>
          {t('effects.readBack')}
        </Button>
      )}
      {effect.state === 'refused' && (
        <Button size="small" onClick={() => setAct('retry')}>
          {t('effects.retry')}
        </Button>
      )}
      {open && (
        <Button size="small" onClick={() => setAct('cancel')}>
          {t('effects.cancel')}
        </Button>
      )}
      {read.isError && (
        <span className="bad s12" role="alert">
          {read.error.message}
        </span>
      )}
      <Confirm
        open={act !== undefined}
        onClose={() => setAct(undefined)}
        reason
        danger={act === 'cancel'}
        busy={change.isPending}
        error={change.error}
        title={t(act === 'cancel' ? 'effects.cancelTitle' : 'effects.retryTitle')}
        action={t(act === 'cancel' ? 'effects.cancel' : 'effects.retry')}
        onConfirm={(reason) => change.mutate(reason)}
      >
        {t(act === 'cancel' ? 'effects.cancelText' : 'effects.retryText')}
      </Confirm>
    </div>
  )
}
