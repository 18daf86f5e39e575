import { Fragment } from 'react'
import type { ReactElement } from 'react'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import type { Leaf } from './leaves.ts'

interface CanonicalProps {
  readonly leaves: readonly Leaf[]
  readonly chosen: Leaf | undefined
  /** The value was pressed: its line comes into view. */
  readonly onChoose: (leaf: Leaf | undefined) => void
  readonly onPoint: (leaf: Leaf | undefined) => void
  /** Lines of the document that carry the chosen value. */
  readonly lines: ReadonlySet<number>
  /** Where the value that was pressed comes from. */
  readonly asked: Leaf | undefined
  readonly explained: ReactElement | undefined
  readonly mapping: string | null
}

const Trace = ({ chosen, lines, asked, explained }: Pick<CanonicalProps, 'chosen' | 'lines' | 'asked' | 'explained'>): ReactElement => {
  const { t } = useWords()
  if (asked !== undefined && explained !== undefined)
    return (
      <div className="card-foot" role="status">
        <div>
          <b className="mono">{asked.path}</b> = {asked.money === undefined ? asked.value : formatMoney(asked.money)}
        </div>
        {explained}
      </div>
    )
  if (chosen === undefined) return <div className="card-foot t3 s12">{t('order.traceHint')}</div>
  return (
    <div className="card-foot" role="status">
      <div>
        <b className="mono">{chosen.path}</b> = {chosen.money === undefined ? chosen.value : formatMoney(chosen.money)}
      </div>
      <div className="t2 s12">
        {lines.size === 0
          ? t('order.traceNone')
          : t('order.traceFound', {
              count: lines.size,
              lines: [...lines]
                .slice(0, 6)
                .map((line) => line + 1)
                .join(', '),
            })}
      </div>
    </div>
  )
}

/** The order as the hub understood it. Every value can be asked where it comes from. */
export const Canonical = ({ leaves, chosen, onChoose, onPoint, lines, asked, explained, mapping }: CanonicalProps): ReactElement => {
  const { t } = useWords()
  return (
    <section className="card" aria-label={t('order.canonical')}>
      <div className="card-head">
        <h2>{t('order.canonical')}</h2>
        {mapping !== null && <span className="s12 t3 el">{t('order.mappedBy', { mapping })}</span>}
      </div>
      <div className="pane" tabIndex={0} role="region" aria-label={t('order.canonical')}>
        <div className="tree">
          {leaves.map((leaf, index) => (
            <Fragment key={leaf.path}>
              {leaf.group !== '' && leaf.group !== leaves[index - 1]?.group && <h3 className="mono">{leaf.group}</h3>}
              <button
                type="button"
                className={`leaf${chosen?.path === leaf.path ? ' lit' : ''}`}
                aria-pressed={chosen?.path === leaf.path}
                onClick={() => onChoose(leaf)}
                onMouseEnter={() => onPoint(leaf)}
              >
                <span className="mono">{leaf.name}</span>
                <span>{leaf.money === undefined ? leaf.value : formatMoney(leaf.money)}</span>
                {leaf.money !== undefined && <span className="t3 s12">{leaf.money.currency}</span>}
              </button>
            </Fragment>
          ))}
        </div>
      </div>
      <Trace chosen={chosen} lines={lines} asked={asked} explained={explained} />
    </section>
  )
}
