import type { ReactElement } from 'react'
import { useAudit } from '../../api/admin.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Clock } from '../../ui/time.tsx'

/** Who did what, newest first; rows are chained, so that none can be changed unseen. */
export const AuditTab = (): ReactElement => {
  const { t, label } = useWords()
  const { items, query } = useAudit()
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('settings.audit')}>
      <Loaded query={query} what={t('settings.audit')} count={items.length} empty={<State icon="file" title={t('common.none')} />}>
        <table className="grid">
          <HeadRow words={['effects.when', 'settings.actor', 'settings.action', 'effects.subject', 'common.details']} />
          <tbody>
            {items.map((row) => (
              <tr key={row.id}>
                <td className="nw">
                  <Clock at={row.at} />
                </td>
                <td className="m5">{row.actor}</td>
                <td>{label('action', row.action)}</td>
                <td className="break">{row.subject ?? '—'}</td>
                <td className="t2 break s12">
                  {row.details === null || row.details === undefined
                    ? ''
                    : Object.entries(row.details)
                        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
                        .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
    </section>
  )
}
