import './login.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { HubProblem } from '../../api/http.ts'
import { sessionQuery, signIn } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { chooseLanguage } from '../../i18n/index.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'

/** Only a path of this console is followed after signing in, never another site. */
const safeNext = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/orders'

const useReason = (error: Error | null): string | undefined => {
  const { t } = useWords()
  if (error === null) return undefined
  if (!(error instanceof HubProblem)) return t('login.unreachable')
  if (error.code === 'code-needed') return undefined
  if (error.code === 'code-wrong') return t('login.codeWrong')
  if (error.status === 401) return t('login.wrong')
  if (error.status === 429 && error.retryAfter !== undefined) return t('login.blocked', { seconds: error.retryAfter })
  return error.message
}

const LoginPage = (): ReactElement => {
  const { t, language } = useWords()
  const router = useRouter()
  const queries = useQueryClient()
  const [search] = useAddress()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [asksCode, setAsksCode] = useState(false)
  const [incomplete, setIncomplete] = useState(false)
  const enter = useMutation({
    mutationFn: () => signIn(name.trim(), password, asksCode ? code.trim() : undefined),
    onError: (error) => {
      if (error instanceof HubProblem && error.code === 'code-needed') setAsksCode(true)
      if (error instanceof HubProblem && error.code === 'sign-in-refused') setAsksCode(false)
      setCode('')
    },
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session)
      router.history.push(safeNext(search['next']))
    },
  })
  const reason = useReason(enter.error)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const missing = name.trim() === '' || password === '' || (asksCode && code.trim() === '')
    setIncomplete(missing)
    if (!missing) enter.mutate()
  }
  return (
    <main className="login">
      <form className="card" onSubmit={submit} noValidate>
        <div className="row between">
          <div className="name">
            <b>
              <Icon name="brand" />
            </b>{' '}
            Channel Hub
          </div>
          <button
            type="button"
            className="linkish t2"
            lang={language === 'en' ? 'zh-CN' : 'en'}
            onClick={() => void chooseLanguage(language === 'en' ? 'zh-CN' : 'en')}
          >
            {language === 'en' ? '中文' : 'English'}
          </button>
        </div>
        <div>
          <h1>{t('login.title')}</h1>
          <p className="t2">{t('login.tagline')}</p>
        </div>
        <label className="field-label">
          <span>{t('login.name')}</span>
          <Input size="large" autoFocus autoComplete="username" name="name" value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="field-label">
          <span>{t('login.password')}</span>
          <Input.Password
            size="large"
            autoComplete="current-password"
            name="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {asksCode && (
          <label className="field-label">
            <span>{t('login.code')}</span>
            <Input
              size="large"
              autoFocus
              autoComplete="one-time-code"
              inputMode="text"
              name="code"
              maxLength={40}
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
            <span className="s12 t3">{t('login.codeHint')}</span>
          </label>
        )}
        {(incomplete || reason !== undefined) && (
          <div className="note bad" role="alert">
            <Icon name="failed" />
            <span>{incomplete ? t('login.required') : reason}</span>
          </div>
        )}
        <Button type="primary" size="large" htmlType="submit" loading={enter.isPending}>
          {t('login.submit')}
        </Button>
        {!asksCode && <p className="s12 t3">{t('login.first')}</p>}
      </form>
    </main>
  )
}

export default LoginPage
