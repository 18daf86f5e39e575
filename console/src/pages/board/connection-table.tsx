import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { BoardConnection, NodeLoad } from '../../api/board.ts'
import { formatCount, formatPercent } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'
import { together } from './stages.ts'

const lateAfter = 900

/** The one thing about a connection that a passer-by should see. */
const standing = (one: BoardConnection): readonly [StatusKind, string] => {
  if (one.state === 'needs-auth' || one.state === 'misconfigured') return ['failed', `board.state.${one.state}`]
  if (one.state === 'paused') return ['paused', 'board.state.paused']
  if (one.lag_seconds > lateAfter) return ['late', 'board.state.behind']
  if (one.silent) return ['attention', 'board.state.silent']
  if (one.webhook_lost) return ['attention', 'board.state.webhook']
  return ['ok', 'board.state.ok']
}

const figures = [
  'board.ordersHour',
  'board.lag',
  'board.waiting',
  'board.drainTitle',
  'board.failureRate',
  'board.doubt',
  'board.open',
  'board.late',
] as const

const Row = ({ one, nodes }: { readonly one: BoardConnection; readonly nodes: readonly NodeLoad[] }): ReactElement => {
  const { t, language } = useWords()
  const [kind, word] = standing(one)
  const { documents, fetches, writes, drain_seconds: drain } = one.backlog
  const waiting = documents + fetches + writes
  const load = together(nodes.filter(({ connection_id: id }) => id === one.id))
  return (
    <tr>
      <td>
        <Link to="/connections/$id" params={{ id: one.id }} className="row g8 m5">
          <Tile title={one.name} small />
          <span className="break">{one.name}</span>
        </Link>
      </td>
      <td>
        <Status kind={kind}>{t(word)}</Status>
      </td>
      <td className="n">{formatCount(one.orders_hour)}</td>
      <td className="n nw">{formatSpan(one.lag_seconds * 1000, language, 1)}</td>
      <td className="n">{formatCount(waiting)}</td>
      <td className="n nw">
        {waiting === 0 ? <span className="t3">—</span> : drain === null ? t('board.stands') : formatSpan(drain * 1000, language)}
      </td>
      <td className={`n${one.failure_rate > 0.05 ? ' bad' : ''}`}>
        {one.documents_hour === 0 ? '—' : one.failure_rate === 0 ? '0%' : formatPercent(one.failure_rate, 1)}
      </td>
      <td className={`n${one.in_doubt > 0 ? ' doubt' : ''}`}>{formatCount(one.in_doubt)}</td>
      <td className="n">{formatCount(load.orders)}</td>
      <td className={`n${load.overdue > 0 ? ' warn' : ''}`}>{formatCount(load.overdue)}</td>
    </tr>
  )
}

/** Each connection with its pace, what waits and what is late. */
export const ConnectionTable = ({
  connections,
  nodes,
}: {
  readonly connections: readonly BoardConnection[]
  readonly nodes: readonly NodeLoad[]
}): ReactElement => {
  const { t } = useWords()
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('board.byConnection')}>
      <table className="grid board-table">
        <HeadRow words={['common.connection', 'connections.state', ...figures]} figures={figures} />
        <tbody>
          {connections.map((one) => (
            <Row key={one.id} one={one} nodes={nodes} />
          ))}
        </tbody>
      </table>
    </section>
  )
}
