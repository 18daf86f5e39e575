import { text as scalar } from '../../../ui/read-doc.ts'

/** One single value of a raw document. */
interface RawLeaf {
  /** JSON pointer. */
  readonly pointer: string
  readonly value: string
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The single values of a JSON document in its own order; empty where the text is no JSON. Long numbers keep their digits. */
export const leavesOf = (text: string): readonly RawLeaf[] => {
  const found: RawLeaf[] = []
  const visit = (value: unknown, pointer: string): void => {
    if (Array.isArray(value)) value.forEach((element: unknown, index) => visit(element, `${pointer}/${index}`))
    else if (isTree(value))
      for (const [name, inner] of Object.entries(value)) visit(inner, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    else found.push({ pointer, value: scalar(value) ?? '' })
  }
  try {
    visit(JSON.parse(text.replaceAll(/(?<=[[:,]\s*)-?\d{16,}(?=\s*[,}\]])/g, '"$&"')), '')
  } catch {
    return []
  }
  return found
}

/** Where to look first: the very place, else the last member of that name (a pointer may begin inside a part of the document). */
export const leafAt = (leaves: readonly RawLeaf[], pointer: string | null): RawLeaf | undefined =>
  pointer === null ? undefined : (leaves.find((leaf) => leaf.pointer === pointer) ?? leaves.findLast((leaf) => leaf.pointer.endsWith(pointer)))
