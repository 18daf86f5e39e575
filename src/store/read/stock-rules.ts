import type { Db } from './scope.ts'

/** What a rule may say; a field that is null leaves it to less specific rules. */
export interface RuleSays {
  /** Part of the pool: 0 … 1, decimal text. In quota mode: a factor of the recent sales. */
  readonly share: string | null
  /** As many as this, instead of a share, while there are so many. */
  readonly quota: number | null
  /** Who is given the last pieces: the higher number. */
  readonly priority: number | null
  /** Never shows more than this. */
  readonly maximum: number | null
  /** Units kept back. */
  readonly buffer: number | null
  /** Only the stock of these locations feeds it, and its orders take their goods there. */
  readonly locations: readonly string[] | null
  /** Shows 0. */
  readonly stop: boolean | null
  /** What is on its way is not shown, although the SKU sells ahead. */
  readonly at_hand: boolean | null
}

/** One rule: where it holds, when, and what it says. Times are ISO UTC; patterns know `*` for anything. */
export interface StockRule extends RuleSays {
  readonly id: number
  readonly name: string
  readonly plan: string | null
  readonly connection_id: string | null
  readonly category: string | null
  readonly skus: readonly string[] | null
  /** What lies at its locations is for its listings alone. */
  readonly exclusive: boolean
  readonly starts_at: string | null
  readonly ends_at: string | null
  readonly enabled: boolean
  readonly reason: string
  readonly author: string
  readonly version: number
  readonly updated_at: string
}

export interface RuleState {
  /** Of the whole set; each change adds one. */
  readonly version: number
  /** The moment whose rules are in force. */
  readonly effective_at: string
  readonly next_at: string | null
}

const COLUMNS = `id, name, plan, connection_id, category, skus, trim_scale(share)::text as share, quota, priority, maximum, buffer, locations, exclusive, stop, at_hand, starts_at, ends_at, enabled,
  reason, author, version, updated_at`

/** All rules, drafts and ended ones too. */
export async function readRules(db: Db): Promise<readonly StockRule[]> {
  const { rows } = await db.query<StockRule>(`select ${COLUMNS} from stock_rules order by id`)
  return rows
}

const STATE = 'select version, effective_at, next_at from stock_rule_state'
const STATE_LOCKED = `${STATE} for update`

/** Version and moment of the set; with `lock` nobody else changes it until this transaction ends. */
export async function readRuleState(db: Db, lock = false): Promise<RuleState> {
  const { rows } = await db.query<RuleState>(lock ? STATE_LOCKED : STATE)
  return rows[0] ?? { version: 0, effective_at: new Date(0).toISOString(), next_at: null }
}

const kept = new WeakMap<object, { readonly version: number; readonly rules: readonly StockRule[] }>()

/** The rules that are switched on, and the moment they are asked for. Read again only when their version moved; `keeper` is whom they are kept for (the pool). */
export async function rulesInForce(db: Db, keeper: object): Promise<RuleState & { readonly rules: readonly StockRule[] }> {
  const state = await readRuleState(db)
  const before = kept.get(keeper)
  if (before?.version === state.version) return { ...state, rules: before.rules }
  const rules = (await readRules(db)).filter((rule) => rule.enabled)
  kept.set(keeper, { version: state.version, rules })
  return { ...state, rules }
}
