import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useAudit } from '../../api/admin.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Clock } from '../../ui/time.tsx'

/** Who did what, newest first; rows are chained, so that none can be changed unseen. */
export const AuditTab = (): ReactElement => {
  const { t, label } = useWords()
  const { items, query } = useAudit()
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('settings.audit')}>
      {query.isError ? (
        <Failed error={query.error} what={t('settings.audit')} />
      ) : query.isPending ? (
        <Skeleton rows={8} />
      ) : items.length === 0 ? (
        <State icon="file" title={t('common.none')} />
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('effects.when')}</th>
              <th scope="col">{t('settings.actor')}</th>
              <th scope="col">{t('settings.action')}</th>
              <th scope="col">{t('effects.subject')}</th>
              <th scope="col">{t('common.details')}</th>
            </tr>
          </thead>
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
      )}
      {query.hasNextPage && (
        <div className="card-foot">
          <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('common.loadMore')}
          </Button>
        </div>
      )}
    </section>
  )
}
