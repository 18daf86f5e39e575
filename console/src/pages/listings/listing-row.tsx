import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { bindListings } from '../../api/stock.ts'
import type { BindResult, Listing } from '../../api/stock.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { SuggestedSkus } from '../../ui/suggested-skus.tsx'
import { tell } from '../../ui/undo.tsx'

const kinds: Readonly<Record<Listing['bound'], StatusKind>> = { unbound: 'attention', code: 'ok', barcode: 'ok', person: 'ok', ignored: 'cancelled' }

const refreshed = /^\/v1\/(listings|orders|failures|connections|stock)/

/** One channel SKU and what it is bound to. Orders that waited for a binding go on by themselves or by replay. */
export const ListingRow = ({ listing, name }: { readonly listing: Listing; readonly name: string }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [waiting, setWaiting] = useState<BindResult | undefined>(undefined)
  const bind = useMutation({
    mutationFn: (change: { readonly sku: string | null; readonly ignore?: boolean }) =>
      bindListings([{ connection: listing.connection_id, listing_key: listing.listing_key, ...change }]),
    onSuccess: async (result, change) => {
      setWaiting(result)
      await queries.invalidateQueries({ predicate: (query) => refreshed.test(String(query.queryKey[0])) })
      const before = listing.sku
      tell(
        change.sku === null ? t('listings.unboundNow') : t('listings.boundNow', { sku: change.sku }),
        () =>
          void bindListings([{ connection: listing.connection_id, listing_key: listing.listing_key, sku: before }]).then(() =>
            queries.invalidateQueries({ predicate: (query) => refreshed.test(String(query.queryKey[0])) }),
          ),
      )
    },
  })
  return (
    <tr>
      <td>
        <div className="col">
          <span className="m5">{listing.title}</span>
          <span className="s12 t3 break">
            {listing.channel_sku === '' ? t('listings.noCode') : listing.channel_sku} · {listing.listing_key}
            {!listing.active && ` · ${t('listings.inactive')}`}
          </span>
        </div>
      </td>
      <td>
        <span className="row g8">
          <Tile title={name} small />
          <span className="el">{name}</span>
        </span>
      </td>
      <td>{listing.barcode ?? '—'}</td>
      <td className="n">{formatCount(listing.shown)}</td>
      <td>
        <Status kind={kinds[listing.bound]}>{t(`bound.${listing.bound}`)}</Status>
      </td>
      <td>
        <div className="col g4">
          <div className="row g8">
            <SkuPicker
              size="small"
              value={listing.sku ?? undefined}
              label={t('listings.skuOf', { title: listing.title })}
              onChange={(sku) => bind.mutate({ sku })}
            />
            {listing.sku !== null ? (
              <Button size="small" onClick={() => bind.mutate({ sku: null })}>
                {t('listings.unbind')}
              </Button>
            ) : (
              listing.bound === 'unbound' && (
                <Button size="small" onClick={() => bind.mutate({ sku: null, ignore: true })}>
                  {t('listings.ignore')}
                </Button>
              )
            )}
          </div>
          {listing.sku === null && <SuggestedSkus suggestions={listing.suggestions} onChoose={(sku) => bind.mutate({ sku })} />}
          {listing.orders_waiting > 0 && <span className="s12 warn">{t('listings.ordersWaiting', { count: listing.orders_waiting })}</span>}
          {waiting !== undefined && waiting.orders_to_replay > 0 && (
            <Link to="/failures" className="s12">
              {t('listings.waitingOrders', { count: waiting.orders_to_replay })}
            </Link>
          )}
          {bind.isError && (
            <span className="bad s12" role="alert">
              {bind.error.message}
            </span>
          )}
        </div>
      </td>
    </tr>
  )
}
