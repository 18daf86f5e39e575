import type { ReactElement } from 'react'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { AuditTab } from './audit.tsx'
import { ConsumersTab } from './consumers.tsx'
import { KeysTab } from './keys.tsx'
import { MeTab } from './me.tsx'
import { PeopleTab } from './people.tsx'
import { PrivacyTab } from './privacy.tsx'
import { SandboxTab } from './sandbox.tsx'

const tabs = {
  me: MeTab,
  keys: KeysTab,
  consumers: ConsumersTab,
  people: PeopleTab,
  privacy: PrivacyTab,
  sandbox: SandboxTab,
  audit: AuditTab,
} as const
type Tab = keyof typeof tabs
const isTab = (text: string | undefined): text is Tab => text !== undefined && text in tabs
const names: readonly Tab[] = ['me', 'keys', 'consumers', 'people', 'privacy', 'sandbox', 'audit']
/** Who is not an administrator has nothing to read there. */
const forAdmins: ReadonlySet<Tab> = new Set(['keys', 'people', 'privacy', 'audit'])

/** Filters of one tab mean nothing on another. */
const none = { actor: undefined, kind: undefined, subject: undefined, from: undefined, to: undefined }

const SettingsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const mayRead = useScope('orders:read')
  const isAdmin = useScope('admin')
  const shown = mayRead ? names.filter((name) => isAdmin || !forAdmins.has(name)) : names.slice(0, 1)
  const wanted = search['tab']
  const tab: Tab = isTab(wanted) && shown.includes(wanted) ? wanted : 'me'
  const Body = tabs[tab]
  return (
    <>
      <div className="ph">
        <h1>{t('nav.settings')}</h1>
      </div>
      <div className="tabs" role="tablist" style={{ marginBottom: 12, overflowX: 'auto' }}>
        {shown.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`set-${name}`}
            aria-controls="set-panel"
            aria-selected={tab === name}
            onClick={() => setSearch({ ...none, tab: name === 'me' ? undefined : name })}
          >
            {t(`settings.${name}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="set-panel" aria-labelledby={`set-${tab}`}>
        <Body />
      </div>
    </>
  )
}

export default SettingsPage
