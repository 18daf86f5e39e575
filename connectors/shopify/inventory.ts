import { createHash } from 'node:crypto'
import { z } from 'zod'
import { LEVEL_CHANGED, type InventoryWrite, type Outcome } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { readAnswer } from '../../src/kit/answer.ts'
import { faultOf, mutate, readUserErrors, refusalOf, type UserError } from './client.ts'
import { SET_QUANTITIES } from './documents.ts'
import { gidOf, isId, shortId } from './ids.ts'
import { MAX_LEVELS, type ShopifyCall } from './manifest.ts'

/** A write with everything Shopify asks for. */
interface Ready {
  readonly write: InventoryWrite
  readonly item: string
  readonly location: string
}

/**
 * Sets available units at one location. Shopify runs a batch as a whole: one item it does not like keeps all from being
 * written, and it says which. Such items are refused and the rest goes as a batch of its own, with a key of its own;
 * a batch is never sent twice.
 */
export async function pushInventory(call: ShopifyCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_LEVELS)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'batch-too-large',
      message: `Shopify takes ${MAX_LEVELS} levels at once, not ${writes.length}.`,
    })
  const outcomes = new Map<InventoryWrite, Outcome>()
  let ready: Ready[] = []
  for (const write of writes) {
    const plan = planOf(call, write)
    if ('status' in plan) outcomes.set(write, plan)
    else ready.push(plan)
  }
  while (ready.length > 0) {
    const { done, rest } = settle(ready, await send(call, ready))
    for (const [write, outcome] of done) outcomes.set(write, outcome)
    ready = rest
  }
  return writes.map((write) => outcomes.get(write) ?? { key: write.key, status: 'unknown', fault: LOST })
}

const LOST: Fault = { kind: 'in-doubt', code: 'no-outcome', message: 'Shopify did not say what became of this level.' }

function planOf(call: ShopifyCall, write: InventoryWrite): Ready | Outcome {
  const refuse = (kind: Fault['kind'], code: string, message: string): Outcome => ({
    key: write.key,
    status: 'refused',
    fault: { kind, code, message },
  })
  const item = write.ids['inventoryItem'] ?? ''
  const location = call.config.locationId ?? write.ids['location'] ?? ''
  if (!isId(item)) return refuse('missing', 'inventory-item-unknown', 'The listing names no inventory item. Read the listings again.')
  if (!isId(location))
    return refuse('refused', 'location-ambiguous', "The variant is stocked at several locations. Choose one in the connection's settings.")
  return { write, item: shortId(item), location: shortId(location) }
}

const answerShape = z.object({
  inventorySetQuantities: z.object({ inventoryAdjustmentGroup: z.unknown(), userErrors: z.unknown() }),
})

type Sent = { readonly applied: boolean; readonly errors: readonly UserError[] } | Fault

async function send(call: ShopifyCall, ready: readonly Ready[]): Promise<Sent> {
  const key = batchKey(ready)
  const input = {
    name: 'available',
    reason: 'correction',
    referenceDocumentUri: `gid://channel-hub/StockLevels/${key}`,
    quantities: ready.map(({ write, item, location }) => ({
      inventoryItemId: gidOf('InventoryItem', item),
      locationId: gidOf('Location', location),
      quantity: write.quantity,
      changeFromQuantity: write.expected ?? null,
    })),
  }
  try {
    const { data } = await mutate(call, SET_QUANTITIES, { input, key })
    const { inventorySetQuantities: result } = readAnswer(answerShape, data, 'stock answer')
    const errors = readUserErrors(result.userErrors)
    // Levels that were right already leave no adjustment behind, and no error.
    return { applied: errors.length === 0 || (result.inventoryAdjustmentGroup ?? null) !== null, errors }
  } catch (error) {
    return faultOf(error)
  }
}

/** The same writes have the same key, so that an answer that got lost cannot make Shopify apply them twice. */
function batchKey(ready: readonly Ready[]): string {
  const hex = createHash('sha256')
    .update(ready.map(({ write }) => write.idempotencyKey).join('\n'))
    .digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function settle(ready: readonly Ready[], sent: Sent): { readonly done: readonly (readonly [InventoryWrite, Outcome])[]; readonly rest: Ready[] } {
  const all = (outcome: (key: string) => Outcome) => ({ done: ready.map(({ write }) => [write, outcome(write.key)] as const), rest: [] })
  if ('kind' in sent) return all((key) => ({ key, status: sent.kind === 'in-doubt' ? 'unknown' : 'refused', fault: sent }))
  const byItem = new Map(sent.errors.flatMap((error) => (indexOf(error) === undefined ? [] : [[indexOf(error), error] as const])))
  const whole = sent.errors.find((error) => indexOf(error) === undefined)
  if (whole && !sent.applied) return all((key) => wholeOutcome(key, whole))
  const done = ready.flatMap((one, i): readonly (readonly [InventoryWrite, Outcome])[] => {
    const error = byItem.get(i)
    if (error) return [[one.write, { key: one.write.key, status: 'refused', fault: itemFault(error) }]]
    return sent.applied
      ? [[one.write, { key: one.write.key, status: 'applied', proof: { location: one.location, quantity: String(one.write.quantity) } }]]
      : []
  })
  // An error that names a place outside the batch settles nothing: better doubt than a loop.
  if (done.length === 0) return all((key) => ({ key, status: 'unknown', fault: LOST }))
  const settled = new Set(done.map(([write]) => write))
  return { done, rest: ready.filter(({ write }) => !settled.has(write)) }
}

const STALE = 'CHANGE_FROM_QUANTITY_STALE'
const itemFault = (error: UserError): Fault => (error.code === STALE ? { ...refusalOf(error), code: LEVEL_CHANGED } : refusalOf(error))

/** `["input", "quantities", "3", "quantity"]` is about the fourth. */
function indexOf({ field }: UserError): number | undefined {
  const at = field?.findIndex((step) => /^\d+$/.test(step)) ?? -1
  return at < 0 ? undefined : Number(field?.[at])
}

/** Errors about the key speak of an earlier sending: it may still be running, or have failed and may be tried under a new key. */
function wholeOutcome(key: string, error: UserError): Outcome {
  const fault = refusalOf(error)
  if (error.code === 'IDEMPOTENCY_CONCURRENT_REQUEST') return { key, status: 'unknown', fault: { ...fault, kind: 'in-doubt' } }
  if (error.code === 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED') return { key, status: 'refused', fault: { ...fault, kind: 'transient' } }
  return { key, status: 'refused', fault }
}
