import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { ConnectionSigns } from '../../api/connection-signs.ts'
import { formatCount } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'

/** Whether it is as quiet as it usually is at this hour, what waits, and when that will be done. */
export const Signs = ({ signs, connection }: { readonly signs: ConnectionSigns; readonly connection: string }): ReactElement => {
  const { t, language } = useWords()
  const { silence, backlog, news } = signs
  const waiting = backlog.documents + backlog.fetches + backlog.writes
  const drain = backlog.drain_seconds
  return (
    <section className="card sect col g8">
      <h2>{t('signs.title')}</h2>
      <div className="row g8">
        <Status kind={silence.silent ? 'attention' : 'ok'}>{t(silence.silent ? 'signs.silent' : 'signs.usual')}</Status>
        <span className="s12 t2">
          {silence.expected === null || silence.quiet_seconds === null
            ? t('signs.noHabit')
            : t('signs.expected', { count: silence.expected, span: formatSpan(silence.quiet_seconds * 1000, language) })}
        </span>
      </div>
      <div className="row g8">
        <Status kind={waiting === 0 ? 'ok' : drain === null ? 'attention' : 'progress'}>
          {waiting === 0 ? t('signs.nothingWaits') : t('signs.waits', { count: waiting })}
        </Status>
        {waiting > 0 && (
          <span className="s12 t2">
            {t('signs.parts', {
              documents: formatCount(backlog.documents),
              fetches: formatCount(backlog.fetches),
              writes: formatCount(backlog.writes),
            })}{' '}
            ·{' '}
            {drain === null
              ? t('signs.stands')
              : t('signs.drains', { span: formatSpan(drain * 1000, language), rate: formatCount(backlog.per_minute) })}
          </span>
        )}
      </div>
      <div className="row g8">
        <Status kind={news > 0 ? 'attention' : 'ok'}>{news > 0 ? t('drift.open', { count: news }) : t('drift.nothing')}</Status>
        <Link to="/drift" search={{ connection, ...(news === 0 && { view: 'all' }) }} className="s12">
          {t('drift.see')}
        </Link>
      </div>
    </section>
  )
}
