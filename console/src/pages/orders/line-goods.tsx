import type { ReactElement } from 'react'
import type { OrderLine } from '../../api/orders.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'

/** Where the goods of a line are reserved when that is not one plain place, and what of them is still on its way. */
export const LineGoods = ({ line }: { readonly line: OrderLine }): ReactElement | null => {
  const { t, language } = useWords()
  const pieces = line.pieces ?? []
  const awaits = line.awaits ?? []
  if (pieces.length === 0 && awaits.length === 0) return null
  const day = (at: string): string => new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(at))
  return (
    <div className="s12 t2 col">
      {pieces.map((piece) => (
        <span key={`${piece.sku} ${piece.location}`}>
          {t('places.pieceAt', { value: formatCount(piece.quantity), sku: piece.sku, place: piece.location })}
        </span>
      ))}
      {awaits.map((one) => (
        <span key={one.sku} className="warn">
          {one.promised_at === null
            ? t('places.awaits', { value: formatCount(one.quantity), sku: one.sku })
            : t('places.awaitsBy', { value: formatCount(one.quantity), sku: one.sku, day: day(one.promised_at) })}
        </span>
      ))}
    </div>
  )
}
