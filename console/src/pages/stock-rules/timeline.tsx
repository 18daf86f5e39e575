import type { ReactElement } from 'react'
import type { Rule } from '../../api/stock-rules.ts'
import { formatClock, formatExact } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { useNow } from '../../ui/use-now.ts'

const day = 86_400_000
const share = (at: number, from: number, to: number): string => `${Math.max(0, Math.min(100, ((at - from) / (to - from)) * 100)).toFixed(2)}%`

/** When the dated rules hold, one bar a rule, with the present as a line. The table below says the same in words. */
export const Timeline = ({ rules }: { readonly rules: readonly Rule[] }): ReactElement | null => {
  const { t } = useWords()
  const now = useNow()
  const dated = rules.filter((rule) => (rule.from !== null || rule.until !== null) && (rule.until === null || Date.parse(rule.until) > now))
  if (dated.length === 0) return null
  const moments = dated.flatMap(({ from, until }) => [from, until].flatMap((at) => (at === null ? [] : [Date.parse(at)])))
  const [first, last] = [Math.min(now, ...moments), Math.max(now, ...moments)]
  const margin = Math.max(day / 24, (last - first) * 0.05)
  const [from, to] = [first - margin, last + margin]
  return (
    <div className="rule-timeline" role="img" aria-label={t('rules.timeline')}>
      {dated.map((rule) => {
        const start = rule.from === null ? from : Date.parse(rule.from)
        const end = rule.until === null ? to : Date.parse(rule.until)
        const span = [rule.from, rule.until].map((at) => (at === null ? '…' : formatExact(at))).join(' – ')
        return (
          <div key={rule.id} className="line">
            <span className="el s12" title={rule.name}>
              {rule.name}
            </span>
            <span className="track" title={span}>
              <i className={rule.standing} style={{ left: share(start, from, to), right: `calc(100% - ${share(end, from, to)})` }} />
            </span>
          </div>
        )
      })}
      <div className="line axis s12 t3">
        <span />
        <span className="track">
          <span className="mark">{formatClock(new Date(from).toISOString(), now)}</span>
          <span className="mark last">{formatClock(new Date(to).toISOString(), now)}</span>
        </span>
      </div>
      <div className="now" aria-hidden="true">
        <span style={{ left: share(now, from, to) }} title={t('rules.now')} />
      </div>
    </div>
  )
}
