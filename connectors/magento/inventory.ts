import type { InventoryReading, InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { criteria, send } from './client.ts'
import { manifest, type MagentoCall } from './manifest.ts'

/** Absolute levels in one call, an outcome for each: applied, refused, or unknown where the answer says nothing. */
export async function pushInventory(call: MagentoCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  const { maxBatch } = manifest.capabilities.pushInventory
  if (writes.length > maxBatch) throw new RangeError(`At most ${maxBatch} levels at once.`)
  return pushInGroups(writes, { unsendable, groupsOf: (sendable) => (sendable.length === 0 ? [] : [sendable]), write: (group) => write(call, group) })
}

function unsendable({ quantity }: InventoryWrite): Fault | undefined {
  if (Number.isSafeInteger(quantity)) return undefined
  return { kind: 'refused', code: 'quantity-not-whole', message: 'The channel counts whole pieces.' }
}

async function write(call: MagentoCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const sourceItems = group.map(({ ids, quantity }) => ({ sku: ids['sku'], source_code: call.config.source, quantity, status: quantity > 0 ? 1 : 0 }))
  try {
    // All of them or none: the answer to good ones is an empty list.
    await send(call, { method: 'POST', path: 'inventory/source-items', body: { sourceItems } })
    return group.map(({ key }) => ({ key, status: 'applied' }))
  } catch (error) {
    return faultOf(error)
  }
}

/** What the source shows now; undefined for what it does not hold. */
export async function readInventory(
  call: MagentoCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const levels = await levelsOf(
    call,
    listings.map(({ ids }) => ids['sku'] ?? ''),
  )
  return listings.map(({ key, ids }) => ({ key, quantity: levels.get(ids['sku'] ?? '') }))
}

export async function levelsOf(call: MagentoCall, skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (skus.length === 0) return new Map()
  const filters = [
    ['sku', 'in', skus.join(',')],
    ['source_code', 'eq', call.config.source],
  ] as const
  const { doc } = await send(call, { path: 'inventory/source-items', query: criteria(filters, { size: skus.length, current: 1 }) })
  return new Map(
    listField(doc, 'items').flatMap((item): readonly (readonly [string, number])[] => {
      const quantity = Number(textField(item, 'quantity') ?? Number.NaN)
      return Number.isFinite(quantity) ? [[textField(item, 'sku') ?? '', quantity]] : []
    }),
  )
}
