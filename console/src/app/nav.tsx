import { Link, useRouterState } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { formatCount } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from '../ui/icon.tsx'
import type { IconName } from '../ui/icon.tsx'
import { useOverview } from '../api/overview.ts'
import { useScope, useSession } from '../api/session.ts'
import { Account } from './account.tsx'

/** Where the navigation leads. */
export type NavTarget =
  | '/orders'
  | '/board'
  | '/alerts'
  | '/orders/new'
  | '/failures'
  | '/stock'
  | '/effects'
  | '/connections'
  | '/listings'
  | '/mappings'
  | '/files'
  | '/ledger'
  | '/settings'

interface Item {
  readonly to: NavTarget
  readonly icon: IconName
  readonly word: string
  /** Shown to those who have it, null to everybody; else to whoever may read orders. */
  readonly scope?: string | null
}

const groups: readonly { readonly word: string; readonly items: readonly Item[] }[] = [
  {
    word: 'nav.daily',
    items: [
      { to: '/orders', icon: 'orders', word: 'nav.orders' },
      { to: '/orders/new', icon: 'plus', word: 'nav.newOrder', scope: 'orders:push' },
      { to: '/board', icon: 'columns', word: 'nav.board' },
      { to: '/failures', icon: 'inbox', word: 'nav.failures' },
      { to: '/stock', icon: 'box', word: 'nav.stock' },
      { to: '/effects', icon: 'send', word: 'nav.effects' },
    ],
  },
  {
    word: 'nav.setUp',
    items: [
      { to: '/connections', icon: 'plug', word: 'nav.connections' },
      { to: '/listings', icon: 'tag', word: 'nav.listings' },
      { to: '/mappings', icon: 'merge', word: 'nav.mappings' },
      { to: '/files', icon: 'file', word: 'nav.files' },
      { to: '/ledger', icon: 'board', word: 'nav.ledger' },
      { to: '/alerts', icon: 'late', word: 'nav.alerts', scope: 'connections:read' },
    ],
  },
  { word: 'nav.system', items: [{ to: '/settings', icon: 'gear', word: 'nav.settings', scope: null }] },
]

const useCounts = (): Readonly<Record<string, { readonly value: number; readonly tone: string } | undefined>> => {
  const { data } = useOverview()
  if (data === undefined) return {}
  return {
    '/orders': { value: data.counts.orders, tone: '' },
    '/failures': { value: data.counts.open_failures, tone: data.counts.open_failures > 0 ? 'bad' : '' },
    '/effects': { value: data.counts.open_effects, tone: data.outbound.unknown > 0 ? 'doubt' : '' },
    '/connections': { value: data.counts.connections, tone: '' },
  }
}

/** The pages a person has any use for. A dealer sends orders and sees nothing else of the hub. */
const useMayOpen = (): ((item: Item) => boolean) => {
  const { data } = useSession()
  const scopes = data?.user.scopes ?? []
  return ({ scope = 'orders:read' }) => scope === null || scopes.includes(scope) || scopes.includes('admin')
}

export const Nav = (): ReactElement => {
  const { t } = useWords()
  const counts = useCounts()
  const mayOpen = useMayOpen()
  const path = useRouterState({ select: (state) => state.location.pathname })
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <div className="brand">
        <b>
          <Icon name="brand" />
        </b>
        <span>Channel Hub</span>
      </div>
      {groups
        .map((group) => ({ ...group, items: group.items.filter(mayOpen) }))
        .filter((group) => group.items.length > 0)
        .map((group) => (
          <section key={group.word} aria-label={t(group.word)}>
            <h2>{t(group.word)}</h2>
            {group.items.map((item) => {
              const count = counts[item.to]
              return (
                <Link
                  key={item.to}
                  to={item.to}
                  className="item"
                  title={t(item.word)}
                  activeProps={{ 'aria-current': 'page' }}
                  activeOptions={{ includeSearch: false, exact: item.to === '/orders/new' || (item.to === '/orders' && path === '/orders/new') }}
                >
                  <Icon name={item.icon} />
                  <span>{t(item.word)}</span>
                  {count !== undefined && <span className={`count ${count.tone}`}>{formatCount(count.value)}</span>}
                </Link>
              )
            })}
          </section>
        ))}
      <div className="foot">
        <Account />
      </div>
    </nav>
  )
}

const dealerItems: readonly (Item & { readonly count?: number | undefined })[] = [{ to: '/orders/new', icon: 'plus', word: 'nav.newOrder' }]

/** The phone's way around: look up, failures, connections, effects. Configuring stays on a wide screen. */
export const BottomBar = ({ onAsk }: { readonly onAsk: () => void }): ReactElement => {
  const { t } = useWords()
  const { data } = useOverview()
  const mayRead = useScope('orders:read')
  const items: readonly (Item & { readonly count?: number | undefined })[] = [
    { to: '/orders', icon: 'orders', word: 'nav.orders' },
    { to: '/failures', icon: 'inbox', word: 'nav.failures', count: data?.counts.open_failures },
    { to: '/connections', icon: 'plug', word: 'nav.connections' },
  ]
  return (
    <nav className="bottom" aria-label={t('nav.label')}>
      {mayRead && (
        <button type="button" onClick={onAsk}>
          <Icon name="search" />
          {t('nav.lookUp')}
        </button>
      )}
      {(mayRead ? items : dealerItems).map((item) => (
        <Link key={item.to} to={item.to} activeProps={{ 'aria-current': 'page' }} activeOptions={{ includeSearch: false }}>
          <Icon name={item.icon} />
          <span>
            {t(item.word)}
            {item.count !== undefined && item.count > 0 && ` ${formatCount(item.count)}`}
          </span>
        </Link>
      ))}
    </nav>
  )
}
