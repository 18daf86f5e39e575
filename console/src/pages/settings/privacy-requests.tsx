import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { confirmRequest, dismissRequest, exportPerson, ordersOfRequest, usePrivacyRequests } from '../../api/people.ts'
import type { PrivacyRequest } from '../../api/people.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { savePerson } from './save-person.ts'

const looks: Readonly<Record<PrivacyRequest['state'], StatusKind>> = { open: 'attention', confirmed: 'progress', done: 'ok', dismissed: 'cancelled' }

/** Saves what is held of the orders a request names. */
async function handOut(request: PrivacyRequest): Promise<void> {
  const { orders } = await ordersOfRequest(request.id)
  const found = orders.length === 0 ? { orders: [] } : await exportPerson({ order_ids: orders.map((one) => one.order_id), reference: request.case })
  savePerson(found, request.case)
}

const Decide = ({ request }: { readonly request: PrivacyRequest }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [asking, setAsking] = useState<'confirm' | 'dismiss'>()
  const save = useMutation({ mutationFn: () => handOut(request) })
  const decide = useMutation({
    mutationFn: async (reason: string) => {
      await (asking === 'dismiss' ? dismissRequest(request.id, reason) : confirmRequest(request.id))
    },
    onSuccess: async () => {
      setAsking(undefined)
      await queries.invalidateQueries({ queryKey: ['/v1/privacy/requests'] })
      tell(t('privacyRequest.decided'))
    },
  })
  const words = asking === undefined ? '' : t(asking === 'dismiss' ? 'privacyRequest.dismiss' : `privacyRequest.act.${request.ask}`)
  return (
    <div className="row g8">
      {request.ask === 'export' && (
        <Button size="small" loading={save.isPending} onClick={() => save.mutate()} aria-label={`${t('privacy.hand')}: ${request.case}`}>
          {t('privacy.hand')}
        </Button>
      )}
      <Button
        size="small"
        danger={request.ask !== 'export'}
        onClick={() => setAsking('confirm')}
        aria-label={`${t(`privacyRequest.act.${request.ask}`)}: ${request.case}`}
      >
        {t(`privacyRequest.act.${request.ask}`)}
      </Button>
      <Button size="small" onClick={() => setAsking('dismiss')} aria-label={`${t('privacyRequest.dismiss')}: ${request.case}`}>
        {t('privacyRequest.dismiss')}
      </Button>
      {save.isError && (
        <span className="bad s12" role="alert">
          {save.error.message}
        </span>
      )}
      <Confirm
        open={asking !== undefined}
        danger={asking === 'confirm' && request.ask !== 'export'}
        reason={asking === 'dismiss'}
        busy={decide.isPending}
        error={decide.error}
        title={words}
        action={words}
        onClose={() => setAsking(undefined)}
        onConfirm={(reason) => decide.mutate(reason)}
      >
        {t(asking === 'dismiss' ? 'privacyRequest.dismissText' : `privacyRequest.actText.${request.ask}`, { connection: request.connection })}
      </Confirm>
    </div>
  )
}

/** What channels ask of their buyers' data: nothing is erased before a person says so, or the connection's time for it is over. */
export const PrivacyRequests = (): ReactElement | null => {
  const { t } = useWords()
  const { data } = usePrivacyRequests()
  const items = data?.items ?? []
  if (items.length === 0) return null
  return (
    <section className="card" style={{ overflowX: 'auto' }} role="region" tabIndex={0} aria-label={t('privacyRequest.title')}>
      <div className="sect col g4">
        <h2>{t('privacyRequest.title')}</h2>
        <p className="t2">{t('privacyRequest.text')}</p>
      </div>
      <table className="grid">
        <HeadRow words={['privacyRequest.asks', 'common.connection', 'privacyRequest.due', 'connections.state']} actions />
        <tbody>
          {items.map((request) => (
            <tr key={request.id}>
              <td>
                <div className="m5">{t(`privacyRequest.ask.${request.ask}`)}</div>
                <div className="s12 t3">{request.reference ?? request.case}</div>
              </td>
              <td>{request.connection}</td>
              <td className="nw">
                <Clock at={request.due_at} />
              </td>
              <td>
                <Status kind={looks[request.state]}>{t(`privacyRequest.state.${request.state}`, { count: request.erased })}</Status>
                {request.reason !== null && <div className="s12 t3 break">{request.reason}</div>}
              </td>
              <td>{request.state === 'open' && <Decide request={request} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
