import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { endOtherSessions, endSession, useSessions } from '../../api/people.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago, Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'

const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const

/** "Chrome · macOS" of what a browser says of itself; the words themselves when it says something else. */
const deviceOf = (agent: string | null): string => {
  if (agent === null || agent === '') return '—'
  const named = [browsers.find(([mark]) => agent.includes(mark))?.[1], systems.find(([mark]) => agent.includes(mark))?.[1]]
  const known = named.filter((name) => name !== undefined)
  return known.length === 0 ? agent.slice(0, 60) : known.join(' · ')
}

/** Where this person is signed in, and a way to end it. */
export const Sessions = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const sessions = useSessions()
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['/v1/sessions'] })
  const end = useMutation({ mutationFn: (id: string) => endSession(id), onSettled: refresh })
  const others = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: async ({ ended }) => {
      await refresh()
      tell(t('sessions.ended', { count: ended }))
    },
  })
  const items = sessions.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto', position: 'relative' }} role="region" tabIndex={0} aria-label={t('sessions.title')}>
      <div className="card-head">
        <h2 className="grow">{t('sessions.title')}</h2>
        {items.length > 1 && (
          <Button size="small" danger loading={others.isPending} onClick={() => others.mutate()}>
            {t('sessions.endOthers')}
          </Button>
        )}
      </div>
      <Loaded query={sessions} what={t('sessions.title')} count={items.length} rows={2} empty={null}>
        <table className="grid">
          <HeadRow words={['sessions.device', 'sessions.address', 'sessions.since', 'sessions.seen']} actions />
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td className="m5" title={one.agent ?? undefined}>
                  {deviceOf(one.agent)}
                </td>
                <td className="mono">{one.ip ?? '—'}</td>
                <td className="nw">
                  <Clock at={one.created_at} />
                </td>
                <td>
                  <Ago at={one.last_seen} className="t3" />
                </td>
                <td className="n">
                  {one.current ? (
                    <Status kind="ok">{t('sessions.this')}</Status>
                  ) : (
                    <Button size="small" onClick={() => end.mutate(one.id)}>
                      {t('sessions.end')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
    </section>
  )
}
