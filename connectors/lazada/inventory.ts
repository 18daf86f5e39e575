import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf, refused } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { chunked, pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { faultOfAnswer } from './faults.ts'
import { MOST_LEVELS, type LazadaCall } from './manifest.ts'

const PATH = '/product/stock/sellable/update'

/** Absolute levels of what can be sold, many in one call. An answer that refuses some of them names those. */
export async function pushInventory(call: LazadaCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MOST_LEVELS) throw new RangeError(`At most ${MOST_LEVELS} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    // Levels of one SKU never go into one call: which of them counted nobody could tell.
    groupsOf: (all) => (new Set(all.map(skuOf)).size === all.length ? chunked(all, MOST_LEVELS) : all.map((one) => [one])),
    write: (group) => set(call, group),
  })
}

const skuOf = ({ ids }: InventoryWrite): string => `${ids['item'] ?? ''}:${ids['sku'] ?? ''}`

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d{1,20}$/.test(ids['item'] ?? '') || !/^\d{1,20}$/.test(ids['sku'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no item and SKU id of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Lazada counts stock in whole pieces from 0.' }
  return undefined
}

async function set(call: LazadaCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  try {
    const { doc } = await write(call, { path: PATH, parameters: { payload: payloadOf(group, call.config.warehouse) }, limit: 'stock' })
    if (textField(doc, 'code') === '0') return group.map(({ key, quantity }) => ({ key, status: 'applied', proof: { quantity: String(quantity) } }))
    return refusalsOf(doc, group)
  } catch (error) {
    return faultOf(error)
  }
}

/** Ids and counts are digits, the code of the warehouse letters and digits: nothing in here needs escaping. */
const payloadOf = (group: readonly InventoryWrite[], warehouse: string): string =>
  `<Request><Product><Skus>${group.map((one) => skuXml(one, warehouse)).join('')}</Skus></Product></Request>`

function skuXml({ ids, quantity }: InventoryWrite, warehouse: string): string {
  const level = `<SellableQuantity>${quantity}</SellableQuantity>`
  const place =
    warehouse === ''
      ? level
      : `<MultiWarehouseInventories><MultiWarehouseInventory><WarehouseCode>${warehouse}</WarehouseCode>${level}</MultiWarehouseInventory></MultiWarehouseInventories>`
  return `<Sku><ItemId>${ids['item'] ?? ''}</ItemId><SkuId>${ids['sku'] ?? ''}</SkuId>${place}</Sku>`
}

/**
 * "An overview error code: check the detail field to understand the SKU where the error occurred." Whom it names was refused.
 * Whether the others were carried out is written nowhere: they are read back. Where it names nobody the whole call was refused.
 */
function refusalsOf(doc: unknown, group: readonly InventoryWrite[]): readonly Outcome[] | Fault {
  const details = listField(doc, 'detail')
  const why = group.map((write_) => details.find((detail) => isAbout(detail, write_, group)))
  if (why.every((detail) => detail === undefined)) return { ...faultOfAnswer(doc), kind: group.length === 1 ? 'refused' : 'in-doubt' }
  return group.map(({ key }, i) => {
    const detail = why[i]
    return detail === undefined ? unanswered(key) : refused(key, reasonOf(detail), 'Lazada refused the level of this SKU.')
  })
}

/** By the number of the SKU; by the seller's code where the answer has only that, and it is nobody else's of this call. */
function isAbout(detail: unknown, { ids, sku }: InventoryWrite, group: readonly InventoryWrite[]): boolean {
  const [id, code] = [textField(detail, 'sku_id') ?? '', textField(detail, 'seller_sku') ?? '']
  if (id !== '') return id === ids['sku']
  return code !== '' && code === sku && group.filter((other) => other.sku === code).length === 1
}

/** "SELLER_SKU_NOT_FOUND"; sentences, which may quote anything, are left out. */
function reasonOf(detail: unknown): string {
  const said = textField(detail, 'code') ?? textField(detail, 'message') ?? ''
  return /^[\w.-]{1,80}$/.test(said) ? said : '501'
}
