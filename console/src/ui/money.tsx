import type { ReactElement } from 'react'
import { formatMoney, moneyParts } from '../format/money.ts'
import type { MoneyText } from '../format/money.ts'
import { unknown } from '../format/number.ts'

/** An amount in a table: figures in ink, the symbol a step quieter. */
export const Money = ({ value }: { readonly value: MoneyText | null | undefined }): ReactElement => {
  if (value === null || value === undefined) return <span className="t3">{unknown}</span>
  const { sign, symbol, figures } = moneyParts(value)
  return (
    <span className="nw" title={`${formatMoney(value)} ${value.currency}`}>
      {sign}
      <span className="t3">{symbol}</span>
      {figures}
    </span>
  )
}
