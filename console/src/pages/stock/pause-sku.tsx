import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { pauseSku, resumeSku } from '../../api/stock.ts'
import type { StockRow } from '../../api/stock.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'

const mostLetters = 300

/** Stops telling levels of one SKU to every channel, or goes on with it; both with a reason. */
export const PauseSku = ({ row }: { readonly row: StockRow }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const isPaused = row.paused !== null && row.paused !== undefined
  const save = useMutation({
    mutationFn: () => (isPaused ? resumeSku(row.sku, reason.trim()) : pauseSku(row.sku, reason.trim())),
    onSuccess: async () => {
      await queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/stock') })
      tell(t(isPaused ? 'stock.skuResumed' : 'stock.skuPaused', { sku: row.sku }))
      setReason('')
    },
  })
  const ready = reason.trim() !== ''
  return (
    <div className="sect col g8">
      {isPaused && (
        <div className="note warn">
          {t('stock.pausedBy', { by: row.paused?.by ?? '', reason: row.paused?.reason ?? '' })} <Clock at={row.paused?.at ?? null} className="t3" />
        </div>
      )}
      <div className="row g8">
        <Input
          aria-label={t('stock.pauseReason')}
          placeholder={t('stock.pauseReason')}
          maxLength={mostLetters}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button
          size="middle"
          loading={save.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t('stock.pauseNeedsReason')}
          onClick={() => {
            if (ready) save.mutate()
          }}
        >
          {t(isPaused ? 'stock.resumeSku' : 'stock.pauseSku')}
        </Button>
      </div>
      {save.isError && (
        <span className="bad s12" role="alert">
          {save.error.message}
        </span>
      )}
    </div>
  )
}
