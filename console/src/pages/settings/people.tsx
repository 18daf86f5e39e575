import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createUser, useUsers } from '../../api/admin.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'

const roles = ['admin', 'ops', 'support', 'finance', 'viewer']
const shortest = 12

const AddPerson = (): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const [draft, setDraft] = useState({ name: '', password: '', role: 'support' })
  const add = useMutation({
    mutationFn: () => createUser({ name: draft.name.trim(), password: draft.password, roles: [draft.role] }),
    onSuccess: async () => {
      setDraft({ name: '', password: '', role: 'support' })
      await queries.invalidateQueries({ queryKey: ['/v1/users'] })
    },
  })
  const ready = draft.name.trim() !== '' && draft.password.length >= shortest
  return (
    <form
      className="card-foot row g8 wrap"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) add.mutate()
      }}
    >
      <Input
        aria-label={t('login.name')}
        placeholder={t('login.name')}
        style={{ width: 180 }}
        value={draft.name}
        autoComplete="off"
        onChange={(event) => setDraft({ ...draft, name: event.target.value })}
      />
      <Input.Password
        aria-label={t('settings.firstPassword')}
        placeholder={t('settings.firstPassword')}
        style={{ width: 220 }}
        value={draft.password}
        autoComplete="new-password"
        onChange={(event) => setDraft({ ...draft, password: event.target.value })}
      />
      <Select
        aria-label={t('settings.role')}
        style={{ width: 150 }}
        value={draft.role}
        onChange={(role) => setDraft({ ...draft, role })}
        options={roles.map((role) => ({ value: role, label: label('role', role) }))}
      />
      <Button htmlType="submit" loading={add.isPending} aria-disabled={!ready} title={ready ? undefined : t('settings.passwordRule', { shortest })}>
        {t('settings.addPerson')}
      </Button>
      {add.isError && (
        <span className="bad s12" role="alert">
          {add.error.message}
        </span>
      )}
    </form>
  )
}

/** Who may sign in, and as what. */
export const PeopleTab = (): ReactElement => {
  const { t, label } = useWords()
  const users = useUsers()
  const items = users.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <Loaded query={users} what={t('settings.people')} count={items.length} rows={3} empty={null}>
        <table className="grid">
          <HeadRow words={['login.name', 'settings.role', 'settings.range', 'connections.state']} />
          <tbody>
            {items.map((user) => (
              <tr key={user.id}>
                <td className="m5">{user.name}</td>
                <td>{user.roles.map((role) => label('role', role)).join(' · ')}</td>
                <td>{user.connections === null ? t('settings.everyConnection') : user.connections.join(' · ')}</td>
                <td>
                  {user.disabled_at === null || user.disabled_at === undefined ? (
                    <Status kind="ok">{t('settings.keyActive')}</Status>
                  ) : (
                    <Status kind="cancelled">{t('settings.disabled')}</Status>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <AddPerson />
    </section>
  )
}
