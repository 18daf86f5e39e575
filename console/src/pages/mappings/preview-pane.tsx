import type { UseQueryResult } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { usePastDocument } from '../../api/mappings.ts'
import type { Outcome, Preview } from '../../api/mappings.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon.tsx'
import { Skeleton, State } from '../../ui/state.tsx'
import { placesOf } from '../explain/places.ts'
import { leavesOf } from '../order/leaves.ts'
import type { Leaf } from '../order/leaves.ts'
import { prettyLines } from '../order/raw-lines.ts'
import type { Picking } from './form/use-picking.ts'

export const looks: Readonly<Record<Outcome, { readonly icon: IconName; readonly tone: string }>> = {
  changed: { icon: 'replay', tone: 'prog' },
  newly_fails: { icon: 'failed', tone: 'bad' },
  newly_passes: { icon: 'check', tone: 'ok' },
  still_fails: { icon: 'failed', tone: 'mute' },
  unchanged: { icon: 'minus', tone: 'mute' },
  expired: { icon: 'close', tone: 'mute' },
}

const shown = (leaf: Leaf | undefined): string =>
  leaf === undefined ? '—' : leaf.money === undefined ? leaf.value : `${formatMoney(leaf.money)} ${leaf.money.currency}`

/** Values of both readings, place by place; those that differ first. */
const pairsOf = (
  preview: Preview,
): readonly { readonly path: string; readonly live: Leaf | undefined; readonly draft: Leaf | undefined; readonly differs: boolean }[] => {
  const [live, draft] = [preview.live.doc ?? {}, preview.draft.doc ?? {}].map((doc) => new Map(leavesOf(doc).map((leaf) => [leaf.path, leaf])))
  const paths = [...new Set([...(draft?.keys() ?? []), ...(live?.keys() ?? [])])]
  const pairs = paths.map((path) => ({
    path,
    live: live?.get(path),
    draft: draft?.get(path),
    differs: shown(live?.get(path)) !== shown(draft?.get(path)),
  }))
  const isHeld = preview.live.doc === null || preview.draft.doc === null
  return isHeld ? pairs.map((pair) => ({ ...pair, differs: false })) : pairs.toSorted((a, b) => Number(b.differs) - Number(a.differs))
}

const Values = ({ preview }: { readonly preview: Preview }): ReactElement => {
  const pairs = useMemo(() => pairsOf(preview), [preview])
  return (
    <div>
      {pairs.map(({ path, live, draft, differs }) => (
        <div key={path} className={`map-value${differs ? ' lit' : ''}`}>
          <span className="mono break">{path}</span>
          <span className="break">
            {differs && <s className="t3">{shown(live)}</s>} {shown(draft ?? (differs ? undefined : live))}
          </span>
        </div>
      ))}
    </div>
  )
}

const Verdict = ({ preview, busy }: { readonly preview: Preview; readonly busy: boolean }): ReactElement => {
  const { t } = useWords()
  const look = looks[preview.outcome]
  const problem = preview.draft.problem ?? (preview.outcome === 'newly_passes' ? preview.live.problem : null)
  return (
    <div className="pad col g4" role="status" aria-busy={busy}>
      <span className="row g6 m5">
        <Icon name={look.icon} tone={look.tone} />
        {t(`mappings.outcome.${preview.outcome}`)}
      </span>
      {problem !== null && <span className={`s12 break ${preview.draft.problem === null ? 't3' : 'bad'}`}>{problem}</span>}
    </div>
  )
}

/** A document whose values can be pointed at, by mouse or by tabbing through them. */
const Pickable = ({ lines, picking }: { readonly lines: readonly string[]; readonly picking: Picking }): ReactElement => {
  const { t } = useWords()
  const places = useMemo(() => placesOf(lines), [lines])
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.querySelector('button')?.focus(), [])
  return (
    <div ref={box} className="mono map-raw">
      {lines.map((line, at) => {
        const place = places[at]
        const isValue = place !== undefined && place !== '' && !/[{[]$/.test(line)
        return isValue ? (
          <button key={at} type="button" className="map-line" title={t('fieldMap.pickLine', { place })} onClick={() => picking.take(place)}>
            {line}
          </button>
        ) : (
          <div key={at}>{line}</div>
        )
      })}
    </div>
  )
}

const Raw = ({ id, entity, picking }: { readonly id: string; readonly entity: string | undefined; readonly picking: Picking }): ReactElement => {
  const { data } = usePastDocument(id, entity)
  const lines = useMemo(() => prettyLines(data?.text ?? ''), [data])
  if (data === undefined) return <Skeleton rows={6} />
  return picking.active === undefined ? <pre className="mono map-raw">{lines.join('\n')}</pre> : <Pickable lines={lines} picking={picking} />
}

interface PreviewPaneProps {
  readonly id: string
  readonly entity: string | undefined
  readonly preview: UseQueryResult<Preview>
  readonly picking: Picking
}

/** What the draft makes of the chosen document, beside what holds; or the document itself. */
export const PreviewPane = ({ id, entity, preview, picking }: PreviewPaneProps): ReactElement => {
  const { t } = useWords()
  const [chosen, setRaw] = useState(false)
  const raw = chosen || picking.active !== undefined
  const { error } = preview
  return (
    <section className="card map-pane" aria-label={t('mappings.preview')}>
      <div className="card-head">
        <h2 className="grow">{t('mappings.preview')}</h2>
        <div className="seg s">
          {[false, true].map((value) => (
            <button key={String(value)} type="button" aria-pressed={raw === value} onClick={() => setRaw(value)}>
              {t(value ? 'mappings.received' : 'mappings.canonical')}
            </button>
          ))}
        </div>
      </div>
      {error !== null && (
        <div className="pad">
          <div className="note bad" role="alert">
            <span className="break">{error.message}</span>
          </div>
        </div>
      )}
      {picking.active !== undefined && (
        <div className="pad row g8">
          <span className="grow s12" role="status">
            {t('fieldMap.picking')}
          </span>
          <Button size="small" onClick={picking.stop}>
            {t('fieldMap.stopPicking')}
          </Button>
        </div>
      )}
      {preview.data !== undefined && error === null && <Verdict preview={preview.data} busy={preview.isFetching} />}
      <div className="map-scroll" tabIndex={0} role="region" aria-label={t(raw ? 'mappings.received' : 'mappings.canonical')}>
        {entity === undefined ? (
          <State icon="orders" title={t('mappings.chooseDocument')} />
        ) : raw || (preview.data?.draft.doc === null && preview.data.live.doc === null) ? (
          <Raw id={id} entity={entity} picking={picking} />
        ) : preview.data === undefined ? (
          error === null && <Skeleton rows={8} />
        ) : (
          <Values preview={preview.data} />
        )}
      </div>
    </section>
  )
}
