import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { putAside, setSafety } from '../../api/stock-takes.ts'
import type { StockRow } from '../../api/stock.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { tell } from '../../ui/undo.tsx'

/** What is kept back of an item at a place: always (safety), or because something is wrong with it (put aside). */
export const Kept = ({ row }: { readonly row: StockRow }): ReactElement | null => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const [place, setPlace] = useState<string | undefined>(undefined)
  const [safety, setSafetyText] = useState<number | null>(null)
  const [aside, setAside] = useState<number | null>(null)
  const [reason, setReason] = useState('')
  const [location] = place === undefined ? row.locations : row.locations.filter((one) => one.location === place)
  const where = location?.location ?? 'main'
  const done = async (answer: { readonly items: readonly { readonly result: string }[] }, said: string): Promise<void> => {
    const result = answer.items[0]?.result ?? 'set'
    if (!['set', 'unchanged', 'moved'].includes(result)) throw new Error(label('takeResult', result))
    await queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/stock') })
    tell(said)
    setSafetyText(null)
    setAside(null)
    setReason('')
  }
  const keep = useMutation({
    mutationFn: async () =>
      done(await setSafety(row.sku, where, String(safety ?? 0)), t('kept.safetySet', { sku: row.sku, value: formatCount(safety) })),
  })
  const put = useMutation({
    mutationFn: async () =>
      done(
        await putAside(row.sku, where, String(aside ?? 0), reason.trim(), `console/${Date.now().toString(36)}`),
        t((aside ?? 0) > 0 ? 'kept.put' : 'kept.back', { sku: row.sku, value: formatCount(Math.abs(aside ?? 0)) }),
      ),
  })
  const isReady = { keep: safety !== null && safety !== Number(location?.safety ?? 0), put: aside !== null && aside !== 0 && reason.trim() !== '' }
  const error = keep.error ?? put.error
  if (row.parts.length > 0) return null
  return (
    <div className="sect col g8">
      <h3>{t('kept.title')}</h3>
      {row.locations.length > 1 && (
        <Select
          aria-label={t('places.name')}
          value={where}
          onChange={setPlace}
          options={row.locations.map((one) => ({ value: one.location ?? '', label: one.name ?? one.location ?? '' }))}
        />
      )}
      <div className="row g8 wrap">
        <span style={{ width: 104 }}>{t('kept.safety', { value: formatCount(location?.safety ?? '0') })}</span>
        <InputNumber
          min={0}
          aria-label={t('kept.safetyNew')}
          placeholder={t('kept.safetyNew')}
          value={safety}
          onChange={setSafetyText}
          style={{ width: 96 }}
        />
        <Button
          size="middle"
          loading={keep.isPending}
          aria-disabled={!isReady.keep}
          onClick={() => {
            if (isReady.keep) keep.mutate()
          }}
        >
          {t('kept.set')}
        </Button>
      </div>
      <div className="row g8 wrap">
        <span style={{ width: 104 }}>{t('kept.held', { value: formatCount(location?.held ?? '0') })}</span>
        <InputNumber aria-label={t('kept.delta')} placeholder={t('kept.delta')} value={aside} onChange={setAside} style={{ width: 96 }} />
        <Input
          aria-label={t('kept.reason')}
          placeholder={t('kept.reason')}
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          style={{ width: 120 }}
        />
        <Button
          size="middle"
          loading={put.isPending}
          aria-disabled={!isReady.put}
          title={isReady.put ? undefined : t('kept.needs')}
          onClick={() => {
            if (isReady.put) put.mutate()
          }}
        >
          {t((aside ?? 1) < 0 ? 'kept.bringBack' : 'kept.putAside')}
        </Button>
      </div>
      {error !== null && (
        <span className="bad s12" role="alert">
          {error.message}
        </span>
      )}
    </div>
  )
}
