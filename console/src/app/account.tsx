import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Dropdown } from 'antd'
import type { ReactElement } from 'react'
import { signOut, useSession } from '../api/session.ts'
import { useWords } from '../i18n/use-words.ts'
import { chooseLanguage } from '../i18n/index.ts'
import { chooseMode, useMode } from '../theme/mode.ts'
import { Icon } from '../ui/icon.tsx'

/** Who is signed in, and what belongs to this person on this device: theme, language, signing out. */
export const Account = (): ReactElement | null => {
  const { t, label, language } = useWords()
  const mode = useMode()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { data } = useSession()
  if (data === undefined) return null
  const leave = async (): Promise<void> => {
    await signOut()
    queries.clear()
    await navigate({ to: '/login' })
  }
  return (
    <Dropdown
      trigger={['click']}
      placement="topLeft"
      menu={{
        items: [
          {
            key: 'mode',
            icon: <Icon name={mode === 'dark' ? 'sun' : 'moon'} />,
            label: t(mode === 'dark' ? 'account.light' : 'account.dark'),
            onClick: () => chooseMode(mode === 'dark' ? 'light' : 'dark'),
          },
          {
            key: 'language',
            icon: <Icon name="eye" />,
            label: language === 'en' ? '中文' : 'English',
            onClick: () => void chooseLanguage(language === 'en' ? 'zh-CN' : 'en'),
          },
          { type: 'divider' },
          { key: 'out', icon: <Icon name="exit" />, label: t('account.signOut'), onClick: () => void leave() },
        ],
      }}
    >
      <button type="button" className="who" title={t('account.menu', { name: data.user.name })}>
        <span className="avatar" aria-hidden="true">
          {data.user.name.charAt(0).toUpperCase()}
        </span>
        <span className="grow">
          <span className="m5 el" style={{ display: 'block', lineHeight: '16px' }}>
            {data.user.name}
          </span>
          <span className="s12 t3 el" style={{ display: 'block' }}>
            {data.user.roles.map((role) => label('role', role)).join(' · ')}
          </span>
        </span>
      </button>
    </Dropdown>
  )
}
