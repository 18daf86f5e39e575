import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { releaseHold } from '../../api/orders.ts'
import type { Order, OrderHold } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useHoldText } from '../../ui/said.ts'
import { tell } from '../../ui/undo.tsx'
import { Substitutes } from './substitutes.tsx'

/** Every call about one order changes what several queries show. */
export const useOrderRefresh = (): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/orders') })
}

const HoldRow = ({ order, hold }: { readonly order: Order; readonly hold: OrderHold }): ReactElement => {
  const { t, label } = useWords()
  const textOf = useHoldText()
  const refresh = useOrderRefresh()
  const [asking, setAsking] = useState(false)
  const release = useMutation({
    mutationFn: (reason: string) => releaseHold(order.id, hold.id, reason),
    onSuccess: async () => {
      setAsking(false)
      await refresh()
      tell(t('order.released'))
    },
  })
  return (
    <div className="note warn top-aligned">
      <Icon name="held" />
      <div className="col g4 grow">
        <b>{label('hold', hold.code)}</b>
        <span className="break">{textOf(hold)}</span>
        {hold.code === 'stock-short' && <Substitutes order={order.id} />}
        <div className="row g8 wrap">
          {hold.code === 'sku-unbound' && (
            <Link to="/listings" search={{ connection: order.connection_id, bound: 'unbound' }}>
              {t('order.fixBinding')}
            </Link>
          )}
          <Button size="small" onClick={() => setAsking(true)}>
            {t('order.release')}
          </Button>
        </div>
      </div>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        reason
        busy={release.isPending}
        error={release.error}
        title={t('order.releaseTitle')}
        action={t('order.release')}
        onConfirm={(reason) => release.mutate(reason)}
      >
        {t('order.releaseText', { hold: label('hold', hold.code) })}
      </Confirm>
    </div>
  )
}

/** Open holds with their reason and the way out of each. */
export const HoldList = ({ order }: { readonly order: Order }): ReactElement => (
  <>
    {order.holds_detail
      .filter((hold) => hold.released_at === null && hold.code !== 'cancel-requested')
      .map((hold) => (
        <HoldRow key={hold.id} order={order} hold={hold} />
      ))}
  </>
)
