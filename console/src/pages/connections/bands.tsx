import { Button } from 'antd'
import { Fragment, useState } from 'react'
import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import type { Dispositions, Overview } from '../../api/overview.ts'
import { OutboundSwitch } from '../../app/outbound-switch.tsx'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { StatusIcon } from '../../ui/status.tsx'

const Figure = ({
  word,
  value,
  icon,
  tone,
}: {
  readonly word: string
  readonly value: number
  readonly icon?: IconName
  readonly tone?: string
}): ReactElement => (
  <div className="col nw">
    <span className="row g4 s12 t2">
      {icon !== undefined && <Icon name={icon} tone={tone} small />}
      {word}
    </span>
    <span className="fig">{formatCount(value)}</span>
  </div>
)

/** Whether the hub writes at all, to how many, and the switch that stops everything. */
export const OutboundBand = ({
  overview,
  connections,
}: {
  readonly overview: Overview
  readonly connections: readonly Connection[]
}): ReactElement => {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const { outbound } = overview
  const stopped = outbound.state === 'stopped'
  const armed = connections.filter((one) => one.armed_stock || one.armed_shipments)
  const paused = armed.filter((one) => one.state !== 'active').length
  const words = stopped
    ? t('outbound.bandStopped', { by: outbound.stopped_by ?? '—', reason: outbound.reason ?? '—', waiting: formatCount(outbound.pending) })
    : t('outbound.bandRunning', { armed: armed.length - paused, readonly: connections.length - armed.length, paused })
  return (
    <section className={`card pad row g24 wrap band${stopped ? ' stopped' : ''}`} aria-label={t('nav.effects')}>
      <StatusIcon kind={stopped ? 'stopped' : 'running'} />
      <div className="grow" style={{ minWidth: 240 }}>
        <h2>{t(stopped ? 'outbound.stopped' : 'outbound.running')}</h2>
        <p className="t2">{words}</p>
      </div>
      <Figure word={t('connections.pendingWrites')} value={outbound.pending} />
      <Figure word={t('status.doubt')} value={outbound.unknown} {...(outbound.unknown > 0 ? { icon: 'doubt', tone: 'doubt' } : {})} />
      <Figure word={t('connections.confirmedHour')} value={outbound.confirmed_last_hour} />
      <Button danger={!stopped} onClick={() => setOpen(true)} icon={<Icon name={stopped ? 'armed' : 'stopped'} />}>
        {t(stopped ? 'outbound.resume' : 'outbound.stop')}
      </Button>
      <OutboundSwitch open={open} onClose={() => setOpen(false)} />
    </section>
  )
}

const parts: readonly { readonly name: Exclude<keyof Dispositions, 'received'>; readonly icon: IconName; readonly tone: string }[] = [
  { name: 'applied', icon: 'ok', tone: 'ok' },
  { name: 'superseded', icon: 'minus', tone: 'mute' },
  { name: 'duplicate', icon: 'copy', tone: 'mute' },
  { name: 'held', icon: 'held', tone: 'warn' },
  { name: 'ignored', icon: 'cancelled', tone: 'mute' },
  { name: 'unprocessed', icon: 'progress', tone: 'prog' },
]

/** Received = the sum of what became of it. A difference is shown as such and never rounded away. */
export const LedgerLine = ({ today }: { readonly today: Dispositions }): ReactElement => {
  const { t } = useWords()
  const shown = parts.filter((part) => part.name !== 'unprocessed' || today.unprocessed > 0)
  const difference = today.received - parts.reduce((sum, part) => sum + today[part.name], 0)
  return (
    <section className="card pad row g16 wrap" aria-label={t('tally.label')}>
      <div style={{ minWidth: 180 }}>
        <h2>{t(difference === 0 ? 'tally.agrees' : 'tally.differs')}</h2>
        <p className="s12 t3">{t('tally.since')}</p>
      </div>
      <Figure word={t('tally.received')} value={today.received} />
      {shown.map((part, index) => (
        <Fragment key={part.name}>
          <span className="t3" aria-hidden="true">
            {index === 0 ? '=' : '+'}
          </span>
          <Figure word={t(`disposition.${part.name}`)} value={today[part.name]} icon={part.icon} tone={part.tone} />
        </Fragment>
      ))}
      <span className={`st end ${difference === 0 ? 'ok' : 'bad loud'}`}>
        <Icon name={difference === 0 ? 'ok' : 'drift'} /> <span>{t('tally.difference', { value: formatCount(difference) })}</span>
      </span>
    </section>
  )
}
