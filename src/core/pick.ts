import { z } from 'zod'

/** Longest way into a document anybody writes down. */
const MAX_POINTER = 300

/**
 * A JSON pointer (RFC 6901) as people write it into settings, with two more kinds of step: `*` is every element of a list, and
 * `[name=text]` its first element whose member `name` is `text` (lists of key and value). "" is the document itself.
 */
export const Pointer = z
  .string()
  .max(MAX_POINTER)
  .regex(/^(?:\/[^/]*)*$/, 'A pointer is empty or begins with "/", e.g. /data/orders or /meta/[key=tracking]/value.')

/** A value that decides something: true when the text at `pointer` is one of `values`. */
export const Match = z.strictObject({ pointer: Pointer, values: z.array(z.string().max(200)).min(1).max(50) })
export type Match = z.output<typeof Match>

/** Every value a pointer leads to; none where a step is missing. Null counts as missing. */
export function picks(doc: unknown, pointer: string): readonly unknown[] {
  let values: readonly unknown[] = [doc]
  for (const step of pointer.split('/').slice(1)) values = values.flatMap((value) => enter(value, step))
  return values.filter((value) => value !== undefined && value !== null)
}

/** The first of them. */
export const pick = (doc: unknown, pointer: string): unknown => picks(doc, pointer)[0]

/** The first as text: texts, numbers and yes or no; undefined when there is none or it is a container. */
export function pickText(doc: unknown, pointer: string): string | undefined {
  const value = pick(doc, pointer)
  return typeof value === 'object' ? undefined : plainText(value)
}

/** A scalar as text, numbers never in exponent form; undefined for anything else. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number')
    return Number.isFinite(value) && /e/.test(String(value))
      ? value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 })
      : String(value)
  return typeof value === 'boolean' ? String(value) : undefined
}

export const matches = (doc: unknown, match: Match): boolean => match.values.includes(pickText(doc, match.pointer) ?? '')

function enter(value: unknown, step: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (step === '*') return Array.isArray(value) ? value : []
  const filter = /^\[([^=\]]+)=([^\]]*)\]$/.exec(step)
  if (filter) {
    const [, name = '', text = ''] = filter
    const found: unknown = Array.isArray(value) ? value.find((one: unknown) => pickText(one, `/${name}`) === text) : undefined
    return [found]
  }
  const name = step.replace(/~1/g, '/').replace(/~0/g, '~')
  if (!Object.hasOwn(value, name)) return []
  const member: unknown = Reflect.get(value, name)
  return [member]
}
