import { columnIndex } from '../../src/core/file-document.ts'
import type { FileDocument } from '../../src/core/file-document.ts'
import { MappingError } from '../../src/core/fault.ts'
import { columnName } from '../../src/core/field-map.ts'
import type { Field, FieldMap, LinePath, OrderPath } from '../../src/core/field-map.ts'
import type { MapContext } from '../../src/core/mapping.ts'
import { convert, intactId, unambiguousInstant } from './convert.ts'

/** Paths whose text is an id: leading zeros and length matter, scientific notation is refused. */
const IDS: ReadonlySet<string> = new Set([
  'displayNo',
  'buyerRef',
  'paymentId',
  'refundOf',
  'pickupOf',
  'recipient.phone',
  'recipient.postcode',
  'channelLineNo',
  'channelSku',
  'channelProduct',
  'barcode',
])
/** Order amounts that every row of the document must agree on: a wrong sum must not hide behind "first row wins". */
const AGREED: ReadonlySet<string> = new Set(['currency', 'shipping', 'shippingDiscount', 'fees', 'tax', 'discount', 'total'])

/** Canonical texts of one file document, by path. */
export interface DocumentReader {
  readonly timezone: string
  readonly currency: string
  readonly rows: number
  /** First filled value of the document's rows; "" when there is none. */
  readonly order: (path: OrderPath) => string
  /** The cell text behind an order value, before converters. */
  readonly orderSource: (path: OrderPath) => string
  readonly orderInstant: (path: OrderPath) => string | undefined
  readonly line: (path: LinePath, row: number) => string
  readonly extra: () => Readonly<Record<string, string>>
  readonly pointer: (path: LinePath, row: number) => string
}

type Compiled = { readonly text: string } | { readonly at: readonly number[]; readonly field: Extract<Field, { columns: string[] }> }

/** Binds a field map to one document. Values are read on demand; each read may throw MappingError with a pointer into the raw document. */
export function documentReader(document: FileDocument, map: FieldMap, context: MapContext): DocumentReader {
  const index = columnIndex(document.columns)
  const timezone = map.timezone ?? context.timezone
  const compile = (field: Field): Compiled =>
    'const' in field ? { text: field.const } : { at: field.columns.map((column) => index.get(columnName(column)) ?? -1), field }
  const orderFields = new Map(Object.entries(map.order).map(([path, field]) => [path, compile(field)]))
  const lineFields = new Map(Object.entries(map.line).map(([path, field]) => [path, compile(field)]))

  const pointerOf = (compiled: Compiled, row: number): string => ('text' in compiled ? '' : `/rows/${row}/${Math.max(0, compiled.at[0] ?? 0)}`)
  const cell = (compiled: Compiled, row: number): string =>
    'text' in compiled
      ? compiled.text
      : compiled.at
          .map((i) => document.rows[row]?.[i] ?? '')
          .filter((text) => text.trim() !== '')
          .join(compiled.field.join)
  const read = (path: string, compiled: Compiled, row: number): string => {
    if ('text' in compiled) return compiled.text
    const pointer = pointerOf(compiled, row)
    const text = convert(cell(compiled, row), compiled.field.convert, timezone, pointer)
    return IDS.has(path) ? intactId(text.trim(), pointer) : text.trim()
  }

  const orderRow = (path: OrderPath): { readonly text: string; readonly row: number } => {
    const compiled = orderFields.get(path)
    if (compiled === undefined) return { text: '', row: 0 }
    let found = { text: '', row: 0 }
    for (let row = 0; row < document.rows.length; row++) {
      const text = read(path, compiled, row)
      if (text === '') continue
      if (found.text === '') found = { text, row }
      else if (found.text !== text && AGREED.has(path))
        throw new MappingError(
          'rows-disagree',
          `The rows of this document give different values for ${path}: "${found.text}" and "${text}".`,
          pointerOf(compiled, row),
        )
      if (!AGREED.has(path)) break
    }
    return found
  }
  const orderSource = (path: OrderPath): string => {
    const compiled = orderFields.get(path)
    return compiled === undefined ? '' : cell(compiled, orderRow(path).row).trim()
  }
  return {
    timezone,
    currency: orderRow('currency').text || map.currency || context.currency,
    rows: document.rows.length,
    order: (path) => orderRow(path).text,
    orderSource,
    orderInstant: (path) => {
      const { text, row } = orderRow(path)
      const compiled = orderFields.get(path)
      return text === '' || compiled === undefined ? undefined : unambiguousInstant(text, timezone, pointerOf(compiled, row))
    },
    line: (path, row) => {
      const compiled = lineFields.get(path)
      return compiled === undefined ? '' : read(path, compiled, row)
    },
    extra: () =>
      Object.fromEntries(
        Object.entries(map.extra)
          .map(([name, field]) => [name, read(name, compile(field), 0)] as const)
          .filter(([, text]) => text !== ''),
      ),
    pointer: (path, row) => {
      const compiled = lineFields.get(path)
      return compiled === undefined ? `/rows/${row}` : pointerOf(compiled, row)
    },
  }
}
