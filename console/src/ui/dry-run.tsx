import type { ReactElement } from 'react'
import type { Job } from '../api/jobs.ts'
import { isOver } from '../api/jobs.ts'
import { formatSums } from '../format/money.ts'
import { formatCount } from '../format/number.ts'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon.tsx'

const figures: readonly { readonly name: 'would_create' | 'would_change' | 'unchanged' | 'still_fail'; readonly icon: IconName; readonly tone: string }[] = [
  { name: 'would_create', icon: 'plus', tone: 'ok' }, { name: 'would_change', icon: 'replay', tone: 'prog' },
  { name: 'unchanged', icon: 'minus', tone: 'mute' }, { name: 'still_fail', icon: 'failed', tone: 'bad' },
]

/** Four figures that add up to the set, then which fields change and how often. Nothing was written. */
export const DryRun = ({ job }: { readonly job: Job }): ReactElement => {
  const { t } = useWords()
  const result = job.result ?? {}
  const fields = result.fields ?? []
  const samples = result.samples ?? []
  return (
    <div className="col g12">
      <div className="row between"><span className="t2 s12">{t(isOver(job) ? 'replay.dryDone' : 'replay.dryRunning', { done: formatCount(job.done), total: formatCount(job.total) })}</span>{result.money !== undefined && <span className="s12 t2">{t('replay.money')} <b className="ink">{formatSums(result.money)}</b></span>}</div>
      <div className="dry">
        {figures.map(({ name, icon, tone }) => (
          <div key={name} className="col"><span className="row g4 s12 t2"><Icon name={icon} tone={tone} small />{t(`replay.${name}`)}</span><span className="big">{formatCount(result[name] ?? (isOver(job) ? 0 : null))}</span></div>
        ))}
      </div>
      {fields.length > 0 && (
        <table className="grid">
          <thead><tr><th scope="col">{t('replay.field')}</th><th scope="col">{t('replay.before')}</th><th scope="col">{t('replay.after')}</th><th scope="col" className="n">{t('nav.orders')}</th></tr></thead>
          <tbody>{fields.slice(0, 12).map((field, index) => <tr key={index}><td className="mono">{field.path}</td><td className="t3 break">{field.from ?? t('replay.empty')}</td><td className="m5 break">{field.to ?? t('replay.empty')}</td><td className="n">{formatCount(field.count)}</td></tr>)}</tbody>
        </table>
      )}
      {samples.filter((sample) => sample.message !== undefined && sample.message !== '').slice(0, 3).map((sample, index) => <div key={index} className="note bad"><Icon name="failed" /><span className="break"><b>{sample.channel_order_no ?? sample.order_id}</b> {sample.message}</span></div>)}
    </div>
  )
}
