import { DomainError } from '../../core/fault.ts'
import { tableOf } from './table.ts'
import type { FileRow, FileTable } from './table.ts'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/**
 * Finds the list of documents: at the dotted `path`, or, without one, the document itself when it is a list, or the
 * only list inside it.
 */
export function listAt(doc: unknown, path: string | undefined, name: string): readonly unknown[] {
  let value = doc
  for (const step of path === undefined || path === '' ? [] : path.split('.'))
    value = isObject(value)
      ? value[step]
      : Array.isArray(value)
        ? value.flatMap((one: unknown) => (isObject(one) ? (one[step] ?? []) : []))
        : undefined
  if (Array.isArray(value)) return value
  if (isObject(value) && path === undefined) {
    // Step through wrappers that hold nothing else, such as the root element of an XML document.
    for (let inner = onlyMember(value); inner !== undefined; inner = onlyMember(value)) value = inner
    const lists = Object.values(isObject(value) ? value : {}).filter((member) => Array.isArray(member))
    if (lists.length === 1 && Array.isArray(lists[0])) return lists[0]
    return [value]
  }
  if (isObject(value)) return [value]
  throw new DomainError('file-no-documents', `${name} has no list of documents at "${path ?? ''}".`)
}

function onlyMember(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const members = isObject(value)
    ? Object.entries(value)
        .filter(([key]) => key !== '$')
        .map(([, member]) => member)
    : []
  return members.length === 1 && isObject(members[0]) ? members[0] : undefined
}

/** Nested documents as rows: one row per element of `lines`, the document's own values repeated on each. */
export function tableOfDocuments(documents: readonly unknown[], lines: string | undefined): FileTable {
  const flat = documents.flatMap((document) => rowsOf(document, lines))
  const columns: string[] = []
  const position = new Map<string, number>()
  for (const row of flat) {
    for (const key of row.keys()) {
      if (position.has(key)) continue
      position.set(key, columns.length)
      columns.push(key)
    }
  }
  if (columns.length > 1000) throw new DomainError('file-too-many-columns', 'The documents have more than 1000 different fields.')
  // Such files have no header row: row 1 is the first document's first line.
  const rows: FileRow[] = flat.map((row, i) => ({ rowNo: i + 1, cells: columns.map((column) => row.get(column) ?? '') }))
  return tableOf(columns, rows)
}

function rowsOf(document: unknown, lines: string | undefined): readonly ReadonlyMap<string, string>[] {
  const own = new Map<string, string>()
  flattenInto(own, '', document, lines)
  if (lines === undefined) return [own]
  let list = document
  for (const step of lines.split('.'))
    list = Array.isArray(list) ? list.flatMap((one: unknown) => (isObject(one) ? (one[step] ?? []) : [])) : isObject(list) ? list[step] : undefined
  const elements = Array.isArray(list) ? list : isObject(list) ? [list] : []
  if (elements.length === 0) return [own]
  return elements.map((element: unknown) => {
    const row = new Map(own)
    flattenInto(row, lines, element, undefined)
    return row
  })
}

/** Scalars become cells under their dotted path; a list of scalars is joined by commas; other lists get positions. */
function flattenInto(row: Map<string, string>, path: string, value: unknown, skip: string | undefined): void {
  if (skip !== undefined && path === skip) return
  if (Array.isArray(value)) {
    const members = value.filter((one: unknown) => isScalar(one) || (isObject(one) && Object.keys(one).length > 0) || Array.isArray(one))
    if (members.every(isScalar)) row.set(path, members.join(','))
    else if (members.length === 1 && path !== '') flattenInto(row, path, members[0], skip)
    else members.forEach((one: unknown, i) => flattenInto(row, `${path}.${i}`, one, skip))
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) flattenInto(row, path === '' ? key : key === '_' ? path : `${path}.${key}`, member, skip)
  } else if (isScalar(value)) row.set(path, String(value))
}
