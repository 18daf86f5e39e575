import { Outlet, useRouterState } from '@tanstack/react-router'
import { Suspense, lazy, useState } from 'react'
import type { ReactElement } from 'react'
import { useOverview } from '../api/overview.ts'
import { useWords } from '../i18n/use-words.ts'
import { Clock } from '../ui/time.tsx'
import { Icon } from '../ui/icon.tsx'
import { UndoLine } from '../ui/undo.tsx'
import { useKeys } from '../ui/keys.ts'
import { useGoKeys } from './go-keys.ts'
import { Help } from './help.tsx'
import { BottomBar, Nav } from './nav.tsx'
import { TopBar } from './top-bar.tsx'

const Command = lazy(() => import('../pages/find/command.tsx'))

/** Pages that lay out their own panes and scroll inside them. */
const flushPages = ['/orders']

/** Says at the top of every page when the figures below are old, instead of covering them. */
const StaleBanner = (): ReactElement | null => {
  const { t } = useWords()
  const { isError, data, dataUpdatedAt } = useOverview()
  if (!isError || data === undefined) return null
  return (
    <div className="note warn" role="status" style={{ margin: '0 0 12px' }}>
      <Icon name="late" />
      <span>
        <b>{t('common.stale')}</b> {t('common.staleSince')} <Clock at={new Date(dataUpdatedAt).toISOString()} />
      </span>
    </div>
  )
}

export const Shell = (): ReactElement => {
  const { t } = useWords()
  const [asking, setAsking] = useState(false)
  const [helping, setHelping] = useState(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useGoKeys()
  useKeys({
    'mod+k': (event) => {
      event.preventDefault()
      setAsking(true)
    },
    '?': () => setHelping(true),
  })
  return (
    <div className="app">
      <a className="skip" href="#main">
        {t('nav.skip')}
      </a>
      <Nav />
      <TopBar onAsk={() => setAsking(true)} />
      <main className={`main${flushPages.includes(path) ? ' flush' : ''}`} id="main" tabIndex={-1}>
        <StaleBanner />
        <Outlet />
      </main>
      <BottomBar onAsk={() => setAsking(true)} />
      {asking && (
        <Suspense>
          <Command onClose={() => setAsking(false)} />
        </Suspense>
      )}
      <Help open={helping} onClose={() => setHelping(false)} />
      <UndoLine />
    </div>
  )
}
