import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { isVariant } from './catalogue.ts'
import { write } from './client.ts'
import { MAX_LEVELS, type LoyverseCall } from './manifest.ts'

/** Absolute levels of the store. The channel takes a batch as a whole: when one is refused the others go alone. */
export async function pushInventory(call: LoyverseCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_LEVELS) throw new RangeError(`At most ${MAX_LEVELS} levels at once.`)
  return pushInGroups(writes, { unsendable, groupsOf: (all) => (all.length === 0 ? [] : [all]), write: (group) => set(call, group) })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!isVariant(ids['variant'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing names no variant of the catalogue. Read the listings again.' }
  if (!Number.isSafeInteger(quantity)) return { kind: 'refused', code: 'quantity-not-whole', message: 'A level is a whole number.' }
  return undefined
}

/** Levels that stand in the answer were set; what is said of the others is nothing. */
async function set(call: LoyverseCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const { storeId } = call.config
  const inventory_levels = group.map(({ ids, quantity }) => ({ variant_id: ids['variant'], store_id: storeId, stock_after: quantity }))
  try {
    const { doc } = await write(call, { method: 'POST', path: 'inventory', body: { inventory_levels } })
    const levels = field(doc, 'inventory_levels')
    const told = new Set(
      (Array.isArray(levels) ? levels : []).flatMap((each: unknown) =>
        textField(each, 'store_id') === storeId ? (textField(each, 'variant_id') ?? []) : [],
      ),
    )
    return group.map(({ key, ids, quantity }) =>
      told.has(ids['variant'] ?? '') ? { key, status: 'applied', proof: { quantity: String(quantity), store: storeId } } : unanswered(key),
    )
  } catch (error) {
    return faultOf(error)
  }
}
