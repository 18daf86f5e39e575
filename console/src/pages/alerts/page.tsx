import type { ReactElement } from 'react'
import { useSession } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import './alerts.css'
import { DestinationsTab } from './destinations.tsx'
import { FoundTab } from './found.tsx'
import { RulesTab } from './rules.tsx'

const tabs = { found: FoundTab, rules: RulesTab, destinations: DestinationsTab } as const
type Tab = keyof typeof tabs
const isTab = (text: string | undefined): text is Tab => text !== undefined && text in tabs
const names: readonly Tab[] = ['found', 'rules', 'destinations']

const AlertsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const session = useSession()
  // Rules and destinations are the hub's; who sees some connections sees what was found of these.
  const shown = session.data?.user.connections === null ? names : names.slice(0, 1)
  const tab: Tab = isTab(search['tab']) && shown.includes(search['tab']) ? search['tab'] : 'found'
  const Body = tabs[tab]
  return (
    <>
      <div className="ph">
        <h1>{t('alerts.title')}</h1>
      </div>
      <div className="tabs" role="tablist" style={{ marginBottom: 12 }}>
        {shown.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`alerts-${name}`}
            aria-controls="alerts-panel"
            aria-selected={tab === name}
            onClick={() => setSearch({ tab: name === 'found' ? undefined : name, view: undefined })}
          >
            {t(`alerts.${name}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="alerts-panel" aria-labelledby={`alerts-${tab}`}>
        <Body />
      </div>
    </>
  )
}

export default AlertsPage
