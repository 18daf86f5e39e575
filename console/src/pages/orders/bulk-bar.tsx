import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { refetchOrder } from '../../api/orders.ts'
import type { OrderSummary } from '../../api/orders.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'

interface BulkBarProps {
  readonly count: number
  readonly orders: readonly OrderSummary[]
  readonly onReplay: () => void
  /** Everything the filters match, chosen or not; absent where that is no more than what is chosen. */
  readonly matches?: { readonly count: number; readonly href: string; readonly replay: () => void } | undefined
  readonly onClear: () => void
}

/** What can be done with the chosen rows. */
export const BulkBar = ({ count, orders, onReplay, matches, onClear }: BulkBarProps): ReactElement => {
  const { t } = useWords()
  const [all, setAll] = useState(false)
  const refetch = useMutation({
    mutationFn: async () => {
      for (const order of orders) await refetchOrder(order.id)
    },
    onSuccess: () => tell(t('orders.refetched', { count })),
  })
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(orders.map((order) => order.channel_order_no).join('\n'))
    tell(t('orders.copiedIds', { count }))
  }
  return (
    <div className="bulk" role="toolbar" aria-label={t('orders.bulk')}>
      <span className="m5">
        {matches !== undefined && all
          ? t('orders.allSelected', { count: matches.count, n: formatCount(matches.count) })
          : t('orders.selected', { count })}
      </span>
      {matches !== undefined && (
        <button type="button" className="linkish" onClick={() => setAll(!all)}>
          {all ? t('orders.onlyShown', { count }) : t('orders.selectAll', { count: matches.count, n: formatCount(matches.count) })}
        </button>
      )}
      <Button size="small" icon={<Icon name="replay" />} onClick={matches !== undefined && all ? matches.replay : onReplay}>
        {t('orders.replay')}
      </Button>
      {matches !== undefined && all ? (
        <Button size="small" icon={<Icon name="download" />} href={matches.href} download>
          {t('orders.export')}
        </Button>
      ) : (
        <>
          <Button size="small" icon={<Icon name="download" />} loading={refetch.isPending} onClick={() => refetch.mutate()}>
            {t('orders.refetch')}
          </Button>
          <Button size="small" icon={<Icon name="copy" />} onClick={() => void copy()}>
            {t('orders.copyIds')}
          </Button>
        </>
      )}
      {refetch.isError && (
        <span className="bad s12" role="alert">
          {refetch.error.message}
        </span>
      )}
      <button type="button" className="linkish t2 end row g6" onClick={onClear}>
        {t('orders.unselect')} <kbd className="kbd">Esc</kbd>
      </button>
    </div>
  )
}
