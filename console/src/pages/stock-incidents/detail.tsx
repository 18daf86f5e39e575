import { Link, useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useIncident } from '../../api/incidents.ts'
import type { IncidentDetail } from '../../api/incidents.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { Cause } from './cause.tsx'
import { Trail } from './trail.tsx'

const Head = ({ incident }: { readonly incident: IncidentDetail }): ReactElement => {
  const { t } = useWords()
  const isOpen = incident.closed_at === null
  return (
    <div className="ph">
      <h1 className="break">{incident.sku}</h1>
      <Status kind={isOpen ? 'oversell' : 'ok'}>
        {isOpen ? t('incidents.shortNow', { value: formatCount(incident.short_now) }) : t('incidents.isOver')}
      </Status>
      <span className="t2">{t('incidents.shortMost', { value: formatCount(incident.short_most) })}</span>
      <span className="t2 row g6">
        {t('incidents.opened')} <Clock at={incident.opened_at} />
      </span>
      {!isOpen && (
        <span className="t2 row g6">
          {t('incidents.closed')} <Clock at={incident.closed_at} />
        </span>
      )}
      <span className="end row g16">
        <Link to="/stock" search={{ q: incident.sku }} className="row g6 m5">
          <Icon name="box" />
          {t('incidents.stock')}
        </Link>
        <Link to="/stock/incidents" className="m5">
          {t('incidents.back')}
        </Link>
      </span>
    </div>
  )
}

const Detail = (): ReactElement => {
  const { t } = useWords()
  const { id = '' } = useParams({ strict: false })
  const { data, error, refetch } = useIncident(id)
  const connections = useConnections(30_000)
  const nameOf = (one: string): string => connections.data?.items.find((each) => each.id === one)?.name ?? one
  if (data === undefined) return error === null ? <Skeleton /> : <Failed error={error} what={t('incidents.title')} retry={() => void refetch()} />
  return (
    <>
      <Head incident={data} />
      {data.title !== data.sku && (
        <p className="t2" style={{ marginBottom: 12 }}>
          {data.title}
        </p>
      )}
      <section className="card" style={{ padding: '12px 16px', marginBottom: 12 }} aria-label={t('incidents.causes')}>
        <h2>{t('incidents.causes')}</h2>
        {data.causes.length === 0 ? (
          <p className="t2">{t('incidents.noCause')}</p>
        ) : (
          <ul style={{ margin: 0, paddingLeft: 20 }}>
            {data.causes.map((cause, index) => (
              <li key={index}>
                <Cause cause={cause} nameOf={nameOf} />
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('incidents.trail')}>
        <div style={{ padding: '12px 16px 4px' }}>
          <h2>{t('incidents.trail')}</h2>
          <p className="s12 t3">{t('incidents.trailHint')}</p>
        </div>
        <Trail events={data.trail} nameOf={nameOf} />
      </section>
    </>
  )
}

export default Detail
