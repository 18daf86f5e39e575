import type { ReactElement } from 'react'
import { useOrder } from '../../../api/orders.ts'
import type { MoneyText } from '../../../format/money.ts'
import { addSums } from '../../../format/sum.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Money } from '../../../ui/money.tsx'
import { member, moneyOf } from '../../../ui/read-doc.ts'

const negated = ({ amount, currency }: MoneyText): MoneyText => ({ amount: amount.startsWith('-') ? amount.slice(1) : `-${amount}`, currency })

const parts = [
  { name: 'items', sign: 1 },
  { name: 'shipping', sign: 1 },
  { name: 'shipping_discount', sign: -1 },
  { name: 'unallocated_discount', sign: -1 },
  { name: 'fees', sign: 1 },
  { name: 'duties', sign: 1 },
  { name: 'tax', sign: 1 },
  { name: 'rounding', sign: 1 },
] as const

/** What the channel says the order comes to beside what its parts come to. */
export const TotalsTable = ({ orderId }: { readonly orderId: string }): ReactElement | null => {
  const { t } = useWords()
  const { data } = useOrder(orderId)
  const totals = member(data?.doc, 'totals')
  const total = moneyOf(member(totals, 'total'))
  if (total === undefined) return null
  const taxIncluded = member(data?.doc, 'tax_included') === true
  const rows = parts.flatMap(({ name, sign }) => {
    const value = moneyOf(member(totals, name))
    return value === undefined || Number(value.amount) === 0 || (name === 'tax' && taxIncluded)
      ? []
      : [{ name, value: sign === 1 ? value : negated(value) }]
  })
  const sum = addSums(rows.map((row) => row.value))[0] ?? { amount: '0', currency: total.currency }
  const rest = addSums([total, negated(sum)])[0]
  const paid = moneyOf(member(totals, 'paid'))
  return (
    <table className="grid">
      <tbody>
        {rows.map(({ name, value }) => (
          <tr key={name}>
            <td>{t(`fixes.part.${name}`)}</td>
            <td className="n">
              <Money value={value} />
            </td>
          </tr>
        ))}
        <tr>
          <td className="m5">{t('fixes.partsSum')}</td>
          <td className="n m5">
            <Money value={sum} />
          </td>
        </tr>
        <tr>
          <td className="m5">{t('fixes.channelSays')}</td>
          <td className="n m5">
            <Money value={total} />
          </td>
        </tr>
        {rest !== undefined && Number(rest.amount) !== 0 && (
          <tr>
            <td className="bad m5">{t('fixes.unexplained')}</td>
            <td className="n bad m5">
              <Money value={rest} />
            </td>
          </tr>
        )}
        {paid !== undefined && (
          <tr>
            <td className="t2">{t('fixes.paid')}</td>
            <td className="n t2">
              <Money value={paid} />
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
