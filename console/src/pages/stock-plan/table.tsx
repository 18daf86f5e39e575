import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { PlanRow, PlanView } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Status } from '../../ui/status.tsx'
import { BuyingDialog } from './buying.tsx'
import { OutOn } from './out-on.tsx'

/** Two digits after the point are enough to plan by. */
export const rough = (value: string | null): string => {
  if (value === null) return formatCount(null)
  const number = Number(value)
  return formatCount(Math.abs(number) >= 100 ? String(Math.round(number)) : String(Math.round(number * 100) / 100))
}

/** What an item is called, and its code where it is another. */
export const Item = ({ row }: { readonly row: Pick<PlanRow, 'sku' | 'title'> }): ReactElement => (
  <div className="col" style={{ minWidth: 130 }}>
    <span className="m5 break">{row.title === '' ? row.sku : row.title}</span>
    {row.title !== '' && <span className="s12 t3 break">{row.sku}</span>}
  </div>
)

const common = ['plan.item', 'plan.available', 'plan.perDay'] as const
const columns: Readonly<Record<Exclude<PlanView, 'proposals'>, readonly string[]>> = {
  all: [...common, 'plan.lasts', 'plan.reorderAt', 'plan.buying'],
  low: [...common, 'plan.lasts', 'plan.reorderAt', 'plan.buying'],
  out: [...common, 'plan.lasts', 'plan.reorderAt', 'plan.buying'],
  over: [...common, 'plan.lasts', 'plan.buying'],
  turnover: ['plan.item', 'plan.available', 'plan.sold90', 'plan.mean90', 'plan.turnover', 'plan.lasts'],
}
const figures = ['plan.available', 'plan.perDay', 'plan.reorderAt', 'plan.sold90', 'plan.mean90', 'plan.turnover']

const Buying = ({ row }: { readonly row: PlanRow }): ReactElement => {
  const { t } = useWords()
  return (
    <td>
      <div className="break">{row.supplier ?? <span className="t3">{t('plan.noSupplier')}</span>}</div>
      <div className="s12 t3 nw">{t('plan.leadOf', { days: row.lead_days, pack: formatCount(row.pack) })}</div>
    </td>
  )
}

/** What an item has: to sell now, and what comes. */
export const Available = ({ row }: { readonly row: PlanRow }): ReactElement => {
  const { t } = useWords()
  return (
    <td className="n nw">
      {row.counted ? formatCount(row.available) : <span className="t3">{t('plan.notCounted')}</span>}
      {row.on_way !== '0' && <div className="s12 t3">{t('plan.onWay', { value: formatCount(row.on_way) })}</div>}
      {row.overdue !== '0' && (
        <div className="s12">
          <Status kind="late">{t('plan.overdue', { value: formatCount(row.overdue) })}</Status>
        </div>
      )}
    </td>
  )
}

const cells: Readonly<Record<string, (row: PlanRow) => ReactElement>> = {
  'plan.item': (row) => (
    <td key="item">
      <Item row={row} />
    </td>
  ),
  'plan.available': (row) => <Available key="available" row={row} />,
  'plan.perDay': (row) => (
    <td key="day" className="n nw">
      {rough(row.per_day)}
      {row.per_day_7 !== row.per_day_28 && (
        <div className="s12 t3">
          {rough(row.per_day_7)} / {rough(row.per_day_28)}
        </div>
      )}
    </td>
  ),
  'plan.lasts': (row) => <OutOn key="lasts" row={row} />,
  'plan.reorderAt': (row) => (
    <td key="reorder" className="n nw">
      {rough(row.reorder_point)}
    </td>
  ),
  'plan.buying': (row) => <Buying key="buying" row={row} />,
  'plan.sold90': (row) => (
    <td key="sold" className="n nw">
      {formatCount(row.sold_90)}
    </td>
  ),
  'plan.mean90': (row) => (
    <td key="mean" className="n nw">
      {rough(row.on_hand_90)}
    </td>
  ),
  'plan.turnover': (row) => (
    <td key="turnover" className="n nw b">
      {rough(row.turnover)}
    </td>
  ),
}

/** Items of one view of the plan. */
export const PlanTable = ({ rows, view }: { readonly rows: readonly PlanRow[]; readonly view: Exclude<PlanView, 'proposals'> }): ReactElement => {
  const { t } = useWords()
  const [editing, setEditing] = useState<PlanRow | undefined>(undefined)
  return (
    <>
      <table className="grid">
        <HeadRow words={columns[view]} figures={figures} actions />
        <tbody>
          {rows.map((row) => (
            <tr key={row.sku}>
              {columns[view].map((column) => cells[column]?.(row))}
              <td className="n nw">
                <Button size="small" aria-label={t('places.change', { name: row.sku })} onClick={() => setEditing(row)}>
                  {t('places.edit')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {editing !== undefined && <BuyingDialog row={editing} onClose={() => setEditing(undefined)} />}
    </>
  )
}
