import { MappingError } from '../../src/core/fault.ts'
import { list, money, optionalText, requiredMoney, requiredText, text } from '../parts/read.ts'
import { unmapped } from './read.ts'

/** Where one unit stands. `ready` is packed and called for, `sent` with the carrier. */
export type Stage = 'unpaid' | 'open' | 'packed' | 'ready' | 'sent' | 'delivered' | 'failed' | 'returned' | 'cancelled'

/**
 * The words the channel gives (status filter of GetOrders, order status flow docId 120167), and those its clients meet beside
 * them. Any other holds the order.
 */
const STAGES: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['unpaid', 'unpaid'],
  ...['pending', 'topack', 'repacked'].map((word) => [word, 'open'] as const),
  ['packed', 'packed'],
  ...['ready_to_ship_pending', 'ready_to_ship', 'toship'].map((word) => [word, 'ready'] as const),
  ...['shipped', 'shipping'].map((word) => [word, 'sent'] as const),
  ...['delivered', 'confirmed'].map((word) => [word, 'delivered'] as const),
  // It left, and does not arrive; what comes of it the reverse order says.
  ...[
    'failed',
    'failed_delivery',
    'failed_delivered',
    'lost',
    'lost_by_3pl',
    'damaged_by_3pl',
    'shipped_back',
    'shipped_back_failed',
    'package_scrapped',
  ].map((word) => [word, 'failed'] as const),
  ...['returned', 'shipped_back_success'].map((word) => [word, 'returned'] as const),
  ...['canceled', 'cancelled'].map((word) => [word, 'cancelled'] as const),
])

/** One unit: the channel knows no quantities. Amounts in minor units. */
export interface Unit {
  readonly doc: unknown
  readonly pointer: string
  readonly id: string
  /** Units of one SKU at one price are alike. */
  readonly like: string
  readonly word: string
  readonly stage: Stage
  readonly price: number
  readonly paid: number
  readonly bySeller: number
  readonly byChannel: number
  readonly tax: number
  readonly wallet: number
}

export const LEFT: ReadonlySet<Stage> = new Set(['ready', 'sent', 'delivered', 'failed', 'returned'])

/** @throws MappingError for an order without items, and for a status nobody documents */
export function unitsOf(doc: unknown, currency: string): readonly Unit[] {
  const items = list(doc, '/order_items')
  if (items.length === 0) throw new MappingError('lines-missing', 'The channel sent no items of this order.', '/order_items')
  return items
    .map(({ value, pointer }) => unitOf(value, { pointer, currency }))
    .sort((a, b) => (a.id.length === b.id.length ? (a.id < b.id ? -1 : 1) : a.id.length - b.id.length))
}

/** Units of one SKU at one price are one line. */
const likeOf = (item: unknown): string => JSON.stringify(['sku_id', 'shop_sku', 'sku', 'item_price'].map((name) => text(item, `/${name}`)))

/** The line that an item is a unit of, by the numbers that lines have. */
export function lineFinder(doc: unknown, lines: readonly { readonly channelLineNo: string }[]): (item: unknown) => string | undefined {
  const numbers = new Set(lines.map(({ channelLineNo }) => channelLineNo))
  const found = new Map(
    list(doc, '/order_items').flatMap(({ value }) => {
      const id = optionalText(value, '/order_item_id')
      return id !== undefined && numbers.has(id) ? [[likeOf(value), id] as const] : []
    }),
  )
  return (item) => found.get(likeOf(item))
}

function unitOf(item: unknown, { pointer, currency }: { readonly pointer: string; readonly currency: string }): Unit {
  const word = requiredText(item, '/status').toLowerCase()
  const stage = STAGES.get(word)
  if (stage === undefined) throw unmapped(word, `${pointer}/status`)
  const id = requiredText(item, '/order_item_id')
  if (!/^\d{1,20}$/.test(id)) throw new MappingError('id-unreadable', 'The number of an item was expected.', `${pointer}/order_item_id`)
  const told = optionalText(item, '/currency')
  if (told !== undefined && told !== currency)
    throw new MappingError('currency-mismatch', `An item is priced in ${told.slice(0, 3)}, the shop sells in ${currency}.`, `${pointer}/currency`)
  const amount = (name: string): number => money(item, `/${name}`, currency).minor
  return {
    doc: item,
    pointer,
    id,
    like: likeOf(item),
    word,
    stage,
    price: requiredMoney(item, '/item_price', currency).minor,
    paid: requiredMoney(item, '/paid_price', currency).minor,
    // The "Lazada bonus" is given beside the vouchers, by either of the two.
    bySeller: amount('voucher_seller') + amount('voucher_seller_lpi'),
    byChannel: amount('voucher_platform') + amount('voucher_platform_lpi'),
    tax: amount('tax_amount'),
    wallet: amount('wallet_credits'),
  }
}
