import { listField, textField } from '../../src/kit/read.ts'

/** One piece of an order: the channel lists every piece on its own. */
export interface Unit {
  readonly id: string
  /** The line of the hub it belongs to, named by the lowest id of its pieces. */
  readonly line: string
  readonly packageId: string
  readonly tracking: string
  readonly carrier: string
  readonly state: 'open' | 'arranged' | 'shipped' | 'delivered' | 'cancelled'
  /** Seconds at which the seller sent it; 0 while he has not. */
  readonly sentAt: number
}

/** Pieces of one SKU at one price are one line, whatever became of each of them; gifts are lines of their own (see mappings/tiktok-shop/lines.ts). */
export function unitsOf(order: unknown): readonly Unit[] {
  const items = listField(order, 'line_items')
  const [isSeller, status] = [textField(order, 'shipping_type') !== 'TIKTOK', textField(order, 'status') ?? '']
  const first = new Map<string, string>()
  for (const item of items) {
    const [name, id] = [groupOf(item), textField(item, 'id') ?? '']
    const known = first.get(name)
    if (known === undefined || isLower(id, known)) first.set(name, id)
  }
  return items.map((item) => ({
    id: textField(item, 'id') ?? '',
    line: first.get(groupOf(item)) ?? '',
    packageId: textField(item, 'package_id') ?? '',
    tracking: textField(item, 'tracking_number') ?? '',
    carrier: textField(item, 'shipping_provider_name') ?? '',
    state: stateOf(textField(item, 'display_status') || status, isSeller),
    sentAt: Number(textField(item, 'rts_time') ?? 0),
  }))
}

const groupOf = (item: unknown): string => ['sku_id', 'original_price', 'is_gift'].map((name) => textField(item, name) ?? '').join('/')

/** Shorter numbers are lower; ids do not fit into a number. */
const isLower = (a: string, b: string): boolean => (a.length === b.length ? a < b : a.length < b.length)

/** A package of the seller's own carrier has left when he says so; one of TikTok's carriers when it was collected. A piece without a word has the order's. */
function stateOf(word: string, isSeller: boolean): Unit['state'] {
  switch (word) {
    case 'CANCELLED':
    case 'CANCEL':
      return 'cancelled'
    case 'DELIVERED':
    case 'COMPLETED':
      return 'delivered'
    case 'IN_TRANSIT':
      return 'shipped'
    case 'AWAITING_COLLECTION':
      return isSeller ? 'shipped' : 'arranged'
    default:
      return 'open'
  }
}
