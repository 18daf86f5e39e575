import type { InventoryReading, InventoryWrite, Outcome } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { asList, field, listField, textField } from '../../src/kit/read.ts'
import { itemFault, optional, sendJson } from './client.ts'
import type { WooCall } from './manifest.ts'

/** Objects a batch address takes; one more and the whole call is refused. */
const MAX_BATCH = 100

/** The product whose variations a batch address belongs to; "" for simple products. */
type Parent = string
type Place = Pick<InventoryWrite, 'key' | 'ids' | 'sku'>

/**
 * Absolute levels, one call for all simple products and one per product with variations, each sent exactly once. A call
 * without a readable answer leaves its own items unknown; items of calls that were never sent are refused with the fault
 * that says when to try again. Only when nothing at all was sent does the fault itself come out.
 */
export async function pushInventory(call: WooCall, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  if (writes.length > MAX_BATCH) throw new RangeError(`At most ${MAX_BATCH} levels at once.`)
  const outcomes = new Map<string, Outcome>()
  const sendable = writes.filter((write) => {
    const problem = unsendable(write)
    if (problem) outcomes.set(write.key, { key: write.key, status: 'refused', fault: problem })
    return problem === undefined
  })
  let stopped: Fault | undefined
  for (const [parent, group] of byParent(sendable)) {
    const answer = stopped ?? (await writeGroup(call, parent, group))
    if (!('kind' in answer)) {
      for (const outcome of answer) outcomes.set(outcome.key, outcome)
      continue
    }
    if (outcomes.size === 0 && answer.kind !== 'in-doubt' && !isOwnFault(answer)) throw new ChannelError(answer)
    const status = answer.kind === 'in-doubt' ? 'unknown' : 'refused'
    for (const write of group) outcomes.set(write.key, { key: write.key, status, fault: answer })
    if (status === 'refused' && !isOwnFault(answer)) stopped = answer
  }
  return writes.map((write) => outcomes.get(write.key) ?? unanswered(write.key))
}

/** Concerns this product only: the other calls may go on. */
const isOwnFault = (fault: Fault): boolean => fault.kind === 'missing' || fault.kind === 'refused'

function unsendable(write: InventoryWrite): Fault | undefined {
  if (!/^\d+$/.test(write.ids['product'] ?? '') || !/^\d*$/.test(write.ids['variation'] ?? '')) {
    return { kind: 'refused', code: 'listing-ids', message: 'The listing carries no product id of this shop. Read the listings again.' }
  }
  if (!Number.isSafeInteger(write.quantity))
    return { kind: 'refused', code: 'quantity-not-whole', message: 'WooCommerce counts stock in whole pieces.' }
  if (write.ids['stock'] === 'parent') {
    return {
      kind: 'refused',
      code: 'stock-at-parent',
      message: 'This product counts its stock for all variations together. Let the shop count per variation.',
    }
  }
  return undefined
}

async function writeGroup(call: WooCall, parent: Parent, group: readonly InventoryWrite[]): Promise<readonly Outcome[] | Fault> {
  try {
    const { doc } = await sendJson(call, {
      method: 'POST',
      path: parent === '' ? 'products/batch' : `products/${parent}/variations/batch`,
      body: { update: group.map((write) => ({ id: Number(idOf(write)), manage_stock: true, stock_quantity: write.quantity })) },
      idempotent: false,
    })
    const answers = new Map(listField(doc, 'update').map((item) => [textField(item, 'id') ?? '', item]))
    return group.map((write) => outcomeOf(write, answers.get(idOf(write))))
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    // The answer came but could not be read: what was written is not known either.
    return error.fault.kind === 'unreadable' ? { ...error.fault, kind: 'in-doubt' } : error.fault
  }
}

function outcomeOf(write: InventoryWrite, item: unknown): Outcome {
  if (item === undefined) return unanswered(write.key)
  const fault = itemFault(item)
  if (fault) return { key: write.key, status: 'refused', fault }
  const shown = textField(item, 'stock_quantity')
  if (shown === String(write.quantity)) return { key: write.key, status: 'applied', proof: { quantity: shown } }
  return {
    key: write.key,
    status: 'unknown',
    fault: {
      kind: 'in-doubt',
      code: 'other-quantity',
      message: 'The shop answered with another quantity: something else changed it at the same time.',
    },
  }
}

const unanswered = (key: string): Outcome => ({
  key,
  status: 'unknown',
  fault: { kind: 'in-doubt', code: 'not-in-answer', message: 'The answer of the shop does not mention this product.' },
})

/** What the shop shows now; undefined where it does not count, counts for all variations together, or has no such product. */
export async function readInventory(call: WooCall, listings: readonly Place[]): Promise<readonly InventoryReading[]> {
  const shown = new Map<string, number>()
  for (const [parent, group] of byParent(listings)) {
    const answer = await optional(
      sendJson(call, {
        path: parent === '' ? 'products' : `products/${parent}/variations`,
        query: { include: group.map(idOf).join(','), per_page: 100, status: 'any', _fields: 'id,manage_stock,stock_quantity' },
      }),
    )
    for (const item of asList(answer?.doc)) {
      const quantity = Number(textField(item, 'stock_quantity') ?? Number.NaN)
      if (field(item, 'manage_stock') === true && Number.isFinite(quantity)) shown.set(`${parent}/${textField(item, 'id') ?? ''}`, quantity)
    }
  }
  return listings.map((place) => ({ key: place.key, quantity: shown.get(`${parentOf(place)}/${idOf(place)}`) }))
}

const parentOf = (place: Pick<Place, 'ids'>): Parent => (place.ids['variation'] ? (place.ids['product'] ?? '') : '')
const idOf = (place: Pick<Place, 'ids'>): string => place.ids['variation'] || (place.ids['product'] ?? '')

function byParent<T extends Pick<Place, 'ids'>>(places: readonly T[]): ReadonlyMap<Parent, readonly T[]> {
  const groups = new Map<Parent, T[]>()
  for (const place of places) {
    const group = groups.get(parentOf(place)) ?? []
    group.push(place)
    groups.set(parentOf(place), group)
  }
  return groups
}
