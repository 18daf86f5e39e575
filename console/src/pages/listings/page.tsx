import './listings.css'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useListings } from '../../api/stock.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { ListingRow } from './listing-row.tsx'
import { RefreshListings } from './refresh.tsx'
import { SkusTab } from './skus.tsx'
import { SuggestionsTab } from './suggestions.tsx'

const words = ['listings.listing', 'common.connection', 'listings.barcode', 'listings.shown', 'listings.binding', 'listings.sku'] as const

const NoListings = ({ allBound }: { readonly allBound: boolean }): ReactElement => {
  const { t } = useWords()
  return (
    <State icon="tag" title={t(allBound ? 'listings.allBound' : 'listings.none')}>
      {t('listings.noneHint')}
    </State>
  )
}

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
        <ConnectionSelect />
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
        <Loaded
          query={query}
          what={t('nav.listings')}
          count={items.length}
          height={48}
          empty={<NoListings allBound={search['bound'] === 'unbound'} />}
        >
          <table className="grid listings-table">
            <HeadRow words={words} figures={['listings.shown']} />
            <tbody>
              {items.map((listing) => (
                <ListingRow key={`${listing.connection_id} ${listing.listing_key}`} listing={listing} name={nameOf(listing.connection_id)} />
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}

const TABS = [
  { id: 'listings', word: 'listings.tabListings', Content: ListingsTab },
  { id: 'suggestions', word: 'suggestions.tab', Content: SuggestionsTab },
  { id: 'skus', word: 'listings.tabSkus', Content: SkusTab },
] as const

const ListingsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const tab = TABS.find(({ id }) => id === search['tab']) ?? TABS[0]
  return (
    <>
      <div className="ph">
        <h1>{t('nav.listings')}</h1>
        <div className="seg">
          {TABS.map(({ id, word }) => (
            <button
              key={id}
              type="button"
              aria-pressed={tab.id === id}
              onClick={() => setSearch({ tab: id === 'listings' ? undefined : id, q: undefined, min: undefined })}
            >
              {t(word)}
            </button>
          ))}
        </div>
      </div>
      <tab.Content />
    </>
  )
}

export default ListingsPage
