import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { addSku, importSkus, useSkus } from '../../api/stock.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { useRowProblem } from '../../ui/row-problem.ts'
import { State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { tell } from '../../ui/undo.tsx'

const ImportSkus = (): ReactElement => {
  const { t, label } = useWords()
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const problemOf = useRowProblem()
  const load = useMutation({ mutationFn: (file: File) => importSkus(file), onSuccess: () => queries.invalidateQueries({ queryKey: ['/v1/skus'] }) })
  const figures = Object.entries({ ...load.data }).flatMap(([name, value]) =>
    typeof value === 'number' ? [`${label('jobFigure', name)} ${formatCount(value)}`] : [],
  )
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.xlsx,.tsv,.txt"
        aria-label={t('listings.importSkus')}
        onChange={(event) => {
          const file = event.target.files?.[0]
          if (file !== undefined) load.mutate(file)
          event.target.value = ''
        }}
      />
      <Button type="primary" icon={<Icon name="upload" />} loading={load.isPending} onClick={() => input.current?.click()}>
        {t('listings.importSkus')}
      </Button>
      {figures.length > 0 && (
        <span className="tag ok">
          <Icon name="ok" />
          {figures.join(' · ')}
        </span>
      )}
      {(load.data?.refused.length ?? 0) > 0 && (
        <span className="tag warn" title={load.data?.refused.map(problemOf).join('\n')}>
          <Icon name="held" />
          {t('listings.refusedRows', { count: load.data?.refused.length })}
        </span>
      )}
      {load.isError && (
        <span className="bad s12" role="alert">
          {load.error.message}
        </span>
      )}
    </>
  )
}

const AddSku = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [draft, setDraft] = useState({ sku: '', title: '', barcode: '' })
  const ready = draft.sku.trim() !== ''
  const add = useMutation({
    mutationFn: () =>
      addSku({ sku: draft.sku.trim(), title: draft.title.trim(), ...(draft.barcode.trim() === '' ? {} : { barcode: draft.barcode.trim() }) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/skus'] })
      tell(t('listings.skuAdded', { sku: draft.sku }))
      setDraft({ sku: '', title: '', barcode: '' })
    },
  })
  return (
    <form
      className="row g8 wrap"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) add.mutate()
      }}
    >
      <Input
        aria-label="SKU"
        placeholder="SKU"
        style={{ width: 160 }}
        value={draft.sku}
        onChange={(event) => setDraft({ ...draft, sku: event.target.value })}
      />
      <Input
        aria-label={t('listings.skuTitle')}
        placeholder={t('listings.skuTitle')}
        style={{ width: 220 }}
        value={draft.title}
        onChange={(event) => setDraft({ ...draft, title: event.target.value })}
      />
      <Input
        aria-label={t('listings.barcode')}
        placeholder={t('listings.barcode')}
        style={{ width: 160 }}
        value={draft.barcode}
        onChange={(event) => setDraft({ ...draft, barcode: event.target.value })}
      />
      <Button htmlType="submit" loading={add.isPending} aria-disabled={!ready}>
        {t('common.add')}
      </Button>
      {add.isError && (
        <span className="bad s12" role="alert">
          {add.error.message}
        </span>
      )}
    </form>
  )
}

const NoSkus = (): ReactElement => {
  const { t } = useWords()
  return (
    <State icon="box" title={t('listings.noSkus')}>
      {t('listings.noSkusHint')}
    </State>
  )
}

/** The SKU master: what every listing is bound to. */
export const SkusTab = (): ReactElement => {
  const { t } = useWords()
  const [search] = useAddress()
  const { items, query } = useSkus({ q: search['q'], limit: 100 })
  return (
    <>
      <div className="row g8 wrap" style={{ marginBottom: 12 }}>
        <TextFilter name="q" label={t('stock.search')} />
        <ImportSkus />
        <span className="end">
          <AddSku />
        </span>
      </div>
      <p className="s12 t3" style={{ marginBottom: 12 }}>
        {t('listings.importHelp')}
      </p>
      <section className="card" tabIndex={0} role="region" aria-label={t('listings.tabSkus')}>
        <Loaded query={query} what={t('listings.tabSkus')} count={items.length} empty={<NoSkus />}>
          <table className="grid">
            <HeadRow words={['listings.sku', 'listings.skuTitle', 'listings.barcode']} />
            <tbody>
              {items.map((sku) => (
                <tr key={sku.sku}>
                  <td className="m5">{sku.sku}</td>
                  <td>{sku.title}</td>
                  <td>{sku.barcode ?? '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}
