import { useEffect, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useExplanation } from '../../api/explain.ts'
import { useRaw } from '../../api/orders.ts'
import type { Order } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Clock } from '../../ui/time.tsx'
import { linesAt } from '../explain/places.ts'
import { ExplainTrace } from '../explain/trace.tsx'
import { Canonical } from './canonical.tsx'
import { leavesOf } from './leaves.ts'
import type { Leaf } from './leaves.ts'
import { matchingLines, prettyLines } from './raw-lines.ts'
import { Wire } from './wire.tsx'

interface RawPaneProps {
  readonly order: Order
  readonly rawId: string | undefined
  readonly onChoose: (rawId: string) => void
  readonly lines: readonly string[]
  readonly lit: ReadonlySet<number>
  readonly state: ReactElement | undefined
  readonly masked: boolean
}

const download = (text: string, name: string): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

const RawLine = ({ line, lit }: { readonly line: string; readonly lit: boolean }): ReactElement => {
  const match = /^(\s*)("(?:[^"\\]|\\.)*")(\s*:.*)$/.exec(line)
  return (
    <div className={lit ? 'lit' : ''}>
      {match === null ? (
        line
      ) : (
        <>
          {match[1]}
          <span className="key">{match[2]}</span>
          {match[3]}
        </>
      )}
    </div>
  )
}

const RawPane = ({ order, rawId, onChoose, lines, lit, state, masked }: RawPaneProps): ReactElement => {
  const { t, label } = useWords()
  const chosen = order.raw.find((raw) => raw.raw_id === rawId)
  return (
    <section className="card" aria-label={t('order.raw')}>
      <div className="card-head">
        <h2>{t('order.raw')}</h2>
        <div className="seg s">
          {order.raw.slice(0, 5).map((raw, index) => (
            <button
              key={raw.raw_id}
              type="button"
              aria-pressed={raw.raw_id === rawId}
              title={raw.disposition === null ? undefined : label('disposition', raw.disposition)}
              onClick={() => onChoose(raw.raw_id)}
            >
              {t('order.rawNo', { number: order.raw.length - index })}
            </button>
          ))}
        </div>
        {chosen !== undefined && (
          <span className="s12 t3 el">
            {label('source', chosen.source)} <Clock at={chosen.received_at} />
            {masked && ` · ${t('order.masked')}`}
          </span>
        )}
        {state === undefined && (
          <button
            type="button"
            className="icb end"
            aria-label={t('order.downloadRaw')}
            onClick={() => download(lines.join('\n'), `${order.channel_order_no}.json`)}
          >
            <Icon name="download" />
          </button>
        )}
      </div>
      <div className="pane" tabIndex={0} role="region" aria-label={t('order.raw')}>
        {state ?? (
          <div className="raw">
            {lines.map((line, index) => (
              <RawLine key={index} line={line} lit={lit.has(index)} />
            ))}
          </div>
        )}
      </div>
    </section>
  )
}

/** The document as received beside the order made of it. Choosing a value lights the lines of the document that carry it. */
export const Lineage = ({ order }: { readonly order: Order }): ReactElement => {
  const { t } = useWords()
  const latest = order.raw.find((raw) => raw.stands === true) ?? order.raw.find((raw) => raw.disposition === 'applied') ?? order.raw[0]
  const [rawId, setRawId] = useState<string | undefined>(latest?.raw_id)
  const [leaf, setLeaf] = useState<Leaf | undefined>(undefined)
  const raw = useRaw(order.id, rawId)
  const lines = useMemo(() => prettyLines(raw.data?.text ?? ''), [raw.data])
  const [asked, setAsked] = useState<Leaf | undefined>(undefined)
  const explanation = useExplanation(order.id, asked?.path)
  const found = asked !== undefined && asked.path === leaf?.path && rawId === explanation.data?.document.raw_id ? explanation.data : undefined
  const lit = useMemo(() => {
    if (leaf === undefined) return new Set<number>()
    return found === undefined
      ? matchingLines(lines, leaf)
      : linesAt(
          lines,
          found.sources.map(({ pointer }) => pointer),
        )
  }, [lines, leaf, found])
  useEffect(() => {
    if (found !== undefined) document.querySelector('.raw .lit')?.scrollIntoView({ block: 'nearest' })
  }, [found])
  const leaves = useMemo(() => leavesOf(order.doc), [order.doc])
  const choose = (next: Leaf | undefined): void => {
    setLeaf(next)
    setAsked(next)
    if (next !== undefined) requestAnimationFrame(() => document.querySelector('.raw .lit')?.scrollIntoView({ block: 'nearest' }))
  }
  const version = order.versions.find((one) => one.version === order.version)
  const state =
    rawId === undefined ? (
      <State icon="file" title={t('order.noRaw')} />
    ) : raw.isError ? (
      <Failed error={raw.error} what={t('order.raw')} retry={() => void raw.refetch()} />
    ) : raw.data === undefined ? (
      <Skeleton rows={10} height={22} />
    ) : undefined
  return (
    <>
      <RawPane order={order} rawId={rawId} onChoose={setRawId} lines={lines} lit={lit} state={state} masked={raw.data?.masked ?? false} />
      <Wire leaf={leaf} />
      <Canonical
        leaves={leaves}
        chosen={leaf}
        onChoose={choose}
        onPoint={setLeaf}
        lines={lit}
        explained={asked === undefined ? undefined : <ExplainTrace explanation={explanation.data} error={explanation.error} />}
        asked={asked}
        mapping={raw.data?.mapping ?? version?.mapping ?? null}
      />
    </>
  )
}
