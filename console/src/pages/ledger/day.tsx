import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { statementUrl, useLedgerDay } from '../../api/ledger.ts'
import type { LedgerDetail } from '../../api/ledger.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatSums } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { AskAgain, CutOff, Repull, SignOff } from './actions.tsx'
import { Orders } from './orders.tsx'
import { differences, ledgerKinds } from './state.ts'

const shortHash = (hash: string | null): string => (hash === null || hash === '' ? '—' : hash.slice(0, 12))

/** The channel, the hub and each consumer, line by line. */
const Sides = ({ detail }: { readonly detail: LedgerDetail }): ReactElement => {
  const { t } = useWords()
  const { channel, hub } = detail
  const same = channel.set_hash !== null && channel.set_hash === hub.set_hash
  return (
    <table className="grid ledger-sides">
      <thead>
        <tr>
          <th>{t('ledger.side')}</th>
          <th className="n">{t('ledger.orders')}</th>
          <th className="n">{t('ledger.sum')}</th>
          <th>{t('ledger.set')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>
            {t('ledger.channel')}{' '}
            <span className="s12 t3">
              {channel.asked_at === null ? t(channel.can_be_asked ? 'ledger.notAsked' : 'ledger.noList') : <Clock at={channel.asked_at} />}
            </span>
          </td>
          <td className="n">{channel.orders === null ? '—' : formatCount(channel.orders)}</td>
          <td className="n">{formatSums(channel.sums)}</td>
          <td className="mono s12">{shortHash(channel.set_hash)}</td>
        </tr>
        <tr>
          <td>{t('ledger.hub')}</td>
          <td className="n">{formatCount(hub.orders ?? 0)}</td>
          <td className="n">{formatSums(hub.sums)}</td>
          <td className="mono s12">
            {shortHash(hub.set_hash)} {same && <Status kind="ok">{t('ledger.sameSet')}</Status>}
          </td>
        </tr>
        {detail.consumers.map((one) => (
          <tr key={one.name}>
            <td>{t('ledger.consumer', { name: one.name })}</td>
            <td className="n">{formatCount(one.read)}</td>
            <td className="n" colSpan={2}>
              <span className="row g8 s12" style={{ justifyContent: 'flex-end' }}>
                {one.accepted > 0 && <span className="t2">{t('ledger.accepted', { count: one.accepted })}</span>}
                {one.rejected > 0 && <span className="bad">{t('ledger.rejected', { count: one.rejected })}</span>}
                {one.open > 0 && <span className="warn">{t('ledger.open', { count: one.open })}</span>}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const outcomes = ['applied', 'superseded', 'duplicate', 'held', 'ignored', 'waiting'] as const

/** What came in while the day lasted: received is the sum of the rest. */
const Documents = ({ detail }: { readonly detail: LedgerDetail }): ReactElement => {
  const { t, label } = useWords()
  const { documents } = detail
  return (
    <div className="s12 t2 ledger-documents">
      <span>{t('ledger.received', { count: documents.received })}</span>
      {outcomes
        .filter((name) => documents[name] > 0)
        .map((name) => (
          <span key={name}>
            {label('disposition', name === 'waiting' ? 'unprocessed' : name)} {formatCount(documents[name])}
          </span>
        ))}
      {documents.unchanged > 0 && <span>{t('ledger.unchanged', { count: documents.unchanged })}</span>}
    </div>
  )
}

const Signature = ({ detail }: { readonly detail: LedgerDetail }): ReactElement | null => {
  const { t } = useWords()
  if (detail.signature === null) return null
  return (
    <div className="s12">
      <Icon name="check" small /> {t('ledger.signedBy', { name: detail.signature.by })} <Clock at={detail.signature.at} />
      {detail.signature.note !== null && <span className="t2"> · “{detail.signature.note}”</span>}
      {detail.changed_since > 0 && <b className="warn"> · {t('ledger.changedSince', { count: detail.changed_since })}</b>}
    </div>
  )
}

/** Whatever moves the day's figures moves the list of its orders and the table of days too, at once. */
const useTogether = (detail: LedgerDetail | undefined): void => {
  const queries = useQueryClient()
  const facts = detail && JSON.stringify([detail.state, detail.differences, detail.channel.asked_at, detail.channel.set_hash, detail.hub.set_hash])
  useEffect(() => {
    if (facts === undefined) return
    const isOther = ({ queryKey: [path, shape] }: { readonly queryKey: readonly unknown[] }): boolean =>
      path === '/v1/ledger' || (String(path).startsWith('/v1/ledger/') && shape === 'list')
    void queries.invalidateQueries({ predicate: isOther })
  }, [facts, queries])
}

/** One business day: the figures, what to do about it, and its orders. */
export const Day = ({ connection, day, name }: { readonly connection: string; readonly day: string; readonly name: string }): ReactElement => {
  const { t, label, language } = useWords()
  const [, setSearch] = useAddress()
  const query = useLedgerDay(connection, day)
  const [filter, setFilter] = useState<string>('different')
  const detail = query.data
  useTogether(detail)
  if (query.isError && detail === undefined) return <Failed error={query.error} what={day} retry={() => void query.refetch()} />
  if (detail === undefined) return <Skeleton rows={6} />
  const found = differences.filter((state) => (detail.orders_by_state[state] ?? 0) > 0)
  return (
    <section className="card ledger-detail" aria-label={`${name} ${day}`}>
      <div className="card-head">
        <h2>
          {name} · {day}
        </h2>
        <Status kind={ledgerKinds[detail.state]}>{label('ledgerState', detail.state)}</Status>
        <span className="s12 t3 nw">
          <Clock at={detail.from} /> – <Clock at={detail.to} />
        </span>
        <CutOff connection={connection} value={detail.cut_off} timezone={detail.timezone} />
        <button type="button" className="icb end" aria-label={t('common.close')} onClick={() => setSearch({ open: undefined })}>
          <Icon name="close" />
        </button>
      </div>
      <div className="card-body ledger-body">
        {detail.channel.fault !== null && <div className="warn">{t('ledger.fault', { message: detail.channel.fault })}</div>}
        <Sides detail={detail} />
        <Documents detail={detail} />
        <Signature detail={detail} />
        <div className="row g8 ledger-actions">
          {detail.channel.can_be_asked && <AskAgain connection={connection} day={day} asked={detail.channel.asked_at !== null} />}
          {found.some((state) => state === 'missing' || state === 'stale' || state === 'amount') && <Repull connection={connection} day={day} />}
          <SignOff detail={detail} />
          <Button icon={<Icon name="download" />} href={statementUrl(connection, day, 'xlsx', language)}>
            {t('ledger.xlsx')}
          </Button>
          <Button icon={<Icon name="download" />} href={statementUrl(connection, day, 'pdf', language)}>
            {t('ledger.pdf')}
          </Button>
        </div>
        <div className="seg s">
          {['different', ...found, ...(detail.changed_since > 0 ? ['changed'] : []), 'all'].map((state) => (
            <button key={state} type="button" aria-pressed={filter === state} onClick={() => setFilter(state)}>
              {label('ledgerOrder', state)}
              {detail.orders_by_state[state] !== undefined && ` ${formatCount(detail.orders_by_state[state])}`}
            </button>
          ))}
        </div>
        <Orders connection={connection} day={day} filter={filter} asked={detail.channel.orders !== null} differences={detail.differences} />
      </div>
    </section>
  )
}
