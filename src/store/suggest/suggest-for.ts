import { setImmediate as letOthersGo } from 'node:timers/promises'
import type { Db } from '../read/scope.ts'
import { loadSkuIndex } from './load-sku-index.ts'
import type { Described, Suggestion } from './suggest-skus.ts'

/** Listings matched before others get their turn: some 20 ms. */
const SLICE = 10

/** Rows with the SKUs that may be meant by them; what is bound, or left out by a person, gets none. */
export async function suggestFor<Row extends Described & { readonly bound: string }>(
  db: Db,
  rows: readonly Row[],
): Promise<readonly (Row & { readonly suggestions: readonly Suggestion[] })[]> {
  if (rows.every(({ bound }) => bound !== 'unbound')) return rows.map((row) => ({ ...row, suggestions: [] }))
  const index = await loadSkuIndex(db)
  const answers: (Row & { readonly suggestions: readonly Suggestion[] })[] = []
  for (const [i, row] of rows.entries()) {
    answers.push({ ...row, suggestions: row.bound === 'unbound' ? index.suggest(row) : [] })
    if (i % SLICE === SLICE - 1) await letOthersGo()
  }
  return answers
}
