import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import type { EffectRow, Order } from '../../api/orders.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status, StatusIcon } from '../../ui/status.tsx'
import { effectKinds } from '../../ui/effect-status.ts'
import { Clock } from '../../ui/time.tsx'
import { useEffectSaid } from '../../ui/said.ts'
import { EffectActions } from '../effects/effect-actions.tsx'
import { ParcelNumber, ParcelTitle } from './parcel.tsx'
import { Recipient } from './recipient.tsx'

const Effect = ({ effect }: { readonly effect: EffectRow }): ReactElement => {
  const { t, label } = useWords()
  const wordsOf = useEffectSaid()
  const said = wordsOf(effect)
  return (
    <section className="sect col g8">
      <div className="row g8">
        <StatusIcon kind={effectKinds[effect.state]} />
        <span className="m5 grow">{label('effectKind', effect.kind)}</span>
        <Status kind={effectKinds[effect.state]}>{label('effectState', effect.state)}</Status>
      </div>
      {(said !== '' || (effect.code ?? '') !== '') && (
        <div className="quote s12">
          <span className="mono t3">{effect.code}</span>
          {said !== '' && <div>{said}</div>}
        </div>
      )}
      {(effect.history ?? [])
        .toReversed()
        .slice(0, 4)
        .map((step, index) => (
          <div key={index} className="row g8 s12 t2">
            <span className="grow el">
              {label('effectState', step.state ?? '')}
              {(step.message ?? '') !== '' && ` · ${wordsOf(step)}`}
            </span>
            <Clock at={step.at} className="t3" />
          </div>
        ))}
      <div className="row g8 s12 t3">
        <span className="grow">{t('effects.attempts', { count: effect.attempts })}</span>
        <Clock at={effect.settled_at ?? effect.sent_at ?? effect.created_at} />
      </div>
      <EffectActions effect={effect} />
    </section>
  )
}

const Entry = ({
  kind,
  title,
  at,
  children,
}: {
  readonly kind: 'ok' | 'failed' | 'progress' | 'waiting'
  readonly title: ReactNode
  readonly at: string | null | undefined
  readonly children?: ReactNode
}): ReactElement => (
  <section className="sect row g8 top-aligned">
    <span style={{ paddingTop: 2 }}>
      <StatusIcon kind={kind} />
    </span>
    <div className="grow">
      <div>{title}</div>
      {children !== undefined && <div className="s12 t2">{children}</div>}
    </div>
    <Clock at={at} className="t3" />
  </section>
)

/** What went out and what came of it, what the ERP said, packages, refunds, and how often the document arrived. */
export const AttemptsPane = ({ order }: { readonly order: Order }): ReactElement => {
  const { t, label } = useWords()
  const counts = new Map<string, number>()
  for (const raw of order.raw) counts.set(raw.disposition ?? 'unprocessed', (counts.get(raw.disposition ?? 'unprocessed') ?? 0) + 1)
  return (
    <section className="card" aria-label={t('order.attempts')}>
      <div className="card-head">
        <h2>{t('order.attempts')}</h2>
        <span className="s12 t3">
          {t('order.entries', { count: order.effects.length + order.acks.length + order.shipments.length + order.refunds.length })}
        </span>
      </div>
      <div className="pane" tabIndex={0} role="region" aria-label={t('order.attempts')}>
        {order.effects.map((effect) => (
          <Effect key={effect.id} effect={effect} />
        ))}
        {order.acks.map((ack) => (
          <Entry
            key={ack.consumer}
            kind={ack.status === 'accepted' ? 'ok' : 'failed'}
            at={ack.at}
            title={
              <>
                {t(`ack.${ack.status}`, { consumer: ack.consumer })}
                {(ack.reference ?? '') !== '' && <b> {ack.reference}</b>}
              </>
            }
          >
            {ack.status === 'rejected' ? (
              <>
                {ack.code} {ack.reason}
              </>
            ) : (
              t('order.version', { version: ack.version })
            )}
          </Entry>
        ))}
        {order.shipments.map((shipment) => (
          <Entry
            key={shipment.id}
            kind="ok"
            at={shipment.shipped_at}
            title={
              <span className="row g4">
                <ParcelTitle shipment={shipment} />
              </span>
            }
          >
            <ParcelNumber shipment={shipment} />
            {shipment.forced === true && ` · ${t('ship.forced')}`}
          </Entry>
        ))}
        {order.refunds.map((refund) => (
          <Entry
            key={refund.id}
            kind={refund.state === 'done' ? 'ok' : 'progress'}
            at={refund.doc.at}
            title={
              <>
                {label('refundKind', refund.kind)} {formatMoney(refund.doc.amount)}
              </>
            }
          >
            {label('refundState', refund.state)} · {refund.doc.channel_refund_no}
          </Entry>
        ))}
        <Entry kind="ok" at={order.raw.at(-1)?.received_at} title={t('order.receivedTimes', { count: order.raw.length })}>
          {[...counts].map(([name, count]) => `${label('disposition', name)} ${count}`).join(' · ')}
        </Entry>
        <section className="sect col g6">
          <h3>{t('order.recipient')}</h3>
          <Recipient order={order} />
        </section>
        <section className="sect col g6">
          <h3>{t('order.facts')}</h3>
          {order.facts.map((fact, index) => (
            <div key={index} className="row g8 s12">
              <span className="grow">
                {label('fact', fact.code)} <span className="t3">· {label('factSource', fact.source)}</span>
              </span>
              <Clock at={fact.at} className="t3" />
            </div>
          ))}
        </section>
        <section className="sect">
          <Link to="/orders" search={{ connection: order.connection_id }}>
            {t('order.sameConnection')}
          </Link>
        </section>
      </div>
    </section>
  )
}
