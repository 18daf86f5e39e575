import type { ReactElement } from 'react'
import { useOrderSubstitutes } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'

/** What could be sent instead of goods that are short, to be agreed with the buyer. */
export const Substitutes = ({ order }: { readonly order: string }): ReactElement | null => {
  const { t } = useWords()
  const found = useOrderSubstitutes(order)
  const items = (found.data?.items ?? []).filter((item) => item.substitutes.length > 0)
  if (items.length === 0) return null
  return (
    <div className="col g4 s12">
      {items.map((item) => (
        <div key={item.sku} className="break">
          {t('plan.instead', { sku: item.sku })}{' '}
          {item.substitutes.map((one) => (
            <span key={one.substitute} className={Number(one.promisable) >= Number(item.quantity) ? 'm5' : 't3'}>
              {one.title === '' ? one.substitute : `${one.title} (${one.substitute})`}:{' '}
              {t('plan.canSell', { value: formatCount(one.promisable) })}{' '}
            </span>
          ))}
        </div>
      ))}
    </div>
  )
}
