import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { hasIds, stockOf } from './items.ts'
import type { KuaishouCall } from './manifest.ts'

const MAX_BATCH = 20
const MOST = 9_999_999

/**
 * The channel only adds and takes away. What a SKU shows is read right before, and the difference goes out in one call: pieces sold in
 * between are gone from the result, so that it is never more than was wanted. A difference whose answer was lost is in doubt and
 * never sent again; the hub reads the SKU first.
 */
export async function pushInventory(call: KuaishouCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((one) => [one]),
    write: ([one]) => (one ? change(call, one) : Promise.resolve([])),
  })
}

const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!hasIds(ids)) return fault('listing-ids', 'The listing carries no item and SKU of this shop. Read the listings again.')
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity >= MOST)
    return fault('quantity-not-whole', 'Kuaishou counts stock in whole pieces from 0 to ten million.')
  return undefined
}

/** `changeType` 1 adds, 2 takes away. */
async function change(call: KuaishouCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  try {
    const shown = await stockOf(call, ids)
    if (shown === undefined) return fault('listing-unknown', 'Kuaishou shows no such item and SKU any more. Read the listings again.')
    if (shown === quantity) return [{ key, status: 'unchanged', proof: { quantity: String(quantity) } }]
    await write(call, 'open.item.sku.stock.update', {
      kwaiItemId: BigInt(ids['item'] ?? ''),
      skuId: BigInt(ids['sku'] ?? ''),
      skuChangeStock: Math.abs(quantity - shown),
      changeType: quantity > shown ? 1 : 2,
    })
    return [{ key, status: 'applied', proof: { from: String(shown), quantity: String(quantity) } }]
  } catch (error) {
    return faultOf(error)
  }
}
