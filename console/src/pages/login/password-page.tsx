import './login.css'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { PasswordForm } from '../settings/password.tsx'

/** The generated password only opens this page: first a password of one's own, then the hub. */
const PasswordPage = (): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  return (
    <main className="login">
      <div className="col g12" style={{ width: 360, maxWidth: '100%' }}>
        <h1>{t('settings.mustChangeTitle')}</h1>
        <PasswordForm onChanged={() => void navigate({ to: '/' })} />
      </div>
    </main>
  )
}

export default PasswordPage
