import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, Modal } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createKey, revokeKey, scopes, useKeys } from '../../api/admin.ts'
import type { ApiKey } from '../../api/admin.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'

const useRefreshKeys = (): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['/v1/keys'] })
}

const erpScopes: readonly string[] = ['orders:read', 'feed:read', 'stock:write', 'shipments:write']

const NewKey = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const refresh = useRefreshKeys()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(erpScopes)
  const create = useMutation({ mutationFn: () => createKey({ name: name.trim(), scopes: chosen }), onSuccess: refresh })
  if (create.data !== undefined) {
    return (
      <div className="col g12">
        <div className="note warn">
          <Icon name="attention" />
          {t('settings.keyOnce')}
        </div>
        <div className="quote row g8">
          <span className="mono break grow">{create.data.secret}</span>
          <Copy text={create.data.secret} />
        </div>
        <div>
          <Button type="primary" onClick={onClose}>
            {t('common.close')}
          </Button>
        </div>
      </div>
    )
  }
  const ready = name.trim() !== '' && chosen.length > 0
  return (
    <div className="col g12">
      <label className="col g4">
        <span className="m5">{t('settings.keyName')}</span>
        <Input autoFocus value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      <fieldset style={{ border: 0 }} className="col g4">
        <legend className="m5" style={{ marginBottom: 4 }}>
          {t('settings.scopes')}
        </legend>
        {scopes.map((scope) => (
          <Checkbox
            key={scope}
            checked={chosen.includes(scope)}
            onChange={(event) => setChosen(event.target.checked ? [...chosen, scope] : chosen.filter((one) => one !== scope))}
          >
            <span className="mono">{scope}</span> <span className="t2">{t(`scope.${scope.replace(':', '_')}`)}</span>
          </Checkbox>
        ))}
      </fieldset>
      {create.isError && (
        <div className="note bad" role="alert">
          {create.error.message}
        </div>
      )}
      <div className="row g8" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{t('common.back')}</Button>
        <Button
          type="primary"
          loading={create.isPending}
          aria-disabled={!ready}
          onClick={() => {
            if (ready) create.mutate()
          }}
        >
          {t('settings.createKey')}
        </Button>
      </div>
    </div>
  )
}

const KeyRow = ({ row, onRevoke }: { readonly row: ApiKey; readonly onRevoke: () => void }): ReactElement => {
  const { t } = useWords()
  return (
    <tr>
      <td className="m5">{row.name}</td>
      <td className="mono">{row.prefix}…</td>
      <td className="t2">{row.scopes.join(' · ')}</td>
      <td>
        {row.revoked_at === null ? (
          <Status kind="ok">{t('settings.keyActive')}</Status>
        ) : (
          <Status kind="cancelled">{t('settings.keyRevoked')}</Status>
        )}
      </td>
      <td>
        <Ago at={row.last_used_at} className="t3" />
      </td>
      <td className="n">
        {row.revoked_at === null && (
          <Button size="small" danger onClick={onRevoke}>
            {t('settings.revoke')}
          </Button>
        )}
      </td>
    </tr>
  )
}

/** Keys of other systems. A key is shown once; the hub keeps only its hash. */
export const KeysTab = (): ReactElement => {
  const { t } = useWords()
  const keys = useKeys()
  const refresh = useRefreshKeys()
  const [adding, setAdding] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey | undefined>(undefined)
  const revoke = useMutation({
    mutationFn: (id: string) => revokeKey(id),
    onSuccess: async () => {
      setRevoking(undefined)
      await refresh()
      tell(t('settings.revoked'))
    },
  })
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <div className="card-head">
        <span className="t2 grow">{t('settings.keysText')}</span>
        <a href="/docs" target="_blank" rel="noreferrer">
          {t('settings.apiDocs')}
        </a>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
          {t('settings.createKey')}
        </Button>
      </div>
      {keys.isError ? (
        <Failed error={keys.error} what={t('settings.keys')} />
      ) : keys.data === undefined ? (
        <Skeleton rows={4} />
      ) : keys.data.items.length === 0 ? (
        <State icon="key" title={t('settings.noKeys')} />
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('settings.keyName')}</th>
              <th scope="col">{t('settings.prefix')}</th>
              <th scope="col">{t('settings.scopes')}</th>
              <th scope="col">{t('connections.state')}</th>
              <th scope="col">{t('settings.lastUsed')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('connections.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.data.items.map((row) => (
              <KeyRow key={row.id} row={row} onRevoke={() => setRevoking(row)} />
            ))}
          </tbody>
        </table>
      )}
      <Modal open={adding} onCancel={() => setAdding(false)} footer={null} title={t('settings.createKey')} destroyOnHidden>
        {adding && <NewKey onClose={() => setAdding(false)} />}
      </Modal>
      <Confirm
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        danger
        busy={revoke.isPending}
        error={revoke.error}
        title={t('settings.revokeTitle', { name: revoking?.name })}
        action={t('settings.revoke')}
        onConfirm={() => {
          if (revoking !== undefined) revoke.mutate(revoking.id)
        }}
      >
        {t('settings.revokeText')}
      </Confirm>
    </section>
  )
}
