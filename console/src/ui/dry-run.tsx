import type { ReactElement } from 'react'
import { isOver } from '../api/jobs.ts'
import type { Job } from '../api/jobs.ts'
import { replayPlan } from '../api/replay-plan.ts'
import type { PlanFigure } from '../api/replay-plan.ts'
import { formatSums } from '../format/money.ts'
import { formatCount } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

const looks: Readonly<Record<PlanFigure['name'], { readonly icon: IconName; readonly tone: string }>> = {
  would_create: { icon: 'plus', tone: 'ok' },
  would_change: { icon: 'replay', tone: 'prog' },
  unchanged: { icon: 'minus', tone: 'mute' },
  still_fail: { icon: 'failed', tone: 'bad' },
}
const shownFields = 12
const shownFailing = 3

/** Four figures that add up to the set, then which fields change and how often. Nothing was written. */
export const DryRun = ({ job }: { readonly job: Job }): ReactElement => {
  const { t } = useWords()
  const plan = replayPlan(job)
  return (
    <div className="col g12">
      <span className="t2 s12">
        {isOver(job) ? t('replay.dryDone') : t('replay.dryRunning', { done: formatCount(job.done), total: formatCount(job.total) })}
        {plan.expired > 0 && ` · ${t('replay.expired', { count: plan.expired })}`}
        {isOver(job) && (
          <>
            {' · '}
            <a href={`/v1/jobs/${encodeURIComponent(job.id)}/report.csv`} download>
              {t('fixes.report')}
            </a>
          </>
        )}
      </span>
      <div className="dry">
        {plan.figures.map(({ name, count, money }) => (
          <div key={name} className="col">
            <span className="row g4 s12 t2">
              <Icon name={looks[name].icon} tone={looks[name].tone} small />
              {t(`replay.${name}`)}
            </span>
            <span className="big">{formatCount(count)}</span>
            {money.length > 0 && <span className="s12 t2">{formatSums(money)}</span>}
          </div>
        ))}
      </div>
      {plan.fields.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('replay.field')}</th>
              <th scope="col">{t('replay.before')}</th>
              <th scope="col">{t('replay.after')}</th>
              <th scope="col" className="n">
                {t('nav.orders')}
              </th>
            </tr>
          </thead>
          <tbody>
            {plan.fields.slice(0, shownFields).map((field) => (
              <tr key={field.path}>
                <td className="mono break">{field.path}</td>
                <td className="t3 break">{field.from === '' ? t('replay.empty') : field.from}</td>
                <td className="m5 break">{field.to === '' ? t('replay.empty') : field.to}</td>
                <td className="n">{formatCount(field.count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {plan.failing.slice(0, shownFailing).map((one) => (
        <div key={one.number} className="note bad">
          <Icon name="failed" />
          <span className="break">
            <b>{one.number}</b> {one.reason}
          </span>
        </div>
      ))}
    </div>
  )
}
