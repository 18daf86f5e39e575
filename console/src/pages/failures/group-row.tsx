import { Checkbox } from 'antd'
import { useEffect, useRef } from 'react'
import type { ReactElement } from 'react'
import type { FailureGroup } from '../../api/failures.ts'
import { formatSums } from '../../format/money.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Spark } from '../../ui/spark.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { Ago, Deadline } from '../../ui/time.tsx'
import { groupKind, useGroupTitle } from './group-words.ts'

interface GroupRowProps {
  readonly group: FailureGroup
  readonly name: string
  readonly chosen: boolean
  readonly selected: boolean
  readonly onChoose: () => void
  readonly onToggle: (range: boolean) => void
}

/** One cause in the list: the box selects it, the row opens it. */
export const GroupRow = ({ group, name, chosen, selected, onChoose, onToggle }: GroupRowProps): ReactElement => {
  const { t, label } = useWords()
  const title = useGroupTitle()(group)
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <div ref={row} data-group={group.id} className={`group-line${selected ? ' sel' : ''}`} aria-current={chosen}>
      <Checkbox
        className="group-box"
        checked={selected}
        aria-label={t('failures.selectOne', { title })}
        onClick={(event) => onToggle(event.shiftKey)}
      />
      <button type="button" className="group" onClick={onChoose}>
        <StatusIcon kind={groupKind(group)} />
        <span className="col g4">
          <span className="m5 el" title={title}>
            {title}
          </span>
          <span className="row g6 s12 t2">
            <Tile title={name} small />
            <span className="el">
              {group.regressed && <b className="warn">{t('failures.regressed')} · </b>}
              {name} · {label('operation', group.operation)}
            </span>
          </span>
        </span>
        <Spark values={group.trend} width={64} label={t('failures.trendOf', { title })} />
        {group.orders > 0 || group.operation === 'normalise' ? (
          <span className="n b">{formatCount(group.orders > 0 ? group.orders : group.count)}</span>
        ) : (
          <span className="n t2" title={t('failures.noOrders', { count: group.count })}>
            {formatCount(group.count)}
          </span>
        )}
        <span className="col n">
          <span className="m5 nw">{group.money.length === 0 ? '' : formatSums(group.money)}</span>
          <span className="s12">
            {group.nearest_ship_by === null ? <Ago at={group.last_seen} className="t3" /> : <Deadline at={group.nearest_ship_by} />}
          </span>
        </span>
      </button>
    </div>
  )
}
