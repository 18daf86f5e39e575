/** What a rule is about: a word of the channel, one value of one document, the name of a carrier, a place of the channel. */
export const RULE_KINDS = ['word', 'field', 'carrier', 'place'] as const
export type RuleKind = (typeof RULE_KINDS)[number]

/** A rule as people write it. `field` and `entity` are empty where its kind needs none. */
export interface RuleSpec {
  readonly kind: RuleKind
  /** Name of a member (word), JSON pointer (field). */
  readonly field: string
  /** `order/4711`: the one document a field rule is about. */
  readonly entity: string
  readonly from: string
  readonly to: string
}

/** Everything people can say about how the documents of a connection are read: rules, and those of its settings that steer the mapping. */
export interface MappingSet {
  readonly rules: readonly RuleSpec[]
  /** Settings by name, complete: one that is absent is unset. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** A word of the channel that a person gave a meaning: wherever a member of this name holds `from`, it is read as `to`. */
export interface WordRule {
  readonly id: number
  /** Name of the member, e.g. `status`. */
  readonly field: string
  readonly from: string
  readonly to: string
}

/** One value of one document that a person corrected. Once the channel sends another value, the channel is right again. */
interface FieldRule {
  readonly id: number
  /** `order/4711`: kind and id of the document's entity. */
  readonly entity: string
  /** JSON pointer. */
  readonly pointer: string
  readonly from: string
  readonly to: string
}

/**
 * What people decided about the documents of one connection, as data. Raw documents are never edited: a mapping reads them
 * through these rules, and the order says which of them it took.
 */
export interface Overrides {
  /** Rises with every change; with the raw document and the mapping's version it determines the canonical order (I3). */
  readonly version: number
  readonly words: readonly WordRule[]
  readonly fields: readonly FieldRule[]
  /** Our carrier code → what this connection is told instead. */
  readonly carriers: Readonly<Record<string, string>>
  /** Id of a place at the channel → our location its orders take goods from; absent where none is bound. */
  readonly places?: ReadonlyMap<string, string>
}

/** A rule that shaped an order, as its document shows it. */
export interface AppliedRule {
  /** Where in the raw document, as a JSON pointer. */
  readonly pointer: string
  readonly rule: number
}

/** Rules with their numbers, in the form mappings and pushes take them. */
export function overridesFrom(version: number, rules: readonly (RuleSpec & { readonly id: number })[]): Overrides {
  const places = new Map(rules.flatMap(({ kind, from, to }) => (kind === 'place' ? [[from, to] as const] : [])))
  return {
    version,
    words: rules.flatMap(({ kind, id, field, from, to }) => (kind === 'word' ? [{ id, field, from, to }] : [])),
    fields: rules.flatMap(({ kind, id, entity, field, from, to }) => (kind === 'field' ? [{ id, entity, pointer: field, from, to }] : [])),
    carriers: Object.fromEntries(rules.flatMap(({ kind, from, to }) => (kind === 'carrier' ? [[from, to] as const] : []))),
    ...(places.size > 0 && { places }),
  }
}

/** Two rules with the same key answer the same question: only one of them can hold. */
export const ruleKey = ({ kind, field, entity, from }: Omit<RuleSpec, 'to'>): string => JSON.stringify([kind, field, entity, from])

/** What separates two sets; a rule that only answers anew is changed, not taken away and added. */
interface SetDifference {
  readonly added: readonly RuleSpec[]
  readonly removed: readonly RuleSpec[]
  readonly changed: readonly { readonly before: RuleSpec; readonly after: RuleSpec }[]
  /** Settings that differ, by name. */
  readonly settings: readonly { readonly name: string; readonly before: unknown; readonly after: unknown }[]
}

export function differenceOf(before: MappingSet, after: MappingSet): SetDifference {
  const [old, next] = [byKey(before.rules), byKey(after.rules)]
  const names = [...new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])].toSorted()
  return {
    added: after.rules.filter((rule) => !old.has(ruleKey(rule))),
    removed: before.rules.filter((rule) => !next.has(ruleKey(rule))),
    changed: after.rules.flatMap((rule) => {
      const known = old.get(ruleKey(rule))
      return known !== undefined && known.to !== rule.to ? [{ before: known, after: rule }] : []
    }),
    settings: names.flatMap((name) => {
      const [was, is] = [before.settings[name], after.settings[name]]
      return canonical(was) === canonical(is) ? [] : [{ name, before: was ?? null, after: is ?? null }]
    }),
  }
}

export const isSame = ({ added, removed, changed, settings }: SetDifference): boolean =>
  added.length + removed.length + changed.length + settings.length === 0

/** A draft that began at `base`, carried over to what holds `now`: what the draft says itself wins, everything else is as published meanwhile. */
export function rebased(base: MappingSet, now: MappingSet, draft: MappingSet): MappingSet {
  const { added, removed, changed, settings } = differenceOf(base, draft)
  const own = new Set([...added, ...removed, ...changed.map(({ after }) => after)].map(ruleKey))
  const said = new Map(settings.map(({ name }) => [name, draft.settings[name]]))
  const merged = { ...now.settings, ...Object.fromEntries(said) }
  return {
    rules: [...now.rules.filter((rule) => !own.has(ruleKey(rule))), ...added, ...changed.map(({ after }) => after)],
    settings: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)),
  }
}

const byKey = (rules: readonly RuleSpec[]): ReadonlyMap<string, RuleSpec> => new Map(rules.map((rule) => [ruleKey(rule), rule]))

/** Text that is equal for equal values, however their members are ordered. */
const canonical = (value: unknown): string => JSON.stringify(sorted(value)) ?? ''

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
