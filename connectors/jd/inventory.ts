import type { InventoryReading, InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { absentAs, faultOf, inGroups } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { read, write } from './client.ts'
import { manifest, type JdCall } from './manifest.ts'

const MAX_BATCH = manifest.capabilities.pushInventory.maxBatch
const AT_ONCE = 4

/** Absolute levels, one call each: the channel takes one SKU at a time. */
export async function pushInventory(call: JdCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => all.map((each) => [each]),
    write: async ([each]) => (each ? writeOne(call, each) : []),
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(ids['sku'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no SKU number of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'JD counts stock in whole pieces from 0.' }
  return undefined
}

async function writeOne(call: JdCall, { key, ids, quantity }: InventoryWrite): Promise<readonly Outcome[] | Fault> {
  try {
    await write(call, 'jingdong.stock.write.updateSkuStock', { skuId: ids['sku'], stockNum: quantity, storeId: call.config.storeId })
    return [{ key, status: 'applied', proof: { quantity: String(quantity) } }]
  } catch (error) {
    return faultOf(error)
  }
}

/** What the channel shows now; undefined where it has no such SKU, or none in this warehouse. */
export async function readInventory(
  call: JdCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  return inGroups(listings, AT_ONCE, async ({ key, ids }) => {
    const sku = ids['sku'] ?? ''
    const answer = /^\d+$/.test(sku) ? await absentAs(read(call, 'jingdong.stock.read.findSkuStock', { skuId: sku })) : undefined
    const stocks = listField(answer?.doc, 'skuStocks').filter((each) => textField(each, 'skuId') === sku)
    const place = call.config.storeId === '' ? MAIN : call.config.storeId
    const own =
      stocks.find((each) => textField(each, 'storeId') === place) ?? (call.config.storeId === '' && stocks.length === 1 ? stocks[0] : undefined)
    const quantity = Number(textField(own, 'stockNum') ?? Number.NaN)
    return { key, quantity: Number.isSafeInteger(quantity) ? quantity : undefined }
  })
}

/** A shop without warehouses of its own has this one. */
const MAIN = '0'
