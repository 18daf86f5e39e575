import type { RuleSays, StockRule } from '../store/read/stock-rules.ts'

/** What a rule is asked about: one SKU on one connection. */
export interface RuleSubject {
  readonly connectionId: string
  readonly sku: string
  readonly category: string | null
}

export type RuleField = keyof RuleSays
export const RULE_FIELDS: readonly RuleField[] = ['stop', 'share', 'quota', 'maximum', 'buffer', 'priority', 'locations', 'at_hand']

/** What holds for one listing, and which rule said it. A field without a rule is the connection's own or nobody's. */
export interface RuleTerms {
  readonly share: string
  readonly buffer: number
  readonly quota: number | null
  readonly maximum: number | null
  readonly priority: number
  readonly locations: readonly string[] | null
  /** Nobody else sells what lies there. */
  readonly exclusive: boolean
  readonly stop: boolean
  readonly at_hand: boolean
  readonly by: Readonly<Partial<Record<RuleField, RuleName>>>
}
export interface RuleName {
  readonly id: number
  readonly name: string
}
/** The connection's own share and buffer: what holds where no rule speaks. */
export interface RuleBase {
  readonly stock_share: string
  readonly stock_buffer: number
}

/** True where the rule is switched on and its time has come and is not over: [from, until). `at` is an ISO UTC instant. */
export const isInForce = (rule: StockRule, at: string): boolean =>
  rule.enabled && (rule.starts_at === null || rule.starts_at <= at) && (rule.ends_at === null || at < rule.ends_at)

/**
 * What holds for one listing at a moment. Each field is taken from the most specific rule that says something about it: a rule that names the SKU
 * comes before a pattern, a longer pattern before a shorter one, SKUs before a category, a category before none; then one for this connection
 * before one for all; then one with dates before a standing one, the later beginning and the newer rule first. Pure.
 */
export const ruleFor = (subject: RuleSubject, rules: readonly StockRule[], at: string, base: RuleBase): RuleTerms =>
  termsOf(
    subject,
    rules.filter((rule) => isInForce(rule, at)),
    base,
  )

/** The rules of one moment, sorted for asking. */
export interface RuleBook {
  /** Some rule sets a priority. */
  readonly ranks: boolean
  /** Some rule keeps listings to what is at hand. */
  readonly keepsAtHand: boolean
  /** Connections to which some rule keeps locations. */
  readonly keepers: readonly string[]
  /** The sets of locations that rules name. */
  readonly places: readonly (readonly string[])[]
  /** Some rule asks for a category. */
  readonly byCategory: boolean
  /** No rule speaks. */
  readonly silent: boolean
  terms(subject: RuleSubject, base: RuleBase): RuleTerms
}

/** `ruleFor` for many listings at one moment: which rules speak about a SKU is worked out once for all its listings. */
export function ruleBook(rules: readonly StockRule[], at: string): RuleBook {
  const now = rules.filter((rule) => isInForce(rule, at))
  const broad: StockRule[] = []
  const bySku = new Map<string, StockRule[]>()
  for (const rule of now) {
    if (rule.skus === null || rule.skus.some(isPattern)) broad.push(rule)
    else
      for (const sku of new Set(rule.skus)) {
        const own = bySku.get(sku)
        if (own) own.push(rule)
        else bySku.set(sku, [rule])
      }
  }
  let last: { readonly sku: string; readonly category: string | null; readonly ranked: Ranked } | undefined
  return {
    keepers: [...new Set(now.flatMap((rule) => (rule.exclusive && rule.connection_id !== null ? [rule.connection_id] : [])))],
    ranks: now.some((rule) => rule.priority !== null),
    places: [...new Map(now.flatMap((rule) => (rule.locations === null ? [] : [[rule.locations.join('\u0001'), rule.locations] as const]))).values()],
    keepsAtHand: now.some((rule) => rule.at_hand === true),
    byCategory: now.some((rule) => rule.category !== null),
    silent: now.length === 0,
    terms({ connectionId, sku, category }, base) {
      if (last?.sku !== sku || last.category !== category)
        last = { sku, category, ranked: rankedFor(sku, category, [...broad, ...(bySku.get(sku) ?? [])]) }
      return pick(connectionId, last.ranked, base)
    },
  }
}

const termsOf = ({ connectionId, sku, category }: RuleSubject, rules: readonly StockRule[], base: RuleBase): RuleTerms =>
  pick(connectionId, rankedFor(sku, category, rules), base)

/** Who speaks about a field, the most specific first. A field of which nobody speaks costs nothing. */
type Ranked = ReadonlyMap<RuleField, readonly StockRule[]>

/** The rules that hold for a SKU on whatever connection. */
function rankedFor(sku: string, category: string | null, rules: readonly StockRule[]): Ranked {
  const ranked = rules
    .flatMap((rule) => {
      const rank = rankOf(rule, sku, category)
      return rank === undefined ? [] : [{ rule, rank }]
    })
    .sort((a, b) => compare(b.rank, a.rank))
    .map(({ rule }) => rule)
  return new Map(RULE_FIELDS.map((field) => [field, ranked.filter((rule) => rule[field] !== null)]))
}

function pick(connectionId: string, ranked: Ranked, base: RuleBase): RuleTerms {
  const by: Partial<Record<RuleField, RuleName>> = {}
  const said = <F extends RuleField>(field: F): StockRule[F] | undefined => {
    const rule = ranked.get(field)?.find((each) => each.connection_id === null || each.connection_id === connectionId)
    if (rule) by[field] = { id: rule.id, name: rule.name }
    return rule?.[field]
  }
  return {
    share: said('share') ?? base.stock_share,
    buffer: said('buffer') ?? base.stock_buffer,
    quota: said('quota') ?? null,
    maximum: said('maximum') ?? null,
    priority: said('priority') ?? 0,
    locations: said('locations') ?? null,
    exclusive: ranked.get('locations')?.find((each) => each.id === by.locations?.id)?.exclusive ?? false,
    stop: said('stop') ?? false,
    at_hand: said('at_hand') ?? false,
    by,
  }
}

/** The rules that made a number, field by field: a stop leaves no other its say, a fixed number leaves the share none. */
export const decidedBy = (terms: RuleTerms): readonly (RuleName & { readonly field: RuleField; readonly value: string })[] =>
  RULE_FIELDS.flatMap((field) => {
    const by = terms.by[field]
    const idle = terms.stop ? field !== 'stop' : field === 'share' && terms.quota !== null
    return by === undefined || idle ? [] : [{ ...by, field, value: String(terms[field]) }]
  })

type Rank = readonly (number | string)[]

/** How specific a rule is for this SKU, undefined where it does not hold for it. */
function rankOf(rule: StockRule, code: string, group: string | null): Rank | undefined {
  const category = rule.category === null ? 0 : group !== null && matches(rule.category, group) ? 1 + literal(rule.category) : -1
  if (category < 0) return undefined
  const fitting = rule.skus?.filter((pattern) => matches(pattern, code))
  if (fitting?.length === 0) return undefined
  const sku = fitting === undefined ? 0 : fitting.some((pattern) => !isPattern(pattern)) ? EXACT : 1 + Math.max(...fitting.map(literal))
  const dated = rule.starts_at !== null || rule.ends_at !== null
  return [sku, category, rule.connection_id === null ? 0 : 1, dated ? 1 : 0, rule.starts_at ?? '', rule.id]
}

/** More than any pattern: codes have at most 200 characters. */
const EXACT = 1_000
const isPattern = (text: string): boolean => text.includes('*')
const literal = (pattern: string): number => pattern.replaceAll('*', '').length

function compare(a: Rank, b: Rank): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}

/** `*` stands for any run of characters, also none. In time linear to the text for each part: nothing is tried twice. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const [first = ''] = parts
  if (parts.length === 1) return pattern === text
  const last = parts.at(-1) ?? ''
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
