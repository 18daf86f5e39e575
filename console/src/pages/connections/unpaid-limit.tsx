import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, InputNumber } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changeConnection } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed } from '../../ui/state.tsx'
import { tell } from '../../ui/undo.tsx'

/** How long orders that nobody paid hold their goods. */
export const UnpaidLimit = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [minutes, setMinutes] = useState<number | null>(connection.unpaid_hold_minutes)
  const change = useMutation({
    mutationFn: () => changeConnection(connection.id, connection.version, { unpaid_hold_minutes: minutes }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] })
      tell(minutes === null ? t('places.unpaidSavedNever') : t('places.unpaidSaved', { value: minutes }))
    },
  })
  const ready = minutes !== connection.unpaid_hold_minutes
  return (
    <section className="card sect col g8">
      <h2>{t('places.unpaid')}</h2>
      <p className="s12 t2">{t('places.unpaidText')}</p>
      <div className="row g8 wrap">
        <label className="row g8">
          <span>{t('places.unpaidAfter')}</span>
          <InputNumber
            min={1}
            max={525_600}
            precision={0}
            value={minutes}
            onChange={setMinutes}
            placeholder={t('places.unpaidNever')}
            style={{ width: 140 }}
          />
        </label>
        <Button
          loading={change.isPending}
          aria-disabled={!ready}
          onClick={() => {
            if (ready) change.mutate()
          }}
        >
          {t('places.save')}
        </Button>
      </div>
      {change.isError && <Failed error={change.error} what={t('places.unpaid')} retry={() => change.reset()} />}
    </section>
  )
}
