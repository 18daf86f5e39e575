import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import type { ReactElement } from 'react'
import { mailSupplyOrder, useMailAccounts } from '../../api/stock-plan.ts'
import type { SupplyOrder } from '../../api/stock-plan.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'

type Mail = NonNullable<SupplyOrder['mail']>
const looks: Readonly<Record<Mail['state'], StatusKind>> = { waiting: 'waiting', sending: 'progress', sent: 'ok', failed: 'failed' }

/** Sends the notice by e-mail, and says how that went. Where several mail accounts can carry it, one is chosen. */
export const MailNotice = ({ order }: { readonly order: SupplyOrder }): ReactElement => {
  const { t, language } = useWords()
  const queries = useQueryClient()
  const accounts = useMailAccounts().data?.items ?? []
  const { mail } = order
  const underway = mail !== null && (mail.state === 'waiting' || mail.state === 'sending')
  const send = useMutation({
    mutationFn: (account: string | undefined) =>
      mailSupplyOrder(order.id, { ...(account !== undefined && { account_id: account }), language, again: mail?.state === 'sent' }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/supply-orders'] })
      tell(t('plan.mailQueued', { supplier: order.supplier }))
    },
  })
  const words = t(mail?.state === 'sent' ? 'plan.mailAgain' : 'plan.mail')
  const label = `${words}: ${order.ref}`
  return (
    <div className="col g4">
      {mail !== null && (
        <span className="row g4 s12 wrap">
          <Status kind={looks[mail.state]}>{t(`plan.mailState.${mail.state}`)}</Status>
          <span className="t3 break">{mail.recipient}</span>
        </span>
      )}
      {mail !== null && mail.state !== 'sent' && mail.answer !== null && <span className="bad s12 break">{mail.answer}</span>}
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
