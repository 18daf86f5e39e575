import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changeConnection, checkConnection, resumeConnection, useChannels, useConnection } from '../../../api/connections.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { filled } from '../../../ui/schema-form/schema.ts'
import type { Values } from '../../../ui/schema-form/schema.ts'
import { SchemaForm } from '../../../ui/schema-form/schema-form.tsx'
import { Skeleton } from '../../../ui/state.tsx'
import { tell } from '../../../ui/undo.tsx'
import { CheckSteps } from '../../connections/check-steps.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

/** The channel does not take our access any more: new credentials, tried at once; reading goes on from the same point. */
export const AccessFix = ({ group }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const id = group.connection_id ?? ''
  const connection = useConnection(id, id !== '')
  const channels = useChannels()
  const [secrets, setSecrets] = useState<Values>({})
  const channel = channels.data?.find((one) => one.id === connection.data?.channel)
  const typed = filled(secrets)
  const renew = useMutation({
    mutationFn: async () => {
      if (connection.data === undefined) throw new Error(t('common.loading'))
      if (Object.keys(typed).length > 0) await changeConnection(id, connection.data.version, { secrets: typed })
      const checked = await checkConnection(id)
      if (checked.ok) await resumeConnection(id)
      return checked
    },
    onSuccess: async (checked) => {
      if (!checked.ok) return
      setSecrets({})
      await fixed()
      tell(t('fixes.renewed'))
    },
  })
  if (connection.data === undefined || channel === undefined) return <Skeleton rows={3} />
  return (
    <section className="sect col g12">
      <h2>{t('fixes.fixRenew')}</h2>
      <p className="t2">{t('fixes.accessText')}</p>
      <SchemaForm
        secret
        schema={{ ...channel.secrets_schema, required: [] }}
        values={secrets}
        onChange={setSecrets}
        hints={connection.data.secrets_hint}
      />
      {renew.isError && (
        <div className="note bad" role="alert">
          {renew.error.message}
        </div>
      )}
      {renew.data !== undefined && <CheckSteps result={renew.data} />}
      <div className="row g12 wrap">
        <Button type="primary" className="fix-go" icon={<Icon name="check" />} loading={renew.isPending} onClick={() => renew.mutate()}>
          {t(Object.keys(typed).length > 0 ? 'fixes.renew' : 'fixes.tryAgain')}
        </Button>
        <Link to="/connections/$id" params={{ id }} search={{ tab: 'settings' }}>
          {t('connections.fixSettings')}
        </Link>
      </div>
    </section>
  )
}
