import { useMutation } from '@tanstack/react-query'
import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { holdOrder, reEmitOrder, refetchOrder } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'
import { useOrderRefresh } from './holds.tsx'
import { RestockDialog, gone } from './restock.tsx'
import { ShipDialog, left } from './ship.tsx'

/** Everything that can be done with one order besides replaying it. */
export const OrderActions = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const refresh = useOrderRefresh()
  const [holding, setHolding] = useState(false)
  const [shipping, setShipping] = useState(false)
  const [collecting, setCollecting] = useState(false)
  const [restocking, setRestocking] = useState(false)
  const isPickup = order.doc['type'] === 'pickup'
  const said = (word: string) => async (): Promise<void> => {
    await refresh()
    tell(t(word))
  }
  const hold = useMutation({
    mutationFn: (reason: string) => holdOrder(order.id, reason),
    onSuccess: async () => {
      setHolding(false)
      await said('order.heldNow')()
    },
  })
  const refetch = useMutation({ mutationFn: () => refetchOrder(order.id), onSuccess: said('order.refetched') })
  const emit = useMutation({ mutationFn: () => reEmitOrder(order.id), onSuccess: said('order.reEmitted') })
  const error = refetch.error ?? emit.error
  return (
    <>
      {error !== null && (
        <span className="bad s12" role="alert">
          {error.message}
        </span>
      )}
      {order.lines.some((line) => left(line) > 0) && (
        <>
          {isPickup && (
            <Button type={order.cancelled ? 'default' : 'primary'} icon={<Icon name="check" />} onClick={() => setCollecting(true)}>
              {t('ship.openCollected')}
            </Button>
          )}
          <Button type={order.cancelled || isPickup ? 'default' : 'primary'} icon={<Icon name="truck" />} onClick={() => setShipping(true)}>
            {t('ship.open')}
          </Button>
        </>
      )}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'refetch', label: t('orders.refetch'), onClick: () => refetch.mutate() },
            { key: 'emit', label: t('order.reEmit'), onClick: () => emit.mutate() },
            { key: 'hold', label: t('order.hold'), onClick: () => setHolding(true) },
            ...(order.lines.some((line) => gone(order, line) > 0)
              ? [{ key: 'restock', label: t('restock.open'), onClick: () => setRestocking(true) }]
              : []),
          ],
        }}
      >
        <Button>
          {t('common.more')} <Icon name="down" small />
        </Button>
      </Dropdown>
      <Confirm
        open={holding}
        onClose={() => setHolding(false)}
        reason
        busy={hold.isPending}
        error={hold.error}
        title={t('order.holdTitle')}
        action={t('order.hold')}
        onConfirm={(reason) => hold.mutate(reason)}
      >
        {t('order.holdText')}
      </Confirm>
      {restocking && <RestockDialog order={order} onClose={() => setRestocking(false)} />}
      <ShipDialog order={order} collected={false} open={shipping} onClose={() => setShipping(false)} />
      <ShipDialog order={order} collected open={collecting} onClose={() => setCollecting(false)} />
    </>
  )
}
