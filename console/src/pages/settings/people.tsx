import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createUser, useUsers } from '../../api/admin.ts'
import { usePlaces } from '../../api/entry.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'

const roles = ['admin', 'ops', 'support', 'finance', 'viewer', 'dealer']
const shortest = 12

interface Draft {
  readonly name: string
  readonly password: string
  readonly role: string
  readonly connection: string | undefined
}
const nobody: Draft = { name: '', password: '', role: 'support', connection: undefined }

const AddPerson = (): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(nobody)
  const places = usePlaces()
  const isDealer = draft.role === 'dealer'
  const add = useMutation({
    mutationFn: () =>
      createUser({
        name: draft.name.trim(),
        password: draft.password,
        roles: [draft.role],
        ...(isDealer && draft.connection !== undefined && { connections: [draft.connection] }),
      }),
    onSuccess: async () => {
      setDraft(nobody)
      await queries.invalidateQueries({ queryKey: ['/v1/users'] })
    },
  })
  // A dealer without a connection would send orders in everybody's name.
  const placed = !isDealer || draft.connection !== undefined
  const ready = draft.name.trim() !== '' && draft.password.length >= shortest && placed
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
      {isDealer && (
        <Select
          aria-label={t('common.connection')}
          placeholder={t('common.connection')}
          style={{ width: 200 }}
          value={draft.connection ?? null}
          onChange={(connection) => setDraft({ ...draft, connection })}
          options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
        />
      )}
      <Button
        htmlType="submit"
        loading={add.isPending}
        aria-disabled={!ready}
        title={ready ? undefined : t(placed ? 'settings.passwordRule' : 'settings.dealerRule', { shortest })}
      >
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
