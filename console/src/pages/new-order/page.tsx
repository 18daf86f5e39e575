import './new-order.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { isTaken, sendOrder, usePlaces } from '../../api/entry.ts'
import type { Place, SentOrder } from '../../api/entry.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { useKeys } from '../../ui/keys.ts'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Buyer } from './buyer.tsx'
import { bodyOf, errorsOf, newDraft, types } from './draft.ts'
import type { Draft, Errors } from './draft.ts'
import { Field, Labelled } from './field.tsx'
import { Goods } from './goods.tsx'
import { Payment } from './payment.tsx'
import { MakePlace } from './place.tsx'
import { NotSaved, Recent, Saved, Totals } from './side.tsx'

class NumberTaken extends Error {}

/** Saves the form as often as it is pressed; its number stays, so it is one order. A number somebody typed must be free the first time. */
const useSave = (place: Place, draft: Draft, drawn: string, onSaved: (sent: SentOrder) => void) => {
  const queries = useQueryClient()
  const [sentNumber, setSentNumber] = useState<string | undefined>(undefined)
  return useMutation({
    mutationFn: async () => {
      const number = draft.number.trim()
      if (number !== drawn && number !== sentNumber && (await isTaken(place.id, number))) throw new NumberTaken()
      // From here on the hub may have it, whatever becomes of the answer.
      setSentNumber(number)
      return sendOrder(place.id, bodyOf(draft, place.currency))
    },
    onSuccess: async (sent) => {
      onSaved(sent)
      await queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(place.id)}/orders`] })
    },
  })
}

const Head = ({
  places,
  place,
  draft,
  errors,
  isSent,
  onPlace,
  onChange,
  onLeave,
}: {
  readonly places: readonly Place[]
  readonly place: Place
  readonly draft: Draft
  readonly errors: Errors
  /** It stands on this connection now. */
  readonly isSent: boolean
  readonly onPlace: (id: string) => void
  readonly onChange: (change: Partial<Draft>) => void
  readonly onLeave: (field: string) => void
}): ReactElement => {
  const { t } = useWords()
  return (
    <section className="card sect">
      <div className="entry-row n3">
        <Labelled name={t('common.connection')}>
          {({ id }) => (
            <Select
              id={id}
              value={place.id}
              disabled={isSent}
              options={places.map((one) => ({ value: one.id, label: one.name }))}
              onChange={onPlace}
            />
          )}
        </Labelled>
        <Field
          name={t('orders.number')}
          value={draft.number}
          error={errors['number']}
          maxLength={100}
          onChange={(number) => onChange({ number })}
          onLeave={() => onLeave('number')}
        />
        <Labelled name={t('entry.type')}>
          {({ id }) => (
            <Select
              id={id}
              value={draft.type}
              options={types.map((one) => ({ value: one, label: t(`entry.types.${one}`) }))}
              onChange={(type) => onChange({ type })}
            />
          )}
        </Labelled>
      </div>
    </section>
  )
}

const Form = ({ places, place, onPlace, onNext }: FormProps): ReactElement => {
  const { t } = useWords()
  const [opened] = useState(newDraft)
  const [draft, setDraft] = useState<Draft>(opened)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [pressed, setPressed] = useState(false)
  const [sent, setSent] = useState<SentOrder | undefined>(undefined)
  const save = useSave(place, draft, opened.number, setSent)
  const all = errorsOf(draft, place.currency)
  const taken: Errors = save.error instanceof NumberTaken ? { number: 'taken' } : {}
  const wrong = Object.keys(all).length
  // What was not reached yet is not called wrong.
  const errors: Errors = { ...(pressed ? all : Object.fromEntries(Object.entries(all).filter(([field]) => left.has(field)))), ...taken }
  const onLeave = (field: string): void => setLeft(new Set([...left, field]))
  const onChange = (change: Partial<Draft>): void => {
    setDraft({ ...draft, ...change })
    if (change.number !== undefined && save.isError) save.reset()
  }
  const submit = (): void => {
    setPressed(true)
    if (wrong === 0 && !save.isPending) save.mutate()
    // The first field that is wrong, once it is marked.
    else if (wrong > 0)
      setTimeout(() => document.querySelector<HTMLElement>('.entry [aria-invalid="true"], .entry .ant-select-status-error input')?.focus(), 0)
  }
  // Before the control that has the focus: an open list would take Enter for itself.
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.stopPropagation()
    submit()
  }
  useKeys({
    'mod+enter': (event) => {
      event.preventDefault()
      submit()
    },
  })
  return (
    <div className="entry" onKeyDownCapture={onKey}>
      <div className="col g12">
        <Head
          places={places}
          place={place}
          draft={draft}
          errors={errors}
          isSent={sent !== undefined}
          onPlace={onPlace}
          onChange={onChange}
          onLeave={onLeave}
        />
        <Goods place={place} draft={draft} errors={errors} onChange={(lines) => onChange({ lines })} onLeave={onLeave} />
        <Buyer draft={draft} errors={errors} onChange={(party) => onChange({ party })} onLeave={onLeave} />
        <Payment draft={draft} errors={errors} onChange={onChange} onLeave={onLeave} />
      </div>
      <aside className="col g12 entry-side" aria-label={t('entry.summary')}>
        <section className="card sect col g12">
          <Totals draft={draft} place={place} />
          {save.isError && !(save.error instanceof NumberTaken) && <NotSaved error={save.error} />}
          <Button
            type={sent === undefined ? 'primary' : 'default'}
            loading={save.isPending}
            aria-keyshortcuts="Control+Enter Meta+Enter"
            onClick={submit}
          >
            {t(sent === undefined ? 'entry.save' : 'entry.saveChange')} <kbd className="kbd">⌘↵</kbd>
          </Button>
          {pressed && wrong > 0 && (
            <span className="s12 bad" role="alert">
              {t('entry.wrong', { count: wrong })}
            </span>
          )}
        </section>
        {sent !== undefined && <Saved sent={sent} onNext={onNext} />}
        <Recent place={place} />
      </aside>
    </div>
  )
}

interface FormProps {
  readonly places: readonly Place[]
  readonly place: Place
  readonly onPlace: (id: string) => void
  /** An empty form with a number of its own. */
  readonly onNext: () => void
}

/** Orders that come by phone, by mail or from a dealer, typed into a connection that has no address of its own. */
const NewOrderPage = (): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  const [search, setSearch] = useAddress()
  const [round, setRound] = useState(0)
  const items = places.data?.items ?? []
  const place = items.find((one) => one.id === search['connection']) ?? items[0]
  return (
    <>
      <div className="ph">
        <h1>{t('nav.newOrder')}</h1>
      </div>
      {places.isError ? (
        <Failed error={places.error} what={t('nav.newOrder')} retry={() => void places.refetch()} />
      ) : places.data === undefined ? (
        <Skeleton rows={6} />
      ) : place === undefined ? (
        <MakePlace />
      ) : (
        <Form
          key={round}
          places={items}
          place={place}
          onPlace={(connection) => setSearch({ connection })}
          onNext={() => {
            setRound(round + 1)
            window.scrollTo({ top: 0 })
          }}
        />
      )}
    </>
  )
}

export default NewOrderPage
