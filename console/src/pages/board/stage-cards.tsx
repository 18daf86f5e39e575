import type { ReactElement } from 'react'
import type { NodeLoad } from '../../api/board.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { stages, together } from './stages.ts'

const Overdue = ({ count }: { readonly count: number }): ReactElement | null => {
  const { t } = useWords()
  return count === 0 ? null : <Status kind="late">{t('board.overdue', { count, value: formatCount(count) })}</Status>
}

/** Open orders by stage: how many, how many too late or stuck, and since when the oldest waits. */
export const StageCards = ({ nodes }: { readonly nodes: readonly NodeLoad[] }): ReactElement => {
  const { t } = useWords()
  return (
    <section className="board-stages" aria-label={t('board.byStage')}>
      {stages.map((stage) => {
        const all = nodes.filter((load) => stage.nodes.some((node) => node === load.node))
        const sum = together(all)
        return (
          <article key={stage.code} className={`card board-stage${sum.overdue > 0 ? ' late' : ''}`}>
            <h2>{t(`board.stage.${stage.code}`)}</h2>
            <div className="board-count">{formatCount(sum.orders)}</div>
            <div className="board-marks">
              <Overdue count={sum.overdue} />
              {sum.stuck > 0 && <Status kind="held">{t('board.stuck', { value: formatCount(sum.stuck) })}</Status>}
              {sum.overdue === 0 && sum.stuck === 0 && <span className="t3">{t(sum.orders === 0 ? 'board.empty' : 'board.inTime')}</span>}
            </div>
            <div className="s12 t3">
              {sum.oldest === undefined ? (
                ' '
              ) : (
                <>
                  {t('board.oldest')} <Ago at={sum.oldest} />
                </>
              )}
            </div>
            {stage.nodes.length > 1 && (
              <ul className="board-nodes">
                {stage.nodes.map((node) => {
                  const load = together(all.filter((one) => one.node === node))
                  return (
                    <li key={node}>
                      <span className="t2">{t(`board.node.${node}`)}</span>
                      <span className="fig">
                        {formatCount(load.orders)}
                        {load.overdue > 0 && <span className="warn"> · {formatCount(load.overdue)}</span>}
                      </span>
                    </li>
                  )
                })}
              </ul>
            )}
          </article>
        )
      })}
    </section>
  )
}
