import './connections.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { pauseConnection, pullNow, resumeConnection, useChannels, useConnection } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { StatusTag } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'
import { ArmTab } from './arm.tsx'
import { BackfillTab } from './backfill.tsx'
import { SettingsTab } from './settings.tsx'
import { StatusTab } from './status-tab.tsx'

const tabs = ['status', 'outbound', 'backfill', 'settings'] as const
type Tab = (typeof tabs)[number]
const isTab = (text: string | undefined): text is Tab => tabs.some((tab) => tab === text)
const tabWords: Readonly<Record<Tab, string>> = {
  status: 'connections.tabStatus',
  outbound: 'connections.tabOutbound',
  backfill: 'connections.tabBackfill',
  settings: 'connections.tabSettings',
}

const RunButtons = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const settle = async (): Promise<void> => {
    setAsking(false)
    await queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] })
  }
  const pull = useMutation({ mutationFn: () => pullNow(connection.id), onSuccess: () => tell(t('connections.pulling', { name: connection.name })) })
  const pause = useMutation({ mutationFn: (reason: string) => pauseConnection(connection.id, reason), onSuccess: settle })
  const resume = useMutation({ mutationFn: () => resumeConnection(connection.id), onSuccess: settle })
  const paused = connection.state === 'paused'
  return (
    <div className="row g8 end">
      {pull.isError && (
        <span className="bad s12" role="alert">
          {pull.error.message}
        </span>
      )}
      {!paused && (
        <Button icon={<Icon name="download" />} loading={pull.isPending} onClick={() => pull.mutate()}>
          {t('connections.pull')}
        </Button>
      )}
      {paused ? (
        <Button type="primary" loading={resume.isPending} onClick={() => resume.mutate()}>
          {t('connections.resume')}
        </Button>
      ) : (
        <Button icon={<Icon name="paused" />} onClick={() => setAsking(true)}>
          {t('connections.pause')}
        </Button>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        reason
        busy={pause.isPending}
        error={pause.error}
        title={t('connections.pauseTitle', { name: connection.name })}
        action={t('connections.pause')}
        onConfirm={(reason) => pause.mutate(reason)}
      >
        {t('connections.pauseText')}
      </Confirm>
    </div>
  )
}

const Detail = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t, language } = useWords()
  const [search, setSearch] = useAddress()
  const channels = useChannels()
  const channel = channels.data?.find((one) => one.id === connection.channel)
  const tab: Tab = isTab(search['tab']) ? search['tab'] : 'status'
  return (
    <>
      <div className="ph">
        <Link to="/connections" className="icb" aria-label={t('common.back')}>
          <Icon name="left" />
        </Link>
        <Tile title={connection.name} />
        <h1>{connection.name}</h1>
        {connection.sandbox && <StatusTag kind="sandbox" />}
        <span className="t3">{channel === undefined ? connection.channel : language === 'en' ? channel.title.en : channel.title.zh}</span>
        <RunButtons connection={connection} />
      </div>
      <div className="tabs" role="tablist" style={{ marginBottom: 12 }}>
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={tab === one}
            aria-controls="tab-panel"
            onClick={() => setSearch({ tab: one === 'status' ? undefined : one, job: undefined })}
          >
            {t(tabWords[one])}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${tab}`}>
        {tab === 'status' && <StatusTab connection={connection} />}
        {tab === 'outbound' && <ArmTab connection={connection} />}
        {tab === 'backfill' && <BackfillTab connection={connection} />}
        {tab === 'settings' &&
          (channel === undefined ? (
            channels.data === undefined ? (
              <Skeleton />
            ) : (
              <State icon="plug" title={t('connections.unknownChannel', { channel: connection.channel })} />
            )
          ) : (
            <SettingsTab key={connection.id} connection={connection} channel={channel} />
          ))}
      </div>
    </>
  )
}

const ConnectionDetailPage = (): ReactElement => {
  const { t } = useWords()
  const { id = '' } = useParams({ strict: false })
  const connection = useConnection(id)
  if (connection.data !== undefined) return <Detail connection={connection.data} />
  return connection.isError ? (
    <Failed error={connection.error} what={t('nav.connections')} retry={() => void connection.refetch()} />
  ) : (
    <Skeleton rows={6} />
  )
}

export default ConnectionDetailPage
