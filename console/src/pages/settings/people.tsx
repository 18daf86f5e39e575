import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createUser, useUsers } from '../../api/admin.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'

const roles = ['admin', 'ops', 'support', 'finance', 'viewer']
const shortest = 12

/** Who may sign in, and as what. */
export const PeopleTab = (): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const users = useUsers()
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
    <section className="card" style={{ overflowX: 'auto' }}>
      {users.isError ? (
        <Failed error={users.error} what={t('settings.people')} />
      ) : users.data === undefined ? (
        <Skeleton rows={3} />
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('login.name')}</th>
              <th scope="col">{t('settings.role')}</th>
              <th scope="col">{t('settings.range')}</th>
              <th scope="col">{t('connections.state')}</th>
            </tr>
          </thead>
          <tbody>
            {users.data.items.map((user) => (
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
      )}
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
    </section>
  )
}
