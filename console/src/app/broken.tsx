import { Link } from '@tanstack/react-router'
import type { ErrorComponentProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { Failed, State } from '../ui/state.tsx'

/** A page that threw while rendering or loading. The rest of the hub works on, and the text says so. */
export const Broken = ({ error }: ErrorComponentProps): ReactElement => {
  const { t } = useWords()
  return <Failed error={error instanceof Error ? error : new Error(String(error))} what={t('common.page')} retry={() => window.location.reload()} />
}

export const NotFound = (): ReactElement => {
  const { t } = useWords()
  return <State icon="search" title={t('common.noPage')} actions={<Link to="/orders">{t('common.toOrders')}</Link>} />
}
