import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { pushInGroups } from '../../src/kit/stock-groups.ts'
import { post } from './client.ts'
import { variantId, variantsById, type Level, type Variant } from './listings.ts'
import { manifest, type MedusaCall } from './manifest.ts'

/** One write worked out: the stocked quantity that leaves `write.quantity` units to sell. */
interface Plan {
  readonly write: InventoryWrite
  readonly item: NonNullable<Variant['item']>
  readonly location: string
  readonly before: Level
  readonly stocked: number
}

/**
 * Makes each listing sell exactly `quantity` more units. Medusa sells what is stocked less what is reserved, so what is written is
 * quantity + reserved, read just before. An order placed in between raises `reserved` and is thereby counted; a fulfilment or a
 * cancellation in between lowers it, which would sell units too many: the levels are read again after the write, and those that came
 * out too high are lowered at once, one time.
 */
export async function pushInventory(call: MedusaCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  const { maxBatch } = manifest.capabilities.pushInventory
  if (writes.length > maxBatch) throw new RangeError(`At most ${maxBatch} levels at once.`)
  const planned = await plansOf(call, writes)
  const plans = new Map(planned.flatMap((one) => ('write' in one ? [[one.write.key, one] as const] : [])))
  const changes = [...plans.values()].filter(({ before, stocked }) => before.stocked !== stocked)
  const written = await send(call, changes)
  const now = new Map([...(await reread(call, written, plans))].map((one) => [one.write.key, one]))
  const high = [...now.values()].filter((one) => one.before.stocked > one.stocked)
  const lowered = new Map((await lower(call, high)).map((outcome) => [outcome.key, outcome]))
  const results = new Map(written.map((outcome) => [outcome.key, outcome]))
  return planned.map((one) => {
    if (!('write' in one)) return one
    const { key } = one.write
    const first = results.get(key)
    if (first === undefined) return { key, status: 'unchanged', proof: proofOf(one, one.before) }
    if (first.status !== 'applied') return first
    const [after, again] = [now.get(key), lowered.get(key)]
    // The first write did land: whatever keeps the second from landing, the level is not what it should be.
    if (!after || (again && again.status !== 'applied')) return { key, status: 'unknown', fault: MOVED }
    return { key, status: 'applied', proof: proofOf(after, after.before) }
  })
}

/** The first write did land: whatever stops the second, a wait or a token, is told of its levels and not of the whole push. */
async function lower(call: MedusaCall, high: readonly Plan[]): Promise<readonly Outcome[]> {
  try {
    return await send(call, high)
  } catch (error) {
    faultOf(error)
    return high.map(({ write: { key } }) => ({ key, status: 'unknown', fault: MOVED }))
  }
}

const MOVED: Fault = { kind: 'in-doubt', code: 'stock-moved', message: 'Units left or came back while the level was written. Read it back.' }

async function plansOf(call: MedusaCall, writes: readonly InventoryWrite[]): Promise<readonly (Plan | Outcome)[]> {
  const variants = await variantsById(call, writes)
  return writes.map((write) => plan(call, write, variants.get(variantId(write))))
}

/** The levels that were written, as they are now, planned anew. */
async function reread(call: MedusaCall, written: readonly Outcome[], plans: ReadonlyMap<string, Plan>): Promise<readonly Plan[]> {
  const done = written.flatMap(({ key, status }) => (status === 'applied' ? (plans.get(key)?.write ?? []) : []))
  if (done.length === 0) return []
  try {
    return (await plansOf(call, done)).filter((one) => 'write' in one)
  } catch (error) {
    faultOf(error)
    return []
  }
}

function plan(call: MedusaCall, write: InventoryWrite, variant: Variant | undefined): Plan | Outcome {
  const refuse = (kind: Fault['kind'], code: string, message: string): Outcome => ({
    key: write.key,
    status: 'refused',
    fault: { kind, code, message },
  })
  if (!Number.isSafeInteger(write.quantity) || write.quantity < 0)
    return refuse('refused', 'quantity-not-whole', 'A level is a whole number, at least 0.')
  if (!variant) return refuse('missing', 'variant-unknown', 'The shop has no such variant (any more).')
  if (!variant.isManaged)
    return refuse('refused', 'inventory-not-managed', "Medusa does not count this variant's stock. Turn on “Manage inventory” there.")
  const { item } = variant
  if (!item) return refuse('refused', 'inventory-kit', 'The variant is a kit of several inventory items, or of none: set the stock of its parts.')
  const wanted = call.config.locationId
  const levels = wanted === undefined ? item.levels : item.levels.filter(({ location }) => location === wanted)
  const [before, second] = levels
  if (!before) return refuse('misconfigured', 'not-stocked', 'The inventory item has no level at the stock location. Add it there in Medusa.')
  if (second)
    return refuse('misconfigured', 'stock-location-ambiguous', "The item lies at several stock locations. Choose one in the connection's settings.")
  return { write, item, location: before.location, before, stocked: write.quantity * item.perUnit + before.reserved }
}

/** One call for the whole batch, which Medusa applies as a whole or not at all; a refused batch is sent level by level. */
const send = (call: MedusaCall, plans: readonly Plan[]): Promise<readonly Outcome[]> => {
  const byKey = new Map(plans.map((one) => [one.write.key, one]))
  return pushInGroups(
    plans.map(({ write }) => write),
    {
      unsendable: () => undefined,
      groupsOf: (all) => (all.length === 0 ? [] : [all]),
      write: async (group) => {
        const update = group.flatMap(({ key }) => {
          const one = byKey.get(key)
          return one ? [{ inventory_item_id: one.item.id, location_id: one.location, stocked_quantity: one.stocked }] : []
        })
        try {
          await post(call, 'inventory-items/location-levels/batch', { update })
          return group.map(({ key }) => ({ key, status: 'applied' }))
        } catch (error) {
          return faultOf(error)
        }
      },
    },
  )
}

const proofOf = ({ location }: Plan, { stocked, reserved }: Level): Readonly<Record<string, string>> => ({
  location,
  stocked: String(stocked),
  reserved: String(reserved),
})
