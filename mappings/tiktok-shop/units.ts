import { MappingError } from '../../src/core/fault.ts'
import { flag, list, optionalText, requiredText, text } from '../parts/read.ts'

export type UnitState = 'open' | 'arranged' | 'shipped' | 'delivered' | 'cancelled'

/** One piece of an order: the channel lists every piece on its own. */
export interface Unit {
  readonly id: string
  readonly pointer: string
  readonly value: unknown
  readonly state: UnitState
  readonly gift: boolean
}

const STATES: ReadonlyMap<string, UnitState> = new Map([
  ['UNPAID', 'open'],
  ['ON_HOLD', 'open'],
  ['AWAITING_SHIPMENT', 'open'],
  // The word of the documentation's own example.
  ['TO_SHIP', 'open'],
  ['PARTIALLY_SHIPPING', 'open'],
  ['AWAITING_COLLECTION', 'arranged'],
  ['IN_TRANSIT', 'shipped'],
  ['DELIVERED', 'delivered'],
  ['COMPLETED', 'delivered'],
  ['CANCELLED', 'cancelled'],
  ['CANCEL', 'cancelled'],
])

export function unitsOf(doc: unknown): readonly Unit[] {
  const order = text(doc, '/status')
  // A package of the seller's own carrier has left when he says so; one of TikTok's carriers when it was collected.
  const isSeller = text(doc, '/shipping_type') !== 'TIKTOK'
  return list(doc, '/line_items').map(({ value, pointer }) => {
    const word = optionalText(value, '/display_status') ?? order
    const state = STATES.get(word)
    if (state === undefined)
      throw new MappingError(
        'status-unmapped',
        `"${word.slice(0, 40)}" is not a status of a piece the channel documents.`,
        `${pointer}/display_status`,
      )
    const known = state === 'arranged' && isSeller ? 'shipped' : state
    return {
      id: requiredText(value, '/id'),
      pointer,
      value,
      // What had not left when the order was cancelled will not leave.
      state: order === 'CANCELLED' && (known === 'open' || known === 'arranged') ? 'cancelled' : known,
      gift: flag(value, '/is_gift'),
    }
  })
}

/** Pieces of one SKU at one price; gifts apart. Named by the lowest id, so that a line keeps its name whatever becomes of its pieces. */
export function groupsOf(units: readonly Unit[]): readonly { readonly id: string; readonly units: readonly Unit[] }[] {
  const groups = new Map<string, Unit[]>()
  for (const unit of units) {
    const name = `${text(unit.value, '/sku_id')}/${text(unit.value, '/original_price')}/${unit.gift}`
    groups.set(name, [...(groups.get(name) ?? []), unit])
  }
  return [...groups.values()].map((group) => ({ id: group.map(({ id }) => id).reduce(lower), units: group }))
}

/** Shorter numbers are lower; ids do not fit into a number. */
const lower = (a: string, b: string): string => (a.length === b.length ? (a < b ? a : b) : a.length < b.length ? a : b)
