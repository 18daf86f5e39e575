import Big from 'big.js'
import { alternativesOf, termsOf, type DocumentMap } from '../../src/core/document-map.ts'
import type { FileDocument } from '../../src/core/file-document.ts'
import { MappingError } from '../../src/core/fault.ts'
import type { FieldMap } from '../../src/core/field-map.ts'
import { matches, picks, plainText } from '../../src/core/pick.ts'
import { wellFormed } from '../parts/well-formed.ts'

/** An order as the rows a field map reads: one for each line, its cells what the columns' pointers lead to. */
export function rowsOf(
  doc: unknown,
  given: { readonly map: DocumentMap; readonly fields: FieldMap; readonly byStatus: Readonly<Record<string, string>> },
): FileDocument {
  const { map, fields, byStatus } = given
  const list = picks(doc, map.lines)[0]
  if (list !== undefined && !Array.isArray(list)) throw new MappingError('type-unexpected', 'A list of lines was expected.', map.lines)
  const lines: readonly unknown[] = Array.isArray(list) ? list.filter((line: unknown) => !(map.skipLine && matches(line, map.skipLine))) : []
  if (lines.length === 0) throw new MappingError('lines-missing', 'The order has no lines.', map.lines)
  const named = [...Object.values(fields.order), ...Object.values(fields.line), ...Object.values(fields.extra)]
  const columns = [...new Set(named.flatMap((field) => (field !== undefined && 'columns' in field ? field.columns : [])))]
  return {
    columns,
    rows: lines.map((line) => columns.map((column) => (column.startsWith('#') ? (byStatus[column.slice(1)] ?? '') : cell(doc, line, column)))),
  }
}

/** The first alternative that is filled. */
function cell(doc: unknown, line: unknown, column: string): string {
  for (const one of alternativesOf(column)) {
    const text = valueOf(doc, line, one)
    if (text.trim() !== '') return text
  }
  return ''
}

/** The text at a pointer (several joined by a comma), or the exact sum of a sum(…). */
function valueOf(doc: unknown, line: unknown, column: string): string {
  const texts = (pointer: string): readonly string[] => (pointer.startsWith('.') ? textsAt(line, pointer.slice(1)) : textsAt(doc, pointer))
  if (!column.startsWith('sum(')) return texts(column).join(', ')
  let sum: Big | undefined
  for (const { sign, pointer } of termsOf(column))
    for (const text of texts(pointer)) if (text !== '') sum = (sum ?? new Big(0)).plus(decimal(text, pointer).times(sign))
  return sum?.toFixed() ?? ''
}

/** Everything a pointer leads to, as text. A container where a text belongs holds the document. */
export function textsAt(doc: unknown, pointer: string): readonly string[] {
  return picks(doc, pointer).map((value) => {
    const text = plainText(value)
    if (text === undefined) throw new MappingError('type-unexpected', 'A text was expected here.', pointer)
    return wellFormed(text)
  })
}

export function decimal(text: string, pointer: string): Big {
  if (!/^[+-]?\d{1,30}(?:\.\d{1,20})?$/.test(text.trim())) throw new MappingError('number-unreadable', 'A decimal number was expected.', pointer)
  return new Big(text.trim().replace(/^\+/, ''))
}
