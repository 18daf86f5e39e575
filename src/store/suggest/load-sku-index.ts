import { setImmediate as letOthersGo } from 'node:timers/promises'
import type { Db } from '../read/scope.ts'
import { type MasterSku, SkuIndex } from './suggest-skus.ts'

/** SKUs taken in before others get their turn: a few milliseconds. */
const SLICE = 250
/** An index nobody asks is let go: it takes about a kilobyte a SKU. */
const KEPT_MS = 10 * 60_000

interface Kept {
  readonly state: string
  readonly index: Promise<SkuIndex>
  readonly timer: NodeJS.Timeout
}

const kept = new WeakMap<Db, Kept>()

/** The index of all active SKUs as they stand now; built at the first question and after any change of them. */
export async function loadSkuIndex(db: Db): Promise<SkuIndex> {
  const { rows } = await db.query<{ state: string }>(`select count(*) || '/' || coalesce(sum(xmin::text::bigint), 0) as state from skus`)
  const state = rows[0]?.state ?? ''
  const before = kept.get(db)
  if (before) clearTimeout(before.timer)
  const index = before?.state === state ? before.index : build(db)
  kept.set(db, { state, index, timer: setTimeout(() => kept.delete(db), KEPT_MS).unref() })
  try {
    return await index
  } catch (error) {
    kept.delete(db)
    throw error
  }
}

async function build(db: Db): Promise<SkuIndex> {
  const { rows } = await db.query<MasterSku>('select sku, title, barcode from skus where active order by sku')
  const index = new SkuIndex()
  for (const [i, sku] of rows.entries()) {
    index.add(sku)
    if (i % SLICE === SLICE - 1) await letOthersGo()
  }
  return index
}
