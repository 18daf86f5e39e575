import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { startReplay } from '../../../api/jobs.ts'
import { bindListings, useListings } from '../../../api/stock.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { SkuPicker } from '../../../ui/sku-picker.tsx'
import { SuggestedSkus } from '../../../ui/suggested-skus.tsx'
import { tell } from '../../../ui/undo.tsx'
import type { FixProps } from './fix-props.ts'

const LIKELY = 0.8

/** Binds the channel's SKU to one of ours, alone or together with the replay of what waits for it. */
export const BindFix = ({ group, onReplay }: FixProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const subject = group.subject ?? ''
  const [sku, setSku] = useState<string | undefined>(undefined)
  const listings = useListings(
    { connection: group.connection_id ?? undefined, key: subject, limit: 20 },
    group.connection_id !== null && subject !== '',
  )
  const listing = listings.items.find((one) => one.bound === 'unbound') ?? listings.items[0]
  const suggested = listing?.suggestions[0]
  // What is less certain is offered below, not filled in.
  const chosen = sku ?? (suggested !== undefined && suggested.confidence >= LIKELY ? suggested.sku : undefined)
  const bind = useMutation({
    mutationFn: async (replayToo: boolean) => {
      if (listing === undefined || chosen === undefined) throw new Error(t('failures.chooseSku'))
      const result = await bindListings([{ connection: listing.connection_id, listing_key: listing.listing_key, sku: chosen }])
      if (replayToo) onReplay((await startReplay({ group: group.id }, false)).id)
      return result
    },
    onSuccess: async (result) => {
      await queries.invalidateQueries({ predicate: (query) => /^\/v1\/(listings|failures|orders)/.test(String(query.queryKey[0])) })
      tell(t('failures.bound', { count: result.orders_to_replay }))
    },
  })
  if (!listings.query.isPending && listing === undefined) {
    return (
      <section className="sect col g8">
        <h2>{t('failures.fix')}</h2>
        <p className="t2">{t('failures.noListing')}</p>
        <Link to="/listings" search={{ connection: group.connection_id ?? '', bound: 'unbound' }}>
          {t('order.fixBinding')}
        </Link>
      </section>
    )
  }
  return (
    <section className="sect col g12">
      <h2>{t('failures.fixSku')}</h2>
      <div className="bind">
        <div className="quote el" title={listing?.title}>
          {listing?.channel_sku === undefined || listing.channel_sku === '' ? subject : listing.channel_sku}{' '}
          <span className="t3">{listing?.title}</span>
        </div>
        <Icon name="arrow" tone="mute" />
        <SkuPicker value={chosen} onChange={setSku} label={t('failures.fixSku')} hint={listing?.title} />
      </div>
      <SuggestedSkus suggestions={listing?.suggestions ?? []} onChoose={setSku} />
      {bind.isError && (
        <div className="note bad" role="alert">
          {bind.error.message}
        </div>
      )}
      <div className="row g8">
        <Button
          loading={bind.isPending}
          aria-disabled={chosen === undefined}
          title={chosen === undefined ? t('failures.chooseSku') : undefined}
          onClick={() => {
            if (chosen !== undefined) bind.mutate(false)
          }}
        >
          {t('failures.bindOnly')}
        </Button>
        <Button
          type="primary"
          className="fix-go"
          loading={bind.isPending}
          aria-disabled={chosen === undefined}
          title={chosen === undefined ? t('failures.chooseSku') : undefined}
          onClick={() => {
            if (chosen !== undefined) bind.mutate(true)
          }}
          icon={<Icon name="replay" />}
        >
          {t('failures.bindAndReplay')}
        </Button>
      </div>
    </section>
  )
}
