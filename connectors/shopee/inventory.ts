import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf, refused } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { chunked, pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { int, responseOf, write } from './client.ts'
import type { ShopeeCall } from './manifest.ts'

const MAX_BATCH = 50
/** Models of one item in one call. */
const MODELS = 50

/** Absolute levels of the seller's own stock. Models of one item go together, and the answer tells each apart. */
export async function pushInventory(call: ShopeeCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, { unsendable: (each) => unsendable(call, each), groupsOf, write: (group) => writeItem(call, group) })
}

function unsendable({ config }: ShopeeCall, { ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d{1,19}$/.test(ids['item'] ?? '') || !/^\d{1,19}$/.test(ids['model'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no item and model id of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Shopee counts stock in whole pieces from 0.' }
  // Without a name the level goes to one of them, and the others keep theirs: together they would show more than there is.
  if (config.locationId === '' && (ids['locations'] ?? '').includes(','))
    return {
      kind: 'refused',
      code: 'several-warehouses',
      message: 'This item lies in several warehouses: name the one that is meant in the settings.',
    }
  return undefined
}

function groupsOf(writes: readonly InventoryWrite[]): readonly (readonly InventoryWrite[])[] {
  const items = new Map<string, InventoryWrite[]>()
  for (const each of writes) items.set(each.ids['item'] ?? '', [...(items.get(each.ids['item'] ?? '') ?? []), each])
  return [...items.values()].flatMap((group) => chunked(group, MODELS))
}

async function writeItem(call: ShopeeCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const path = 'product/update_stock'
  const location = call.config.locationId === '' ? {} : { location_id: call.config.locationId }
  try {
    const answer = await write(
      call,
      path,
      {
        item_id: int(group[0]?.ids['item'] ?? '0'),
        stock_list: group.map(({ ids, quantity }) => ({ model_id: int(ids['model'] ?? '0'), seller_stock: [{ ...location, stock: quantity }] })),
      },
      'stock',
    )
    const response = responseOf(answer, path)
    const taken = new Set(listField(response, 'success_list').map((each) => textField(each, 'model_id') ?? '0'))
    const not = new Map(
      listField(response, 'failure_list').map((each) => [textField(each, 'model_id') ?? '0', textField(each, 'failed_reason') ?? '']),
    )
    return group.map(({ key, ids, quantity }): Outcome => {
      const model = ids['model'] ?? '0'
      const reason = not.get(model)
      if (reason !== undefined) return refused(key, 'not-taken', `Shopee did not take the level: ${reason.slice(0, 160) || 'without a reason'}`)
      return taken.has(model) ? { key, status: 'applied', proof: { quantity: String(quantity) } } : unanswered(key)
    })
  } catch (error) {
    const fault = faultOf(error)
    // An answer that cannot be read came after the write.
    return fault.kind === 'unreadable' ? { ...fault, kind: 'in-doubt' } : fault
  }
}
