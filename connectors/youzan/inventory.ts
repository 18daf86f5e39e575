import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { long } from './items.ts'
import type { YouzanCall } from './manifest.ts'

const MAX_BATCH = 20

/** Absolute levels, one item or variant a call. */
export async function pushInventory(call: YouzanCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((one) => [one]),
    write: ([one]) => (one ? set(call, one) : Promise.resolve([])),
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(ids['item'] ?? '') || !/^\d*$/.test(ids['sku'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no item id of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Youzan counts stock in whole pieces from 0.' }
  return undefined
}

/** `type` 0 sets the level; 1 would add to it. An item without variants is named by itself. */
async function set(call: YouzanCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  try {
    const place = { item_id: long(ids['item'] ?? ''), ...(ids['sku'] === undefined ? {} : { sku_id: long(ids['sku']) }) }
    const { doc } = await write(call, 'youzan.item.quantity.update/3.0.0', { ...place, quantity, type: 0 }, 'stock')
    if (textField(doc, 'is_success') === 'true') return [{ key, status: 'applied', proof: { quantity: String(quantity) } }]
    return [refused(key, 'not-success', 'Youzan answered that the level was not taken.')]
  } catch (error) {
    return faultOf(error)
  }
}
