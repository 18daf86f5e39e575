import { Button, Select } from 'antd'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useListings } from '../../api/stock.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { ListingRow } from './listing-row.tsx'
import { RefreshListings } from './refresh.tsx'
import { SkusTab } from './skus.tsx'

const ListingsTab = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const connections = useConnections(30_000)
  const { items, query } = useListings({ connection: search['connection'], bound: search['bound'], q: search['q'], limit: 100 })
  const nameOf = (id: string): string => connections.data?.items.find((one) => one.id === id)?.name ?? id
  return (
    <>
      <div className="row g8 wrap" style={{ marginBottom: 12 }}>
        <TextFilter name="q" label={t('listings.search')} />
        <Select
          aria-label={t('common.connection')}
          style={{ width: 200 }}
          value={search['connection'] ?? ''}
          onChange={(connection) => setSearch({ connection })}
          options={[
            { value: '', label: t('effects.allConnections') },
            ...(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          ]}
        />
        <div className="seg">
          {['', 'bound', 'unbound', 'ignored'].map((bound) => (
            <button key={bound} type="button" aria-pressed={(search['bound'] ?? '') === bound} onClick={() => setSearch({ bound })}>
              {t(bound === '' ? 'common.all' : bound === 'ignored' ? 'bound.ignored' : `listings.${bound}`)}
            </button>
          ))}
        </div>
        <span className="end">
          <RefreshListings connection={search['connection']} />
        </span>
      </div>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('nav.listings')}>
        {query.isError && items.length === 0 ? (
          <Failed error={query.error} what={t('nav.listings')} retry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Skeleton rows={8} height={48} />
        ) : items.length === 0 ? (
          <State icon="tag" title={t(search['bound'] === 'unbound' ? 'listings.allBound' : 'listings.none')}>
            {t('listings.noneHint')}
          </State>
        ) : (
          <table className="grid" style={{ minWidth: 900 }}>
            <thead>
              <tr>
                <th scope="col">{t('listings.listing')}</th>
                <th scope="col">{t('common.connection')}</th>
                <th scope="col">{t('listings.barcode')}</th>
                <th scope="col" className="n">
                  {t('listings.shown')}
                </th>
                <th scope="col">{t('listings.binding')}</th>
                <th scope="col" style={{ width: 320 }}>
                  SKU
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((listing) => (
                <ListingRow key={`${listing.connection_id} ${listing.listing_key}`} listing={listing} name={nameOf(listing.connection_id)} />
              ))}
            </tbody>
          </table>
        )}
        {query.hasNextPage && (
          <div className="card-foot">
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('common.loadMore')}
            </Button>
          </div>
        )}
      </section>
    </>
  )
}

const ListingsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const tab = search['tab'] === 'skus' ? 'skus' : 'listings'
  return (
    <>
      <div className="ph">
        <h1>{t('nav.listings')}</h1>
        <div className="seg">
          <button type="button" aria-pressed={tab === 'listings'} onClick={() => setSearch({ tab: undefined, q: undefined })}>
            {t('listings.tabListings')}
          </button>
          <button type="button" aria-pressed={tab === 'skus'} onClick={() => setSearch({ tab: 'skus', q: undefined })}>
            {t('listings.tabSkus')}
          </button>
        </div>
      </div>
      {tab === 'skus' ? <SkusTab /> : <ListingsTab />}
    </>
  )
}

export default ListingsPage
