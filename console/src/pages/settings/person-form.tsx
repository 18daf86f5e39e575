import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useConnections } from '../../api/connections.ts'
import { changeUser, createUser, resetSecondFactor, roles } from '../../api/people.ts'
import type { UserRow } from '../../api/people.ts'
import { usePlaces } from '../../api/places.ts'
import { useWords } from '../../i18n/use-words.ts'
import { tell } from '../../ui/undo.tsx'

const shortest = 12

interface Draft {
  readonly name: string
  readonly password: string
  readonly roles: readonly string[]
  readonly connections: readonly string[]
  readonly locations: readonly string[]
}

const draftOf = (person: UserRow | undefined): Draft => ({
  name: person?.name ?? '',
  password: '',
  roles: person?.roles ?? ['support'],
  connections: person?.connections ?? [],
  locations: person?.locations ?? [],
})

/** Nothing chosen means all. */
const orAll = (ids: readonly string[]): readonly string[] | null => (ids.length === 0 ? null : ids)

const Labelled = ({ text, hint, children }: { readonly text: string; readonly hint?: string; readonly children: ReactNode }): ReactElement => (
  <label className="col g4">
    <span className="m5">{text}</span>
    {children}
    {hint !== undefined && <span className="s12 t3">{hint}</span>}
  </label>
)

interface PersonFormProps {
  /** Undefined for a new one. */
  readonly person: UserRow | undefined
  readonly onClose: () => void
}

/** Rights of a person; a new password, the way back for a lost telephone, and the end of it. Any change ends their sessions. */
export const PersonForm = ({ person, onClose }: PersonFormProps): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(person))
  const connections = useConnections(60_000)
  const places = usePlaces()
  const done = async (said: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['/v1/users'] })
    tell(said)
    onClose()
  }
  const save = useMutation({
    mutationFn: () => {
      const access = { roles: draft.roles, connections: orAll(draft.connections), locations: orAll(draft.locations) }
      if (person === undefined) return createUser({ ...access, name: draft.name.trim(), password: draft.password })
      return changeUser(person.id, { ...access, ...(draft.password !== '' && { password: draft.password }) })
    },
    onSuccess: () => done(t(person === undefined ? 'people.added' : 'people.saved')),
  })
  const disable = useMutation({
    mutationFn: (row: UserRow) => changeUser(row.id, { disabled: row.disabled_at === null }),
    onSuccess: () => done(t('people.saved')),
  })
  const reset = useMutation({ mutationFn: (row: UserRow) => resetSecondFactor(row.id), onSuccess: () => done(t('people.factorReset')) })
  const isNew = person === undefined
  // A dealer without a connection would send orders in everybody's name.
  const placed = !draft.roles.includes('dealer') || draft.connections.length > 0
  const longEnough = draft.password.length >= shortest || (!isNew && draft.password === '')
  const ready = draft.name.trim() !== '' && longEnough && draft.roles.length > 0 && placed
  const error = save.error ?? disable.error ?? reset.error
  return (
    <form
      className="col g12"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) save.mutate()
      }}
    >
      {isNew && (
        <Labelled text={t('login.name')}>
          <Input
            autoFocus
            autoComplete="off"
            maxLength={100}
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
        </Labelled>
      )}
      <Labelled
        text={t(isNew ? 'settings.firstPassword' : 'people.newPassword')}
        hint={t(isNew ? 'settings.passwordRule' : 'people.passwordLeft', { shortest })}
      >
        <Input.Password
          name="person-password"
          autoComplete="new-password"
          value={draft.password}
          onChange={(event) => setDraft({ ...draft, password: event.target.value })}
        />
      </Labelled>
      <Labelled text={t('settings.role')}>
        <Select
          mode="multiple"
          aria-label={t('settings.role')}
          value={[...draft.roles]}
          onChange={(chosen: string[]) => setDraft({ ...draft, roles: chosen })}
          options={roles.map((role) => ({ value: role, label: label('role', role) }))}
        />
      </Labelled>
      <Labelled text={t('settings.range')} hint={placed ? t('people.rangeHint') : t('settings.dealerRule')}>
        <Select
          mode="multiple"
          aria-label={t('settings.range')}
          placeholder={t('settings.everyConnection')}
          optionFilterProp="label"
          value={[...draft.connections]}
          onChange={(chosen: string[]) => setDraft({ ...draft, connections: chosen })}
          options={(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
      </Labelled>
      <Labelled text={t('people.places')} hint={t('people.placesHint')}>
        <Select
          mode="multiple"
          aria-label={t('people.places')}
          placeholder={t('people.everyPlace')}
          optionFilterProp="label"
          value={[...draft.locations]}
          onChange={(chosen: string[]) => setDraft({ ...draft, locations: chosen })}
          options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
        />
      </Labelled>
      {error !== null && (
        <div className="note bad" role="alert">
          {error.message}
        </div>
      )}
      <div className="row g8 wrap">
        <Button
          type="primary"
          htmlType="submit"
          loading={save.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t(placed ? 'settings.passwordRule' : 'settings.dealerRule', { shortest })}
        >
          {t(isNew ? 'settings.addPerson' : 'common.save')}
        </Button>
        {person !== undefined && person.second_factor_at !== null && (
          <Button loading={reset.isPending} onClick={() => reset.mutate(person)}>
            {t('people.resetFactor')}
          </Button>
        )}
        {person !== undefined && (
          <Button
            danger={person.disabled_at === null}
            loading={disable.isPending}
            onClick={() => disable.mutate(person)}
            style={{ marginLeft: 'auto' }}
          >
            {t(person.disabled_at === null ? 'people.disable' : 'people.enable')}
          </Button>
        )}
      </div>
    </form>
  )
}
