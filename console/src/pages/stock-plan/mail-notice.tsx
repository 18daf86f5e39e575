import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import type { ReactElement } from 'react'
import { mailSupplyOrder, useMailAccounts } from '../../api/stock-plan.ts'
import type { SupplyOrder } from '../../api/stock-plan.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { useNow } from '../../ui/use-now.ts'

type Mail = NonNullable<SupplyOrder['mail']>
const looks: Readonly<Record<Mail['state'], StatusKind>> = { waiting: 'waiting', sending: 'progress', sent: 'ok', failed: 'failed' }

/** Tried once at least and not arrived: a person may have mended the cause, and need not wait. */
const waitsForAnotherTry = (mail: Mail, now: number): boolean => mail.state === 'waiting' && mail.attempts > 0 && Date.parse(mail.not_before) > now

/** How the newest mail goes, and what its server said where it did not arrive. */
const Outcome = ({ mail }: { readonly mail: Mail }): ReactElement => {
  const { t } = useWords()
  const later = waitsForAnotherTry(mail, useNow())
  return (
    <div className="col g4" role="status">
      <span className="row g4 s12 wrap">
        <Status kind={later ? 'attention' : looks[mail.state]}>
          {later ? t('plan.mailTried', { count: mail.attempts }) : t(`plan.mailState.${mail.state}`)}
        </Status>
        <span className="t3 break">{mail.recipient}</span>
        {mail.state === 'sent' && <Clock at={mail.sent_at} className="t3" />}
      </span>
      {mail.state !== 'sent' && mail.answer !== null && <span className="bad s12 break">{mail.answer}</span>}
      {later && (
        <span className="s12 t3">
          {t('plan.mailNext')} <Clock at={mail.not_before} />
        </span>
      )}
    </div>
  )
}

const wordsFor = (mail: Mail | null) => {
  if (mail === null) return 'plan.mail'
  if (mail.state === 'sent') return 'plan.mailAgain'
  return mail.state === 'failed' ? 'plan.mailRetry' : 'plan.mailNow'
}

/** Sends the notice by e-mail, and says how that went. Where several mail accounts can carry it, one is chosen. */
export const MailNotice = ({ order }: { readonly order: SupplyOrder }): ReactElement => {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const accounts = useMailAccounts().data?.items ?? []
  const { mail } = order
  const now = useNow()
  const underway = mail !== null && (mail.state === 'waiting' || mail.state === 'sending') && !waitsForAnotherTry(mail, now)
  const send = useMutation({
    mutationFn: (account: string | undefined) =>
      mailSupplyOrder(order.id, { ...(account !== undefined && { account_id: account }), language, again: mail?.state === 'sent' }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/supply-orders'] })
      tell(t('plan.mailQueued', { supplier: order.supplier }))
    },
  })
  const words = t(wordsFor(mail))
  const label = `${words}: ${order.ref}`
  return (
    <div className="col g4">
      {mail !== null && <Outcome mail={mail} />}
      {!underway && (
        <span className="row g8">
          {accounts.length > 1 ? (
            <Dropdown
              trigger={['click']}
              menu={{
                items: accounts.map(({ id, name, from }) => ({ key: id, label: `${name} (${from})` })),
                onClick: ({ key }) => send.mutate(key),
              }}
            >
              <Button size="small" loading={send.isPending} aria-label={label}>
                {words}
              </Button>
            </Dropdown>
          ) : (
            <Button size="small" loading={send.isPending} onClick={() => send.mutate(undefined)} aria-label={label}>
              {words}
            </Button>
          )}
        </span>
      )}
      {send.isError && (
        <span className="bad s12" role="alert">
          {send.error.message}
        </span>
      )}
    </div>
  )
}
