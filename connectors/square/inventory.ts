import { createHash } from 'node:crypto'
import type { InventoryWrite, Outcome } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { faultOf } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { pushInGroups, unanswered } from '../../src/kit/stock-groups.ts'
import { write } from './client.ts'
import { homeOf, MAX_LEVELS, type SquareCall } from './manifest.ts'

/** Absolute levels at the first location, as physical counts of this moment. Square runs a batch as a whole. */
export async function pushInventory(call: SquareCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_LEVELS)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'batch-too-large',
      message: `Square takes ${MAX_LEVELS} levels at once, not ${writes.length}.`,
    })
  return pushInGroups(writes, { unsendable, groupsOf: (all) => (all.length === 0 ? [] : [all]), write: (group) => count(call, group) })
}

const variationOf = ({ ids }: InventoryWrite): string => ids['variation'] ?? ''

function unsendable(one: InventoryWrite): Fault | undefined {
  if (variationOf(one) === '')
    return { kind: 'refused', code: 'listing-ids', message: 'The listing names no variation of the catalogue. Read the listings again.' }
  if (!Number.isSafeInteger(one.quantity)) return { kind: 'refused', code: 'quantity-not-whole', message: 'A level is a whole number.' }
  return undefined
}

/**
 * `ignore_unchanged_counts` must be off: it compares with the last count and not with what is left by now, so that after
 * sales the same level again would silently not be set.
 */
async function count(call: SquareCall, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  const occurredAt = call.now().toISOString()
  const changes = group.map((one) => ({
    type: 'PHYSICAL_COUNT',
    physical_count: {
      catalog_object_id: variationOf(one),
      location_id: homeOf(call.config),
      state: 'IN_STOCK',
      quantity: String(one.quantity),
      occurred_at: occurredAt,
    },
  }))
  const body = { idempotency_key: keyOf(group, occurredAt), ignore_unchanged_counts: false, changes }
  try {
    const { doc } = await write(call, { method: 'POST', path: 'inventory/changes/batch-create', body })
    const counted = new Set(listField(doc, 'counts').flatMap((each) => textField(each, 'catalog_object_id') ?? []))
    return group.map((one) =>
      counted.has(variationOf(one))
        ? { key: one.key, status: 'applied', proof: { location: homeOf(call.config), quantity: String(one.quantity), at: occurredAt } }
        : unanswered(one.key),
    )
  } catch (error) {
    return faultOf(error)
  }
}

/** Square refuses a key that comes again with another body; a count of another moment is another one. */
const keyOf = (group: readonly InventoryWrite[], occurredAt: string): string =>
  createHash('sha256')
    .update([occurredAt, ...group.map((one) => one.idempotencyKey)].join('\n'))
    .digest('hex')
