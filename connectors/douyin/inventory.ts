import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { chunked, pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import type { DouyinCall } from './manifest.ts'
import { int64, isId } from './param-json.ts'

const MAX_BATCH = 100
/** SKUs of one product in one call; the channel publishes no figure. */
const MAX_SKUS = 20
const REGIONAL = '1'

/** Absolute levels. SKUs of one product go together; the channel takes all of a call or none. */
export async function pushInventory(call: DouyinCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, { unsendable: (each) => unsendable(call, each), groupsOf, write: (group) => writeGroup(call, group) })
}

function unsendable(call: DouyinCall, { ids, quantity }: InventoryWrite): Fault | undefined {
  const refuse = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (!isId(ids['product'] ?? '') || !isId(ids['sku'] ?? ''))
    return refuse('listing-ids', 'The listing carries no product and SKU id of this shop. Read the listings again.')
  if (!Number.isSafeInteger(quantity) || quantity < 0) return refuse('quantity-not-whole', 'Douyin counts stock in whole pieces from 0.')
  if (ids['type'] === REGIONAL && call.config.warehouse === '')
    return refuse('warehouse-missing', 'This SKU keeps its stock by warehouse. Enter the code of the warehouse in the settings.')
  return undefined
}

/** Stock by warehouse goes SKU by SKU, everything else by product. */
function groupsOf(writes: readonly InventoryWrite[]): readonly (readonly InventoryWrite[])[] {
  const groups = new Map<string, InventoryWrite[]>()
  for (const each of writes) {
    const alone = each.ids['type'] === REGIONAL ? `/${each.ids['sku'] ?? ''}` : ''
    const name = `${each.ids['product'] ?? ''}${alone}`
    groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return [...groups.values()].flatMap((group) => chunked(group, MAX_SKUS))
}

/** The answer names nothing; that it came is the proof. A level set twice is the same level: no key against repetition is needed. */
async function writeGroup(call: DouyinCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const product_id = int64(group[0]?.ids['product'] ?? '0')
  const [only] = group.length === 1 ? group : []
  try {
    if (only) {
      const out_warehouse_id = only.ids['type'] === REGIONAL ? call.config.warehouse : undefined
      await write(call, 'sku.syncStock', {
        product_id,
        sku_id: int64(only.ids['sku'] ?? '0'),
        stock_num: only.quantity,
        incremental: false,
        out_warehouse_id,
      })
    } else {
      const sku_sync_list = group.map(({ ids, quantity }) => ({
        sku_id: int64(ids['sku'] ?? '0'),
        sku_type: Number(ids['type'] ?? 0),
        stock_num: quantity,
      }))
      await write(call, 'sku.syncStockBatch', { product_id, incremental: false, sku_sync_list })
    }
    return group.map(({ key }) => ({ key, status: 'applied' }))
  } catch (error) {
    return faultOf(error)
  }
}
