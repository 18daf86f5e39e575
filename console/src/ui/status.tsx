import type { ReactElement, ReactNode } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'
import type { StateIconName } from './icon.tsx'

interface Look {
  readonly icon: StateIconName | undefined
  readonly tone: string
  /** The word takes the colour too, where somebody has to act. */
  readonly loud: boolean
}

const looks = {
  ok: { icon: 'ok', tone: 'ok', loud: false },
  progress: { icon: 'progress', tone: 'prog', loud: false },
  waiting: { icon: 'waiting', tone: 'mute', loud: false },
  held: { icon: 'held', tone: 'warn', loud: false },
  late: { icon: 'late', tone: 'warn', loud: true },
  attention: { icon: 'attention', tone: 'warn', loud: true },
  failed: { icon: 'failed', tone: 'bad', loud: true },
  doubt: { icon: 'doubt', tone: 'doubt', loud: false },
  drift: { icon: 'drift', tone: 'warn', loud: true },
  oversell: { icon: 'drift', tone: 'bad', loud: true },
  paused: { icon: 'paused', tone: 'mute', loud: false },
  cancelled: { icon: 'cancelled', tone: 'mute', loud: false },
  cancelRequested: { icon: 'cancelled', tone: 'bad', loud: false },
  readonly: { icon: 'readonly', tone: 'mute', loud: false },
  armed: { icon: 'armed', tone: 'ink', loud: false },
  running: { icon: 'armed', tone: 'ok', loud: false },
  stopped: { icon: 'stopped', tone: 'bad', loud: true },
  sandbox: { icon: undefined, tone: 'outline', loud: false },
} as const satisfies Readonly<Record<string, Look>>

export type StatusKind = keyof typeof looks

interface StatusProps {
  readonly kind: StatusKind
  /** A more exact word than the kind's own. */
  readonly children?: ReactNode
  readonly title?: string
}

/** One state: shape, colour and word together, so that none of the three has to be seen alone. */
export const Status = ({ kind, children, title }: StatusProps): ReactElement => {
  const { t } = useWords()
  const { icon, tone, loud } = looks[kind]
  if (icon === undefined)
    return (
      <span className="tag outline" title={title}>
        {children ?? t(`status.${kind}`)}
      </span>
    )
  return (
    <span className={`st ${tone}${loud ? ' loud' : ''}`} title={title}>
      <Icon name={icon} />
      <span>{children ?? t(`status.${kind}`)}</span>
    </span>
  )
}

/** The same vocabulary as a filled tag. */
export const StatusTag = ({ kind, children }: StatusProps): ReactElement => {
  const { t } = useWords()
  const { icon, tone } = looks[kind]
  return (
    <span className={`tag ${tone === 'mute' || tone === 'ink' ? '' : tone}`}>
      {icon !== undefined && <Icon name={icon} />}
      {children ?? t(`status.${kind}`)}
    </span>
  )
}

/** Only the drawing, for a place where the word stands beside it already. */
export const StatusIcon = ({ kind, small = false }: { readonly kind: StatusKind; readonly small?: boolean }): ReactElement | null => {
  const { icon, tone } = looks[kind]
  return icon === undefined ? null : <Icon name={icon} tone={tone} small={small} />
}
