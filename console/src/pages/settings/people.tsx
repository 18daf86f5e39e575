import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Modal, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { changePolicy, roles, usePolicy, useUsers } from '../../api/people.ts'
import type { UserRow } from '../../api/people.ts'
import { usePlaces } from '../../api/places.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'
import { PersonForm } from './person-form.tsx'

/** Roles whose people need a code beside the password. */
const Policy = (): ReactElement | null => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const policy = usePolicy()
  const change = useMutation({
    mutationFn: (chosen: readonly string[]) => changePolicy({ second_factor_roles: chosen }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/access-policy'] })
      tell(t('people.policySaved'))
    },
  })
  if (policy.data === undefined) return null
  return (
    <div className="card-foot row g8 wrap">
      <label htmlFor="factor-roles" className="t2">
        {t('people.policy')}
      </label>
      <Select
        id="factor-roles"
        mode="multiple"
        style={{ minWidth: 260 }}
        placeholder={t('people.nobodyAsked')}
        loading={change.isPending}
        value={[...policy.data.second_factor_roles]}
        onChange={(chosen: string[]) => change.mutate(chosen)}
        options={roles.map((role) => ({ value: role, label: label('role', role) }))}
      />
      {change.isError && (
        <span className="bad s12" role="alert">
          {change.error.message}
        </span>
      )}
    </div>
  )
}

const useNames = () => {
  const { t } = useWords()
  const connections = useConnections(60_000)
  const places = usePlaces()
  const named = (ids: readonly string[] | null, all: string, known: readonly { readonly id: string; readonly name: string }[]): string =>
    ids === null ? t(all) : ids.map((id) => known.find((one) => one.id === id)?.name ?? id).join(' · ')
  return {
    connections: (ids: readonly string[] | null) => named(ids, 'settings.everyConnection', connections.data?.items ?? []),
    places: (ids: readonly string[] | null) => named(ids, 'people.everyPlace', places.data?.items ?? []),
  }
}

/** Who may sign in, as what, and for which connections and places. */
export const PeopleTab = (): ReactElement => {
  const { t, label } = useWords()
  const users = useUsers()
  const names = useNames()
  const [editing, setEditing] = useState<UserRow | 'new' | undefined>(undefined)
  const items = users.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto', position: 'relative' }} role="region" tabIndex={0} aria-label={t('settings.people')}>
      <div className="card-head" style={{ paddingBlock: 8 }}>
        <span className="t2 grow">{t('people.text')}</span>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setEditing('new')}>
          {t('settings.addPerson')}
        </Button>
      </div>
      <Loaded query={users} what={t('settings.people')} count={items.length} rows={3} empty={null}>
        <table className="grid">
          <HeadRow words={['login.name', 'settings.role', 'settings.range', 'people.places', 'factor.title', 'connections.state']} actions />
          <tbody>
            {items.map((user) => (
              <tr key={user.id}>
                <td className="m5">{user.name}</td>
                <td className="nw">{user.roles.map((role) => label('role', role)).join(' · ')}</td>
                <td>{names.connections(user.connections)}</td>
                <td>{names.places(user.locations)}</td>
                <td>
                  {user.second_factor_at === null ? <span className="t3">{t('factor.isOff')}</span> : <Status kind="ok">{t('factor.isOn')}</Status>}
                </td>
                <td>
                  {user.disabled_at === null ? (
                    <Status kind="ok">{t('settings.keyActive')}</Status>
                  ) : (
                    <Status kind="cancelled">{t('settings.disabled')}</Status>
                  )}
                </td>
                <td className="n">
                  <Button size="small" onClick={() => setEditing(user)}>
                    {t('people.change')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <Policy />
      <Modal
        open={editing !== undefined}
        onCancel={() => setEditing(undefined)}
        footer={null}
        destroyOnHidden
        title={editing === 'new' ? t('settings.addPerson') : t('people.changeTitle', { name: editing?.name })}
      >
        {editing !== undefined && <PersonForm person={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      </Modal>
    </section>
  )
}
