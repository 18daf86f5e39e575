import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { decideCancel } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'
import { useOrderRefresh } from './holds.tsx'

type Decision = 'accept' | 'reject'

/** The buyer wants out before shipping: the order waits, and what we decide goes back to the channel. */
export const CancelRequest = ({ order }: { readonly order: Order }): ReactElement | null => {
  const { t } = useWords()
  const refresh = useOrderRefresh()
  const [decision, setDecision] = useState<Decision | undefined>(undefined)
  const decide = useMutation({
    mutationFn: (reason: string) => decideCancel(order.id, decision ?? 'reject', reason),
    onSuccess: async () => {
      setDecision(undefined)
      await refresh()
      tell(t('order.decided'))
    },
  })
  if (!order.cancel_requested || order.cancelled) return null
  return (
    <div className="note bad top-aligned">
      <Icon name="cancelled" />
      <div className="col g8 grow">
        <div>
          <b>{t('order.cancelRequested')}</b>
          <div>{t('order.cancelText')}</div>
        </div>
        <div className="row g8">
          <Button size="small" danger onClick={() => setDecision('accept')}>
            {t('order.acceptCancel')}
          </Button>
          <Button size="small" onClick={() => setDecision('reject')}>
            {t('order.rejectCancel')}
          </Button>
        </div>
      </div>
      <Confirm
        open={decision !== undefined}
        onClose={() => setDecision(undefined)}
        reason
        danger={decision === 'accept'}
        busy={decide.isPending}
        error={decide.error}
        title={t(decision === 'accept' ? 'order.acceptTitle' : 'order.rejectTitle')}
        action={t(decision === 'accept' ? 'order.acceptCancel' : 'order.rejectCancel')}
        onConfirm={(reason) => decide.mutate(reason)}
      >
        {t(decision === 'accept' ? 'order.acceptText' : 'order.rejectText')}
      </Confirm>
    </div>
  )
}
