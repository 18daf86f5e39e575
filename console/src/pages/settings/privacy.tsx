import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { erasePerson, exportPerson, setRetention, useRetention } from '../../api/people.ts'
import type { ErasedOrder, PersonAsked, Retention } from '../../api/people.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { PrivacyRequests } from './privacy-requests.tsx'
import { savePerson } from './save-person.ts'

const looks: Readonly<Record<ErasedOrder['result'], StatusKind>> = { erased: 'ok', 'would-erase': 'progress', open: 'held', already: 'cancelled' }
const ways = ['phone', 'email', 'order_ids'] as const
type Way = (typeof ways)[number]

const askedOf = (way: Way, text: string, reference: string): PersonAsked => {
  const typed = text.trim()
  if (way === 'order_ids') return { order_ids: typed.split(/[\s,;]+/), reference: reference.trim() }
  return way === 'phone' ? { phone: typed, reference: reference.trim() } : { email: typed, reference: reference.trim() }
}

const Found = ({ items }: { readonly items: readonly ErasedOrder[] }): ReactElement => {
  const { t } = useWords()
  const { data } = useRetention()
  if (items.length === 0) return <State icon="people" title={t('privacy.nobody')} />
  return (
    <table className="grid">
      <HeadRow words={['privacy.order', 'common.connection', 'privacy.placed', 'connections.state']} />
      <tbody>
        {items.map((one) => (
          <tr key={one.order_id}>
            <td className="m5">{one.channel_order_no}</td>
            <td>{data?.items.find((row) => row.connection_id === one.connection_id)?.name ?? one.connection_id}</td>
            <td className="nw">
              <Clock at={one.placed_at} />
            </td>
            <td>
              <Status kind={looks[one.result]}>{t(`erasure.${one.result}`)}</Status>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** One person's request: look first, then hand over or erase. */
const Request = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [way, setWay] = useState<Way>('phone')
  const [text, setText] = useState('')
  const [reference, setReference] = useState('')
  const [asking, setAsking] = useState(false)
  const asked = askedOf(way, text, reference)
  const look = useMutation({ mutationFn: () => erasePerson({ ...asked, dry_run: true }) })
  const hand = useMutation({ mutationFn: () => exportPerson(asked), onSuccess: (answer) => savePerson(answer, asked.reference) })
  const erase = useMutation({
    mutationFn: () => erasePerson({ ...asked, dry_run: false }),
    onSuccess: async ({ erased }) => {
      setAsking(false)
      await queries.invalidateQueries({ queryKey: ['/v1/privacy/retention'] })
      tell(t('privacy.erased', { count: erased }))
    },
  })
  const ready = text.trim() !== '' && reference.trim() !== ''
  const shown = erase.data ?? look.data
  const due = look.data?.items.filter((one) => one.result === 'would-erase').length ?? 0
  const error = look.error ?? hand.error
  const forget = (): void => {
    look.reset()
    erase.reset()
  }
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <form
        className="sect col g12"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) look.mutate()
        }}
      >
        <h2>{t('privacy.request')}</h2>
        <p className="t2">{t('privacy.requestText')}</p>
        <div className="row">
          <div className="seg">
            {ways.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={way === one}
                onClick={() => {
                  setWay(one)
                  forget()
                }}
              >
                {t(`privacy.${one}`)}
              </button>
            ))}
          </div>
        </div>
        <div className="row g8 wrap">
          <Input
            aria-label={t(`privacy.${way}`)}
            placeholder={t(`privacy.${way}`)}
            autoComplete="off"
            style={{ width: 280 }}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              forget()
            }}
          />
          <Input
            aria-label={t('privacy.reference')}
            placeholder={t('privacy.reference')}
            style={{ width: 180 }}
            maxLength={120}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
          <Button type="primary" htmlType="submit" loading={look.isPending} aria-disabled={!ready}>
            {t('privacy.look')}
          </Button>
        </div>
        {error !== null && (
          <div className="note bad" role="alert">
            {error.message}
          </div>
        )}
      </form>
      {shown !== undefined && <Found items={shown.items} />}
      {look.data !== undefined && look.data.items.length > 0 && (
        <div className="card-foot row g8">
          <Button loading={hand.isPending} onClick={() => hand.mutate()}>
            {t('privacy.hand')}
          </Button>
          {due > 0 && erase.data === undefined && (
            <Button danger onClick={() => setAsking(true)}>
              {t('privacy.erase', { count: due })}
            </Button>
          )}
        </div>
      )}
      <Confirm
        open={asking}
        danger
        busy={erase.isPending}
        error={erase.error}
        title={t('privacy.erase', { count: due })}
        action={t('privacy.erase', { count: due })}
        onClose={() => setAsking(false)}
        onConfirm={() => erase.mutate()}
      >
        {t('privacy.eraseText')}
      </Confirm>
    </section>
  )
}

const Days = ({ row }: { readonly row: Retention }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [text, setText] = useState(row.days === null ? '' : String(row.days))
  const days = text.trim() === '' ? null : Number(text)
  const valid = days === null || (Number.isInteger(days) && days >= 1 && days <= 3650)
  const change = useMutation({
    mutationFn: () => setRetention(row.connection_id, days),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/privacy/retention'] })
      tell(t('privacy.saved'))
    },
  })
  return (
    <div className="row g8">
      <Input
        aria-label={t('privacy.daysOf', { name: row.name })}
        placeholder={t('privacy.kept')}
        inputMode="numeric"
        style={{ width: 90 }}
        value={text}
        status={valid ? '' : 'error'}
        onChange={(event) => setText(event.target.value)}
      />
      {days !== row.days && (
        <Button
          size="small"
          loading={change.isPending}
          aria-disabled={!valid}
          onClick={() => {
            if (valid) change.mutate()
          }}
        >
          {t('common.save')}
        </Button>
      )}
      {change.isError && (
        <span className="bad s12" role="alert">
          {change.error.message}
        </span>
      )}
    </div>
  )
}

/** Requests of persons, and how long each connection keeps personal data after delivery. */
export const PrivacyTab = (): ReactElement => {
  const { t } = useWords()
  const retention = useRetention()
  const items = retention.data?.items ?? []
  return (
    <div className="col g12">
      <PrivacyRequests />
      <Request />
      <section className="card" style={{ overflowX: 'auto', position: 'relative' }} role="region" tabIndex={0} aria-label={t('privacy.retention')}>
        <div className="sect col g4">
          <h2>{t('privacy.retention')}</h2>
          <p className="t2">{t('privacy.retentionText')}</p>
        </div>
        <Loaded query={retention} what={t('privacy.retention')} count={items.length} rows={3} empty={<State icon="plug" title={t('common.none')} />}>
          <table className="grid">
            <HeadRow words={['common.connection', 'privacy.days', 'privacy.erasedSoFar']} figures={['privacy.erasedSoFar']} />
            <tbody>
              {items.map((row) => (
                <tr key={row.connection_id}>
                  <td className="m5">{row.name}</td>
                  <td>
                    <Days row={row} />
                  </td>
                  <td className="n">{formatCount(row.erased)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Loaded>
      </section>
    </div>
  )
}
