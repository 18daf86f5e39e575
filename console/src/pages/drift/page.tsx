import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { acknowledgeDrift, useDrift } from '../../api/drift.ts'
import type { DriftNotice } from '../../api/drift.ts'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatClock } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'

const COLUMNS = ['drift.column.what', 'common.connection', 'drift.column.place', 'drift.column.seen', 'drift.column.samples', 'drift.column.state']
/** Notices one call takes. */
const MOST = 500

const Samples = ({ samples }: Pick<DriftNotice, 'samples'>): ReactElement => (
  <div className="col s12">
    {samples.slice(0, 3).map(({ entity, order_id }) => {
      const number = entity.slice(entity.indexOf('/') + 1)
      return order_id === null ? (
        <span key={entity} className="t2 break">
          {number}
        </span>
      ) : (
        <Link key={entity} to="/orders/$id" params={{ id: order_id }} className="break">
          {number}
        </Link>
      )
    })}
  </div>
)

const NoticeRow = ({
  notice,
  connection,
  onAcknowledge,
}: {
  readonly notice: DriftNotice
  readonly connection: string
  readonly onAcknowledge: (() => void) | undefined
}): ReactElement => {
  const { t, label } = useWords()
  const detail =
    notice.what === 'value'
      ? notice.detail
      : notice.detail
          .split(', ')
          .map((type) => label('driftType', type))
          .join(', ')
  return (
    <tr>
      <td>
        <div className="col">
          <span className="m5 nw">{t(`drift.what.${notice.what}`)}</span>
          <span className="s12 t2 break">{detail}</span>
        </div>
      </td>
      <td>
        <span className="row g8">
          <Tile title={connection} small />
          <span className="el">{connection}</span>
        </span>
      </td>
      <td>
        <div className="col">
          <span className="mono break">{notice.path}</span>
          <span className="s12 t3">{label('driftKind', notice.kind)}</span>
        </div>
      </td>
      <td>
        <div className="col s12">
          <span>{t('drift.count', { count: notice.count })}</span>
          <span className="t3">
            {t('drift.since', { first: formatClock(notice.first_at, Date.now()), last: formatClock(notice.last_at, Date.now()) })}
          </span>
          {notice.failing && <span className="bad">{t('drift.failing')}</span>}
        </div>
      </td>
      <td>
        <Samples samples={notice.samples} />
      </td>
      <td>
        {notice.state === 'acknowledged' ? (
          <div className="col s12">
            <Status kind="ok">{t('drift.view.acknowledged')}</Status>
            <span className="t3">{t('drift.by', { name: notice.closed_by ?? '—' })}</span>
            {notice.note !== null && <span className="t2 break">{notice.note}</span>}
          </div>
        ) : onAcknowledge === undefined ? (
          <Status kind="attention">{t('drift.view.open')}</Status>
        ) : (
          <Button size="small" onClick={onAcknowledge}>
            {t('drift.acknowledge')}
          </Button>
        )}
      </td>
    </tr>
  )
}

const Nothing = (): ReactElement => {
  const { t } = useWords()
  return (
    <State icon="check" title={t('drift.none')}>
      {t('drift.noneHint')}
    </State>
  )
}

const DriftPage = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [search, setSearch] = useAddress()
  const [asked, setAsked] = useState<readonly string[]>([])
  const connections = useConnections(30_000)
  const mayChange = useScope('replay')
  const view = search['view'] === 'acknowledged' || search['view'] === 'all' ? search['view'] : 'open'
  const { items, query } = useDrift({ connection: search['connection'], state: view === 'all' ? undefined : view })
  const open = items.filter((notice) => notice.state === 'open').slice(0, MOST)
  const close = useMutation({
    mutationFn: (note: string) => acknowledgeDrift(asked, note),
    onSuccess: async () => {
      setAsked([])
      await queries.invalidateQueries({ predicate: (one) => /^\/v1\/(drift|connections)/.test(String(one.queryKey[0])) })
    },
  })
  return (
    <>
      <div className="ph">
        <h1>{t('drift.title')}</h1>
        <div className="seg">
          {(['open', 'acknowledged', 'all'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={view === one} onClick={() => setSearch({ view: one === 'open' ? undefined : one })}>
              {t(`drift.view.${one}`)}
            </button>
          ))}
        </div>
      </div>
      <p className="t2" style={{ marginBottom: 12, maxWidth: 720 }}>
        {t('drift.intro')}
      </p>
      <div className="row g8 wrap" style={{ marginBottom: 12 }}>
        <ConnectionSelect />
        {mayChange && open.length > 1 && (
          <span className="end">
            <Button onClick={() => setAsked(open.map(({ id }) => id))}>{t('drift.acknowledgeAll', { count: open.length })}</Button>
          </span>
        )}
      </div>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('drift.title')}>
        <Loaded query={query} what={t('drift.title')} count={items.length} height={56} empty={<Nothing />}>
          <table className="grid drift-table" style={{ minWidth: 960 }}>
            <HeadRow words={COLUMNS} />
            <tbody>
              {items.map((notice) => (
                <NoticeRow
                  key={notice.id}
                  notice={notice}
                  connection={connections.data?.items.find((one) => one.id === notice.connection_id)?.name ?? notice.connection_id}
                  onAcknowledge={mayChange ? () => setAsked([notice.id]) : undefined}
                />
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
      <Confirm
        open={asked.length > 0}
        title={t('drift.confirmTitle', { count: asked.length })}
        action={t('drift.acknowledge')}
        reason
        busy={close.isPending}
        error={close.error}
        onConfirm={(note) => close.mutate(note)}
        onClose={() => setAsked([])}
      >
        {t('drift.confirmText')}
      </Confirm>
    </>
  )
}

export default DriftPage
