import type Big from 'big.js'
import { classify, columnIndex } from '../src/core/file-document.ts'
import type { FileDocument } from '../src/core/file-document.ts'
import { MappingError } from '../src/core/fault.ts'
import { columnName } from '../src/core/field-map.ts'
import type { FieldMap } from '../src/core/field-map.ts'
import type { MapContext, Mapped } from '../src/core/mapping.ts'
import { documentLines, sum } from './field-map/amounts.ts'
import type { LineAmounts } from './field-map/amounts.ts'
import { intactId } from './field-map/convert.ts'
import { documentReader, type DocumentReader } from './field-map/rows.ts'
import { isYes, toOrder } from './field-map/to-order.ts'
import { toRefund } from './field-map/to-refund.ts'

/** What became of one document of a file, with the sums an import report adds up. Amounts carry the file's signs. */
export interface DocumentReport {
  readonly as: 'order' | 'refund' | 'return' | 'cancellation' | 'adjustment' | 'ignored' | 'held'
  readonly rule: string
  readonly currency: string
  /** Σ quantity × price as written, and Σ of the rounded lines; undefined when an amount could not be read. */
  readonly exact?: string
  readonly rounded?: string
  /** Line number each row became, 0 = the row carries no line. */
  readonly rowLines: readonly number[]
  readonly held?: { readonly code: string; readonly message: string; readonly pointer?: string }
}

/** One document of a file → canonical. Pure; throws MappingError to hold it. */
export function mapFileDocument(document: FileDocument, externalId: string, map: FieldMap, context: MapContext): Mapped {
  return mapDocument(document, externalId, map, context).mapped
}

/** The same mapping without throwing, for previews and import reports. */
export function reportFileDocument(
  document: FileDocument,
  externalId: string,
  map: FieldMap,
  context: MapContext,
): { readonly mapped?: Mapped; readonly report: DocumentReport } {
  try {
    const { mapped, as, rule, lines, currency, mismatch } = mapDocument(document, externalId, map, context)
    const amounts = { currency, ...sums(lines), rowLines: rowLines(document, lines) }
    if (as === 'order' && lines.length === 0)
      return { mapped, report: { as: 'held', rule, ...amounts, held: { code: 'lines-missing', message: 'The order has no lines.' } } }
    if (!mismatch) return { mapped, report: { as, rule, ...amounts } }
    return {
      mapped,
      report: {
        as: 'held',
        rule,
        ...amounts,
        held: { code: 'totals-mismatch', message: 'The parts of the order do not add up to the total the file declares.' },
      },
    }
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    const held = { code: error.code, message: error.message, ...(error.pointer === undefined ? {} : { pointer: error.pointer }) }
    return { report: { as: 'held', rule: '', currency: map.currency ?? context.currency, rowLines: document.rows.map(() => 0), held } }
  }
}

interface Result {
  readonly mapped: Mapped
  readonly as: Exclude<DocumentReport['as'], 'held'>
  readonly rule: string
  readonly lines: readonly LineAmounts[]
  readonly currency: string
  readonly mismatch: boolean
}

function mapDocument(document: FileDocument, externalId: string, map: FieldMap, context: MapContext): Result {
  const problem = document.problems?.[0]
  if (problem !== undefined) throw new MappingError(problem.code, problem.message, `/rows/${problem.row}`)
  if (/^[0-9a-f]{16}:row-\d+$/.test(externalId)) throw withoutKey(document, map)
  const { as, rule } = classify(map, document)
  const reader = documentReader(document, map, context)
  const { currency } = reader
  if (as === 'ignore') {
    const mapped: Mapped = { kind: 'ignore', rule, reason: `The field map ignores such documents (${rule}).` }
    return { mapped, as: 'ignored', rule, lines: measurable(() => documentLines(reader)), currency, mismatch: false }
  }
  if (as === 'order') {
    const collected = handOver(reader)
    if (collected)
      return { mapped: collected, as: 'ignored', rule: 'collected', lines: measurable(() => documentLines(reader)), currency, mismatch: false }
    const { order, lines, mismatch } = toOrder(reader, map, externalId)
    return { mapped: { kind: 'order', order }, as, rule, lines, currency, mismatch }
  }
  const { refund, lines } = toRefund(reader, externalId, as)
  return { mapped: { kind: 'refund', refund }, as, rule, lines, currency, mismatch: false }
}

/** A sale that hands over an order placed elsewhere. One with goods that come back is none: it is read as an order, and held. */
function handOver(reader: DocumentReader): Mapped | undefined {
  const number = reader.order('pickupOf').slice(0, 100)
  const isReturn = Array.from({ length: reader.rows }, (_, row) => reader.line('quantity', row)).some((quantity) => quantity.startsWith('-'))
  if (number === '' || isReturn) return undefined
  return isYes(reader.order('cancelled'))
    ? { kind: 'ignore', rule: 'pickup-cancelled', reason: 'A sale that was to hand over an order, cancelled.' }
    : { kind: 'ignore', rule: `collected:${number}`, reason: 'Hands over an order placed elsewhere.' }
}

/** Why a row could not say which document it belongs to. */
function withoutKey(document: FileDocument, map: FieldMap): MappingError {
  const index = columnIndex(document.columns)
  for (const column of map.documentKey) {
    const at = index.get(columnName(column)) ?? -1
    try {
      intactId((document.rows[0]?.[at] ?? '').trim(), `/rows/0/${Math.max(0, at)}`)
    } catch (error) {
      if (error instanceof MappingError) return error
      throw error
    }
  }
  return new MappingError(
    'document-key-missing',
    `The row has no usable text in ${map.documentKey.map((column) => `"${column}"`).join(', ')}.`,
    '/rows/0',
  )
}

/** Ignored documents need no readable amounts; where they have them, the report counts them. */
function measurable(read: () => readonly LineAmounts[]): readonly LineAmounts[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof MappingError) return []
    throw error
  }
}

const sums = (lines: readonly LineAmounts[]): { readonly exact?: string; readonly rounded?: string } => {
  if (lines.length === 0) return {}
  const total = (pick: (line: LineAmounts) => Big): string => sum(lines.map(pick)).toFixed()
  return { exact: total((line) => line.exact), rounded: total((line) => line.gross) }
}

function rowLines(document: FileDocument, lines: readonly LineAmounts[]): readonly number[] {
  const numbers = document.rows.map(() => 0)
  lines.forEach((line, i) => (numbers[line.row] = i + 1))
  return numbers
}
