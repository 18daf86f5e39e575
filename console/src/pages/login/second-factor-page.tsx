import './login.css'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { SecondFactor } from '../settings/second-factor.tsx'

/** A role asks for a second factor: nothing else opens before it stands. */
const SecondFactorPage = (): ReactElement => {
  const { t } = useWords()
  const navigate = useNavigate()
  return (
    <main className="login">
      <div className="col g12" style={{ width: 420, maxWidth: '100%' }}>
        <h1>{t('factor.mustTitle')}</h1>
        <SecondFactor required onDone={() => void navigate({ to: '/' })} />
      </div>
    </main>
  )
}

export default SecondFactorPage
