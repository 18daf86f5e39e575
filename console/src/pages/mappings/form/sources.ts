import { leavesOf } from '../../failures/fixes/document-leaves.ts'
import { isTree, list, text } from '../../../ui/read-doc.ts'
import type { MapKind, Part } from './field-map.ts'

/** A place of the document beside the form that a field can be read from. */
export interface Source {
  /** As a field map writes it. */
  readonly value: string
  /** What stands there in this document. */
  readonly sample: string
}

interface Place {
  readonly kind: MapKind
  readonly part: Part
  /** Where the document keeps its lines. */
  readonly lines: string
}

const parsed = (raw: string): unknown => {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

/**
 * How a field map writes a place that was pointed at: in a document its pointer, of a line relative to the line ("./sku"), in a file the name of
 * the column. Undefined where nothing there can be read.
 */
export const columnAt = (raw: string, pointer: string, { kind, part, lines }: Place): string | undefined => {
  if (kind === 'file') {
    const index = /^\/(?:columns|rows\/\d+)\/(\d+)$/.exec(pointer)?.[1]
    const doc = parsed(raw)
    return index === undefined || !isTree(doc) ? undefined : text(list(doc['columns'])[Number(index)])
  }
  if (pointer === '') return undefined
  const inLine = pointer.startsWith(`${lines}/`) ? /^\/\d+(\/.+)$/.exec(pointer.slice(lines.length))?.[1] : undefined
  return part === 'line' && inLine !== undefined ? `.${inLine}` : pointer
}

/** Every place of a document a field can be read from, each once: the first line stands for all. */
export const sourcesIn = (raw: string, place: Place): readonly Source[] => {
  if (place.kind === 'file') {
    const doc = parsed(raw)
    if (!isTree(doc)) return []
    const first = list(list(doc['rows'])[0])
    return list(doc['columns']).flatMap((column, index) => {
      const name = text(column)
      return name === undefined ? [] : [{ value: name, sample: text(first[index]) ?? '' }]
    })
  }
  const found = leavesOf(raw).flatMap(({ pointer, value }) => {
    const column = columnAt(raw, pointer, place)
    return column === undefined ? [] : [{ value: column, sample: value }]
  })
  const first = [...new Map(found.toReversed().map((source) => [source.value, source])).values()].toReversed()
  return place.part === 'line' ? first.toSorted((a, b) => Number(b.value.startsWith('.')) - Number(a.value.startsWith('.'))) : first
}
