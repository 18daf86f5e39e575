import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { FailureItem } from '../../api/failures.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Money } from '../../ui/money.tsx'
import { useHoldText } from '../../ui/said.ts'
import { StatusIcon } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'

const shown = 12

/** What the line is about: the order's number, the goods of a listing, the stream that was read. */
const useSubject = (): ((item: FailureItem) => string) => {
  const { label } = useWords()
  return ({ channel_order_no: order, goods, subject_kind: kind, subject_id: id }) => {
    const last = id?.split('/').at(-1) ?? ''
    return order ?? goods ?? (kind === 'stream' ? label('operation', last) : last)
  }
}

interface Props {
  readonly items: readonly FailureItem[]
  /** Of the group they belong to. */
  readonly code: string
  readonly quoted: boolean
}

/** Orders, documents and writes with this cause, those still waiting first; what is mended carries its tick. */
export const Samples = ({ items, code, quoted }: Props): ReactElement | null => {
  const { t } = useWords()
  const subject = useSubject()
  const textOf = useHoldText()
  if (items.length === 0) return null
  return (
    <section className="sect">
      <h3 style={{ marginBottom: 4 }}>{t('failures.samples')}</h3>
      <ul>
        {items.slice(0, shown).map((item, index) => {
          const isOver = item.resolved_at !== null && item.resolved_at !== undefined
          return (
            <li key={item.id ?? index} className="row g8" style={{ minHeight: 32, borderTop: '1px solid var(--line)' }}>
              {isOver && <StatusIcon kind="ok" />}
              {item.order_id !== null && item.order_id !== undefined ? (
                <Link to="/orders/$id" params={{ id: item.order_id }} className="m5 nw">
                  {item.channel_order_no ?? item.order_id}
                </Link>
              ) : (
                <span className="m5 nw">{subject(item)}</span>
              )}
              <span className="grow el t2" title={quoted ? item.message : undefined}>
                {isOver ? t('failures.itemOver') : quoted && textOf({ code, message: item.message ?? '' })}
              </span>
              {item.total !== null && item.total !== undefined && <Money value={item.total} />}
              <Ago at={item.resolved_at ?? item.last_seen ?? item.opened_at} className="t3 s12 nw" />
            </li>
          )
        })}
      </ul>
    </section>
  )
}
