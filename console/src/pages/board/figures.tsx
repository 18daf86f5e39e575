import type { ReactElement, ReactNode } from 'react'
import type { Board, BoardConnection } from '../../api/board.ts'
import { formatCount, unknown } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'

const Figure = ({
  label,
  value,
  hint,
  tone = '',
}: {
  readonly label: string
  readonly value: ReactNode
  readonly hint?: string
  readonly tone?: string
}): ReactElement => (
  <div className="card board-figure">
    <span className="s12 t3">{label}</span>
    <b className={tone}>{value}</b>
    <span className="s12 t3">{hint ?? ' '}</span>
  </div>
)

const sumOf = (connections: readonly BoardConnection[], of: (one: BoardConnection) => number): number =>
  connections.reduce((sum, one) => sum + of(one), 0)

/** What went through in the last minute, what waits, and how long it takes at the present pace. */
export const Figures = ({
  board,
  connections,
  overdue,
}: {
  readonly board: Board
  readonly connections: readonly BoardConnection[]
  readonly overdue: number
}): ReactElement => {
  const { t, language } = useWords()
  const waiting = sumOf(connections, ({ backlog }) => backlog.documents + backlog.fetches + backlog.writes)
  const doubt = sumOf(connections, ({ in_doubt: count }) => count)
  const pace = sumOf(connections, ({ backlog }) => backlog.per_minute)
  const drain = waiting === 0 ? t('board.nothing') : pace === 0 ? unknown : formatSpan((waiting / pace) * 60_000, language)
  const seen = connections.flatMap(({ seen_p99: late }) => (late === null ? [] : [late]))
  return (
    <section className="board-figures" aria-label={t('board.lastMinute')}>
      <Figure label={t('board.in')} value={formatCount(board.rates.in)} hint={t('board.perMinute')} />
      <Figure label={t('board.normalised')} value={formatCount(board.rates.normalised)} hint={t('board.perMinute')} />
      <Figure label={t('board.fed')} value={formatCount(board.rates.fed)} hint={t('board.perMinute')} />
      <Figure label={t('board.acked')} value={formatCount(board.rates.acked)} hint={t('board.perMinute')} />
      <Figure
        label={t('board.waiting')}
        value={formatCount(waiting)}
        hint={waiting === 0 ? t('board.nothing') : t('board.drain', { span: drain })}
        tone={waiting > 1000 ? 'warn' : ''}
      />
      <Figure
        label={t('board.seen')}
        value={seen.length === 0 ? unknown : formatSpan(Math.max(...seen) * 1000, language, 1)}
        hint={t('board.seenHint')}
      />
      <Figure label={t('board.late')} value={formatCount(overdue)} hint={t('board.orders')} tone={overdue > 0 ? 'warn' : ''} />
      <Figure label={t('board.doubt')} value={formatCount(doubt)} hint={t('board.writes')} tone={doubt > 0 ? 'doubt' : ''} />
    </section>
  )
}
