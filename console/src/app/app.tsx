import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import enUS from 'antd/es/locale/en_US'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { HubProblem, whenSignedOut } from '../api/http.ts'
import { useWords } from '../i18n/use-words.ts'
import { motionWanted, useMode } from '../theme/mode.ts'
import { antdTheme } from '../theme/theme.ts'
import { router } from './router.tsx'

/** A refusal repeats itself; only a broken connection or an overloaded hub is worth a second try. */
const worthRetrying = (failures: number, error: Error): boolean => failures < 2 && !(error instanceof HubProblem && error.status < 500)

const queries = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true } },
})

whenSignedOut(() => {
  if (router.state.location.pathname === '/login') return
  queries.clear()
  void router.navigate({ to: '/login', search: { next: router.state.location.href } })
})

/** antd's own words; the Chinese ones are fetched only when they are needed. */
const useAntdLocale = (): Locale => {
  const { language } = useWords()
  const [locale, setLocale] = useState<Locale>(enUS)
  useEffect(() => {
    if (language === 'en') setLocale(enUS)
    else void import('antd/es/locale/zh_CN').then((module) => setLocale(module.default))
  }, [language])
  return locale
}

export const App = (): ReactElement => {
  const mode = useMode()
  const locale = useAntdLocale()
  return (
    <ConfigProvider theme={antdTheme(mode, motionWanted())} locale={locale} button={{ autoInsertSpace: false }} wave={{ disabled: true }}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  )
}
