import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { hasIds } from './items.ts'
import type { WechatCall } from './manifest.ts'

const MAX_BATCH = 20

/** Absolute levels, one SKU a call. */
export async function pushInventory(call: WechatCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((one) => [one]),
    write: ([one]) => (one ? set(call, one) : Promise.resolve([])),
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!hasIds(ids))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no product and SKU of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > 10_000_000)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'WeChat counts stock in whole pieces from 0 to ten million.' }
  return undefined
}

/** `diff_type` 3 sets the level; 1 and 2 would add and take away. */
async function set(call: WechatCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  try {
    await write(call, 'product/stock/update', { product_id: ids['product'], sku_id: ids['sku'], diff_type: 3, num: quantity })
    return [{ key, status: 'applied', proof: { quantity: String(quantity) } }]
  } catch (error) {
    return faultOf(error)
  }
}
