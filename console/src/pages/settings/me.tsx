import type { ReactElement } from 'react'
import { useOverview } from '../../api/overview.ts'
import { chooseLanguage } from '../../i18n/index.ts'
import { useWords } from '../../i18n/use-words.ts'
import { chooseMode, useMode } from '../../theme/mode.ts'
import { PasswordForm } from './password.tsx'
import { SecondFactor } from './second-factor.tsx'
import { Sessions } from './sessions.tsx'

/** What belongs to the person: language, theme, password, second factor, sessions. */
export const MeTab = (): ReactElement => {
  const { t, language } = useWords()
  const mode = useMode()
  const { data } = useOverview()
  return (
    <div className="col g12" style={{ maxWidth: 720 }}>
      <section className="card sect row g24 wrap">
        <div className="row g8">
          <span className="m5">{t('settings.language')}</span>
          <div className="seg">
            <button type="button" lang="zh-CN" aria-pressed={language === 'zh-CN'} onClick={() => void chooseLanguage('zh-CN')}>
              中文
            </button>
            <button type="button" lang="en" aria-pressed={language === 'en'} onClick={() => void chooseLanguage('en')}>
              English
            </button>
          </div>
        </div>
        <div className="row g8">
          <span className="m5">{t('settings.theme')}</span>
          <div className="seg">
            <button type="button" aria-pressed={mode === 'light'} onClick={() => chooseMode('light')}>
              {t('settings.light')}
            </button>
            <button type="button" aria-pressed={mode === 'dark'} onClick={() => chooseMode('dark')}>
              {t('settings.dark')}
            </button>
          </div>
        </div>
        {data !== undefined && <span className="end t3 s12">Channel Hub {data.version}</span>}
      </section>
      <PasswordForm />
      <SecondFactor />
      <Sessions />
    </div>
  )
}
