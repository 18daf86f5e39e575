import { useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { findMany } from '../../api/orders.ts'
import type { FoundMany } from '../../api/orders.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'
import { ChannelAnswers } from '../find/channel-answers.tsx'

export const usePasted = (ids: readonly string[]): UseQueryResult<FoundMany> =>
  useQuery({ queryKey: ['pasted', ids], queryFn: () => findMany(ids), enabled: ids.length > 0 })

const askAtOnce = 20

/** How many of the pasted numbers are here, which are not, and what the channels say about those. */
export const PastedIds = ({ ids, result }: { readonly ids: readonly string[]; readonly result: FoundMany | undefined }): ReactElement | null => {
  const { t } = useWords()
  const [, setSearch] = useAddress()
  const [asking, setAsking] = useState(false)
  if (result === undefined) return null
  const { missing } = result
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(missing.join('\n'))
    tell(t('orders.copiedIds', { count: missing.length }))
  }
  return (
    <section className="missing col g8" aria-label={t('orders.pasted')}>
      <div className="row g8 wrap">
        <Icon name={missing.length === 0 ? 'ok' : 'search'} tone={missing.length === 0 ? 'ok' : 'warn'} />
        <b>{t('orders.foundOf', { found: ids.length - missing.length, total: ids.length })}</b>
        {missing.length > 0 && <span className="t2">{t('orders.missingHint', { count: missing.length })}</span>}
        <button type="button" className="linkish end" onClick={() => setSearch({ ids: undefined })}>
          {t('common.clear')}
        </button>
      </div>
      {missing.length > 0 && (
        <>
          <div className="mono break" style={{ maxHeight: 60, overflow: 'auto' }} tabIndex={0} role="region" aria-label={t('orders.missing')}>
            {missing.join(' · ')}
          </div>
          <div className="row g8">
            <Button size="small" type="primary" onClick={() => setAsking(true)}>
              {t('orders.askFor', { count: Math.min(askAtOnce, missing.length) })}
            </Button>
            <Button size="small" onClick={() => void copy()}>
              {t('orders.copyMissing')}
            </Button>
          </div>
          {asking && (
            <div className="col g8" style={{ maxHeight: 260, overflow: 'auto' }}>
              {missing.slice(0, askAtOnce).map((id) => (
                <div key={id} className="card pad">
                  <div className="b">{id}</div>
                  <ChannelAnswers q={id} />
                </div>
              ))}
            </div>
          )}
        </>
      )}
    </section>
  )
}
