import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { asList, listField, textField } from '../../src/kit/read.ts'
import { chunked } from '../../src/kit/stock-groups.ts'
import { read, resultOf } from './client.ts'
import type { LazadaCall } from './manifest.ts'

/** "No more than 50 at a time" (`/orders/items/get`, E038). */
const MOST_ORDERS = 50

/** Every unit of an order is an item of its own. */
export interface Items {
  /** Each as received. */
  readonly texts: readonly string[]
  readonly docs: readonly unknown[]
}

/** The items of many orders, by the number of the order. */
export async function itemsOfOrders(call: LazadaCall, ids: readonly string[]): Promise<ReadonlyMap<string, Items>> {
  const path = '/orders/items/get'
  const found = new Map<string, Items>()
  for (const some of chunked(ids, MOST_ORDERS)) {
    const answer = await read(call, path, { order_ids: `[${some.join(',')}]` })
    const orders = asList(resultOf(answer, 'data', path))
    const texts = orders.length === 0 ? [] : sliceJsonArray(answer.body, '/data')
    for (const [i, order] of orders.entries()) {
      const docs = listField(order, 'order_items')
      const id = textField(order, 'order_id') ?? textField(docs[0], 'order_id')
      if (id === undefined) throw unreadable('The channel sent items that name no order.')
      found.set(id, { texts: docs.length === 0 ? [] : sliceJsonArray(texts[i] ?? '', '/order_items'), docs })
    }
  }
  return found
}

/** One unit as a package needs it. */
export interface Unit {
  readonly id: string
  /** Number of the line it belongs to: the lowest number of its like. */
  readonly line: string
  readonly status: string
  readonly packageId: string
  readonly tracking: string
  readonly provider: string
  /** The seller brings it himself, with a number and a carrier of his own (SOF, DBS). */
  readonly ownFleet: boolean
}

/** The units of one order; the channel's fault where it knows no such order. */
export async function unitsOf(call: LazadaCall, orderId: string): Promise<readonly Unit[]> {
  const path = '/order/items/get'
  const answer = await read(call, path, { order_id: orderId })
  const docs = asList(resultOf(answer, 'data', path))
  const lines = new Map<string, string>()
  for (const doc of docs) {
    const [like, id] = [likeOf(doc), idOf(doc)]
    const lowest = lines.get(like)
    if (lowest === undefined || isBefore(id, lowest)) lines.set(like, id)
  }
  return docs
    .map((doc): Unit => ({
      id: idOf(doc),
      line: lines.get(likeOf(doc)) ?? '',
      status: (textField(doc, 'status') ?? '').toLowerCase(),
      packageId: textField(doc, 'package_id') ?? '',
      tracking: textField(doc, 'tracking_code') ?? '',
      provider: textField(doc, 'shipment_provider') ?? '',
      ownFleet: /^(?:1|true)$/.test(textField(doc, 'delivery_option_sof') ?? ''),
    }))
    .sort((a, b) => (isBefore(a.id, b.id) ? -1 : 1))
}

function idOf(doc: unknown): string {
  const id = textField(doc, 'order_item_id')
  if (id === undefined || !/^\d{1,20}$/.test(id)) throw unreadable('The channel sent an item without its number.')
  return id
}

/** Units of one SKU at one price make a line; the mapping groups them by the same. */
export const likeOf = (doc: unknown): string => JSON.stringify(['sku_id', 'shop_sku', 'sku', 'item_price'].map((name) => textField(doc, name) ?? ''))

const isBefore = (a: string, b: string): boolean => a.length < b.length || (a.length === b.length && a < b)
