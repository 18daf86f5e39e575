import type { ReactElement } from 'react'
import { useTake } from '../../api/stock-takes.ts'
import { formatCount, formatDecimal } from '../../format/number.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'

const words = ['plan.item', 'takes.counted', 'takes.delta', 'takes.result'] as const
const mostLines = 500

const isBooked = (result: string): boolean => result === 'set' || result === 'unchanged'

/** Signed, digits kept. */
export const signed = (delta: string): string => (delta.startsWith('-') || Number(delta) === 0 ? formatDecimal(delta) : `+${formatDecimal(delta)}`)

/** One stock-take: what was missing or too much of each item. */
export const TakeDetail = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactElement => {
  const { t, label } = useWords()
  const take = useTake(id)
  const [search, setSearch] = useAddress()
  const all = search['lines'] === 'all'
  const lines = (take.data?.lines ?? []).filter((line) => all || Number(line.delta) !== 0 || !isBooked(line.result))
  return (
    <section
      className="card"
      style={{ marginBottom: 16, overflowX: 'auto' }}
      tabIndex={0}
      role="region"
      aria-label={take.data?.ref ?? t('takes.title')}
    >
      <div className="card-head">
        <h2 className="grow break">{take.data?.ref ?? ''}</h2>
        <div className="seg">
          {[false, true].map((one) => (
            <button key={String(one)} type="button" aria-pressed={one === all} onClick={() => setSearch({ lines: one ? 'all' : undefined })}>
              {t(one ? 'takes.allLines' : 'takes.onlyDifferent')}
            </button>
          ))}
        </div>
        <button type="button" className="icb" aria-label={t('common.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {take.isError ? (
        <Failed error={take.error} what={t('takes.title')} />
      ) : take.data === undefined ? (
        <Skeleton rows={4} height={32} />
      ) : lines.length === 0 ? (
        <p className="sect">
          <Status kind="ok">{t('takes.allAgree', { count: take.data.lines.length })}</Status>
        </p>
      ) : (
        <table className="grid">
          <HeadRow words={words} figures={['takes.counted', 'takes.delta']} />
          <tbody>
            {lines.slice(0, mostLines).map((line) => (
              <tr key={line.sku}>
                <td className="m5 break">{line.sku}</td>
                <td className="n">{formatCount(line.counted)}</td>
                <td className={`n ${Number(line.delta) < 0 ? 'bad' : Number(line.delta) > 0 ? 'warn' : ''}`}>{signed(line.delta)}</td>
                <td>
                  {isBooked(line.result) ? (
                    <Status kind="ok">{t('takes.booked')}</Status>
                  ) : (
                    <Status kind="attention">{label('takeResult', line.result)}</Status>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lines.length > mostLines && <p className="s12 t3 sect">{t('takes.moreLines', { count: lines.length - mostLines })}</p>}
    </section>
  )
}
