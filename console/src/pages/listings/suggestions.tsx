import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Checkbox } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { bindListings, useSuggestions } from '../../api/stock.ts'
import type { BindResult, Listing } from '../../api/stock.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { SuggestionRow } from './suggestion-row.tsx'

const THRESHOLDS = ['0.9', '0.8', '0.6', '0.3'] as const
/** Bindings one call takes. */
const BATCH = 500

/** A listing a person wants bound, to the SKU chosen among its suggestions. */
interface Pick {
  readonly listing: Listing
  readonly sku: string
}
const keyOf = ({ connection_id, listing_key }: Listing): string => `${connection_id} ${listing_key}`
/** Ticked without asking; what is less certain a person ticks. */
const LIKELY = 0.8
const isLikely = ({ suggestions }: Listing): boolean => (suggestions[0]?.confidence ?? 0) >= LIKELY
const isPicked = (listing: Listing, turned: ReadonlySet<string>): boolean => isLikely(listing) !== turned.has(keyOf(listing))

const confidenceOf = ({ listing, sku }: Pick): number => listing.suggestions.find((one) => one.sku === sku)?.confidence ?? 0

/** SKUs that more than one chosen listing of a connection would get. */
function severalTimes(picks: readonly Pick[]): number {
  const counts = new Map<string, number>()
  for (const { listing, sku } of picks) {
    const key = `${listing.connection_id} ${sku}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts.values()].filter((count) => count > 1).length
}

async function bindAll(picks: readonly Pick[]): Promise<BindResult> {
  let [bound, waiting] = [0, 0]
  for (let at = 0; at < picks.length; at += BATCH) {
    const part = picks.slice(at, at + BATCH)
    const result = await bindListings(
      part.map(({ listing, sku }) => ({ connection: listing.connection_id, listing_key: listing.listing_key, sku, if_unbound: true })),
    )
    bound += result.bound
    waiting += result.orders_to_replay
  }
  return { bound, orders_to_replay: waiting }
}

const Outcome = ({ asked, result }: { readonly asked: number; readonly result: BindResult }): ReactElement => {
  const { t } = useWords()
  return (
    <div className="note ok" role="status">
      <span>
        {t('suggestions.done', { count: result.bound })}
        {asked > result.bound && ` · ${t('suggestions.left', { count: asked - result.bound })}`}{' '}
        {result.orders_to_replay > 0 && <Link to="/failures">{t('listings.waitingOrders', { count: result.orders_to_replay })}</Link>}
      </span>
    </div>
  )
}

const None = (): ReactElement => {
  const { t } = useWords()
  return (
    <State icon="tag" title={t('suggestions.none')}>
      {t('suggestions.noneHint')}
    </State>
  )
}

const Columns = ({ all, some, onAll }: { readonly all: boolean; readonly some: boolean; readonly onAll: (on: boolean) => void }): ReactElement => {
  const { t } = useWords()
  return (
    <thead>
      <tr>
        <th scope="col" style={{ width: 36 }}>
          <Checkbox
            checked={all}
            indeterminate={some && !all}
            aria-label={t('suggestions.selectAll')}
            onChange={(event) => onAll(event.target.checked)}
          />
        </th>
        <th scope="col">{t('listings.listing')}</th>
        <th scope="col">{t('common.connection')}</th>
        <th scope="col">{t('suggestions.suggested')}</th>
        <th scope="col">{t('suggestions.confidence')}</th>
      </tr>
    </thead>
  )
}

/** Suggestions above a threshold, looked through and accepted together. */
export const SuggestionsTab = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [search, setSearch] = useAddress()
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map())
  const [asking, setAsking] = useState(false)
  const connections = useConnections(30_000)
  const min = THRESHOLDS.find((one) => one === search['min']) ?? '0.8'
  const { items, query } = useSuggestions({ connection: search['connection'], min })
  const lookedAt = query.data?.pages.reduce((sum, page) => sum + ('looked_at' in page ? Number(page.looked_at) : 0), 0) ?? 0
  const picks = items
    .filter((listing) => isPicked(listing, turned))
    .map((listing): Pick => ({ listing, sku: chosen.get(keyOf(listing)) ?? listing.suggestions[0]?.sku ?? '' }))
  const bind = useMutation({
    mutationFn: (asked: readonly Pick[]) => bindAll(asked),
    onSettled: async () => {
      setAsking(false)
      setTurned(new Set())
      await queries.invalidateQueries({ predicate: (one) => /^\/v1\/(listings|orders|failures|connections|stock)/.test(String(one.queryKey[0])) })
    },
  })
  const several = severalTimes(picks)
  return (
    <>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t('suggestions.intro')}
      </p>
      <div className="row g8 wrap" style={{ marginBottom: 12 }}>
        <ConnectionSelect />
        <span className="t2 s12">{t('suggestions.threshold')}</span>
        <div className="seg">
          {THRESHOLDS.map((one) => (
            <button key={one} type="button" aria-pressed={min === one} onClick={() => setSearch({ min: one })}>
              {Math.round(Number(one) * 100)} %
            </button>
          ))}
        </div>
        <span className="end">
          <Button
            type="primary"
            aria-disabled={picks.length === 0}
            title={picks.length === 0 ? t('suggestions.chooseFirst') : undefined}
            onClick={() => {
              if (picks.length > 0) setAsking(true)
            }}
          >
            {t('suggestions.accept', { count: picks.length })}
          </Button>
        </span>
      </div>
      {bind.data !== undefined && <Outcome asked={bind.variables.length} result={bind.data} />}
      {bind.isError && (
        <div className="note bad" role="alert">
          {bind.error.message}
        </div>
      )}
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('suggestions.tab')}>
        <Loaded query={query} what={t('suggestions.tab')} count={items.length} height={48} empty={<None />}>
          <table className="grid suggestions-table">
            <Columns
              all={picks.length === items.length}
              some={picks.length > 0}
              onAll={(on) => setTurned(new Set(items.filter((listing) => isLikely(listing) !== on).map(keyOf)))}
            />
            <tbody>
              {items.map((listing) => (
                <SuggestionRow
                  key={keyOf(listing)}
                  listing={listing}
                  connection={connections.data?.items.find((one) => one.id === listing.connection_id)?.name ?? listing.connection_id}
                  picked={isPicked(listing, turned)}
                  sku={chosen.get(keyOf(listing)) ?? listing.suggestions[0]?.sku ?? ''}
                  onPick={(on) =>
                    setTurned(new Set(on === isLikely(listing) ? [...turned].filter((key) => key !== keyOf(listing)) : [...turned, keyOf(listing)]))
                  }
                  onSku={(sku) => setChosen(new Map([...chosen, [keyOf(listing), sku]]))}
                />
              ))}
            </tbody>
          </table>
        </Loaded>
        <p className="s12 t3 pad">{t('suggestions.lookedAt', { count: lookedAt })}</p>
        <MoreButton query={query} />
      </section>
      <Confirm
        open={asking}
        title={t('suggestions.confirmTitle', { count: picks.length })}
        action={t('suggestions.accept', { count: picks.length })}
        busy={bind.isPending}
        onConfirm={() => bind.mutate(picks)}
        onClose={() => setAsking(false)}
      >
        <p>{t('suggestions.confirmText', { value: `${Math.round(Math.min(1, ...picks.map(confidenceOf)) * 100)} %` })}</p>
        {several > 0 && <p>{t('suggestions.several', { count: several })}</p>}
      </Confirm>
    </>
  )
}
