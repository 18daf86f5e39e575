import { MappingError } from '../core/fault.ts'
import type { MapContext, Mapped, Mapping, RawDocument } from '../core/mapping.ts'
import type { AppliedRule, Overrides, WordRule } from '../core/overrides.ts'

/** More unknown words than this in one document are no words but another format. */
const MOST_WORDS = 20

interface MappedWithRules {
  readonly mapped: Mapped
  /** The document as it was read: with what people corrected. */
  readonly doc: unknown
  /** Empty for nearly every document: rules are only looked for where one names the document or the mapping stumbles. */
  readonly applied: readonly AppliedRule[]
}

/**
 * Runs a mapping over a document as the connection's rules have it read. The document itself stays as it is.
 * @throws MappingError of the mapping, where no rule helps
 */
export function mapWithRules(mapping: Mapping, raw: RawDocument, context: MapContext, rules: Overrides | undefined): MappedWithRules {
  if (rules === undefined) return { mapped: mapping.map(raw, context), doc: raw.doc, applied: [] }
  let { doc, applied } = corrected(raw, rules)
  for (let left = MOST_WORDS; ; left--) {
    try {
      return { mapped: withItsOwnStatus(mapping.map({ ...raw, doc }, context), applied, rules), doc, applied }
    } catch (error) {
      const rule = left > 0 && error instanceof MappingError ? ruleFor(error, doc, rules.words) : undefined
      if (rule === undefined) throw error
      const read = replaceWord(doc, rule)
      if (read.pointers.length === 0) throw error
      doc = read.doc
      applied = [...applied, ...read.pointers.map((pointer) => ({ pointer, rule: rule.id }))]
    }
  }
}

/** Values a person corrected in this very document, as long as the channel still sends what was wrong. */
function corrected(raw: RawDocument, { fields }: Overrides): { readonly doc: unknown; readonly applied: readonly AppliedRule[] } {
  const entity = `${raw.kind}/${raw.externalId}`
  let doc = raw.doc
  const applied: AppliedRule[] = []
  for (const rule of fields) {
    if (rule.entity !== entity || textOf(valueAt(doc, rule.pointer)) !== rule.from) continue
    doc = replaceAt(doc, stepsOf(rule.pointer), rule.to)
    applied.push({ pointer: rule.pointer, rule: rule.id })
  }
  return { doc, applied }
}

/** The rule for the word a mapping stumbled over. */
function ruleFor(error: MappingError, doc: unknown, words: readonly WordRule[]): WordRule | undefined {
  if (error.pointer === undefined) return undefined
  const field = fieldOf(error.pointer)
  const word = wordAt(doc, error)
  return words.find((rule) => rule.field === field && rule.from === word)
}

/** Name of the member a pointer ends at. */
export const fieldOf = (pointer: string): string => stepsOf(pointer).at(-1) ?? ''

/** The word itself: what stands there, else (pointers inside a part of the document) what the message quotes. */
export function wordAt(doc: unknown, error: MappingError): string | undefined {
  const there = error.pointer === undefined ? undefined : textOf(valueAt(doc, error.pointer))
  if (there !== undefined && there !== '') return there
  return /"([^"]{1,100})"/.exec(error.message)?.[1]
}

/** Reads a word as another wherever a member of that name holds it. */
function replaceWord(doc: unknown, rule: WordRule): { readonly doc: unknown; readonly pointers: readonly string[] } {
  const pointers: string[] = []
  const visit = (value: unknown, pointer: string, name: string): unknown => {
    if (Array.isArray(value)) return value.map((element: unknown, i) => visit(element, `${pointer}/${i}`, name))
    if (isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, visit(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, key)]),
      )
    if (name !== rule.field || textOf(value) !== rule.from) return value
    pointers.push(pointer)
    return alike(value, rule.to)
  }
  return { doc: visit(doc, '', ''), pointers }
}

/** An order says the channel's own word, also where it was read as another. */
function withItsOwnStatus(mapped: Mapped, applied: readonly AppliedRule[], { words }: Overrides): Mapped {
  if (mapped.kind !== 'order') return mapped
  const rule = words.find((word) => applied.some((one) => one.rule === word.id) && word.to === mapped.order.sourceStatus)
  return rule === undefined ? mapped : { kind: 'order', order: { ...mapped.order, sourceStatus: rule.from } }
}

const stepsOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value at a JSON pointer; undefined where there is none. */
export function valueAt(doc: unknown, pointer: string): unknown {
  let value = doc
  for (const step of stepsOf(pointer)) {
    if (Array.isArray(value)) value = value[Number(step)]
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step]
    else return undefined
  }
  return value
}

function replaceAt(value: unknown, [step, ...rest]: readonly string[], to: string): unknown {
  if (step === undefined) return alike(value, to)
  if (Array.isArray(value)) return value.map((element: unknown, i) => (String(i) === step ? replaceAt(element, rest, to) : element))
  return isObject(value) ? { ...value, [step]: replaceAt(value[step], rest, to) } : value
}

/** A scalar as text; undefined for lists and objects. Null reads as the empty text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (value === null) return ''
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A number stays a number and yes or no stays that, where the new text is one. */
function alike(before: unknown, to: string): unknown {
  if (typeof before === 'number' && String(Number(to)) === to) return Number(to)
  if (typeof before === 'boolean' && (to === 'true' || to === 'false')) return to === 'true'
  return to
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)
