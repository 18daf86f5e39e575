import { Link, useRouterState } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useState } from 'react'
import { useConnection } from '../api/connections.ts'
import { useOrder } from '../api/orders.ts'
import { useOverview } from '../api/overview.ts'
import { useScope } from '../api/session.ts'
import { cutMiddle } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { chooseLanguage } from '../i18n/index.ts'
import { Icon } from '../ui/icon.tsx'
import type { NavTarget } from './nav.tsx'
import { OutboundSwitch } from './outbound-switch.tsx'

const sections: Readonly<Record<string, { readonly group: string; readonly word: string; readonly to: NavTarget | '/drift' }>> = {
  orders: { group: 'nav.daily', word: 'nav.orders', to: '/orders' },
  board: { group: 'nav.daily', word: 'nav.board', to: '/board' },
  failures: { group: 'nav.daily', word: 'nav.failures', to: '/failures' },
  stock: { group: 'nav.daily', word: 'nav.stock', to: '/stock' },
  effects: { group: 'nav.daily', word: 'nav.effects', to: '/effects' },
  connections: { group: 'nav.setUp', word: 'nav.connections', to: '/connections' },
  listings: { group: 'nav.setUp', word: 'nav.listings', to: '/listings' },
  mappings: { group: 'nav.setUp', word: 'mappings.title', to: '/mappings' },
  drift: { group: 'nav.setUp', word: 'drift.title', to: '/drift' },
  files: { group: 'nav.setUp', word: 'nav.files', to: '/files' },
  ledger: { group: 'nav.setUp', word: 'nav.ledger', to: '/ledger' },
  alerts: { group: 'nav.setUp', word: 'nav.alerts', to: '/alerts' },
  settings: { group: 'nav.system', word: 'nav.settings', to: '/settings' },
}

/** Pages below a section that are nobody's in particular. */
const pages: Readonly<Record<string, string>> = {
  'stock/rules': 'rules.title',
  'stock/incidents': 'incidents.title',
  'stock/places': 'places.title',
  'stock/plan': 'plan.title',
  'stock/takes': 'takes.title',
}

/** An order by its number, a connection by its name; the page itself has loaded both already. */
const Deeper = ({ section, id }: { readonly section: string; readonly id: string }): ReactElement => {
  const { t } = useWords()
  const order = useOrder(id, section === 'orders' && id !== 'new')
  const connection = useConnection(id, section === 'connections')
  const page = pages[`${section}/${id}`]
  if (page !== undefined) return <>{t(page)}</>
  return <>{section === 'connections' ? (connection.data?.name ?? id) : cutMiddle(order.data?.channel_order_no ?? id)}</>
}

const Crumbs = (): ReactElement | null => {
  const { t } = useWords()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const [, first = '', second] = path.split('/')
  const section = sections[first]
  if (section === undefined) return null
  const deeper = second !== undefined && second !== ''
  return (
    <nav className="crumb" aria-label={t('top.crumbs')}>
      {t(section.group)} <Icon name="right" tone="mute" small />
      {deeper ? (
        <>
          <Link to={section.to}>{t(section.word)}</Link> <Icon name="right" tone="mute" small />{' '}
          <b>{second === 'new' ? t('top.new') : <Deeper section={first} id={decodeURIComponent(second)} />}</b>
        </>
      ) : (
        <b>{t(section.word)}</b>
      )}
    </nav>
  )
}

/** Whether the hub may write to channels at all, on every page, with the way to stop it. */
const Outbound = (): ReactElement | null => {
  const { t } = useWords()
  const [open, setOpen] = useState(false)
  const { data } = useOverview()
  if (data === undefined) return null
  const stopped = data.outbound.state === 'stopped'
  return (
    <>
      <button
        type="button"
        className={`outbound${stopped ? ' stopped' : ''}`}
        aria-label={t(stopped ? 'outbound.stopped' : 'outbound.running')}
        onClick={() => setOpen(true)}
        aria-haspopup="dialog"
      >
        <Icon name={stopped ? 'stopped' : 'armed'} tone={stopped ? 'bad' : 'ok'} />
        <span>{t(stopped ? 'outbound.stopped' : 'outbound.running')}</span>
        <Icon name="down" tone="mute" small />
      </button>
      <OutboundSwitch open={open} onClose={() => setOpen(false)} />
    </>
  )
}

export const TopBar = ({ onAsk }: { readonly onAsk: () => void }): ReactElement => {
  const { t, language } = useWords()
  const mayRead = useScope('orders:read')
  return (
    <header className="top">
      <Crumbs />
      {mayRead ? (
        <button type="button" className="ask" onClick={onAsk} aria-keyshortcuts="Control+K Meta+K">
          <Icon name="search" />
          <span className="grow el">{t('top.ask')}</span>
          <kbd className="kbd">⌘K</kbd>
        </button>
      ) : (
        <span className="grow" />
      )}
      <Outbound />
      <button
        type="button"
        className="linkish t2 m5 nw wide-only"
        lang={language === 'en' ? 'zh-CN' : 'en'}
        onClick={() => void chooseLanguage(language === 'en' ? 'zh-CN' : 'en')}
      >
        {language === 'en' ? '中文' : 'EN'}
      </button>
    </header>
  )
}
