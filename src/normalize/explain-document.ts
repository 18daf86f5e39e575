import { parseJson } from '../kit/json.ts'

/** One step into a document: a member, a position, or into the JSON that a text carries. */
type Step = string | number | typeof INSIDE
const INSIDE = Symbol('json')

/** A value of a document that can be changed by itself. `pointer` is a JSON pointer; "#" goes into a text that carries JSON. */
export interface RawLeaf {
  readonly pointer: string
  readonly steps: readonly Step[]
  /** The pointer with every position as "*": the same place in documents of the same kind. */
  readonly general: string
  readonly value: unknown
  /** A list, a group, or a text that carries one. */
  readonly holds?: true
  /** The document has nothing here; the mapping looked. */
  readonly absent?: true
}

/** What other documents of the connection carry in the same place. */
export type Vocabulary = ReadonlyMap<string, readonly unknown[]>

const MAX_WORDS = 4
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** The JSON inside a text; undefined where it is an ordinary one. */
function inside(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return undefined
  try {
    return parseJson(value)
  } catch {
    return undefined
  }
}

/** Every value and every container of a document, outermost first. */
export function leavesOf(doc: unknown): readonly RawLeaf[] {
  const found: RawLeaf[] = []
  const walk = (value: unknown, steps: readonly Step[], pointer: string, general: string): void => {
    const carried = inside(value)
    const holds = carried !== undefined || (typeof value === 'object' && value !== null)
    if (steps.length > 0) found.push({ pointer, steps, general, value, ...(holds && { holds: true as const }) })
    if (carried !== undefined) walk(carried, [...steps, INSIDE], `${pointer}#`, `${general}#`)
    else if (Array.isArray(value)) value.forEach((each: unknown, i) => walk(each, [...steps, i], `${pointer}/${i}`, `${general}/*`))
    else if (isObject(value))
      for (const [name, each] of Object.entries(value)) walk(each, [...steps, name], `${pointer}/${escaped(name)}`, `${general}/${escaped(name)}`)
  }
  walk(doc, [], '', '')
  return found
}

/** What these documents carry, place by place: a few different values each. */
export function vocabularyOf(docs: readonly unknown[]): Vocabulary {
  const words = new Map<string, unknown[]>()
  const known = new Set<string>()
  for (const doc of docs)
    for (const { general, value } of leavesOf(doc)) {
      const list = words.get(general) ?? []
      const key = `${general} ${JSON.stringify(value)}`
      if (value === null || value === '' || list.length >= MAX_WORDS || known.has(key)) continue
      known.add(key)
      words.set(general, [...list, value])
    }
  return words
}

/** Means: take the member out. */
export const REMOVED = Symbol('removed')

/** A copy of the document with one value changed; everything else is shared with the original. */
export function withValue(doc: unknown, [step, ...rest]: readonly Step[], value: unknown): unknown {
  if (step === undefined) return value
  if (step === INSIDE) return JSON.stringify(withValue(inside(doc), rest, value))
  if (Array.isArray(doc)) return doc.map((each: unknown, i) => (i === step ? withValue(each, rest, value === REMOVED ? null : value) : each))
  if (!isObject(doc)) return doc
  if (rest.length > 0) return { ...doc, [step]: withValue(doc[step], rest, value) }
  if (value !== REMOVED) return { ...doc, [step]: value }
  const { [step]: _gone, ...others } = doc
  return others
}

/** Runs `work` on a view of the document and answers which values it looked at, and where it looked for something that is not there. */
export function watched<T>(
  doc: unknown,
  work: (doc: unknown) => T,
): { readonly result: T; readonly read: ReadonlySet<string>; readonly absent: readonly RawLeaf[] } {
  const read = new Set<string>()
  const absent = new Map<string, RawLeaf>()
  const view = (value: unknown, steps: readonly Step[], pointer: string, general: string): unknown => {
    read.add(pointer)
    if (typeof value !== 'object' || value === null) return value
    return new Proxy(value, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver)
        if (typeof name === 'symbol' || typeof member === 'function' || (Array.isArray(target) && name === 'length')) return member
        const step = Array.isArray(target) ? Number(name) : name
        const [at, there] = [`${pointer}/${escaped(name)}`, `${general}/${Array.isArray(target) ? '*' : escaped(name)}`]
        if (member !== undefined) return view(member, [...steps, step], at, there)
        if (!Array.isArray(target)) absent.set(at, { pointer: at, steps: [...steps, step], general: there, value: undefined, absent: true })
        return undefined
      },
    })
  }
  return { result: work(view(doc, [], '', '')), read, absent: [...absent.values()] }
}
