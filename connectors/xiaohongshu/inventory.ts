import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { field, textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import { WRITTEN_IN_PART } from './faults.ts'
import { isSkuId } from './items.ts'
import type { XhsCall } from './manifest.ts'

const MAX_BATCH = 20
const MOST = 9_999_999

/** One call a SKU: the level is the whole of it, and the channel works out what may be sold. */
export async function pushInventory(call: XhsCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((one) => [one]),
    write: ([one]) => (one ? set(call, one) : Promise.resolve([])),
  })
}

const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!isSkuId(ids['sku'] ?? '')) return fault('listing-ids', 'The listing carries no SKU of this shop. Read the listings again.')
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > MOST)
    return fault('quantity-not-whole', 'Xiaohongshu counts stock in whole pieces from 0 to ten million.')
  return undefined
}

async function set(call: XhsCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  try {
    const { data } = await write(call, 'inventory.syncSkuStock', { skuId: ids['sku'], qty: quantity })
    const total = textField(field(data, 'skuStock'), 'total')
    // Fewer than unpaid orders hold cannot be set: what the channel made of it, and what becomes of it, only reading it shows.
    if (textField(field(data, 'response'), 'code') === WRITTEN_IN_PART || (total !== undefined && total !== String(quantity)))
      return { kind: 'in-doubt', code: 'level-not-reached', message: 'Xiaohongshu could not take away all pieces: unpaid orders hold some.' }
    return [{ key, status: 'applied', proof: { quantity: String(quantity), ...(total === undefined ? {} : { total }) } }]
  } catch (error) {
    return faultOf(error)
  }
}
