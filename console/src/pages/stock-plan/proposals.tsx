import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { usePlaces } from '../../api/places.ts'
import { placeSupplyOrder } from '../../api/stock-plan.ts'
import type { PlanRow } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Dialog, Field } from '../stock-places/dialog.tsx'
import { BuyingDialog } from './buying.tsx'
import { OutOn } from './out-on.tsx'
import { Available, Item, rough } from './table.tsx'

interface Wanted {
  readonly row: PlanRow
  readonly quantity: number
}

const OrderDialog = ({ wanted, onClose }: { readonly wanted: readonly Wanted[]; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  const [location, setLocation] = useState('main')
  const [first] = wanted
  const [ref, setRef] = useState(() => `${new Date().toISOString().slice(0, 10)}-${Date.now().toString(36).slice(-4).toUpperCase()}`)
  const save = async (): Promise<void> => {
    const answer = await placeSupplyOrder({
      ref: ref.trim(),
      supplier_id: first?.row.supplier_id ?? '',
      location,
      lines: wanted.map(({ row, quantity }) => ({ sku: row.sku, quantity: String(quantity) })),
    })
    if (answer.repeated) throw new Error(t('plan.refTaken', { ref: ref.trim() }))
  }
  return (
    <Dialog
      title={t('plan.orderTitle', { supplier: first?.row.supplier ?? '', count: wanted.length })}
      ready={ref.trim() !== '' && first?.row.supplier_id !== undefined}
      save={save}
      saved={t('plan.ordered', { ref: ref.trim() })}
      onClose={onClose}
    >
      <p className="t2">{t('plan.orderText')}</p>
      <Field label={t('plan.orderRef')} hint={t('plan.orderRefHint')}>
        <Input autoFocus value={ref} maxLength={150} onChange={(event) => setRef(event.target.value)} />
      </Field>
      <Field label={t('places.where')}>
        <Select
          aria-label={t('places.where')}
          value={location}
          onChange={setLocation}
          options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
        />
      </Field>
      <ul className="s12">
        {wanted.slice(0, 8).map(({ row, quantity }) => (
          <li key={row.sku}>
            {formatCount(quantity)} × {row.sku}
          </li>
        ))}
        {wanted.length > 8 && <li>{t('plan.andMore', { count: wanted.length - 8 })}</li>}
      </ul>
    </Dialog>
  )
}

const words = ['plan.item', 'plan.supplier', 'plan.available', 'plan.perDay', 'plan.lasts', 'plan.reorderAt', 'plan.proposal'] as const
const figures = ['plan.available', 'plan.perDay', 'plan.reorderAt', 'plan.proposal']

/** What to order, by supplier; an order goes to one supplier. */
export const Proposals = ({ rows, supplier }: { readonly rows: readonly PlanRow[]; readonly supplier: string | undefined }): ReactElement => {
  const { t } = useWords()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [changed, setChanged] = useState<ReadonlyMap<string, number>>(new Map())
  const [ordering, setOrdering] = useState(false)
  const [editing, setEditing] = useState<PlanRow | undefined>(undefined)
  const quantityOf = (row: PlanRow): number => changed.get(row.sku) ?? Number(row.proposal)
  const wanted = rows.filter((row) => row.supplier_id !== null && row.supplier_id === supplier && !left.has(row.sku) && quantityOf(row) > 0)
  return (
    <>
      <div className="card-head">
        <h2 className="grow">{t('plan.tab.proposals')}</h2>
        {supplier === undefined && <span className="s12 t2 wide-only">{t('plan.chooseSupplier')}</span>}
        <Button
          size="small"
          type="primary"
          icon={<Icon name="send" />}
          aria-disabled={wanted.length === 0}
          title={wanted.length === 0 ? t('plan.chooseSupplier') : undefined}
          onClick={() => {
            if (wanted.length > 0) setOrdering(true)
          }}
        >
          {t('plan.order', { count: wanted.length })}
        </Button>
      </div>
      <table className="grid">
        <HeadRow words={words} figures={figures} actions />
        <tbody>
          {rows.map((row) => (
            <tr key={row.sku}>
              <td>
                <Checkbox
                  disabled={row.supplier_id === null || row.supplier_id !== supplier}
                  checked={wanted.includes(row)}
                  onChange={(event) =>
                    setLeft(event.target.checked ? new Set([...left].filter((one) => one !== row.sku)) : new Set([...left, row.sku]))
                  }
                >
                  <Item row={row} />
                </Checkbox>
              </td>
              <td className="break">{row.supplier ?? <span className="t3">{t('plan.noSupplier')}</span>}</td>
              <Available row={row} />
              <td className="n nw">{rough(row.per_day)}</td>
              <OutOn row={row} />
              <td className="n nw">{rough(row.reorder_point)}</td>
              <td className="n nw">
                <InputNumber
                  min={0}
                  size="small"
                  aria-label={t('plan.quantityOf', { sku: row.sku })}
                  value={quantityOf(row)}
                  onChange={(value) => setChanged(new Map([...changed, [row.sku, value ?? 0]]))}
                  style={{ width: 96 }}
                />
              </td>
              <td className="n nw">
                <Button size="small" aria-label={t('places.change', { name: row.sku })} onClick={() => setEditing(row)}>
                  {t('places.edit')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {ordering && <OrderDialog wanted={wanted.map((row) => ({ row, quantity: quantityOf(row) }))} onClose={() => setOrdering(false)} />}
      {editing !== undefined && <BuyingDialog row={editing} onClose={() => setEditing(undefined)} />}
    </>
  )
}
