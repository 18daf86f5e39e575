import { Button } from 'antd'
import type { ReactElement, ReactNode } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'
import { HubProblem } from '../api/http.ts'
import { Copy } from './copy.tsx'

interface StateProps {
  readonly icon: IconName
  readonly tone?: string
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

/** What fills a place that has nothing to list: the fact, whether data is safe, what to press. */
export const State = ({ icon, tone = 'mute', title, children, actions }: StateProps): ReactElement => (
  <div className="state">
    <Icon name={icon} tone={tone} />
    <h2>{title}</h2>
    {children !== undefined && <div className="t2">{children}</div>}
    {actions !== undefined && <div className="actions">{actions}</div>}
  </div>
)

/** A failed load, where the content would have been. */
export const Failed = ({ error, what, retry }: { readonly error: Error; readonly what: string; readonly retry?: () => void }): ReactElement => {
  const { t } = useWords()
  const problem = error instanceof HubProblem ? error : undefined
  if (problem?.status === 403)
    return (
      <State icon="readonly" title={t('common.forbidden')}>
        {t('common.forbiddenHint')}
      </State>
    )
  return (
    <State
      icon="failed"
      tone="bad"
      title={t('common.notLoaded', { what })}
      actions={
        retry !== undefined && (
          <Button type="primary" icon={<Icon name="replay" />} onClick={retry}>
            {t('common.retry')}
          </Button>
        )
      }
    >
      {problem === undefined ? t('common.noAnswer') : problem.message} {t('common.intakeGoesOn')}
      {problem?.traceId !== undefined && (
        <div className="row g4 t3 s12" style={{ justifyContent: 'center' }}>
          {t('common.errorId')} <span className="mono">{problem.traceId}</span>
          <Copy text={problem.traceId} />
        </div>
      )}
    </State>
  )
}

/** Lines of the height of the real rows; they appear only when loading takes longer than a blink. */
export const Skeleton = ({ rows = 8, height = 36 }: { readonly rows?: number; readonly height?: number }): ReactElement => {
  const { t } = useWords()
  return (
    <div role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="row g16" style={{ height, padding: '0 16px' }}>
          <span className="skel" style={{ width: '18%' }} />
          <span className="skel" style={{ width: `${30 + ((index * 7) % 20)}%` }} />
          <span className="skel" style={{ width: '12%', marginLeft: 'auto' }} />
        </div>
      ))}
    </div>
  )
}
