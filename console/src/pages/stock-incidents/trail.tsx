import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { TrailEvent } from '../../api/incidents.ts'
import { formatCount, formatDelta } from '../../format/number.ts'
import { formatExact, formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { effectKinds } from '../../ui/effect-status.ts'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'

interface TrailProps {
  readonly events: readonly TrailEvent[]
  readonly nameOf: (connection: string) => string
}

const Said = ({ event }: { readonly event: TrailEvent }): ReactElement => {
  const { t, label, language } = useWords()
  const span = (from: string, to: string): string => formatSpan(Math.max(0, Date.parse(to) - Date.parse(from)), language)
  switch (event.kind) {
    case 'order':
      return (
        <span>
          {event.order_id !== undefined && (
            <Link to="/orders/$id" params={{ id: event.order_id }} className="m5">
              {event.order_no}
            </Link>
          )}{' '}
          {t('incidents.units', { count: event.quantity ?? 0 })}
          {event.placed_at !== undefined && (
            <span className="t3" title={formatExact(event.placed_at)}>
              {' · '}
              {t('incidents.took', { span: span(event.placed_at, event.at) })}
            </span>
          )}
          {event.own === true && <span className="t3"> · {t('incidents.own')}</span>}
          {event.held === true && <span className="t3"> · {t('incidents.held')}</span>}
        </span>
      )
    case 'level':
      return (
        <span className="row g8 wrap">
          <span className="m5">{t('incidents.level', { value: formatCount(event.level) })}</span>
          {event.state !== undefined && <Status kind={effectKinds[event.state]}>{label('effectState', event.state)}</Status>}
          {event.settled_at !== undefined && event.settled_at !== null && (
            <span className="t3">{t('incidents.took', { span: span(event.at, event.settled_at) })}</span>
          )}
        </span>
      )
    case 'goods':
      return (
        <span>
          <span className="m5">{formatDelta(event.quantity ?? 0)}</span> <span className="t2">{label('stockCause', event.cause ?? '')}</span>{' '}
          <span className="t3">{event.actor}</span>
        </span>
      )
    case 'late-order':
      return (
        <span>
          {event.order_no} <span className="t3">{formatSpan((event.seconds ?? 0) * 1000, language)}</span>
        </span>
      )
    case 'level-above-books':
      return <span className="m5">{t('incidents.level', { value: formatCount(event.level) })}</span>
  }
}

/** What happened to the goods, one line each. */
export const Trail = ({ events, nameOf }: TrailProps): ReactElement => {
  const { t, label } = useWords()
  if (events.length === 0) return <p style={{ padding: '0 16px 12px' }}>{t('incidents.noTrail')}</p>
  return (
    <table className="grid">
      <tbody>
        {events.map((event, index) => (
          <tr key={index}>
            <td className="nw">
              <Clock at={event.at} className="t3" />
            </td>
            <td className="nw">{label('trailKind', event.kind)}</td>
            <td>
              {event.connection_id !== undefined && (
                <span className="row g8">
                  <Tile title={nameOf(event.connection_id)} small />
                  <span className="el">{nameOf(event.connection_id)}</span>
                </span>
              )}
            </td>
            <td>
              <Said event={event} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
