import { z } from 'zod'
import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { mutate, query, read, type VendureCall } from './client.ts'
import { SET_STOCK, STOCK_LOCATIONS } from './documents.ts'
import { variantId, variantsById, type StockLevel, type Variant } from './listings.ts'
import { manifest } from './manifest.ts'

/** One write worked out: the on-hand figure that makes `write.quantity` units saleable. */
interface Plan {
  readonly write: InventoryWrite
  readonly variant: Variant
  readonly location: string
  readonly before: StockLevel | undefined
  readonly stockOnHand: number
}

/**
 * Makes each listing sell exactly `quantity` more units. Vendure keeps physical stock and takes open orders off by itself
 * (saleable = on hand − allocated − threshold), so what is written is quantity + allocated + threshold, with `allocated`
 * read just before. An order placed in between raises `allocated` and is thereby counted; a shipment in between lowers it,
 * which would sell units too many: the figures the write hands back tell, and those levels are lowered at once, one time.
 */
export async function pushInventory(call: VendureCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  const { maxBatch } = manifest.capabilities.pushInventory
  if (writes.length > maxBatch) throw new RangeError(`At most ${maxBatch} levels at once.`)
  const variants = await variantsById(call, [...new Set(writes.map((write) => variantId(write)))])
  const fallback = await locationForNewLevels(call, [...variants.values()])
  const planned = writes.map((write) => plan({ call, write, variant: variants.get(variantId(write)), fallback }))
  const changes = planned.filter((p): p is Plan => 'stockOnHand' in p && p.before?.stockOnHand !== p.stockOnHand)
  const first = await send(call, changes)
  const lowered = new Map(changes.flatMap((p) => lower(p, first)))
  const second = await send(call, [...lowered.values()])
  return planned.map((p) => {
    if (!('stockOnHand' in p)) return p
    const again = lowered.get(p)
    if (!again) return outcomeOf(p, changes.includes(p) ? first : undefined)
    // The first write did land: whatever keeps the second from landing, the level is not what it should be.
    return 'kind' in second ? { key: p.write.key, status: 'unknown', fault: MOVED } : outcomeOf(again, second)
  })
}

const MOVED: Fault = { kind: 'in-doubt', code: 'stock-moved', message: 'Units were shipped or released while the level was written. Read it back.' }

/** The plan for a level that came out too high because units left while it was written. */
function lower(p: Plan, result: Written): readonly (readonly [Plan, Plan])[] {
  const after = levelOf(p, result)
  if (!after || after.stockOnHand - after.stockAllocated - p.variant.threshold <= p.write.quantity) return []
  return [[p, { ...p, stockOnHand: p.write.quantity + after.stockAllocated + p.variant.threshold }]]
}

const levelOf = (p: Plan, result: Written): StockLevel | undefined =>
  'kind' in result ? undefined : result.get(p.variant.id)?.find((level) => level.stockLocationId === p.location)

/** Where stock goes for variants that have no level anywhere yet. */
async function locationForNewLevels(call: VendureCall, variants: readonly Variant[]): Promise<string | undefined> {
  if (call.config.stockLocationId !== undefined) return call.config.stockLocationId
  if (variants.every((variant) => variant.levels.length > 0)) return undefined
  const answer = await query(call, STOCK_LOCATIONS, {})
  const { items } = read(
    z.object({ stockLocations: z.object({ items: z.array(z.object({ id: z.string() })) }) }),
    answer.data,
    'stock locations',
  ).stockLocations
  return items.length === 1 ? items[0]?.id : undefined
}

function plan(input: {
  readonly call: VendureCall
  readonly write: InventoryWrite
  readonly variant: Variant | undefined
  readonly fallback: string | undefined
}): Plan | Outcome {
  const { call, write, variant, fallback } = input
  const refuse = (kind: Fault['kind'], code: string, message: string): Outcome => ({
    key: write.key,
    status: 'refused',
    fault: { kind, code, message },
  })
  if (!variant) return refuse('missing', 'variant-unknown', 'The shop has no such variant (any more).')
  if (!variant.isTracked)
    return refuse('refused', 'inventory-not-tracked', "The shop does not count this variant's stock. Turn on inventory tracking there.")
  const only = variant.levels.length === 1 ? variant.levels[0]?.stockLocationId : undefined
  const location = call.config.stockLocationId ?? only ?? (variant.levels.length === 0 ? fallback : undefined)
  if (location === undefined) {
    return refuse('misconfigured', 'stock-location-ambiguous', "The shop has several stock locations. Choose one in the connection's settings.")
  }
  const before = variant.levels.find((level) => level.stockLocationId === location)
  return { write, variant, location, before, stockOnHand: write.quantity + (before?.stockAllocated ?? 0) + variant.threshold }
}

const written = z.object({
  updateProductVariants: z.array(
    z
      .object({
        id: z.string(),
        stockLevels: z.array(z.object({ stockLocationId: z.string(), stockOnHand: z.number().int(), stockAllocated: z.number().int() })),
      })
      .nullable(),
  ),
})

type Written = ReadonlyMap<string, readonly StockLevel[]> | Fault

/** One call for the whole batch; Vendure runs it in one transaction, so it is applied as a whole or not at all. */
async function send(call: VendureCall, plans: readonly Plan[]): Promise<Written> {
  if (plans.length === 0) return new Map()
  const input = plans.map((p) => ({ id: p.variant.id, stockLevels: [{ stockLocationId: p.location, stockOnHand: p.stockOnHand }] }))
  try {
    const answer = await mutate(call, SET_STOCK, { input })
    const items = read(written, answer.data, 'stock answer').updateProductVariants
    return new Map(items.flatMap((item) => (item ? [[item.id, item.stockLevels] as const] : [])))
  } catch (error) {
    const fault = faultOf(error)
    // The call went out; an answer that cannot be read says nothing about what happened.
    return fault.kind === 'unreadable' ? { ...fault, kind: 'in-doubt' } : fault
  }
}

function outcomeOf(p: Plan, result: Written | undefined): Outcome {
  const { key } = p.write
  if (result === undefined) return { key, status: 'unchanged', proof: proofOf(p, p.before) }
  if ('kind' in result) return { key, status: result.kind === 'in-doubt' ? 'unknown' : 'refused', fault: result }
  const after = levelOf(p, result)
  if (!after)
    return {
      key,
      status: 'unknown',
      fault: { kind: 'in-doubt', code: 'level-not-shown', message: 'The shop did not show the level after the write.' },
    }
  const shown = after.stockOnHand - after.stockAllocated - p.variant.threshold
  if (shown > p.write.quantity) return { key, status: 'unknown', fault: MOVED }
  return { key, status: 'applied', proof: proofOf(p, after) }
}

const proofOf = (p: Plan, level: StockLevel | undefined): Readonly<Record<string, string>> => ({
  location: p.location,
  stockOnHand: String(level?.stockOnHand ?? p.stockOnHand),
  stockAllocated: String(level?.stockAllocated ?? 0),
})
