import type pg from 'pg'
import { textArray } from '../text-array.ts'

/** What may be promised of one SKU over all sellable locations. */
export interface Level {
  readonly sku: string
  /** What view `sku_levels` says may be promised, less what listings under quota hold, never below zero; decimal text. */
  readonly promisable: string
  /** False until somebody counted it: an uncounted SKU is unknown, not zero. A bundle is counted when all of its parts are. */
  readonly counted: boolean
}

/** Levels of these SKUs now. SKUs without any stock row are absent. */
export async function readLevels(client: pg.ClientBase | pg.Pool, skus: readonly string[]): Promise<readonly Level[]> {
  const { rows } = await client.query<Level>({
    name: 'read-levels',
    text: `select v.sku, greatest(0, case when not (select exists (select 1 from escrows)) then v.atp else ${LESS_QUOTAS} end)::text as promisable, v.counted
     from sku_levels v where v.sku = any($1) order by v.sku`,
    values: [textArray(skus)],
  })
  return rows
}

/** Pieces of `sku` that listings under quota have: as they are, and in bundles. One that sold beyond its units has none. */
const held = (sku: string): string => `coalesce((select sum(greatest(e.units, 0)) from escrows e where e.sku = ${sku}), 0)
  + coalesce((select sum(greatest(e.units, 0) * x.quantity) from bundle_parts x join escrows e on e.sku = x.bundle where x.sku = ${sku}), 0)`
const LESS_QUOTAS = `case when v.bundle
  then (select floor(min((stock_atp(b.sku) - (${held('b.sku')})) / b.quantity)) from bundle_parts b where b.bundle = v.sku)
  else v.atp - (${held('v.sku')}) end`
