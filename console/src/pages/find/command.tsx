import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { find } from '../../api/orders.ts'
import type { Found, FoundRaw } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Money } from '../../ui/money.tsx'
import { OrderLabel } from '../../ui/order-label.tsx'
import { Failed, State } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { ChannelAnswers } from './channel-answers.tsx'

const shortest = 3

const useSettled = (text: string, wait: number): string => {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), wait)
    return () => clearTimeout(timer)
  }, [text, wait])
  return settled
}

/** Documents that carry this id but became no order: held or ignored, and by what. */
const RawRow = ({ raw, name }: { readonly raw: FoundRaw; readonly name: string }): ReactElement => {
  const { t, label } = useWords()
  const disposition = raw.disposition ?? 'unprocessed'
  return (
    <li className="answer" style={{ cursor: 'default' }}>
      <Tile title={name} small />
      <StatusIcon kind={disposition === 'held' ? 'held' : disposition === 'applied' ? 'ok' : 'cancelled'} />
      <span className="grow el">
        {t(`disposition.${disposition}`)}
        {raw.reason !== null && <span className="t2"> · {label('hold', raw.reason)}</span>}
      </span>
      <Clock at={raw.received_at} className="t3" />
    </li>
  )
}

interface ResultsProps {
  readonly found: Found
  readonly q: string
  readonly active: number
  readonly onOpen: (id: string) => void
}

const Results = ({ found, q, active, onOpen }: ResultsProps): ReactElement => {
  const { t } = useWords()
  const [asked, setAsked] = useState('')
  const connections = useConnections(30_000)
  const nameOf = (id: string): string => connections.data?.items.find((one) => one.id === id)?.name ?? id
  const strays = found.raw.filter((raw) => raw.disposition === 'held' || raw.disposition === 'ignored' || raw.disposition === null)
  const empty = found.orders.length === 0
  const asking = asked === q
  return (
    <>
      {found.orders.length > 0 && (
        <div role="listbox" aria-label={t('nav.orders')} id="command-orders">
          {found.orders.map((order, index) => (
            <div
              key={order.id}
              id={`command-${index}`}
              role="option"
              aria-selected={index === active}
              className="answer"
              onClick={() => onOpen(order.id)}
            >
              <Tile title={nameOf(order.connection_id)} small />
              <span className="m5 nw">{order.channel_order_no}</span>
              <span className="grow" style={{ overflow: 'hidden' }}>
                <OrderLabel order={order} />
              </span>
              <Money value={order.total} />
            </div>
          ))}
        </div>
      )}
      {strays.length > 0 && (
        <>
          <h2 className="s12 t3" style={{ padding: '8px 8px 0' }}>
            {t('find.documents')}
          </h2>
          <ul>
            {strays.map((raw) => (
              <RawRow key={raw.raw_id} raw={raw} name={nameOf(raw.connection_id)} />
            ))}
          </ul>
        </>
      )}
      {empty && strays.length === 0 && !asking && (
        <State
          icon="search"
          title={t('find.notHere', { q })}
          actions={
            <Button type="primary" onClick={() => setAsked(q)}>
              {t('find.ask')}
            </Button>
          }
        >
          {t('find.notHereHint')}
        </State>
      )}
      {asking ? (
        <ChannelAnswers q={q} />
      ) : (
        (!empty || strays.length > 0) && (
          <div className="pad">
            <button type="button" className="linkish" onClick={() => setAsked(q)}>
              {t('find.askAnyway')}
            </button>
          </div>
        )
      )}
    </>
  )
}

/** "Where is order X?" from anywhere: any id, tracking number or the last digits of a phone. */
const Command = ({ onClose }: { readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [active, setActive] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const opener = useRef(document.activeElement)
  const q = useSettled(text.trim(), 200)
  const answer = useQuery({ queryKey: ['find', q], queryFn: ({ signal }) => find(q, signal), enabled: q.length >= shortest, staleTime: 5_000 })
  const orders = answer.data?.orders ?? []
  useEffect(
    () => () => {
      if (opener.current instanceof HTMLElement) opener.current.focus()
    },
    [],
  )
  useEffect(() => setActive(0), [q])
  const open = (id: string): void => {
    onClose()
    void navigate({ to: '/orders/$id', params: { id } })
  }
  const trap = (event: KeyboardEvent): void => {
    const stops = [...(box.current?.querySelectorAll<HTMLElement>('input, button, a[href]') ?? [])]
    const edge = event.shiftKey ? stops.at(0) : stops.at(-1)
    if (document.activeElement !== edge) return
    event.preventDefault()
    const next = event.shiftKey ? stops.at(-1) : stops.at(0)
    next?.focus()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Tab') trap(event)
    else if (event.key === 'ArrowDown') {
      event.preventDefault()
      setActive((before) => Math.min(orders.length - 1, before + 1))
    } else if (event.key === 'ArrowUp') {
      event.preventDefault()
      setActive((before) => Math.max(0, before - 1))
    } else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
      const order = orders[active]
      if (order !== undefined) open(order.id)
    }
  }
  return (
    <div
      className="command"
      role="dialog"
      aria-modal="true"
      aria-label={t('top.askLabel')}
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
      onKeyDown={onKey}
    >
      <div ref={box}>
        <div className="entry">
          <Icon name="search" tone="mute" />
          <input
            autoFocus
            role="combobox"
            aria-expanded={orders.length > 0}
            aria-controls="command-orders"
            aria-activedescendant={orders.length > 0 ? `command-${active}` : undefined}
            aria-label={t('top.askLabel')}
            placeholder={t('top.ask')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="button" className="icb" aria-label={t('common.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <div className="answers">
          {q.length < shortest ? (
            <p className="t2 pad">{t('find.hint')}</p>
          ) : answer.isError ? (
            <Failed error={answer.error} what={t('find.answers')} retry={() => void answer.refetch()} />
          ) : answer.data === undefined ? (
            <p className="t3 pad" role="status">
              {t('common.loading')}
            </p>
          ) : (
            <Results found={answer.data} q={q} active={active} onOpen={open} />
          )}
        </div>
      </div>
    </div>
  )
}

export default Command
