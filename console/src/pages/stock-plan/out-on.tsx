import type { ReactElement } from 'react'
import type { PlanRow } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import { useNow } from '../../ui/use-now.ts'

const dayMs = 86_400_000
const nearDays = 7

/** When an item runs out, in words a person plans by. */
export const OutOn = ({ row }: { readonly row: PlanRow }): ReactElement => {
  const { t, language } = useWords()
  const now = useNow()
  if (!row.counted) return <td className="t3">—</td>
  const cover = row.cover_days === null ? undefined : Math.floor(Number(row.cover_days))
  const left = row.runs_out === null ? undefined : Date.parse(row.runs_out) - now
  const lasts = cover === undefined ? t('plan.notSold') : t('plan.days', { days: formatCount(cover) })
  return (
    <td className="nw">
      {row.runs_out === null || left === undefined ? (
        <span className={cover === undefined ? 't3' : ''}>{lasts}</span>
      ) : left <= 0 ? (
        <Status kind="failed">{t('plan.isOut')}</Status>
      ) : (
        <>
          {left < nearDays * dayMs ? (
            <Status kind="attention">{new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(row.runs_out))}</Status>
          ) : (
            new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(row.runs_out))
          )}
          <div className="s12 t3">{lasts}</div>
        </>
      )}
    </td>
  )
}
