import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import { formatCount } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Copy } from '../../ui/copy.tsx'
import { Spark } from '../../ui/spark.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago, Clock } from '../../ui/time.tsx'
import { HealthSentence } from './health.tsx'
import { Signs } from './signs.tsx'

const Streams = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t, label, language } = useWords()
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <div className="card-head">
        <h2>{t('connections.streams')}</h2>
      </div>
      <table className="grid">
        <thead>
          <tr>
            <th scope="col">{t('connections.stream')}</th>
            <th scope="col">{t('connections.state')}</th>
            <th scope="col" className="n">
              {t('connections.lag')}
            </th>
            <th scope="col">{t('connections.watermark')}</th>
            <th scope="col">{t('connections.lastSuccess')}</th>
            <th scope="col">{t('connections.lastRecord')}</th>
          </tr>
        </thead>
        <tbody>
          {connection.streams.map((stream) => (
            <tr key={stream.id}>
              <td className="m5">{label('stream', stream.id)}</td>
              <td>
                {stream.fault === null ? (
                  <Status kind={stream.last_success_at === null ? 'waiting' : 'ok'} />
                ) : (
                  <div className="col">
                    <Status kind="failed">{label('fault', stream.fault.kind)}</Status>
                    <span className="s12 t2 break">“{stream.fault.message}”</span>
                  </div>
                )}
              </td>
              <td className="n">{stream.lag_seconds === null ? '—' : formatSpan(stream.lag_seconds * 1000, language)}</td>
              <td>
                <Clock at={stream.watermark} />
              </td>
              <td>
                <Ago at={stream.last_success_at} />
              </td>
              <td>
                <Ago at={stream.last_record_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** How late the hub hears of orders, beside what the channel declares. */
const Seen = ({ connection }: { readonly connection: Connection }): ReactElement | null => {
  const { t, language } = useWords()
  const rows = (['poll', 'hook'] as const).flatMap((source) => {
    const seen = connection.seen_after[source]
    return seen === undefined ? [] : [{ source, ...seen }]
  })
  if (rows.length === 0) return null
  const span = (seconds: number): string => formatSpan(seconds * 1000, language)
  return (
    <section className="card sect col g8">
      <h2>{t('incidents.seen')}</h2>
      {rows.map(({ source, orders, p50, p99, longest }) => (
        <p key={source} className="s12">
          {t(`incidents.seenBy.${source}`, { orders: formatCount(orders), half: span(p50), most: span(p99), longest: span(longest) })}
        </p>
      ))}
      {connection.declared_lag_seconds !== null && (
        <p className="s12 t3">{t('incidents.declared', { span: span(connection.declared_lag_seconds) })}</p>
      )}
    </section>
  )
}

const Address = ({ url }: { readonly url: string }): ReactElement => (
  <div className="row g4 quote">
    <span className="mono break grow">{url}</span>
    <Copy text={url} />
  </div>
)

const Webhook = ({ connection }: { readonly connection: Connection }): ReactElement | null => {
  const { t } = useWords()
  const { webhook } = connection
  if (webhook === null) return null
  return (
    <section className="card sect col g8">
      <div className="row g8">
        <h2>Webhook</h2>
        <Status kind={webhook.healthy === null ? 'waiting' : webhook.healthy ? 'ok' : 'attention'} />
      </div>
      {webhook.detail !== null && <p className="t2">{webhook.detail}</p>}
      {webhook.url !== null && <Address url={webhook.url} />}
      {webhook.app_url !== null && (
        <>
          <p className="t2">{t('connections.appAddress')}</p>
          <Address url={webhook.app_url} />
        </>
      )}
      <p className="s12 t3">
        {t('connections.checkedAt')} <Ago at={webhook.checked_at} />
      </p>
    </section>
  )
}

export const StatusTab = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const { listings } = connection
  return (
    <div className="col g12">
      <section className="card sect row g24 wrap top-aligned">
        <div className="grow" style={{ minWidth: 260 }}>
          <HealthSentence connection={connection} />
        </div>
        <div className="col">
          <span className="s12 t2">{t('connections.perHour')}</span>
          <Spark values={connection.orders_per_hour} width={220} label={t('connections.perHourOf', { name: connection.name })} />
        </div>
        <div className="col">
          <span className="s12 t2">{t('connections.lastOrder')}</span>
          <Ago at={connection.last_order_at} className="fig" />
        </div>
      </section>
      <Streams connection={connection} />
      <div className="two">
        <Signs signs={connection} connection={connection.id} />
        <Seen connection={connection} />
        <Webhook connection={connection} />
        <section className="card sect col g8">
          <h2>{t('nav.listings')}</h2>
          <div className="row g24">
            <div className="col">
              <span className="s12 t2">{t('listings.total')}</span>
              <span className="fig">{formatCount(listings.total)}</span>
            </div>
            <div className="col">
              <span className="s12 t2">{t('listings.bound')}</span>
              <span className="fig">{formatCount(listings.bound)}</span>
            </div>
            <div className="col">
              <span className="s12 t2">{t('listings.unbound')}</span>
              <span className={`fig${listings.unbound > 0 ? ' warn' : ''}`}>{formatCount(listings.unbound)}</span>
            </div>
          </div>
          <Link to="/listings" search={{ connection: connection.id }}>
            {t('listings.openFor')}
          </Link>
        </section>
        <section className="card sect">
          <dl className="kv">
            <dt>ID</dt>
            <dd className="row g4">
              {connection.id}
              <Copy text={connection.id} />
            </dd>
            <dt>{t('wizard.timezone')}</dt>
            <dd>{connection.timezone}</dd>
            <dt>{t('wizard.currency')}</dt>
            <dd>{connection.currency}</dd>
            <dt>{t('connections.createdAt')}</dt>
            <dd>
              <Clock at={connection.created_at} />
            </dd>
          </dl>
        </section>
      </div>
    </div>
  )
}
