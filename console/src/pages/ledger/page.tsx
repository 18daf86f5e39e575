import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useLedger } from '../../api/ledger.ts'
import type { LedgerDay } from '../../api/ledger.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Status, StatusIcon } from '../../ui/status.tsx'
import { Day } from './day.tsx'
import { daysBefore, ledgerKinds, todayHere } from './state.ts'
import './ledger.css'

const span = 10

interface CellProps {
  readonly row: LedgerDay | undefined
  readonly chosen: boolean
  readonly name: string
  readonly onChoose: () => void
}

/** One day of one connection: its state by shape and colour, how many orders, whether it is signed. */
const Cell = ({ row, chosen, name, onChoose }: CellProps): ReactElement => {
  const { t, label } = useWords()
  if (row === undefined) return <td className="t3">—</td>
  const says = t('ledger.cell', { name, day: row.day, state: label('ledgerState', row.state), count: row.hub.orders ?? 0 })
  return (
    <td className="ledger-cell">
      <button
        type="button"
        className={`ledger-day ${row.state}${chosen ? ' lit' : ''}`}
        aria-pressed={chosen}
        aria-label={says}
        title={says}
        onClick={onChoose}
      >
        <span className="row g4">
          <StatusIcon kind={ledgerKinds[row.state]} small />
          <span>{formatCount(row.hub.orders ?? 0)}</span>
        </span>
        <span className="s12 t3">
          {row.differences > 0 ? (
            <b className="bad">{t('ledger.off', { count: row.differences })}</b>
          ) : row.signature === null ? (
            ' '
          ) : row.changed_since > 0 ? (
            <span className="warn">{t('ledger.changed', { count: row.changed_since })}</span>
          ) : (
            <span className="row g4">
              <Icon name="check" small />
              {row.signature.by}
            </span>
          )}
        </span>
      </button>
    </td>
  )
}

/** Every business day of every connection: is all there that the channel has? */
const LedgerPage = (): ReactElement => {
  const { t, label } = useWords()
  const [search, setSearch] = useAddress()
  const to = search['to'] ?? todayHere()
  const days = Array.from({ length: span }, (_, index) => daysBefore(to, span - 1 - index))
  const ledger = useLedger({ from: days[0] ?? to, to, connection: search['connection'] })
  const connections = useConnections(30_000)
  const rows = ledger.data?.items ?? []
  const ids = [...new Set(rows.map((row) => row.connection_id))]
  const nameOf = (id: string): string => connections.data?.items.find((one) => one.id === id)?.name ?? id
  const [connection, day] = (search['open'] ?? '').split('/')
  return (
    <>
      <div className="ph">
        <h1>{t('nav.ledger')}</h1>
        <ConnectionSelect />
        <Button icon={<Icon name="left" />} aria-label={t('ledger.earlier')} onClick={() => setSearch({ to: daysBefore(to, span) })} />
        <Button
          icon={<Icon name="right" />}
          aria-label={t('ledger.later')}
          disabled={to >= todayHere()}
          onClick={() => setSearch({ to: daysBefore(to, -span) })}
        />
        <span className="row g16 s12 ledger-legend">
          {(['green', 'red', 'running', 'unasked', 'no-list'] as const).map((state) => (
            <Status key={state} kind={ledgerKinds[state]}>
              {label('ledgerState', state)}
            </Status>
          ))}
        </span>
      </div>
      <p className="t2 ledger-text">{t('ledger.text')}</p>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('nav.ledger')}>
        <Loaded query={ledger} what={t('nav.ledger')} count={ids.length} empty={<State icon="file" title={t('ledger.none')} />}>
          <table className="grid">
            <thead>
              <tr>
                <th>{t('common.connection')}</th>
                {days.map((one) => (
                  <th key={one} className="nw">
                    {one.slice(5)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {ids.map((id) => (
                <tr key={id}>
                  <td>
                    <span className="row g8">
                      <Tile title={nameOf(id)} small />
                      <span className="el">{nameOf(id)}</span>
                    </span>
                  </td>
                  {days.map((one) => (
                    <Cell
                      key={one}
                      row={rows.find((row) => row.connection_id === id && row.day === one)}
                      chosen={connection === id && day === one}
                      name={nameOf(id)}
                      onChoose={() => setSearch({ open: `${id}/${one}` })}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Loaded>
      </section>
      {connection !== undefined && connection !== '' && day !== undefined && (
        <Day key={`${connection}/${day}`} connection={connection} day={day} name={nameOf(connection)} />
      )}
    </>
  )
}

export default LedgerPage
