import type { InventoryReading, InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { absentAs, faultOf, inGroups } from '../../src/kit/outcomes.ts'
import { asList, field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { type Answer, dataOf, read, write } from './client.ts'
import { faultOfCode } from './faults.ts'
import { productCode, skusOf, stockOf } from './listings.ts'
import { manifest, type MeituanCall } from './manifest.ts'

const MAX_BATCH = manifest.capabilities.pushInventory.maxBatch
const AT_ONCE = 4

/** Absolute levels, all in one call, by the seller's own codes. */
export async function pushInventory(call: MeituanCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  return pushInGroups(writes, {
    unsendable,
    groupsOf: (all) => (all.length === 0 ? [] : [all]),
    write: async (group) => {
      try {
        const levels = { app_poi_code: call.config.shopId, food_data: foodData(group) }
        return outcomesOf(group, await write(call, 'POST', 'retail/sku/stock', levels, true))
      } catch (error) {
        return faultOf(error)
      }
    },
  })
}

function unsendable({ ids, quantity }: InventoryWrite): Fault | undefined {
  if (!ids['product'] || !ids['sku'])
    return { kind: 'refused', code: 'no-codes', message: 'Meituan knows stock by the seller’s codes: give this product and its SKU one there.' }
  if (!Number.isSafeInteger(quantity) || quantity < 0)
    return { kind: 'refused', code: 'quantity-not-whole', message: 'Meituan counts stock in whole pieces from 0.' }
  return undefined
}

const foodData = (group: readonly InventoryWrite[]): string =>
  JSON.stringify(
    [...new Set(group.map(({ ids }) => ids['product']))].map((product) => ({
      app_food_code: product,
      skus: group.flatMap(({ ids, quantity }) => (ids['product'] === product ? [{ sku_id: ids['sku'], stock: String(quantity) }] : [])),
    })),
  )

/**
 * `result_code` 1 all, 2 some, 3 none; what failed stands in `error_list` (older answers: in `msg`, as JSON inside a text) by product and SKU.
 * Where the list cannot be read nothing is known of any of them.
 */
function outcomesOf(group: readonly InventoryWrite[], answer: Answer): readonly Outcome[] | Fault {
  const { doc } = answer
  const failed = failuresOf(doc)
  const result = textField(doc, 'result_code') ?? '1'
  if (failed === undefined || (result !== '1' && failed.length === 0)) return group.map(({ key }) => unanswered(key))
  const isAbout = (each: Failure, ids: InventoryWrite['ids']): boolean =>
    each.product === ids['product'] && (each.sku === '' || each.sku === ids['sku'])
  // A failure under a name nobody wrote to: it may be any of them.
  const isStrange = failed.some((each) => !group.some(({ ids }) => isAbout(each, ids)))
  return group.map(({ key, ids, quantity }): Outcome => {
    const found = failed.find((each) => isAbout(each, ids))
    if (found) {
      const fault = faultOfCode(found.code === '' ? 'item-refused' : found.code)
      return fault.kind === 'transient' ? { key, status: 'unknown', fault: { ...fault, kind: 'in-doubt' } } : { key, status: 'refused', fault }
    }
    return result === '3' || isStrange ? unanswered(key) : { key, status: 'applied', proof: { quantity: String(quantity) } }
  })
}

interface Failure {
  readonly product: string
  readonly sku: string
  readonly code: string
}

/** Undefined when the answer names failures in a form nobody can read. */
function failuresOf(doc: unknown): readonly Failure[] | undefined {
  const told = field(doc, 'error_list') ?? field(doc, 'msg')
  if (told === undefined || told === null || told === '' || told === 'ok' || told === 'success') return []
  const list: unknown = typeof told === 'string' ? parsedOrNothing(told) : told
  if (!Array.isArray(list)) return undefined
  const found = asList(list).map((each) => ({
    product: productCode(each),
    sku: textField(each, 'sku_id') ?? '',
    code: textField(each, 'code') ?? textField(each, 'error_code') ?? '',
  }))
  return found.some(({ product }) => product === '') ? undefined : found
}

/** What the channel shows now, product by product; undefined where it has no such SKU or counts none. */
export async function readInventory(
  call: MeituanCall,
  listings: readonly Pick<InventoryWrite, 'key' | 'ids' | 'sku'>[],
): Promise<readonly InventoryReading[]> {
  const codes = [...new Set(listings.flatMap(({ ids }) => ids['product'] || []))]
  const shown = await inGroups(codes, AT_ONCE, async (code) => {
    const answer = await absentAs(read(call, 'retail/get', { app_poi_code: call.config.shopId, app_food_code: code, app_spu_code: code }))
    return [code, answer === undefined ? [] : skusOf(dataOf(answer, 'retail/get'))] as const
  })
  const products = new Map(shown)
  return listings.map(({ key, ids }) => {
    const sku = products.get(ids['product'] ?? '')?.find((each) => textField(each, 'sku_id') === ids['sku'])
    return { key, quantity: sku === undefined ? undefined : stockOf(sku) }
  })
}
