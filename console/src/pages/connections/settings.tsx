import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { changeConnection, checkConnection, removeConnection } from '../../api/connections.ts'
import type { Channel, Connection } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { filled, formErrors } from '../../ui/schema-form/schema.ts'
import type { Values } from '../../ui/schema-form/schema.ts'
import { SchemaForm } from '../../ui/schema-form/schema-form.tsx'
import { tell } from '../../ui/undo.tsx'
import { CheckSteps } from './check-steps.tsx'

interface SettingsProps {
  readonly connection: Connection
  readonly channel: Channel
}

const Removal = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => removeConnection(connection.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/connections'] })
      tell(t('connections.removed', { name: connection.name }))
      await navigate({ to: '/connections' })
    },
  })
  return (
    <section className="card sect row g12">
      <div className="grow">
        <h2>{t('connections.removeTitle')}</h2>
        <p className="t2">{t('connections.removeText')}</p>
      </div>
      <Button danger onClick={() => setAsking(true)}>
        {t('connections.remove')}
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        danger
        busy={remove.isPending}
        error={remove.error}
        title={t('connections.removeAsk', { name: connection.name })}
        action={t('connections.remove')}
        onConfirm={() => remove.mutate()}
      >
        {t('connections.removeText')}
      </Confirm>
    </section>
  )
}

/** Settings and secrets of a connection. A secret left empty stays as it is; stored ones show their last characters only. */
export const SettingsTab = ({ connection, channel }: SettingsProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [name, setName] = useState(connection.name)
  const [config, setConfig] = useState<Values>(connection.config)
  const [secrets, setSecrets] = useState<Values>({})
  const [version, setVersion] = useState(connection.version)
  const errors = formErrors(channel.config_schema, config)
  const typed = filled(secrets)
  const check = useMutation({ mutationFn: () => checkConnection(connection.id) })
  const save = useMutation({
    mutationFn: () =>
      changeConnection(connection.id, version, {
        name: name.trim(),
        config: filled(config),
        ...(Object.keys(typed).length === 0 ? {} : { secrets: typed }),
      }),
    onSuccess: async (saved) => {
      setVersion(saved.version)
      setSecrets({})
      await queries.invalidateQueries({ queryKey: ['/v1/connections'] })
      await queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] })
      tell(t('connections.saved'))
      check.mutate()
    },
  })
  return (
    <div className="col g12" style={{ maxWidth: 720 }}>
      <section className="card sect col g16">
        <label className="col g4">
          <span className="m5">{t('wizard.name')}</span>
          <Input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
        </label>
        <SchemaForm schema={channel.config_schema} values={config} onChange={setConfig} errors={errors} />
        <SchemaForm
          secret
          schema={{ ...channel.secrets_schema, required: [] }}
          values={secrets}
          onChange={setSecrets}
          hints={connection.secrets_hint}
        />
        {save.isError && (
          <div className="note bad" role="alert">
            {save.error.message}
          </div>
        )}
        <div className="row g8">
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t('common.save')}
          </Button>
          <Button loading={check.isPending} onClick={() => check.mutate()}>
            {t('wizard.runCheck')}
          </Button>
        </div>
        {check.isError && (
          <div className="note bad" role="alert">
            {check.error.message}
          </div>
        )}
        {check.data !== undefined && <CheckSteps result={check.data} />}
      </section>
      <Removal connection={connection} />
    </div>
  )
}
