import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input, Select } from 'antd'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useFailure } from '../../../api/failures.ts'
import { addValue, useSample } from '../../../api/fixes.ts'
import { startReplay } from '../../../api/jobs.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { Skeleton } from '../../../ui/state.tsx'
import { tell } from '../../../ui/undo.tsx'
import { leafAt, leavesOf } from './document-leaves.ts'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'
import { Reason } from './reason.tsx'
import { TotalsTable } from './totals-table.tsx'

const sums: readonly string[] = ['totals-mismatch', 'payment-mismatch', 'discount-mismatch']
const hidden = '***'

/**
 * A document the hub cannot take as it is, beside what it made of it. One value of one document can be read as another, with a reason;
 * the document stays as it came.
 */
export const ValueFix = ({ group, onReplay }: FixProps): ReactElement | null => {
  const { t } = useWords()
  const fixed = useFixed()
  const detail = useFailure(group.id)
  const items = detail.data?.items?.filter((item) => item.resolved_at === null || item.resolved_at === undefined) ?? []
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const item = items.find((one) => one.id === chosen) ?? items[0]
  const sample = useSample(group.id, item?.id, item !== undefined)
  const leaves = useMemo(() => leavesOf(sample.data?.text ?? ''), [sample.data])
  const [pointer, setPointer] = useState<string | undefined>(undefined)
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const leaf = leaves.find((one) => one.pointer === pointer) ?? leafAt(leaves, sample.data?.pointer ?? null)
  const ready = leaf !== undefined && leaf.value !== hidden && to !== leaf.value && reason.trim() !== ''
  const save = useMutation({
    mutationFn: async () => {
      if (sample.data === undefined || leaf === undefined) throw new Error(t('fixes.chooseValue'))
      await addValue({
        connection: sample.data.connection_id,
        entity: sample.data.entity,
        field: leaf.pointer,
        to,
        reason: reason.trim(),
        group: group.id,
      })
      onReplay((await startReplay({ group: group.id }, false)).id)
    },
    onSuccess: async () => {
      setPointer(undefined)
      setTo('')
      setReason('')
      await fixed()
      tell(t('fixes.valueSaved'))
    },
  })
  if (item === undefined) return null
  const name = (one: typeof item): string => one.channel_order_no ?? one.subject_id?.split('/').at(-1) ?? one.id ?? ''
  return (
    <section className="sect col g12">
      <h2>{t(sums.includes(group.code) ? 'fixes.compare' : 'fixes.document')}</h2>
      <div className="row g8 wrap">
        <Select
          size="small"
          aria-label={t('fixes.which')}
          value={item.id ?? null}
          onChange={(id: string) => {
            setChosen(id)
            setPointer(undefined)
          }}
          style={{ minWidth: 180 }}
          options={items.map((one) => ({ value: one.id ?? '', label: name(one) }))}
        />
        {item.order_id !== null && item.order_id !== undefined && (
          <Link to="/orders/$id" params={{ id: item.order_id }} className="s12">
            {t('fixes.sideBySide')}
          </Link>
        )}
      </div>
      {sums.includes(group.code) && item.order_id !== null && item.order_id !== undefined && <TotalsTable orderId={item.order_id} />}
      {sample.isPending ? (
        <Skeleton rows={2} />
      ) : leaves.length === 0 ? (
        <p className="t2">{t('fixes.noDocument')}</p>
      ) : (
        <>
          <p className="t2 s12">{t('fixes.valueText')}</p>
          <div className="bind">
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              className="mono"
              aria-label={t('fixes.chooseValue')}
              placeholder={t('fixes.chooseValue')}
              value={leaf?.pointer ?? null}
              onChange={(next: string) => {
                setPointer(next)
                setTo(leaves.find((one) => one.pointer === next)?.value ?? '')
              }}
              options={leaves.map((one) => ({
                value: one.pointer,
                disabled: one.value === hidden,
                label: `${one.pointer} = ${one.value.slice(0, 60)}`,
              }))}
            />
            <Icon name="arrow" tone="mute" />
            <Input
              value={to}
              maxLength={200}
              aria-label={t('fixes.readAs')}
              placeholder={t('fixes.readAs')}
              onChange={(event) => setTo(event.target.value)}
            />
          </div>
          <Reason value={reason} onChange={setReason} placeholder={t('common.reasonPlaceholder')} />
          {save.isError && (
            <div className="note bad" role="alert">
              {save.error.message}
            </div>
          )}
          <div>
            <Button
              type={group.code.startsWith('mapping-') ? 'default' : 'primary'}
              className="fix-go"
              icon={<Icon name="replay" />}
              loading={save.isPending}
              aria-disabled={!ready}
              title={ready ? undefined : t('fixes.valueNeeds')}
              onClick={() => ready && save.mutate()}
            >
              {t('fixes.valueAndReplay')}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}
