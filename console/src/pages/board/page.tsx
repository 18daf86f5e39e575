import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useBoard } from '../../api/board.ts'
import type { Board } from '../../api/board.ts'
import { useCanWrite, useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatClock } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { useNow } from '../../ui/use-now.ts'
import './board.css'
import { ConnectionTable } from './connection-table.tsx'
import { Deadlines } from './deadlines.tsx'
import { Figures } from './figures.tsx'
import { StageCards } from './stage-cards.tsx'
import { together } from './stages.ts'

const staleAfter = 12_000

/** Whether what is shown is of now. */
const Pulse = ({ heardAt }: { readonly heardAt: number | undefined }): ReactElement | null => {
  const { t } = useWords()
  const now = useNow()
  if (heardAt === undefined) return null
  const at = new Date(heardAt).toISOString()
  return now - heardAt > staleAfter ? (
    <Status kind="late">
      {t('board.stale')} <Clock at={at} />
    </Status>
  ) : (
    <Status kind="running">
      {t('board.live')} <Clock at={at} />
    </Status>
  )
}

/** Channels ask about personal data and nobody has decided: late once the day has come. */
const PrivacyWaits = ({ privacy }: { readonly privacy: Board['privacy'] }): ReactElement => {
  const { t } = useWords()
  const mayDecide = useScope('privacy')
  const now = useNow()
  const due = privacy.due_at ?? new Date(now).toISOString()
  const text = t(Date.parse(due) <= now ? 'board.privacyOver' : 'board.privacy', { count: privacy.waiting, day: formatClock(due, now) })
  return (
    <Status kind={Date.parse(due) <= now ? 'late' : 'attention'}>
      {mayDecide ? (
        <Link to="/settings" search={{ tab: 'privacy' }}>
          {text}
        </Link>
      ) : (
        text
      )}
    </Status>
  )
}

const BoardPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [editing, setEditing] = useState(false)
  const mayWrite = useCanWrite()
  const { board, heardAt, failed } = useBoard()
  const wall = search['wall'] === '1'
  const wanted = search['connection'] ?? ''
  const connections = (board?.connections ?? []).filter(({ id }) => wanted === '' || id === wanted)
  const nodes = (board?.nodes ?? []).filter(({ connection_id: id }) => wanted === '' || id === wanted)
  const only = wanted === '' ? undefined : connections[0]
  return (
    <div className={`board${wall ? ' wall' : ''}`}>
      <div className="ph">
        <h1>{t('board.title')}</h1>
        <Pulse heardAt={heardAt} />
        {board?.outbound_stopped === true && <Status kind="stopped" />}
        {board !== undefined && board.shortages > 0 && <Status kind="oversell">{t('board.shortages', { value: board.shortages })}</Status>}
        {board !== undefined && board.privacy.waiting > 0 && <PrivacyWaits privacy={board.privacy} />}
        <div className="row g8 end wrap">
          {!wall && <ConnectionSelect />}
          {!wall && mayWrite && <Button onClick={() => setEditing(true)}>{t('board.deadlines')}</Button>}
          <Button aria-pressed={wall} onClick={() => setSearch({ wall: wall ? undefined : '1' })}>
            {t(wall ? 'board.leaveWall' : 'board.wall')}
          </Button>
        </div>
      </div>
      {board === undefined ? (
        failed ? (
          <Failed error={new Error(t('board.unheard'))} what={t('board.title')} retry={() => globalThis.location.reload()} />
        ) : (
          <Skeleton rows={6} height={64} />
        )
      ) : (
        <>
          <Figures board={board} connections={connections} overdue={together(nodes).overdue} />
          {board.nodes_at === null ? (
            <div className="note warn" role="status">
              {t('board.notCounted')}
            </div>
          ) : (
            <StageCards nodes={nodes} />
          )}
          <ConnectionTable connections={connections} nodes={nodes} />
          <p className="s12 t3">
            {t('board.asOf')} <Clock at={board.nodes_at} />
          </p>
        </>
      )}
      {editing && <Deadlines connection={only} onClose={() => setEditing(false)} />}
    </div>
  )
}

export default BoardPage
