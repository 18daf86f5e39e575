import type { UseQueryResult } from '@tanstack/react-query'
import { call, post } from './http.ts'
import { useOne } from './lists.ts'
import type { RowProblem } from './rows.ts'

export const ruleFields = ['stop', 'share', 'quota', 'maximum', 'buffer', 'priority', 'locations', 'at_hand'] as const
export type RuleField = (typeof ruleFields)[number]

/** What a rule says and where; null = it says nothing about that. Times are ISO. */
export interface RuleBody {
  readonly id?: number | null
  readonly name: string
  readonly plan: string | null
  readonly connection: string | null
  readonly category: string | null
  readonly skus: readonly string[] | null
  readonly share: string | null
  readonly quota: number | null
  readonly priority: number | null
  readonly maximum: number | null
  readonly buffer: number | null
  readonly locations: readonly string[] | null
  /** Nobody else sells what lies there. */
  readonly exclusive: boolean
  readonly stop: boolean | null
  readonly at_hand: boolean | null
  readonly from: string | null
  readonly until: string | null
  readonly enabled: boolean
  readonly reason: string
}
export type RuleStanding = 'off' | 'waiting' | 'in-force' | 'over'
export interface Rule extends RuleBody {
  readonly id: number
  readonly standing: RuleStanding
  readonly author: string
  readonly version: number
  readonly updated_at: string
}
export interface RuleSet {
  readonly version: number
  readonly next_at: string | null
  readonly items: readonly Rule[]
}

/** One change of the set: rules as they shall be, rules removed, or a version restored. */
export type RuleChange = { readonly put?: readonly RuleBody[]; readonly remove?: readonly number[] } | { readonly restore: number }

export interface PreviewRow {
  readonly connection_id: string
  readonly connection: string
  readonly listing_key: string
  readonly sku: string
  readonly title: string
  readonly mode: 'shared' | 'quota'
  readonly armed: boolean
  readonly before: number | null
  readonly after: number | null
  readonly reason: string | null
  readonly by: readonly { readonly field: RuleField; readonly rule: string; readonly id: number }[]
}
export interface RulePreview {
  readonly version: number
  readonly hash: string
  readonly at: string
  readonly totals: Readonly<
    Record<
      'listings' | 'changed' | 'lower' | 'raise' | 'zero' | 'published_before' | 'published_after' | 'exposure_before' | 'exposure_after',
      number
    >
  >
  readonly connections: readonly {
    readonly connection_id: string
    readonly connection: string
    readonly armed: boolean
    readonly listings: number
    readonly changed: number
    readonly zero: number
    readonly before: number
    readonly after: number
  }[]
  readonly items: readonly PreviewRow[]
  readonly has_more: boolean
}

export const rulesPath = '/v1/stock/rules'
export const useRules = (): UseQueryResult<RuleSet> => useOne(rulesPath, { every: 15_000 })

export interface RuleChangeNote {
  readonly version: number
  readonly at: string
  readonly actor: string
  readonly reason: string
  readonly rules: readonly { readonly id: number; readonly name: string; readonly what: 'made' | 'changed' | 'removed' | 'on' | 'off' }[]
}
export const useRuleChanges = (): UseQueryResult<{ readonly items: readonly RuleChangeNote[] }> => useOne(`${rulesPath}/changes`, { every: 30_000 })

export const previewRules = (ask: {
  readonly change: RuleChange
  readonly at: string | undefined
  readonly all: boolean
  readonly q: string
}): Promise<RulePreview> =>
  post(`${rulesPath}/preview`, {
    change: ask.change,
    limit: 500,
    ...(ask.at === undefined ? {} : { at: ask.at }),
    ...(ask.all ? { all: true } : {}),
    ...(ask.q === '' ? {} : { q: ask.q }),
  })

export interface RuleOrder {
  readonly change: RuleChange
  readonly at?: string
  readonly preview_hash?: string
  readonly confirm_zero?: boolean
  readonly reason?: string
}
export const applyRules = (order: RuleOrder): Promise<{ readonly version: number; readonly marked: number }> => post(rulesPath, order)

export interface RuleFile {
  readonly put: readonly RuleBody[]
  readonly rows: number
  readonly refused: readonly RowProblem[]
}
export const readRuleFile = (file: File): Promise<RuleFile> => {
  const form = new FormData()
  form.set('file', file)
  return call('POST', `${rulesPath}/parse`, { form })
}
