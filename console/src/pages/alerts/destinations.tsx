import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { removeDestination, testDestination, useDestinations } from '../../api/alerts.ts'
import type { Destination } from '../../api/alerts.ts'
import { useCanWrite } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { DestinationEditor } from './destination-editor.tsx'

const Row = ({ one, onEdit, onLeave }: { readonly one: Destination; readonly onEdit: () => void; readonly onLeave: () => void }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const mayWrite = useCanWrite()
  const test = useMutation({
    mutationFn: () => testDestination(one.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['/v1/alerts/destinations'] }),
  })
  return (
    <tr>
      <td>
        <div className="col">
          <span className="m5 break">{one.name}</span>
          <span className="s12 t3">{t(`alerts.kinds.${one.kind}`)}</span>
        </div>
      </td>
      <td>
        {!one.enabled ? (
          <Status kind="paused">{t('alerts.off')}</Status>
        ) : one.last_fault === null ? (
          <Status kind="ok">{t('alerts.works')}</Status>
        ) : (
          <Status kind="failed">{t('alerts.fails')}</Status>
        )}
        {one.last_fault !== null && (
          <div className="s12 t2 break">
            {one.last_fault} · <Ago at={one.last_fault_at} />
          </div>
        )}
      </td>
      <td className="nw">{one.quiet === null ? <span className="t3">—</span> : `${one.quiet.from}–${one.quiet.to}`}</td>
      <td className="nw">
        <Ago at={one.last_sent_at} className="t3" />
      </td>
      <td className="n">
        {mayWrite && (
          <div className="col g4" style={{ alignItems: 'flex-end' }}>
            <div className="row g6 nw">
              <Button size="small" loading={test.isPending} onClick={() => test.mutate()}>
                {t('alerts.test')}
              </Button>
              <Button size="small" onClick={onEdit}>
                {t('alerts.edit')}
              </Button>
              <Button size="small" danger onClick={onLeave}>
                {t('common.remove')}
              </Button>
            </div>
            <div role="status" className="s12 break" style={{ textAlign: 'right' }}>
              {test.data !== undefined && (
                <span className={test.data.ok ? 'ok' : 'bad'}>
                  {t(test.data.ok ? 'alerts.testSent' : 'alerts.testFailed')} “{test.data.answer}”
                </span>
              )}
              {test.isError && <span className="bad">{test.error.message}</span>}
            </div>
          </div>
        )}
      </td>
    </tr>
  )
}

/** Where alerts go. */
export const DestinationsTab = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const mayWrite = useCanWrite()
  const destinations = useDestinations()
  const items = destinations.data?.items ?? []
  const [editing, setEditing] = useState<Destination | 'new' | undefined>(undefined)
  const [leaving, setLeaving] = useState<Destination | undefined>(undefined)
  const drop = useMutation({
    mutationFn: (id: string) => removeDestination(id),
    onSuccess: async () => {
      setLeaving(undefined)
      await queries.invalidateQueries({ queryKey: ['/v1/alerts/destinations'] })
    },
  })
  const empty = (
    <State icon="send" title={t('alerts.noDestination')}>
      {t('alerts.noDestinationHint')}
    </State>
  )
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('alerts.destinations')}>
      <Loaded query={destinations} what={t('alerts.destinations')} count={items.length} height={48} empty={empty}>
        <table className="grid alert-table">
          <HeadRow words={['alerts.destinationName', 'connections.state', 'alerts.quietTitle', 'alerts.lastSent']} actions />
          <tbody>
            {items.map((one) => (
              <Row key={one.id} one={one} onEdit={() => setEditing(one)} onLeave={() => setLeaving(one)} />
            ))}
          </tbody>
        </table>
      </Loaded>
      {mayWrite && (
        <div className="card-foot">
          <Button onClick={() => setEditing('new')}>{t('alerts.addDestination')}</Button>
        </div>
      )}
      {editing !== undefined && <DestinationEditor one={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      <Confirm
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        danger
        busy={drop.isPending}
        error={drop.error}
        title={t('alerts.removeDestination', { name: leaving?.name ?? '' })}
        action={t('common.remove')}
        onConfirm={() => leaving !== undefined && drop.mutate(leaving.id)}
      >
        {t('alerts.removeDestinationText')}
      </Confirm>
    </section>
  )
}
