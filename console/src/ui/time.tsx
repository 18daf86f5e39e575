import type { ReactElement } from 'react'
import { formatAgo, formatClock, formatExact, formatUntil } from '../format/time.ts'
import { useWords } from '../i18n/use-words.ts'
import { useNow } from './use-now.ts'

interface TimeProps {
  readonly at: string | null | undefined
  readonly className?: string
}

/** The clock; hovering tells the date, the seconds and the zone. */
export const Clock = ({ at, className }: TimeProps): ReactElement => {
  const now = useNow()
  if (at === null || at === undefined) return <span className={className}>—</span>
  return (
    <time className={className} dateTime={at} title={formatExact(at)}>
      {formatClock(at, now)}
    </time>
  )
}

/** How long ago. */
export const Ago = ({ at, className }: TimeProps): ReactElement => {
  const now = useNow()
  const { language } = useWords()
  if (at === null || at === undefined) return <span className={className}>—</span>
  return (
    <time className={className} dateTime={at} title={formatExact(at)}>
      {formatAgo(at, now, language)}
    </time>
  )
}

const hour = 3_600_000

/** A deadline counting down: calm, then amber in the last six hours, then red. */
export const Deadline = ({ at }: TimeProps): ReactElement => {
  const now = useNow()
  const { language } = useWords()
  if (at === null || at === undefined) return <span className="t3">—</span>
  const left = Date.parse(at) - now
  const tone = left < 0 ? 'bad' : left < 6 * hour ? 'warn' : 't2'
  return (
    <time className={`${tone} nw`} dateTime={at} title={formatExact(at)}>
      {formatUntil(at, now, language)}
    </time>
  )
}
