import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber, Modal, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { usePlaces } from '../../api/places.ts'
import { bookTake, bookTakeFile } from '../../api/stock-takes.ts'
import type { Booked, TakeDraft } from '../../api/stock-takes.ts'
import { get } from '../../api/http.ts'
import type { ListPage } from '../../api/lists.ts'
import type { StockRow } from '../../api/stock.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { useRowProblem } from '../../ui/row-problem.ts'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { tell } from '../../ui/undo.tsx'
import { Field } from '../stock-places/dialog.tsx'
import { signed } from './take.tsx'

interface Line {
  readonly sku: string
  readonly counted: number | null
  /** What the books have at this place now. */
  readonly books: string
}

const Lines = ({
  lines,
  location,
  onChange,
}: {
  readonly lines: readonly Line[]
  readonly location: string
  readonly onChange: (lines: readonly Line[]) => void
}): ReactElement => {
  const { t } = useWords()
  const add = useMutation({
    mutationFn: async (sku: string): Promise<Line> => {
      const [row] = (await get<ListPage<StockRow>>('/v1/stock', { sku })).items
      return { sku, counted: null, books: String(row?.locations.find((one) => one.location === location)?.on_hand ?? 0) }
    },
    onSuccess: (line) => {
      if (!lines.some((one) => one.sku === line.sku)) onChange([...lines, line])
    },
  })
  return (
    <div className="col g8">
      {lines.map((line) => {
        const off = line.counted === null ? undefined : line.counted - Number(line.books)
        return (
          <div key={line.sku} className="row g8 wrap">
            <span className="grow break m5">{line.sku}</span>
            <span className="s12 t3">{t('takes.inBooks', { value: formatCount(line.books) })}</span>
            <InputNumber
              min={0}
              autoFocus
              aria-label={t('takes.countOf', { sku: line.sku })}
              value={line.counted}
              onChange={(counted) => onChange(lines.map((one) => (one.sku === line.sku ? { ...one, counted } : one)))}
              style={{ width: 110 }}
            />
            <span className={`s12 ${off === undefined || off === 0 ? 't3' : off < 0 ? 'bad' : 'warn'}`} style={{ minWidth: 40 }}>
              {off === undefined ? '' : signed(String(Math.round(off * 1e6) / 1e6))}
            </span>
            <button
              type="button"
              className="icb"
              aria-label={t('takes.drop', { sku: line.sku })}
              onClick={() => onChange(lines.filter((one) => one.sku !== line.sku))}
            >
              <Icon name="close" small />
            </button>
          </div>
        )
      })}
      <SkuPicker value={undefined} label={t('takes.addLine')} onChange={(sku) => add.mutate(sku)} />
      {add.isError && (
        <span className="bad s12" role="alert">
          {add.error.message}
        </span>
      )}
    </div>
  )
}

const localMinute = (at: Date): string => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)

interface NewTakeProps {
  readonly onClose: () => void
  readonly onBooked: (id: string) => void
}

/** A stock-take, typed in or from a file. What differs is seen while typing; nothing moves before it is booked. */
export const NewTake = ({ onClose, onBooked }: NewTakeProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const places = usePlaces()
  const [ref, setRef] = useState(() => `${localMinute(new Date()).slice(0, 10)}-${Date.now().toString(36).slice(-4).toUpperCase()}`)
  const [location, setLocation] = useState('main')
  const [at, setAt] = useState(() => localMinute(new Date()))
  const [whole, setWhole] = useState(false)
  const [file, setFile] = useState<File | undefined>(undefined)
  const [lines, setLines] = useState<readonly Line[]>([])
  const counted = lines.flatMap(({ sku, counted: n }) => (n === null ? [] : [{ sku, counted: String(n) }]))
  const isReady = ref.trim() !== '' && at !== '' && (file !== undefined || (counted.length > 0 && counted.length === lines.length))
  const book = useMutation({
    mutationFn: (): Promise<Booked> => {
      const draft: TakeDraft = { ref: ref.trim(), location, as_of: new Date(at).toISOString(), whole }
      return file === undefined ? bookTake(draft, counted) : bookTakeFile(draft, file)
    },
    onSuccess: async (booked) => {
      await queries.invalidateQueries()
      if (booked.repeated) throw new Error(t('takes.refTaken', { ref: ref.trim() }))
      tell(t('takes.isBooked', { ref: ref.trim(), count: booked.take.lines.length }))
      if ((booked.refused ?? []).length === 0) onBooked(booked.take.id)
    },
  })
  const refused = book.data?.refused ?? []
  const problemOf = useRowProblem()
  return (
    <Modal open title={t('takes.add')} footer={null} onCancel={onClose} destroyOnHidden>
      <form
        className="col g12"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !book.isSuccess) book.mutate()
        }}
      >
        <div className="row g12 wrap">
          <Field label={t('takes.ref')}>
            <Input value={ref} maxLength={150} onChange={(event) => setRef(event.target.value)} style={{ width: 180 }} />
          </Field>
          <Field label={t('places.name')}>
            <Select
              aria-label={t('places.name')}
              value={location}
              disabled={lines.length > 0}
              onChange={setLocation}
              style={{ minWidth: 140 }}
              options={(places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }))}
            />
          </Field>
          <Field label={t('takes.asOf')} hint={t('takes.asOfHint')}>
            <Input type="datetime-local" value={at} onChange={(event) => setAt(event.target.value)} style={{ width: 200 }} />
          </Field>
        </div>
        <Field label={t('takes.file')} hint={t('takes.fileHint')}>
          <input type="file" accept=".csv,.xlsx,.tsv,.txt" onChange={(event) => setFile(event.target.files?.[0])} />
        </Field>
        {file === undefined && <Lines lines={lines} location={location} onChange={setLines} />}
        <Checkbox checked={whole} onChange={(event) => setWhole(event.target.checked)}>
          {t('takes.whole')}
        </Checkbox>
        {whole && <div className="note warn">{t('takes.wholeHint')}</div>}
        {book.isError && (
          <div className="note bad" role="alert">
            {book.error.message}
          </div>
        )}
        {refused.length > 0 && (
          <div className="note warn" role="alert">
            {t('takes.refusedRows', { count: refused.length })}
            <ul>
              {refused.slice(0, 10).map((one) => (
                <li key={one.row}>{problemOf(one)}</li>
              ))}
            </ul>
          </div>
        )}
        <div className="row g8" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={() => (book.data === undefined ? onClose() : onBooked(book.data.take.id))}>
            {t(book.isSuccess ? 'common.close' : 'common.back')}
          </Button>
          {!book.isSuccess && (
            <Button type="primary" htmlType="submit" loading={book.isPending} aria-disabled={!isReady}>
              {t('takes.book')}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  )
}
