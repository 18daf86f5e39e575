import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, InputNumber } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import { setStock, useWhy } from '../../api/stock.ts'
import type { StockRow, StockWhy } from '../../api/stock.ts'
import { formatCount, formatDelta } from '../../format/number.ts'
import { formatSpan } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Clock } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { cellKind, difference } from './cell.ts'
import { Kept } from './kept.tsx'
import { PauseSku } from './pause-sku.tsx'

const signs: Readonly<Record<string, string>> = {
  on_hand: '',
  reserved: '−',
  safety: '−',
  held: '−',
  future: '+',
  promisable: '=',
  share: '×',
  stock_share: '×',
  buffer: '−',
  stock_buffer: '−',
  learned_buffer: '−',
  escrow: '',
  open: '≤',
  located: '≤',
  at_hand: '≤',
  fixed: '≤',
  maximum: '≤',
  desired: '=',
}
const sums = ['promisable', 'desired']
/** Shown below, with their times and what they differ by. */
const said = ['confirmed', 'shown']

const Formula = ({ why }: { readonly why: StockWhy }): ReactElement => {
  const { t, label, language } = useWords()
  const learned = why.connection?.learned
  return (
    <div className="sect">
      {why.formula
        .filter((term) => !said.includes(term.term))
        .map((term, index) => (
          <div key={index} className={`term${sums.includes(term.term) ? ' sum' : ''}`}>
            <span className="t3">{signs[term.term] ?? ''}</span>
            <span>{label('stockTerm', term.term)}</span>
            <span className="m5">{formatCount(term.value)}</span>
          </div>
        ))}
      {learned !== undefined && learned !== null && (
        <p className="s12 t2">
          {t('incidents.learned', {
            speed: formatCount(String(learned.per_hour)),
            span: formatSpan(Math.ceil(learned.latency_seconds) * 1000, language),
            count: learned.buffer,
          })}
        </p>
      )}
    </div>
  )
}

const Rules = ({ why }: { readonly why: StockWhy }): ReactElement | null => {
  const { t, label } = useWords()
  const rules = why.rules ?? []
  if (rules.length === 0) return null
  return (
    <div className="sect">
      <h3>{t('rules.given')}</h3>
      {rules.map((one) => (
        <div key={one.field} className="row g8 s12">
          <span className="t3">{label('ruleField', one.field)}</span>
          <Link to="/stock/rules" search={{ edit: String(one.id) }} className="grow el">
            {one.rule}
          </Link>
          <span>{one.value}</span>
        </div>
      ))}
    </div>
  )
}

const Ledger = ({ why }: { readonly why: StockWhy }): ReactElement | null => {
  const { t, label } = useWords()
  if (why.ledger.length === 0) return null
  return (
    <div className="sect">
      <h3>{t('stock.ledger')}</h3>
      {why.ledger.slice(0, 6).map((entry, index) => {
        const delta = Number(entry.on_hand_delta ?? 0)
        const reserved = Number(entry.reserved_delta ?? 0)
        return (
          <div key={index} className="row g8 s12">
            <span className="grow el">
              {label('stockCause', entry.cause)} <span className="t3">{entry.ref}</span>
            </span>
            {delta !== 0 && <span>{formatDelta(delta)}</span>}
            {reserved !== 0 && <span className="t2">{t('stock.reservedDelta', { value: formatDelta(reserved) })}</span>}
            <Clock at={entry.at} className="t3" />
          </div>
        )
      })}
    </div>
  )
}

const Count = ({ row }: { readonly row: StockRow }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [value, setValue] = useState<number | null>(Number(row.on_hand))
  const save = useMutation({
    mutationFn: () => setStock(row.sku, value ?? 0),
    onSuccess: async () => {
      await queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/stock') })
      tell(t('stock.counted', { sku: row.sku, value: formatCount(value) }))
    },
  })
  const ready = value !== null && value !== Number(row.on_hand)
  return (
    <div className="sect row g8 wrap">
      <label className="row g8">
        <span>{t('stock.count')}</span>
        <InputNumber min={0} precision={0} value={value} onChange={setValue} style={{ width: 96 }} />
      </label>
      <Button
        size="middle"
        loading={save.isPending}
        aria-disabled={!ready}
        title={ready ? undefined : t('stock.countSame')}
        onClick={() => {
          if (ready) save.mutate()
        }}
      >
        {t('stock.setCount')}
      </Button>
      {save.isError && (
        <span className="bad s12" role="alert">
          {save.error.message}
        </span>
      )}
    </div>
  )
}

interface WhyProps {
  readonly row: StockRow
  readonly connection: Connection
  readonly onClose: () => void
}

/** Why this number: the formula, what was sent, confirmed and shown, and the movements behind it. */
export const Why = ({ row, connection, onClose }: WhyProps): ReactElement => {
  const { t, label } = useWords()
  const why = useWhy(row.sku, connection.id)
  const cell = row.cells.find((one) => one.connection_id === connection.id)
  const off = cell === undefined ? undefined : difference(cell)
  const kind = cellKind(cell, connection.armed_stock)
  return (
    <div className="why">
      <div className="card-head">
        <Tile title={connection.name} small />
        <h2 className="grow">{t('stock.whyTitle', { value: formatCount(cell?.desired) })}</h2>
        <button type="button" className="icb" aria-label={t('common.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {why.isError ? (
        <Failed error={why.error} what={t('stock.why')} />
      ) : why.data === undefined ? (
        <Skeleton rows={5} height={26} />
      ) : (
        <Formula why={why.data} />
      )}
      {why.data !== undefined && <Rules why={why.data} />}
      {cell !== undefined && (
        <div className="sect col g4">
          <div className="row g8">
            <Icon name="up" />
            <span style={{ width: 96 }}>{t('stock.wanted')}</span>
            <b>{formatCount(cell.desired)}</b>
          </div>
          <div className="row g8">
            <Icon name="ok" tone={cell.confirmed === null ? 'mute' : 'ok'} />
            <span style={{ width: 96 }}>{t('stock.confirmed')}</span>
            <b>{formatCount(cell.confirmed)}</b>
            <Clock at={cell.updated_at} className="end t3 s12" />
          </div>
          <div className={`row g8 ${off !== undefined && off !== 0 && connection.armed_stock ? (off > 0 ? 'bad' : 'warn') : ''}`}>
            <Icon name={off === 0 ? 'check' : 'drift'} />
            <span style={{ width: 96 }}>{t('stock.shown')}</span>
            <b>{formatCount(cell.shown)}</b>
            {off !== undefined && off !== 0 && <span>{t('stock.off', { value: formatDelta(off) })}</span>}
          </div>
          {cell.push_message !== null && cell.push_message !== '' && (
            <div className={`note ${kind === 'refused' ? 'bad' : 'warn'}`}>{label('armReason', cell.push_message)}</div>
          )}
          {!connection.armed_stock && <p className="s12 t3">{t('stock.notArmed')}</p>}
        </div>
      )}
      {why.data !== undefined && <Ledger why={why.data} />}
      <Count row={row} />
      <Kept key={row.sku} row={row} />
      <PauseSku row={row} />
    </div>
  )
}
