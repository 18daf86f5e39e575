import { Checkbox, Select } from 'antd'
import type { ReactElement } from 'react'
import type { Listing } from '../../api/stock.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Confidence } from '../../ui/suggested-skus.tsx'

interface SuggestionRowProps {
  readonly listing: Listing
  readonly connection: string
  readonly picked: boolean
  readonly sku: string
  readonly onPick: (on: boolean) => void
  readonly onSku: (sku: string) => void
}

/** One unbound listing beside the SKU it would get; another suggestion can be chosen. */
export const SuggestionRow = ({ listing, connection, picked, sku, onPick, onSku }: SuggestionRowProps): ReactElement => {
  const { t } = useWords()
  const suggestion = listing.suggestions.find((one) => one.sku === sku)
  return (
    <tr>
      <td>
        <Checkbox
          checked={picked}
          aria-label={t('suggestions.select', { title: listing.title })}
          onChange={(event) => onPick(event.target.checked)}
        />
      </td>
      <td>
        <div className="col">
          <span className="m5 break">{listing.title}</span>
          <span className="s12 t3 break">
            {listing.channel_sku === '' ? t('listings.noCode') : listing.channel_sku}
            {listing.barcode !== null && ` · ${listing.barcode}`}
            {listing.orders_waiting > 0 && ` · ${t('listings.ordersWaiting', { count: listing.orders_waiting })}`}
          </span>
        </div>
      </td>
      <td>
        <span className="row g8">
          <Tile title={connection} small />
          <span className="el">{connection}</span>
        </span>
      </td>
      <td>
        <Select
          size="small"
          style={{ width: '100%' }}
          value={sku}
          aria-label={t('suggestions.skuFor', { title: listing.title })}
          onChange={onSku}
          options={listing.suggestions.map((one) => ({
            value: one.sku,
            label: (
              <span>
                {one.sku} <span className="t3">{one.title}</span>
              </span>
            ),
          }))}
        />
      </td>
      <td>{suggestion !== undefined && <Confidence suggestion={suggestion} />}</td>
    </tr>
  )
}
