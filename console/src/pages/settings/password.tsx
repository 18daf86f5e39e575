import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changePassword, sessionQuery, useSession } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'

const shortest = 12

/** Changes the own password; other sessions end. */
export const PasswordForm = ({ onChanged }: { readonly onChanged?: () => void }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const session = useSession()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: async () => {
      setCurrent('')
      setNext('')
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
      tell(t('settings.passwordChanged'))
      onChanged?.()
    },
  })
  const ready = current !== '' && next.length >= shortest
  return (
    <form
      className="card sect col g12"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) change.mutate()
      }}
    >
      <h2>{t('settings.password')}</h2>
      {session.data?.user.must_change === true && (
        <div className="note warn">
          <Icon name="attention" />
          {t('settings.mustChange')}
        </div>
      )}
      <label className="col g4">
        <span className="m5">{t('settings.currentPassword')}</span>
        <Input.Password autoComplete="current-password" name="current" value={current} onChange={(event) => setCurrent(event.target.value)} />
      </label>
      <label className="col g4">
        <span className="m5">{t('settings.nextPassword')}</span>
        <Input.Password autoComplete="new-password" name="next" value={next} onChange={(event) => setNext(event.target.value)} />
        <span className="s12 t3">{t('settings.passwordRule', { shortest })}</span>
      </label>
      {change.isError && (
        <div className="note bad" role="alert">
          {change.error.message}
        </div>
      )}
      <div>
        <Button
          type="primary"
          htmlType="submit"
          loading={change.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t('settings.passwordRule', { shortest })}
        >
          {t('settings.changePassword')}
        </Button>
      </div>
    </form>
  )
}
