import type pg from 'pg'
import { type Totals, readTotals } from '../store/read/overview.ts'
import type { Visible } from '../store/read/scope.ts'
import { Paced, perScope } from './paced.ts'

export type TotalsSource = (visible: Visible) => Promise<Totals>

/** Totals of the top bar, which every open page asks for every few seconds: with many orders they are counted more rarely, once for all who ask. */
export function createTotals({ pool, now }: { readonly pool: pg.Pool; readonly now: () => Date }): TotalsSource {
  const cellOf = perScope((visible) => new Paced(() => readTotals(pool, visible), 0, now))
  return async (visible) => (await cellOf(visible).get()).value
}
