import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { chunked, pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { write, type Answer } from './client.ts'
import type { TopCall } from './manifest.ts'

const MAX_BATCH = 100
/** Variants of one item that one call takes. */
const MAX_SKUS = 20

/** Absolute levels: the variants of one item together. */
export async function pushInventory(call: TopCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, { unsendable, groupsOf, write: (group) => writeGroup(call, group) })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(ids['item'] ?? '') || !/^\d*$/.test(ids['sku'] ?? ''))
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no item id of this shop. Read the listings again.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Taobao counts stock in whole pieces from 0.' }
  return undefined
}

/** Variants of one item, at most twenty together; an item without variants stands alone. */
function groupsOf(writes: readonly InventoryWrite[]): readonly (readonly InventoryWrite[])[] {
  const byItem = new Map<string, InventoryWrite[]>()
  for (const each of writes) {
    const item = `${each.ids['item'] ?? ''}/${each.ids['sku'] === undefined ? 'item' : 'skus'}`
    byItem.set(item, [...(byItem.get(item) ?? []), each])
  }
  return [...byItem.values()].flatMap((all) => chunked(all, MAX_SKUS))
}

async function writeGroup(call: TopCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  try {
    if (call.config.stockApi === 'tmall') return await writeTmall(call, group)
    const item = group[0]?.ids['item']
    const [single] = group.length === 1 ? group : []
    const answer = single
      ? await write(call, 'taobao.item.quantity.update', { num_iid: item, sku_id: single.ids['sku'], quantity: single.quantity, type: 1 })
      : await write(call, 'taobao.skus.quantity.update', {
          num_iid: item,
          skuid_quantities: group.map(({ ids, quantity }) => `${ids['sku'] ?? ''}:${quantity}`).join(';'),
          type: 1,
        })
    return group.map((each) => outcomeOf(each, answer))
  } catch (error) {
    return faultOf(error)
  }
}

/** Tmall's own interface names the item it wrote and nothing else. */
async function writeTmall(call: TopCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  const item = group[0]?.ids['item']
  const skus = group.flatMap(({ ids, quantity }) => (ids['sku'] === undefined ? [] : [`{"sku_id":${ids['sku']},"quantity":${quantity}}`]))
  const { doc } = await write(call, 'tmall.item.quantity.update', {
    item_id: item,
    ...(skus.length === 0 ? { item_quantity: group[0]?.quantity } : { sku_quantities: `[${skus.join(',')}]` }),
    options: '{"type":1}',
  })
  const written = textField(doc, 'quantity_update_result')
  return group.map(({ key }) => (written === item ? { key, status: 'applied', proof: { item: written ?? '' } } : unanswered(key)))
}

function outcomeOf({ key, ids, quantity }: InventoryWrite, { doc }: Answer): Outcome {
  const item = field(doc, 'item')
  const sku = ids['sku']
  const shown =
    sku === undefined
      ? textField(item, 'num')
      : textField(
          listField(field(item, 'skus'), 'sku').find((each) => textField(each, 'sku_id') === sku),
          'quantity',
        )
  if (shown === undefined) return unanswered(key)
  if (shown === String(quantity)) return { key, status: 'applied', proof: { quantity: shown } }
  const message = 'The channel answered with another quantity: something else changed it at the same time.'
  return { key, status: 'unknown', fault: { kind: 'in-doubt', code: 'other-quantity', message } }
}
