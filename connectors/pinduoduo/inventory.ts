import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import type { PddCall } from './manifest.ts'

const MAX_BATCH = 50
const ABSOLUTE = 1

/** Absolute levels, one call for each SKU: the channel takes no more at once. */
export async function pushInventory(call: PddCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, { unsendable, groupsOf: (all) => all.map((one) => [one]), write: (group) => writeOne(call, group) })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(ids['goods'] ?? '') || !/^\d+$/.test(ids['sku'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no goods and SKU id of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Pinduoduo counts stock in whole pieces from 0.' }
  return undefined
}

async function writeOne(call: PddCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  try {
    const outcomes: Outcome[] = []
    for (const { key, ids, quantity } of group) {
      const { doc } = await write(call, 'pdd.goods.quantity.update', {
        goods_id: ids['goods'],
        sku_id: ids['sku'],
        quantity,
        update_type: ABSOLUTE,
      })
      const isDone = textField(doc, 'is_success') === 'true'
      outcomes.push(isDone ? { key, status: 'applied' } : refused(key, 'not-success', 'Pinduoduo answered that the level was not set.'))
    }
    return outcomes
  } catch (error) {
    return faultOf(error)
  }
}
