import './connections.css'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useChannels, useConnections } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useOverview } from '../../api/overview.ts'
import { useCanWrite } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { LedgerLine, OutboundBand } from './bands.tsx'
import { byHealth } from './health.tsx'
import { ConnectionRow } from './row.tsx'

const Totals = ({ connections }: { readonly connections: readonly Connection[] }): ReactElement => {
  const { t } = useWords()
  const count = (...kinds: readonly Connection['health']['kind'][]): number => connections.filter((one) => kinds.includes(one.health.kind)).length
  const totals = [
    { kind: 'failed', word: 'status.failed', value: count('failed') },
    { kind: 'attention', word: 'status.attention', value: count('attention', 'late') },
    { kind: 'ok', word: 'status.ok', value: count('ok') },
    { kind: 'waiting', word: 'status.waiting', value: count('waiting') },
    { kind: 'paused', word: 'status.paused', value: count('paused') },
  ] as const
  return (
    <div className="row g16 t2 wrap">
      {totals
        .filter((one) => one.value > 0)
        .map((one) => (
          <span key={one.kind} className="row g6">
            <StatusIcon kind={one.kind} />
            {one.value} {t(one.word)}
          </span>
        ))}
    </div>
  )
}

const columns = ['connection', 'health', 'lag', 'perHour', 'quota', 'credentials', 'outbound'] as const
const widths = ['16%', 240, 96, 150, 80, 116, 128, 118] as const

const ConnectionTable = ({ connections }: { readonly connections: readonly Connection[] }): ReactElement => {
  const { t } = useWords()
  const channels = useChannels()
  const sorted = useMemo(() => connections.toSorted(byHealth), [connections])
  return (
    <div className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('nav.connections')}>
      <table className="grid connections-table">
        <colgroup>
          {widths.map((width, index) => (
            <col key={index} style={index === 1 ? {} : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col" className={name === 'lag' ? 'n nw' : ''}>
                {t(`connections.${name}`)}
              </th>
            ))}
            <th scope="col">
              <span className="visually-hidden">{t('connections.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <ConnectionRow key={one.id} connection={one} channel={channels.data?.find((channel) => channel.id === one.channel)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

const ConnectionsPage = (): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  const canWrite = useCanWrite()
  const connections = useConnections()
  const overview = useOverview()
  const items = connections.data?.items ?? []
  return (
    <>
      <div className="ph">
        <h1>{t('nav.connections')}</h1>
        <Totals connections={items} />
        <span className="end s12 t3">
          {connections.dataUpdatedAt > 0 && (
            <>
              {t('common.asOf')} <Clock at={new Date(connections.dataUpdatedAt).toISOString()} />
            </>
          )}
        </span>
        <Button
          type="primary"
          className="wide-only"
          icon={<Icon name="plus" />}
          aria-disabled={!canWrite}
          title={canWrite ? undefined : t('common.forbiddenHint')}
          onClick={() => {
            if (canWrite) void navigate({ to: '/connections/new' })
          }}
        >
          {t('connections.add')}
        </Button>
      </div>
      <div className="col g12">
        {overview.data !== undefined && <OutboundBand overview={overview.data} connections={items} />}
        {connections.isError && connections.data === undefined ? (
          <div className="card">
            <Failed error={connections.error} what={t('nav.connections')} retry={() => void connections.refetch()} />
          </div>
        ) : connections.isPending ? (
          <div className="card">
            <Skeleton rows={4} height={76} />
          </div>
        ) : items.length === 0 ? (
          <div className="card">
            <State icon="plug" title={t('connections.empty')} actions={<Link to="/connections/new">{t('connections.add')}</Link>}>
              {t('connections.emptyHint')}
            </State>
          </div>
        ) : (
          <ConnectionTable connections={items} />
        )}
        {overview.data !== undefined && <LedgerLine today={overview.data.dispositions_today} />}
      </div>
    </>
  )
}

export default ConnectionsPage
