import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { findBuyer } from '../../api/entry.ts'
import { revealOrder } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { useScope } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { OrderLabel } from '../../ui/order-label.tsx'
import { isTree, member, text as textOf } from '../../ui/read-doc.ts'
import { Clock } from '../../ui/time.tsx'
import { partyFields } from './draft.ts'
import type { Draft, Errors, PartyField } from './draft.ts'
import { Field, Labelled } from './field.tsx'
import { useSettled } from './use-settled.ts'

type Party = Draft['party']
const shown = 5

const partyOf = (order: Order): Partial<Party> => {
  const party = member(order.pii, 'recipient')
  if (!isTree(party)) return {}
  return Object.fromEntries(partyFields.map((field) => [field, textOf(member(party, field)) ?? '']))
}

/** Earlier orders of whoever calls, masked. The address is taken over only by those who may see it, and that is noted. */
const LookUp = ({ onTake }: { readonly onTake: (party: Partial<Party>) => void }): ReactElement => {
  const { t } = useWords()
  const [text, setText] = useState('')
  const mayReveal = useScope('orders:read_pii')
  const wanted = useSettled(text.trim())
  const enabled = wanted.length >= 4
  const found = useQuery({ queryKey: ['buyer', wanted], queryFn: ({ signal }) => findBuyer(wanted, signal), enabled })
  const take = useMutation({ mutationFn: (id: string) => revealOrder(id, 'support'), onSuccess: (order) => onTake(partyOf(order)) })
  const orders = enabled ? (found.data?.orders.slice(0, shown) ?? []) : []
  return (
    <div className="col g8">
      <Labelled name={t('entry.lookUp')} hint={t('entry.lookUpHint')}>
        {({ id, describedBy }) => (
          <Input
            id={id}
            aria-describedby={describedBy}
            allowClear
            autoComplete="off"
            value={text}
            prefix={<Icon name="search" tone="mute" />}
            placeholder={t('entry.lookUpPlaceholder')}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Labelled>
      {enabled && found.data !== undefined && orders.length === 0 && (
        <span className="s12 t3" role="status">
          {t('entry.nobody')}
        </span>
      )}
      {orders.length > 0 && (
        <ul className="entry-found" aria-label={t('entry.earlier')}>
          {orders.map((order) => (
            <li key={order.id} className="row g8">
              <span className="grow col">
                <span className="el m5">
                  {['name', 'phone', 'city'].flatMap((field) => textOf(member(order.recipient_masked ?? undefined, field)) ?? []).join(' · ') || '—'}
                </span>
                <span className="s12 t3 row g6 el">
                  {order.channel_order_no} · <Clock at={order.placed_at} /> · <OrderLabel order={order} />
                </span>
              </span>
              <Button
                size="small"
                aria-disabled={!mayReveal}
                title={mayReveal ? undefined : t('entry.mayNotReveal')}
                loading={take.isPending && take.variables === order.id}
                onClick={() => {
                  if (mayReveal) take.mutate(order.id)
                }}
              >
                {t('entry.takeAddress')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {take.isError && (
        <div className="note bad" role="alert">
          {take.error.message}
        </div>
      )}
    </div>
  )
}

const rows: readonly (readonly PartyField[])[] = [
  ['name', 'phone'],
  ['email', 'company'],
  ['province', 'city', 'district'],
  ['address'],
  ['postcode', 'country'],
]
const modes: Partial<Record<PartyField, 'tel' | 'email'>> = { phone: 'tel', email: 'email' }
const longest: Partial<Record<PartyField, number>> = { phone: 40, postcode: 20, country: 2, address: 500 }

/** Who gets the goods. */
export const Buyer = ({
  draft,
  errors,
  onChange,
  onLeave,
}: {
  readonly draft: Draft
  readonly errors: Errors
  readonly onChange: (party: Party) => void
  readonly onLeave: (field: string) => void
}): ReactElement => {
  const { t } = useWords()
  const mayFind = useScope('orders:read')
  return (
    <section className="card sect col g12">
      <h2>{t(draft.type === 'pickup' ? 'entry.buyer' : 'entry.recipient')}</h2>
      {mayFind && <LookUp onTake={(party) => onChange({ ...draft.party, ...party })} />}
      {rows.map((fields) => (
        <div key={fields.join()} className={`entry-row n${fields.length}`}>
          {fields.map((field) => (
            <Field
              key={field}
              name={t(`entry.party.${field}`)}
              value={draft.party[field]}
              error={errors[field]}
              maxLength={longest[field] ?? 200}
              inputMode={modes[field] ?? 'text'}
              onChange={(value) => onChange({ ...draft.party, [field]: value })}
              onLeave={() => onLeave(field)}
            />
          ))}
        </div>
      ))}
    </section>
  )
}
