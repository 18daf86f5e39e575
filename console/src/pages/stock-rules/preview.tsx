import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { HubProblem } from '../../api/http.ts'
import { applyRules, previewRules } from '../../api/stock-rules.ts'
import type { PreviewRow, RuleChange, RulePreview } from '../../api/stock-rules.ts'
import { formatClock } from '../../format/time.ts'
import { formatCount, formatDelta } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { tell } from '../../ui/undo.tsx'
import { useNow } from '../../ui/use-now.ts'
import { VirtualRows } from '../../ui/virtual-rows.tsx'

/** One figure before and after. */
const Figure = ({
  word,
  before,
  after,
  risk = false,
}: {
  readonly word: string
  readonly before: number
  readonly after: number
  readonly risk?: boolean
}): ReactElement => (
  <div className="rule-figure">
    <span className="s12 t3">{word}</span>
    <span className="b">
      {formatCount(before)} → {formatCount(after)}
    </span>
    {after !== before && <span className={`s12 ${risk && after > before ? 'bad' : 't2'}`}>{formatDelta(after - before)}</span>}
  </div>
)

const Totals = ({ preview }: { readonly preview: RulePreview }): ReactElement => {
  const { t } = useWords()
  const { totals } = preview
  return (
    <div className="row g24 wrap pad">
      <div className="rule-figure">
        <span className="s12 t3">{t('rules.changed')}</span>
        <span className="b">{t('rules.changedOf', { changed: formatCount(totals.changed), all: formatCount(totals.listings) })}</span>
        {totals.zero > 0 && <Status kind="oversell">{t('rules.toZero', { count: totals.zero })}</Status>}
      </div>
      <Figure word={t('rules.published')} before={totals.published_before} after={totals.published_after} />
      <Figure word={t('rules.exposure')} before={totals.exposure_before} after={totals.exposure_after} risk />
    </div>
  )
}

const PerConnection = ({ preview }: { readonly preview: RulePreview }): ReactElement => {
  const { t } = useWords()
  const touched = preview.connections.filter((one) => one.changed > 0)
  return (
    <div className="rule-connections">
      {touched.map((one) => (
        <div key={one.connection_id} className="row g8">
          <span className="grow el" title={one.connection}>
            {one.connection}
          </span>
          {!one.armed && <Status kind="readonly" />}
          <span className="s12 t3">{t('rules.changedOf', { changed: formatCount(one.changed), all: formatCount(one.listings) })}</span>
          <span className="n nw">
            {formatCount(one.before)} → <b>{formatCount(one.after)}</b>
          </span>
        </div>
      ))}
    </div>
  )
}

const Rows = ({ rows }: { readonly rows: readonly PreviewRow[] }): ReactElement => {
  const { t, label } = useWords()
  const by = (row: PreviewRow): string => row.by.map((one) => `${label('ruleField', one.field)}: ${one.rule}`).join(' · ')
  return (
    <VirtualRows
      items={rows}
      rowHeight={44}
      height={Math.min(420, 34 + rows.length * 44)}
      label={t('rules.preview')}
      columns={[
        { key: 'sku', title: 'SKU', width: 'minmax(96px, 1.2fr)' },
        { key: 'connection', title: t('common.connection'), width: 'minmax(84px, 1fr)' },
        { key: 'before', title: t('rules.nowShows'), width: '72px', end: true },
        { key: 'after', title: t('rules.wouldShow'), width: '84px', end: true },
        { key: 'by', title: t('rules.why'), width: 'minmax(120px, 1.6fr)' },
      ]}
      render={(row) => [
        <span key="sku" className="el" title={row.title}>
          {row.sku}
        </span>,
        <span key="connection" className="el" title={row.connection}>
          {row.connection}
        </span>,
        <span key="before">{formatCount(row.before)}</span>,
        <span key="after" className={row.after === 0 && (row.before ?? 0) > 0 ? 'bad b' : 'b'}>
          {formatCount(row.after)}
          {row.mode === 'quota' && <span title={t('rules.target')}> *</span>}
        </span>,
        <span key="by" className="el t2 s12" title={by(row)}>
          {row.reason === null ? by(row) || t('rules.noRule') : label('armReason', row.reason)}
        </span>,
      ]}
    />
  )
}

interface PreviewPaneProps {
  readonly change: RuleChange
  /** Moments worth looking at, ISO, beside now. */
  readonly moments: readonly string[]
  /** The change is one of drafts only: nothing is shown differently, and nothing has to be confirmed. */
  readonly draftOnly: boolean
  readonly action: string
  readonly onDone: (version: number) => void
  readonly onCancel: () => void
}

const keyOfChange = (change: RuleChange): string => JSON.stringify(change)

/** What a change would do, and the button that does exactly that. */
export const PreviewPane = ({ change, moments, draftOnly, action, onDone, onCancel }: PreviewPaneProps): ReactElement => {
  const { t } = useWords()
  const now = useNow()
  const queries = useQueryClient()
  const future = moments.filter((at) => Date.parse(at) > now)
  const [picked, setPicked] = useState<string | undefined>(undefined)
  const at = picked === 'now' ? undefined : picked !== undefined && future.includes(picked) ? picked : future[0]
  const [all, setAll] = useState(false)
  const [zeroSeen, setZeroSeen] = useState(false)
  const [reason, setReason] = useState('')
  const preview = useQuery({
    queryKey: ['rule-preview', keyOfChange(change), at ?? 'now', all],
    queryFn: () => previewRules({ change, at, all, q: '' }),
    placeholderData: keepPreviousData,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const apply = useMutation({
    mutationFn: () =>
      applyRules({
        change,
        ...(at === undefined ? {} : { at }),
        ...(draftOnly || preview.data === undefined ? {} : { preview_hash: preview.data.hash }),
        ...(zeroSeen ? { confirm_zero: true } : {}),
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      }),
    onSuccess: async ({ version }) => {
      await queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/stock') })
      tell(t('rules.applied', { version }))
      onDone(version)
    },
    onError: (error) => {
      if (error instanceof HubProblem && error.code === 'preview-outdated') void preview.refetch()
      if (error instanceof HubProblem && error.code === 'zero-not-confirmed') setZeroSeen(false)
    },
  })
  const asked = (preview.data?.totals.zero ?? 0) > 0 || (apply.error instanceof HubProblem && apply.error.code === 'zero-not-confirmed')
  const ready = !preview.isPlaceholderData && preview.data !== undefined && !preview.isError && (draftOnly || !asked || zeroSeen)
  const problem = apply.error instanceof HubProblem && apply.error.code === 'preview-outdated' ? t('rules.outdated') : apply.error?.message
  return (
    <section className="card rule-preview" aria-label={t('rules.preview')}>
      <div className="card-head wrap">
        <h2 className="grow">{t('rules.preview')}</h2>
        {future.length > 0 && (
          <div className="seg" role="group" aria-label={t('rules.moment')}>
            <button type="button" aria-pressed={at === undefined} onClick={() => setPicked('now')}>
              {t('rules.now')}
            </button>
            {future.slice(0, 4).map((moment) => (
              <button key={moment} type="button" aria-pressed={at === moment} onClick={() => setPicked(moment)}>
                {formatClock(moment, now)}
              </button>
            ))}
          </div>
        )}
        <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
          {t('rules.alsoSame')}
        </Checkbox>
      </div>
      {preview.data === undefined ? (
        preview.isError ? (
          <Failed error={preview.error} what={t('rules.preview')} retry={() => void preview.refetch()} />
        ) : (
          <Skeleton rows={4} />
        )
      ) : (
        <div aria-live="polite" aria-busy={preview.isPlaceholderData}>
          <Totals preview={preview.data} />
          <PerConnection preview={preview.data} />
          {preview.data.items.length === 0 ? (
            <State icon="check" title={t('rules.noChange')}>
              {t(draftOnly ? 'rules.draftHint' : 'rules.noChangeHint')}
            </State>
          ) : (
            <Rows rows={preview.data.items} />
          )}
          {preview.data.has_more && <p className="s12 t3 pad">{t('rules.moreRows', { count: preview.data.items.length })}</p>}
        </div>
      )}
      <div className="card-foot col g8">
        {asked && !draftOnly && (
          <Checkbox checked={zeroSeen} onChange={(event) => setZeroSeen(event.target.checked)}>
            {t('rules.zeroSeen', { count: preview.data?.totals.zero ?? 0 })}
          </Checkbox>
        )}
        <div className="row g8 wrap">
          <Input
            className="grow"
            style={{ minWidth: 160 }}
            aria-label={t('common.reason')}
            placeholder={t('rules.reasonHint')}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Button onClick={onCancel}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            loading={apply.isPending}
            aria-disabled={!ready}
            title={ready ? undefined : t(asked && !zeroSeen ? 'arm.confirmZeroFirst' : 'rules.notReady')}
            onClick={() => {
              if (ready) apply.mutate()
            }}
          >
            {action}
          </Button>
        </div>
        {problem !== undefined && (
          <div className="note bad" role="alert">
            {problem}
          </div>
        )}
      </div>
    </section>
  )
}
