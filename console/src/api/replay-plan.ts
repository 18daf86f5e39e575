import { fromMinor } from '../format/money.ts'
import type { MoneyText } from '../format/money.ts'
import { isTree, list, member, text } from '../ui/read-doc.ts'
import type { Job } from './jobs.ts'

export interface PlanFigure {
  readonly name: 'would_create' | 'would_change' | 'unchanged' | 'still_fail'
  readonly count: number
  readonly money: readonly MoneyText[]
}

/** What a dry run found: four figures that add up to the set, the fields that change, and examples. */
export interface ReplayPlan {
  readonly figures: readonly PlanFigure[]
  readonly fields: readonly { readonly path: string; readonly from: string; readonly to: string; readonly count: number }[]
  readonly failing: readonly { readonly number: string; readonly reason: string }[]
  /** Documents whose personal data was erased; they cannot be mapped again. */
  readonly expired: number
}

const buckets = { would_create: 'create', would_change: 'change', unchanged: 'unchanged', still_fail: 'fail' } as const
const names = ['would_create', 'would_change', 'unchanged', 'still_fail'] as const

const count = (value: unknown): number => Number(text(value) ?? '0')

/** The hub sums in minor units per currency. */
const sumsOf = (value: unknown): readonly MoneyText[] =>
  isTree(value)
    ? Object.entries(value).flatMap(([currency, minor]) => (typeof minor === 'number' ? [{ currency, amount: fromMinor(minor, currency) }] : []))
    : []

/** Reads the result of a dry-run job. */
export const replayPlan = (job: Job): ReplayPlan => {
  const { result } = job
  const fields = member(result, 'fields')
  const samples = list(member(result, 'samples'))
  return {
    figures: names.map((name) => ({
      name,
      count: count(member(result, buckets[name])),
      money: sumsOf(member(member(result, 'money'), buckets[name])),
    })),
    fields: isTree(fields)
      ? Object.entries(fields).map(([path, change]) => ({
          path,
          from: text(member(change, 'from')) ?? '',
          to: text(member(change, 'to')) ?? '',
          count: count(member(change, 'count')),
        }))
      : [],
    failing: samples.flatMap((sample) =>
      text(member(sample, 'outcome')) === 'fail'
        ? [{ number: text(member(sample, 'channelOrderNo')) ?? '—', reason: text(member(sample, 'reason')) ?? '' }]
        : [],
    ),
    expired: count(member(result, 'expired')),
  }
}
