import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Dropdown } from 'antd'
import type { ReactElement } from 'react'
import { pullNow, resumeConnection } from '../../api/connections.ts'
import type { Channel, Connection } from '../../api/connections.ts'
import { formatCount, formatPercent } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Spark } from '../../ui/spark.tsx'
import { Status, StatusTag } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { useNow } from '../../ui/use-now.ts'
import { tell } from '../../ui/undo.tsx'
import { HealthSentence, Lag } from './health.tsx'

const day = 86_400_000

const Credentials = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t, language } = useWords()
  const now = useNow()
  if (connection.token_expires_at === null) return <span className="t3">{t('connections.lasting')}</span>
  const left = Date.parse(connection.token_expires_at) - now
  const span = formatSpan(Math.abs(left), language, 1)
  return (
    <div className="col">
      {connection.token_renews ? (
        <span>{t('connections.renews')}</span>
      ) : left < 0 ? (
        <Status kind="failed">{t('connections.expired', { span })}</Status>
      ) : left < 7 * day ? (
        <Status kind="late">{span}</Status>
      ) : (
        <span>{span}</span>
      )}
      <Clock at={connection.token_expires_at} className="s12 t3" />
    </div>
  )
}

const Quota = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const ratio = connection.quota?.used_ratio ?? null
  if (ratio === null) return <span className="t3">{t('common.notAvailable')}</span>
  const high = ratio >= 0.8
  return (
    <div className={`col g4${high ? ' warn' : ''}`} style={{ width: 72 }}>
      <span>{formatPercent(ratio, 1)}</span>
      <div className={`bar${high ? ' warn' : ''}`}>
        <i style={{ width: `${Math.min(100, ratio * 100)}%` }} />
      </div>
    </div>
  )
}

/** What the hub may write here, and what waits to be written. */
const OutboundCell = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const armed = connection.armed_stock || connection.armed_shipments
  if (!armed) {
    return (
      <div className="col">
        <Status kind="readonly" />
        <Link to="/connections/$id" params={{ id: connection.id }} search={{ tab: 'outbound' }} className="s12">
          {t('connections.preview', { total: formatCount(connection.listings.total) })}
        </Link>
      </div>
    )
  }
  const both = connection.armed_stock && connection.armed_shipments
  return (
    <div className="col">
      <Status kind={connection.state === 'active' ? 'armed' : 'paused'}>
        {both ? undefined : t(connection.armed_stock ? 'connections.armedStock' : 'connections.armedShipments')}
      </Status>
      <span className="s12 t2">
        {t('connections.waitingWrites', { waiting: formatCount(connection.open_effects) })}
        {connection.unknown_effects > 0 && (
          <span className="doubt"> · {t('connections.unknownWrites', { unknown: formatCount(connection.unknown_effects) })}</span>
        )}
      </span>
    </div>
  )
}

const Actions = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const to = (tab: string): void => {
    void navigate({ to: '/connections/$id', params: { id: connection.id }, search: { tab } })
  }
  const pull = useMutation({ mutationFn: () => pullNow(connection.id), onSuccess: () => tell(t('connections.pulling', { name: connection.name })) })
  const resume = useMutation({
    mutationFn: () => resumeConnection(connection.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/v1/connections'] }),
  })
  const reauth = connection.state === 'needs-auth' || connection.state === 'misconfigured'
  return (
    <div className="row g4" style={{ justifyContent: 'flex-end' }}>
      {reauth ? (
        <Button size="small" type="primary" onClick={() => to('settings')}>
          {t(connection.state === 'needs-auth' ? 'connections.reauthorise' : 'connections.fixSettings')}
        </Button>
      ) : connection.state === 'paused' ? (
        <Button size="small" loading={resume.isPending} onClick={() => resume.mutate()}>
          {t('connections.resume')}
        </Button>
      ) : (
        <Button size="small" type={connection.health.kind === 'ok' ? 'text' : 'default'} loading={pull.isPending} onClick={() => pull.mutate()}>
          {t('connections.pull')}
        </Button>
      )}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'open', label: t('connections.tabStatus'), onClick: () => to('status') },
            { key: 'backfill', label: t('connections.backfillMore'), onClick: () => to('backfill') },
            { key: 'outbound', label: t('connections.tabOutbound'), onClick: () => to('outbound') },
            { key: 'settings', label: t('connections.tabSettings'), onClick: () => to('settings') },
          ],
        }}
      >
        <button type="button" className="icb" aria-label={t('common.moreOf', { name: connection.name })}>
          <Icon name="more" />
        </button>
      </Dropdown>
    </div>
  )
}

const sparkTone: Readonly<Partial<Record<Connection['health']['kind'], string>>> = {
  failed: 'var(--bad)',
  late: 'var(--warn)',
  attention: 'var(--warn)',
}

export const ConnectionRow = ({ connection, channel }: { readonly connection: Connection; readonly channel: Channel | undefined }): ReactElement => {
  const { t, language } = useWords()
  const lastHour = connection.orders_per_hour.at(-1) ?? 0
  return (
    <tr>
      <td>
        <div className="row g12">
          <Tile title={connection.name} />
          <div className="col">
            <Link to="/connections/$id" params={{ id: connection.id }} className="m5 ink">
              {connection.name}
            </Link>
            <span className="row g6 s12 t3 wrap">
              <span>{channel === undefined ? connection.channel : language === 'en' ? channel.title.en : channel.title.zh}</span>
              {connection.sandbox && <StatusTag kind="sandbox" />}
            </span>
          </div>
        </div>
      </td>
      <td>
        <HealthSentence connection={connection} />
      </td>
      <td className="n">
        <Lag connection={connection} />
      </td>
      <td>
        <div className="row g12 between">
          <Spark
            values={connection.orders_per_hour}
            label={t('connections.perHourOf', { name: connection.name })}
            width={84}
            tone={sparkTone[connection.health.kind] ?? 'var(--spark)'}
          />
          <span className="m5">{formatCount(lastHour)}</span>
        </div>
      </td>
      <td>
        <Quota connection={connection} />
      </td>
      <td>
        <Credentials connection={connection} />
      </td>
      <td>
        <OutboundCell connection={connection} />
      </td>
      <td>
        <Actions connection={connection} />
      </td>
    </tr>
  )
}
