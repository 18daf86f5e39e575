import type { ComparedDocument } from './compare-mappings.ts'

/** What a draft would do to a set of documents: every one of them is in exactly one figure. */
interface DryRunCounts {
  readonly changed: number
  readonly newly_fails: number
  readonly newly_passes: number
  readonly still_fails: number
  readonly unchanged: number
  readonly expired: number
}

interface DryRunField {
  /** Documents in which it differs. */
  readonly orders: number
  /** After less before per currency, minor units; empty where it is no amount. */
  readonly sums: Readonly<Record<string, number>>
  /** The first difference that was met. */
  readonly from: string
  readonly to: string
}

export interface DryRunFigures {
  readonly counts: DryRunCounts
  readonly fields: Readonly<Record<string, DryRunField>>
  /** Paths beyond the most that are kept apart. */
  readonly more_fields: number
}

export const noFigures = (): DryRunFigures => ({
  counts: { changed: 0, newly_fails: 0, newly_passes: 0, still_fails: 0, unchanged: 0, expired: 0 },
  fields: {},
  more_fields: 0,
})

const MOST_FIELDS = 200

/** Adds documents to the figures so far. */
export function addedUp(figures: DryRunFigures, documents: readonly ComparedDocument[]): DryRunFigures {
  const counts = { ...figures.counts }
  const fields: Record<string, DryRunField> = { ...figures.fields }
  let more = figures.more_fields
  for (const { outcome, changes } of documents) {
    counts[outcome] += 1
    const seen = new Set<string>()
    for (const { path, from, to, delta } of changes) {
      const known = Object.hasOwn(fields, path) ? fields[path] : undefined
      if (known === undefined && Object.keys(fields).length >= MOST_FIELDS) {
        if (!seen.has(path)) more += 1
        seen.add(path)
        continue
      }
      const before = known ?? { orders: 0, sums: {}, from, to }
      const sums = delta ? { ...before.sums, [delta.currency]: (before.sums[delta.currency] ?? 0) + delta.minor } : before.sums
      fields[path] = { ...before, sums, orders: before.orders + (seen.has(path) ? 0 : 1) }
      seen.add(path)
    }
  }
  return { counts, fields, more_fields: more }
}
