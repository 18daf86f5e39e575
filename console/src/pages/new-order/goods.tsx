import { Button, Input } from 'antd'
import { useRef } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import type { Place } from '../../api/entry.ts'
import { formatMoney } from '../../format/money.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { decimalOf, exceeds } from './amounts.ts'
import { emptyLine, sumsOf } from './draft.ts'
import type { Draft, Errors, LineDraft } from './draft.ts'
import { SkuSearch } from './sku-search.tsx'

interface GoodsProps {
  readonly place: Place
  readonly draft: Draft
  readonly errors: Errors
  readonly onChange: (lines: readonly LineDraft[]) => void
  readonly onLeave: (field: string) => void
}

const figures = ['quantity', 'price', 'discount'] as const

/** What is ordered, line by line; Enter at the end of a line begins the next. */
export const Goods = ({ place, draft, errors, onChange, onLeave }: GoodsProps): ReactElement => {
  const { t } = useWords()
  const body = useRef<HTMLTableSectionElement>(null)
  const sums = sumsOf(draft, place.currency)
  const put = (line: LineDraft): void => onChange(draft.lines.map((one) => (one.key === line.key ? line : one)))
  const add = (): void => {
    onChange([...draft.lines, emptyLine(Math.max(0, ...draft.lines.map((line) => line.key)) + 1)])
    // After React has drawn the new line.
    setTimeout(() => body.current?.querySelector<HTMLInputElement>('tr:last-child input')?.focus(), 0)
  }
  const onEnter = (event: KeyboardEvent, line: LineDraft): void => {
    if (event.nativeEvent.isComposing || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    const next = draft.lines[draft.lines.indexOf(line) + 1]
    if (next === undefined) add()
    else body.current?.querySelector<HTMLInputElement>(`tr[data-line="${next.key}"] input`)?.focus()
  }
  return (
    <section className="card sect col g12">
      <div className="row between">
        <h2>{t('entry.goods')}</h2>
        <Button size="small" icon={<Icon name="plus" />} onClick={add}>
          {t('entry.addLine')}
        </Button>
      </div>
      {errors['lines'] !== undefined && (
        <span className="bad s12" role="alert">
          {t(`entry.error.${errors['lines']}`)}
        </span>
      )}
      <div className="entry-lines">
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('entry.sku')}</th>
              {figures.map((name) => (
                <th key={name} scope="col" className="n">
                  {t(`entry.${name}`)}
                </th>
              ))}
              <th scope="col" className="n">
                {t('entry.lineTotal')}
              </th>
              <th scope="col">
                <span className="visually-hidden">{t('common.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody ref={body}>
            {draft.lines.map((line, at) => {
              const wrong = ['sku', ...figures].flatMap((name) => errors[`line.${line.key}.${name}`] ?? [])
              const short = line.offer?.available !== null && line.offer !== undefined && exceeds(line.quantity, line.offer.available ?? '0')
              return (
                <tr key={line.key} data-line={line.key}>
                  <td>
                    <SkuSearch
                      place={place}
                      text={line.text}
                      chosen={line.offer}
                      isWrong={errors[`line.${line.key}.sku`] !== undefined}
                      label={t('entry.skuOf', { line: at + 1 })}
                      onType={(text) => put({ ...line, text, offer: undefined })}
                      onChoose={(offer) => put({ ...line, text: offer.sku, offer, price: line.price === '' ? (offer.price ?? '') : line.price })}
                      onLeave={() => onLeave(`line.${line.key}.sku`)}
                    />
                    {line.offer !== undefined && (
                      <div className="s12 t2 el entry-title">
                        {line.offer.title}
                        {line.offer.available !== null && ` · ${t('entry.available', { count: Number(line.offer.available) })}`}
                      </div>
                    )}
                    {wrong.length > 0 && (
                      <div className="s12 bad" id={`line-${line.key}-said`}>
                        {[...new Set(wrong)].map((code) => t(`entry.error.${code}`)).join(' · ')}
                      </div>
                    )}
                    {short && wrong.length === 0 && (
                      <div className="s12 warn row g4">
                        <Icon name="attention" tone="warn" small /> {t('entry.short')}
                      </div>
                    )}
                  </td>
                  {figures.map((name) => (
                    <td key={name} className="n" data-label={t(`entry.${name}`)}>
                      <Input
                        value={line[name]}
                        inputMode="decimal"
                        autoComplete="off"
                        className="entry-figure"
                        aria-label={t('entry.figureOf', { name: t(`entry.${name}`), line: at + 1 })}
                        {...(errors[`line.${line.key}.${name}`] === undefined
                          ? {}
                          : { status: 'error' as const, 'aria-invalid': true, 'aria-describedby': `line-${line.key}-said` })}
                        onChange={(event) => put({ ...line, [name]: event.target.value })}
                        onFocus={(event) => event.target.select()}
                        onBlur={() => onLeave(`line.${line.key}.${name}`)}
                        onKeyDown={(event) => {
                          if (event.key === 'Enter') onEnter(event, line)
                        }}
                      />
                    </td>
                  ))}
                  <td className="n m5 nw">
                    {formatMoney({ amount: decimalOf(sums.lines.get(line.key) ?? 0n, place.currency), currency: place.currency })}
                  </td>
                  <td className="n">
                    <button
                      type="button"
                      className="icb"
                      aria-label={t('entry.removeLine', { line: at + 1 })}
                      onClick={() => onChange(draft.lines.length === 1 ? [emptyLine(line.key + 1)] : draft.lines.filter((one) => one !== line))}
                    >
                      <Icon name="close" small />
                    </button>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}
