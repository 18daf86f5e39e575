import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked, pushInGroups } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { kindOf } from './faults.ts'
import { isId, type TikTokCall } from './manifest.ts'

const MAX_BATCH = 100
/** SKUs of one product in one call; a product has at most a few hundred. */
const MAX_SKUS = 50
const MOST_UNITS = 99_999

/** Absolute levels. SKUs of one product go together; those the channel did not take are named in an answer that is otherwise a success. */
export async function pushInventory(call: TikTokCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, { unsendable: (each) => unsendable(call, each), groupsOf, write: (group) => writeGroup(call, group) })
}

const warehousesOf = ({ ids }: InventoryWrite): readonly string[] => (ids['warehouses'] ?? '').split(',').filter((id) => id !== '')

function unsendable(call: TikTokCall, each: InventoryWrite): Fault | undefined {
  const { ids, quantity } = each
  const refuse = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (!isId(ids['product'] ?? '') || !isId(ids['sku'] ?? ''))
    return refuse('listing-ids', 'The listing carries no product and SKU id of this shop. Read the listings again.')
  if (!Number.isSafeInteger(quantity) || quantity < 0) return refuse('quantity-not-whole', 'TikTok Shop counts stock in whole pieces from 0.')
  if (quantity > MOST_UNITS) return refuse('quantity-too-large', `TikTok Shop takes at most ${MOST_UNITS} pieces of a SKU.`)
  const all = warehousesOf(each)
  // A call has to name all warehouses of a SKU, and of the others the hub knows no level that would not revive what was sold there.
  if (all.length > 1)
    return refuse('several-warehouses', 'This SKU lies in several warehouses; TikTok Shop takes all of their levels together or none.')
  if (all.length === 1 && call.config.warehouse !== '' && all[0] !== call.config.warehouse)
    return refuse('other-warehouse', 'This SKU lies in another warehouse than the one in the settings.')
  return undefined
}

function groupsOf(writes: readonly InventoryWrite[]): readonly (readonly InventoryWrite[])[] {
  const groups = new Map<string, InventoryWrite[]>()
  for (const each of writes) groups.set(each.ids['product'] ?? '', [...(groups.get(each.ids['product'] ?? '') ?? []), each])
  return [...groups.values()].flatMap((group) => chunked(group, MAX_SKUS))
}

async function writeGroup(call: TikTokCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const skus = group.map((each) => {
    const warehouse = call.config.warehouse || warehousesOf(each)[0]
    return { id: each.ids['sku'], inventory: [{ ...(warehouse === undefined ? {} : { warehouse_id: warehouse }), quantity: each.quantity }] }
  })
  try {
    const path = `/product/202309/products/${group[0]?.ids['product'] ?? ''}/inventory/update`
    const { data } = await write(call, { method: 'POST', path, body: { skus } })
    const errors = listField(data, 'errors')
    return group.map((each) => outcomeOf(each, errors, group.length))
  } catch (error) {
    return faultOf(error)
  }
}

/** An error that names no SKU of the call is about all of them, and nobody knows which were written. */
function outcomeOf({ key, ids }: InventoryWrite, errors: readonly unknown[], count: number): Outcome {
  const nameOf = (error: unknown): string => textField(field(error, 'detail'), 'sku_id') ?? ''
  const own = errors.find((error) => nameOf(error) === ids['sku']) ?? (count === 1 ? errors[0] : undefined)
  if (own === undefined) {
    if (errors.every((error) => isId(nameOf(error)))) return { key, status: 'applied' }
    return {
      key,
      status: 'unknown',
      fault: { kind: 'in-doubt', code: 'unnamed-error', message: 'The channel names an error and not the SKU it is about.' },
    }
  }
  const [inner] = listField(field(own, 'detail'), 'extra_errors')
  const code = textField(inner, 'code') ?? textField(own, 'code') ?? ''
  const kind = kindOf(textField(own, 'code') ?? '', textField(own, 'message') ?? '')
  if (kind === 'refused' || kind === 'missing')
    return { key, status: 'refused', fault: { kind, code, message: `TikTok Shop did not take this level (${code}).` } }
  return { key, status: 'unknown', fault: { kind: 'in-doubt', code, message: `TikTok Shop could not finish this level (${code}).` } }
}
