import { InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { setSubstitutes, setSupply, useSubstitutes, useSuppliers } from '../../api/stock-plan.ts'
import type { PlanRow } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { Dialog, Field } from '../stock-places/dialog.tsx'

interface BuyingProps {
  readonly row: PlanRow
  readonly onClose: () => void
}

/** How an item is bought, and what can be sold instead of it. */
export const BuyingDialog = ({ row, onClose }: BuyingProps): ReactElement => {
  const { t, label } = useWords()
  const suppliers = useSuppliers()
  const known = useSubstitutes(row.sku)
  const [supplier, setSupplier] = useState(row.supplier_id)
  const [lead, setLead] = useState<number | null>(row.lead_days)
  const [target, setTarget] = useState<number | null>(row.target_days)
  const [pack, setPack] = useState<number | null>(Number(row.pack))
  const [least, setLeast] = useState<number | null>(Number(row.min_order))
  const [chosen, setChosen] = useState<readonly string[] | undefined>(undefined)
  const substitutes = chosen ?? known.data?.items.map((one) => one.substitute) ?? []
  const text = (value: number | null): string | null => (value === null ? null : String(value))
  const save = async (): Promise<void> => {
    // What was not touched stays what the supplier or the hub says.
    const answer = await setSupply({
      sku: row.sku,
      supplier_id: supplier,
      ...(lead !== row.lead_days && { lead_days: lead }),
      ...(target !== row.target_days && { target_days: target }),
      ...(pack !== Number(row.pack) && { pack: text(pack) }),
      ...(least !== Number(row.min_order) && { min_order: text(least) }),
    })
    const result = answer.items[0]?.result ?? 'set'
    if (result !== 'set' && result !== 'unchanged') throw new Error(label('arrivalRefusal', result))
    if (chosen !== undefined)
      await setSubstitutes(
        row.sku,
        chosen.map((sku) => ({ sku })),
      )
  }
  return (
    <Dialog
      title={t('plan.editOf', { sku: row.sku })}
      ready={known.data !== undefined}
      save={save}
      saved={t('places.saved', { name: row.sku })}
      onClose={onClose}
    >
      <Field label={t('plan.supplier')}>
        <Select
          allowClear
          aria-label={t('plan.supplier')}
          placeholder={t('plan.noSupplier')}
          value={supplier}
          onChange={(id: string | undefined) => setSupplier(id ?? null)}
          options={(suppliers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
      </Field>
      <div className="row g12 wrap">
        <Field label={t('plan.lead')}>
          <InputNumber min={0} max={3650} precision={0} value={lead} onChange={setLead} style={{ width: 120 }} />
        </Field>
        <Field label={t('plan.target')}>
          <InputNumber min={1} max={3650} precision={0} value={target} onChange={setTarget} style={{ width: 120 }} />
        </Field>
        <Field label={t('plan.pack')}>
          <InputNumber min={0.000001} value={pack} onChange={setPack} style={{ width: 120 }} />
        </Field>
        <Field label={t('plan.least')}>
          <InputNumber min={0} value={least} onChange={setLeast} style={{ width: 120 }} />
        </Field>
      </div>
      <Field label={t('plan.substitutes')} hint={t('plan.substitutesHint')}>
        {known.isError ? (
          <Failed error={known.error} what={t('plan.substitutes')} />
        ) : known.data === undefined ? (
          <Skeleton rows={1} height={28} />
        ) : (
          <div className="col g6">
            {substitutes.map((sku) => {
              const one = known.data.items.find((each) => each.substitute === sku)
              return (
                <div key={sku} className="row g8">
                  <span className="grow break">
                    {sku} {one !== undefined && <span className="t3">{t('plan.canSell', { value: formatCount(one.promisable) })}</span>}
                  </span>
                  <button
                    type="button"
                    className="icb"
                    aria-label={t('plan.dropSubstitute', { sku })}
                    onClick={() => setChosen(substitutes.filter((each) => each !== sku))}
                  >
                    <Icon name="close" small />
                  </button>
                </div>
              )
            })}
            <SkuPicker
              value={undefined}
              label={t('plan.addSubstitute')}
              onChange={(sku) => {
                if (sku !== row.sku && !substitutes.includes(sku)) setChosen([...substitutes, sku])
              }}
            />
          </div>
        )}
      </Field>
    </Dialog>
  )
}
